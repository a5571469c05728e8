"""From a project to what is approved: observations, approval, correction (R57–R59).

What is approved never changes: its content, its files and their checksums are kept, and the rows
beneath refuse whatever is no correction. A correction is one version more, which says what it
changes; it is written and approved in one go, so that nobody reads half of it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.access.models import Membership
from governance.base import thawed
from governance.decisions.models import ActionItem, Decision
from governance.journal.models import Act, record
from governance.meetings.models import AgendaItem, Attendance, Invitation, Meeting, MeetingState
from governance.parties.models import Programme
from governance.rights import Right
from humanicite.lib.writes import Conflict, take_version

from ..checks import problems
from ..content import Numbers, build, differences, points_of
from ..emails import queue_approved, queue_for_review
from ..models import Minutes, MinutesStage, Observation
from ..papers import Drawing, checksum
from .points import PointSaid, open_minutes, write_point

THERE = (Attendance.PRESENT, Attendance.REPRESENTED)
TOO_LATE = "Ce compte rendu n’est plus soumis aux observations."


# --- Observations ---------------------------------------------------------------------------------
@transaction.atomic
def submit_minutes(
    *, meeting: Meeting, until: date, by: Membership, now: datetime, keeps_names: bool = False
) -> int:
    """Sends the project to those who were there, who may remark on it until a day; answers how many
    mails. Raises PermissionDenied, ValidationError with all that is missing."""
    minutes = open_minutes(meeting, by)
    if minutes.stage != MinutesStage.DRAFT:
        raise ValidationError("Ce compte rendu est déjà soumis aux observations.")
    if until < timezone.localdate(now):
        raise ValidationError({"until": "Cette date est passée."})
    _require_complete(meeting, keeps_names=keeps_names)
    minutes.content, minutes.stage = build(meeting), MinutesStage.REVIEW
    minutes.submitted_at, minutes.observations_until = now, until
    minutes.save()
    if meeting.state != MeetingState.HELD:
        meeting.state = MeetingState.HELD
        meeting.save(update_fields=["state", "is_internal"])
    fields = ["stage", "observations_until"]
    record(Act.CHANGE, minutes, by=by, programme=by.programme_id, fields=fields)
    there = meeting.invitations.filter(attendance__in=THERE).exclude(email="")
    return queue_for_review(minutes, list(there.select_related("party", "meeting")))


def _require_complete(meeting: Meeting, *, keeps_names: bool) -> None:
    found = [
        one
        for one in problems(meeting, points_of(meeting))
        if not (one.may_be_kept and keeps_names)
    ]
    if found:
        raise ValidationError([one.text for one in found])


@transaction.atomic
def observe(*, minutes: Minutes, invitation: Invitation, text: str, now: datetime) -> Observation:
    """What somebody who was there remarks, by the link of their mail. Raises ValidationError."""
    held = Minutes.objects.select_for_update().get(pk=minutes.pk)
    until = held.observations_until
    if not held.is_under_review or until is None or timezone.localdate(now) > until:
        raise ValidationError(TOO_LATE)
    row = Observation(
        minutes=held, invitation=invitation, function=str(invitation)[:160], text=text, at=now
    )
    row.full_clean()
    row.save()
    record(Act.CREATE, row, by=None, programme=held.programme_id)
    return row


@transaction.atomic
def treat_observation(*, observation: Observation, treated: bool, by: Membership) -> None:
    if not by.may(Right.WRITE_MINUTES):
        raise PermissionDenied
    observation.is_treated = treated
    observation.save(update_fields=["is_treated"])
    record(Act.CHANGE, observation, by=by, programme=by.programme_id, fields=["is_treated"])


# --- Approval -------------------------------------------------------------------------------------
def next_numbers(meeting: Meeting) -> Numbers:
    """The numbers that its decisions are about to get, in the order of the agenda: without gaps
    within a programme and a year. For good only while the programme's row is held."""
    year = meeting.day.year
    rows = Decision.objects.of_programme(meeting.programme_id).filter(year=year)
    last = int(rows.aggregate(last=Max("number"))["last"] or 0)
    new = Decision.objects.filter(item__meeting=meeting, number__isnull=True)
    ordered = new.order_by("item__rank", "item__pk", "rank", "pk")
    keys = ordered.values_list("pk", flat=True)
    return {pk: (year, last + place) for place, pk in enumerate(keys, 1)}


def as_approved(meeting: Meeting) -> dict[str, object]:
    """The content that approval would keep now: to be drawn before it."""
    return build(meeting, next_numbers(meeting)) | {"version": 1}


