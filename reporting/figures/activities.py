"""(perimeter, period) → numbers: the one place that counts.

Figures belong to a perimeter and a period, never to a reader: two people who look at the same
perimeter see the same number. Activities are read once, in one pass over the index that holds all
of it, and grouped by the database (figures/grouped.py); every number is a sum of groups. The hours
of a convention's year are the programme's: they are the one figure that has no perimeter. Signalements
are counted by when they were sent, with what became of them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from governance.models import Perimeter
from humanicite.lib.dates import is_day_off
from mediation.worktime.hours import Tally
from reporting.periods import Period

from . import grouped
from .grouped import Group

CURVE_MONTHS = 13


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


def report(perimeter: Perimeter, period: Period, until: date | None = None) -> Report:
    """Everything the dashboard and the synthesis show of a perimeter and a period; one query and
    the perimeter's coverage. The curve stops at `until`: a month to come is no zero."""
    last = min(period.last, until) if until and until >= period.first else period.last
    months = Period.holding("mois", last).months_until_end(CURVE_MONTHS)
    compared = {p: Figures(perimeter, p) for p in (period, period.previous, period.last_year)}
    first = min([months[0].first, *(p.first for p in compared)])
    read = _months_between(first, period.last)
    fold = _Fold(list(compared.values()), read)
    fold.take(grouped.groups(perimeter, list(compared), read))
    since = fold.earliest

    def known(p: Period) -> bool:
        return since is not None and p.last >= since

    return Report(
        current=compared[period],
        previous=compared[period.previous] if known(period.previous) else None,
        last_year=compared[period.last_year] if known(period.last_year) else None,
        months=months,
        curve=[fold.by_month.get(month, Tally()) if known(month) else None for month in months],
        axis_curves={
            axis: curve
            for axis, counts in fold.axis_months.items()
            if any(curve := [counts[month] for month in months])
        },
        audience_names=fold.audience_names,
        recorded_since=since,
    )


def _months_between(first: date, last: date) -> list[Period]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return Period.holding("mois", last).months_until_end(count)


class _Fold:
    """Puts each group (figures/grouped.py) where it counts. Thousands of them: no detours."""

    def __init__(self, figures: list[Figures], months: list[Period]) -> None:
        self.figures, self.months = figures, months
        self.holding = [[one for one in figures if one.period.holds(m.first)] for m in months]
        self.by_month: dict[Period, Tally] = defaultdict(Tally)
        self.axis_months: dict[int, Counter[Period]] = defaultdict(Counter)
        self.audience_names: dict[int, str] = {}
        self.earliest: date | None = None

    def take(self, groups: list[Group]) -> None:
        sorted_out: list[list[Any]] = [[] for _ in range(grouped.EARLIEST + 1)]
        for group in groups:
            sorted_out[group[0]].append(group[1:])
        self._days(sorted_out[grouped.BY_DAY])
        self._types(sorted_out[grouped.BY_TYPE])
        self._axes(sorted_out[grouped.BY_AXIS])
        self._themes(sorted_out[grouped.BY_THEME], sorted_out[grouped.BY_SECOND_THEME])
        self._audiences(sorted_out[grouped.BY_AUDIENCE])
        self.earliest = sorted_out[grouped.EARLIEST][0][1]

    def _days(self, rows: list[Any]) -> None:
        ranks = {(month.year, month.index): rank for rank, month in enumerate(self.months)}
        for _, day, _, _, _, count, minutes in rows:
            rank = ranks[day.year, day.month]
            _add(self.by_month[self.months[rank]], count, minutes)
            for figures in self.holding[rank]:
                figures.days_worked.add(day)
                if is_day_off(day):
                    _add(figures.days_off, count, minutes)
        for rank, month in enumerate(self.months):
            tally = self.by_month[month]
            for figures in self.holding[rank] if tally.count else ():
                _add(figures.total, tally.count, tally.minutes)
                figures.by_month[month.index] += tally.count

    def _types(self, rows: list[Any]) -> None:
        for slot, _, type_, _, clock, count, minutes in rows:
            figures = self.figures[slot]
            _add(figures.by_type[type_], count, minutes)
            if clock == grouped.NO_CLOCK:
                figures.without_start += count
            elif clock == grouped.IN_THE_EVENING:
                _add(figures.evenings, count, minutes)

    def _axes(self, rows: list[Any]) -> None:
        for rank, _, _, axis, _, count, minutes in rows:
            if axis is not None:
                self.axis_months[axis][self.months[rank]] += count
            for figures in self.holding[rank]:
                _add(figures.by_axis[axis], count, minutes)

    def _themes(self, firsts: list[Any], seconds: list[Any]) -> None:
        for slot, _, _, place, theme, count, minutes in firsts:
            figures = self.figures[slot]
            _add(figures.by_place[place], count, minutes)
            _add(figures.by_theme[theme], count, minutes)
            if theme is not None:
                figures.by_place_and_theme[place, theme] += count
        # An activity on two themes counts in each: themes do not sum to the total.
        for slot, _, _, place, theme, count, minutes in seconds:
            figures = self.figures[slot]
            _add(figures.by_theme[theme], count, minutes)
            figures.by_place_and_theme[place, theme] += count

    def _audiences(self, rows: list[Any]) -> None:
        """Contacts are head counts summed, never « distinct people » (R8)."""
        for slot, _, name, audience, _, _, people in rows:
            self.audience_names[audience] = name
            if slot >= 0:
                self.figures[slot].contacts += people
                self.figures[slot].by_audience[audience] = people


def _add(tally: Tally, count: int, minutes: int) -> None:
    tally.count += count
    tally.minutes += minutes


def change(now: float, before: float | None) -> float | None:
    """Relative change; None, that is « n/d », without something to compare with."""
    return (now - before) / before if before else None
