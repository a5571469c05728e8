"""What changed in an activity or a situation, version by version, in words (R25, R73).

A subject is saved together with its parts: an activity with its head counts, a situation with the
parties involved and its lines on agendas. The subject is saved first, so its parts' own histories
belong to the last version saved before them; a version is the subject and its parts as they stood
until the next one. Each model declares in `followed` what is compared and how it reads.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from typing import Any

from django.db import models

from governance.models import People

from .followed import (
    NOTHING,
    WITH_ITS_SUBJECT,
    Cell,
    Cells,
    Followed,
    Key,
    Names,
    Parts,
    Past,
    Row,
    followed,
)

SHOWN = 30  # versions on a page, until all are asked for
VANISHED = "(n’existe plus)"


@dataclass
class Change:
    label: str
    before: str
    after: str

    @property
    def is_new(self) -> bool:
        return self.before == NOTHING

    @property
    def is_gone(self) -> bool:
        return self.after == NOTHING


@dataclass
class Version:
    """`key` is the historical row's: what one goes back to."""

    key: int
    at: datetime
    who: str
    kind: str  # created, changed, deleted, restored
    changes: list[Change]
    reason: str = ""
    is_now: bool = False  # what it says is what is saved

    @property
    def created(self) -> bool:
        return self.kind == "created"


@dataclass
class State:
    """A subject and its parts as one version left them."""

    row: Any
    cells: tuple[Cells, ...]  # one for each `Parts` of the subject

    def says_the_same(self, other: "State") -> bool:
        declared = followed(self.row)
        same_fields = all(
            getattr(self.row, attname) == getattr(other.row, attname)
            for attname in _attnames(self.row, declared)
        )
        return same_fields and self.cells == other.cells


class Record:
    """The history of one row, read in one query and one for each kind of part."""

    def __init__(
        self,
        model: type[models.Model],
        key: object,
        most: int | None = None,
        people: People | None = None,
    ) -> None:
        """`most`: only the newest states, and the one before them to compare with. `people`: those of
        the reader's programme, where they are at hand."""
        self._people = people
        self.model, self.followed = model, followed(model)
        history = getattr(model, "history")  # noqa: B009  # simple-history’s
        rows = history.filter(id=key).order_by("-history_date", "-history_id")
        self.rows = list(rows if most is None else rows[: most + 1])[::-1]
        self.has_more = most is not None and len(self.rows) > most
        self.part_models = [parts.of(model) for parts in self.followed.parts]
        self.part_rows = [
            list(
                rows.model.history.filter(**{rows.owner: key}).order_by(
                    "history_date", "history_id"
                )
            )
            for rows in self.part_models
        ]
        self.states = list(_replayed(self.rows, self.part_rows, self.followed))

    @classmethod
    def of(
        cls, subject: models.Model, most: int | None = None, people: People | None = None
    ) -> "Record":
        return cls(type(subject), subject.pk, most, people)

    @cached_property
    def names(self) -> Names:
        """What the states point to, where they differ, and what their parts do."""
        return _names(self.model, self.followed, self.rows, self.states)

    @cached_property
    def people(self) -> People:
        """Of its own programme, which every version names."""
        if self._people is not None:
            return self._people
        return People.of_programme(self.rows[0].programme_id)

    def who(self, row: Past) -> str:
        """Who made a version of it or of its parts; an import or a command has nobody."""
        key = row.history_user_id
        return str(self.people[key]) if key else "la plateforme"

    def name(self, model: type[models.Model], key: object) -> str:
        return _name(self.names, model, key)

    def rows_of(self, part: type[models.Model]) -> list[Any]:
        """The history of one kind of part, oldest first."""
        kinds = [rows.model for rows in self.part_models]
        return self.part_rows[kinds.index(part)]

    def versions(self) -> list[Version]:
        """Newest first. A save that changed nothing that is followed is no version."""
        names = self.names
        found = []
        before: State | None = None
        for number, state in enumerate(self.states):
            kind = _kind(state.row, before)
            changes = (
                _changes(self.followed, before, state, names)
                if before is not None and kind == "changed"
                else []
            )
            # The oldest of a history that was cut is there to compare with.
            if (kind != "changed" or changes) and not (number == 0 and self.has_more):
                is_now = kind != "deleted" and state.says_the_same(self.states[-1])
                found.append(_version(state, kind, changes, self.who(state.row), is_now=is_now))
            before = state
        return found[::-1]


def history_of(
    subject: models.Model, query: Mapping[str, object], record: Record | None = None
) -> dict[str, object]:
    """What a page shows of a history: the newest versions, or with `?historique` all of them."""
    everything = "historique" in query
    record = record or Record.of(subject, None if everything else SHOWN)
    versions = record.versions()
    return {
        "versions": versions if everything else versions[:SHOWN],
        "has_older_versions": not everything and (record.has_more or len(versions) > SHOWN),
    }


def versions_of(subject: models.Model, most: int | None = SHOWN) -> list[Version]:
    """Newest first; a constant number of queries however long the history is."""
    return Record.of(subject, most).versions()


