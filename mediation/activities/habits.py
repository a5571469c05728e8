"""What somebody's recent entries propose: places, durations."""

import statistics
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from governance.models import Membership

from .models import Activity

USUAL_PLACES = 5
RECENT = timedelta(hours=2)
HABIT_ROWS = 300


@dataclass
class Habits:
    """What an author does most: places in order, the usual duration of each type, in minutes."""

    places: list[int] = field(default_factory=list)
    minutes: dict[str, int] = field(default_factory=dict)
    themes: dict[str, list[int]] = field(default_factory=dict)  # of each type, the most usual first
    recent_place: int | None = None

    @classmethod
    def of(cls, membership: Membership, now: datetime) -> "Habits":
        """From the author's last activities in this programme; one query."""
        rows = list(
            Activity.objects.visible_to(membership)
            .filter(author=membership.user_id)
            .order_by("-day", "-pk")
            .values_list("type", "minutes", "place", "created_at", "theme", "second_theme")[
                :HABIT_ROWS
            ]
        )
        by_type: dict[str, list[int]] = {}
        themes: dict[str, Counter[int]] = {}
        for type_, minutes, _, _, *named in rows:
            by_type.setdefault(type_, []).append(minutes)
            themes.setdefault(type_, Counter()).update(key for key in named if key)
        latest = max(rows, key=lambda row: row[3], default=None)
        return cls(
            places=[
                place for place, _ in Counter(row[2] for row in rows).most_common(USUAL_PLACES)
            ],
            minutes={type_: round(statistics.median_low(all_)) for type_, all_ in by_type.items()},
            themes={
                type_: [key for key, _ in all_.most_common()] for type_, all_ in themes.items()
            },
            recent_place=latest[2] if latest and now - latest[3] <= RECENT else None,
        )
