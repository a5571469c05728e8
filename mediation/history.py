"""What changed in an activity, from version to version, in words (who, when, before, after)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.models import Objective, Place, Theme
from humanicite.lib.dates import format_duration

from .models import Activity

FOLLOWED = (
    "type", "place", "day", "minutes", "starts_at", "theme", "second_theme", "objective",
    "origin", "outcome", "internal_note", "summary",
)  # fmt: skip
POINTERS = {"place": Place, "theme": Theme, "second_theme": Theme, "objective": Objective}
MOST = 30
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
        changes = []
        if older is not None:
            for name in FOLLOWED:
                before, after = _text(older, name, names), _text(newer, name, names)
                if before != after:
                    label = str(getattr(Activity._meta.get_field(name), "verbose_name", name))
                    changes.append(Change(label, before, after))
        elif newer.history_type != "+":
            continue
        who = str(newer.history_user) if newer.history_user else "la plateforme"
        if changes or newer.history_type == "+":
            found.append(Version(newer.history_date, who, newer.history_type == "+", changes))
    return found[:MOST]


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
