"""What is written of a meeting, point by point: keyword-only, atomic, journalled (R50–R52, R57–R59).

A point is one version, its decisions and actions included: who saves over somebody else's gets a
Conflict, never their text.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from governance.access.models import Membership
from governance.committees.models import CommitteeKind
from governance.contacts.models import Contact
from governance.decisions.models import ActionItem, Decision
from governance.journal.models import Act, record
from governance.meetings.actions.agenda import CARRIED
from governance.meetings.models import AgendaItem, ItemOutcome, Meeting, MeetingState
from governance.parties.models import Party
from governance.rights import Right
from humanicite.lib.writes import take_version

from ..models import Minutes

NOT_HELD = "Cette séance n’est pas convoquée : il n’y a pas encore de compte rendu à écrire."
SETTLED = "Ce compte rendu est approuvé : il ne change plus que par une correction."
OPEN_STATES = (MeetingState.CONVENED, MeetingState.HELD)


@dataclass(frozen=True)
class ActionSaid:
    """An action as it was typed. `contact` is a function of `party`, if one was named."""

    uid: uuid.UUID
    text: str
    party: Party | None = None
    contact: Contact | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class PointSaid:
    """A point as it was typed. A decision, or an action, whose text is empty is taken out; those
    that are not named stay."""

    notes: str
    outcome: str
    decisions: Sequence[tuple[uuid.UUID, str]] = ()
    actions: Sequence[ActionSaid] = ()

    @property
    def has_something(self) -> bool:
        said = [self.notes, *(text for _, text in self.decisions)]
        return any(said) or any(one.text for one in self.actions)


def open_minutes(meeting: Meeting, by: Membership) -> Minutes:
    """The version being written, begun where there is none. Call within a transaction.

    Raises PermissionDenied, ValidationError for a meeting that has no minutes to write.
    """
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    if meeting.state not in OPEN_STATES:
        raise ValidationError(NOT_HELD)
    last = Minutes.objects.select_for_update().filter(meeting=meeting).first()
    if last is not None and last.is_approved:
        raise ValidationError(SETTLED)
    if last is None:
        last, made = Minutes.objects.get_or_create(meeting=meeting, number=1)
        if made:
            record(Act.CREATE, last, by=by, programme=meeting.programme_id)
    return last


@transaction.atomic
def save_point(*, item: AgendaItem, read_version: int, said: PointSaid, by: Membership) -> None:
    """Saves what was typed of a point. Raises Conflict, PermissionDenied, ValidationError."""
    open_minutes(item.meeting, by)
    take_version(item, read_version)
    write_point(item, said, by)


def write_point(item: AgendaItem, said: PointSaid, by: Membership) -> None:
    """The rows of a point that is the writer's already; for `save_point` and corrections."""
    is_watch = item.meeting.committee.kind == CommitteeKind.WATCH
    item.notes = "" if is_watch else said.notes
    item.outcome = said.outcome
    if said.has_something and item.outcome in ("", ItemOutcome.NOT_REACHED):
        item.outcome = ItemOutcome.TREATED
    item.full_clean(exclude=["uid"])
    item.save()
    for one, text in said.decisions:
        _save_decision(item, one, text, by)
    for action in said.actions:
        _save_action(item, action, by)
    fields = ["notes", "outcome"]
    record(Act.CHANGE, item, by=by, programme=item.programme_id, fields=fields)


def _save_decision(item: AgendaItem, one: uuid.UUID, text: str, by: Membership) -> None:
    row = Decision.objects.filter(uid=one).first()
    if row is None:
        if text:
            row = Decision(item=item, uid=one, text=text, rank=_next_rank(item.decisions))
            row.full_clean(exclude=["uid"])
            row.save()
            record(Act.CREATE, row, by=by, programme=item.programme_id)
        return
    _require_same_point(row, item)
    if not text:
        _take_out(row, by)
    elif row.text != text:
        row.text = text
        row.version += 1
        row.full_clean(exclude=["uid"])
        row.save()
        record(Act.CHANGE, row, by=by, programme=item.programme_id, fields=["text"])


