"""Brings an activity back to a former version, or back from its deletion."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse

from governance.models import Act, Audience, Membership, User
from mediation.frame.models import Frame
from mediation.history.back import (
    NothingToUndo,
    Return,
    existing,
    reason_of,
    rows_by_key,
    take_fields,
)
from mediation.history.followed import Cells, followed
from mediation.history.versions import State, current_state, state_at

from .actions import change_activity, restore_activity
from .head_counts import HeadCounts
from .models import Activity, AgeBand


def undo_address(pk: int) -> str:
    """What takes back an activity as it was first saved; see `components/messages.html`."""
    return reverse("activity_delete", args=[pk])


class LoggedAnew(Exception):
    """A deleted activity was logged again from its form; `activity` is that one."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.uid))
        self.activity = activity


@transaction.atomic
def return_activity(*, version: Any, read_version: int, by: Membership) -> Return:
    """Brings an activity, deleted ones included, back to what a version of it said.

    A text that seems to identify somebody waits for the coordination again (R25). Raises
    NothingToUndo, LoggedAnew, Conflict, PermissionDenied, ValidationError.
    """
    wanted = state_at(version)
    activity = Activity.objects.select_for_update().filter(pk=version.id).first()
    if activity is None:
        return _restore(wanted, by)
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    frame = Frame(activity.programme_id)
    if wanted.row.objective_id is None:
        # An objective left to the software is the one that it chooses today.
        themes = [frame.themes[key] for key in _theme_keys(wanted.row) if key in frame.themes]
        derived = frame.objective_for(wanted.row.type, themes)
        wanted.row.objective_id = derived.pk if derived else None
    now = current_state(activity)
    if now.says_the_same(wanted):
        raise NothingToUndo(activity)
    back = Return(activity)
    fields = take_fields(back, wanted)
    themes = list(dict.fromkeys(activity.themes))  # one that is gone must not leave a double
    activity.theme, activity.second_theme = (*themes, None, None)[:2]
    counts = _counts(back, wanted.cells[0], now.cells[0])
    if not fields and _keys(counts) == now.cells[0]:
        raise ValidationError(back.said)  # all that differs is what cannot come back
    activity.checked_against = frame
    activity._change_reason = reason_of(version)  # type: ignore[attr-defined]  # simple-history’s
    change_activity(
        activity=activity,
        head_counts=counts,
        read_version=read_version,
        by=by,
        fields=[*fields, *(["head_counts"] if _keys(counts) != now.cells[0] else [])],
        act=Act.UNDO,
    )
    return back


def _restore(wanted: State, by: Membership) -> Return:
    """The activity under its own key and `uid`, as it was when it was deleted."""
    anew = Activity.objects.filter(uid=wanted.row.uid).first()
    if anew is not None:
        raise LoggedAnew(anew)
    activity = wanted.row.instance
    last = Activity.history.filter(id=activity.pk).aggregate(last=Max("version"))["last"]
    activity.version = last + 1
    back = Return(activity, restored=True)
    _drop_vanished(back)
    try:
        with transaction.atomic():
            restore_activity(
                activity=activity, head_counts=_counts(back, wanted.cells[0], {}), by=by
            )
    except IntegrityError:
        raise NothingToUndo(activity) from None
    return back


def _theme_keys(row: Any) -> list[int]:
    return [key for key in (row.theme_id, row.second_theme_id) if key]


def _drop_vanished(back: Return) -> None:
    """Empties what a deleted activity pointed to and is gone; its place, its author cannot be."""
    activity = back.subject
    if not User.objects.filter(pk=activity.author_id).exists():
        raise ValidationError(
            "Cette activité ne peut pas être rétablie : le compte de son auteur n’existe plus."
        )
    for name, model in followed(activity).pointers(Activity).items():
        key = getattr(activity, f"{name}_id")
        if key is None or existing(model, key, activity) is not None:
            continue
        field_ = Activity._meta.get_field(name)
        label = str(getattr(field_, "verbose_name", name))
        if not getattr(field_, "null", False):
            raise ValidationError(
                f"Cette activité ne peut pas être rétablie : son {label} n’existe plus."
            )
        setattr(activity, name, None)
        back.said.append(f"{label.capitalize()} : ce choix n’existe plus.")
    themes = activity.themes
    activity.theme, activity.second_theme = (*themes, None, None)[:2]


def _keys(counts: HeadCounts) -> Cells:
    return {(audience.pk, str(band)): count for (audience, band), count in counts.items()}


def _counts(back: Return, wanted: Cells, now: Cells) -> HeadCounts:
    known = rows_by_key(Audience, {key for key, _ in (*wanted, *now)})
    gone = [count for (key, _), count in wanted.items() if key not in known]
    if gone:
        back.said.append(
            "Public : un choix n’existe plus, ses personnes ne sont pas comptées de nouveau."
        )
    return {
        (known[key], AgeBand(band).value): count
        for (key, band), count in wanted.items()
        if key in known
    }
