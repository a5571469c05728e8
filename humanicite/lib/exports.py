"""What leaves for a spreadsheet: CSV as French ones open it, XLSX, and nothing that runs there.

Rows are read one by one and written to a file that leaves memory once it is large, so an export of
a hundred thousand rows needs the memory of one of ten thousand. The file is whole before the answer
begins: an error is still a page, and what the database lets one read is asked while it holds.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IN_MEMORY = 2 * 1024 * 1024  # bytes of a file before it goes to the disk
AT_ONCE = 500  # rows written together
SHEET_ROWS = 1_048_576  # what a sheet holds, its header included
QUOTE = '"'
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TooManyRows(ValueError):
    """More rows than a sheet holds."""


@dataclass(frozen=True)
class Column:
    """A column of a file. `width` in characters. `kind`: text, label (a text that recurs), day, time,
    whole or decimal."""

    title: str
    kind: str = "text"
    width: int = 16


Make = Callable[[Any], str]  # of a value of its column's kind
Rows = Iterable[Sequence[object]]
Cell = TypeVar("Cell")


class _Recurring(dict[object, str]):
    """What a value is written as, made once for each: most columns hold few different ones."""

    def __init__(self, make: Make) -> None:
        super().__init__()
        self.make = make

    def __missing__(self, value: object) -> str:
        said = self[value] = self.make(value)
        return said


class _Various:
    """The same for values that hardly ever recur."""

    def __init__(self, make: Make) -> None:
        self.make = make

    def __getitem__(self, value: object) -> str:
        return self.make(value)


def _writers(columns: Sequence[Column], make: dict[str, Make]) -> list[_Recurring | _Various]:
    return [
        (_Various if column.kind == "text" else _Recurring)(make[column.kind]) for column in columns
    ]


def safe_cell(value: Cell) -> Cell | str:
    """A cell that a spreadsheet reads as text even where the text looks like a formula."""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


# --- CSV ------------------------------------------------------------------------------------------

_TO_QUOTE = re.compile('[;"\r\n]')


def _quoted(text: str | None) -> str:
    text = safe_cell(text or "")
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if _TO_QUOTE.search(text) else text


_IN_CSV: dict[str, Make] = {
    "text": _quoted,
    "label": _quoted,
    "day": lambda day: day.strftime("%d/%m/%Y") if day else "",
    "time": lambda clock: clock.strftime("%H:%M") if clock else "",
    "whole": lambda number: "" if number is None else str(number),
    "decimal": lambda number: "" if number is None else str(number).replace(".", ","),
}


def to_csv(columns: Sequence[Column], rows: Rows, title: str = "") -> IO[bytes]:
    """UTF-8 with its mark, semicolons, decimal commas, days as 18/03/2026 (RFC 4180 otherwise)."""
    file, said, left = _spooled(), _writers(columns, _IN_CSV), iter(rows)
    file.write(BOM_UTF8)
    lines = [";".join([_quoted(column.title) for column in columns])]
    while lines:
        file.write(("\r\n".join(lines) + "\r\n").encode())
        lines = [
            ";".join([cells[cell] for cells, cell in zip(said, row, strict=True)])
            for row in islice(left, AT_ONCE)
        ]
    file.seek(0)
    return file


# --- XLSX -----------------------------------------------------------------------------------------

_IN_XLSX = {"day": "dd/mm/yyyy", "time": "hh:mm", "whole": "0", "decimal": "0.00"}
_DAY_ZERO = date(1899, 12, 30)  # of a spreadsheet's count of days


def to_xlsx(
    columns: Sequence[Column],
    rows: Rows,
    title: str = "Activités",
    *,
    about: Sequence[tuple[str, str]] = (),
) -> IO[bytes]:
    """One sheet named `title`, its header kept in sight; days, hours and numbers are what they are.
    `about`: (word, what it means), on a second sheet, « Aide à la lecture ».

    Raises TooManyRows.
    """
    file = _spooled()
    with Workbook(file, {"constant_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format({"num_format": f}) for kind, f in _IN_XLSX.items()}
        sheet = book.add_worksheet(title, _Sheet)
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.title, bold)
        last = sheet.write_rows(columns, rows, formats)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        if about:
            _explain(book.add_worksheet("Aide à la lecture"), about, bold, book)
    file.seek(0)
    return file


def _explain(
    sheet: Worksheet, about: Sequence[tuple[str, str]], bold: Format, book: Workbook
) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90)
    for row, (word, meaning) in enumerate(about):
        sheet.write_string(row, 0, word, bold)
        sheet.write_string(row, 1, meaning, wrapped)


# Private members of XlsxWriter: a version of it may rename them, and a test says so first.
LEANS_ON = (
    "_write_single_row",
    "_check_dimensions",
    "_escape_data",
    "_escape_control_characters",
    "previous_row",
    "fh",
)


class _Sheet(Worksheet):
    """A sheet whose rows are written as they come: the calls that XlsxWriter makes for each cell
    take three times as long as all the rest. No cell of it can be a formula or a link. The price is
    LEANS_ON."""

    def write_rows(self, columns: Sequence[Column], rows: Rows, formats: dict[str, Format]) -> int:
        """The rows beneath the header; answers the number of the last. Raises TooManyRows."""
        styles = {kind: style._get_xf_index() for kind, style in formats.items()}
        make: dict[str, Make] = {
            "text": self._text,
            "label": self._text,
            "day": lambda day: _number(day and (day - _DAY_ZERO).days, styles["day"]),
            "time": lambda clock: _number(clock and _share_of_day(clock), styles["time"]),
            "whole": lambda number: _number(number, styles["whole"]),
            "decimal": lambda number: _number(number, styles["decimal"]),
        }
        letters = [f'<c r="{xl_col_to_name(number)}' for number in range(len(columns))]
        said = _writers(columns, make)
        self._write_single_row(1)
        row = 0
        for row, values in enumerate(rows, 1):
            if row >= SHEET_ROWS:
                raise TooManyRows("Un classeur ne contient pas autant de lignes.")
            cells = "".join(
                [
                    f"{letter}{row + 1}{rest}"
                    for letter, known, value in zip(letters, said, values, strict=True)
                    if (rest := known[value])
                ]
            )
            self.fh.write(f'<row r="{row + 1}">{cells}</row>')
        self._check_dimensions(row, len(columns) - 1)
        self.previous_row = row
        return row

    def _text(self, text: str | None) -> str:
        """The rest of a cell after its address; nothing for an empty one."""
        if not text:
            return ""
        # A carriage return would be written, and shown, as « _x000D_ ».
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        bare = self._escape_data(self._escape_control_characters(text))
        return f'" t="inlineStr"><is><t xml:space="preserve">{bare}</t></is></c>'


def _number(value: float | None, style: int) -> str:
    return "" if value is None else f'" s="{style}"><v>{value}</v></c>'


def _share_of_day(clock: time) -> float:
    return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400


WRITERS = {"csv": to_csv, "xlsx": to_xlsx}


def _spooled() -> IO[bytes]:
    """A file that its reader closes: the answer does."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
