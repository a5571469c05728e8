"""Writes on activities: keyword-only, `by=` the membership that acts, atomic, journalled."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history

from governance.models import Act, Audience, Membership, record, record_each

from . import personal
from .models import Activity, Frame, HeadCount, Review

POINTERS = ("programme", "place", "objective", "theme", "second_theme", "situation", "author")
BATCH = 500
NOT_YOURS = "Cette saisie ne peut pas être enregistrée : rouvrez le formulaire."


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


@dataclass
class Draft:
    """A checked entry that is not saved yet."""

    activity: Activity
    head_counts: HeadCounts


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
        raise ValidationError(NOT_YOURS)
    raise AlreadyLogged(known)


def log_activities(*, drafts: list[Draft], by: Membership, frame: Frame) -> None:
    """Saves several new activities, all or none, in as many queries for five as for fifty (R36).

    Their `uid`s are new ones and their authors set; ValidationError for what contradicts the
    frame. IntegrityError when another sending of the same `uid` came between.
    """
    for draft in drafts:
        draft.activity.programme_id = by.programme_id
        draft.activity.checked_against = frame
        _prepare(draft.activity)
        draft.activity.keep_words()
    with transaction.atomic():
        made = bulk_create_with_history(
            [draft.activity for draft in drafts],
            Activity,
            batch_size=BATCH,
            default_user=by.user,
        )
        by_uid = {activity.uid: activity for activity in made}
        cells = [
            HeadCount(activity=by_uid[draft.activity.uid], audience=audience, band=band, count=n)
            for draft in drafts
            for (audience, band), n in draft.head_counts.items()
        ]
        if cells:
            bulk_create_with_history(cells, HeadCount, batch_size=BATCH, default_user=by.user)
        record_each(Act.CREATE, made, by=by, programme=by.programme_id)


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


def _prepare(activity: Activity) -> None:
    """Everything that is checked and derived before a row is written, by whatever path it comes.

    What points elsewhere, and the constraints, are for the database to refuse: both are queries.
    """
    frame = activity.checked_against or Frame(activity.programme_id)
    activity.checked_against = frame
    if activity.objective is None:
        activity.objective = frame.objective_for(activity.type, activity.themes)
    _ask_for_review(activity)
    activity.clean_fields(exclude=POINTERS)
    activity.clean()


def _ask_for_review(activity: Activity) -> None:
    """A text that seems to identify somebody waits for the coordination, until it is reworded or
    accepted as it stands (R25)."""
    if not personal.in_texts(activity.internal_note, activity.summary):
        activity.review = Review.NONE
        return
    if activity.review == Review.ACCEPTED and activity.pk:
        accepted = Activity.objects.filter(pk=activity.pk)
        if accepted.filter(internal_note=activity.internal_note, summary=activity.summary).exists():
            return
    activity.review = Review.PENDING


def _save(activity: Activity, head_counts: HeadCounts) -> None:
    _prepare(activity)
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
