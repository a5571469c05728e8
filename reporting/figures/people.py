"""People met, as partners read them: settled month by month, then added up."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import TruncMonth
from django.utils import timezone

from governance.models import Coverage, Perimeter, Programme
from humanicite.lib.dates import is_evening
from mediation.models import Activity, HeadCount
from reporting.periods import Period

from . import disclosure
from .activities import Figures
from .models import SettledPeople

QUIET_DAYS = 3  # without a new entry or a change, after which a month that is over is settled
EVENING, EARLIER = "soir", "avant"


@dataclass(frozen=True)
class People:
    """What is told of people met in a perimeter and a period; None where it is masked or not settled.

    `groups`: by the key of an audience, or « autres » for those that few activities met and for
    months that are not told by audience.
    """

    contacts: int | None = None
    groups: dict[disclosure.Key, int] | None = None
    evenings: int | None = None


@dataclass
class _Sum:
    total: int = 0
    groups: Counter[disclosure.Key] = field(default_factory=Counter)
    evenings: int | None = 0

    def add(self, cell: dict[str, Any]) -> None:
        self.total += cell["total"]
        groups = cell["groups"]
        self.groups.update({disclosure.OTHERS: cell["total"]} if groups is None else _keys(groups))
        if self.evenings is not None:
            late = cell["evenings"]
            self.evenings = None if late is None else self.evenings + late


def _keys(groups: dict[str, int]) -> dict[disclosure.Key, int]:
    """JSON has text for keys."""
    return {int(key) if key.isdecimal() else key: value for key, value in groups.items()}


def told(perimeter: Perimeter, figures: Iterable[Figures]) -> dict[Period, People]:
    """Of each of these periods what is settled; one query. A month without any activity adds none."""
    return told_of(perimeter, {one.period: _worked_months(one) for one in figures})


def told_of(perimeter: Perimeter, wanted: dict[Period, list[date]]) -> dict[Period, People]:
    """As `told`, of periods and the first days of those of their months that hold activities."""
    months = {month for found in wanted.values() for month in found}
    rows = SettledPeople.objects.of_programme(perimeter.programme_id).filter(month__in=months)
    key = str(perimeter.pk)
    cells = {month: cell[key] for month, cell in rows.values_list("month", "cells") if key in cell}
    made = {}
    for period, found in wanted.items():
        if any(month not in cells for month in found):
            made[period] = People()
            continue
        summed = _Sum()
        for month in found:
            summed.add(cells[month])
        named = set(summed.groups) - {disclosure.OTHERS}
        made[period] = People(summed.total, dict(summed.groups) if named else None, summed.evenings)
    return made


def _worked_months(figures: Figures) -> list[date]:
    year = figures.period.first.year
    return [date(year, month, 1) for month, count in figures.by_month.items() if count]


@transaction.atomic
def settle(*, programme: Programme, today: date) -> list[Period]:
    """Settles the months that are over, hold activities and have been left alone for QUIET_DAYS; a month
    that is settled stays as it is. Those that it settled."""
    first_of_month = today.replace(day=1)
    known = set(SettledPeople.objects.of_programme(programme.pk).values_list("month", flat=True))
    worked = Activity.objects.of_programme(programme.pk).filter(day__lt=first_of_month).order_by()
    months = worked.annotate(month=TruncMonth("day")).values("month")
    latest = {
        month: timezone.localdate(changed)
        for month, changed in months.annotate(latest=Max("updated_at")).values_list(
            "month", "latest"
        )
    }
    quiet_since = today - timedelta(days=QUIET_DAYS)
    due = [
        Period.holding("mois", month)
        for month, on in sorted(latest.items())
        if month not in known and max(on, Period.holding("mois", month).last) <= quiet_since
    ]
    for month in due:
        settle_month(programme=programme, month=month, today=today)
    return due


def settle_month(*, programme: Programme, month: Period, today: date) -> SettledPeople:
    """The month's cells, decided now and kept; those that are kept already, if it was settled. Three
    queries and the row."""
    perimeters = list(
        Perimeter.objects.filter(party__programme=programme).values_list("pk", flat=True)
    )
    met, begun = _rows(programme, month)
    people = disclosure.decide(perimeters, met)
    hours = disclosure.decide(perimeters, begun, folds=False)
    cells = {
        str(key): {
            "total": cell.total,
            "groups": None
            if cell.groups is None
            else {str(group): told for group, told in cell.groups.items()},
            "evenings": _evenings(hours.get(key)),
        }
        for key, cell in people.items()
    }
    row, _ = SettledPeople.objects.get_or_create(
        programme=programme, month=month.first, defaults={"settled_on": today, "cells": cells}
    )
    return row


def _evenings(cell: disclosure.Cells | None) -> int | None:
    return None if cell is None or cell.groups is None else cell.groups.get(EVENING)


def _rows(programme: Programme, month: Period) -> tuple[list[disclosure.Row], list[disclosure.Row]]:
    """The month's rows twice: by the audiences they met, and by whether they began in the evening."""
    spans: dict[int, list[tuple[int, date, date | None]]] = defaultdict(list)
    coverage = Coverage.objects.filter(perimeter__party__programme=programme)
    for perimeter, place, starts, ends in coverage.values_list(
        "perimeter_id", "place_id", "starts", "ends"
    ):
        spans[place].append((perimeter, starts, ends))

    def holding(place: int, day: date) -> Iterator[int]:
        for perimeter, starts, ends in spans[place]:
            if starts <= day and (ends is None or day <= ends):
                yield perimeter

    activities = Activity.objects.of_programme(programme.pk).between(month.first, month.last)
    counted: dict[int, Counter[disclosure.Key]] = defaultdict(Counter)
    head_counts = HeadCount.objects.filter(activity__in=activities)
    for activity, audience, people in head_counts.values_list(
        "activity_id", "audience_id", "count"
    ):
        counted[activity][audience] += people
    met, begun = [], []
    for key, day, place, starts_at in activities.values_list("pk", "day", "place_id", "starts_at"):
        held_by = frozenset(holding(place, day))
        if key in counted:
            met.append(disclosure.Row(key, held_by, dict(counted[key])))
        if starts_at is not None:
            band = EVENING if is_evening(starts_at) else EARLIER
            begun.append(disclosure.Row(key, held_by, {band: 1}))
    return met, begun
