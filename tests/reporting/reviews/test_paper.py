"""A bilan on paper: archivable, and what its page says, for a year of work, a little, none, and the first."""

import io
from collections.abc import Callable
from datetime import date

import pypdf
import pytest

from reporting.models import MonthlySynthesis
from reporting.periods import Period
from reporting.syntheses import actions, edition, texts
from reporting.syntheses.document import Document, compose, gather

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World
from ..syntheses.conftest import write
from ..syntheses.paper import assert_archivable, assert_says_the_same

YEAR = Period("annee", 2025)


def rich(world: World) -> None:
    first(world)
    for month in range(1, 13):
        for n in range(6):
            world.activity("hall-a", day=date(2024, month, 2 + n), theme=world.themes[n % 3])
    meeting = world.held(day=date(2025, 5, 12), state="held")
    world.invitation(meeting, "town-a")
    item = world.item(meeting)
    for n in range(25):
        world.decision(item, text=f"Décidé {n}", is_internal=False, year=2025, number=n + 1)
        world.action(item, "town-a", text=f"À faire {n}", due_on=date(2025, 9, 1))
    world.planned_action(world.roadmap(year=2025, is_internal=False), state="done")
    for n in range(5):
        world.sent("hall-a", title=f"Panne {n}", sent_at=f"2025-03-{1 + n:02d} 09:00+00:00")
    world.recommendation("town-a", issued_on=date(2025, 6, 2))


def poor(world: World) -> None:
    for n in range(3):
        world.activity("hall-a", day=date(2025, 2, 3 + n), theme=world.themes[0])


def first(world: World) -> None:
    for month in range(1, 13):
        for n in range(6):
            activity = world.activity(
                ("hall-a", "cote-a")[n % 2], day=date(2025, month, 2 + n),
                type=("PAP", "CONF", "PROJ")[n % 3], theme=world.themes[n % 3],
                objective=world.objectives[n % 2], minutes=60,
            )  # fmt: skip
            world.counted(activity, n % 2, 4)


KINDS: dict[str, Callable[[World], None]] = {
    "rich": rich, "poor": poor, "empty": lambda world: None, "first": first,
}  # fmt: skip


def drawn(world: World, kind: str) -> tuple[MonthlySynthesis, Document, bytes]:
    KINDS[kind](world)
    row, _ = actions.prepare(
        programme=world.programme, period=YEAR, by=world.reader("coordination"), today=TODAY
    )
    write(world, row, logements="1 240", titre="Une année de présence", activites="Soutenu. " * 90)
    matter = gather(world.perimeters["town-a"], YEAR, TODAY, row)
    document = compose(matter, texts.Texts.of(row))
    return row, document, edition.to_pdf(edition.Synthesis(document, NOW, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_archivable_accessible_and_says_what_the_page_says(
    world: World, sign_in, kind: str
) -> None:
    row, document, content = drawn(world, kind)
    assert_archivable(content)
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert reader.metadata
    assert "Bilan annuel de l’année 2025" in str(reader.metadata.title)
    assert set(reader.attachments) == {"bilan-town-a-2025.csv", "bilan-town-a-2025.json"}
    kept = world.edition(synthesis=row, document=document, pdf=content)
    page = text_of(sign_in(world, "town-a").get(f"/syntheses/editions/{kept.pk}/"))
    assert_says_the_same(page, content, "Périmètre town-a essai – Partie town-a essai · Année 2025")
