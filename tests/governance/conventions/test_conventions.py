"""A convention as data: the real one, an invented one, and what is wrong with bad ones."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from governance.conventions.schema import ConventionFileError, check, read
from governance.models import (
    Axis,
    Committee,
    Convention,
    Objective,
    Party,
    Perimeter,
    Place,
    Programme,
    Seat,
    Theme,
)  # fmt: skip
from mediation.frame.conventions import load
from mediation.models import DefaultObjective

HUMANICITE = Path("governance/conventions/humanicite-2019.toml")
BORD_DE_MER = Path("tests/data/bord-de-mer.toml")
pytestmark = pytest.mark.django_db


def edited(path: Path, change) -> dict:
    content = tomllib.loads(path.read_text())
    change(content)
    return content


def test_the_2019_convention_is_what_section_vi_says() -> None:
    call_command("load_convention", HUMANICITE, verbosity=0)
    convention = Convention.objects.get()
    assert (convention.starts, convention.ends) == (date(2019, 1, 1), date(2019, 12, 31))
    assert convention.yearly_hours == 1607  # R27
    assert convention.is_draft  # R4
    assert Axis.objects.count() == 4  # R13
    assert Objective.objects.count() == 12  # R14
    assert [axis.objectives.count() for axis in Axis.objects.all()] == [4, 4, 2, 2]
    steering = Seat.objects.filter(committee__slug="pilotage")
    vacant = {seat.party.short_name for seat in steering if seat.is_vacant}
    assert vacant == {"ICL", "MEL"}  # R55
    follow_up = Seat.objects.filter(committee__slug="suivi")
    assert {str(s.party) for s in follow_up if s.is_vacant} == {"ATH", "Capinghem", "Lille–Lomme"}
    assert follow_up.filter(on_agenda=True).count() == 5  # R62–R66
    assert Committee.objects.count() == 4
    assert Place.objects.filter(to_confirm=True).count() == 13
    assert DefaultObjective.objects.count() == 8


def test_financing_shows_both_sums_and_the_difference() -> None:
    financing = load(read(HUMANICITE)).convention.financing()
    assert financing["total"] == Decimal(60600)  # R87
    assert financing["to_operator"] == Decimal(50600)  # R88, R90
    assert financing["gap"] == Decimal(10000)
    assert financing["unfunded"] == 0


def test_loading_again_changes_nothing_and_keeps_what_was_edited() -> None:
    load(read(HUMANICITE))
    Party.objects.filter(slug="mel").update(name="Métropole renommée")
    Seat.objects.filter(party__slug="mel").update(function="Vice-président")
    before = {m: m.objects.count() for m in (Party, Place, Seat, Theme, Objective, Perimeter)}
    again = load(read(HUMANICITE))
    assert again.already_there
    assert before == {m: m.objects.count() for m in before}
    assert Party.objects.get(slug="mel").name == "Métropole renommée"


def test_another_convention_loads_as_well() -> None:
    load(read(HUMANICITE))
    loaded = load(read(BORD_DE_MER))
    assert Programme.objects.count() == 2
    assert loaded.convention.yearly_hours == 820
    perimeter = Perimeter.objects.get(party__slug="bailleur")
    covered = set(Place.objects.filter(pk__in=perimeter.place_ids()).values_list("slug", flat=True))
    assert covered == {"digue", "quartier"}


def test_a_renewal_keeps_parties_and_moves_seats() -> None:
    first = load(read(BORD_DE_MER))

    def renew(content) -> None:
        content["convention"] |= {
            "slug": "2026-s2", "name": "Second semestre",
            "starts": date(2026, 7, 1), "ends": date(2026, 12, 31),
        }  # fmt: skip
        content["committees"][0]["seats"][1] = {"party": "bailleur", "function": "Gardien"}
        content["places"].append(
            {"slug": "port", "name": "Le Port", "kind": "spot", "parent": "digue"}
        )

    second = load(check(edited(BORD_DE_MER, renew)))
    assert second.programme == first.programme
    assert Party.objects.count() == 3
    vacant = Seat.objects.get(party__slug="bailleur", function="")
    assert vacant.ends == date(2026, 6, 30)
    assert Seat.objects.get(function="Gardien").starts == date(2026, 7, 1)
    assert Seat.objects.filter(function="Maire").count() == 1
    port = Place.objects.get(slug="port")
    assert port.coverage.get().starts == date(2026, 7, 1)


def test_terms_never_overlap() -> None:
    load(read(BORD_DE_MER))

    def overlap(content) -> None:
        content["convention"] |= {"slug": "autre", "starts": date(2026, 6, 30)}
        content["convention"]["ends"] = date(2026, 12, 31)

    with pytest.raises(ConventionFileError, match="recouvrent"):
        load(check(edited(BORD_DE_MER, overlap)))
    assert Convention.objects.count() == 1


def test_conventions_are_loaded_in_the_order_of_their_terms() -> None:
    load(read(BORD_DE_MER))

    def earlier(content) -> None:
        content["convention"] |= {"slug": "2025", "starts": date(2025, 1, 1)}
        content["convention"]["ends"] = date(2025, 12, 31)

    with pytest.raises(ConventionFileError, match="in the order of their terms"):
        load(check(edited(BORD_DE_MER, earlier)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c["parties"][1].update(kind="mairie"), r"parties\.1\.kind: .*'operator'.*'town'"),
        (lambda c: c["places"][1].update(parent="port"),
         r"places\.1\.parent: 'port' is unknown; allowed: quartier"),
        (lambda c: c["convention"].update(cost=-1), r"convention\.cost: .*greater than or equal"),
        (lambda c: c["convention"].update(ends=date(2025, 1, 1)), r"convention\.ends: must not"),
        (lambda c: c["convention"].pop("starts"), r"convention\.starts: Field required"),
        (lambda c: c.update(lieux=[]), r"lieux: Extra inputs"),
        (lambda c: c["contributions"][0].update(payee="ville"), r"contributions\.0\.payee: must differ"),
        (lambda c: c["themes"][0].update(objective="3.1"), r"themes\.0\.objective: '3\.1' is unknown"),
        (lambda c: c["places"][1].pop("parent"), r"places: exactly one has no parent"),
        (lambda c: c["parties"].append(dict(c["parties"][1])), r"'ville' appears more than once"),
        (lambda c: c["axes"][0]["objectives"][0].update(activities=["RONDE"]),
         r"axes\.0\.objectives\.0\.activities: 'RONDE' is unknown; allowed: PAP"),
        (lambda c: c["committees"][0]["seats"].append({"function": "Seul"}), r"needs a party or a label"),
        (lambda c: c["contributions"].append(c["contributions"][0] | {"amount": 1}),
         r"contributions: 'ville → passerelle' appears more than once"),
        (lambda c: c["committees"][0]["seats"].append({"party": "bailleur"}),
         r"committees\.seats: 'suivi: bailleur, vacant' appears more than once"),
        (lambda c: c["programme"].update(name="a\nBcc: x@example.org"), r"programme\.name: String should"),
        (lambda c: c["parties"][0].update(address="a\x00b"), r"parties\.0\.address: String should"),
        (lambda c: c["convention"].update(starts=date(1, 1, 1)), r"convention\.starts: .*2000-01-01"),
        (lambda c: c["convention"].update(yearly_hours=3_000_000_000), r"convention\.yearly_hours: "),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_key_and_what_is_allowed(change, expected) -> None:
    with pytest.raises(ConventionFileError, match=expected):
        load(check(edited(BORD_DE_MER, change)))
    assert not Programme.objects.exists()


def test_broken_toml_names_the_line(tmp_path) -> None:
    path = tmp_path / "cassé.toml"
    path.write_text('[programme]\nslug = "x"\nname = sans guillemets\n')
    with pytest.raises(CommandError, match="line 3"):
        call_command("load_convention", path)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 5000, "x" * 1_000_001])
def test_a_file_beyond_reason_is_refused(tmp_path, text) -> None:
    path = tmp_path / "hostile.toml"
    path.write_text(text)
    with pytest.raises(ConventionFileError):
        read(path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c["places"].append(
            {"slug": "port", "name": "Port", "kind": "spot", "parent": "quartier"}),
         r"places\.2\.parent: 'quartier' contradicts 'digue'"),
        (lambda c: c["parties"][2].update(kind="syndic"), r"parties\.2\.kind: .* contradicts"),
    ],
)  # fmt: skip
def test_a_renewal_contradicts_nothing_silently(change, expected) -> None:
    def first(content) -> None:
        content["places"].append(
            {"slug": "port", "name": "Port", "kind": "spot", "parent": "digue"}
        )

    load(check(edited(BORD_DE_MER, first)))

    def renew(content) -> None:
        content["convention"] |= {"slug": "s2", "starts": date(2026, 7, 1)}
        content["convention"]["ends"] = date(2026, 12, 31)
        change(content)

    with pytest.raises(ConventionFileError, match=expected):
        load(check(edited(BORD_DE_MER, renew)))
    assert Convention.objects.count() == 1


def test_a_missing_file_is_said() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_convention", "nulle-part.toml")
