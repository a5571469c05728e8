"""A month that was worked, written and ready to be published."""

from collections.abc import Callable
from datetime import date

import pytest

from reporting.models import MonthlySynthesis
from reporting.syntheses import actions, edition, texts

from ...conftest import NOW
from ...world import World


@pytest.fixture
def worked(world: World) -> World:
    for place in world.places:
        for number in range(4):
            activity = world.activity(
                place, type=("PAP", "CONF")[number % 2], day=date(2026, 2, 2 + number),
                theme=world.themes[number % 3], objective=world.objectives[0],
                internal_note="note-secrete", summary=f"résumé {place}",
            )  # fmt: skip
            world.counted(activity, number % 2, 4)
    world.activity("hall-a", day=date(2026, 1, 5), theme=world.themes[0])
    return world


def write(world: World, synthesis: MonthlySynthesis, **said: str) -> None:
    """Every text of a synthesis, those of `said` as they are given; `fait_1` for « fait-1 »."""
    given = {key.replace("_", "-"): text for key, text in said.items()}
    for slot in texts.slots(synthesis.period):
        actions.write_passage(
            synthesis=synthesis, key=slot.key, perimeter=None, read_version=0,
            text=given.get(slot.key, f"Texte {slot.key}."), by=world.reader("coordination"),
        )  # fmt: skip


@pytest.fixture
def plain_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are not drawn: what is tested is not how they look."""
    monkeypatch.setattr(edition, "to_pdf", lambda made: f"%PDF {edition.to_html(made)}".encode())


@pytest.fixture
def written(worked: World) -> MonthlySynthesis:
    synthesis = worked.synthesis()
    write(worked, synthesis)
    return synthesis


@pytest.fixture
def publish(worked: World) -> Callable[[MonthlySynthesis], actions.Outcome]:
    def published(synthesis: MonthlySynthesis) -> actions.Outcome:
        by = worked.reader("coordination")
        if synthesis.is_draft:
            actions.validate(synthesis=synthesis, by=by, now=NOW)
        return actions.publish(synthesis=synthesis, by=by, now=NOW)

    return published
