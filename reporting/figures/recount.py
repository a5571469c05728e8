"""The same figures counted anew, row by row, by SQL that shares nothing with the counting: neither its
scope rule nor its groups. `check_figures` runs it on a live site, tests after random histories.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from governance.models import Perimeter
from humanicite.lib.dates import is_day_off, working_days_between
from reporting.periods import Period

from .activities import Figures, Report
from .signalements import SignalementFigures

Values = dict[str, Any]
COVERED = """
    EXISTS (
        SELECT 1 FROM governance_coverage c WHERE c.perimeter_id = %s AND c.place_id = {row}.place_id
        AND c.starts <= {row}.{day} AND (c.ends IS NULL OR c.ends >= {row}.{day})
    )
"""
# Statements are made of the text above; values go beside them.
ACTIVITIES = f"""
    SELECT a.id, a.day, a.minutes, a.type, o.axis_id, a.theme_id, a.second_theme_id, a.place_id,
        a.starts_at
    FROM mediation_activity a LEFT JOIN governance_objective o ON o.id = a.objective_id
    WHERE a.day BETWEEN %s AND %s AND {COVERED.format(row="a", day="day")}
"""  # noqa: S608  # nosec B608
PEOPLE = f"""
    SELECT h.audience_id, h.count FROM mediation_headcount h
    JOIN mediation_activity a ON a.id = h.activity_id
    WHERE a.day BETWEEN %s AND %s AND {COVERED.format(row="a", day="day")}
"""  # noqa: S608  # nosec B608
SIGNALEMENTS = f"""
    SELECT s.id, s.place_id, s.theme_id, s.sent_at, s.is_confidential, s.state, s.closed_on, s.due_on
    FROM mediation_signalement s
    WHERE s.sent_at >= %s AND s.sent_at < %s AND {COVERED.format(row="s", day="observed_on")}
"""  # noqa: S608  # nosec B608
VERSIONS = """
    SELECT id, state, closed_on, due_on FROM mediation_historicalsignalement
    WHERE history_date < %s ORDER BY history_date, history_id
"""
SIGNS = "SELECT id, signalement_id, acknowledged_at, answered_at FROM mediation_recipient"
SIGNS_THEN = """
    SELECT id, signalement_id, acknowledged_at, answered_at FROM mediation_historicalrecipient
    WHERE history_date < %s ORDER BY history_date, history_id
