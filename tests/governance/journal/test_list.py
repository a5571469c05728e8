"""The journal as a list: narrowed, sorted, turned page by page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import models

from governance.models import Act, JournalEntry, record

from ...pages import text_of
from ...world import World

AT = datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def written(world: World) -> World:
    activity, situation = world.activity(), world.situation()
    for who, act, row in (
        ("mediateur", Act.CREATE, activity), ("mediateur", Act.CHANGE, activity),
        ("coordination", Act.CHANGE, situation), (None, Act.IMPORT, activity),
    ):  # fmt: skip
        by = world.reader(who) if who else None
        record(act, row, by=by, programme=world.programme.pk)
    # Days apart, which the journal itself never rewrites.
    for n, row in enumerate(JournalEntry.objects.order_by("pk")):
        models.QuerySet(JournalEntry).filter(pk=row.pk).update(at=AT + timedelta(days=n))
    return world


def shown(client: Any, query: str = "") -> list[tuple[str, str]]:
    """(act, who) of each row."""
    table = client.get(f"/journal/{query}").context["table"]
    return [(row.act, row.actor.split("@")[0]) for row in table.shown.rows]


ALL = [("import", "commande"), ("change", "coordination-essai"), ("change", "mediateur-essai"),
       ("create", "mediateur-essai")]  # fmt: skip


def test_filters(written: World, sign_in: Any) -> None:
    client = sign_in(written, "coordination")
    mediateur = written.user("mediateur").pk
    expected = {
        "": ALL,
        f"?qui={mediateur}": ALL[2:],
        "?qui=sans": ALL[:1],
        "?acte=change": ALL[1:3],
        f"?acte=change&qui={mediateur}": ALL[2:3],
        "?objet=activité": [ALL[0], *ALL[2:]],
        "?du=2026-03-12": ALL[:2],
        "?au=2026-03-10": ALL[3:],
        "?du=2026-03-11&au=2026-03-12": ALL[1:3],
        "?periode=mois": ALL,
        "?periode=aujourdhui": [],
    }
    assert {query: shown(client, query) for query in expected} == expected
    assert "Qui\u00a0: une commande" in text_of(client.get("/journal/?qui=sans"))


@pytest.mark.parametrize(
    "query", ["?qui=999999", "?acte=lire", "?objet=rien", "?du=31/02/2026", "?du=2026-03-12&au=2026-03-01"]
)  # fmt: skip
def test_a_wrong_filter_shows_nothing_and_is_said(written: World, sign_in: Any, query) -> None:
    client = sign_in(written, "coordination")
    assert shown(client, query) == []
    assert "1 point à corriger" in text_of(client.get(f"/journal/{query}")).replace("\u00a0", " ")


def test_people_of_another_programme_are_no_choice(written, elsewhere, sign_in) -> None:
    client = sign_in(written, "coordination")
    stranger = elsewhere.user("mediateur")
    text = text_of(client.get(f"/journal/?qui={stranger.pk}"))
    assert "n’est pas de ceux que vous voyez" in text
    assert stranger.email not in text


def test_orders(written: World, sign_in: Any) -> None:
    client = sign_in(written, "coordination")
    assert shown(client, "?tri=quand") == ALL[::-1]
    assert shown(client, "?tri=-quand") == ALL
    assert [who for _, who in shown(client, "?tri=qui")] == sorted(who for _, who in ALL)
    assert [act for act, _ in shown(client, "?tri=-acte")] == [
        "import",
        "create",
        "change",
        "change",
    ]
    for nonsense in ("champs", "password", "-", "quand,qui", "\x00"):
        assert shown(client, f"?tri={nonsense}") == ALL


def headers(text: str) -> dict[str, tuple[str, str]]:
    """What each header says: the order it is in, and where it leads."""
    heads = re.findall(r'<th scope="col"([^>]*)>(.*?)</th>', text, re.DOTALL)
    found = {}
    for attributes, inner in heads:
        label = re.sub(r"<[^>]+>", "", inner).strip()
        order = re.search(r'aria-sort="(\w+)"', attributes)
        link = re.search(r'href="([^"]+)"', inner)
        found[label] = (order[1] if order else "", unescape(link[1]) if link else "")
    return found


def test_headers_tell_the_order_and_keep_the_filters(written: World, sign_in: Any) -> None:
    client = sign_in(written, "coordination")
    text = text_of(client.get("/journal/?acte=change&page=1"))
    assert headers(text) == {
        "Quand": ("descending", "?acte=change&tri=quand"),
        "Qui": ("", "?acte=change&tri=qui"),
        "Acte": ("", "?acte=change&tri=acte"),
        "Objet": ("", "?acte=change&tri=objet"),
        "Champs": ("", ""),
    }
    text = text_of(client.get("/journal/?tri=qui&acte=change"))
    assert headers(text)["Qui"] == ("ascending", "?tri=-qui&acte=change")
    assert headers(text)["Quand"] == ("", "?tri=-quand&acte=change")
    assert text.count("aria-sort") == 1
    assert '<input type="hidden" name="tri" value="qui">' in text, "the form keeps the order"
    assert 'href="?tri=qui"' in text, "so does the page without the filter"


def test_rows_that_are_equal_show_once_on_some_page(world: World, sign_in: Any) -> None:
    entry = {
        "programme": world.programme.pk,
        "actor": "a@example.org",
        "act": "change",
        "kind": "x",
    }
    JournalEntry.objects.bulk_create(JournalEntry(row=str(n), **entry) for n in range(110))
    client = sign_in(world, "coordination")
    for order in ("qui", "-qui", "acte", "-quand"):
        seen: list[str] = []
        for page in (1, 2, 3):
            table = client.get(f"/journal/?tri={order}&page={page}").context["table"]
            seen += [row.row for row in table.shown.rows]
        assert sorted(map(int, seen)) == list(range(110)), order
    assert len(shown(client, "?page=99")) == 10
    assert len(shown(client, "?page=abc")) == len(shown(client, "?page=-1")) == 50
