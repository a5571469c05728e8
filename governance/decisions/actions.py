"""What became of an action: done, dropped, another date (R57, R58)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.access.models import Membership
from governance.journal.models import Act, record
from governance.rights import OPERATOR_ROLES, Right
from humanicite.lib.writes import take_version

from .models import ActionItem, ActionState


def may_settle(action: ActionItem, by: Membership) -> bool:
    """The operator any, a partner its own party's (R57)."""
    theirs = by.role in OPERATOR_ROLES or action.party_id == by.party_id
    return theirs and by.may(Right.DO_ACTIONS)


@transaction.atomic
def settle_action(
    *,
    action: ActionItem,
    state: str,
    note: str,
    read_version: int,
    today: date,
    by: Membership | None,
) -> ActionItem:
    """Done, dropped, or to do again after all. `by=None`: who holds the link of the mail, and says
    that it is done. The same answer twice is one.

    Raises PermissionDenied, ValidationError, Conflict for who was not first.
    """
    if by is None and state != ActionState.DONE:
        raise PermissionDenied
    if by is not None and not may_settle(action, by):
        raise PermissionDenied
    if state not in ActionState.values:
        raise ValidationError("Cet état n’existe pas.")
    if state == ActionState.DROPPED and not note:
        raise ValidationError({"note": "Dites pourquoi cette action est abandonnée."})
    stored = ActionItem.objects.select_for_update().get(pk=action.pk)
    if (stored.state, stored.closing_note) == (state, note):
        return stored
    take_version(stored, read_version)
    stored.state, stored.closing_note = state, note
    stored.closed_on = None if state == ActionState.TO_DO else today
    stored.full_clean(exclude=["uid"])
    stored.save()
    _trace(stored, by, ["state", "closing_note"])
    return stored


@transaction.atomic
def postpone_action(
    *, action: ActionItem, due_on: date | None, read_version: int, today: date, by: Membership
) -> ActionItem:
    """Another date: its reminders begin anew. The operator's, since the committee set the first.

    Raises PermissionDenied, ValidationError, Conflict.
    """
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    if due_on is None:
        raise ValidationError({"due_on": "Dites pour quand."})
    if due_on < today:
        raise ValidationError({"due_on": "Cette date est passée."})
    stored = ActionItem.objects.select_for_update().get(pk=action.pk)
    take_version(stored, read_version)
    stored.due_on = due_on
    stored.state, stored.closed_on = ActionState.TO_DO, None
    stored.save()
    _trace(stored, by, ["due_on"])
    return stored


def _trace(action: ActionItem, by: Membership | None, fields: list[str]) -> None:
    record(Act.CHANGE, action, by=by, programme=action.programme_id, fields=fields)
