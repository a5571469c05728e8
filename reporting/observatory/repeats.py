"""The same theme at the same place three times in ninety days: what could be prevented (R15, R57)."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max

from mediation.frame.reference import ReferenceActivity
from mediation.signalements.models.signalements import SignalementState

WITHIN = timedelta(days=90)
TIMES = 3


@dataclass(frozen=True)
class Repeat:
    place_id: int
    place: str
    theme_id: int
    theme: str
    conflicts: int = 0
    signalements: int = 0
    last: date = date.min

    @property
    def times(self) -> int:
        return self.conflicts + self.signalements


def first_day(on: date) -> date:
    return on - WITHIN + timedelta(days=1)


def repeats(activities: Any, signalements: Any, on: date) -> list[Repeat]:
    """The most frequent first; two queries. Conflicts, and signalements that were sent and not
    cancelled: one that was written from a conflict is that conflict, and counts once."""
    first = first_day(on)
    conflicts = activities.between(first, on).filter(type=ReferenceActivity.CONF)
    sent = signalements.filter(
        is_confidential=False, sent_at__date__gte=first, sent_at__date__lte=on,
        theme__isnull=False,
    ).exclude(state=SignalementState.ANNULE).exclude(activity__type=ReferenceActivity.CONF)  # fmt: skip
    found: dict[tuple[int, int], Repeat] = {}
    named = ("place_id", "place__name")
    themes = ("theme_id", "theme__name", "second_theme_id", "second_theme__name")
    grouped = conflicts.order_by().values(*named, *themes)
    counted = grouped.annotate(count=Count("pk"), last=Max("day"))
    for place, name, *pairs, count, last in counted.values_list(*named, *themes, "count", "last"):
        for theme, said in (pairs[:2], pairs[2:]):
            if theme is not None:
                row = found.get((place, theme)) or Repeat(place, name, theme, said)
                found[place, theme] = replace(
                    row, conflicts=row.conflicts + count, last=max(row.last, last)
                )
    grouped = sent.order_by().values(*named, "theme_id", "theme__name")
    counted = grouped.annotate(count=Count("pk"), last=Max("sent_at__date"))
    columns = (*named, "theme_id", "theme__name", "count", "last")
    for place, name, theme, said, count, last in counted.values_list(*columns):
        row = found.get((place, theme)) or Repeat(place, name, theme, said)
        found[place, theme] = replace(row, signalements=count, last=max(row.last, last))
    rows = [row for row in found.values() if row.times >= TIMES]
    return sorted(rows, key=lambda row: (-row.times, row.place, row.theme))
