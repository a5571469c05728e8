"""A programme is set up in the browser, step by step, by its operator's coordination alone."""

from typing import Any

import pytest

from governance.access.middleware import SESSION_KEY
from governance.models import (
    Committee,
    Convention,
    JournalEntry,
    Membership,
    Party,
    Perimeter,
    Place,
    Programme,
    Seat,
)
from governance.setup import checklist
from mediation.models import DefaultObjective

from ...world import TODAY, World
from ..frame_pages import hidden, said, send

NEW, SETUP = "/parametres/nouveau-dispositif/", "/parametres/mise-en-place/"


@pytest.fixture
def fresh(world: World, sign_in: Any) -> Any:
    """The coordination, in a programme that it has just made."""
    client = sign_in(world, "coordination")
    answer = client.post(NEW, {"name": "Les Lilas"})
    assert answer["Location"] == SETUP
    return client


def programme() -> Programme:
    found: Programme = Programme.objects.get(name="Les Lilas")
    return found


def reader() -> Membership:
    found: Membership = Membership.objects.get(party__programme__name="Les Lilas")
    return found


def test_whoever_makes_a_programme_is_its_coordination(world: World, fresh: Any) -> None:
    access = reader()
    assert (access.user, access.role) == (world.user("coordination"), "coordination")
    assert access.party.is_operator
    assert access.party.name == world.parties["operator"].name
    assert fresh.session[SESSION_KEY] == access.pk
    acts = JournalEntry.objects.filter(programme=programme().pk)
    assert sorted(acts.values_list("kind", flat=True)) == ["accès", "dispositif", "partie"]
    assert not JournalEntry.objects.filter(programme=world.programme.pk).exists()
    assert not Place.objects.visible_to(access).exists(), "nothing of the other comes along"


