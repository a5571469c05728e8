"""Who was there: written down by who writes the minutes; prefilled from the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.meetings.models import AgendaItem, Attendance, Invitation, Meeting
from governance.rights import Right

from ..models import Writer
from .points import open_minutes

STILL_THERE = timedelta(seconds=20)  # after the last sign of a writer


@dataclass(frozen=True)
class Seen:
    """How somebody's attendance was read, and how it is now."""

    before: str
    now: str
    represented_by: str = ""


def presumed(invitation: Invitation) -> str:
    """The attendance that was written down, or else what the answer lets expect."""
    return invitation.attendance or invitation.answer


@transaction.atomic
def save_attendance(*, meeting: Meeting, seen: Mapping[int, Seen], by: Membership) -> int:
    """Writes down each invitation that this writer changed, or that nobody wrote down yet; answers
    how many. What another writer changed meanwhile, and this one did not, stays."""
    open_minutes(meeting, by)
    rows = {row.pk: row for row in meeting.invitations.select_for_update(of=("self",))}
    changed = 0
    for pk, one in seen.items():
        row = rows.get(pk)
        if row is None or one.now not in Attendance.values:
            raise ValidationError("Cette personne n’est pas de cette séance : rechargez la page.")
        if row.attendance and one.now == one.before:
            continue
        if (row.attendance, row.represented_by) == (one.now, one.represented_by):
            continue
        row.attendance, row.represented_by = one.now, one.represented_by
        row.save(update_fields=["attendance", "represented_by"])
        record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=["attendance"])
        changed += 1
    return changed


@transaction.atomic
def add_attendant(*, meeting: Meeting, organisation: str, function: str, by: Membership) -> None:
    """Somebody who came without having been asked. Raises ValidationError."""
    open_minutes(meeting, by)
    row = Invitation(
        meeting=meeting,
        organisation=organisation,
        function=function,
        is_guest=True,
        attendance=Attendance.PRESENT,
    )
    row.full_clean(exclude=["nonce"])
    row.save()
    record(Act.CREATE, row, by=by, programme=by.programme_id)


@transaction.atomic
def sign_in_as_writer(
    *, meeting: Meeting, item: AgendaItem | None, by: Membership, now: datetime
) -> None:
    """That somebody writes here just now: a sign of life, so it leaves no trace in the journal."""
    if by.may(Right.WRITE_MINUTES):
        Writer.objects.update_or_create(
            meeting=meeting, membership=by, defaults={"item": item, "seen_at": now}
        )


def others_writing(meeting: Meeting, by: Membership, now: datetime) -> list[Writer]:
    rows = Writer.objects.filter(meeting=meeting, seen_at__gte=now - STILL_THERE)
    return list(rows.exclude(membership=by).select_related("membership__user", "item"))
