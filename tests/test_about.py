"""The pages of the footer: there for everybody, short, and true."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.privacy import Retention
from humanicite import about

from .pages import text_of
from .test_walk_routes import ROUTES
from .world import World

PAGES = {"help": "Aide", "accessibility": "Accessibilité", "personal_data": "Données personnelles"}


@pytest.mark.django_db
@pytest.mark.parametrize("route", PAGES)
def test_a_stranger_reads_it(client: Client, route: str) -> None:
    answer = client.get(reverse(route))
    assert f"<h1>{PAGES[route]}</h1>" in text_of(answer)
    assert client.post(reverse(route)).status_code == 405


@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a", "invite"])
def test_every_page_leads_there(who: str, world: World, sign_in: Any) -> None:
    client = sign_in(world, who)
    for route in ("convention" if who != "invite" else "signalements", *PAGES):
        text = text_of(client.get(reverse(route)))
        footer = text[text.index("<footer") :]
        for name, label in PAGES.items():
            assert f'<a href="{reverse(name)}">{label}</a>' in footer


def test_all_that_is_kept_is_told() -> None:
    assert set(about.KEPT) == set(Retention)


@pytest.mark.django_db
def test_the_page_says_how_long(client: Client) -> None:
    text = text_of(client.get("/donnees-personnelles/"))
    for what, long in about.KEPT.values():
        assert what in text
        assert f"{long[0].upper()}{long[1:]}" in text


def test_help_is_for_ones_role(world: World, sign_in: Any, client: Client) -> None:
    headings = ("Médiateurs", "Coordination", "Partenaires et invités")
    shown = {"mediateur": 0, "coordination": 1, "town-a": 2, "invite": 2}
    for who, own in shown.items():
        text = text_of(sign_in(world, who).get("/aide/"))
        assert [h for h in headings if f"<h2>{h}</h2>" in text] == [headings[own]]
    text = text_of(client.get("/aide/"))
    assert all(f"<h2>{heading}</h2>" in text for heading in (*headings, "Se connecter"))


def test_nothing_of_a_programme_is_told_there(world: World, sign_in: Any) -> None:
    """They are public: the same words whoever reads, but for the help of one's own role."""
    for route in ROUTES:
        if route.name in PAGES:
            assert route.callback.access.kind == "public"
