"""Mails about minutes: to remark on, approved, corrected. Call within the transaction that is their
cause."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.template.loader import render_to_string
from django.urls import reverse
from post_office.models import Attachment

from governance.decisions.links import action_link
from governance.decisions.models import ActionItem
from governance.decisions.reach import addressee, reachable
from governance.meetings.deliveries import list_id
from governance.meetings.models import Invitation
from humanicite.lib.dates import NBSP, long_day
from humanicite.lib.mail import outbox
from humanicite.lib.mail.addresses import plain

from .links import minutes_link
from .models import Minutes

_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"


@dataclass
class Letter:
    """What the mail's templates show. `actions` are (action, the link to say that it is done)."""

    minutes: Minutes
    to: str
    function: str
    link: str = ""
    invitation: Invitation | None = None
    actions: list[tuple[ActionItem, str]] = field(default_factory=list)

    @property
    def is_review(self) -> bool:
        return self.minutes.is_under_review

    @property
    def is_correction(self) -> bool:
        return self.minutes.number > 1

    @property
    def reads_all(self) -> bool:
        """Who sits there reads what is confidential; a guest, and who only has an action, do not."""
        return self.invitation is not None and not self.invitation.is_guest

    @property
    def subject(self) -> str:
        meeting = self.minutes.meeting
        what = f"{meeting.title or meeting.committee}, {long_day(meeting.day)}"
        if self.is_review:
            return f"Projet de compte rendu à relire{NBSP}: {what}"
        kind = "Compte rendu corrigé" if self.is_correction else "Compte rendu"
        return f"{kind}{NBSP}: {what}"


def queue_for_review(minutes: Minutes, invitations: list[Invitation]) -> int:
    """The project, to those who were there; one mail an address."""
    letters: dict[str, Letter] = {}
    for row in invitations:
        letter = Letter(minutes, row.email, row.function, minutes_link(row), row)
        letters.setdefault(plain(row.email), letter)
    outbox.queue([_mail(letter, []) for letter in letters.values()])
    return len(letters)


def queue_approved(minutes: Minutes, *, now: datetime) -> int:
    """The minutes with their PDF: to who was asked, there or not, and to each party that has
    something to do. One mail an address."""
    meeting = minutes.meeting
    letters: dict[str, Letter] = {}
    for row in meeting.invitations.exclude(email="").select_related("party"):
        letter = Letter(minutes, row.email, row.function, minutes_link(row), row)
        letters.setdefault(plain(row.email), letter)
    actions = ActionItem.objects.filter(item__meeting=meeting).select_related("party", "contact")
    of_parties = reachable({row.party_id for row in actions}, meeting.day)
    for action in actions.order_by("due_on", "pk"):
        contact = addressee(action, of_parties, meeting.day)
        if contact is None:
            continue
        letter = letters.setdefault(
            plain(contact.email), Letter(minutes, contact.email, contact.function)
        )
        letter.actions.append((action, action_link(action)))
    files = _files(minutes)
    outbox.queue([_mail(letter, files[letter.reads_all]) for letter in letters.values()])
    return len(letters)


def _files(minutes: Minutes) -> dict[bool, list[Attachment]]:
    """By whether their reader reads all; one file serves several mails."""
    name = f"compte-rendu-{minutes.meeting.day}.pdf"
    whole = [outbox.attachment(name, _read(minutes.pdf), "application/pdf")]
    if not minutes.shared_pdf:
        return {True: whole, False: whole}
    shared = outbox.attachment(name, _read(minutes.shared_pdf), "application/pdf")
    return {True: whole, False: [shared]}


def _read(file: FieldFile) -> bytes:
    with file.open() as opened:
        return bytes(opened.read())


def _mail(letter: Letter, files: list[Attachment]) -> outbox.Mail:
    minutes = letter.minutes
    programme = minutes.meeting.committee.programme
    context = {
        "letter": letter,
        "subject": letter.subject,
        "programme": programme,
        "page": f"{settings.SITE_URL}{reverse('minutes', args=[minutes.pk])}",
        "has_pdf": bool(files),
    }
    headers = {
        "List-Id": list_id(programme),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESSED,
        "References": f"<seance.{minutes.meeting.uid.hex}@{outbox.domain()}>",
    }
    return outbox.Mail(
        to=letter.to,
        subject=letter.subject,
        text=render_to_string("minutes/emails/minutes.txt", context),
        html=render_to_string("minutes/emails/minutes.html", context),
        message_id=f"<compte-rendu.{uuid.uuid4().hex}@{outbox.domain()}>",
        headers=headers,
        attachments=files,
    )
