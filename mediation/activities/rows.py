"""What a list shows of an activity, by reader: plain words, so that a page of fifty is lean."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from humanicite.lib.dates import format_duration, long_day
from mediation.frame.reference import ReferenceActivity
from mediation.frame.vocabulary import Vocabulary

from .models import Activity, Outcome

TEXT_SHOWN = 160  # characters in a list; the page has the whole
_OUTCOMES = dict(Outcome.choices)


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity. `starts_at`, `author` and `missing` stay empty for partners; one's own rows
    name no author."""

    pk: int
    icon: str
    title: str
    minutes: int
    place: str
    themes: str
    outcome: str
    text: str
    starts_at: time | None = None
    author: str = ""
    missing: str = ""

    @classmethod
    def for_partner(cls, row: Activity, names: Vocabulary) -> "Entry":
        return cls(**_shared(row, names), text=_short(row.shared_summary))

    @classmethod
    def for_operator(cls, row: Activity, names: Vocabulary) -> "Entry":
        mine = row.author_id == names.membership.user_id
        return cls(
            **_shared(row, names),
            text=_short(row.internal_note or row.summary),
            starts_at=row.starts_at,
            author="" if mine else names.author(row.author_id),
            missing="thématique à compléter"
            if row.theme_id is None
            else "objectif à compléter"
            if row.objective_id is None
            else "",
        )


@dataclass(frozen=True, slots=True)
class Day:
    """A day's entries on a page. `count` and `minutes` are the whole day's, under the filters."""

    day: date
    count: int
    minutes: int
    entries: list[Entry]

    @property
    def is_whole(self) -> bool:
        return self.count == len(self.entries)


def _shared(row: Activity, names: Vocabulary) -> dict[str, Any]:
    keys = (row.theme_id, row.second_theme_id)
    return {
        "pk": row.pk,
        "icon": row.type,
        "title": ReferenceActivity(row.type).short,
        "minutes": row.minutes,
        "place": names.place(row.place_id),
        "themes": ", ".join(names.theme(key) for key in keys if key),
        "outcome": _OUTCOMES.get(row.outcome, ""),
    }


def _short(text: str) -> str:
    text = text[: TEXT_SHOWN * 2]
    return text if len(text) <= TEXT_SHOWN else f"{text[: TEXT_SHOWN - 1].rstrip()}…"


def said(activity: Activity) -> str:
    """« Veille, 15 min, mardi 3 mars »."""
    return (
        f"{activity.reference.short}, {format_duration(activity.minutes)}, "
        f"{long_day(activity.day, with_year=False)}"
    )
