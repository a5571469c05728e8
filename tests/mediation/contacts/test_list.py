"""The list of contacts, narrowed to a party or to what is amiss."""

from datetime import date
from typing import Any

import pytest

from governance.models import Contact

from ...pages import text_of
from ...world import TODAY, World

LIST = "/convention/interlocuteurs/"


@pytest.fixture
def designated(world: World) -> World:
    town_a, town_b = world.parties["town-a"], world.parties["town-b"]
    for party, function, more in (
        (town_a, "vide", {"email": ""}), (town_b, "échec", {"bounced_on": TODAY}),
        (town_b, "parti", {"ends": date(2026, 3, 17)}), (town_b, "dernier jour", {"ends": TODAY}),
        (town_a, "à venir", {"starts": date(2026, 4, 1)}),
    ):  # fmt: skip
        given = {"email": "service@example.org", "starts": date(2024, 1, 1)} | more
        Contact.objects.create(party=party, function=function, **given)
    return world


def shown(client: Any, query: str = "") -> set[str]:
    context = client.get(f"{LIST}{query}").context
    rows = [*context["contacts"], *context["past"]]
    return {row.function.removesuffix(" essai").removeprefix("Interlocuteur ") for row in rows}


def test_filters(designated: World, sign_in: Any) -> None:
    client = sign_in(designated, "coordination")
    town = designated.parties["town-b"].pk
    expected = {
        "": {"town-a", "town-b", "vide", "échec", "parti", "dernier jour", "à venir"},
        f"?partie={town}": {"town-b", "échec", "parti", "dernier jour"},
        "?etat=en-fonction": {"town-a", "town-b", "vide", "échec", "dernier jour"},
        "?etat=a-designer": {"vide"},
        "?etat=en-echec": {"échec"},
        "?etat=partis": {"parti"},
        f"?etat=a-designer&partie={town}": set(),
        "?etat=ailleurs": set(),
        "?partie=999999": set(),
    }
    assert {query: shown(client, query) for query in expected} == expected
    assert "Aucun interlocuteur sur ces filtres." in text_of(
        client.get(f"{LIST}?etat=a-designer&partie={town}")
    )


def test_a_party_has_no_choice_of_parties(designated: World, sign_in: Any) -> None:
    client = sign_in(designated, "town-b")
    everything = {"town-b", "échec", "parti", "dernier jour"}
    assert shown(client) == everything
    assert shown(client, f"?partie={designated.parties['town-a'].pk}") == everything
    text = text_of(client.get(LIST))
    assert 'name="partie"' not in text
    assert 'name="etat"' in text
