"""Writes on activities: keyword-only, `by=` the membership that acts, atomic, journalled."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from governance.models import (
    Act,
    Membership,
    record,
    record_each,
)
from governance.rights import Right
from humanicite.lib.writes import lock_version, save_once, take_version
from mediation import personal
from mediation.frame.models import Frame
from mediation.history.followed import WITH_ITS_SUBJECT

from .head_counts import HeadCounts
from .models import Activity, HeadCount, Review

POINTERS = ("programme", "place", "objective", "theme", "second_theme", "situation", "author")
BATCH = 500
NOT_YOURS = "Cette saisie ne peut pas être enregistrée : rouvrez le formulaire."


@dataclass
class Draft:
    """A checked entry that is not saved yet."""

    activity: Activity
    head_counts: HeadCounts


def log_activity(*, activity: Activity, head_counts: HeadCounts, by: Membership) -> Activity:
    """Saves a new activity once, however often its form arrives (R36).

    Raises Done for a `uid` that is known, ValidationError for what contradicts the frame.
    """
    activity.programme_id = by.programme_id
    activity.author_id = by.user_id

    def save() -> None:
        _save(activity, head_counts)
        record(Act.CREATE, activity, by=by, programme=activity.programme_id)

    return save_once(
        activity,
        save,
        is_theirs=lambda row: row.is_visible_to(by) and row.author_id == by.user_id,
        refusal=NOT_YOURS,
    )


def check_draft(draft: Draft, *, frame: Frame) -> None:
    """Everything that `log_activities` checks of a draft, and no query once `frame` has its lists.

    Raises ValidationError.
    """
    draft.activity.programme_id = frame.programme_id
    draft.activity.checked_against = frame
    _prepare(draft.activity)


def log_activities(
    *,
    drafts: list[Draft],
    by: Membership | None,
    frame: Frame,
    reason: str = "",
    journalled: bool = True,
) -> None:
    """Saves several new activities, all or none, in as many queries for five as for fifty (R36).

    Their `uid`s are new ones and their authors set; ValidationError for what contradicts the
    frame. IntegrityError when another sending of the same `uid` came between. `by` is None for a
    command; the history says `reason`; who calls with `journalled` off has an entry for them all.
    """
    for draft in drafts:
        check_draft(draft, frame=frame)
    who = {"default_user": by.user if by else None, "default_change_reason": reason or None}
    with transaction.atomic():
        made = bulk_create_with_history(
            [draft.activity for draft in drafts], Activity, batch_size=BATCH, **who
        )
        by_uid = {activity.uid: activity for activity in made}
        cells = [
            HeadCount(activity=by_uid[draft.activity.uid], audience=audience, band=band, count=n)
            for draft in drafts
            for (audience, band), n in draft.head_counts.items()
        ]
        if cells:
            bulk_create_with_history(cells, HeadCount, batch_size=BATCH, **who)
        if journalled:
            record_each(Act.CREATE, made, by=by, programme=frame.programme_id)


@transaction.atomic
def change_activity(
    *,
    activity: Activity,
    head_counts: HeadCounts | None,
    read_version: int,
    by: Membership,
    fields: list[str],
    act: Act = Act.CHANGE,
) -> Activity:
    """Saves a changed activity, unless somebody else did since `read_version` was shown.

    No `head_counts`: they stay as they are. Raises Conflict, PermissionDenied,
    ValidationError.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    take_version(activity, read_version, Activity.objects.for_lists())
    _save(activity, head_counts)
    record(act, activity, by=by, programme=activity.programme_id, fields=fields)
    return activity


def review_activity(
    *, activity: Activity, note: str, summary: str, accept: bool, read_version: int, by: Membership
) -> Activity:
    """The coordination's word on texts that seem to identify somebody: reworded, emptied, or, with
    `accept`, kept as they are given here (R25).

    What is not accepted and still seems to identify somebody goes on waiting. Raises as
    `change_activity` does.
    """
    if not by.may(Right.REVIEW_NOTES):
        raise PermissionDenied
    given = {"internal_note": note, "summary": summary}
    fields = [name for name, text in given.items() if getattr(activity, name) != text]
    activity.internal_note, activity.summary = note, summary
    # Accepted are the texts that are saved, and no others.
    activity.review = Review.ACCEPTED if accept and not fields else Review.PENDING
    return change_activity(
        activity=activity,
        head_counts=None,
        read_version=read_version,
        by=by,
        fields=[*fields, "review"],
    )


@transaction.atomic
def delete_activity(*, activity: Activity, read_version: int, by: Membership) -> Any:
    """Removes an activity as it was shown; its history keeps what it said, the journal who did.

    Answers the version it leaves, from which it can be brought back. Raises Conflict,
    PermissionDenied.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    row = lock_version(activity, read_version)
    record(Act.DELETE, row, by=by, programme=row.programme_id)
    for cell in row.head_counts.all():
        cell._change_reason = WITH_ITS_SUBJECT
        cell.delete()
    row.delete()
    return Activity.history.filter(id=activity.pk, history_type="-").latest()


@transaction.atomic
def restore_activity(*, activity: Activity, head_counts: HeadCounts, by: Membership) -> Activity:
    """Saves a deleted activity again under its own key, so that its history goes on.

    Raises PermissionDenied, ValidationError; IntegrityError when somebody else just did.
    """
    if not activity.may_be_changed_by(by):
        raise PermissionDenied
    first_saved = activity.created_at
    _prepare(activity)
    # Never an update: of two that bring it back, the second must find it there.
    activity.save(force_insert=True)
    _save_head_counts(activity, head_counts)
    Activity.objects.filter(pk=activity.pk).update(created_at=first_saved)
    record(Act.UNDO, activity, by=by, programme=activity.programme_id)
    return activity


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


def _save(activity: Activity, head_counts: HeadCounts | None) -> None:
    _prepare(activity)
    is_new = activity.pk is None
    activity.save()
    if head_counts is not None and (head_counts or not is_new):
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
        known = present.get((audience, band))
        if known is not None and known.count == count:
            continue
        row = known or HeadCount(activity=activity, audience=audience, band=band)
        row.count = count
        row.full_clean()
        row.save()