def _save_action(item: AgendaItem, said: ActionSaid, by: Membership) -> None:
    row = ActionItem.objects.filter(uid=said.uid).first()
    if row is not None:
        _require_same_point(row, item)
        if not said.text:
            _take_out(row, by)
            return
    if not said.text:
        return
    if said.party is None or said.due_on is None:
        raise ValidationError("Une action dit qui s’en charge, et pour quand.")
    known = row is not None
    row = row or ActionItem(item=item, uid=said.uid, rank=_next_rank(item.actions))
    before = (row.text, row.party_id, row.contact_id, row.due_on)
    row.text, row.party, row.contact, row.due_on = said.text, said.party, said.contact, said.due_on
    if known and before == (row.text, row.party_id, row.contact_id, row.due_on):
        return
    row.version += known
    row.full_clean(exclude=["uid"])
    row.save()
    act = Act.CHANGE if known else Act.CREATE
    record(act, row, by=by, programme=item.programme_id)


def _require_same_point(row: Decision | ActionItem, item: AgendaItem) -> None:
    if row.item_id != item.pk:
        raise ValidationError("Cette ligne appartient à un autre point : rechargez la page.")


def _take_out(row: Decision | ActionItem, by: Membership) -> None:
    if not row.is_internal:
        raise ValidationError(
            "Ce qui est approuvé ne se retire pas : dites ce qui change dans le texte."
        )
    record(Act.DELETE, row, by=by, programme=row.programme_id)
    row.delete()


def _next_rank(rows: Any) -> int:
    return int(rows.aggregate(last=Max("rank"))["last"] or 0) + 1


# --- To another meeting ---------------------------------------------------------------------------
def next_meeting(meeting: Meeting) -> Meeting | None:
    """The committee's next one that is still to be held, drafts included."""
    rows = Meeting.objects.filter(committee=meeting.committee_id, day__gt=meeting.day)
    rows = rows.exclude(state__in=(MeetingState.CANCELLED, MeetingState.HELD))
    rows = rows.exclude(minutes__stage="approved")
    return rows.order_by("day", "starts_at", "pk").first()


@transaction.atomic
def carry_point(*, item: AgendaItem, read_version: int, by: Membership) -> AgendaItem | None:
    """Moves a point, with what was noted, to the committee's next meeting; without one yet it waits,
    and is proposed to the next. Answers the point there. Raises what `save_point` does."""
    open_minutes(item.meeting, by)
    take_version(item, read_version)
    item.outcome = ItemOutcome.CARRIED
    item.save(update_fields=["outcome", "version"])
    record(Act.CHANGE, item, by=by, programme=item.programme_id, fields=["outcome"])
    coming = next_meeting(item.meeting)
    return None if coming is None else place_in(item, coming, by)


@transaction.atomic
def copy_point(*, item: AgendaItem, by: Membership) -> AgendaItem:
    """Takes a point of a past meeting up again in the next one; that of the past stays as it is.

    Raises PermissionDenied, ValidationError where no meeting is to come.
    """
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    coming = next_meeting(item.meeting)
    if coming is None:
        raise ValidationError("Aucune séance n’est prévue après celle-ci : créez-la d’abord.")
    return place_in(item, coming, by)


def carried_source(item: AgendaItem) -> str:
    """The name of a proposal, so that a point is not carried over twice."""
    return f"{CARRIED}{item.pk}"


def place_in(item: AgendaItem, meeting: Meeting, by: Membership) -> AgendaItem:
    """The point on another agenda; once, however often it is asked for."""
    known = meeting.items.filter(source=carried_source(item)).first()
    if known is not None:
        return known
    rank = int(meeting.items.aggregate(last=Max("rank"))["last"] or 0) + 1
    row = AgendaItem(
        meeting=meeting,
        rank=rank,
        title=item.title,
        details=item.details,
        minutes=item.minutes,
        owner=item.owner,
        is_confidential=item.is_confidential,
        source=carried_source(item),
        carried_from=item,
    )
    row.full_clean(exclude=["uid"])
    row.save()
    record(Act.CREATE, row, by=by, programme=meeting.programme_id)
    return row
