"""What was done for each objective of the agreement, in one perimeter and period; two queries."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from governance.models import Objective, Perimeter
from mediation.models import Activity
from reporting.periods import Period


@dataclass(frozen=True)
class ForObjective:
    objective: Objective
    count: int
    minutes: int


def by_objective(perimeter: Perimeter, period: Period) -> list[ForObjective]:
    """Each objective in the agreement's order, those without an activity too."""
    rows = (
        Activity.objects.within(perimeter)
        .between(period.first, period.last)
        .filter(objective__isnull=False)
        .order_by()
        .values_list("objective")
        .annotate(n=Count("pk"), total=Sum("minutes"))
    )
    counted = {key: (n, total or 0) for key, n, total in rows}
    objectives = Objective.objects.of_programme(perimeter.programme_id).select_related("axis")
    return [
        ForObjective(row, *counted.get(row.pk, (0, 0)))
        for row in objectives.order_by("axis__number", "number")
        if row.pk in counted or row.retired_on is None or row.retired_on > period.first
    ]