@transaction.atomic
def approve_minutes(
    *,
    meeting: Meeting,
    drawn: Drawing,
    by: Membership,
    now: datetime,
    keeps_names: bool = False,
) -> Minutes:
    """Numbers the decisions, keeps the content and its PDF, and sends them to those concerned.

    Raises PermissionDenied, ValidationError with all that is missing, Conflict where the minutes
    are no longer those that were drawn.
    """
    if not by.may(Right.CONVENE):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=meeting.programme_id)
    minutes = open_minutes(meeting, by)
    if minutes.stage != MinutesStage.REVIEW:
        raise ValidationError("Soumettez d’abord ce compte rendu à ceux qui étaient là.")
    if minutes.observations.filter(is_treated=False).exists():
        raise ValidationError("Des observations attendent : traitez-les d’abord.")
    _require_complete(meeting, keeps_names=keeps_names)
    if drawn.content != as_approved(meeting):
        raise Conflict(minutes)
    _publish(meeting)
    minutes.approved_at, minutes.approved_by = now, by.user
    _keep(minutes, drawn)
    record(Act.CHANGE, minutes, by=by, programme=by.programme_id, fields=["stage"])
    queue_approved(minutes, now=now)
    return minutes


def _publish(meeting: Meeting) -> None:
    """Its decisions get their numbers; they and its actions are seen by those concerned."""
    for pk, (year, number) in next_numbers(meeting).items():
        Decision.objects.filter(pk=pk).update(year=year, number=number)
    Decision.objects.filter(item__meeting=meeting).update(is_internal=False)
    ActionItem.objects.filter(item__meeting=meeting).update(is_internal=False)


def _keep(minutes: Minutes, drawn: Drawing) -> None:
    minutes.content, minutes.stage = drawn.content, MinutesStage.APPROVED
    minutes.checksum = checksum(drawn.whole)
    name = f"compte-rendu-{minutes.meeting.day}-{minutes.number}"
    minutes.pdf.save(f"{name}.pdf", ContentFile(drawn.whole), save=False)
    if drawn.shared is not None:
        minutes.shared_checksum = checksum(drawn.shared)
        minutes.shared_pdf.save(f"{name}-partage.pdf", ContentFile(drawn.shared), save=False)
    minutes.save()


# --- Correction -----------------------------------------------------------------------------------
Corrections = Mapping[AgendaItem, tuple[int, PointSaid]]  # the version read, and what was typed


def as_corrected(
    meeting: Meeting, corrections: Corrections, reason: str, by: Membership
) -> dict[str, object]:
    """The content that a correction would keep: written, read, and taken back."""
    with transaction.atomic():
        content = _apply(meeting, corrections, reason, by)
        transaction.set_rollback(True)
    return content


def _apply(
    meeting: Meeting, corrections: Corrections, reason: str, by: Membership
) -> dict[str, Any]:
    last = _last_approved(meeting, by)
    with thawed():
        for item, (version, said) in corrections.items():
            row = AgendaItem.objects.select_related("meeting__committee").get(pk=item.pk)
            take_version(row, version)
            write_point(row, said, by)
        _publish(meeting)
    content = build(meeting)
    changes = differences(last.content, content)
    if not changes:
        raise ValidationError("Rien n’est changé : il n’y a pas de correction à enregistrer.")
    return content | {"version": last.number + 1, "reason": reason, "changes": changes}


def _last_approved(meeting: Meeting, by: Membership) -> Minutes:
    if not by.may(Right.CONVENE):
        raise PermissionDenied
    last: Minutes | None = Minutes.objects.filter(meeting=meeting).first()
    if last is None or not last.is_approved:
        raise ValidationError("Ce compte rendu n’est pas approuvé : modifiez-le directement.")
    return last


@transaction.atomic
def correct_minutes(
    *,
    meeting: Meeting,
    corrections: Corrections,
    reason: str,
    drawn: Drawing,
    by: Membership,
    now: datetime,
) -> Minutes:
    """One version more, which says what it changes; the earlier ones are read as they were.

    Raises PermissionDenied, ValidationError, Conflict.
    """
    if not reason:
        raise ValidationError({"reason": "Dites ce que cette version change, et pourquoi."})
    Programme.objects.select_for_update().get(pk=meeting.programme_id)
    content = _apply(meeting, corrections, reason, by)
    if drawn.content != content:
        raise Conflict(_last_approved(meeting, by))
    row = Minutes(
        meeting=meeting,
        number=content["version"],
        reason=reason,
        approved_at=now,
        approved_by=by.user,
        submitted_at=now,
    )
    with thawed():
        _keep(row, drawn)
    record(Act.CREATE, row, by=by, programme=by.programme_id)
    queue_approved(row, now=now)
    return row
