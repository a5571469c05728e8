"""Invented meetings for the demonstration: fourteen months of comités de suivi, one in six days, and a
date to be found. Nobody is in them but functions."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from post_office.models import STATUS, Email

from governance.base import thawed
from governance.meetings.emails import Letter, queue_letters
from governance.meetings.emails import remove_mails as remove_meeting_mails
from governance.meetings.invitees import invite_seats
from governance.meetings.rhythm import working_day
from governance.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Committee,
    Decision,
    Invitation,
    InvitationAnswer,
    ItemOutcome,
    MailKind,
    Meeting,
    MeetingKind,
    MeetingState,
    Minutes,
    Programme,
    Seat,
    Slot,
    SlotAnswer,
)
from humanicite.lib.dates import add_working_days, is_day_off

MONTHS = 14
WEEK, WEEKDAY = 3, 1  # the third Tuesday
AFTERNOON = (time(14, 0), time(16, 0))
VENUE = "Salle de réunion des Ateliers"
NEXT = 6  # days ahead
AUGUST = 8
POINTS = (
    ("Bilan des activités du mois", 20),
    ("Signalements en attente", 25),
    ("Propreté et encombrants", 15),
    ("Présence en soirée", 15),
    ("Préparation de la fête du quartier", 20),
    ("Éclairage de l’allée nord", 15),
    ("Accueil des nouveaux habitants", 15),
    ("Stationnement aux abords de l’hôpital", 20),
)
LEFT = (
    ("Éclairage de l’allée nord", 15, ItemOutcome.CARRIED),
    ("Règlement des jardins partagés", 15, ItemOutcome.NOT_REACHED),
)
NEW = (("Bilan des activités du mois", 20, False), ("Occupation d’un hall en soirée", 20, True))


def make_meetings(programme: Programme, today: date) -> None:
    """Past ones are held, with who came; the last one left two points, which the next takes over."""
    committees = {row.slug: row for row in Committee.objects.of_programme(programme.pk)}
    body = committees["suivi"]
    next_day = today + timedelta(days=NEXT)
    while is_day_off(next_day):
        next_day += timedelta(days=1)
    held = [_hold(body, day, number) for number, day in enumerate(_past_days(today, next_day))]
    for rank, (title, minutes, outcome) in enumerate(LEFT, 4):
        _item(held[-1], rank, title, minutes, outcome=outcome)
    _convene(body, next_day, held[-1], today)
    _steer(committees["pilotage"], today)


def _past_days(today: date, next_day: date) -> list[date]:
    """The third Tuesday of each month, none in August, nor in the month that has the next one."""
    found = []
    year, month = today.year, today.month
    for _ in range(MONTHS):
        day = working_day(year, month, WEEK, WEEKDAY)
        is_next = (year, month) == (next_day.year, next_day.month)
        if day < today and month != AUGUST and not is_next:
            found.append(day)
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
    return found[::-1]


def _make(body: Committee, day: date, state: str, **values: object) -> Meeting:
    starts_at, ends_at = AFTERNOON
    given = {
        "committee": body,
        "day": day,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "venue": VENUE,
        "state": state,
    }
    meeting = Meeting(**(given | values))
    meeting.full_clean()
    row: Any = meeting
    row._history_date = _at(day - timedelta(days=10), 10)
    row.save()
    invite_seats(meeting)
    return meeting


def _item(meeting: Meeting, rank: int, title: str, minutes: int, **values: object) -> AgendaItem:
    item = AgendaItem(meeting=meeting, rank=rank, title=title, minutes=minutes, **values)
    item.full_clean()
    item.save()
    return item


def _hold(body: Committee, day: date, number: int) -> Meeting:
    """Three points, and each seat present but one, in turn."""
    meeting = _make(body, day, MeetingState.HELD, convened_at=_at(day - timedelta(days=8), 9))
    for rank in range(3):
        title, minutes = (
            POINTS[0] if rank == 0 else POINTS[1 + (number * 2 + rank) % (len(POINTS) - 1)]
        )
        _item(meeting, rank + 1, title, minutes, outcome=ItemOutcome.TREATED)
    rows = list(meeting.invitations.all())
    for place, row in enumerate(rows):
        away = place == number % len(rows)
        row.answer = InvitationAnswer.EXCUSED if away else InvitationAnswer.PRESENT
        row.attendance = Attendance.EXCUSED if away else Attendance.PRESENT
        row.answered_at = _at(day - timedelta(days=5), 11)
        row.sent_sequence = 0
    Invitation.objects.bulk_update(rows, ["answer", "attendance", "answered_at", "sent_sequence"])
    return meeting


def _convene(body: Committee, day: date, last: Meeting, today: date) -> None:
    """In six days, convened: two points taken over, two new ones, a guest, and some answers."""
    sent_at = _at(today - timedelta(days=4), 9)
    meeting = _make(body, day, MeetingState.CONVENED, convened_at=sent_at)
    rank = 0
    for old in AgendaItem.objects.filter(meeting=last).exclude(outcome=ItemOutcome.TREATED):
        rank += 1
        source = f"point:{old.pk}"
        _item(meeting, rank, old.title, old.minutes or 10, source=source, carried_from=old)
    for title, minutes, is_confidential in NEW:
        rank += 1
        _item(meeting, rank, title, minutes, is_confidential=is_confidential)
    guest = Invitation(
        meeting=meeting,
        seat=Seat.objects.filter(committee=body, on_agenda=True, label="Bailleurs").first(),
        function="Responsable d’agence",
        organisation="Bailleurs",
        email="bailleur@example.org",
        is_guest=True,
    )
    guest.full_clean()
    guest.save()
    rows = list(meeting.invitations.all())
    for row in rows:
        row.meeting = meeting
    _as_sent([Letter(row, MailKind.CONVOCATION) for row in rows], sent_at)
    said = (InvitationAnswer.PRESENT, InvitationAnswer.EXCUSED, InvitationAnswer.REPRESENTED)
    for row, answer in zip([row for row in rows if row.email], said, strict=False):
        row.answer, row.answered_at = answer, _at(today - timedelta(days=2), 15)
        row.represented_by = "Adjoint" if answer == InvitationAnswer.REPRESENTED else ""
        row.save()
    meeting.invitations.exclude(email="").update(sent_sequence=0)


def _steer(body: Committee, today: date) -> None:
    """The launch and the middle of the year where they are past, and the review, to be dated."""
    for kind, day in (
        (MeetingKind.LAUNCH, date(today.year, 1, 20)),
        (MeetingKind.MIDTERM, date(today.year, 6, 16)),
    ):
        while is_day_off(day):
            day += timedelta(days=1)
        if day < today:
            meeting = _make(body, day, MeetingState.HELD, kind=kind)
            _item(meeting, 1, "Objectifs et indicateurs", 45, outcome=ItemOutcome.TREATED)
    day = add_working_days(today, 12)
    meeting = _make(
        body, day, MeetingState.POLL, kind=MeetingKind.YEARLY, starts_at=time(10), ends_at=time(12)
    )
    slots = [
        Slot.objects.create(
            meeting=meeting, day=add_working_days(day, later), starts_at=time(10), ends_at=time(12)
        )
        for later in (0, 1, 3)
    ]
    rows = list(meeting.invitations.exclude(email=""))
    for row in rows:
        row.meeting = meeting
    _as_sent([Letter(row, MailKind.SLOTS) for row in rows], _at(today - timedelta(days=1), 9))
    for number, row in enumerate(rows[:3]):
        for place, slot in enumerate(slots):
            suits = place == 1 or place == number
            SlotAnswer.objects.create(slot=slot, invitation=row, suits=suits)


def _as_sent(letters: list[Letter], at: datetime) -> None:
    """In the mailbox of the demonstration as if they had left then; nothing leaves."""
    emails = queue_letters(letters, now=at, not_before=at)
    keys = [email.pk for email in emails]
    Email.objects.filter(pk__in=keys).update(status=STATUS.sent, created=at, last_updated=at)


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def remove_meetings(programme: Programme) -> None:
    """Before the programme, whose bodies they keep; their history goes too."""
    remove_meeting_mails(programme)
    with thawed():
        _remove_rows(programme)


def _remove_rows(programme: Programme) -> None:
    meetings = list(Meeting.objects.of_programme(programme.pk).values_list("pk", flat=True))
    items = list(AgendaItem.objects.filter(meeting__in=meetings).values_list("pk", flat=True))
    for model in (ActionItem, Decision):
        model.objects.filter(item__in=items).delete()
        model.history.filter(item_id__in=items).delete()
    Minutes.objects.filter(meeting__in=meetings).delete()
    Meeting.objects.filter(pk__in=meetings).delete()
    AgendaItem.history.filter(id__in=items).delete()
    Meeting.history.filter(id__in=meetings).delete()
