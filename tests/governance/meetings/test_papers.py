"""The agenda on paper: what it says, to whom, and that it is archivable and accessible."""

import io

import page as pdf_checker
import pypdf
import pytest

from governance.meetings.links import link_token
from governance.meetings.papers import agenda_pdf, draw, items_of


def words(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


@pytest.fixture
def meeting(world):
    meeting = world.meeting("convened", link="https://visio.example.org/salle", kind="ordinary")
    world.item(meeting, details="Les chiffres du mois\npar lieu", owner=world.parties["town-a"])
    world.item(meeting, title="Point-secret", is_confidential=True, rank=2)
    world.guest(meeting)
    return meeting


@pytest.mark.parametrize("has_points", [True, False])
def test_it_is_archivable_and_accessible(meeting, has_points) -> None:
    content = agenda_pdf(meeting, items_of(meeting) if has_points else [])
    for profile in (
        pdf_checker.ValidationProfile.PDF_A_3A,
        pdf_checker.ValidationProfile.PDF_UA_1,
    ):
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]


def test_guests_have_an_edition_of_their_own(meeting, client, sign_in, world) -> None:
    drawn = draw(meeting)
    members, guests = words(drawn.for_members), words(drawn.for_guests)
    assert "Point-secret" in members
    assert "Point-secret" not in guests
    assert "Bilan du mois" in guests
    assert "Salle des Ateliers" in guests
    guest = meeting.invitations.get(is_guest=True)
    by_link = client.get(f"/seance/{link_token(guest)}/ordre-du-jour/")
    by_account = sign_in(world, "invite").get(f"/comites/seances/{meeting.pk}/ordre-du-jour/pdf/")
    member = sign_in(world, "town-a").get(f"/comites/seances/{meeting.pk}/ordre-du-jour/pdf/")
    assert "Point-secret" not in words(by_link.content)
    assert "Point-secret" not in words(by_account.content)
    assert "Point-secret" in words(member.content)


def test_a_drawing_knows_that_the_agenda_changed(meeting, world) -> None:
    drawn = draw(meeting)
    assert drawn.is_of(meeting)
    world.item(meeting, title="Un point de plus", rank=3)
    assert not drawn.is_of(meeting)
