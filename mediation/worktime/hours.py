"""Working time: from rows to a day, a week, a year and what the law would have noticed.

Arithmetic alone: no query, and no clock but the days it is given. Durations are whole minutes.
Supervision is counted apart: the week and the year of the agreement do not hold it (R27, R28, R30);
the limits of the Code du travail do, since it is time at work all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from governance.models import Convention
from humanicite.lib.dates import (
    format_duration,
    is_evening,
    is_public_holiday,
    is_weekend,
    long_day,
    monday_of,
)

from .models import TimeKind

PARIS = ZoneInfo("Europe/Paris")
DAYS_A_WEEK = 5
TERRAIN = "terrain"  # the activities themselves
SUPERVISION = TimeKind.ENCADREMENT.value
# What counts against the week and the year, in the order of the pages.
WORK: dict[str, str] = {
    TERRAIN: "Terrain",
    **{kind.value: kind.label for kind in TimeKind if kind != TimeKind.ENCADREMENT},
}

DAY_LIMIT = 10 * 60  # Code du travail, L3121-18: effective work of a day
WEEK_LIMIT = 48 * 60  # L3121-20: effective work of a week
REST = 11 * 60  # L3131-1: consecutive hours of rest a day
PAUSE = timedelta(hours=1)  # a break that short is no rest: past midnight the work goes on


@dataclass
class Tally:
    """Pieces of work and their minutes."""

    count: int = 0
    minutes: int = 0

    def add(self, minutes: int) -> None:
        self.count += 1
        self.minutes += minutes


@dataclass(frozen=True)
class Stint:
    """A piece of work as the rows say it; `type` is an activity's reference activity."""

    day: date
    minutes: int
    kind: str = TERRAIN
    starts_at: time | None = None
    type: str = ""

    def span(self) -> tuple[datetime, datetime] | None:
        """From when to when, in UTC, so that the nights on which clocks change have their length;
        None without a start time. Work past midnight ends on the next day."""
        if self.starts_at is None:
            return None
        start = datetime.combine(self.day, self.starts_at, tzinfo=PARIS).astimezone(UTC)
        return start, start + timedelta(minutes=self.minutes)


# --- What hours are held against -------------------------------------------------------------------


@dataclass(frozen=True)
class Term:
    """A convention's term, both days included, with the minutes of its week and of its year."""

    starts: date
    ends: date
    weekly: int
    yearly: int
    mediators: int = 1

    @classmethod
    def of(cls, convention: Convention) -> "Term":
        return cls(
            starts=convention.starts,
            ends=convention.ends or date.max,
            weekly=round(convention.weekly_hours * 60),
            yearly=convention.yearly_hours * 60,
            mediators=convention.mediators,
        )

    @property
    def usual_day(self) -> float:
        return self.weekly / DAYS_A_WEEK


def term_on(terms: Iterable[Term], day: date) -> Term | None:
    """The convention in force on a day; terms never overlap."""
    return next((term for term in terms if term.starts <= day <= term.ends), None)


@dataclass(frozen=True)
class WorkYear:
    """A year of a convention: twelve months from its first day or its anniversary, cut short by its
    end. Without a convention, the calendar year, which is held against nothing (`term` is None).
    """

    first: date
    last: date
    term: Term | None

    @classmethod
    def holding(cls, day: date, terms: Iterable[Term]) -> "WorkYear":
        term = term_on(terms, day)
        if term is None:
            return cls(date(day.year, 1, 1), date(day.year, 12, 31), None)
        years = day.year - term.starts.year
        if _years_after(term.starts, years) > day:
            years -= 1
        first = _years_after(term.starts, years)
        return cls(first, min(_years_after(term.starts, years + 1) - _DAY, term.ends), term)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def target(self) -> int | None:
        """The agreement's minutes of this year (R27): in proportion where a term cuts it short."""
        if self.term is None:
            return None
        whole = (_years_after(self.first, 1) - self.first).days
        return round(self.term.yearly * self.days / whole)

    def elapsed_days(self, on: date) -> int:
        return max(0, min((on - self.first).days + 1, self.days))

    def elapsed(self, on: date) -> float:
        """The share of the year that is over on the evening of a day, from 0 to 1."""
        return self.elapsed_days(on) / self.days

    def supervision_due(self, on: date) -> int | None:
        """Half a day for each week that is over, whole or begun (R30)."""
        if self.term is None:
            return None
        return round(self.term.usual_day / 2 * self.elapsed_days(on) / 7)


