"""« Revenir à cet état », over every pointer of every followed model: there, back, and there again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from mediation.activities.actions import change_activity, log_activity
from mediation.activities.models import Activity
from mediation.history.followed import Followed
from mediation.models import Situation, TimeEntry
from mediation.situations.actions import (
    change_situation,
    involvements_of,
    join,
    open_situation,
    put_on_agenda,
    take_off_agenda,
)

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World


def _two_planned(roadmap: Any, world: World) -> tuple[Any, Any]:
    return world.planned_action(roadmap), world.planned_action(roadmap, title="Marché")


# Two rows that each pointer may name; what cannot be empty has no « nothing ».
Pair = Callable[[World], tuple[Any, Any]]
OF_ACTIVITIES: dict[str, Pair] = {
    "place": lambda world: (world.places["hall-a"], world.places["hall-b"]),
    "theme": lambda world: (world.themes[0], world.themes[1]),
    "second_theme": lambda world: (world.themes[1], world.themes[2]),
    "objective": lambda world: (world.objectives[0], world.objectives[1]),
    "situation": lambda world: (world.situation(), world.situation(title="Deux étages")),
    "planned_action": lambda world: _two_planned(world.roadmap(), world),
}
OF_SITUATIONS: dict[str, Pair] = {
    "place": lambda world: (world.places["hall-a"], world.places["hall-b"]),
}
PARTS = {(Activity, "head_counts"), (Situation, "involvements"), (Situation, "agenda_lines")}


@pytest.fixture(autouse=True)
def ticking(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on: versions are told apart by their moment."""
    steps = count()
    now: Callable[[], datetime] = lambda: NOW + timedelta(milliseconds=next(steps))  # noqa: E731
    monkeypatch.setattr(timezone, "now", now)


def test_every_pointer_is_tried_below() -> None:
    """One that comes later fails here until it is."""
    declared = {
        model: model.followed
        for model in apps.get_models()
        if isinstance(getattr(model, "followed", None), Followed)
    }
    assert {model: set(one.pointers(model)) for model, one in declared.items()} == {
        Activity: set(OF_ACTIVITIES), Situation: set(OF_SITUATIONS), TimeEntry: set(),
    }  # fmt: skip
    with_pointers = {
        (model, parts.relation)
        for model, one in declared.items()
        for parts in one.parts
        if parts.pointers(model)
    }
    assert with_pointers == PARTS


def go_back(client: Client, row: Any, version: int) -> str:
    """Presses the button of a version, as the page does; answers the page that follows."""
    kind = "activites" if isinstance(row, Activity) else "situations"
    now = type(row).objects.get(pk=row.pk)
    wanted = type(row).history.filter(id=row.pk, version=version).latest()
    answer = client.post(
        f"/{kind}/versions/{wanted.pk}/", {"version": str(now.version)}, follow=True
    )
    assert answer.status_code == 200
    return text_of(answer)


def there_and_back(
    client: Client, row: Any, read: Callable[[Any], Any], first: Any, then: Any
) -> None:
    """A row whose two versions differ goes back to the first, and back to the second."""
    assert first != then
    for version, expected in ((1, first), (2, then)):
        assert "Revenu à l’état du" in go_back(client, row, version)
        assert read(type(row).objects.get(pk=row.pk)) == expected


CHANGES = [
    (name, change)
    for name in sorted(OF_ACTIVITIES)
    for change in ("another", "none", "one")
    if change == "another" or Activity._meta.get_field(name).null
]


@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_an_activity_goes_back_to_what_it_pointed_to(
    world: World, sign_in: Any, name: str, change: str
) -> None:
    one, other = OF_ACTIVITIES[name](world)
    first, then = {"another": (one, other), "none": (one, None), "one": (None, one)}[change]
    others = {"theme": world.themes[0]} if name == "second_theme" else {}
    # Of this type the software derives no objective.
    given = {"place": world.places["hall-a"], "type": "PAP"} | others | {name: first}
    by = world.reader("mediateur")
    row = log_activity(activity=Activity(day=TODAY, minutes=30, **given), head_counts={}, by=by)
    setattr(row, name, then)
    change_activity(activity=row, head_counts=None, read_version=1, by=by, fields=[name])
    keys = [None if pointed is None else pointed.pk for pointed in (first, then)]
    client = sign_in(world, "mediateur")
    there_and_back(client, row, lambda saved: getattr(saved, f"{name}_id"), *keys)


