"""Decisions, roadmap and news in an edition; nothing of another perimeter in its text or its data (R75)."""

import io
from datetime import date

import pypdf
import pytest

from governance.models import AgendaItem, Meeting
from reporting.periods import Period
from reporting.syntheses import edition
from reporting.syntheses.bodies import MOST_ROWS
from reporting.syntheses.document import Document, compose, figures_checksum, gather

from ...conftest import LONG, NOW
from ...pages import plain
from ...world import TODAY, World
from .conftest import write

FEBRUARY, YEAR = Period("mois", 2026, 2), Period("annee", 2026)
MARK = "Zyxmarque"


def point(world: World, *parties: str, **values: object) -> AgendaItem:
    meeting = world.held(day=date(2026, 2, 10), state="held")
    for party in parties:
        world.invitation(meeting, party)
    return world.item(meeting, **values)


def decided(world: World, item: AgendaItem, text: str, number: int) -> None:
    world.decision(item, text=text, is_internal=False, year=2026, number=number)


def document_of(world: World, who: str, period: Period = FEBRUARY) -> Document:
    return compose(gather(world.perimeters[who], period, TODAY))


def block(document: Document, key: str) -> dict:
    found = [one for one in document["blocks"] if one["key"] == key]
    return found[0] if found else {"parts": []}


def test_an_edition_tells_what_its_party_was_asked_to(worked: World) -> None:
    item = point(worked, "town-a")
    decided(worked, item, "Repeindre le hall", 4)
    worked.action(item, "town-a", text="Chiffrer la peinture", due_on=date(2026, 3, 1))
    worked.action(item, "town-a", text="Encore secret", is_internal=True)
    parts = block(document_of(worked, "town-a"), "decisions")["parts"]
    assert [part["name"] for part in parts] == ["Décisions", "Actions décidées"]
    assert [cell["text"] for cell in parts[0]["rows"][0]][:2] == ["Repeindre le hall", "2026-4"]
    assert len(parts[1]["rows"]) == 1
    assert parts[1]["rows"][0][3]["text"] == "En retard"
    assert not block(document_of(worked, "town-b"), "decisions")["parts"]
    assert not block(document_of(worked, "town-a", FEBRUARY.previous), "decisions")["parts"]


def test_a_confidential_point_is_in_no_edition(worked: World) -> None:
    decided(worked, point(worked, "town-a", is_confidential=True), "Tu", 1)
    for who in worked.perimeters:
        assert not block(document_of(worked, who), "decisions")["parts"]


def test_many_decisions_are_cut_short_and_said(worked: World) -> None:
    item = point(worked, "town-a")
    for number in range(1, 14):
        decided(worked, item, f"Décision numéro {number}", number)
    parts = block(document_of(worked, "town-a"), "decisions")["parts"]
    assert len(parts[0]["rows"]) == MOST_ROWS["mois"]
    assert parts[1]["text"].replace("\u00a0", " ") == "Et 5 autres."


def test_the_roadmap_says_how_many_of_how_many(worked: World) -> None:
    roadmap = worked.roadmap(month=2, is_internal=False)
    worked.planned_action(roadmap, state="done")
    worked.planned_action(roadmap, title="Une autre")
    worked.planned_action(roadmap, title="Laissée", state="dropped", reason="Salle fermée")
    worked.planned_action(roadmap, title="Ailleurs", place=worked.places["hall-b"])
    _, part = block(document_of(worked, "town-a"), "indicateurs")["parts"]
    assert "1 action réalisée sur 2" in part["caption"].replace("\u00a0", " ")
    assert {row[0]["text"] for row in part["rows"]} == {"Café des voisins", "Une autre", "Laissée"}


def test_what_goes_on_by_itself_does_not_undo_a_validation(worked: World) -> None:
    item = point(worked, "town-a")
    action = worked.action(item, "town-a")
    before = figures_checksum(document_of(worked, "town-a"))
    action.text = "Dit autrement"
    action.save()
    assert figures_checksum(document_of(worked, "town-a")) == before