"""


@dataclass(frozen=True)
class Difference:
    """One figure that the rows do not give."""

    name: str
    shown: object
    counted: object


def _fetch(text: str, *values: object) -> list[tuple[Any, ...]]:
    kept: list[Any] = [
        connection.ops.adapt_datetimefield_value(one) if isinstance(one, datetime) else one
        for one in values
    ]
    with connection.cursor() as cursor:
        cursor.execute(text, kept)
        return cursor.fetchall()


# --- Activities -----------------------------------------------------------------------------------


def count_activities(perimeter: Perimeter, period: Period) -> Values:
    """Counts and minutes of each kind, by name; of what has none there is no entry."""
    bounds = (period.first.isoformat(), period.last.isoformat(), perimeter.pk)
    found: dict[str, Any] = defaultdict(lambda: (0, 0))
    days, cells, months = set(), Counter[tuple[int, int]](), Counter[int]()
    for _, day, minutes, type_, axis, theme, second, place, starts_at in _fetch(
        ACTIVITIES, *bounds
    ):
        days.add(day)
        months[day.month] += 1
        names = ["total", f"type {type_}", f"axis {axis}", f"place {place}", f"theme {theme}"]
        if second is not None:
            names.append(f"theme {second}")
        if is_day_off(day):
            names.append("days off")
        if starts_at is None:
            names.append("without start")
        elif _hour(starts_at) >= 19:
            names.append("evenings")
        for name in names:
            count, spent = found[name]
            found[name] = (count + 1, spent + minutes)
        for one in {theme, second} - {None}:
            cells[place, one] += 1
    values: Values = dict(found)
    values["without start"] = found["without start"][0]
    people: Counter[int] = Counter()
    for audience, count in _fetch(PEOPLE, *bounds):
        people[audience] += count
    values |= {f"audience {key}": count for key, count in people.items()}
    values |= {f"place and theme {key}": count for key, count in cells.items()}
    values |= {f"month {key}": count for key, count in months.items()}
    return values | {"contacts": sum(people.values()), "days worked": len(days)}


def _hour(clock: time | str) -> int:
    return int(clock[:2]) if isinstance(clock, str) else clock.hour


def told_activities(figures: Figures) -> Values:
    """The same names, as the figures tell them."""
    kinds: Mapping[str, Mapping[Any, Any]] = {
        "type": figures.by_type, "axis": figures.by_axis, "place": figures.by_place,
        "theme": figures.by_theme,
    }  # fmt: skip
    values: Values = {
        f"{kind} {key}": (tally.count, tally.minutes)
        for kind, tallies in kinds.items()
        for key, tally in tallies.items()
    }
    for name, tally in (
        ("total", figures.total), ("days off", figures.days_off), ("evenings", figures.evenings),
    ):  # fmt: skip
        values[name] = (tally.count, tally.minutes)
    values |= {f"audience {key}": count for key, count in figures.by_audience.items()}
    values |= {f"place and theme {key}": n for key, n in figures.by_place_and_theme.items()}
    values |= {f"month {key}": count for key, count in figures.by_month.items()}
    return values | {
        "without start": figures.without_start,
        "contacts": figures.contacts,
        "days worked": len(figures.days_worked),
    }


# --- Signalements ---------------------------------------------------------------------------------


@dataclass
class _Row:
    pk: int
    place: int
    theme: int | None
    sent_on: date
    secret: bool
    state: str
    closed_on: date | None
    due_on: date | None
    signed_on: date | None = None
    answered: bool = False


def count_signalements(perimeter: Perimeter, period: Period, on: date, *, past: bool) -> Values:
    """What became of those sent in a period, on a day; `past`: as of its evening, otherwise now."""
    rows = list(_sent(perimeter, period.first, on, past=past))
    cohort = [row for row in rows if period.holds(row.sent_on)]
    told = [row for row in cohort if not row.secret]
    live = [row for row in told if row.state != "annule"]
    is_open = [r for r in told if r.state in ("envoye", "accuse", "pris", "declare")]
    awaited = [row for row in is_open if row.state != "declare"]
    closed = [r for r in told if r.state in ("verifie", "non_resolu") and r.closed_on]
    signed = [row for row in live if row.signed_on]
    return {
        "sent": len(cohort),
        "confidential": len(cohort) - len(told),
        "cancelled": len(told) - len(live),
        "redirected": sum(row.state == "reoriente" for row in told),
        "acknowledged": len(signed),
        "answered": sum(row.answered for row in live),
        "resolved": sum(row.state == "verifie" for row in closed),
        "closed": len(closed),
        "open": len(is_open),
        "overdue": sum(bool(row.due_on and row.due_on < on) for row in awaited),
        "open_long": sum((on - row.sent_on).days > 15 for row in is_open),
        "returned": _returned(rows, closed),
        "median_to_sign": _median(
            [working_days_between(row.sent_on, row.signed_on) for row in signed if row.signed_on]
        ),
        "median_to_closure": _median(
            [(row.closed_on - row.sent_on).days for row in closed if row.closed_on]
        ),
    }


def _sent(perimeter: Perimeter, first: date, on: date, *, past: bool) -> Iterator[_Row]:
    end = timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))
    start = timezone.make_aware(datetime.combine(first, time.min))
    versions = {row[0]: row[1:] for row in _fetch(VERSIONS, end)} if past else {}
    signs, answers = _moments(end if past else None)
    for pk, place, theme, sent_at, secret, state, closed_on, due_on in _fetch(
        SIGNALEMENTS, start, end, perimeter.pk
    ):
        if past and pk in versions:
            state, closed, due = versions[pk]  # noqa: PLW2901
            closed_on, due_on = closed or closed_on, due or due_on  # noqa: PLW2901
        elif past and closed_on and closed_on > on:
            state = "envoye"  # noqa: PLW2901
        ended = state in ("verifie", "non_resolu", "annule", "reoriente")
        yield _Row(
            pk, place, theme, _day(sent_at), bool(secret), state, closed_on if ended else None,
            due_on, signs.get(pk), pk in answers,
        )  # fmt: skip


def _moments(end: datetime | None) -> tuple[dict[int, date], set[int]]:
    """The day of the first sign of each signalement, and which were answered; before a moment.

    What the addressee's row no longer says is read from its last version of that time, where no row
    of the signalement says any.
    """
    found: list[dict[int, datetime]] = [{}, {}]
    sources = [_fetch(SIGNS)]
    if end:
        sources.append(list({row[0]: row for row in _fetch(SIGNS_THEN, end)}.values()))
    for rank in (0, 1):
        for rows in sources:
            given: dict[int, datetime] = {}
            for row in rows:
                moment = _moment(row[2 + rank])
                if moment and (end is None or moment < end):
                    given[row[1]] = min(moment, given.get(row[1], moment))
            found[rank] = given | found[rank]
    return {key: _day(moment) for key, moment in found[0].items()}, set(found[1])


def _moment(given: datetime | str | None) -> datetime | None:
    if isinstance(given, str):
        given = datetime.fromisoformat(given)
    if given is not None and timezone.is_naive(given):  # SQLite keeps Greenwich's clock
        given = given.replace(tzinfo=timezone.get_fixed_timezone(0))
    return given


def _day(given: datetime | str) -> date:
    moment = _moment(given)
    if moment is None:
        raise ValueError(given)
    return timezone.localdate(moment)


def _returned(rows: list[_Row], closed: list[_Row]) -> int:
    back = set()
    for row in rows:
        for one in closed:
            same = (row.place, row.theme) == (one.place, one.theme) and row.pk != one.pk
            if same and row.theme is not None and not row.secret and row.state != "annule":
                days = (row.sent_on - (one.closed_on or row.sent_on)).days
                if 0 <= days <= 90:
                    back.add(row.pk)
    return len(back)


def _median(days: list[int]) -> float | None:
    return median(days) if days else None


# --- What differs ---------------------------------------------------------------------------------


def differences(report: Report, signalements: SignalementFigures, today: date) -> list[Difference]:
    """All that the rows do not give of a perimeter and a period, the curve's months included."""
    current = report.current
    perimeter, period = current.perimeter, current.period
    found = _compare("", told_activities(current), count_activities(perimeter, period))
    for name, other in (("before: ", report.previous), ("year ago: ", report.last_year)):
        if other:
            counted = count_activities(perimeter, other.period)
            found += _compare(name, told_activities(other), counted)
    for month, tally in zip(report.months, report.curve, strict=True):
        if tally:
            counted = count_activities(perimeter, month)
            told: Values = {"total": (tally.count, tally.minutes)}
            told |= {
                f"axis {axis}": curve[report.months.index(month)]
                for axis, curve in report.axis_curves.items()
            }
            rows = {key: counted.get(key, (0, 0)) for key in told}
            rows = {key: value[0] if "axis" in key else value for key, value in rows.items()}
            found += _compare(f"{month.slug}: ", told, rows)
    past = signalements.on < today
    counted = count_signalements(perimeter, period, signalements.on, past=past)
    shown = {name: getattr(signalements, name) for name in counted}
    return found + _compare("signalements ", shown, counted)


def _compare(prefix: str, told: Values, counted: Values) -> list[Difference]:
    return [
        Difference(f"{prefix}{name}", told.get(name, 0), counted.get(name, 0))
        for name in sorted({*told, *counted})
        if _sum(told.get(name)) != _sum(counted.get(name))
    ]


def _sum(value: object) -> object:
    """Nothing and zero are the same: a kind without rows has no entry on one side."""
    return None if value in (None, 0, (0, 0)) else value
