"""Writes on axes, objectives, themes and audiences: keyword-only, `by=`, atomic, journalled."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max, QuerySet

from governance.base import Retirable
from governance.journal.changes import add_row, change_row
from governance.journal.models import Act, record, record_each
from governance.parties.models import Programme
from governance.rights import Right
from governance.scoping import Reader

from .models import Audience, Axis, Objective, Theme

Ranked = Theme | Audience
Entry = TypeVar("Entry", Axis, Objective, Theme, Audience)

# What a page shows of an entry, and what makes two entries the same.
SHOWN: dict[type[Retirable], tuple[str, ...]] = {
    Axis: ("number", "name", "retired_on"),
    Objective: ("axis", "number", "text", "retired_on"),
    Theme: ("group", "name", "objective", "retired_on"),
    Audience: ("name", "retired_on"),
}


def _lock(by: Reader) -> None:
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)


def entries(model: type[Entry], programme_id: int) -> QuerySet[Entry]:
    found: QuerySet[Entry] = model.objects.of_programme(programme_id)
    return found


@transaction.atomic
def add_entry(*, entry: Entry, by: Reader) -> Entry:
    """Adds an entry at the end of its list. Raises Done for the same form sent twice,
    ValidationError for a name or number that is taken."""
    _lock(by)
    model = type(entry)
    if not isinstance(entry, Objective):
        entry.programme_id = by.programme_id
    if isinstance(entry, Theme | Audience):
        last = entries(model, by.programme_id).aggregate(last=Max("rank"))["last"]
        entry.rank = 0 if last is None else last + 1
    same = {name: getattr(entry, name) for name in SHOWN[model]}
    return add_row(entry, twins=entries(model, by.programme_id).filter(**same), by=by)


@transaction.atomic
def change_entry(*, entry: Entry, seen: str, changed: list[str], by: Reader) -> Entry:
    """Raises ValidationError for a name that is taken, or when somebody changed it meanwhile."""
    _lock(by)
    return change_row(entry, seen=seen, shown=SHOWN[type(entry)], changed=changed, by=by)


@transaction.atomic
def retire_entry(*, entry: Entry, on: date, by: Reader) -> None:
    """Retires an entry from a day on, an axis with its objectives: what was recorded keeps it."""
    _lock(by)
    rows: list[Retirable] = [entry] if entry.retired_on is None else []
    if isinstance(entry, Axis):
        rows += entry.objectives.filter(retired_on=None)
    for row in rows:
        row.retired_on = on
        row.save(update_fields=["retired_on"])
    record_each(Act.END, rows, by=by, programme=by.programme_id)


@transaction.atomic
def restore_entry(*, entry: Entry, by: Reader) -> None:
    """Takes a retired entry back; raises ValidationError for an objective of a retired axis."""
    _lock(by)
    if isinstance(entry, Objective) and entry.axis.retired_on is not None:
        raise ValidationError(f"Reprenez d’abord l’axe {entry.axis}.")
    if entry.retired_on is not None:
        entry.retired_on = None
        entry.save(update_fields=["retired_on"])
        record(Act.CHANGE, entry, by=by, programme=by.programme_id, fields=["retired_on"])


@transaction.atomic
def shift(*, entry: Ranked, up: bool, by: Reader) -> None:
    """Moves a theme within its group, or an audience, by one place; at the end nothing moves."""
    _lock(by)
    rows: list[Ranked] = []
    if isinstance(entry, Theme):
        rows += by_group(list(entries(Theme, by.programme_id).order_by("rank", "pk")))
    else:
        rows += entries(Audience, by.programme_id).order_by("rank", "pk")
    group = getattr(entry, "group", None)
    peers = [row for row in rows if getattr(row, "group", None) == group and row.retired_on is None]
    at = peers.index(entry) if entry in peers else -1
    to = at - 1 if up else at + 1
    if at < 0 or not 0 <= to < len(peers):
        return
    here, there = rows.index(entry), rows.index(peers[to])
    rows[here], rows[there] = rows[there], rows[here]
    _number(rows)
    record(Act.CHANGE, entry, by=by, programme=by.programme_id, fields=["rank"])


@transaction.atomic
def shift_group(*, group: str, up: bool, by: Reader) -> None:
    """Moves a group of themes by one place among the groups."""
    _lock(by)
    rows = by_group(list(entries(Theme, by.programme_id).order_by("rank", "pk")))
    groups = list(dict.fromkeys(row.group for row in rows))
    at = groups.index(group) if group in groups else -1
    to = at - 1 if up else at + 1
    if at < 0 or not 0 <= to < len(groups):
        return
    groups[at], groups[to] = groups[to], groups[at]
    rows.sort(key=lambda row: groups.index(row.group))
    _number(rows)
    moved = [row for row in rows if row.group == group]
    record_each(Act.CHANGE, moved, by=by, programme=by.programme_id)


def by_group(rows: list[Theme]) -> list[Theme]:
    """Themes in their order, the groups where their first theme stands."""
    groups = list(dict.fromkeys(row.group for row in rows))
    return sorted(rows, key=lambda row: groups.index(row.group))


def _number(rows: Sequence[Ranked]) -> None:
    for rank, row in enumerate(rows):
        if row.rank != rank:
            row.rank = rank
            row.save(update_fields=["rank"])


@transaction.atomic
def rename_group(*, old: str, new: str, by: Reader) -> None:
    """Raises ValidationError for a group that is not there any more."""
    _lock(by)
    rows = list(entries(Theme, by.programme_id).filter(group=old))
    if not rows:
        raise ValidationError("Ce groupe a changé de nom entre-temps.")
    Theme.objects.filter(pk__in=[row.pk for row in rows]).update(group=new)
    record_each(Act.CHANGE, rows, by=by, programme=by.programme_id)
