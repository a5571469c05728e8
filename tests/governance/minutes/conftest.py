"""A séance of the comité de suivi, ready for its minutes."""

from typing import Any

import pytest


@pytest.fixture
def seance(world) -> Any:
    """Convened today; the owners come, town A is excused; two points."""
    meeting = world.held()
    world.invitation(meeting, "owners", answer="present", answered_at="2026-03-10T09:00Z")
    world.invitation(meeting, "town-a", answer="excused", answered_at="2026-03-10T09:00Z")
    world.item(meeting, title="Éclairage des allées")
    world.item(meeting, title="Fête de quartier")
    return meeting
