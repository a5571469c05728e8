"""A meeting as an iCalendar event, and what a calendar answers (RFC 5545, RFC 5546)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from icalendar import Calendar, Component, Event, vCalAddress, vText

from humanicite.lib.dates import NBSP

from .links import reply_address
from .models import Invitation, InvitationAnswer, Meeting

PRODUCT = "-//Humanicité//Séances//FR"
LONGEST = 200_000  # characters of a calendar that is read
# The rule of the European Union since 1996; programs of calendars know no name without it.
PARIS = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:STANDARD
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:CET
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:CEST
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE
"""
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
ANSWERS = {
    "ACCEPTED": InvitationAnswer.PRESENT,
    "DECLINED": InvitationAnswer.EXCUSED,
    "DELEGATED": InvitationAnswer.REPRESENTED,
}
PARTSTATS = {
    InvitationAnswer.NONE: "NEEDS-ACTION",
    InvitationAnswer.PRESENT: "ACCEPTED",
    InvitationAnswer.EXCUSED: "DECLINED",
    InvitationAnswer.REPRESENTED: "DELEGATED",
}


def invitation_file(meeting: Meeting, invitation: Invitation, *, now: datetime, url: str) -> bytes:
    """What goes with a mail: a request, or a cancellation of the same UID."""
    calendar = _calendar(CANCEL if meeting.is_cancelled else REQUEST)
    event = _event(meeting, now, url)
    organizer = vCalAddress(
        f"mailto:{reply_address(invitation) or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
    )
    organizer.params["CN"] = vText(meeting.committee.programme.name)
    event["ORGANIZER"] = organizer
    attendee = vCalAddress(f"mailto:{invitation.email}")
    attendee.params["CN"] = vText(invitation.function)
    attendee.params["ROLE"] = vText("OPT-PARTICIPANT" if invitation.is_guest else "REQ-PARTICIPANT")
    attendee.params["PARTSTAT"] = vText(PARTSTATS[InvitationAnswer(invitation.answer)])
    attendee.params["RSVP"] = vText("TRUE")
    event.add("ATTENDEE", attendee, encode=False)
    return _written(calendar, [event])


def meeting_file(meeting: Meeting, *, now: datetime, url: str) -> bytes:
    """For who adds it to a calendar by hand: nothing to answer."""
    return _written(_calendar(PUBLISH), [_event(meeting, now, url)])


def feed(meetings: Iterable[tuple[Meeting, str]], name: str, *, now: datetime) -> bytes:
    """Of (meeting, address of its page): what a calendar subscribes to."""
    calendar = _calendar(PUBLISH)
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL", "PT4H", {"VALUE": "DURATION"}, encode=False)
    return _written(calendar, [_event(meeting, now, url) for meeting, url in meetings])


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _event(meeting: Meeting, now: datetime, url: str) -> Event:
    event = Event()
    event.add("UID", event_uid(meeting))
    event.add("SEQUENCE", meeting.sequence)
    event.add("DTSTAMP", now)
    event.add("DTSTART", meeting.begins())
    event.add("DTEND", meeting.finishes())
    cancelled = f"[ANNULÉ] {meeting.name}" if meeting.is_cancelled else meeting.name
    event.add("SUMMARY", cancelled)
    event.add("STATUS", "CANCELLED" if meeting.is_cancelled else "CONFIRMED")
    if where := meeting.venue or meeting.link:
        event.add("LOCATION", where)
    event.add("DESCRIPTION", description(meeting, url))
    event.add("URL", url)
    return event


def description(meeting: Meeting, url: str) -> str:
    lines = [meeting.committee.name]
    if meeting.is_cancelled:
        lines.append(f"Séance annulée{NBSP}: {meeting.cancel_reason}")
    if meeting.link:
        lines.append(f"Visioconférence{NBSP}: {meeting.link}")
    lines.append(f"Ordre du jour et réponse{NBSP}: {url}")
    return "\n".join(lines)


def event_uid(meeting: Meeting) -> str:
    """One for life, whatever changes."""
    return f"seance-{meeting.uid.hex}@humanicite"


def _written(calendar: Calendar, events: list[Event]) -> bytes:
    calendar.add_component(Component.from_ical(PARIS))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


# --- What a calendar answers ----------------------------------------------------------------------
@dataclass(frozen=True)
class CalendarReply:
    """A METHOD=REPLY: which event, who, and what (RFC 5546, 3.2.3)."""

    uid: str
    attendee: str
    answer: InvitationAnswer
    sequence: int
    delegate: str = ""


def reply_in(text: str) -> CalendarReply | None:
    """The answer that a calendar's text holds; None for anything else, or one that says neither yes
    nor no. Nothing a text can hold makes it fail."""
    if "REPLY" not in text[:LONGEST].upper() or len(text) > LONGEST:
        return None
    try:
        calendar = Calendar.from_ical(text)
        if str(calendar.get("METHOD", "")).upper() != "REPLY":
            return None
        event = calendar.walk("VEVENT")[0]
        attendee = event["ATTENDEE"]
        attendee = attendee[0] if isinstance(attendee, list) else attendee
        answer = ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper())
        if answer is None:
            return None
        return CalendarReply(
            uid=str(event["UID"]),
            attendee=_address(attendee),
            answer=answer,
            sequence=int(event.get("SEQUENCE", 0)),
            delegate=_address(attendee.params.get("DELEGATED-TO", "")),
        )
    except Exception:
        # What a stranger sends is not ours to mend.
        return None


def _address(value: object) -> str:
    text = str(value[0] if isinstance(value, list | tuple) and value else value)
    return text.lower().removeprefix("mailto:").strip()[:254]
