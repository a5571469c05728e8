"""How far a roadmap has come: from the activities logged against its actions (R37, R57)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from governance.models import Axis, Membership
from mediation.activities.models import Activity
from mediation.frame.reference import ReferenceActivity

from .models import PlannedAction, PlannedState, Roadmap


@dataclass
class Line:
    """One action, what was logged against it as far as the reader sees activities, and its colour."""

    action: PlannedAction
    logged: int
    is_late: bool
    parts: list[PlannedAction] = field(default_factory=list)

    @property
    def reference(self) -> ReferenceActivity | None:
        return ReferenceActivity(self.action.type) if self.action.type else None

    @property
    def share(self) -> float | None:
        """Of the number planned, at most 1; None where none was."""
        return min(1.0, self.logged / self.action.quantity) if self.action.quantity else None


@dataclass
class OfAxis:
    axis: Axis
    lines: list[Line]


@dataclass
class Progress:
    """A roadmap by axis. R11 is told of actions: done, of those neither dropped nor carried over."""

    roadmap: Roadmap
    axes: list[OfAxis]

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.axes for line in group.lines]

    @property
    def planned(self) -> int:
        kept = (PlannedState.PLANNED, PlannedState.DONE)
        return sum(line.action.state in kept for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.action.state == PlannedState.DONE for line in self.lines)

    @property
    def late(self) -> int:
        return sum(line.is_late for line in self.lines)


def progress_of(roadmap: Roadmap, reader: Membership, today: date) -> Progress:
    """Three queries, whatever the number of actions."""
    rows = list(
        PlannedAction.objects.visible_to(reader)
        .filter(roadmap=roadmap)
        .select_related("objective__axis", "place")
        .order_by("objective__axis__number", "objective__number", "rank", "pk")
    )
    for row in rows:
        row.roadmap = roadmap
    parts = list(
        PlannedAction.objects.visible_to(reader)
        .filter(parent__in=[row.pk for row in rows])
        .select_related("roadmap")
        .order_by("roadmap__month")
    )
    counts = logged_by_action(reader, [row.pk for row in (*rows, *parts)])
    by_parent: dict[int | None, list[PlannedAction]] = {}
    for part in parts:
        by_parent.setdefault(part.parent_id, []).append(part)
    axes: dict[int, OfAxis] = {}
    for row in rows:
        of_row = by_parent.get(row.pk, [])
        logged = counts.get(row.pk, 0) + sum(counts.get(part.pk, 0) for part in of_row)
        group = axes.setdefault(row.objective.axis_id, OfAxis(row.objective.axis, []))
        group.lines.append(Line(row, logged, row.is_late(today), of_row))
    return Progress(roadmap, list(axes.values()))


def logged_by_action(reader: Membership, keys: Iterable[int]) -> dict[int, int]:
    """Activities logged against each action, as far as the reader sees activities."""
    seen = Activity.objects.visible_to(reader).filter(planned_action__in=list(keys))
    counted = seen.order_by().values_list("planned_action").annotate(n=Count("pk"))
    return dict(counted)
