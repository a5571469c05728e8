"""A change of perimeter says beforehand what the party gains and loses, then asks (R5, R75)."""

from datetime import date
from typing import Any

import pytest

from governance.models import JournalEntry, Party, Perimeter
from mediation.models import Activity

from ...governance.frame_pages import hidden, said, send
from ...world import World

LIST = "/parametres/perimetres/"


def path(world: World, party: str = "town-a") -> str:
    return f"{LIST}{world.parties[party].pk}/"


def chosen(world: World, *places: str, **more: Any) -> dict[str, Any]:
    keys = [world.places[key].pk for key in places]
    return {"name": "Autre côté", "places": keys, "since": "2026-03-01"} | more


def test_gains_and_losses_are_told_before_anything_changes(
    world: World, elsewhere: World, sign_in
) -> None:
    before = world.activity("hall-a", day=date(2026, 2, 10))
    world.activity("hall-a", day=date(2026, 3, 10))
    gained = [world.activity("hall-b", day=date(2026, 3, n)) for n in (5, 6)]
    world.activity("hall-b", day=date(2026, 2, 10))
    elsewhere.activity("hall-b", day=date(2026, 3, 10))
    world.sent("hall-b", to="town-b", observed_on=date(2026, 3, 5))
    world.sent("hall-b", to="town-b", observed_on=date(2026, 3, 5), is_confidential=True)
    client = sign_in(world, "coordination")
    data = chosen(world, "cote-b")
    text = said(send(client, path(world), data))
    assert (
        "town-a</strong> gagne 2 activités passées et 1 signalement, perd 1 activité passée et 0 "
        "signalement" in text
    )
    assert "town-b</strong>" not in text, "its places stay"
    assert [p.slug for p in world.perimeters["town-a"].places.all()] == ["cote-a"], "told only"
    assert not JournalEntry.objects.exists()
    assert send(client, path(world), data, confirm=True).status_code == 302
    assert set(Activity.objects.visible_to(world.reader("town-a"))) == {before, *gained}
    assert JournalEntry.objects.get().kind == "périmètre d’intervention"


def test_what_was_confirmed_is_what_is_done(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = chosen(world, "cote-b") | {"seen": hidden(client.get(path(world)), "seen")}
    token = hidden(client.post(path(world), data), "confirmed")
    other = data | {"places": [world.places["quartier"].pk], "confirmed": token}
    assert client.post(path(world), other).status_code == 200, "another choice is told anew"
    assert client.post(path(world), data | {"confirmed": token}).status_code == 302
    assert client.post(path(world), data | {"confirmed": token}).status_code == 422, "and once"


def test_a_party_without_one_gets_one(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert send(client, path(world, "ateliers"), chosen(world, "ilot-b"), confirm=True)
    perimeter = Perimeter.objects.get(party=world.parties["ateliers"])
    reached = {row.place.slug for row in perimeter.coverage.select_related("place")}
    assert reached == {"quartier", "cote-b", "ilot-b", "hall-b"}


def test_dates_that_overlap_an_earlier_change_are_told(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    send(client, path(world), chosen(world, "cote-b", since="2026-03-10"), confirm=True)
    told = said(send(client, path(world), chosen(world, "quartier", since="2026-03-01")))
    assert "a déjà changé le 10 mars 2026" in told
    assert "10 mars 2026" in said(client.get(LIST))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"since": "2026-03-19"}, "Au plus tard aujourd’hui"),
        ({"name": ""}, "Donnez un nom au périmètre"),
    ],
)
def test_bad_input_is_told(world: World, sign_in, changes: dict[str, str], told: str) -> None:
    client = sign_in(world, "coordination")
    answer = send(client, path(world), chosen(world, "cote-b") | changes)
    assert answer.status_code == 422
    assert told in said(answer)


def test_another_programmes_places_and_parties_are_out_of_reach(
    world: World, elsewhere: World, sign_in
) -> None:
    client = sign_in(world, "coordination")
    assert client.get(path(elsewhere)).status_code == 404
    answer = send(client, path(world), chosen(elsewhere, "cote-b"), confirm=True)
    assert answer.status_code == 422
    assert [p.slug for p in world.perimeters["town-a"].places.all()] == ["cote-a"]


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_widens_their_own(world: World, sign_in, who: str) -> None:
    client = sign_in(world, who)
    data = chosen(world, "quartier", seen="x", confirmed="x")
    assert client.post(path(world), data).status_code in (403, 404)
    assert Party.objects.get(pk=world.parties["town-a"].pk).perimeter.places.get().slug == "cote-a"
