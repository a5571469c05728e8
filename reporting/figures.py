"""(perimeter, period) → numbers: the one place that counts.

Figures belong to a perimeter and a period, never to a reader: two people who look at the same
perimeter see the same number. Activities are read once, in one pass over the index on place and
day, and every number is derived from that pass; head counts come from one more query. The hours
of a convention's year are the programme's: they are the one figure that has no perimeter. Sheets
are counted by when they were sent, with what became of them.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from statistics import median

from django.db.models import BooleanField, CharField, DateTimeField, Min, Sum, Value
from django.utils import timezone

from governance.models import Convention, Membership, Perimeter
from governance.rights import Role
from humanicite.lib.dates import is_day_off, is_evening, working_days_between
from mediation.models import Activity, HeadCount, SheetState, Signalement, TimeEntry
from mediation.signalements.models.signalements import LONG_OPEN, OPEN, SignalementQuerySet
from mediation.worktime.hours import SUPERVISION, TERRAIN, Tally, Term, WorkYear

from .periods import Period

CURVE_MONTHS = 13
RECURS_WITHIN = 90  # days of a closure


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
    contacts: int = 0
    by_audience: dict[int, int] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """Presence rounds: activities of type PAP."""
        return self.by_type["PAP"].count if "PAP" in self.by_type else 0

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

    @property
    def period(self) -> Period:
        return self.current.period


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
        "day", "minutes", "type", "objective__axis_id", "theme_id", "second_theme_id", "place_id",
        "starts_at",
    )  # fmt: skip
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
    )


def _count(
    figures: Figures, minutes: int, type_: str, axis: int | None, theme: int | None,
    second_theme: int | None, place: int, starts_at: time | None, is_off: bool,
) -> None:  # fmt: skip
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


@dataclass
class ProgrammeHours:
    """What a programme worked of its convention's year, up to a day; minutes, and nobody named."""

    year: WorkYear
    until: date
    work: int  # activities, and the médiateurs' other work
    supervision: int

    @property
    def target(self) -> int:
        """The agreement's hours of each médiateur, together (R26, R27)."""
        term = self.year.term
        return (self.year.target or 0) * (term.mediators if term else 0)

    @property
    def used(self) -> float | None:
        return self.work / self.target if self.target else None

    @property
    def elapsed(self) -> float:
        return self.year.elapsed(self.until)

    @property
    def supervision_due(self) -> int | None:
        """Half a day a week for the service, however many médiateurs it has (R30)."""
        return self.year.supervision_due(self.until)


def programme_hours(convention: Convention, until: date) -> ProgrammeHours:
    """The hours of the convention's year that holds `until`, up to that day; one query.

    Every activity counts, whoever noted it: it is the service's work. Of what is no activity the
    médiateurs' hours count, not the coordination's own, so that a half-day of supervision which
    both noted counts once. It is the total that the agreement promises (R27, R76), for one médiateur
    as for several: docs/decisions/0017.
    """
    year = WorkYear.holding(until, [Term.of(convention)])
    programme = convention.programme_id
    mediateurs = Membership.objects.of_programme(programme).filter(role=Role.MEDIATEUR)
    activities = (
        Activity.objects.of_programme(programme)
        .between(year.first, until)
        .order_by()
        .annotate(what=Value(TERRAIN, output_field=CharField()))
        .values("what")
        .annotate(total=Sum("minutes"))
        .values_list("what", "total")
    )
    entries = (
        TimeEntry.objects.of_programme(programme)
        .between(year.first, until)
        .filter(user__in=mediateurs.values("user"))
        .order_by()
        .values("kind")
        .annotate(total=Sum("minutes"))
        .values_list("kind", "total")
    )
    by_kind = {kind: total or 0 for kind, total in activities.union(entries, all=True)}
    supervision = by_kind.pop(SUPERVISION, 0)
    return ProgrammeHours(year, until, sum(by_kind.values()), supervision)


