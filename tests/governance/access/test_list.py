"""The list of accesses: those in force, those ended, by party and role."""

from datetime import date
from typing import Any

import pytest

from governance.models import Membership

from ...pages import text_of
from ...world import TODAY, World


@pytest.fixture
def ended(world: World) -> World:
    Membership.objects.filter(pk=world.memberships["town-b"].pk).update(ends=date(2026, 3, 17))
    Membership.objects.filter(pk=world.memberships["owners"].pk).update(ends=TODAY)
    return world


def shown(client: Any, query: str = "") -> list[str]:
    table = client.get(f"/acces/{query}").context["table"]
    return [row.user.email.removesuffix("-essai@example.org") for row in table.shown.rows]


def test_filters(ended: World, sign_in: Any) -> None:
    client = sign_in(ended, "coordination")
    everybody = set(ended.memberships)
    assert set(shown(client)) == everybody - {"town-b"}, "an access holds through its last day"
    assert shown(client, "?etat=clos") == ["town-b"]
    assert set(shown(client, "?etat=tous")) == everybody
    assert set(shown(client, "?role=mediateur")) == {"mediateur", "autre-mediateur"}
    town = ended.parties["town-b"].pk
    assert shown(client, f"?partie={town}") == []
    assert shown(client, f"?partie={town}&etat=tous") == ["town-b"]
    text = text_of(client.get(f"/acces/?partie={town}")).replace("\u00a0", " ")
    assert "Aucun accès sur ces filtres." in text
    assert "Partie : town-b" in text


@pytest.mark.parametrize("query", ["?etat=ouverts", "?role=roi", "?partie=0"])
def test_a_wrong_filter_shows_nothing_and_is_said(world: World, sign_in: Any, query) -> None:
    client = sign_in(world, "coordination")
    assert shown(client, query) == []
    assert "1 point à corriger" in text_of(client.get(f"/acces/{query}")).replace("\u00a0", " ")


def test_orders_put_what_lacks_a_value_last(ended: World, sign_in: Any) -> None:
    client = sign_in(ended, "coordination")
    assert shown(client, "?etat=tous&tri=jusque")[:2] == ["town-b", "owners"]
    assert shown(client, "?etat=tous&tri=-jusque")[:2] == ["owners", "town-b"]
    ended.memberships["coordination"].note_use(TODAY)
    assert shown(client, "?tri=connexion")[0] == "coordination", "who alone has signed in"
    assert shown(client, "?tri=-connexion")[0] == "coordination"


def test_what_can_be_done_with_each(ended: World, sign_in: Any) -> None:
    text = text_of(sign_in(ended, "coordination").get("/acces/?etat=tous"))
    keys = {name: row.pk for name, row in ended.memberships.items()}
    assert f'href="/acces/{keys["town-a"]}/clore/"' in text
    assert f'form="again" formaction="/acces/{keys["town-a"]}/relancer/"' in text
    assert '<form method="post" id="again">' in text
    for who in ("coordination", "town-b"):
        assert f"/acces/{keys[who]}/" not in text, f"{who} is one’s own, or over"
    assert f'href="/acces/{keys["owners"]}/modifier/"' in text
    assert f"/acces/{keys['owners']}/clore/" not in text, "it ends today already"


def test_accesses_of_another_programme_stay_there(world, elsewhere, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert "ailleurs" not in text_of(client.get("/acces/?etat=tous"))
    assert shown(client, f"?partie={elsewhere.parties['town-a'].pk}") == []
