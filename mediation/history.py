"""What changed in an activity, from version to version, in words (who, when, before, after)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from governance.models import Objective, Place, Theme
from humanicite.lib.dates import format_duration

from .actions import HeadCounts
from .models import Activity, AgeBand, HeadCount

FOLLOWED = (
    "type", "place", "day", "minutes", "starts_at", "theme", "second_theme", "objective",
    "origin", "outcome", "internal_note", "summary",
)  # fmt: skip
POINTERS = {"place": Place, "theme": Theme, "second_theme": Theme, "objective": Objective}
MOST = 30
TOGETHER = timedelta(seconds=5)  # an activity and its head counts are saved one after the other
NOTHING = "—"


@dataclass
class Change:
    label: str
    before: str
    after: str


@dataclass
class Version:
    at: datetime
    who: str
    created: bool
    changes: list[Change]


def versions_of(activity: Activity) -> list[Version]:
    """Newest first; a constant number of queries however long the history is."""
    rows = list(
        activity.history.select_related("history_user").order_by("-history_date", "-history_id")[
            : MOST + 1
        ]
    )
    names = _names(rows)
    found = []
    for newer, older in zip(rows, [*rows[1:], None], strict=True):
        created = newer.history_type == "+"
        if older is None and not created:
            continue
        changes = [] if older is None else _changes(older, newer, names)
        if changes or created:
            found.append(Version(newer.history_date, _who(newer), created, changes))
    return _with_head_counts(found, activity)[:MOST]


def differences(saved: Activity, typed: Activity, typed_counts: HeadCounts) -> list[Change]:
    """Where what somebody typed (after) departs from what is saved (before), head counts too."""
    names = _names([saved, typed])
    changes = _changes(saved, typed, names)
    before = counts_in_words(counts_of(saved))
    after = counts_in_words(typed_counts)
    return changes + ([Change("publics", before, after)] if before != after else [])


def counts_of(activity: Activity) -> HeadCounts:
    rows = activity.head_counts.select_related("audience")
    return {(row.audience, row.band): row.count for row in rows}


def counts_in_words(counts: HeadCounts) -> str:
    said = [
        f"{audience} ({AgeBand(band).label.lower()}) {count}"
        for (audience, band), count in sorted(
            counts.items(), key=lambda cell: (cell[0][0].rank, cell[0][1])
        )
    ]
    return ", ".join(said) or NOTHING


def _changes(older: Any, newer: Any, names: dict[tuple[str, int], str]) -> list[Change]:
    found = []
    for name in FOLLOWED:
        before, after = _text(older, name, names), _text(newer, name, names)
        if before != after:
            label = str(getattr(Activity._meta.get_field(name), "verbose_name", name))
            found.append(Change(label, before, after))
    return found


def _with_head_counts(versions: list[Version], activity: Activity) -> list[Version]:
    """Adds what changed in the head counts to the version saved with it, or as one of its own."""
    cells: dict[tuple[int, str], str] = {}
    rows = HeadCount.history.filter(activity_id=activity.pk).select_related(
        "audience", "history_user"
    )
    for row in rows.order_by("history_date", "history_id")[: 10 * MOST]:
        cell = (row.audience_id, row.band)
        before = cells.get(cell, NOTHING)
        after = NOTHING if row.history_type == "-" else str(row.count)
        cells[cell] = after
        change = Change(f"{row.audience} ({row.get_band_display().lower()})", before, after)
        near = next(
            (v for v in versions if v.who == _who(row) and abs(v.at - row.history_date) < TOGETHER),
            None,
        )
        if near is None:
            versions.append(Version(row.history_date, _who(row), False, [change]))
        elif not near.created:
            near.changes.append(change)
    return sorted(versions, key=lambda version: version.at, reverse=True)


def _who(row: Any) -> str:
    return str(row.history_user) if row.history_user else "la plateforme"


def _names(rows: list[Any]) -> dict[tuple[str, int], str]:
    """(field, key) → name for what the versions point to."""
    found: dict[tuple[str, int], str] = {}
    for name, model in POINTERS.items():
        keys = {getattr(row, f"{name}_id") for row in rows}
        related: Any = model._default_manager.filter(pk__in=keys)
        if model is Objective:
            related = related.select_related("axis")
        found |= {(name, row.pk): str(row) for row in related}
    return found


def _text(row: Any, name: str, names: dict[tuple[str, int], str]) -> str:
    if name in POINTERS:
        key = getattr(row, f"{name}_id")
        return names.get((name, key), NOTHING)
    value = getattr(row, name)
    if name == "minutes":
        return format_duration(value)
    if name == "day":
        return f"{value:%d/%m/%Y}"
    if name == "starts_at":
        return f"{value:%H:%M}" if value else NOTHING
    if name in ("type", "origin", "outcome"):
        return getattr(row, f"get_{name}_display")() or NOTHING
    return value or NOTHING
