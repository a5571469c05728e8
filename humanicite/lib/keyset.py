"""Pages by position instead of by number: no OFFSET, no count, as fast at the end as at the start.

A position is the values of the row that stood there, so rows that come or go meanwhile make no
other row show twice or never.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db.models import F, Model, Q, QuerySet

SEPARATOR = "_"


@dataclass(frozen=True)
class Column:
    """A column of the order, largest first; where values may be unknown, those come last."""

    name: str
    read: Callable[[str], object]
    nullable: bool = False


def day_column(name: str) -> Column:
    return Column(name, date.fromisoformat)


def time_column(name: str) -> Column:
    return Column(name, _clock, nullable=True)


def key_column(name: str = "pk") -> Column:
    return Column(name, _key)


def _clock(text: str) -> time:
    read = time.fromisoformat(text)
    if read.tzinfo:
        raise ValueError(text)
    return read


def _key(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise ValueError(text)
    return int(text)


@dataclass(frozen=True)
class Page:
    """Some rows in their order, and the positions from which to go on; None: there are no more."""

    rows: list[Any]
    before: str | None = None  # the rows that follow lie before this one: older
    after: str | None = None


class Keyset:
    """A total order of rows, the last column telling any two apart, and its pages."""

    def __init__(self, *columns: Column) -> None:
        self.columns = columns

    def order(self, rows: QuerySet, *, reverse: bool = False) -> QuerySet:
        return rows.order_by(*(self._sorted(column, reverse=reverse) for column in self.columns))

    def page(self, rows: QuerySet, size: int, *, before: str = "", after: str = "") -> Page:
        """The rows on one side of a position; the first ones for a position that is none."""
        older, newer = self._values(before), self._values(after)
        if newer:
            near = self.order(rows.filter(self._beyond(newer, older=False)), reverse=True)
            found = list(near[: size + 1])
            if found:
                shown = found[:size][::-1]
                more = self.position(shown[0]) if len(found) > size else None
                return Page(shown, before=self.position(shown[-1]), after=more)
        if older:
            found = list(self.order(rows.filter(self._beyond(older, older=True)))[: size + 1])
            if found:
                return self._cut(found, size, after=self.position(found[0]))
        return self._cut(list(self.order(rows)[: size + 1]), size, after=None)

    def _cut(self, found: list[Any], size: int, *, after: str | None) -> Page:
        shown = found[:size]
        more = len(found) > size
        return Page(shown, before=self.position(shown[-1]) if more else None, after=after)

    def position(self, row: Model) -> str:
        values = [getattr(row, column.name) for column in self.columns]
        return SEPARATOR.join(_written(value) for value in values)

    def _values(self, position: str) -> list[object] | None:
        parts = position.split(SEPARATOR)
        if len(parts) != len(self.columns):
            return None
        try:
            return [
                None if column.nullable and not part else column.read(part)
                for column, part in zip(self.columns, parts, strict=True)
            ]
        except ValueError:
            return None

    def _sorted(self, column: Column, *, reverse: bool) -> Any:
        if not column.nullable:
            return column.name if reverse else f"-{column.name}"
        field = F(column.name)
        return field.asc(nulls_first=True) if reverse else field.desc(nulls_last=True)

    def _beyond(self, values: list[object], *, older: bool, at: int = 0) -> Q:
        """The rows after (older) or before a position, in the order."""
        column, value = self.columns[at], values[at]
        name, side = column.name, "lt" if older else "gt"
        if at == len(self.columns) - 1:
            return Q(**{f"{name}__{side}": value})
        rest = self._beyond(values, older=older, at=at + 1)
        if value is None:
            same = Q(**{f"{name}__isnull": True}) & rest
            return same if older else Q(**{f"{name}__isnull": False}) | same
        strictly = Q(**{f"{name}__{side}": value})
        if column.nullable:
            beyond = strictly | (Q(**{name: value}) & rest)
            return beyond | Q(**{f"{name}__isnull": True}) if older else beyond
        # Said twice, so that an index on the first column bounds the scan.
        return Q(**{f"{name}__{side}e": value}) & (strictly | rest)


def _written(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat().replace(":", "") if isinstance(value, date | time) else str(value)
