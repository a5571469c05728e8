"""The points of an agenda: typed, proposed, carried over, put in order (R54, R57–R59)."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.scoping import Reader
from humanicite.lib.writes import lock_version, save_once, take_version

from ..models import AgendaItem, DeclinedProposal, ItemOutcome, Meeting
from ..proposals import Proposed, proposed
from .drafts import ENDED, NOT_YOURS, require_convener

CARRIED = "point:"  # the source of a point that comes from another meeting


def add_item(*, item: AgendaItem, by: Membership) -> AgendaItem:
    """Saves a typed point at the end of the agenda, once. Raises Done, PermissionDenied,
    ValidationError."""
    _require_open(item.meeting, by)

    def save() -> None:
        item.rank = _next_rank(item.meeting)
        _save(item)
        record(Act.CREATE, item, by=by, programme=by.programme_id)

    return save_once(item, save, is_theirs=lambda row: row.is_visible_to(by), refusal=NOT_YOURS)


@transaction.atomic
def change_item(
    *, item: AgendaItem, read_version: int, fields: list[str], by: Membership
) -> AgendaItem:
    """Raises Conflict, PermissionDenied, ValidationError."""
    _require_open(item.meeting, by)
    take_version(item, read_version)
    _save(item)
    record(Act.CHANGE, item, by=by, programme=by.programme_id, fields=fields)
    return item


@transaction.atomic
def remove_item(*, item: AgendaItem, read_version: int, by: Membership) -> None:
    """Raises Conflict, PermissionDenied, ValidationError where something hangs on the point."""
    _require_open(item.meeting, by)
    row = lock_version(item, read_version)
    if row.decisions.exists() or row.actions.exists() or row.notes:
        raise ValidationError("Le compte rendu dit quelque chose de ce point : il reste.")
    record(Act.DELETE, row, by=by, programme=by.programme_id)
    row.delete()


@transaction.atomic
def move_item(*, item: AgendaItem, up: bool, by: Membership) -> None:
    """One place up or down; the others keep their order. Raises PermissionDenied, ValidationError."""
    _require_open(item.meeting, by)
    rows = list(AgendaItem.objects.select_for_update().filter(meeting=item.meeting_id))
    at = next((n for n, row in enumerate(rows) if row.pk == item.pk), None)
    if at is None:
        return
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for rank, row in enumerate(rows, 1):
        row.rank = rank
    AgendaItem.objects.bulk_update(rows, ["rank"])
    record(Act.CHANGE, item, by=by, programme=by.programme_id, fields=["rank"])


@transaction.atomic
def accept_proposal(
    *, meeting: Meeting, source: str, by: Membership, today: date
) -> AgendaItem | None:
    """A proposal becomes a point; None where it no longer stands, or is one already.

    Raises PermissionDenied, ValidationError.
    """
    _require_open(meeting, by)
    Meeting.objects.select_for_update().get(pk=meeting.pk)
    row: Proposed | None = proposed(meeting, by, today, source)
    if row is None:
        return None
    item = AgendaItem(
        meeting=meeting,
        rank=_next_rank(meeting),
        title=row.title[:160],
        details=row.details[:2000],
        minutes=row.minutes,
        owner_id=row.owner_id,
        is_confidential=row.is_confidential,
        source=row.source,
    )
    if source.startswith(CARRIED):
        item.carried_from_id = int(source.removeprefix(CARRIED))
    _save(item)
    record(Act.CREATE, item, by=by, programme=by.programme_id, fields=["source"])
    return item


@transaction.atomic
def decline_proposal(
    *, meeting: Meeting, source: str, by: Membership, today: date
) -> DeclinedProposal | None:
    """Not at this meeting; it comes again for the next one. Raises PermissionDenied."""
    _require_open(meeting, by)
    if proposed(meeting, by, today, source) is None:
        return None
    row, _ = DeclinedProposal.objects.get_or_create(meeting=meeting, source=source)
    record(Act.CHANGE, meeting, by=by, programme=by.programme_id, fields=["declined"])
    return row


@transaction.atomic
def take_back(*, meeting: Meeting, by: Membership) -> int:
    """What was declined is proposed again. Raises PermissionDenied."""
    _require_open(meeting, by)
    count, _ = DeclinedProposal.objects.filter(meeting=meeting).delete()
    return count


def _require_open(meeting: Meeting, by: Membership) -> None:
    require_convener(by)
    if meeting.has_ended:
        raise ValidationError(ENDED)


def _next_rank(meeting: Meeting) -> int:
    last = AgendaItem.objects.filter(meeting=meeting).aggregate(last=Max("rank"))["last"]
    return (last or 0) + 1


def _save(item: AgendaItem) -> None:
    item.clean_fields(exclude=["meeting", "owner"])
    item.clean()
    item.validate_constraints()
    item.save()


class CarriedOver:
    """Points of the last meeting of the same body that were put off, or not reached: what every
    agenda begins with."""

    label = "Points reportés"
    icon = "again"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        last = (
            Meeting.objects.visible_to(reader)
            .filter(committee=meeting.committee_id, day__lt=meeting.day)
            .exclude(pk=meeting.pk)
            .exclude(state__in=("cancelled", "draft", "poll"))
            .order_by("-day", "-pk")
            .first()
        )
        if last is None:
            return []
        left = (ItemOutcome.CARRIED, ItemOutcome.NOT_REACHED)
        rows = AgendaItem.objects.filter(meeting=last, outcome__in=left)
        return [
            Proposed(
                source=f"{CARRIED}{row.pk}",
                title=row.title,
                details=row.details,
                why=f"{row.get_outcome_display()} le {last.day:%d/%m/%Y}",
                minutes=row.minutes or 10,
                owner_id=row.owner_id,
                is_confidential=row.is_confidential,
            )
            for row in rows.exclude(carried_to__meeting=meeting)
        ]
