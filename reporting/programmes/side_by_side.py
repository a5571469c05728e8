"""One operator's programmes beside each other: sums of each, and what makes them comparable.

Each programme is read under the reader's own current membership in it, and nothing but sums leaves it.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from governance.models import Convention, Membership, Place, PlaceKind
from mediation.frame.reference import ReferenceActivity
from mediation.models import Activity, Signalement
from reporting.figures.hours import ProgrammeHours, programme_hours

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Side:
    """One programme, in the convention's year that holds the day; None where it is not known."""

    membership: Membership
    convention: Convention | None = None
    hours: ProgrammeHours | None = None
    activities: int | None = None
    conflicts: int | None = None
    sent: int | None = None
    buildings: int = 0

    @property
    def target(self) -> int | None:
        """Hours of a year, of all médiateurs."""
        return self.hours.target // 60 if self.hours and self.hours.target else None

    @property
    def cost_an_hour(self) -> float | None:
        """Of an hour that the convention promises; its cost is that of its whole term."""
        if self.convention is None or not self.target:
            return None
        days = (self.convention.last_day - self.convention.starts).days + 1
        return float(self.convention.cost) / (self.target * max(1, round(days / DAYS_A_YEAR)))

    @property
    def per_hundred_hours(self) -> float | None:
        if self.hours is None or not self.hours.work or self.activities is None:
            return None
        return 100 * self.activities / (self.hours.work / 60)


def side_of(membership: Membership, until: date) -> Side:
    """Five queries, however many rows: one programme's sums up to a day."""
    convention = Convention.objects.visible_to(membership).in_force(until)
    places = Place.objects.visible_to(membership).filter(
        Q(retired_on__isnull=True) | Q(retired_on__gt=until), kind=PlaceKind.SPOT
    )
    if convention is None:
        return Side(membership, buildings=places.count())
    hours = programme_hours(convention, until)
    first = hours.year.first
    rows = Activity.objects.visible_to(membership).between(first, until)
    conflicts = Count("pk", Q(type=ReferenceActivity.CONF))
    counted = rows.order_by().aggregate(all=Count("pk"), conflicts=conflicts)
    sent = Signalement.objects.visible_to(membership).filter(
        sent_at__date__gte=first, sent_at__date__lte=until
    )
    return Side(
        membership, convention, hours, counted["all"], counted["conflicts"], sent.count(),
        places.count(),
    )  # fmt: skip
