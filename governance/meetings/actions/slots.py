"""A date found together: proposed, answered by link, chosen."""

from collections.abc import Sequence
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from humanicite.lib.writes import Conflict, lock_version

from ..emails import Letter, queue_letters
from ..invitees import invite_seats
from ..models import Invitation, MailKind, Meeting, MeetingState, Slot, SlotAnswer
from .answers import may_answer
from .drafts import require_convener
from .telling import invited

FEWEST = 3


@transaction.atomic
def propose_slots(
    *,
    meeting: Meeting,
    read_version: int,
    slots: Sequence[tuple[date, time, time]],
    by: Membership,
    now: datetime,
) -> Meeting:
    """Mails three dates or more to every invitation; the first one is the meeting's until another is
    chosen. Proposed again, they replace those before.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    require_convener(by)
    row: Meeting = lock_version(meeting, read_version)
    if not (row.is_draft or row.is_polled):
        raise Conflict(row)
    slots = sorted(set(slots))
    if len(slots) < FEWEST:
        raise ValidationError(f"Proposez au moins {FEWEST} créneaux différents.")
    row.slots.all().delete()
    for day, starts_at, ends_at in slots:
        slot = Slot(meeting=row, day=day, starts_at=starts_at, ends_at=ends_at)
        slot.full_clean()
        slot.save()
    row.day, row.starts_at, row.ends_at = slots[0]
    row.state = MeetingState.POLL
    row.version += 1
    row.save()
    invite_seats(row)
    queue_letters([Letter(one, MailKind.SLOTS) for one in invited(row)], now=now)
    record(Act.PRODUCE, row, by=by, programme=by.programme_id, fields=["slots"])
    return row


@transaction.atomic
def answer_slots(
    *, invitation: Invitation, suits: dict[int, bool], by: Membership | None, now: datetime
) -> None:
    """Notes which dates suit, by the slot's key; changeable until one is chosen.

    Raises PermissionDenied, ValidationError.
    """
    if by is not None and not may_answer(invitation, by):
        raise PermissionDenied
    meeting = Meeting.objects.select_for_update().get(pk=invitation.meeting_id)
    if not meeting.is_polled:
        raise ValidationError("La date est déjà choisie.")
    slots = {slot.pk for slot in meeting.slots.all()}
    if set(suits) != slots:
        raise ValidationError("Les dates proposées ont changé : répondez à celles-ci.")
    for key, answer in suits.items():
        SlotAnswer.objects.update_or_create(
            slot_id=key, invitation=invitation, defaults={"suits": answer}
        )


@transaction.atomic
def choose_slot(*, slot: Slot, by: Membership) -> Meeting:
    """The meeting has its date; it is convened next. Raises Conflict, PermissionDenied."""
    require_convener(by)
    meeting: Meeting = Meeting.objects.select_for_update().get(pk=slot.meeting_id)
    if not meeting.is_polled:
        raise Conflict(meeting)
    meeting.day, meeting.starts_at, meeting.ends_at = slot.day, slot.starts_at, slot.ends_at
    meeting.state = MeetingState.DRAFT
    meeting.version += 1
    meeting.save()
    invite_seats(meeting)
    record(Act.CHANGE, meeting, by=by, programme=by.programme_id, fields=["day"])
    return meeting
