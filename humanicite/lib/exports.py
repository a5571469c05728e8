"""What leaves for a spreadsheet: CSV as French ones open it, XLSX, and nothing that runs there.

Rows are read one by one and written to a file that leaves memory once it is large, so an export of
a hundred thousand rows needs the memory of one of ten thousand. The file is whole before the answer
begins: an error is still a page, and what the database lets one read is asked while it holds.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from xlsxwriter import Workbook

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
IN_MEMORY = 2 * 1024 * 1024  # bytes of a file before it goes to the disk
SHEET_ROWS = 1_048_576  # what a sheet holds, its header included
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TooManyRows(ValueError):
    """More rows than a sheet holds."""


@dataclass(frozen=True)
class Column:
    """A column of a file; `kind`: text, day, time, whole or decimal. `width` in characters."""

    title: str
    kind: str = "text"
    width: int = 16


def safe_cell(value: Any) -> Any:
    """A cell that a spreadsheet reads as text even where the text looks like a formula."""
    if isinstance(value, str) and value.startswith(_STARTS_A_FORMULA):
        return f"'{value}"
    return value


def to_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """UTF-8 with its mark, semicolons, decimal commas, days as 18/03/2026."""
    file = _spooled()
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow([column.title for column in columns])
    said = [_IN_CSV[column.kind] for column in columns]
    writer.writerows([say(cell) for say, cell in zip(said, row, strict=True)] for row in rows)
    text.flush()
    text.detach()
    file.seek(0)
    return file


def to_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> IO[bytes]:
    """One sheet, its header kept in sight; days, hours and numbers are what they are.

    Raises TooManyRows.
    """
    file = _spooled()
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {kind: book.add_format({"num_format": f}) for kind, f in _IN_XLSX.items()}
        sheet = book.add_worksheet("Activités")
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.title, bold)
        writers = [_writer(sheet, column.kind, formats) for column in columns]
        last = 0
        for last, row in enumerate(rows, 1):
            if last >= SHEET_ROWS:
                raise TooManyRows("Un classeur ne contient pas autant de lignes.")
            for number, (write, cell) in enumerate(zip(writers, row, strict=True)):
                if cell not in (None, ""):
                    write(last, number, cell)
        sheet.autofilter(0, 0, last, len(columns) - 1)
    file.seek(0)
    return file


def _spooled() -> Any:
    """A file that its reader closes: the answer does."""
    return SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115


@lru_cache(maxsize=4096)
def _day(value: date | None) -> str:
    return value.strftime("%d/%m/%Y") if value else ""


@lru_cache(maxsize=2048)
def _decimal(value: float | None) -> str:
    return "" if value is None else str(value).replace(".", ",")


def _clock(value: time | None) -> str:
    return value.strftime("%H:%M") if value else ""


def _as_it_is(value: Any) -> Any:
    return value


_IN_CSV: dict[str, Callable[[Any], Any]] = {
    "text": safe_cell, "day": _day, "time": _clock, "whole": _as_it_is, "decimal": _decimal,
}  # fmt: skip
_IN_XLSX = {"day": "dd/mm/yyyy", "time": "hh:mm", "decimal": "0.00"}


def _writer(sheet: Any, kind: str, formats: dict[str, Any]) -> Callable[[int, int, Any], Any]:
    if kind == "text":
        return lambda row, column, text: sheet.write_string(row, column, _plain(text))
    write = sheet.write_datetime if kind in ("day", "time") else sheet.write_number
    style = formats.get(kind)
    return lambda row, column, value: write(row, column, value, style)


def _plain(text: str) -> str:
    """The writer takes « <r>…</r> » for markup of its own and would not escape it."""
    return f" {text}" if text.startswith("<r>") else text
