"""Meetings made, changed and taken back: keyword-only, `by=`, atomic, journalled (R47–R49, R56)."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.committees.models import Committee
from governance.journal.models import Act, record
from governance.rights import Right
from humanicite.lib.writes import lock_version, save_once, take_version

from ..invitees import invite_seats
from ..models import Invitation, InvitationAnswer, Meeting, MeetingState, Slot
from ..rhythm import Proposal
from .telling import tell_changes

NOT_YOURS = "Cette séance ne peut pas être enregistrée : rouvrez le formulaire."
ENDED = "Cette séance est annulée ou tenue : elle ne change plus."


def require_convener(by: Membership) -> None:
    if not by.may(Right.CONVENE):
        raise PermissionDenied


def create_meeting(*, meeting: Meeting, by: Membership) -> Meeting:
    """Saves a new meeting as a draft, with an invitation for each seat of its day; nothing is sent.

    Raises Done for a `uid` that is known, PermissionDenied, ValidationError.
    """
    require_convener(by)
    if meeting.committee.programme_id != by.programme_id:
        raise PermissionDenied
    meeting.state = MeetingState.DRAFT

    def save() -> None:
        _save(meeting)
        invite_seats(meeting)
        record(Act.CREATE, meeting, by=by, programme=by.programme_id)

    return save_once(
        meeting,
        save,
        is_theirs=lambda row: row.is_visible_to(by) and by.may(Right.CONVENE),
        refusal=NOT_YOURS,
    )


@transaction.atomic
def accept_rhythm(*, committee: Committee, proposal: Proposal, by: Membership) -> Meeting:
    """A meeting that proposed itself becomes a draft; once, however often it is pressed.

    Raises PermissionDenied.
    """
    require_convener(by)
    if committee.programme_id != by.programme_id:
        raise PermissionDenied
    # Held, so that two who press at once make one.
    Committee.objects.select_for_update().get(pk=committee.pk)
    same = Meeting.objects.filter(committee=committee, day=proposal.day)
    known: Meeting | None = same.exclude(state=MeetingState.CANCELLED).first()
    if known is not None:
        return known
    meeting = Meeting(
        committee=committee,
        day=proposal.day,
        starts_at=proposal.starts_at,
        ends_at=proposal.ends_at,
        venue=proposal.venue,
    )
    _save(meeting)
    invite_seats(meeting)
    record(Act.CREATE, meeting, by=by, programme=by.programme_id)
    return meeting


@transaction.atomic
def change_meeting(
    *,
    meeting: Meeting,
    read_version: int,
    fields: list[str],
    notify: bool,
    by: Membership,
    now: datetime,
) -> Meeting:
    """Saves a changed meeting; with `notify`, a convened one tells its invited what changed, together
    with what else changes within a few minutes. Another day or other hours ask everybody anew.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    require_convener(by)
    if meeting.has_ended:
        raise ValidationError(ENDED)
    take_version(meeting, read_version)
    _save(meeting)
    if not meeting.is_convened:
        if {"day", "committee"} & set(fields):
            invite_seats(meeting)
    elif {"day", "starts_at", "ends_at"} & set(fields):
        meeting.asked_sequence = meeting.sequence + 1
        meeting.save(update_fields=["asked_sequence"])
        forget_answers(meeting)
    record(Act.CHANGE, meeting, by=by, programme=by.programme_id, fields=fields)
    if notify and meeting.is_convened:
        tell_changes(meeting=meeting, by=by, now=now)
    return meeting


def forget_answers(meeting: Meeting) -> None:
    """What was said of another date says nothing of this one."""
    meeting.invitations.exclude(answer=InvitationAnswer.NONE).update(
        answer=InvitationAnswer.NONE, represented_by="", answered_at=None
    )


@transaction.atomic
def delete_draft(*, meeting: Meeting, read_version: int, by: Membership) -> None:
    """Removes what nobody was told of. Raises Conflict, PermissionDenied, ValidationError."""
    require_convener(by)
    row = lock_version(meeting, read_version)
    if not row.is_draft or Invitation.objects.filter(meeting=row, mails__isnull=False).exists():
        raise ValidationError("Des invités connaissent cette séance : annulez-la plutôt.")
    record(Act.DELETE, row, by=by, programme=by.programme_id)
    Slot.objects.filter(meeting=row).delete()
    row.delete()


def _save(meeting: Meeting) -> None:
    meeting.clean_fields(exclude=["committee"])
    meeting.clean()
    meeting.validate_constraints()
    meeting.save()


def clashes_of(meeting: Meeting, day: date) -> list[Meeting]:
    """Other meetings of that day in the programme, cancelled ones aside."""
    rows = Meeting.objects.filter(committee__programme=meeting.committee.programme_id, day=day)
    rows = rows.exclude(state=MeetingState.CANCELLED).exclude(pk=meeting.pk)
    return list(rows.select_related("committee"))
