"""Convened meetings tell what changed; changes made close together go in one mail."""

from datetime import datetime

from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record

from ..emails import HOLD, Letter, changes_between, queue_letters, said_of, told, withdraw_held
from ..models import Invitation, InvitationAnswer, MailKind, Meeting
from ..papers import draw


def invited(meeting: Meeting) -> list[Invitation]:
    """With the meeting itself at hand, as it is now."""
    rows = list(meeting.invitations.select_related("party", "seat"))
    for row in rows:
        row.meeting = meeting
    return rows


def untold(meeting: Meeting) -> list[tuple[str, str, str]]:
    """What its members were not told yet: (what, as it was told, as it is)."""
    if not meeting.is_convened:
        return []
    before = told(meeting)
    members = meeting.invitations.filter(pk__in=before, is_guest=False).order_by("pk")
    key = members.values_list("pk", flat=True).first()
    return changes_between(before[key], said_of(meeting, for_guest=False)) if key else []


@transaction.atomic
def tell_changes(*, meeting: Meeting, by: Membership, now: datetime) -> int:
    """Queues a mail to each invitation for which something changed since its last one left; it waits
    a few minutes, so that the next change joins it. Answers how many; 0 where nothing changed."""
    meeting = (
        Meeting.objects.select_for_update()
        .select_related("committee__programme")
        .get(pk=meeting.pk)
    )
    withdraw_held(meeting, now=now)
    letters = []
    before = told(meeting)
    now_said = {is_guest: said_of(meeting, for_guest=is_guest) for is_guest in (False, True)}
    for row in invited(meeting):
        if row.pk not in before:
            continue  # is convened by a mail of its own
        changes = changes_between(before[row.pk], now_said[row.is_guest])
        if changes:
            asks = row.answer == InvitationAnswer.NONE
            letters.append(Letter(row, MailKind.UPDATE, changes, asks_again=asks))
    if not letters:
        return 0
    meeting.sequence += 1
    meeting.save(update_fields=["sequence"])
    files = draw(meeting).files(meeting)
    emails = queue_letters(letters, now=now, files=files, not_before=now + HOLD)
    Invitation.objects.filter(pk__in=[letter.invitation.pk for letter in letters]).update(
        sent_sequence=meeting.sequence
    )
    record(Act.PRODUCE, meeting, by=by, programme=by.programme_id, fields=["sequence"])
    return len(emails)
