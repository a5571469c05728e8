"""What the measures of indicators are counted on: each table read once, grouped by the database."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)

from governance.models import ActionItem, Convention, Meeting, MeetingState, Perimeter
from humanicite.lib.dates import EVENING, public_holidays
from mediation.activities.models import HeadCount
from mediation.frame.reference import ReferenceActivity
from mediation.models import Activity, PlannedAction
from mediation.signalements.models.course import EventKind, SignalementEvent
from mediation.signalements.past import end_of
from mediation.worktime.hours import Term, WorkYear
from reporting.periods import Period
from reporting.recommendations.models import Recommendation

from .hours import worked_by_day
from .people import People, told_of
from .signalements import COLUMNS, Sent, SignalementFigures, figures_of, sent_rows


class Unit(StrEnum):
    """What a value is counted in; `values` of a percentage run from 0 to 100."""

    COUNT = "nombre"
    HOURS = "heures"
    PERCENT = "%"
    WORKING_DAYS = "jours ouvrés"
    DAYS = "jours"
    SCORE = "note sur 5"
    EUROS = "€"


class Aggregation(StrEnum):
    """How a longer period follows from its months: never guessed (a summed running total is wrong)."""

    SUM = "somme"
    LAST = "derniere"
    RATIO = "rapport"
    MEDIAN = "mediane"


@dataclass(frozen=True)
class Filters:
    """What a measure is narrowed to; None and empty: everything. `places`: a place and all beneath."""

    type: str = ""
    axis: int | None = None
    objective: int | None = None
    theme: int | None = None
    audience: int | None = None
    places: frozenset[int] | None = None

    @property
    def names(self) -> frozenset[str]:
        given = {
            "type": self.type, "axis": self.axis, "objective": self.objective,
            "theme": self.theme, "audience": self.audience, "place": self.places,
        }  # fmt: skip
        return frozenset(name for name, value in given.items() if value not in ("", None))


@dataclass(frozen=True)
class Ask:
    """One value that is wanted."""

    code: str
    period: Period
    filters: Filters = Filters()
    aggregation: Aggregation = Aggregation.SUM


@dataclass(frozen=True)
class Amount:
    """A value and what it is made of. `rows`: how many rows are behind a value that is no share.

    `is_told`: False for a value that is known and stays with the operator.
    """

    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    rows: int | None = None
    note: str = ""
    is_told: bool = True

    @property
    def is_known(self) -> bool:
        return self.value is not None


UNKNOWN_AMOUNT = Amount()
WITHHELD = Amount(is_told=False)


# --- What is read ---------------------------------------------------------------------------------

Cell = dict[str, Any]
BANDS = 3  # morning, afternoon, evening; seven days of each (R17)
OF_FILTERS = {
    "type": ("type",), "axis": ("objective__axis",), "objective": ("objective",),
    "theme": ("theme", "second_theme"), "place": ("place",), "audience": (),
}  # fmt: skip


@dataclass
class Facts:
    """What the asked values are counted on, of one perimeter, up to a day. Each table is read once,
    when a measure first needs it."""

    perimeter: Perimeter
    as_of: date
    asks: Sequence[Ask]
    columns: dict[str, frozenset[str]]  # of activities, that a measure reads
    of_sent: frozenset[str] = frozenset()  # measures that are counted on signalements

    def until(self, period: Period) -> date:
        return min(period.last, self.as_of)

    @cached_property
    def _periods(self) -> list[Period]:
        """All periods that are asked for, and those of the year before, which trends look at."""
        found = {ask.period for ask in self.asks}
        found |= {ask.period.last_year for ask in self.asks if ask.code == "I1"}
        return sorted(found, key=lambda one: (one.first, one.last))

    @property
    def _span(self) -> tuple[date, date]:
        return self._periods[0].first, min(max(one.last for one in self._periods), self.as_of)

    # --- Activities ---------------------------------------------------------------------------
    @cached_property
    def cells(self) -> dict[tuple[int, int], list[Cell]]:
        """Activities by month, grouped by what the asked measures and filters look at; one query."""
        wanted = {"type"}
        audiences = set()
        for ask in self.asks:
            wanted |= self.columns.get(ask.code, frozenset())
            for name in ask.filters.names:
                wanted.update(OF_FILTERS[name])
            if ask.filters.audience:
                audiences.add(ask.filters.audience)
        first, last = self._span
        made: dict[str, Any] = {}
        if "is_off" in wanted:
            days = [
                day for year in range(first.year, last.year + 1) for day in public_holidays(year)
            ]
            made["is_off"] = _flag(Q(day__iso_week_day__gte=6) | Q(day__in=days))
        if "is_evening" in wanted:
            made["is_evening"] = _flag(Q(starts_at__gte=EVENING))
            made["is_timed"] = _flag(Q(starts_at__isnull=False))
            wanted.add("is_timed")
        for key in audiences:
            of_it = HeadCount.objects.filter(activity=OuterRef("pk"), audience=key)
            made[f"audience_{key}"] = Exists(of_it)
            wanted.add(f"audience_{key}")
        rows = (
            Activity.objects.within(self.perimeter)
            .between(first, last)
            .order_by()
            .annotate(**made)
            .values("day__year", "day__month", *sorted(wanted))
            .annotate(n=Count("pk"), total=Sum("minutes"))
        )
        found: dict[tuple[int, int], list[Cell]] = defaultdict(list)
        for cell in rows:
            found[cell["day__year"], cell["day__month"]].append(cell)
        return dict(found)

    @cached_property
    def people(self) -> dict[tuple[int, int], list[Cell]]:
        """Head counts by month, grouped by all that a filter may name; one query."""
        first, last = self._span
        within = Activity.objects.within(self.perimeter).between(first, last)
        columns = ("type", "objective", "objective__axis", "theme", "second_theme", "place")
        rows = (
            HeadCount.objects.filter(activity__in=within)
            .order_by()
            .values(
                "activity__day__year", "activity__day__month", "audience",
                *(f"activity__{name}" for name in columns),
            )
            .annotate(people=Sum("count"), n=Count("activity", distinct=True))
        )  # fmt: skip
        found: dict[tuple[int, int], list[Cell]] = defaultdict(list)
        for row in rows:
            cell = {name: row[f"activity__{name}"] for name in columns}
            cell |= {"audience": row["audience"], "people": row["people"], "n": row["n"]}
            found[row["activity__day__year"], row["activity__day__month"]].append(cell)
        return dict(found)

    def of_period(
        self, found: dict[tuple[int, int], list[Cell]], period: Period
    ) -> Iterable[tuple[tuple[int, int], Cell]]:
        for month in months_of(period):
            for cell in found.get(month, ()):
                yield month, cell

    def has_data(self, period: Period) -> bool:
        return any(month in self.cells for month in months_of(period))

    def counted(
        self, ask: Ask, keep: Callable[[Cell], bool] | None = None, period: Period | None = None
    ) -> "Tallied":
        """The activities of a period that the filters, and `keep`, leave."""
        tallied = Tallied()
        for month, cell in self.of_period(self.cells, period or ask.period):
            if matches(cell, ask.filters) and (keep is None or keep(cell)):
                tallied.n += cell["n"]
                tallied.minutes += cell["total"]
                tallied.by_month[month] += cell["n"]
        return tallied

    @cached_property
    def told_people(self) -> dict[Period, People]:
        """What partners read of people met, of each asked period; one query."""
        worked = {
            period: [date(*month, 1) for month in months_of(period) if month in self.cells]
            for period in self._periods
        }
        return told_of(self.perimeter, worked)

    # --- Signalements -------------------------------------------------------------------------
    @cached_property
    def sent(self) -> dict[Period, list[tuple[Any, ...]]]:
        """Those sent since each period began, as they stood at its end; one query. Of the periods for
        which a measure counts them: each makes the query longer."""
        asked = {ask.period for ask in self.asks if ask.code in self.of_sent}
        periods = [one for one in self._periods if one in asked and one.first <= self.as_of]
        found: dict[Period, list[tuple[Any, ...]]] = {one: [] for one in periods}
        parts = []
        for number, period in enumerate(periods):
            rows = sent_rows(self.perimeter, period.first, self.as_of, self.until(period))
            marked = rows.annotate(of_period=Value(number))
            parts.append(marked.values_list("of_period", *COLUMNS))
        if not parts:
            return found
        together = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
        for number, *row in together:
            found[periods[number]].append(tuple(row))
        return found

    def cohort(self, ask: Ask) -> list[Sent]:
        """What was sent in the period and is not confidential, as far as the filters go."""
        return [
            row
            for row in (Sent(*row) for row in self._sent_of(ask))
            if ask.period.holds(row.sent_on) and not row.is_confidential
        ]

    def _sent_of(self, ask: Ask) -> list[tuple[Any, ...]]:
        theme, places = ask.filters.theme, ask.filters.places
        _, place_at, theme_at = (COLUMNS.index(name) for name in ("pk", "place_id", "theme_id"))
        return [
            row
            for row in self.sent[ask.period]
            if (theme is None or row[theme_at] == theme)
            and (places is None or row[place_at] in places)
        ]

    def signalements(self, ask: Ask) -> SignalementFigures:
        period = ask.period
        return figures_of(self.perimeter, period, self.until(period), self._sent_of(ask))

    def has_sent(self, ask: Ask) -> bool:
        """A period in which the service recorded anything: none sent is then a zero."""
        return bool(self.sent[ask.period]) or self.has_data(ask.period)

    @cached_property
    def followed(self) -> list[tuple[int, str, Any]]:
        """(signalement, kind, moment) of each reminder, call and proposal; one query."""
        kinds = (EventKind.REMINDED, EventKind.CALL, EventKind.COMMITTEE)
        keys = {row[0] for rows in self.sent.values() for row in rows}
        rows = SignalementEvent.objects.filter(
            signalement__programme=self.perimeter.programme_id, kind__in=kinds,
            signalement__is_confidential=False, at__lt=end_of(self.as_of),
            signalement__sent_at__date__gte=self._span[0],
        )  # fmt: skip
        found = rows.order_by().values_list("signalement_id", "kind", "at")
        return [row for row in found if row[0] in keys]

    # --- The frame ----------------------------------------------------------------------------
    @cached_property
    def planned(self) -> list[Cell]:
        """Every version of the planned actions whose roadmap falls into the span; one query."""
        first, last = self._periods[0].first, max(one.last for one in self._periods)
        versions: Any = PlannedAction.history.model
        roadmaps = PlannedAction.objects.filter(
            roadmap__programme=self.perimeter.programme_id, roadmap__is_internal=False,
            roadmap__year__gte=first.year, roadmap__year__lte=last.year,
        )  # fmt: skip
        rows = versions.objects.filter(
            roadmap__in=roadmaps.values("roadmap"), history_date__lt=end_of(self.as_of)
        )
        return list(
            rows.order_by("history_date", "history_id").values(
                "id", "state", "type", "objective", "objective__axis", "roadmap__year",
                "roadmap__month", "history_type", "history_date",
            )
        )  # fmt: skip

    @cached_property
    def owed(self) -> list[tuple[date, str, date | None]]:
        """(due, state, closed) of the actions of the perimeter's party; of all, for the operator's."""
        first, last = self._span
        rows = ActionItem.objects.of_programme(self.perimeter.programme_id).filter(
            is_internal=False, due_on__gte=first, due_on__lte=last
        )
        if not self.perimeter.party.is_operator:
            rows = rows.filter(party=self.perimeter.party_id)
        return list(rows.order_by().values_list("due_on", "state", "closed_on"))

    @cached_property
    def met(self) -> list[date]:
        """The days of the meetings that were held; of bodies where the party sits, for a party."""
        first, last = self._span
        rows = Meeting.objects.of_programme(self.perimeter.programme_id).filter(
            state=MeetingState.HELD, day__gte=first, day__lte=last
        )
        if not self.perimeter.party.is_operator:
            rows = rows.filter(
                Q(committee__seats__ends__isnull=True) | Q(committee__seats__ends__gte=F("day")),
                committee__seats__party=self.perimeter.party_id,
                committee__seats__starts__lte=F("day"),
            ).distinct()
        return [day for _, day in rows.order_by().values_list("pk", "day")]

    @cached_property
    def advised(self) -> list[tuple[date, str, date | None]]:
        """(issued, state, answered) of what was recommended to the party; to all, for the operator's."""
        first, last = self._span
        rows = Recommendation.objects.of_programme(self.perimeter.programme_id).filter(
            is_draft=False, issued_on__gte=first, issued_on__lte=last
        )
        if not self.perimeter.party.is_operator:
            rows = rows.filter(party=self.perimeter.party_id)
        return list(rows.order_by().values_list("issued_on", "state", "answered_on"))

    @cached_property
    def terms(self) -> list[Term]:
        rows = Convention.objects.of_programme(self.perimeter.programme_id)
        return [Term.of(row) for row in rows.order_by("starts")]

    @cached_property
    def worked(self) -> dict[date, int]:
        """Minutes of the whole programme by day, since the first year of a convention that is asked."""
        first = min(WorkYear.holding(self.until(one), self.terms).first for one in self._periods)
        return worked_by_day(self.perimeter.programme_id, first, self.as_of)

    @cached_property
    def projects(self) -> list[tuple[int, int, int]]:
        """(year, month, planned action) of the projects for which something was logged; one query."""
        first, last = self._span
        rows = (
            Activity.objects.within(self.perimeter)
            .between(first, last)
            .filter(planned_action__isnull=False)
            .filter(Q(type=ReferenceActivity.PROJ) | Q(planned_action__type=ReferenceActivity.PROJ))
        )
        named = rows.order_by().values_list("day__year", "day__month", "planned_action")
        return list(named.distinct())

    @cached_property
    def presence(self) -> list[tuple[int, int, int, int]]:
        """(year, month, weekday, band) in which the service was there; one query."""
        first, last = self._span
        band = Case(
            When(starts_at__gte=EVENING, then=2), When(starts_at__hour__gte=12, then=1), default=0
        )
        rows = Activity.objects.within(self.perimeter).between(first, last)
        timed = rows.filter(starts_at__isnull=False).order_by().annotate(band=band)
        return list(
            timed.values_list("day__year", "day__month", "day__iso_week_day", "band").distinct()
        )


@dataclass
class Tallied:
    n: int = 0
    minutes: int = 0
    by_month: Counter[tuple[int, int]] = field(default_factory=Counter)

    @property
    def hours(self) -> float:
        return self.minutes / 60


def months_of(period: Period) -> list[tuple[int, int]]:
    first, last = period.first, period.last
    return [(first.year, month) for month in range(first.month, last.month + 1)]


def _flag(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(),
    )


def matches(cell: Cell, filters: Filters) -> bool:
    """Whether what a cell counts is in all the filters; a theme counts as first or as second."""
    return (
        (not filters.type or cell["type"] == filters.type)
        and (filters.axis is None or cell["objective__axis"] == filters.axis)
        and (filters.objective is None or cell["objective"] == filters.objective)
        and (filters.theme is None or filters.theme in (cell["theme"], cell["second_theme"]))
        and (filters.places is None or cell["place"] in filters.places)
        and (filters.audience is None or _has_audience(cell, filters.audience))
    )


def _has_audience(cell: Cell, audience: int) -> bool:
    if "people" in cell:
        return bool(cell["audience"] == audience)
    return bool(cell[f"audience_{audience}"])
