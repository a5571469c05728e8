"""Once by `uid`, and by the version that was read: for every row that has them."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from humanicite.lib.writes import Conflict, Done, lock_version, save_once, take_version
from mediation.models import TimeEntry

from .world import World

ROWS = {
    "activity": lambda world: world.activity(),
    "situation": lambda world: world.situation(),
    "signalement": lambda world: world.signalement(),
    "time": lambda world: world.time_entry(),
}


@pytest.fixture(params=sorted(ROWS))
def row(request: Any, world: World) -> Any:
    return ROWS[request.param](world)


def anew(row: Any) -> Any:
    """What the same form makes a second time."""
    copy = type(row).objects.get(pk=row.pk)
    copy.pk, copy._state.adding = None, True
    return copy


def test_a_known_uid_is_done_and_carries_what_was_saved(row: Any) -> None:
    copy = anew(row)
    with pytest.raises(Done) as done:
        save_once(copy, copy.save, is_theirs=lambda known: known == row, refusal="non")
    assert done.value.row == row
    with pytest.raises(ValidationError, match="non"):
        save_once(copy, copy.save, is_theirs=lambda known: False, refusal="non")
    assert type(row).objects.count() == 1


def test_a_constraint_that_speaks_of_something_else_is_not_swallowed(world: World) -> None:
    entry = TimeEntry(programme=world.programme, kind="reunion", minutes=60)

    def save() -> None:
        raise IntegrityError("another")

    with pytest.raises(IntegrityError, match="another"):
        save_once(entry, save, is_theirs=lambda known: True, refusal="non")


def test_the_first_takes_the_version_and_the_second_is_told(row: Any) -> None:
    first, second = (type(row).objects.get(pk=row.pk) for _ in range(2))
    with transaction.atomic():
        take_version(first, 1)
    assert first.version == 2
    with pytest.raises(Conflict) as told:
        take_version(second, 1)
    assert (told.value.row, told.value.row.version) == (row, 2)
    with pytest.raises(Conflict) as told:
        lock_version(second, 1)
    assert told.value.row.version == 2
    with transaction.atomic():
        assert lock_version(second, 2) == row


def test_what_is_gone_is_told_as_gone(world: World) -> None:
    row = world.time_entry()
    TimeEntry.objects.all().delete()
    for write in (take_version, lock_version):
        with pytest.raises(Conflict) as told:
            write(row, 1)
        assert told.value.row is None