def test_the_same_form_twice_makes_one(world: World, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    for _ in range(2):
        client.post(NEW, {"name": " Les  Lilas "})
        client.session[SESSION_KEY] = world.memberships["coordination"].pk
    assert Programme.objects.filter(name="Les Lilas").count() == 1


def test_a_name_that_another_operator_took_tells_nothing_of_it(
    world: World, elsewhere: World, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    answer = client.post(NEW, {"name": elsewhere.programme.name})
    assert answer.status_code == 302
    twins = Programme.objects.filter(name=elsewhere.programme.name)
    assert len({row.slug for row in twins}) == 2
    assert Membership.objects.filter(party__programme=elsewhere.programme).count() == 7
    assert client.post(NEW, {"name": " "}).status_code == 422


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_makes_one(world: World, sign_in: Any, who: str) -> None:
    client = sign_in(world, who)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, {"name": "Les Lilas"}).status_code == 403
    assert client.get(SETUP).status_code == 403
    assert Programme.objects.count() == 1


def test_a_whole_programme_step_by_step(world: World, fresh: Any, mailoutbox: Any) -> None:
    assert "7 étapes" in said(fresh.get("/parametres/"))
    for name, kind in (("Ville des Lilas", "town"), ("Propriétaires", "owners")):
        data = {"name": name, "short_name": "", "kind": kind, "address": ""}
        for _ in range(2):
            assert fresh.post(f"{SETUP}parties/", data).status_code == 302
    town = Party.objects.get(name="Ville des Lilas")
    assert (town.short_name, town.slug) == ("Ville des Lilas", "ville-des-lilas")

    text = "Les Lilas\n  Nord\n    Îlot A\n  Sud"
    answer = fresh.post(f"{SETUP}lieux/", {"text": text})
    assert "4 nouveaux lieux" in said(answer)
    assert not Place.objects.of_programme(programme().pk).exists(), "shown first"
    token = hidden(answer, "confirmed")
    for _ in range(2):
        fresh.post(f"{SETUP}lieux/", {"text": text, "confirmed": token})
    north = Place.objects.get(name="Nord")
    assert [(row.slug, row.kind) for row in Place.objects.of_programme(programme().pk)] == [
        ("les-lilas", "quarter"), ("nord", "side"), ("ilot-a", "block"), ("sud", "side"),
    ]  # fmt: skip

    data = {"since": "2026-01-01", f"place_{town.pk}": north.pk}
    assert send(fresh, f"{SETUP}perimetres/", data)["Location"] == f"{SETUP}listes/"
    assert Perimeter.objects.get(party=town).coverage.count() == 3

    data = {"axes": ["1", "2"], "groups": ["Propreté"], "audiences": ["Habitants"]}
    for _ in range(2):
        assert fresh.post(f"{SETUP}listes/", data).status_code == 302
    assert programme().themes.count() == 3
    assert programme().themes.first().objective.text.startswith("Rétablir")
    assert DefaultObjective.objects.of_programme(programme().pk).count() == 7

    data = {"name": "Convention 2026", "starts": "2026-01-01", "ends": "2026-12-31",
            "cost": "45000", "yearly_hours": "1607", "weekly_hours": "35", "mediators": "1",
            "supervision": "", "signed_on": ""}  # fmt: skip
    backwards = fresh.post(f"{SETUP}convention/", data | {"ends": "2025-12-31"})
    assert backwards.status_code == 422
    for _ in range(2):
        assert fresh.post(f"{SETUP}convention/", data).status_code == 302
    assert Convention.objects.of_programme(programme().pk).get().operator == reader().party

    data = {"committees": ["suivi"], "parties": [town.pk, reader().party_id], "since": "2026-01-01"}
    assert fresh.post(f"{SETUP}instances/", data)["Location"] == f"{SETUP}acces/"
    assert fresh.post(f"{SETUP}instances/", data).status_code == 422, "it is there"
    assert Committee.objects.of_programme(programme().pk).get().name == "Comité de suivi"
    assert Seat.objects.of_programme(programme().pk).filter(function="").count() == 2

    steps = checklist.checklist(checklist.counts(reader(), TODAY))
    left = [step.label for step in steps if not step.is_done]
    assert left == ["Accès"]
    page = said(fresh.get(SETUP))
    assert "1 partie ne voit rien" in page
    assert "2 sièges à désigner" in page
    for role, party in (("mediateur", reader().party_id), ("partenaire", town.pk)):
        invitation = {"email": f"{role}-lilas@example.org", "function": "Fonction", "role": role,
                      "party": party, "starts": "2026-03-18"}  # fmt: skip
        assert fresh.post("/acces/inviter/", invitation).status_code == 302
    assert len(mailoutbox) == 2
    assert "Tout est en place" in said(fresh.get(SETUP))


def test_places_are_added_to_a_tree_that_is_there(world: World, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    root, side = world.places["quartier"].name, world.places["cote-a"].name
    text = f"{root}\n  {side.upper()}\n    Îlot neuf"
    token = hidden(client.post(f"{SETUP}lieux/", {"text": text}), "confirmed")
    client.post(f"{SETUP}lieux/", {"text": text, "confirmed": token})
    added = Place.objects.get(name="Îlot neuf")
    assert added.parent == world.places["cote-a"]
    assert Place.objects.of_programme(world.programme.pk).count() == 8
    assert added.coverage.filter(perimeter=world.perimeters["town-a"]).get().starts == TODAY
    other = "Autre quartier"
    token = hidden(client.post(f"{SETUP}lieux/", {"text": other}), "confirmed")
    refused = client.post(f"{SETUP}lieux/", {"text": other, "confirmed": token})
    assert refused.status_code == 422
    assert "la première ligne doit être celle-là" in said(refused)


def test_places_of_another_programme_are_not_offered(
    world: World, elsewhere: World, fresh: Any
) -> None:
    operator = reader().party_id
    data = {"since": "2026-01-01", f"place_{operator}": world.places["quartier"].pk}
    answer = send(fresh, f"{SETUP}perimetres/", data)
    assert answer.status_code == 422
    assert not Perimeter.objects.of_programme(programme().pk).exists()
