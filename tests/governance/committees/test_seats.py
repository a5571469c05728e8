"""Committees, and who sits in them since when; each party fills its own seats (R47–R68, R84)."""

from datetime import date
from typing import Any

import pytest

from governance.models import Committee, JournalEntry, Seat

from ...world import World
from ..frame_pages import said, send

SEATS, COMMITTEES = "/convention/sieges/", "/parametres/instances/"


def seat(world: World, party: str = "town-a") -> Seat:
    found: Seat = Seat.objects.get(party=world.parties[party], function="Représentant")
    return found


def vacant(world: World, party: str = "town-a") -> Seat:
    return Seat.objects.create(
        committee=world.other_committee, party=world.parties[party], starts=date(2025, 1, 1)
    )


def holders(world: World, row: Seat) -> list[tuple[str, date, date | None]]:
    rows = Seat.objects.filter(committee=row.committee, party=row.party).order_by("starts")
    return list(rows.values_list("function", "starts", "ends"))


def test_a_party_sees_its_gaps_and_fills_them(world: World, sign_in) -> None:
    row = vacant(world)
    vacant(world, "owners")
    client = sign_in(world, "town-a")
    page = said(client.get(SEATS))
    assert "1 siège à désigner" in page
    assert "2 sièges à désigner" in said(sign_in(world, "coordination").get(SEATS))
    data = {"function": " Maire ", "since": "2026-03-18"}
    path = f"{SEATS}{row.pk}/"
    shown = data | {
        "seen": client.get(path).content.decode().split('seen" value="')[1].split('"')[0]
    }
    for _ in range(2):
        assert client.post(path, shown).status_code == 302
    assert holders(world, row) == [
        ("", date(2025, 1, 1), date(2026, 3, 17)), ("Maire", date(2026, 3, 18), None),
    ]  # fmt: skip
    assert "siège à désigner" not in said(client.get(SEATS))
    assert {entry.act for entry in JournalEntry.objects.filter(kind="siège")} == {"end", "create"}


def test_on_its_first_day_a_holder_is_corrected(world: World, sign_in) -> None:
    row = seat(world)
    data = {"function": "Adjoint", "since": "2024-01-01"}
    assert send(sign_in(world, "town-a"), f"{SEATS}{row.pk}/", data).status_code == 302
    assert holders(world, row) == [("Adjoint", date(2024, 1, 1), None)]


@pytest.mark.parametrize("who", ["town-b", "mediateur", "invite"])
def test_nobody_fills_anothers_seat(world: World, sign_in, who: str) -> None:
    row = seat(world)
    client = sign_in(world, who)
    for answer in (
        client.get(f"{SEATS}{row.pk}/"),
        client.post(f"{SEATS}{row.pk}/", {"function": "Autre", "since": "2026-03-18"}),
        client.post(f"{SEATS}{row.pk}/fin/", {"on": "2026-03-18"}),
        client.post(f"{COMMITTEES}{row.committee.pk}/siege/", {"party": row.party_id}),
    ):
        assert answer.status_code in (403, 404)
    assert holders(world, row) == [("Représentant", date(2024, 1, 1), None)]


def test_another_programme_finds_no_seat_of_ours(world: World, elsewhere: World, sign_in) -> None:
    client = sign_in(elsewhere, "coordination")
    row = seat(world)
    assert client.get(f"{SEATS}{row.pk}/").status_code == 404
    assert client.get(f"{COMMITTEES}{world.committee.pk}/").status_code == 404
    data = {"party": world.parties["town-a"].pk, "starts": "2026-03-18"}
    assert client.post(f"{COMMITTEES}{elsewhere.committee.pk}/siege/", data).status_code == 422


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"function": "Maire", "since": "2023-12-31"}, "commence le 01/01/2024"),
        ({"function": "Maire", "since": ""}, "Dites à partir de quand"),
        ({"function": "Adjoint", "since": "2026-03-18"}, "tient déjà un siège ici"),
    ],
)
def test_bad_input_is_told(world: World, sign_in, data: dict[str, str], told: str) -> None:
    row = seat(world)
    Seat.objects.create(
        committee=row.committee, party=row.party, function="adjoint", starts=date(2025, 1, 1)
    )
    answer = send(sign_in(world, "town-a"), f"{SEATS}{row.pk}/", data)
    assert answer.status_code == 422
    assert told in said(answer)


