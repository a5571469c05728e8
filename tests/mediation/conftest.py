"""Who writes most, a clock that goes on, and an activity with a past."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mediation.activities import actions
from mediation.models import Activity

from ..conftest import NOW
from ..world import World


@pytest.fixture
def ticking(clock: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """A clock that goes on, as clocks do: versions are told apart by their moment."""

    def start(at: datetime) -> None:
        steps = count()
        monkeypatch.setattr(timezone, "now", lambda: at + timedelta(milliseconds=next(steps)))

    start(NOW)
    return start


@pytest.fixture
def mediateur(world: World, sign_in) -> Client:
    return sign_in(world, "mediateur")


@pytest.fixture
def logged(world: World):
    """An activity with two publics, saved as the form saves it."""

    def log(**values: Any) -> Activity:
        given = {
            "type": "PAP", "place": world.places["hall-a"], "day": date(2026, 3, 10),
            "minutes": 30, "internal_note": "au départ",
        }  # fmt: skip
        return actions.log_activity(
            activity=Activity(**(given | values)),
            head_counts={(world.audiences[0], "np"): 3, (world.audiences[1], "np"): 2},
            by=world.reader("mediateur"),
        )

    return log
