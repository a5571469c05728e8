"""The convocation as a real server receives it, its updates and its cancellation, as calendars read
them."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from governance.meetings.actions.convening import cancel_meeting, convene
from governance.meetings.actions.drafts import change_meeting
from governance.models import Meeting, MeetingState
from humanicite.lib.mail.sending import send_due
from humanicite.lib.writes import Conflict
from tests.conftest import NOW
from tests.world import World

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture(autouse=True)
def replies(settings: Any) -> None:
    settings.REPLY_ADDRESS = "reponses@example.org"


def convened(world: World, capture: Any) -> Meeting:
    meeting = world.meeting()
    world.item(meeting)
    with capture(execute=True):
        return convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)


def to_town(smtp: Any, number: int = 0) -> Any:
    mails = [smtp.read(index) for index in range(len(smtp.messages))]
    return [mail for mail in mails if mail["To"] == "contact-town-a-essai@example.org"][number]


def event_of(message: Any) -> tuple[str, Any]:
    """METHOD and event of the form of the text that calendars look for."""
    part = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
    assert part.get_content_disposition() != "attachment"
    calendar = Calendar.from_ical(part.get_content())
    assert part.get_param("method") == calendar["METHOD"]
    return str(calendar["METHOD"]), calendar.walk("VEVENT")[0]


def test_the_convocation_arrives(world, smtp, django_capture_on_commit_callbacks) -> None:
    meeting = convened(world, django_capture_on_commit_callbacks)
    assert len(smtp.messages) == 2
    mail = to_town(smtp)  # the owners, who have no contact, by their account
    kinds = [part.get_content_type() for part in mail.walk() if not part.is_multipart()]
    assert kinds[:3] == ["text/plain", "text/html", "text/calendar"]
    assert sorted(kinds[3:]) == ["application/ics", "application/pdf"]
    method, event = event_of(mail)
    assert (method, int(event["SEQUENCE"]), event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event["UID"] == f"seance-{meeting.uid.hex}@humanicite"
    assert event.decoded("DTSTART") == datetime(2026, 3, 30, 14, tzinfo=PARIS)
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"
    assert event["ORGANIZER"].startswith("mailto:reponses+s")
    assert event["ATTENDEE"] == "mailto:contact-town-a-essai@example.org"
    assert event["ATTENDEE"].params["RSVP"] == "TRUE"
    text = mail.get_body(("plain",)).get_content()
    assert "Bilan du mois" in text
    assert "/seance/" in text
    assert (
        "au titre de : Représentant, town-a. L’ordre du jour est joint, en PDF. Vous"
        in " ".join(text.replace("\u00a0", " ").split())
    )


def test_pressed_twice_it_leaves_once(world, smtp, django_capture_on_commit_callbacks) -> None:
    meeting = convened(world, django_capture_on_commit_callbacks)
    with pytest.raises(Conflict):
        convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)
    assert len(smtp.messages) == 2


def test_changes_made_close_together_are_one_mail(
    world, smtp, clock, django_capture_on_commit_callbacks
) -> None:
    meeting = convened(world, django_capture_on_commit_callbacks)
    by = world.reader("coordination")
    meeting.invitations.update(answer="present", answered_at=NOW)
    for minute, values in enumerate(({"venue": "Mairie"}, {"starts_at": time(15)})):
        meeting = Meeting.objects.get(pk=meeting.pk)
        for name, value in values.items():
            setattr(meeting, name, value)
        with django_capture_on_commit_callbacks(execute=True):
            change_meeting(
                meeting=meeting, read_version=meeting.version, fields=list(values), notify=True,
                by=by, now=NOW + timedelta(minutes=minute),
            )  # fmt: skip
    assert len(smtp.messages) == 2, "it waits"
    clock(NOW + timedelta(minutes=10))
    send_due()
    assert len(smtp.messages) == 4
    method, event = event_of(to_town(smtp, 1))
    assert (method, int(event["SEQUENCE"])) == ("REQUEST", 2)
    assert event.decoded("DTSTART") == datetime(2026, 3, 30, 15, tzinfo=PARIS)
    text = to_town(smtp, 1).get_body(("plain",)).get_content()
    assert "Lieu : Salle des Ateliers → Mairie" in text.replace("\u00a0", " ")
    assert "14:00 à 16:00 → 15:00 à 16:00" in text
    meeting.refresh_from_db()
    assert meeting.asked_sequence == 2
    assert not meeting.invitations.exclude(answer="").exists(), "other hours ask anew"


def test_saved_without_telling_nothing_leaves(
    world, smtp, clock, django_capture_on_commit_callbacks
) -> None:
    meeting = convened(world, django_capture_on_commit_callbacks)
    meeting.venue = "Mairie"
    change_meeting(
        meeting=meeting, read_version=meeting.version, fields=["venue"], notify=False,
        by=world.reader("coordination"), now=NOW,
    )  # fmt: skip
    clock(NOW + timedelta(minutes=10))
    send_due()
    assert len(smtp.messages) == 2


def test_a_cancellation_goes_at_once_and_replaces_what_was_held(
    world, smtp, clock, django_capture_on_commit_callbacks
) -> None:
    meeting = convened(world, django_capture_on_commit_callbacks)
    by = world.reader("coordination")
    meeting.venue = "Mairie"
    with django_capture_on_commit_callbacks(execute=True):
        change_meeting(
            meeting=meeting, read_version=meeting.version, fields=["venue"], notify=True, by=by,
            now=NOW,
        )  # fmt: skip
        meeting = Meeting.objects.get(pk=meeting.pk)
        cancel_meeting(
            meeting=meeting, read_version=meeting.version, reason="Salle inondée", by=by, now=NOW
        )
    clock(NOW + timedelta(minutes=10))
    send_due()
    assert len(smtp.messages) == 4
    method, event = event_of(to_town(smtp, 1))
    assert (method, event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert int(event["SEQUENCE"]) == 2
    assert event["UID"] == f"seance-{meeting.uid.hex}@humanicite"
    assert "Salle inondée" in to_town(smtp, 1).get_body(("plain",)).get_content()
    meeting.refresh_from_db()
    assert meeting.state == MeetingState.CANCELLED


def test_a_guest_does_not_read_what_is_confidential(
    world, smtp, django_capture_on_commit_callbacks
) -> None:
    meeting = world.meeting()
    world.item(meeting)
    world.item(meeting, title="Point-secret", is_confidential=True, rank=2)
    world.guest(meeting)
    with django_capture_on_commit_callbacks(execute=True):
        convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)
    mails = [smtp.read(index) for index in range(len(smtp.messages))]
    by_address = {mail["To"]: mail for mail in mails}
    guest, member = (
        by_address[address].get_body(("plain",)).get_content()
        for address in ("ateliers-essai@example.org", "contact-town-a-essai@example.org")
    )
    assert "Point-secret" in member
    assert "Point-secret" not in guest
    assert "Bilan du mois" in guest


def test_a_past_one_is_not_convened(world, smtp) -> None:
    meeting = world.meeting(day=date(2026, 3, 1))
    with pytest.raises(Exception, match="passée"):
        convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)
    assert smtp.messages == []
