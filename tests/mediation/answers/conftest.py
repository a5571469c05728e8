"""A signalement, its recipient, and the person who reads the mail."""

from typing import Any

import pytest

from mediation.models import (
    Recipient,
    Signalement,
)

from ...world import World
from .persons import Person


@pytest.fixture
def signalement(world: World) -> Signalement:
    return world.sent(
        description="Deux candélabres", expected="Remettre en service", where="allée nord"
    )


@pytest.fixture
def recipient(signalement: Signalement) -> Recipient:
    return signalement.recipients.get()


@pytest.fixture
def person(clock: Any) -> Person:
    return Person(clock)
