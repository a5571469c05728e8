"""Minutes on paper: in our look, tagged, archivable, without what is confidential where shared."""

import io
from typing import Any

import page as pdf_checker
import pypdf
import pytest

from governance.minutes.content import build, without_confidential
from governance.minutes.papers import draw, minutes_pdf

pytest.importorskip("weasyprint")


@pytest.fixture
def content(world, seance) -> dict[str, Any]:
    first, second = seance.items.all()
    first.notes, first.outcome = "Les lampes de l’allée nord sont anciennes.", "treated"
    second.outcome, second.is_confidential = "not_reached", True
    second.title = "Une situation délicate"
    first.save(), second.save()
    world.decision(first)
    world.action(first, is_internal=True)
    earlier = world.item(world.held(day="2026-02-02"), title="Un point d’avant")
    world.action(earlier, text="Relancer le syndic", due_on="2026-03-01")
    owners, town = seance.invitations.all()
    for row, state in ((owners, "present"), (town, "excused")):
        row.attendance = state
        row.save()
    return build(seance, {}) | {"version": 1}


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_prints_what_was_said_and_what_was_not_reached(content) -> None:
    said = text_of(minutes_pdf(content))
    for words in (
        "Les lampes de l’allée nord sont anciennes.", "Remplacer les lampes", "Relancer le syndic",
        "Non abordé", "Excusés : Fonction town-a essai", "Page 1 sur",
    ):  # fmt: skip
        assert words in said, words


@pytest.mark.parametrize(
    "profile", [pdf_checker.ValidationProfile.PDF_A_3A, pdf_checker.ValidationProfile.PDF_UA_1]
)
def test_it_is_tagged_and_archivable(content, profile) -> None:
    found = pdf_checker.validate_pdf_bytes(minutes_pdf(content), profile=profile)
    assert found.is_compliant, found


def test_the_edition_to_share_leaves_out_what_is_confidential(content) -> None:
    drawn = draw(content)
    assert drawn.shared is not None
    said = text_of(drawn.shared)
    assert "Une situation délicate" not in said
    assert "Point confidentiel" in said
    assert "édition à partager" in said
    assert "Une situation délicate" in text_of(drawn.whole)
    assert without_confidential(content)["items"][0]["notes"]
