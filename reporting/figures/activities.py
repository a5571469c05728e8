"""(perimeter, period) → numbers: the one place that counts.

Figures belong to a perimeter and a period, never to a reader: two people who look at the same
perimeter see the same number. Activities are read once, in one pass over the index on place and
day, and every number is derived from that pass; head counts come from one more query. The hours
of a convention's year are the programme's: they are the one figure that has no perimeter. Signalements
are counted by when they were sent, with what became of them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time

from django.db.models import Sum

from governance.models import Perimeter
from humanicite.lib.dates import is_day_off, is_evening
from mediation.models import Activity, HeadCount
from mediation.worktime.hours import Tally
from reporting.periods import Period

CURVE_MONTHS = 13
FEW_ROWS = 5  # under which a sum of people, or of hours of the day, says too much of a row


@dataclass
class Figures:
    """What one perimeter's activities of one period sum up to. Durations are in minutes."""

    perimeter: Perimeter
    period: Period
    total: Tally = field(default_factory=Tally)
    by_type: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_axis: dict[int | None, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_theme: dict[int | None, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_place: dict[int, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_place_and_theme: Counter[tuple[int, int]] = field(default_factory=Counter)
    days_off: Tally = field(default_factory=Tally)
    evenings: Tally = field(default_factory=Tally)
    without_start: int = 0
    days_worked: set[date] = field(default_factory=set)
    by_month: Counter[int] = field(default_factory=Counter)  # of one year's, activities
    contacts: int = 0
    by_audience: dict[int, int] = field(default_factory=dict)

    @property
    def tells_rows(self) -> bool:
        """Whether a sum over the period tells of a few rows: it holds few, or one of its months
        does, which the sums of the others would give back. A month without any tells nothing."""
        return self.total.count < FEW_ROWS or any(
            count < FEW_ROWS for count in self.by_month.values()
        )

    @property
    def has_data(self) -> bool:
        return self.total.count > 0


@dataclass
class Report:
    """A period beside the one before and the same one a year ago, and thirteen months of curve.

    `previous` and `last_year` are None where the service kept no record yet: that is not zero.
    """

    current: Figures
    previous: Figures | None
    last_year: Figures | None
    months: list[Period]
    curve: list[Tally | None]
    axis_curves: dict[int, list[int]]  # axis → activities, month by month
    audience_names: dict[int, str]
    recorded_since: date | None = None  # the first day of a record, none after the period

    @property
    def period(self) -> Period:
        return self.current.period


# Long: all is counted in one pass over the rows.
def report(perimeter: Perimeter, period: Period, until: date | None = None) -> Report:
    """Everything the dashboard and the synthesis show of a perimeter and a period; 2 queries and
    the perimeter's coverage. The curve stops at `until`: a month to come is no zero."""
    last = min(period.last, until) if until and until >= period.first else period.last
    months = Period.holding("mois", last).months_until_end(CURVE_MONTHS)
    compared = {p: Figures(perimeter, p) for p in (period, period.previous, period.last_year)}
    first = min([months[0].first, *(p.first for p in compared)])
    curve = {month: Tally() for month in months}
    axis_curves: dict[int, Counter[Period]] = defaultdict(Counter)
    activities = Activity.objects.within(perimeter)
    columns = (
        "day",
        "minutes",
        "type",
        "objective__axis_id",
        "theme_id",
        "second_theme_id",
        "place_id",
        "starts_at",
    )
    # The first day of all comes along: since when records are kept, without another query.
    earliest = activities.order_by("day").values("day")[:1]
    rows = (
        activities.between(first, period.last)
        .values_list(*columns)
        .union(activities.filter(day__lt=first, day=earliest).values_list(*columns), all=True)
    )
    recorded_since: date | None = None
    month_of = {(month.year, month.index): month for month in months}
    counted_in: dict[date, tuple[Period | None, list[Figures], bool]] = {}
    for day, minutes, type_, axis, theme, second_theme, place, starts_at in rows:
        recorded_since = min(day, recorded_since or day)
        if day < first:
            continue
        if day not in counted_in:
            holding = [figures for p, figures in compared.items() if p.holds(day)]
            month = month_of.get((day.year, day.month))
            counted_in[day] = month, holding, is_day_off(day)
            for figures in holding:
                figures.days_worked.add(day)
        month, holding, is_off = counted_in[day]
        if month is not None:
            curve[month].add(minutes)
            if axis is not None:
                axis_curves[axis][month] += 1
        for figures in holding:
            figures.by_month[day.month] += 1
            _count(figures, minutes, type_, axis, theme, second_theme, place, starts_at, is_off)
    audience_names = _count_people(perimeter, compared)

    def known(p: Period) -> bool:
        return recorded_since is not None and p.last >= recorded_since

    return Report(
        current=compared[period],
        previous=compared[period.previous] if known(period.previous) else None,
        last_year=compared[period.last_year] if known(period.last_year) else None,
        months=months,
        curve=[curve[month] if known(month) else None for month in months],
        axis_curves={
            axis: [counts[month] for month in months] for axis, counts in axis_curves.items()
        },
        audience_names=audience_names,
        recorded_since=recorded_since,
    )


def _count(
    figures: Figures,
    minutes: int,
    type_: str,
    axis: int | None,
    theme: int | None,
    second_theme: int | None,
    place: int,
    starts_at: time | None,
    is_off: bool,
) -> None:
    figures.total.add(minutes)
    figures.by_type[type_].add(minutes)
    figures.by_axis[axis].add(minutes)
    figures.by_place[place].add(minutes)
    figures.by_theme[theme].add(minutes)
    if theme is not None:
        figures.by_place_and_theme[place, theme] += 1
    if second_theme is not None:
        # An activity on two themes counts in each: themes do not sum to the total.
        figures.by_theme[second_theme].add(minutes)
        figures.by_place_and_theme[place, second_theme] += 1
    if is_off:
        figures.days_off.add(minutes)
    if starts_at is None:
        figures.without_start += 1
    elif is_evening(starts_at):
        figures.evenings.add(minutes)


def _count_people(perimeter: Perimeter, compared: dict[Period, Figures]) -> dict[int, str]:
    """Contacts are head counts summed, never « distinct people » (R8); answers who was met, by
    the names of the audiences."""
    first, last = min(p.first for p in compared), max(p.last for p in compared)
    within = Activity.objects.within(perimeter).between(first, last)
    rows = (
        HeadCount.objects.filter(activity__in=within)
        .values_list("activity__day", "audience_id", "audience__name")
        .annotate(people=Sum("count"))
        .order_by()
    )
    names = {}
    for day, audience, name, people in rows:
        names[audience] = name
        for p, figures in compared.items():
            if p.holds(day):
                figures.contacts += people
                figures.by_audience[audience] = figures.by_audience.get(audience, 0) + people
    return names


def change(now: float, before: float | None) -> float | None:
    """Relative change; None, that is « n/d », without something to compare with."""
    return (now - before) / before if before else None
