"""A party is retired from a day on: chosen no more, while all that it holds stays with it (R1, R8)."""

import re
from datetime import date
from typing import Any

import pytest

from governance.models import Convention, JournalEntry, Membership, Party, Seat

from ...governance.frame_pages import said
from ...world import TODAY, World

LIST = "/parametres/mise-en-place/parties/"


def path(party: Any) -> str:
    return f"/parametres/parties/{party.pk}/retirer/"


def test_what_it_holds_is_told_and_stays(world: World, sign_in) -> None:
    party, client = world.parties["town-b"], sign_in(world, "coordination")
    world.routing_rule(to="town-b")
    world.sent("hall-b", to="town-b")
    assert path(party) in said(client.get(f"/convention/parties/{party.pk}/"))
    page = said(client.get(path(party)))
    for words in (
        "1 règle d’envoi",
        "1 signalement ouvert",
        "1 interlocuteur",
        "accès",
        "Ceci lui reste",
    ):
        assert words in page
    seats, accesses = Seat.objects.count(), Membership.objects.count()
    for _ in range(2):
        assert client.post(path(party), {"on": TODAY.isoformat()}).status_code == 302
    party.refresh_from_db()
    assert party.retired_on == TODAY
    assert (Seat.objects.count(), Membership.objects.count()) == (seats, accesses)
    assert JournalEntry.objects.filter(kind="partie", act="end").count() == 1
    assert "Retirés" in said(client.get(LIST))
    assert "town-b" in said(client.get("/signalements/")), "what was sent keeps its name"


@pytest.mark.parametrize(
    "page", ["/acces/inviter/", "/convention/interlocuteurs/nouveau/", "/parametres/envois/"]
)
def test_it_is_chosen_no_more(world: World, sign_in, page: str) -> None:
    party = world.parties["ateliers"]
    client = sign_in(world, "coordination")
    option = re.compile(rf'<option value="{party.pk}"[^>]*>[^<]*ateliers')
    assert option.search(said(client.get(page))), page
    Party.objects.filter(pk=party.pk).update(retired_on=TODAY)
    assert not option.search(said(client.get(page)))


def test_its_seat_is_offered_to_no_committee(world: World, sign_in) -> None:
    party, client = world.parties["ateliers"], sign_in(world, "coordination")
    Party.objects.filter(pk=party.pk).update(retired_on=TODAY)
    seat = {"party": party.pk, "function": "Directeur", "starts": TODAY.isoformat()}
    answer = client.post(f"/parametres/instances/{world.committee.pk}/siege/", seat)
    assert answer.status_code == 422
    assert "Directeur" in said(answer), "what was typed stays"


def test_the_operator_and_who_signs_what_is_in_force_stay(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = client.post(path(world.parties["operator"]), {"on": TODAY.isoformat()})
    assert answer.status_code == 422
    assert "L’opérateur porte le dispositif" in said(answer)
    convention = world.convention()
    signatory = convention.signatories.exclude(party=convention.operator).first().party
    Convention.objects.filter(pk=convention.pk).update(signed_on=date(2026, 1, 15))
    answer = client.post(path(signatory), {"on": "2026-06-30"})
    assert answer.status_code == 422
    assert "jusqu’au 31/12/2026" in said(answer)
    assert 'value="2026-06-30"' in said(answer)
    assert client.post(path(signatory), {"on": "2027-01-01"}).status_code == 302


def test_it_is_taken_back(world: World, elsewhere: World, sign_in) -> None:
    party, client = world.parties["ateliers"], sign_in(world, "coordination")
    client.post(path(party), {"on": TODAY.isoformat()})
    back = f"/parametres/parties/{party.pk}/reprendre/"
    assert sign_in(world, "mediateur").post(back).status_code == 403
    assert sign_in(elsewhere, "coordination").post(back).status_code == 404
    client.post(back)
    party.refresh_from_db()
    assert party.retired_on is None