@pytest.mark.parametrize("period", [FEBRUARY, YEAR], ids=["month", "year"])
def test_nothing_planted_elsewhere_is_in_an_editions_file(worked: World, period: Period) -> None:
    """Markers in every text of town B's places; what town A's file holds, text and data, is searched."""
    place = worked.places["hall-b"]
    place.name = f"{MARK} lieu"
    place.save()
    worked.activity("hall-b", day=date(2026, 2, 9), summary=f"{MARK} résumé", internal_note=MARK)
    worked.sent(
        "hall-b", to="town-b", title=f"{MARK} signalement", sent_at="2026-02-03 09:00+00:00"
    )
    worked.news("hall-b", "town-b", title=f"{MARK} info", starts=date(2026, 2, 1))
    worked.planned_action(
        worked.roadmap(month=2, is_internal=False), title=f"{MARK} plan", place=place
    )
    item = point(worked, "town-b")
    decided(worked, item, f"{MARK} décision", 1)
    worked.action(item, "town-b", text=f"{MARK} action")
    # The one meeting both were asked to names the place.
    decided(worked, point(worked, "town-a", "town-b"), f"Refaire {place.name}", 2)
    advice = worked.recommendation("town-b", title=f"{MARK} conseil", issued_on=date(2026, 2, 5))
    advice.places.add(place)
    texts = {who: _all_text(worked, who, period) for who in ("town-a", "town-b")}
    assert MARK not in texts["town-a"]
    assert texts["town-b"].count(MARK) > 4, "the markers are worth something"


def _all_text(world: World, who: str, period: Period) -> str:
    made = edition.Synthesis(document_of(world, who, period), NOW, 1)
    reader = pypdf.PdfReader(io.BytesIO(edition.to_pdf(made)))
    pages = " ".join(page.extract_text() for page in reader.pages)
    data = [content.decode() for files in reader.attachments.values() for content in files]
    assert len(data) == 2
    return " ".join([pages, *data])


# --- To an agenda ---------------------------------------------------------------------------------
def test_what_is_published_goes_to_the_next_agenda_in_one_tap(
    worked: World, written, publish, plain_paper, sign_in
) -> None:
    meeting = worked.meeting("convened")
    client = sign_in(worked, "coordination")
    publish(written)
    assert "À l’ordre du jour" in plain(client.get("/syntheses/2026-02/"))
    answer = client.post("/syntheses/2026-02/ordre-du-jour/")
    assert answer.url == f"/comites/seances/{meeting.pk}/ordre-du-jour/"
    client.post("/syntheses/2026-02/ordre-du-jour/")
    assert AgendaItem.objects.filter(meeting=meeting, source=f"synthese:{written.pk}").count() == 1
    assert "ce document est à l’ordre du jour" in plain(client.get("/syntheses/2026-02/"))


def test_recommendations_propose_themselves_until_they_are_done(worked: World, sign_in) -> None:
    meeting: Meeting = worked.meeting("convened")
    worked.recommendation("town-a", title="Éclairer mieux")
    worked.recommendation("town-a", title="C’est fait", state="faite", answered_on=TODAY)
    client = sign_in(worked, "coordination")
    page = plain(client.get(f"/comites/seances/{meeting.pk}/ordre-du-jour/"))
    assert "Préconisation : Éclairer mieux" in page
    assert "C’est fait" not in page


@pytest.mark.skipif(not LONG, reason="a minute of drawing")
def test_a_table_of_3000_rows_and_hostile_texts_are_laid_out(worked: World) -> None:
    """What the issue calls bad input, all in one file: it is drawn, and archivable (checked by the pages)."""
    synthesis = worked.synthesis()
    write(worked, synthesis)
    document = document_of(worked, "town-a")
    document["title"] = "T" * 150 + " " + "mot " * 38
    document["blocks"][1]["text"] = ["M" * 150, "Le feu 🔥 est éteint.", "12 rue " + "longue " * 36]
    table = document["blocks"][1]["parts"][0]
    table["rows"] = [table["rows"][0]] * 3000
    made = edition.Synthesis(document, NOW, 1)
    reader = pypdf.PdfReader(io.BytesIO(edition.to_pdf(made)))
    assert len(reader.pages) > 60
    first = reader.pages[0].extract_text()
    assert "L’essentiel" in first
