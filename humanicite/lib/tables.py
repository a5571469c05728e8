"""Lists that are tables: one declaration of their columns for the page, its order, its totals and its
files.

On django-tables2, whose declarations and order we take. Its rows are drawn by a template of ours
(components/table.html), from cells formatted here in Python: attributes are found once a column, and
a column that reads what a row does not have fails instead of showing nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any, ClassVar

import django_tables2
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django_tables2.data import TableListData, TableQuerysetData
from django_tables2.utils import OrderBy, call_with_appropriate, signature

from humanicite.templatetags.french import duration, hours, number

from . import exports
from .pages import Page, page_of

SORT = "tri"  # in the address: the name of a column, after « - » for the largest first
NOTHING = "–"
# What a value of each kind is on a page.
SHOWN: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: value,
    "label": lambda value: value,
    "day": lambda day: f"{day:%d/%m/%Y}",
    "moment": lambda moment: f"{timezone.localtime(moment):%d/%m/%Y %H:%M}",
    "time": lambda clock: f"{clock:%H:%M}",
    "whole": number,
    "decimal": lambda value: number(value, 2),
    "duration": duration,
    "hours": hours,
}
NUMBERS = {"whole", "decimal", "duration", "hours"}
UNBROKEN = {"day", "moment", "time"}
# Kinds that a file has not: the one it has, and what is written.
IN_FILES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "moment": ("label", SHOWN["moment"]),
    "duration": ("whole", lambda minutes: minutes),
    "hours": ("whole", lambda minutes: minutes),
}


class Column(django_tables2.Column):
    """A column of a table. `kind`: one of SHOWN. `width` in characters, in a file. `names_row`: its
    cells are the headers of their rows. `may_lack`: rows without a value come last in its order.

    A `render_<name>` of the table draws its cells otherwise, from `value`, `record` or both.
    """

    def __init__(
        self,
        title: str,
        accessor: str | None = None,
        *,
        kind: str = "text",
        width: int = 16,
        names_row: bool = False,
        may_lack: bool = False,
        css: str = "",
        in_file: bool = True,
        **more: object,
    ) -> None:
        super().__init__(title, accessor, **more)
        self.kind, self.width, self.names_row, self.may_lack = kind, width, names_row, may_lack
        self.exclude_from_export = not in_file
        of_kind = "num" if kind in NUMBERS else "nowrap" if kind in UNBROKEN else ""
        self.css = f"{of_kind} {css}".strip()

    def render(self, value: object) -> object:
        return SHOWN[self.kind](value)

    @property
    def in_files(self) -> exports.Column:
        kind, _ = IN_FILES.get(self.kind, (self.kind, None))
        return exports.Column(str(self.verbose_name), kind, self.width)

    def written(self, value: object) -> object:
        """What a file says for a value."""
        _, write = IN_FILES.get(self.kind, (None, None))
        return write(value) if write and value is not None else value


@dataclass(frozen=True)
class Header:
    label: str
    css: str
    address: str  # the page in the order of this column; empty where it has none
    direction: str  # of the order: ascending, descending, or empty


@dataclass(frozen=True)
class Cell:
    label: str
    css: str
    text: object
    names_row: bool


@dataclass(frozen=True)
class Line:
    css: str
    cells: list[Cell]


class Rows(TableQuerysetData):
    """Rows in a total order: the key tells any two apart, so none shows on two pages or on none."""

    data: Any

    def order_by(self, aliases: Iterable[str]) -> None:
        order: list[object] = []
        is_down = False
        for alias in aliases:
            bound = self.table.columns[OrderBy(alias).bare]
            is_down = alias.startswith("-")
            paths = bound.column.order_by or (bound.accessor,)
            order += [_sorted(str(path), bound.column, is_down=is_down) for path in paths]
        self.data = self.data.order_by(*order, "-pk" if is_down else "pk")


def _sorted(path: str, column: Column, *, is_down: bool) -> object:
    if column.may_lack:
        field = F(path)
        return field.desc(nulls_last=True) if is_down else field.asc(nulls_last=True)
    return f"-{path}" if is_down else path


class Table(django_tables2.Table):
    """`caption` is read out; `first_order`, where none is asked for; `size`, rows of a page: all of
    them without one. `asked` is the address. `totals` is read by the same columns as a row is.
    """

    caption: ClassVar[str] = ""
    css: ClassVar[str] = ""
    first_order: ClassVar[str] = ""
    size: ClassVar[int | None] = None

    def __init__(
        self,
        data: Any,
        *,
        asked: QueryDict | None = None,
        totals=None,
        extra_columns: object = None,
    ) -> None:
        self.asked = asked if asked is not None else QueryDict()
        self.totals = totals
        wanted = self.asked.get(SORT, "")
        self.kept = {SORT: wanted} if self._has_order(wanted) else {}
        rows = Rows(data) if isinstance(data, QuerySet) else TableListData(list(data))
        super().__init__(
            rows,
            order_by=self.kept.get(SORT, self.first_order) or None,
            orderable=bool(self.first_order),
            extra_columns=extra_columns,
        )

    @classmethod
    def _has_order(cls, alias: str) -> bool:
        column = cls.base_columns.get(alias.removeprefix("-"))
        return bool(cls.first_order) and column is not None and column.orderable is not False

    # --- The page ---------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> Page:
        """The rows of the page that the address asks for."""
        rows = self.data.data
        if self.size is None:
            return Page(list(rows), 1, None)
        return page_of(rows, self.asked.get("page"), self.size)

    @property
    def headers(self) -> list[Header]:
        return [
            Header(
                str(bound.header),
                bound.column.css,
                self._in_order(str(bound.order_by_alias.next)) if bound.orderable else "",
                self._direction(bound),
            )
            for bound in self.columns
        ]

    @staticmethod
    def _direction(bound: Any) -> str:
        if not bound.is_ordered:
            return ""
        return "descending" if bound.order_by_alias.is_descending else "ascending"

    def _in_order(self, alias: str) -> str:
        """The address in another order: the same filters, from the first page on."""
        asked = self.asked.copy()
        asked.pop("page", None)
        asked[SORT] = alias
        return f"?{asked.urlencode()}"

    @cached_property
    def _drawers(self) -> list[tuple[Any, Callable[[Any, Any], Any]]]:
        return [(bound, _drawer(bound)) for bound in self.columns]

    @property
    def lines(self) -> Iterator[Line]:
        return (self._line(record) for record in self.shown.rows)

    @cached_property
    def total_line(self) -> Line | None:
        return None if self.totals is None else self._line(self.totals)

    def _line(self, record: object) -> Line:
        cells = []
        for bound, draw in self._drawers:
            column: Column = bound.column
            value = bound.accessor.resolve(record)
            lacks = value in column.empty_values
            text = (column.default or "") if lacks else draw(value, record)
            is_blank = lacks and text in ("", NOTHING)
            css = f"{column.css} blank" if is_blank else column.css
            cells.append(Cell(str(bound.header), css.strip(), text, column.names_row))
        return Line(self.css_of(record), cells)

    def css_of(self, record: Any) -> str:
        """The class of a row."""
        return ""

    # --- Files ------------------------------------------------------------------------------------

    @classmethod
    def file(cls, rows: Iterable[object], form: str) -> IO[bytes]:
        """The same columns, read from any rows. `form`: csv or xlsx. Raises TooManyRows."""
        named = {name: one for name, one in cls.base_columns.items() if not one.exclude_from_export}
        readers = [(one.accessor or django_tables2.A(name), one) for name, one in named.items()]
        cells = ([one.written(accessor.resolve(row)) for accessor, one in readers] for row in rows)
        columns = [one.in_files for one in named.values()]
        return exports.WRITERS[form](columns, cells, cls.caption)


def _drawer(bound: Any) -> Callable[[Any, Any], Any]:
    """How a column's cells are drawn; its arguments are looked up once, not for each cell."""
    render, (names, _) = bound.render, signature(bound.render)
    if names == ("value",):
        return lambda value, _: render(value)
    if names == ("record",):
        return lambda _, record: render(record)
    return lambda value, record: call_with_appropriate(render, {"value": value, "record": record})
