"""What a convention file says of signature, money, means and seats of before, and what is wrong."""

from datetime import date
from pathlib import Path

import pytest

from governance.conventions.schema import ConventionFileError, check, read
from governance.models import Convention, Instalment, Provision, Seat
from mediation.frame.conventions import load

from .test_conventions import BORD_DE_MER, HUMANICITE, edited

pytestmark = pytest.mark.django_db


def test_the_2019_convention_says_what_surrounds_it() -> None:
    convention = load(read(HUMANICITE)).convention
    assert (convention.norm, convention.originals) == ("XP X60-600", 4)  # R20, R92
    assert convention.charter  # R21
    assert convention.finances_by.slug == "asl"  # R7
    assert convention.finances_since == date(2018, 1, 1)
    assert "2015" in convention.background  # R6
    assert "sans se substituer" in convention.not_replaced  # R24
    assert [row.office for row in convention.signatories.all()] == [
        "5 rue Léonard de Vinci, 59160 Capinghem", "58 bis rue Poincaré, 59160 Capinghem",
        "72 avenue de la République, 59160 Lomme", "71 rue de Paris, 59000 Lille",
    ]  # fmt: skip
    assert not convention.versions.exists(), "nobody has signed it"


def test_section_v_is_what_was_before() -> None:
    load(read(HUMANICITE))
    before = Seat.objects.on(date(2018, 12, 31))
    assert before.filter(committee__slug="pilotage").count() == 6  # R53
    assert before.filter(committee__slug="suivi").count() == 5  # R60
    now = Seat.objects.on(date(2019, 1, 1))
    assert now.filter(committee__slug="pilotage").count() == 8  # R55
    assert now.filter(committee__slug="suivi").count() == 11  # R61–R66


def paid(content) -> None:
    content["contributions"][0]["instalments"] = [
        {"amount": content["contributions"][0]["amount"] - 1000, "due_on": date(2026, 2, 1),
         "paid_on": date(2026, 2, 3)},
        {"amount": 1000, "due_on": date(2026, 5, 1)},
    ]  # fmt: skip
    content["convention"] |= {"signed_on": date(2026, 1, 5), "signing_place": "Le Port"}
    content["means"] = [
        {"party": "bailleur", "texts": ["Un local"], "states": [
            {"text": "Un local", "state": "missing", "since": date(2026, 1, 5), "remark": "Promis"},
        ]},
    ]  # fmt: skip


def test_what_is_paid_provided_and_signed_is_loaded_once() -> None:
    for _ in range(2):
        load(check(edited(BORD_DE_MER, paid)))
    convention = Convention.objects.get()
    assert Instalment.objects.count() == 2
    assert convention.contributions.get(instalments__paid_on=None).paid() > 0
    means = Provision.objects.get(kind="means")
    assert (means.state, means.remark) == ("missing", "Promis")
    (version,) = convention.versions.all()
    assert version.day == date(2026, 1, 5)
    assert any("Un local" in line for line in version.terms)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda c: c["contributions"][0]["instalments"][1].update(amount=999),
         r"contributions\.0\.instalments: sum to \d+, and amount is"),
        (lambda c: c["contributions"][0]["instalments"][1].update(due_on=date(2026, 2, 1)),
         r"contributions\.instalments: .* appears more than once"),
        (lambda c: c["contributions"][0].update(paid_on=date(2026, 2, 1)), r"the contribution may not"),
        (lambda c: c["convention"].update(cost=1), r"contributions: \d+ is more than convention\.cost"),
        (lambda c: c["convention"].update(finances_by="port", finances_since=date(2026, 1, 1)),
         r"convention\.finances_by: 'port' is unknown"),
        (lambda c: c["convention"].update(finances_by="ville"), r"finances_since: goes together"),
        (lambda c: c["convention"].pop("signed_on"), r"signing_place: a draft has none"),
        (lambda c: c["means"][0]["states"][0].update(text="Un vélo"),
         r"means\.0\.states\.0\.text: 'Un vélo' is unknown; allowed: Un local"),
        (lambda c: c["means"][0]["states"][0].update(state="perdu"), r"states\.0\.state: .*'missing'"),
        (lambda c: c["committees"][0].update(earlier=[{"party": "ville"}]), r"go together"),
        (lambda c: c["committees"][0].update(
            earlier=[{"party": "ville"}], earlier_since=date(2026, 3, 1)),
         r"earlier_since: must be before convention\.starts"),
        (lambda c: c["committees"][0].update(
            earlier=[{"party": "port"}], earlier_since=date(2025, 3, 1)),
         r"committees\.0\.earlier\.0\.party: 'port' is unknown"),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_key(change, expected) -> None:
    def faulty(content) -> None:
        paid(content)
        change(content)

    with pytest.raises(ConventionFileError, match=expected):
        check(edited(Path(BORD_DE_MER), faulty))
