"""What an invited function answers, however it does (R55, R57, R61)."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.rights import Right
from humanicite.lib.dates import NBSP

from ..calendar import CalendarReply, event_uid
from ..models import Invitation, InvitationAnswer

CLOSED = f"Cette séance ne reçoit plus de réponse{NBSP}: elle a commencé, ou n’a pas lieu."


def may_answer(invitation: Invitation, by: Membership) -> bool:
    """The party that is asked; the coordination notes an answer that it was told."""
    return by.may(Right.CONVENE) or (
        invitation.party_id is not None and invitation.party_id == by.party_id
    )


@transaction.atomic
def answer_invitation(
    *,
    invitation: Invitation,
    answer: str,
    represented_by: str = "",
    by: Membership | None,
    now: datetime,
) -> Invitation:
    """Notes an answer, which may change until the meeting begins. `by` is None for who holds the
    link, or for a calendar. No mail follows.

    Raises PermissionDenied, ValidationError.
    """
    if by is not None and not may_answer(invitation, by):
        raise PermissionDenied
    row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("meeting__committee")
        .get(pk=invitation.pk)
    )
    if not row.meeting.takes_answers(now):
        raise ValidationError(CLOSED)
    if answer not in InvitationAnswer.values or not answer:
        raise ValidationError({"answer": "Choisissez une réponse."})
    represented = represented_by.strip() if answer == InvitationAnswer.REPRESENTED else ""
    if answer == InvitationAnswer.REPRESENTED and not represented:
        raise ValidationError({"represented_by": "Dites quelle fonction vous représente."})
    if (row.answer, row.represented_by) == (answer, represented):
        return row  # pressed twice: the first time counts
    row.answer, row.represented_by, row.answered_at = answer, represented, now
    row.full_clean(exclude=["meeting", "seat", "party", "contact"])
    row.save(update_fields=["answer", "represented_by", "answered_at"])
    if by is not None:
        record(Act.CHANGE, row, by=by, programme=row.meeting.programme_id, fields=["answer"])
    return row


def answer_by_calendar(
    *, invitation: Invitation, reply: CalendarReply, now: datetime
) -> Invitation | None:
    """What a calendar's own reply says; None where it is of another event, or of an earlier date, or
    where the meeting takes no answer any more."""
    meeting = invitation.meeting
    if reply.uid != event_uid(meeting) or reply.sequence < meeting.asked_sequence:
        return None
    delegate = reply.delegate or "la personne désignée dans le calendrier"
    try:
        return answer_invitation(
            invitation=invitation,
            answer=reply.answer,
            represented_by=delegate[:160],
            by=None,
            now=now,
        )
    except ValidationError:
        return None