@dataclass
class SheetFigures:
    """What became, up to a day, of the sheets sent in one period from one perimeter (R7, S2–S6, S8).

    Confidential ones are counted like the others. A rate without anything to divide by is None.
    """

    perimeter: Perimeter
    period: Period
    on: date
    sent: int = 0
    confidential: int = 0
    cancelled: int = 0
    redirected: int = 0
    acknowledged: int = 0  # by one recipient at least
    answered: int = 0
    resolved: int = 0  # seen on site
    closed: int = 0  # resolved, or given up
    open: int = 0
    overdue: int = 0
    open_long: int = 0  # for more than LONG_OPEN days
    returned: int = 0  # new sheets at the place and on the theme of a closed one
    days_to_sign: list[int] = field(default_factory=list)  # working days
    days_to_closure: list[int] = field(default_factory=list)
    along: list[int] = field(default_factory=list)  # keys, see `sheet_figures`

    @property
    def resolution(self) -> float | None:
        """S2: seen resolved, of those sent, but for the cancelled and the redirected."""
        return _share(self.resolved, self.sent - self.cancelled - self.redirected)

    @property
    def acknowledgement(self) -> float | None:
        """S3: acknowledged, of those sent; a cancelled one waits for no sign."""
        return _share(self.acknowledged, self.sent - self.cancelled)

    @property
    def median_to_sign(self) -> float | None:
        """S4, in working days after the sending."""
        return median(self.days_to_sign) if self.days_to_sign else None

    @property
    def median_to_closure(self) -> float | None:
        """S5, in days after the sending."""
        return median(self.days_to_closure) if self.days_to_closure else None

    @property
    def overdue_share(self) -> float | None:
        """S6, of those that are open."""
        return _share(self.overdue, self.open)

    @property
    def recurrence(self) -> float | None:
        """S8: new sheets within RECURS_WITHIN days of a closure, of those closed."""
        return _share(self.returned, self.closed)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole > 0 else None


def sheet_figures(
    perimeter: Perimeter, period: Period, on: date, *, along: SignalementQuerySet | None = None
) -> SheetFigures:
    """The sheets sent in a period, as they stand on the day `on`; one query and the coverage.

    Sheets sent later are read too: those that come back to the place and theme of a closed one. The
    keys of `along`, other sheets that a page asks for, come with the same query and are not counted.
    """
    figures = SheetFigures(perimeter, period, on)
    columns = (
        "counted", "pk", "place_id", "theme_id", "state", "sent_at", "due_on", "closed_on",
        "is_confidential", "signed", "said",
    )  # fmt: skip
    found = (
        Signalement.objects.within(perimeter)
        .filter(sent_at__date__gte=period.first, sent_at__date__lte=on)
        .order_by()
        .annotate(
            signed=Min("recipients__acknowledged_at"),
            said=Min("recipients__answered_at"),
            counted=Value(True, output_field=BooleanField()),
        )
        .values_list(*columns)
    )
    if along is not None:
        nothing = Value(None, output_field=DateTimeField())
        others = along.order_by().annotate(
            signed=nothing, said=nothing, counted=Value(False, output_field=BooleanField())
        )
        found = found.union(others.values_list(*columns), all=True)
    rows = []
    for counted, *row in found:
        if counted:
            rows.append(row)
        else:
            figures.along.append(row[0])
    closures: dict[tuple[int, int], list[tuple[int, date]]] = defaultdict(list)
    sent_at: list[tuple[int, tuple[int, int | None], date]] = []
    for pk, place, theme, state, sent, due_on, closed_on, hidden, signed, said in rows:
        day = timezone.localdate(sent)
        if state != SheetState.ANNULE:
            sent_at.append((pk, (place, theme), day))
        if not period.holds(day):
            continue
        figures.sent += 1
        figures.confidential += hidden
        figures.cancelled += state == SheetState.ANNULE
        figures.redirected += state == SheetState.REORIENTE
        if state != SheetState.ANNULE and signed is not None:
            figures.acknowledged += 1
            figures.days_to_sign.append(working_days_between(day, timezone.localdate(signed)))
        figures.answered += state != SheetState.ANNULE and said is not None
        if state in OPEN:
            figures.open += 1
            figures.overdue += state != SheetState.RESOLU_DECLARE and due_on < on
            figures.open_long += (on - day).days > LONG_OPEN
        if state in (SheetState.RESOLU_VERIFIE, SheetState.NON_RESOLU):
            figures.resolved += state == SheetState.RESOLU_VERIFIE
            figures.closed += 1
            figures.days_to_closure.append((closed_on - day).days)
            if theme is not None:
                closures[place, theme].append((pk, closed_on))
    limit = timedelta(days=RECURS_WITHIN)
    figures.returned = sum(
        any(
            other != pk and closed_on <= day <= closed_on + limit
            for other, closed_on in closures.get(where, ())  # type: ignore[arg-type]
        )
        for pk, where, day in sent_at
    )
    return figures
