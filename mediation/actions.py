"""Writes on activities: keyword-only, `by=` the membership that acts, atomic, journalled."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.models import Act, Audience, Membership, record

from .models import Activity, DefaultObjective, HeadCount

POINTERS = ("programme", "place", "objective", "theme", "second_theme", "author")


class AlreadyLogged(Exception):
    """The same form was sent twice; `activity` is what the first sending saved."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.uid))
        self.activity = activity


class DeletedMeanwhile(Exception):
    """Somebody removed the row since it was read."""


class ChangedMeanwhile(Exception):
    """Somebody saved the row since it was read; `activity` is as it stands now."""

    def __init__(self, activity: Activity) -> None:
        super().__init__(str(activity.pk))
        self.activity = activity


# People met, by audience and age band.
HeadCounts = dict[tuple[Audience, str], int]


def log_activity(*, activity: Activity, head_counts: HeadCounts, by: Membership) -> Activity:
    """Saves a new activity once, however often its form arrives (R36).

    Raises AlreadyLogged for a `uid` that is known, ValidationError for what contradicts the frame.
    """
    activity.programme_id = by.programme_id
    activity.author_id = by.user_id
    known = Activity.objects.filter(uid=activity.uid).first()
    if known is None:
        try:
            with transaction.atomic():
                _save(activity, head_counts)
                record(Act.CREATE, activity, by=by, programme=activity.programme_id)
            return activity
        except IntegrityError:
            # Two sendings crossed; the constraint let one through.
            known = Activity.objects.filter(uid=activity.uid).first()
            if known is None:
                raise
    if not known.is_visible_to(by) or known.author_id != by.user_id:
        raise ValidationError("Cette saisie ne peut pas être enregistrée : rouvrez le formulaire.")
    raise AlreadyLogged(known)


@transaction.atomic
def change_activity(
    *,
    activity: Activity,
    head_counts: HeadCounts,
    read_version: int,
    by: Membership,
    fields: list[str],
) -> Activity:
    """Saves a changed activity, unless somebody else did since `read_version` was shown.

    Raises ChangedMeanwhile with the row as it stands, DeletedMeanwhile, PermissionDenied,
    ValidationError.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    taken = Activity.objects.filter(pk=activity.pk, version=read_version)
    if not taken.update(version=read_version + 1):
        raise _what_happened(activity)
    activity.version = read_version + 1
    _save(activity, head_counts)
    record(Act.CHANGE, activity, by=by, programme=activity.programme_id, fields=fields)
    return activity


@transaction.atomic
def delete_activity(*, activity: Activity, read_version: int, by: Membership) -> None:
    """Removes an activity as it was shown; its history keeps what it said, the journal who did.

    Raises ChangedMeanwhile, DeletedMeanwhile, PermissionDenied.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    row = Activity.objects.select_for_update().filter(pk=activity.pk, version=read_version).first()
    if row is None:
        raise _what_happened(activity)
    record(Act.DELETE, row, by=by, programme=row.programme_id)
    row.delete()


def _what_happened(activity: Activity) -> Exception:
    now = Activity.objects.for_lists().filter(pk=activity.pk).first()
    return ChangedMeanwhile(now) if now else DeletedMeanwhile()


def _save(activity: Activity, head_counts: HeadCounts) -> None:
    if activity.objective is None:
        activity.objective = DefaultObjective.derive(activity)
    # What points elsewhere, and the constraints, are for the database to refuse: both are queries.
    activity.clean_fields(exclude=POINTERS)
    activity.clean()
    is_new = activity.pk is None
    activity.save()
    if head_counts or not is_new:
        _save_head_counts(activity, head_counts)


def _save_head_counts(activity: Activity, wanted: HeadCounts) -> None:
    """Only the cells that changed are touched, one by one: each has its own history."""
    present = {
        (row.audience, row.band): row for row in activity.head_counts.select_related("audience")
    }
    for cell, row in present.items():
        if cell not in wanted:
            row.delete()
    for (audience, band), count in wanted.items():
        known: Any = present.get((audience, band))
        if known is not None and known.count == count:
            continue
        row = known or HeadCount(activity=activity, audience=audience, band=band)
        row.count = count
        row.full_clean()
        row.save()
