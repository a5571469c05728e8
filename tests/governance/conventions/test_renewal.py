"""Next year's convention: prepared from this one, compared with it, signed; and the plan."""

from datetime import date

import pytest

from governance.conventions.actions import next_term, renew
from governance.conventions.plan import make_plan
from governance.conventions.terms import compare
from governance.models import Contribution, Convention, Coverage, JournalEntry, Place, Provision
from humanicite.lib.writes import Done

from ...pages import text_of
from ...world import TODAY, World

TERM = {"name": "Convention 2027", "starts": "2027-01-01", "ends": "2027-12-31"}


@pytest.fixture
def convention(world: World) -> Convention:
    row = world.convention()
    contribution = Contribution.objects.get(convention=row)
    contribution.instalments.create(
        amount=40600, due_on=date(2026, 2, 28), paid_on=date(2026, 3, 1)
    )
    Provision.objects.create(
        convention=row, kind="means", party=world.parties["ateliers"], text="Un local"
    )
    return row


def test_one_action_copies_what_is_to_be_copied(world: World, sign_in, convention) -> None:
    client = sign_in(world, "coordination")
    path = f"/convention/{convention.pk}/reconduire/"
    page = text_of(client.get(path))
    assert 'value="2027-01-01"' in page
    assert 'value="Convention 2027"' in page
    first, second = client.post(path, TERM), client.post(path, TERM)
    new = Convention.objects.get(renews=convention)
    assert first["Location"] == second["Location"] == f"/convention/{new.pk}/comparer/"
    assert new.is_draft
    assert [row.party for row in new.signatories.all()] == [world.parties["owners"]]
    assert [row.text for row in new.provisions.all()] == ["Un local"]
    (instalment,) = new.contributions.get().instalments.all()
    assert (instalment.due_on, instalment.paid_on) == (date(2027, 2, 28), None)
    assert JournalEntry.objects.filter(act="create", kind="convention").count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts": "2026-07-01"}, "commence après la fin du terme, le 31/12/2026"),
        ({"ends": "2026-12-01"}, "La date de fin précède la date de début."),
        ({"ends": ""}, "Dites le dernier jour."),
        ({"starts": "31/02/2027"}, "Cette date n’existe pas"),
    ],
)
def test_a_bad_term_is_told(world: World, sign_in, convention, changes, said) -> None:
    answer = sign_in(world, "coordination").post(
        f"/convention/{convention.pk}/reconduire/", TERM | changes
    )
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert Convention.objects.count() == 3


def test_a_term_over_another_is_told(world: World, sign_in, convention) -> None:
    earlier = world.convention(2024)
    answer = sign_in(world, "coordination").post(
        f"/convention/{earlier.pk}/reconduire/",
        {"name": "Encore", "starts": "2025-01-01", "ends": "2025-12-31"},
    )
    assert "Les dates recouvrent celles de la convention" in text_of(answer)


def test_what_differs_is_marked_in_words(world: World, sign_in, convention) -> None:
    by = world.reader("coordination")
    new = renew(convention=convention, name="Suivante", starts=date(2027, 1, 1),
                ends=date(2027, 12, 31), by=by)  # fmt: skip
    new.provisions.all().delete()
    Convention.objects.filter(pk=new.pk).update(cost=70000, norm="XP X60-600")
    text = text_of(sign_in(world, "town-a").get(f"/convention/{new.pk}/comparer/"))
    for word in ("modifié", "ajouté", "retiré", "identique"):
        assert word in text
    assert "70\u00a0000\u00a0€" in text
    assert "Marquer comme signée" not in text
    with pytest.raises(Done):
        renew(convention=convention, name="Double", starts=date(2028, 1, 1),
              ends=date(2028, 12, 31), by=by)  # fmt: skip


def test_only_the_coordination_prepares_one(world: World, sign_in, convention) -> None:
    path = f"/convention/{convention.pk}/reconduire/"
    assert sign_in(world, "town-a").post(path, TERM).status_code == 403
    assert sign_in(world, "mediateur").post(path, TERM).status_code == 403


@pytest.mark.parametrize(
    ("ends", "then"),
    [
        (date(2026, 12, 31), (date(2027, 1, 1), date(2027, 12, 31))),
        (date(2025, 2, 28), (date(2025, 3, 1), date(2026, 2, 28))),
        (date(2026, 6, 30), (date(2026, 7, 1), date(2027, 6, 30))),
        (date(2023, 2, 28), (date(2023, 3, 1), date(2024, 2, 29))),
        (date(2024, 2, 28), (date(2024, 2, 29), date(2025, 2, 27))),
    ],
)
def test_the_next_term_begins_where_this_one_ends(ends, then) -> None:
    assert next_term(ends) == then


def test_lines_are_compared_by_their_key() -> None:
    before = [["A", "a", "Coût", "1"], ["A", "b", "Norme", "x"], ["B", "c", "Local", "y"]]
    after = [["B", "c", "Local", "y"], ["A", "a", "Coût", "2"], ["B", "d", "Tenue", "z"]]
    rows = {row.label: row.state for row in compare(before, after)}
    assert rows == {
        "Coût": "modifié", "Norme": "retiré", "Local": "identique", "Tenue": "ajouté",
    }  # fmt: skip


def test_the_plan_says_what_is_covered_whole_and_in_part(world: World, sign_in) -> None:
    plan = make_plan(Place.objects.in_tree_order(), coverage(), TODAY)
    words = {block.place.slug: block.words for side in plan.drawings for block in side.blocks}
    assert "couvert par operator, owners, town-a" in words["hall-a"]
    assert "town-b" not in words["hall-a"]
    marks = {row.place.slug: {m.covering.party: m.is_whole for m in row.marks} for row in plan.rows}
    assert marks["quartier"] == {"operator": True, "owners": True, "town-a": False, "town-b": False}
    assert [drawing.name for drawing in plan.drawings] == ["Lieu cote-a essai", "Lieu cote-b essai"]
    # To a partner, the quarter is covered in part, though nothing else of it is shown.
    text = text_of(sign_in(world, "town-a").get("/convention/"))
    assert "(en partie)" in text
    assert "cote-b" not in text


def coverage():
    return Coverage.objects.on(TODAY).select_related("perimeter__party")


def test_blocks_lie_within_their_parents(world: World) -> None:
    for drawing in make_plan(Place.objects.in_tree_order(), coverage(), TODAY).drawings:
        boxes = {block.place.pk: block for block in drawing.blocks}
        for block in drawing.blocks:
            outer = boxes.get(block.place.parent_id)
            bottom = outer.y + outer.height if outer else drawing.height
            assert block.y + block.height <= bottom
            assert (
                outer is None or outer.x < block.x < block.x + block.width < outer.x + outer.width
            )


def test_the_seats_of_before_are_shown_with_their_dates(world: World, sign_in) -> None:
    world.committee.seats.create(
        party=world.parties["owners"], function="Présidence d’alors", starts=date(2018, 1, 1),
        ends=date(2023, 12, 31),
    )  # fmt: skip
    text = text_of(sign_in(world, "town-a").get("/convention/")).replace("\u00a0", " ")
    assert "Présidence d’alors" in text
    assert "du 1er janvier 2018 au 31 décembre 2023" in text
