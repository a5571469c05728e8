"""Mails about a meeting: one an invitation, with the agenda as PDF and an invitation that calendars
read. Call within the transaction that is their cause."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from post_office.models import Attachment, Email

from governance.parties.models import Programme
from humanicite.lib.dates import NBSP, long_day
from humanicite.lib.files import remove_file
from humanicite.lib.mail import outbox, verdicts

from .calendar import invitation_file
from .deliveries import list_id
from .links import link_token, reply_address
from .models import Invitation, MailKind, Meeting, MeetingMail
from .papers import items_of

HOLD = timedelta(minutes=5)  # for which a change waits for the next one
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"


@dataclass
class Letter:
    """What the mail's templates show. `changes` are (what, before, now)."""

    invitation: Invitation
    kind: str
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    asks_again: bool = False
    has_pdf: bool = False

    @property
    def meeting(self) -> Meeting:
        return self.invitation.meeting

    @property
    def reader(self) -> str:
        row = self.invitation
        return f"{row.function}, {row.party or row.organisation}"

    @cached_property
    def items(self) -> list[Any]:
        return items_of(self.meeting, for_guest=self.invitation.is_guest)

    @property
    def slots(self) -> list[object]:
        return list(self.meeting.slots.all())

    @property
    def link(self) -> str:
        return link(self.invitation)

    @property
    def is_update(self) -> bool:
        return self.kind == MailKind.UPDATE

    @property
    def is_cancellation(self) -> bool:
        return self.kind == MailKind.CANCELLATION

    @property
    def is_poll(self) -> bool:
        return self.kind == MailKind.SLOTS

    @property
    def takes_replies(self) -> bool:
        return bool(settings.REPLY_ADDRESS)

    @property
    def subject(self) -> str:
        meeting = self.meeting
        day = f"{long_day(meeting.day)} à {meeting.starts_at:%H:%M}"
        return {
            MailKind.CONVOCATION: f"{meeting.name}{NBSP}: convocation, {day}",
            MailKind.UPDATE: f"Modification, {meeting.name}, {day}",
            MailKind.CANCELLATION: f"Annulation, {meeting.name}, {day}",
            MailKind.SLOTS: f"{meeting.name}{NBSP}: quelle date vous convient{NBSP}?",
        }[MailKind(self.kind)]


def link(invitation: Invitation) -> str:
    path = reverse("meeting_invited", kwargs={"token": link_token(invitation)})
    return f"{settings.SITE_URL}{path}"


# --- What was told --------------------------------------------------------------------------------
def said_of(meeting: Meeting, *, for_guest: bool) -> dict[str, object]:
    """What a mail tells of a meeting, to be compared with what the next one would."""
    return {
        "day": meeting.day.isoformat(),
        "hours": f"{meeting.starts_at:%H:%M} à {meeting.ends_at:%H:%M}",
        "title": meeting.name,
        "venue": meeting.venue,
        "link": meeting.link,
        "message": meeting.message,
        "agenda": [item.title for item in items_of(meeting, for_guest=for_guest)],
    }


LABELS = {
    "day": "Date",
    "hours": "Horaires",
    "title": "Objet",
    "venue": "Lieu",
    "link": "Visioconférence",
    "message": "Mot d’accompagnement",
    "agenda": "Ordre du jour",
}


