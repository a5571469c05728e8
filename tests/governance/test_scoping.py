"""What each role sees, and that dates decide (R75)."""

from datetime import date

import pytest

from governance.access.actions import end_access
from governance.models import Coverage, Membership, Party, Perimeter, Place, Seat
from mediation.models import Activity, HeadCount

from ..pages import text_of
from ..world import TODAY, World


def slugs(rows) -> set[str]:
    return {row.place.slug for row in rows}


@pytest.fixture
def everywhere(world: World) -> World:
    for place in world.places:
        world.activity(place)
    return world


def test_the_operator_sees_its_programme(everywhere: World, elsewhere: World) -> None:
    elsewhere.activity()
    for who in ("mediateur", "coordination"):
        assert slugs(Activity.objects.visible_to(everywhere.reader(who))) == set(everywhere.places)
        assert not Activity.objects.visible_to(everywhere.reader(who)).filter(
            programme=elsewhere.programme
        )


def test_a_town_sees_its_side_and_work_done_for_all(everywhere: World) -> None:
    seen = Activity.objects.visible_to(everywhere.reader("town-a"))
    assert slugs(seen) == {"quartier", "cote-a", "ilot-a", "hall-a"}
    places = Place.objects.visible_to(everywhere.reader("town-a"))
    assert {place.slug for place in places} == {"quartier", "cote-a", "ilot-a", "hall-a"}


def test_an_invited_stakeholder_sees_no_activity(everywhere: World) -> None:
    assert not Activity.objects.visible_to(everywhere.reader("invite"))
    assert list(Party.objects.visible_to(everywhere.reader("invite"))) == [
        everywhere.parties["ateliers"]
    ]


def test_no_perimeter_means_nothing(everywhere: World) -> None:
    everywhere.perimeters["town-a"].delete()
    assert not Activity.objects.visible_to(everywhere.reader("town-a"))


def test_an_empty_perimeter_means_nothing(everywhere: World) -> None:
    Coverage.objects.filter(perimeter=everywhere.perimeters["town-a"]).delete()
    assert not Activity.objects.visible_to(everywhere.reader("town-a"))
    assert not Place.objects.visible_to(everywhere.reader("town-a"))


def test_head_counts_are_the_operators_alone(everywhere: World) -> None:
    everywhere.counted(everywhere.activity("hall-a"))
    assert HeadCount.objects.visible_to(everywhere.reader("mediateur")).count() == 1
    assert not HeadCount.objects.visible_to(everywhere.reader("town-a"))


def test_a_perimeter_that_shrinks_keeps_what_it_covered_then(world: World) -> None:
    before = world.activity("hall-a", day=date(2026, 2, 1))
    after = world.activity("hall-a", day=date(2026, 3, 2))
    perimeter = world.perimeters["town-a"]
    perimeter.places.set([world.places["cote-b"]])
    perimeter.refresh_coverage(since=date(2026, 3, 1))
    other_side = world.activity("hall-b", day=date(2026, 3, 2))
    too_early = world.activity("hall-b", day=date(2026, 2, 1))
    seen = set(Activity.objects.visible_to(world.reader("town-a")))
    assert before in seen
    assert after not in seen
    assert other_side in seen
    assert too_early not in seen


def test_a_place_that_moves_is_followed_from_that_day(world: World) -> None:
    hall = world.places["hall-a"]
    old = world.activity("hall-a", day=date(2026, 2, 1))
    hall.parent = world.places["ilot-b"]
    hall.full_clean()
    hall.save()
    for perimeter in Perimeter.objects.all():
        perimeter.refresh_coverage(since=date(2026, 3, 1))
    new = world.activity("hall-a", day=date(2026, 3, 2))
    assert set(Activity.objects.visible_to(world.reader("town-a"))) == {old}
    assert set(Activity.objects.visible_to(world.reader("town-b"))) == {new}


def test_refreshing_twice_changes_nothing(world: World) -> None:
    perimeter = world.perimeters["town-a"]
    rows = list(perimeter.coverage.order_by("pk").values())
    perimeter.refresh_coverage(since=date(2026, 3, 1))
    perimeter.refresh_coverage(since=date(2026, 3, 1))
    assert list(perimeter.coverage.order_by("pk").values()) == rows


def test_moving_a_subtree_moves_all_its_paths(world: World) -> None:
    block = world.places["ilot-a"]
    block.parent = world.places["cote-b"]
    block.save()
    hall = Place.objects.get(slug="hall-a", programme=world.programme)
    block.refresh_from_db()
    assert hall.path.startswith(block.path)
    assert set(Place.objects.beneath(world.places["cote-b"]).values_list("slug", flat=True)) >= {
        "ilot-a", "hall-a",
    }  # fmt: skip


def test_an_ended_access_lets_nobody_in(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    assert client.get("/tableau-de-bord/").status_code == 200
    end_access(
        membership=world.memberships["town-a"], on=TODAY, today=TODAY,
        by=world.memberships["coordination"],
    )  # fmt: skip
    assert client.get("/tableau-de-bord/", follow=True).status_code == 403


def test_an_access_opens_on_its_day(world: World, sign_in) -> None:
    Membership.objects.filter(pk=world.memberships["town-a"].pk).update(starts=date(2026, 3, 19))
    answer = sign_in(world, "town-a").get("/", follow=True)
    assert answer.status_code == 403
    assert "Aucun accès ouvert" in text_of(answer)


def test_one_rule_for_lists_and_objects(everywhere: World) -> None:
    reader = everywhere.reader("town-b")
    seen = set(Activity.objects.visible_to(reader))
    for activity in Activity.objects.all():
        assert activity.is_visible_to(reader) is (activity in seen)


@pytest.mark.parametrize(
    ("day", "seen"),
    [(date(2026, 2, 28), False), (date(2026, 3, 1), True), (date(2026, 3, 9), True),
     (date(2026, 3, 10), False)],
)  # fmt: skip
def test_a_perimeter_holds_on_its_first_and_on_its_last_day(world, day, seen) -> None:
    perimeter = world.perimeters["town-a"]
    Coverage.objects.filter(perimeter=perimeter).update(
        starts=date(2026, 3, 1), ends=date(2026, 3, 9)
    )
    activity = world.activity("hall-a", day=day)
    assert activity.is_visible_to(world.reader("town-a")) is seen
    assert Activity.objects.within(Perimeter.objects.get(pk=perimeter.pk)).exists() is seen
    assert Coverage.objects.filter(perimeter=perimeter).on(day).exists() is seen


@pytest.mark.parametrize(
    ("day", "seen"),
    [(date(2026, 3, 1), False), (date(2026, 3, 2), True), (date(2026, 3, 4), True),
     (date(2026, 3, 5), False)],
)  # fmt: skip
def test_a_seat_shows_its_sessions_from_its_first_to_its_last_day(world, day, seen) -> None:
    Seat.objects.filter(committee=world.committee).update(
        starts=date(2026, 3, 2), ends=date(2026, 3, 4)
    )
    line = world.agenda_line(world.situation(), day=day)
    assert line.is_visible_to(world.reader("owners")) is seen


def test_a_seat_opens_nothing_to_a_guest(world) -> None:
    """Its party may hold one; who is invited reads what it is invited to, and nothing else (R54)."""
    Seat.objects.create(
        committee=world.committee, party=world.parties["ateliers"], function="Représentant",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    line = world.agenda_line(world.situation(), day=TODAY)
    assert line.is_visible_to(world.reader("owners"))
    assert not line.is_visible_to(world.reader("invite"))