def test_a_seat_changed_meanwhile_is_not_overwritten(world: World, sign_in) -> None:
    row = seat(world)
    client = sign_in(world, "town-a")
    path = f"{SEATS}{row.pk}/"
    seen = client.get(path).content.decode().split('seen" value="')[1].split('"')[0]
    Seat.objects.filter(pk=row.pk).update(function="Directrice")
    answer = client.post(path, {"function": "Maire", "since": "2026-03-18", "seen": seen})
    assert answer.status_code == 422
    assert "Directrice" in said(answer)
    assert holders(world, row) == [("Directrice", date(2024, 1, 1), None)]


def new_seat(world: World, **more: Any) -> dict[str, Any]:
    return {"party": world.parties["town-a"].pk, "label": "", "function": "Adjoint",
            "starts": "2026-03-18"} | more  # fmt: skip


def test_a_second_seat_of_a_party_is_asked_about(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    path = f"{COMMITTEES}{world.committee.pk}/siege/"
    answer = client.post(path, new_seat(world))
    assert answer.status_code == 422
    assert "a déjà un siège ici (Représentant)" in said(answer)
    for _ in range(2):
        assert client.post(path, new_seat(world, second="on")).status_code == 302
    assert world.committee.seats.filter(party=world.parties["town-a"]).count() == 2
    guests = new_seat(world, party="", label="Bailleurs", function="", on_agenda="on")
    for _ in range(2):
        assert client.post(path, guests).status_code == 302
    assert world.committee.seats.filter(label="Bailleurs").count() == 1
    nobody = client.post(path, new_seat(world, party=""))
    assert "Choisissez une partie, ou dites quels invités" in said(nobody)


def test_a_seat_ends_with_its_last_day(world: World, sign_in) -> None:
    row = seat(world)
    client = sign_in(world, "coordination")
    early = send(client, f"{SEATS}{row.pk}/fin/", {"on": "2023-01-01"})
    assert early.status_code == 422
    assert send(client, f"{SEATS}{row.pk}/fin/", {"on": "2026-03-31"}).status_code == 302
    assert holders(world, row) == [("Représentant", date(2024, 1, 1), date(2026, 3, 31))]


def test_a_committee_is_added_changed_retired_and_taken_back(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = {"name": "Groupe mobilité", "kind": "group", "frequency": "mensuelle", "purpose": ""}
    for _ in range(2):
        assert client.post(f"{COMMITTEES}nouvelle/", data).status_code == 302
    added = Committee.objects.get(name="Groupe mobilité")
    assert (added.slug, added.rank) == ("groupe-mobilite", 2)
    path = f"{COMMITTEES}{added.pk}/"
    assert send(client, path, data | {"name": "Groupe vélo"}).status_code == 302
    taken = send(client, path, data | {"name": world.committee.name})
    assert "porte déjà ce nom" in said(taken)
    client.post(f"{path}retirer/", {"on": "2026-03-18"})
    assert "<h2>Groupe vélo</h2>" not in said(client.get(SEATS))
    client.post(f"{path}reprendre/")
    assert "<h2>Groupe vélo</h2>" in said(client.get(SEATS))
    assert client.post(f"{COMMITTEES}nouvelle/", data | {"kind": ""}).status_code == 422


def test_committees_are_ordered_by_buttons(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    for _ in range(2):  # at the head nothing moves
        client.post(f"{COMMITTEES}{world.other_committee.pk}/monter/")
    page = said(client.get(SEATS))
    first, second = world.other_committee.name, world.committee.name
    assert page.index(f"<h2>{first}</h2>") < page.index(f"<h2>{second}</h2>")
    client.post(f"{COMMITTEES}{world.other_committee.pk}/descendre/")
    assert list(Committee.objects.of_programme(world.programme.pk)) == [
        world.committee, world.other_committee,
    ]  # fmt: skip
    assert sign_in(world, "mediateur").post(
        f"{COMMITTEES}{world.other_committee.pk}/monter/"
    ).status_code in (403, 404)