def test_an_activity_that_joins_a_situation_and_leaves_it_goes_back(
    world: World, sign_in: Any
) -> None:
    by, situation = world.reader("mediateur"), world.situation()
    activity = Activity(day=TODAY, minutes=30, place=world.places["hall-a"], type="PAP")
    row = log_activity(activity=activity, head_counts={}, by=by)
    join(activity=row, situation=situation, by=by)
    join(activity=row, situation=None, by=by)
    client = sign_in(world, "mediateur")
    for version, expected in ((2, situation.pk), (1, None), (2, situation.pk), (3, None)):
        page = go_back(client, row, version)
        assert "Revenu à l’état du" in page
        assert Activity.objects.get(pk=row.pk).situation_id == expected


def test_an_activity_goes_back_to_whom_it_met(world: World, sign_in: Any) -> None:
    by = world.reader("mediateur")
    first, other = ((audience, "np") for audience in world.audiences[:2])
    activity = Activity(day=TODAY, minutes=30, place=world.places["hall-a"], type="PAP")
    row = log_activity(activity=activity, head_counts={first: 3}, by=by)
    change_activity(
        activity=row, head_counts={other: 4}, read_version=1, by=by, fields=["head_counts"]
    )

    def met(saved: Activity) -> list[tuple[int, int]]:
        return list(saved.head_counts.values_list("audience", "count"))

    audiences = [audience.pk for audience in world.audiences[:2]]
    there_and_back(sign_in(world, "mediateur"), row, met, [(audiences[0], 3)], [(audiences[1], 4)])


def opened(world: World, **values: Any) -> Situation:
    given = {"place": world.places["hall-a"], "title": "Deux voisins", "opened_on": TODAY}
    return open_situation(
        situation=Situation(**(given | values)), involvements={}, by=world.reader("mediateur")
    )


@pytest.mark.parametrize("name", sorted(OF_SITUATIONS))
def test_a_situation_goes_back_to_what_it_pointed_to(world: World, sign_in: Any, name: str) -> None:
    first, then = OF_SITUATIONS[name](world)
    row = opened(world, **{name: first})
    setattr(row, name, then)
    change_situation(
        situation=row, involvements={}, read_version=1, by=world.reader("mediateur"), fields=[name]
    )
    there_and_back(
        sign_in(world, "mediateur"), row, lambda saved: getattr(saved, f"{name}_id"), first.pk,
        then.pk,
    )  # fmt: skip


def test_a_situation_goes_back_to_its_parties(world: World, sign_in: Any) -> None:
    row = opened(world)
    wanted = {world.parties["town-a"]: "éclairer"}
    change_situation(
        situation=row, involvements=wanted, read_version=1, by=world.reader("mediateur"),
        fields=["involvements"],
    )  # fmt: skip
    there_and_back(sign_in(world, "mediateur"), row, involvements_of, {}, wanted)


def test_a_situation_goes_back_to_its_agendas(world: World, sign_in: Any) -> None:
    row, by, day = opened(world), world.reader("mediateur"), TODAY + timedelta(days=9)
    put = put_on_agenda(
        situation=row, committee=world.committee, day=day, line="Un conflit", today=TODAY, by=by
    )
    take_off_agenda(situation=row, key=put.pk, by=by)
    client = sign_in(world, "mediateur")
    for version, expected in ((2, [world.committee.pk]), (1, [])):
        assert "Revenu à l’état du" in go_back(client, row, version)
        assert list(row.agenda_lines.values_list("committee", flat=True)) == expected