_DAY = timedelta(days=1)


def _years_after(day: date, years: int) -> date:
    """The anniversary; that of a 29 February falls on 1 March in years that have none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


# --- Sums ------------------------------------------------------------------------------------------


@dataclass
class Sums:
    """What stints add up to; all but `by_kind` leaves supervision out."""

    by_kind: Counter[str] = field(default_factory=Counter)
    by_type: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    evenings: Tally = field(default_factory=Tally)
    weekends: Tally = field(default_factory=Tally)  # but for the public holidays among them
    holidays: Tally = field(default_factory=Tally)
    without_start: int = 0

    def add(self, stint: Stint) -> None:
        self.by_kind[stint.kind] += stint.minutes
        if stint.kind == SUPERVISION:
            return
        if stint.kind == TERRAIN:
            self.by_type[stint.type].add(stint.minutes)
        if is_public_holiday(stint.day):
            self.holidays.add(stint.minutes)
        elif is_weekend(stint.day):
            self.weekends.add(stint.minutes)
        if stint.starts_at is None:
            self.without_start += 1
        elif is_evening(stint.starts_at):
            self.evenings.add(stint.minutes)

    @property
    def supervision(self) -> int:
        return self.by_kind[SUPERVISION]

    @property
    def at_work(self) -> int:
        """Everything, supervision included: what the limits of the law are held against."""
        return self.by_kind.total()

    @property
    def work(self) -> int:
        """What counts against the agreement's week and year."""
        return self.at_work - self.supervision

    @property
    def other(self) -> int:
        """Work that is no activity."""
        return self.work - self.by_kind[TERRAIN]

    @property
    def off_days(self) -> int:
        """Minutes on weekends and public holidays."""
        return self.weekends.minutes + self.holidays.minutes

    @property
    def cells(self) -> list[tuple[str, int]]:
        """(label, minutes) of each kind of work, in the order of the pages."""
        return [(label, self.by_kind[kind]) for kind, label in WORK.items()]


def sums(stints: Iterable[Stint]) -> Sums:
    total = Sums()
    for stint in stints:
        total.add(stint)
    return total


@dataclass
class Day:
    day: date
    sums: Sums
    alerts: list["Alert"]

    @property
    def is_holiday(self) -> bool:
        return is_public_holiday(self.day)


@dataclass
class Week:
    """Monday to Sunday."""

    days: list[Day]
    sums: Sums
    alerts: list["Alert"]
    expected: int | None  # None while no convention is in force
    supervision_due: int | None

    @property
    def monday(self) -> date:
        return self.days[0].day

    @property
    def sunday(self) -> date:
        return self.days[-1].day

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week


def week(stints: Iterable[Stint], day: date, terms: Iterable[Term]) -> Week:
    """The week that holds a day. Stints of the days before it serve the rest before its Monday.

    Each working day brings a fifth of the hours of the convention in force on that very day, so
    that a week across two conventions is held against both.
    """
    stints, terms, monday = list(stints), list(terms), monday_of(day)
    dates = [monday + timedelta(days=n) for n in range(7)]
    found = alerts(stints, monday)
    by_day: dict[date, Sums] = {one: Sums() for one in dates}
    for stint in stints:
        if stint.day in by_day:
            by_day[stint.day].add(stint)
    usual = [term.usual_day for one in dates[:DAYS_A_WEEK] if (term := term_on(terms, one))]
    return Week(
        days=[
            Day(one, by_day[one], [alert for alert in found if alert.day == one]) for one in dates
        ],
        sums=sums(stint for stint in stints if stint.day in by_day),
        alerts=found,
        expected=round(sum(usual)) if usual else None,
        supervision_due=round(sum(usual) / DAYS_A_WEEK / 2) if usual else None,
    )


@dataclass
class Month:
    """A calendar month, or the part of one that lies in the year."""

    first: date
    sums: Sums


