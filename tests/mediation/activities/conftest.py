"""The form of an activity and who fills it in."""

import uuid
from typing import Any

import pytest

from ...world import TODAY, World


@pytest.fixture
def entry(world: World):
    """What the form posts for a plain round."""

    def make(**changes: Any) -> dict[str, Any]:
        data = {
            "uid": str(uuid.uuid4()), "version": "", "type": "PAP",
            "place": world.places["hall-a"].pk, "minutes": "30", "day": TODAY.isoformat(),
            "publics-TOTAL_FORMS": "3", "publics-INITIAL_FORMS": "0",
            "internal_note": "", "summary": "", "origin": "", "outcome": "", "objective": "",
        }  # fmt: skip
        return data | changes

    return make
