"""The frame as a file: what is exported loads into the same frame (decision 10 reads it)."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from governance.conventions.schema import check, read
from governance.models import (
    Committee,
    Contact,
    Convention,
    JournalEntry,
    Party,
    Place,
    Programme,
    Seat,
    Theme,
)
from mediation.frame.conventions import dump, load

from ...world import TODAY, World

FILE = "/parametres/cadre.toml"
SHIPPED = [
    Path("governance/conventions/humanicite-2019.toml"), Path("tests/data/bord-de-mer.toml"),
]  # fmt: skip


def loaded_again(text: str, slug: str) -> str:
    """The same text, loaded as another programme and exported from it."""
    content = check(tomllib.loads(text))
    found = load(content, programme_slug="copie")
    again = dump(found.programme, found.convention, found.convention.starts)
    return again.replace('slug = "copie"', f'slug = "{slug}"', 1)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_a_file_loads_is_exported_and_loads_the_same(path: Path, db: None) -> None:
    found = load(read(path))
    day = found.convention.starts
    text = dump(found.programme, found.convention, day)
    original, exported = read(path).model_dump(), check(tomllib.loads(text)).model_dump()
    for tables in (original, exported):
        tables["places"].sort(key=lambda row: row["slug"])  # any order in which parents come first
    for name in original:
        assert exported[name] == original[name], name
    assert loaded_again(text, found.programme.slug) == text


def test_what_was_changed_in_pages_is_exported_and_what_was_retired_is_not(world: World) -> None:
    convention = Convention.objects.get(programme=world.programme, slug="2026")
    Party.objects.filter(pk=world.parties["ateliers"].pk).update(name='Dit « "Ateliers" » \\ Éé')
    Committee.objects.filter(pk=world.committee.pk).update(purpose="Suit.\nDécide.")
    Theme.objects.filter(pk=world.themes[1].pk).update(retired_on=TODAY)
    Place.objects.filter(slug__in=["ilot-a", "hall-a"]).update(retired_on=TODAY)
    Seat.objects.filter(party=world.parties["owners"]).update(ends=date(2026, 2, 1))
    Contact.objects.filter(party=world.parties["town-b"]).update(ends=date(2026, 2, 1))
    text = dump(world.programme, convention, TODAY)
    tables = tomllib.loads(text)
    assert 'Dit « "Ateliers" » \\ Éé' in [row["name"] for row in tables["parties"]]
    assert tables["committees"][0]["purpose"] == "Suit.\nDécide."
    assert [name for row in tables["themes"] for name in row["names"]] == [
        "Éclairage essai", "Isolement essai",
    ]  # fmt: skip
    assert "ilot-a" not in [row["slug"] for row in tables["places"]]
    assert [seat["party"] for seat in tables["committees"][0]["seats"]] == ["town-a"]
    assert [row["party"] for row in tables["contacts"]] == ["town-a"]
    assert tables["axes"][1]["objectives"][0]["activities"] == ["CONC"]
    assert loaded_again(text, world.programme.slug) == text


def test_the_coordination_downloads_it(world: World, elsewhere: World, sign_in: Any) -> None:
    answer = sign_in(world, "coordination").post(FILE)
    assert answer["Content-Type"].startswith("application/toml")
    assert 'filename="essai-2026.toml"' in answer["Content-Disposition"]
    text = answer.content.decode()
    assert check(tomllib.loads(text)).programme.slug == "essai"
    assert "ailleurs" not in text
    assert JournalEntry.objects.get().act == "produce"


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_does(world: World, sign_in: Any, who: str) -> None:
    assert sign_in(world, who).post(FILE).status_code == 403


def test_without_a_convention_or_a_place_it_says_what_is_missing(
    world: World, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    client.post("/parametres/nouveau-dispositif/", {"name": "Les Lilas"})
    answer = client.post(FILE, follow=True)
    assert "Sans convention" in answer.content.decode()
    lilas = Programme.objects.get(name="Les Lilas")
    Convention.objects.create(
        programme=lilas, slug="2026", name="2026", cost=1, operator=lilas.parties.get(),
        starts=date(2026, 1, 1), ends=date(2026, 12, 31),
    )  # fmt: skip
    assert "ne tient pas encore" in client.post(FILE, follow=True).content.decode()


def test_the_money_and_the_means_are_exported_as_they_stand(world: World) -> None:
    convention = Convention.objects.get(programme=world.programme, slug="2026")
    owners = world.parties["owners"]
    Convention.objects.filter(pk=convention.pk).update(
        finances_by=owners, finances_since=date(2018, 1, 1), norm="XP X60-600", originals=4
    )
    convention.refresh_from_db()
    line = convention.contributions.get()
    line.instalments.all().delete()
    for month, paid_on in ((3, date(2026, 3, 2)), (9, None)):
        line.instalments.create(
            amount=line.amount / 2, due_on=date(2026, month, 1), paid_on=paid_on
        )
    convention.provisions.all().delete()
    for text, state, since in (("Un local", "partial", TODAY), ("Un vélo", "", None)):
        convention.provisions.create(
            kind="means", party=owners, text=text, state=state, state_since=since
        )
    text = dump(world.programme, convention, TODAY)
    tables = tomllib.loads(text)
    assert tables["convention"]["finances_by"] == "owners"
    assert [row.get("paid_on") for row in tables["contributions"][0]["instalments"]] == [
        date(2026, 3, 2), None,
    ]  # fmt: skip
    assert tables["means"][0]["states"] == [
        {"text": "Un local", "state": "partial", "since": TODAY}
    ]
    assert loaded_again(text, world.programme.slug) == text
