"""Writes on roadmaps: keyword-only, `by=` the membership that acts, atomic, journalled (R33, R34)."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q

from governance.models import Act, Meeting, Membership, record
from governance.rights import Right
from humanicite.lib.writes import Done, save_once, take_version

from .models import PlannedAction, PlannedState, Roadmap, RoadmapState

NOT_YOURS = "Cette action ne peut pas être enregistrée : rouvrez le formulaire."


@transaction.atomic
def open_year(*, year: int, by: Membership) -> Roadmap:
    """Begins a year's roadmap. Raises Done where it is there, PermissionDenied."""
    return _open(Roadmap(programme_id=by.programme_id, year=year), by)


@transaction.atomic
def derive_month(*, yearly: Roadmap, month: int, by: Membership) -> Roadmap:
    """A month's roadmap, made of the year's actions that fall into it and are still to do, and of
    what the month before did not finish (R34). Raises Done where it is there, PermissionDenied.
    """
    made = Roadmap(programme_id=yearly.programme_id, year=yearly.year, month=month)
    made.state = yearly.state if yearly.state != RoadmapState.VALIDATED else RoadmapState.PROPOSED
    _open(made, by)
    falling = yearly.planned_actions.filter(
        state=PlannedState.PLANNED, starts__lte=made.last, ends__gte=made.first
    )
    rows = [_part(action, made) for action in falling.order_by("rank", "pk")]
    before = _unfinished(yearly, month, [row.parent_id for row in rows])
    rows += [_again(action, made) for action in before]
    for rank, row in enumerate(rows, 1):
        row.rank = rank
        row.full_clean(exclude=["uid"])
        row.save()
    return made


def _open(roadmap: Roadmap, by: Membership) -> Roadmap:
    if not by.may(Right.PLAN):
        raise PermissionDenied
    known = Roadmap.objects.filter(
        programme=roadmap.programme_id, year=roadmap.year, month=roadmap.month
    )
    if row := known.first():
        raise Done(row)
    try:
        with transaction.atomic():
            roadmap.full_clean()
            roadmap.save()
    except IntegrityError:
        # Two presses crossed; the constraint let one through.
        raise Done(known.get()) from None
    record(Act.CREATE, roadmap, by=by, programme=roadmap.programme_id)
    return roadmap


def _part(action: PlannedAction, month: Roadmap) -> PlannedAction:
    """A month's share of a year's action: what is left of its number, spread over its months."""
    quantity = None
    if action.quantity:
        months = action.ends.month - max(action.starts.month, month.month or 1) + 1
        left = action.quantity - logged(action)
        quantity = max(1, -(-left // months)) if left > 0 else None
    return PlannedAction(
        roadmap=month,
        parent=action,
        objective=action.objective,
        title=action.title,
        type=action.type,
        place=action.place,
        starts=max(action.starts, month.first),
        ends=min(action.ends, month.last),
        expected=action.expected,
        quantity=quantity,
    )


def _unfinished(yearly: Roadmap, month: int, taken: list[int | None]) -> list[PlannedAction]:
    """Of the last month planned before, what is still open and does not come with the year's."""
    earlier = Roadmap.objects.filter(
        programme=yearly.programme_id, year=yearly.year, month__lt=month
    )
    last = earlier.order_by("-month").first()
    if last is None:
        return []
    rows = last.planned_actions.filter(state=PlannedState.PLANNED).order_by("rank", "pk")
    return list(rows.exclude(parent__in=[key for key in taken if key is not None]))


def _again(action: PlannedAction, month: Roadmap) -> PlannedAction:
    return PlannedAction(
        roadmap=month,
        parent=action.parent,
        objective=action.objective,
        title=action.title,
        type=action.type,
        place=action.place,
        starts=month.first,
        ends=month.last,
        expected=action.expected,
        quantity=action.quantity,
    )


def logged(action: PlannedAction) -> int:
    """How many activities were logged against an action, through its months as well."""
    counted = PlannedAction.objects.filter(Q(pk=action.pk) | Q(parent=action.pk))
    return int(counted.aggregate(n=Count("activities"))["n"])


@transaction.atomic
def change_roadmap(
    *,
    roadmap: Roadmap,
    goals: str,
    state: str,
    meeting: Meeting | None,
    validated_on: date | None,
    read_version: int,
    by: Membership,
) -> Roadmap:
    """Saves the general objectives and who validated them. Raises Conflict, PermissionDenied,
    ValidationError."""
    if not by.may(Right.PLAN):
        raise PermissionDenied
    if state == RoadmapState.VALIDATED and not by.may(Right.EDIT_FRAME):
        raise ValidationError({"state": "La coordination valide, avec le comité de pilotage."})
    take_version(roadmap, read_version)
    roadmap.goals, roadmap.state, roadmap.meeting = goals, state, meeting
    roadmap.validated_on = validated_on if state == RoadmapState.VALIDATED else None
    roadmap.full_clean()
    roadmap.save()
    fields = ["goals", "state", "meeting", "validated_on"]
    record(Act.CHANGE, roadmap, by=by, programme=roadmap.programme_id, fields=fields)
    return roadmap


def plan_action(*, action: PlannedAction, by: Membership) -> PlannedAction:
    """Adds an action to a roadmap, once however often its form arrives.

    Raises Done for a `uid` that is known, PermissionDenied, ValidationError.
    """
    if not by.may(Right.PLAN):
        raise PermissionDenied

    def save() -> None:
        last = action.roadmap.planned_actions.aggregate(last=Max("rank"))["last"]
        action.rank = (last or 0) + 1
        action.full_clean(exclude=["uid"])
        action.save()
        record(Act.CREATE, action, by=by, programme=action.programme_id)

    return save_once(action, save, is_theirs=lambda row: row.is_visible_to(by), refusal=NOT_YOURS)


@transaction.atomic
def change_action(
    *, action: PlannedAction, read_version: int, by: Membership, fields: list[str]
) -> PlannedAction:
    """Raises Conflict, PermissionDenied, ValidationError."""
    if not by.may(Right.PLAN):
        raise PermissionDenied
    take_version(action, read_version)
    action.full_clean()
    action.save()
    record(Act.CHANGE, action, by=by, programme=action.programme_id, fields=fields)
    return action


@transaction.atomic
def settle_action(
    *, action: PlannedAction, state: str, reason: str, read_version: int, by: Membership
) -> PlannedAction:
    """Says what became of an action: done, carried over to the next month, dropped, or open again.

    One that is carried over is found again in the next month's roadmap, where there is one. Raises
    Conflict, PermissionDenied, ValidationError.
    """
    action.state = state
    action.reason = reason if state in (PlannedState.CARRIED, PlannedState.DROPPED) else ""
    change_action(action=action, read_version=read_version, by=by, fields=["state", "reason"])
    if state == PlannedState.CARRIED:
        _carry(action, by)
    return action


def _carry(action: PlannedAction, by: Membership) -> None:
    roadmap = action.roadmap
    if roadmap.is_yearly:
        wanted = Q(year=roadmap.year + 1, month__isnull=True)
    else:
        year, month = divmod(roadmap.year * 12 + (roadmap.month or 1), 12)
        wanted = Q(year=year, month=month + 1)
    following = Roadmap.objects.filter(wanted, programme=roadmap.programme_id).first()
    if following is None:
        return
    row = _again(action, following)
    row.parent = action.parent if following.year == roadmap.year else None
    known = following.planned_actions.filter(parent=row.parent, title=row.title)
    if not known.exists():
        plan_action(action=row, by=by)
