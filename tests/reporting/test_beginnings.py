"""The first day of a programme: nobody is reproached, what is to be set up is said."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from governance.models import Membership, User
from governance.rights import Role

from ..pages import text_of
from ..world import TODAY, World

STEERING, DASHBOARD = "/pilotage/", "/tableau-de-bord/"


def opened(world: World, on: date) -> None:
    """Every access and account is as old as that."""
    world.programme.activities.all().delete()
    Membership.objects.all().update(starts=on)
    User.objects.all().update(joined_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC))


def missing(client: Any) -> str:
    text = text_of(client.get(STEERING))
    part = text[text.index("<h2>Jours sans saisie") :]
    return part[: part.index("</section>")]


def test_days_before_anybody_could_sign_in_are_no_reproach(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    opened(world, date(2026, 3, 16))
    assert "lundi 16\u00a0mars" in missing(client)
    assert "mardi 17\u00a0mars" in missing(client)
    assert "vendredi 13\u00a0mars" not in missing(client)
    opened(world, TODAY)
    assert "La saisie commence aujourd’hui." in missing(client)
    assert "mars 2026</li>" not in missing(client)


def test_an_access_that_began_before_its_account_counts_from_the_account(
    world: World, sign_in
) -> None:
    client = sign_in(world, "coordination")
    opened(world, date(2026, 3, 17))
    Membership.objects.all().update(starts=date(2026, 1, 1))
    assert "mardi 17\u00a0mars" in missing(client)
    assert "lundi 16\u00a0mars" not in missing(client)


def test_records_older_than_the_accesses_count(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    opened(world, TODAY)
    world.activity(day=date(2026, 3, 12))
    assert "vendredi 13\u00a0mars" in missing(client)
    assert "jeudi 12\u00a0mars" not in missing(client)
    assert "mercredi 11\u00a0mars" not in missing(client)


def test_without_a_mediateur_nothing_is_expected(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    opened(world, date(2026, 1, 1))
    Membership.objects.filter(role=Role.MEDIATEUR).delete()
    assert "Aucun médiateur ne peut encore saisir" in missing(client)


def set_up(client: Any) -> str:
    text = text_of(client.get(STEERING))
    if "À mettre en place" not in text:
        return ""
    part = text[text.index("À mettre en place") :]
    return part[: part.index("</section>")]


def test_what_is_to_be_set_up_is_listed_until_all_is_done(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    text = set_up(client)
    assert '<a href="/parametres/envois/">Règles d’envoi</a>' in text
    before = text.count("à faire")
    world.routing_rule()
    after = set_up(client)
    assert after.count("à faire") == before - 1
    contact = world.contact()
    contact.email = "contact@example.org"
    contact.save()
    assert set_up(client) == ""
    Membership.objects.filter(role=Role.PARTENAIRE).delete()
    assert '<a href="/acces/inviter/">Accès des partenaires</a>' in set_up(client)
    assert set_up(client).count("à faire") == 1


def test_another_programme_sets_nothing_up_here(world: World, elsewhere: World, sign_in) -> None:
    elsewhere.routing_rule()
    text = set_up(sign_in(world, "coordination"))
    rules = text[text.index("Règles d’envoi") :]
    assert "à faire" in rules[: rules.index("</li>")]


def test_a_partner_is_offered_no_month_before_the_first(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    opened(world, date(2026, 3, 2))
    text = text_of(client.get(DASHBOARD))
    assert "mars 2026" in text
    assert 'aria-label="Février 2026"' not in text
    assert "periode=2026-02" not in text
    world.activity("hall-b", day=date(2026, 1, 20))
    assert "periode=2026-02" not in text_of(client.get(DASHBOARD)), "it lies elsewhere"
    world.activity("hall-a", day=date(2026, 2, 20))
    text = text_of(client.get(DASHBOARD))
    assert "février 2026" in text
    assert 'aria-label="Janvier 2026"' not in text


@pytest.mark.parametrize(
    ("period", "said", "unsaid"),
    [
        ("2026-03", "Période en cours", "n’a pas commencé"),
        ("2026-04", "n’a pas commencé", "Période en cours"),
        ("2027", "n’a pas commencé", "Période en cours"),
        ("2026", "Période en cours", "n’a pas commencé"),
    ],
)
def test_a_period_not_begun_is_not_running(period, said, unsaid, world: World, sign_in) -> None:
    text = text_of(sign_in(world, "town-a").get(f"{DASHBOARD}?periode={period}"))
    assert said in text
    assert unsaid not in text