def state_at(version: Past) -> State:
    """The row and its parts as a historical row left them."""
    record = Record(type(version).instance_type, version.id)
    return next(state for state in record.states if state.row.pk == version.pk)


def current_state(subject: models.Model) -> State:
    """What is saved now, in the shape of a version."""
    cells = []
    for parts in followed(subject).parts:
        rows = getattr(subject, parts.relation).all()
        cells.append({_cell(row, parts): getattr(row, parts.value) for row in rows})
    return State(subject, tuple(cells))


def differences(saved: models.Model, typed: models.Model) -> list[Change]:
    """Where what somebody typed (after) departs from what is saved (before)."""
    declared = followed(saved)
    names = _names(type(saved), declared, [saved, typed], [])
    return _field_changes(declared, saved, typed, names)


# --- How states are found and compared -----------------------------------------------------------
def _replayed(rows: list[Past], part_rows: list[list[Past]], declared: Followed) -> Iterable[State]:
    """Each version of the subject with its parts, from both histories, oldest first."""
    cells: list[Cells] = [{} for _ in part_rows]
    at = [0] * len(part_rows)
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        if row.history_type == "+":
            cells = [{} for _ in part_rows]  # a subject that was brought back starts anew
        for kind, (history, parts) in enumerate(zip(part_rows, declared.parts, strict=True)):
            while at[kind] < len(history) and (
                following is None or history[at[kind]].history_date < following.history_date
            ):
                part = history[at[kind]]
                at[kind] += 1
                if part.history_type != "-":
                    cells[kind][_cell(part, parts)] = getattr(part, parts.value)
                # What went with its subject is what the last version said.
                elif part.history_change_reason != WITH_ITS_SUBJECT:
                    cells[kind].pop(_cell(part, parts), None)
        yield State(row, tuple(dict(each) for each in cells))


def _cell(row: Row, parts: Parts) -> Cell:
    return tuple(getattr(row, name) for name in parts.cell)


def _attnames(row: Row, declared: Followed) -> list[str]:
    return [_column(row, name).attname for name in declared.fields]


def _column(row: Row, name: str) -> models.Field:
    field = row._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{name} is no column of {type(row).__name__}")
    return field


def _kind(row: Past, before: State | None) -> str:
    if row.history_type == "-":
        return "deleted"
    if row.history_type == "+":
        return "restored" if before is not None else "created"
    return "changed"


def _version(state: State, kind: str, changes: list[Change], who: str, *, is_now: bool) -> Version:
    row = state.row
    return Version(
        key=row.pk,
        at=row.history_date,
        who=who,
        kind=kind,
        changes=changes,
        reason=row.history_change_reason or "",
        is_now=is_now,
    )


def _changes(declared: Followed, older: State, newer: State, names: Names) -> list[Change]:
    found = _field_changes(declared, older.row, newer.row, names)
    for parts, before, after in zip(declared.parts, older.cells, newer.cells, strict=True):
        for cell in [*before, *(cell for cell in after if cell not in before)]:
            old, new = before.get(cell), after.get(cell)
            if old != new:
                label = parts.label(cell, lambda model, key: _name(names, model, key))
                found.append(Change(label, _part_text(parts, old), _part_text(parts, new)))
    return found


def _part_text(parts: Parts, value: object) -> str:
    return NOTHING if value is None else parts.text(value)


def _field_changes(declared: Followed, older: Row, newer: Row, names: Names) -> list[Change]:
    found = []
    for name in declared.fields:
        before, after = _text(declared, older, name, names), _text(declared, newer, name, names)
        if before != after:
            label = str(getattr(type(older)._meta.get_field(name), "verbose_name", name))
            found.append(Change(label, before, after))
    return found


def _names(
    model: type[models.Model], declared: Followed, rows: Sequence[Row], states: list[State]
) -> dict[Key, str]:
    """What the versions point to, where they differ: one query for each model pointed to."""
    wanted: dict[type[models.Model], set[object]] = defaultdict(set)
    for name, related in declared.pointers(model).items():
        keys = {getattr(row, f"{name}_id") for row in rows}
        if len(keys) > 1:
            wanted[related] |= keys - {None}
    for number, parts in enumerate(declared.parts):
        cells = {cell for state in states for cell in state.cells[number]}
        for at, related in parts.pointers(model).items():
            wanted[related] |= {cell[at] for cell in cells}
    found: dict[Key, str] = {}
    for related, keys in wanted.items():
        if not keys:
            continue
        named = related._default_manager.filter(pk__in=keys)
        named = named.select_related(*getattr(related, "shown_with", ()))
        found |= {(related, row.pk): str(row) for row in named}
    return found


def _name(names: Names, model: type[models.Model], key: object) -> str:
    return names.get((model, key), VANISHED)


def _text(declared: Followed, row: Row, name: str, names: Names) -> str:
    of_field = _column(row, name)
    value = getattr(row, of_field.attname)
    if value is None or value == "":
        return NOTHING
    if of_field.related_model is not None:
        return _name(names, of_field.related_model, value)
    if name in declared.texts:
        return declared.texts[name](value)
    if of_field.choices:
        return str(getattr(row, f"get_{name}_display")())
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