def changes_between(before: dict[str, Any], now: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(what, as it was told, as it is); of the agenda, what came and what went."""
    found = []
    for name, label in LABELS.items():
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        if name == "agenda":
            gone = [title for title in old or [] if title not in (new or [])]
            come = [title for title in new or [] if title not in (old or [])]
            if not gone and not come:
                found.append((label, "", "l’ordre des points a changé"))
            else:
                found.append((label, " ; ".join(gone), " ; ".join(come)))
        else:
            found.append((label, _shown(name, old), _shown(name, new)))
    return found


def _shown(name: str, value: Any) -> str:
    if name == "day" and value:
        return long_day(datetime.fromisoformat(value).date())
    return str(value or "")


def told(meeting: Meeting) -> dict[int, dict[str, object]]:
    """By invitation, what its last mail told of the meeting, of those that asked to it; one query."""
    rows = MeetingMail.objects.filter(
        invitation__meeting=meeting, kind__in=(MailKind.CONVOCATION, MailKind.UPDATE)
    )
    return dict(rows.order_by("queued_at", "pk").values_list("invitation", "said"))


# --- Queueing -------------------------------------------------------------------------------------
def queue_letters(
    letters: Sequence[Letter],
    *,
    now: datetime,
    files: dict[bool, list[Attachment]] | None = None,
    not_before: datetime | None = None,
) -> list[Email]:
    """A mail an invitation that has an address; the others are left out, and told on the page."""
    letters = [letter for letter in letters if letter.invitation.email]
    emails = outbox.queue([_mail(letter, now, files or {}, not_before) for letter in letters])
    said = {
        is_guest: said_of(letters[0].meeting, for_guest=is_guest)
        for is_guest in {letter.invitation.is_guest for letter in letters}
    }
    MeetingMail.objects.bulk_create(
        MeetingMail(
            invitation=letter.invitation,
            kind=letter.kind,
            email=email,
            message_id=email.message_id or "",
            sequence=letter.meeting.sequence,
            said=said[letter.invitation.is_guest],
            queued_at=now,
        )
        for letter, email in zip(letters, emails, strict=True)
    )
    return emails


def _mail(
    letter: Letter,
    now: datetime,
    files: dict[bool, list[Attachment]],
    not_before: datetime | None,
) -> outbox.Mail:
    invitation, meeting = letter.invitation, letter.meeting
    mine = list(files.get(invitation.is_guest, []))
    letter.has_pdf = bool(mine)
    if not letter.is_poll:
        content = invitation_file(meeting, invitation, now=now, url=letter.link)
        method = "CANCEL" if letter.is_cancellation else "REQUEST"
        mine.append(outbox.attachment("invitation.ics", content, f"text/calendar; method={method}"))
    context = {"letter": letter, "subject": letter.subject}
    text = render_to_string("meetings/emails/meeting.txt", context)
    return outbox.Mail(
        to=invitation.email,
        subject=letter.subject,
        text=re.sub(r"\n{3,}", "\n\n", text).strip() + "\n",
        html=render_to_string("meetings/emails/meeting.html", context),
        message_id=f"<seance.{uuid.uuid4().hex}@{outbox.domain()}>",
        headers=_headers(invitation),
        attachments=mine,
        not_before=not_before,
    )


def _headers(invitation: Invitation) -> dict[str, str]:
    """A meeting's mails make one thread, and no absence answers them."""
    meeting = invitation.meeting
    headers = {
        "List-Id": list_id(meeting.committee.programme),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESSED,
        "References": f"<seance.{meeting.uid.hex}@{outbox.domain()}>",
    }
    if address := reply_address(invitation):
        headers["Reply-To"] = address
    return headers


def withdraw_held(meeting: Meeting, *, now: datetime) -> int:
    """Takes back the changes that still wait to be told: the next mail tells them too, or the
    cancellation. Call within a transaction; what is being sent at this moment leaves."""
    # A mail that is being sent was claimed for longer than that.
    held = Email.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        meeting_mails__invitation__meeting=meeting,
        meeting_mails__kind=MailKind.UPDATE,
        status__in=verdicts.WAITING,
        number_of_retries=None,
        scheduled_time__gt=now,
        scheduled_time__lte=now + HOLD,
    )
    keys = list(held.values_list("pk", flat=True))
    MeetingMail.objects.filter(email__in=keys).delete()
    files = list(Attachment.objects.filter(emails__in=keys).distinct())
    Email.objects.filter(pk__in=keys).delete()
    for file in files:
        if not file.emails.exists():
            remove_file(Attachment, file)
            file.delete()
    return len(keys)


def held_until(meeting: Meeting, now: datetime) -> datetime | None:
    """When the changes that wait are told; None where none waits."""
    row = (
        Email.objects.filter(
            meeting_mails__invitation__meeting=meeting,
            meeting_mails__kind=MailKind.UPDATE,
            status__in=verdicts.WAITING,
            scheduled_time__gt=now,
        )
        .order_by("-scheduled_time")
        .first()
    )
    return timezone.localtime(row.scheduled_time) if row else None


def remove_mails(programme: Programme) -> None:
    """What is left in post_office's tables of a programme's meetings, files included."""
    rows = Email.objects.filter(**{"headers__List-Id": list_id(programme)})
    for file in Attachment.objects.filter(emails__in=rows).distinct():
        remove_file(Attachment, file)
        file.delete()
    rows.delete()