@dataclass
class Year:
    """One person's year up to a day, that day included."""

    year: WorkYear
    until: date
    sums: Sums
    months: list[Month]

    @property
    def used(self) -> float | None:
        return self.sums.work / self.year.target if self.year.target else None

    @property
    def elapsed(self) -> float:
        return self.year.elapsed(self.until)

    @property
    def supervision_due(self) -> int | None:
        return self.year.supervision_due(self.until)


def year(stints: Iterable[Stint], of: WorkYear, until: date) -> Year:
    """A year's months up to a day, oldest first, those without work included."""
    last = min(of.last, until)
    counted = [stint for stint in stints if of.first <= stint.day <= last]
    months: dict[tuple[int, int], Month] = {}
    day = of.first
    while day <= last:
        months[day.year, day.month] = Month(day, Sums())
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    for stint in counted:
        months[stint.day.year, stint.day.month].sums.add(stint)
    return Year(of, last, sums(counted), list(months.values()))


# --- What the law would notice ---------------------------------------------------------------------


@dataclass(frozen=True)
class Alert:
    """A limit of the Code du travail that the hours noted go past: told, never refused.

    `day` is the day concerned; None for the week as a whole. Agreements may allow more (L3121-19,
    L3121-23, L3131-2): the person and the coordination know, the software does not.
    """

    day: date | None
    said: str
    is_rest: bool = False  # the night before `day`

    def concerns(self, day: date) -> bool:
        """Whether a day's hours have a part in it."""
        return self.day in (None, day) or (self.is_rest and self.day == day + _DAY)


def alerts(stints: Iterable[Stint], day: date) -> list[Alert]:
    """What is to be noticed in the week that holds a day: days in their order, the week last."""
    stints, monday = list(stints), monday_of(day)
    rest_before = dict(rests(stints))
    found = []
    total = 0
    for one in (monday + timedelta(days=n) for n in range(7)):
        at_work = sum(stint.minutes for stint in stints if stint.day == one)
        total += at_work
        rest = rest_before.get(one, REST)
        if rest < REST:
            found.append(Alert(one, _rest_said(one, rest), is_rest=True))
        if at_work > DAY_LIMIT:
            found.append(Alert(one, _day_said(one, at_work)))
    if total > WEEK_LIMIT:
        found.append(Alert(None, _week_said(monday, total)))
    return found


def rests(stints: Iterable[Stint]) -> list[tuple[date, int]]:
    """(day, minutes of rest before its work began) for each day on which work began again.

    From start times alone, so a bound: an entry without one can only have shortened the rest.
    Work that goes on past midnight, with a pause of an hour at most, belongs to the evening before.
    """
    found: list[tuple[date, int]] = []
    working_day, end = None, None
    for stint, span in sorted(
        ((stint, span) for stint in stints if (span := stint.span())), key=lambda pair: pair[1]
    ):
        start, stop = span
        if end is not None and start - end <= PAUSE:
            end = max(end, stop)
            continue
        if end is not None and stint.day != working_day:
            found.append((stint.day, (start - end) // timedelta(minutes=1)))
        working_day, end = stint.day, stop
    return found


def _day_said(day: date, minutes: int) -> str:
    """L3121-18: at most ten hours of effective work a day."""
    return (
        f"{long_day(day, with_year=False).capitalize()} : {format_duration(minutes)} de travail, "
        f"pour {format_duration(DAY_LIMIT)} au plus dans une journée (Code du travail, L3121-18)."
    )


def _week_said(monday: date, minutes: int) -> str:
    """L3121-20: at most forty-eight hours of effective work a week."""
    return (
        f"Semaine du {long_day(monday, with_year=False)} : {format_duration(minutes)} de travail, "
        f"pour {format_duration(WEEK_LIMIT)} au plus dans une semaine (Code du travail, L3121-20)."
    )


def _rest_said(day: date, minutes: int) -> str:
    """L3131-1: at least eleven consecutive hours of rest a day."""
    return (
        f"{long_day(day, with_year=False).capitalize()} : {format_duration(minutes)} de repos "
        f"depuis la veille, pour {format_duration(REST)} au moins (Code du travail, L3131-1)."
    )
