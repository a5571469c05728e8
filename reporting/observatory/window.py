"""The twelve months that the observatory looks at, and what they are narrowed to."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from governance.models import Perimeter
from mediation.activities.filters import ActivityFilter
from mediation.activities.models import ActivityQuerySet
from mediation.models import Activity
from mediation.signalements import filters
from reporting.periods import Period

MONTHS = 12
HALF = MONTHS // 2


@dataclass(frozen=True)
class Window:
    """Twelve months of one perimeter, compared half by half; `type` narrows the activities."""

    perimeter: Perimeter
    end: Period
    type: str = ""

    @cached_property
    def months(self) -> list[Period]:
        return self.end.months_until_end(MONTHS)

    @property
    def first(self) -> date:
        return self.months[0].first

    @property
    def last(self) -> date:
        return self.end.last

    @property
    def middle(self) -> date:
        """The first day of the second half."""
        return self.months[HALF].first

    @property
    def label(self) -> str:
        return f"{self.months[0].of_label} à {self.end.label}"

    @property
    def former_label(self) -> str:
        return f"{self.months[0].short_label} à {self.months[HALF - 1].short_label}"

    @property
    def latter_label(self) -> str:
        return f"{self.months[HALF].short_label} à {self.end.short_label}"

    def activities(self, first: date, last: date) -> ActivityQuerySet:
        """Those of the perimeter that are looked at, between two days."""
        rows: ActivityQuerySet = Activity.objects.within(self.perimeter).between(first, last)
        return rows.filter(type=self.type) if self.type else rows

    def rows(self, *, first: date | None = None, last: date | None = None, **more: object) -> str:
        """The list of exactly the activities that a number counts."""
        given = {"type": self.type, "perimetre": self.perimeter, **more}
        return ActivityFilter.address(du=first or self.first, au=last or self.last, **given)

    def sent(self, *, first: date | None = None, last: date | None = None, **more: object) -> str:
        """The same of signalements that were sent, the confidential ones left out."""
        return filters.SignalementFilter.address(
            onglet=filters.ALL, perimetre=self.perimeter, sans_confidentiels=True,
            du=first or self.first, au=last or self.last, **more,
        )  # fmt: skip
