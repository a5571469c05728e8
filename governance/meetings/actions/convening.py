"""The convocation and the cancellation: what leaves, to whom, in one transaction (R47–R49, R56)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from humanicite.lib.dates import NBSP
from humanicite.lib.writes import Conflict, lock_version

from ..emails import Letter, queue_letters, withdraw_held
from ..invitees import invite_seats
from ..models import Invitation, MailKind, Meeting, MeetingState
from ..papers import Drawing, draw
from .drafts import require_convener
from .telling import invited

DRAWN = 3  # times that the agenda is drawn before, where it changes meanwhile


def convene(*, meeting: Meeting, read_version: int, by: Membership, now: datetime) -> Meeting:
    """Sends the convocation to every invitation that has an address: the agenda is drawn before the
    transaction, and again where it changed meanwhile.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    require_convener(by)
    for _ in range(DRAWN):
        drawing = draw(meeting)
        done = _convene(meeting, drawing, read_version, by, now)
        if done is not None:
            return done
    raise Conflict(Meeting.objects.filter(pk=meeting.pk).first())


@transaction.atomic
def _convene(
    meeting: Meeting, drawing: Drawing, read_version: int, by: Membership, now: datetime
) -> Meeting | None:
    """None where the drawing shows another agenda than the one that leaves."""
    row: Meeting = lock_version(meeting, read_version)
    if row.has_ended or row.is_convened:
        raise Conflict(row)
    if row.begins() <= now:
        raise ValidationError(f"Cette séance est passée{NBSP}: changez sa date avant de convoquer.")
    if not drawing.is_of(row):
        return None
    invite_seats(row)
    if not row.invitations.exclude(email="").exists():
        raise ValidationError("Personne n’a d’adresse : désignez un interlocuteur, ou un invité.")
    row.state, row.convened_at = MeetingState.CONVENED, now
    row.version += 1
    # A cancelled one that is convened anew, or one that was polled, goes on counting.
    row.sequence += 1 if row.sequence else 0
    row.asked_sequence = row.sequence
    row.save()
    _send(row, drawing, now)
    record(Act.PRODUCE, row, by=by, programme=by.programme_id, fields=["state"])
    return row


def _send(meeting: Meeting, drawing: Drawing, now: datetime) -> None:
    letters = [Letter(row, MailKind.CONVOCATION) for row in invited(meeting)]
    queue_letters(letters, now=now, files=drawing.files(meeting))
    meeting.invitations.exclude(email="").update(sent_sequence=meeting.sequence)


@transaction.atomic
def convene_one(*, invitation: Invitation, by: Membership, now: datetime) -> bool:
    """Sends its convocation to an invitation that had none: a guest who came later, an address that
    is known since. False where it had one, or has no address, or the meeting is not convened.

    Raises PermissionDenied.
    """
    require_convener(by)
    row = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    meeting = row.meeting
    if not meeting.is_convened or not row.email or row.sent_sequence is not None:
        return False
    queue_letters([Letter(row, MailKind.CONVOCATION)], now=now, files=draw(meeting).files(meeting))
    row.sent_sequence = meeting.sequence
    row.save(update_fields=["sent_sequence"])
    record(Act.PRODUCE, row, by=by, programme=by.programme_id)
    return True


@transaction.atomic
def cancel_meeting(
    *, meeting: Meeting, read_version: int, reason: str, by: Membership, now: datetime
) -> Meeting:
    """Calls a meeting off; who was asked is told at once, with the reason, and their calendar too.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    require_convener(by)
    row: Meeting = lock_version(meeting, read_version)
    rows = [one for one in invited(row) if one.mails.exists()]
    if row.has_ended or (row.is_draft and not rows):
        raise Conflict(row)
    withdraw_held(row, now=now)
    row.state, row.cancelled_at, row.cancel_reason = MeetingState.CANCELLED, now, reason.strip()
    row.sequence += 1
    row.version += 1
    row.clean()
    row.save()
    for one in rows:
        one.meeting = row
    queue_letters([Letter(one, MailKind.CANCELLATION) for one in rows], now=now)
    Invitation.objects.filter(pk__in=[one.pk for one in rows]).update(sent_sequence=row.sequence)
    record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=["state", "cancel_reason"])
    return row
