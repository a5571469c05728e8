"""The form of a situation and who fills it in."""

import uuid
from typing import Any

import pytest

from ...world import TODAY, World


@pytest.fixture
def form(world: World):
    """What the form of a new situation posts."""

    def make(**changes: Any) -> dict[str, Any]:
        data = {
            "uid": str(uuid.uuid4()), "version": "", "title": "Nuisances répétées la nuit",
            "place": world.places["hall-a"].pk, "description": "", "next_step": "",
            "next_on": "", "opened_on": TODAY.isoformat(), "parties-TOTAL_FORMS": "2",
            "parties-INITIAL_FORMS": "0",
        }  # fmt: skip
        return data | changes

    return make
