"""What a workbook holds, told on standard output: `python workbook.py [SHEET] < book`.

Run in a process of its own, with limits that it sets for itself: a spreadsheet of a few kilobytes
can ask for more memory than there is, and the library then ends its process. Nothing of the
application is imported here.

calamine reads the values. What it passes over is read from the XML beside: cells in error,
formulas without a result, merged cells of an .ods, hidden rows, and the day that numbers count from.
The old .xls has no XML: there, only values and merged cells are known.

The answer is lines of JSON: first one object about the workbook, then `[number, [cells]]` for each
row with something in it. A day, a time or a duration is `{kind: text}`, or seconds; an error is a
text, as a spreadsheet shows it. The exit code is 3 for a workbook with a password.
"""

import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import IO
from xml.parsers import expat

from python_calamine import (
    CalamineSheet,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

PASSWORD = 3  # the exit code for one
MOST_MEMORY = 1024 * 1024 * 1024
MOST_SECONDS = 15  # of a processor
MOST_WRITTEN = 400 * 1024 * 1024
MOST_ROWS = 50_100  # filled ones that are told: more than the application takes
MOST_COLUMNS = 101  # the same
MOST_TEXT = 40_000  # characters of a cell: more than any spreadsheet writes, or any field takes
PIECE = 256 * 1024
REPEATS = 1000  # of an .ods: a cell or row that is repeated more often is filling


@dataclass
class Beside:
    """What the XML of one sheet says beyond the values. Rows and columns count from 1."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: dict[int, int] = field(
        default_factory=dict
    )  # column → its first row that lacks one
    merged: list[list[int]] = field(default_factory=list)  # first row, column; last ones
    hidden: list[int] = field(default_factory=list)

    def error(self, at: tuple[int, int], text: str) -> None:
        if at[1] <= MOST_COLUMNS and len(self.errors) < MOST_ROWS:
            self.errors[at] = text or "#VALUE!"

    def lack(self, at: tuple[int, int]) -> None:
        if at[1] <= MOST_COLUMNS:
            self.uncomputed.setdefault(at[1], at[0])

    def hide(self, row: int) -> None:
        if len(self.hidden) < MOST_ROWS:
            self.hidden.append(row)


class OfficeSheet:
    """Walks the XML of a sheet of an .xlsx."""

    def __init__(self, beside: Beside) -> None:
        self.beside = beside
        self.row = self.column = 0
        self.hidden = self.filled = self.formula = self.inside = False
        self.kind, self.text = "", ""

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "c":
            at = re.match(r"[A-Z]+", given.get("r", ""))
            self.column = column_number(at[0]) if at else self.column + 1
            self.kind, self.text, self.formula = given.get("t", ""), "", False
        elif name == "v":
            self.inside = True
        elif name == "f":
            self.formula = True
        elif name == "row":
            self.row = int(given["r"]) if given.get("r", "").isdigit() else self.row + 1
            self.column, self.filled = 0, False
            self.hidden = given.get("hidden") in ("1", "true")

    def characters(self, text: str) -> None:
        if self.inside and len(self.text) < 40:
            self.text += text

    def end(self, name: str) -> None:
        if name == "v":
            self.inside = False
        elif name == "c":
            at = (self.row, self.column)
            self.filled = self.filled or bool(self.text) or self.kind == "inlineStr"
            if self.kind == "e":
                self.beside.error(at, self.text)
            elif self.formula and not self.text and self.kind != "str":
                self.beside.lack(at)
        elif name == "row" and self.hidden and self.filled:
            self.beside.hide(self.row)


class OpenSheet:
    """Walks the XML of an .ods, all its sheets, for the one named."""

    def __init__(self, beside: Beside, sheet: str) -> None:
        self.beside, self.sheet = beside, sheet
        self.here = self.hidden = self.filled = self.inside = self.error = False
        self.row = self.column = self.rows = self.columns = self.depth = 0
        self.text = ""

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "table":
            self.depth += 1
            if self.depth == 1:
                self.here, self.row, self.rows = given.get("name") == self.sheet, 0, 1
        elif not self.here:
            return
        elif name == "table-row":
            self.row += self.rows
            self.rows = repeated(given, "number-rows-repeated")
            self.column, self.columns, self.filled = 0, 1, False
            self.hidden = given.get("visibility") in ("collapse", "filter")
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.columns
            self.columns = repeated(given, "number-columns-repeated")
            self.filled = self.filled or "value-type" in given
            self.error = given.get("value-type") == "error"
            self.text = ""
            down = repeated(given, "number-rows-spanned") - 1
            right = repeated(given, "number-columns-spanned") - 1
            if down or right:
                at = (self.row, self.column)
                self.beside.merged.append([*at, at[0] + down, at[1] + right])
        elif name == "p":
            self.inside = True

    def characters(self, text: str) -> None:
        if self.here and self.inside and len(self.text) < 40:
            self.text += text

    def end(self, name: str) -> None:
        if name == "table":
            self.depth -= 1
            self.here = self.here and self.depth > 0
        elif not self.here:
            return
        elif name == "p":
            self.inside = False
        elif name == "table-cell" and (self.error or ERROR.fullmatch(self.text)):
            for row in range(self.row, self.row + min(self.rows, REPEATS)):
                for column in range(self.column, self.column + min(self.columns, REPEATS)):
                    self.beside.error((row, column), self.text)
        elif name == "table-row" and self.hidden and self.filled:
            for row in range(self.row, self.row + min(self.rows, REPEATS)):
                self.beside.hide(row)


ERROR = re.compile(r"#(?:REF|DIV/0|VALUE|NAME|NUM|NULL)[!?]|#N/A|Err:\d{3}")


def repeated(given: dict[str, str], name: str) -> int:
    count = given.get(name, "1")
    return int(count) if count.isdigit() and len(count) < 9 else 1


def column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def walk(stream: IO[bytes], walker: OfficeSheet | OpenSheet) -> None:
    """Names without their namespace; an attribute that two namespaces have is the last's."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def start(name: str, given: dict[str, str]) -> None:
        walker.start(bare(name), {bare(key): value for key, value in given.items()})

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: walker.end(bare(name))
    parser.CharacterDataHandler = walker.characters
    parser.buffer_text = True
    while piece := stream.read(PIECE):
        parser.Parse(piece, False)
    parser.Parse(b"", True)


def bare(name: str) -> str:
    return name.rpartition(" ")[2]


def elements(archive: zipfile.ZipFile, path: str) -> list[tuple[str, dict[str, str]]]:
    """Every element of a small part, in order."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, given: found.append(
        (bare(name), {bare(key): value for key, value in given.items()})
    )
    parser.Parse(archive.read(path), True)
    return found


def beside(file: IO[bytes], sheet: str) -> tuple[Beside, bool | None]:
    """And whether days count from 1904; None where the file does not let it be known."""
    file.seek(0)
    told = Beside()
    if not zipfile.is_zipfile(file):
        return told, None
    with zipfile.ZipFile(file) as archive:
        if archive.testzip():
            raise zipfile.BadZipFile  # a part is not what it was
        if "content.xml" in archive.namelist():
            with archive.open("content.xml") as stream:
                walk(stream, OpenSheet(told, sheet))
            return told, False
        if "xl/workbook.xml" not in archive.namelist():
            return told, None
        book = elements(archive, "xl/workbook.xml")
        late = any(
            name == "workbookPr" and given.get("date1904") in ("1", "true") for name, given in book
        )
        key = next(
            (given["id"] for name, given in book if name == "sheet" and given["name"] == sheet), ""
        )
        relations = elements(archive, "xl/_rels/workbook.xml.rels")
        target = next(given["Target"] for _, given in relations if given.get("Id") == key)
        path = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        with archive.open(path) as stream:
            walk(stream, OfficeSheet(told))
        return told, late


_LASTS = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")


def said(cell: object) -> object:
    """A cell as JSON has it."""
    match cell:
        case "":
            return None
        case str():
            lasts = _LASTS.fullmatch(cell)  # of an .ods, from 24 hours on
            if lasts:
                hours, minutes, seconds = map(int, lasts.groups())
                return {"lasts": hours * 3600 + minutes * 60 + seconds}
            return cell[:MOST_TEXT]
        case datetime():
            return {"moment": cell.isoformat()}
        case date():
            return {"day": cell.isoformat()}
        case time():
            return {"clock": cell.isoformat()}
        case timedelta():
            return {"lasts": cell.total_seconds()}
        case _:
            return cell


def rows(
    sheet: CalamineSheet, errors: dict[tuple[int, int], str]
) -> Iterator[tuple[int, list[object]]]:
    for number, cells in enumerate(sheet.iter_rows(), 1):
        told = [said(cell) for cell in cells[:MOST_COLUMNS]]
        for column in range(1, len(told) + 1):
            if errors and (number, column) in errors:
                told[column - 1] = errors[number, column]
        if any(cell is not None for cell in told):
            yield number, told


def main(name: str) -> None:
    file = open(0, "rb", closefd=False)  # noqa: SIM115  # what was given as standard input
    try:
        book = load_workbook(file)
    except PasswordError:
        sys.exit(PASSWORD)
    pages = [page for page in book.sheets_metadata if page.typ == SheetTypeEnum.WorkSheet]
    sheets = [(page.name, page.visible == SheetVisibleEnum.Visible) for page in pages]
    about: dict[str, object] = {"sheets": sheets}
    name = name or next((title for title, visible in sheets if visible), "")
    if name not in dict(sheets):
        print(json.dumps(about))  # noqa: T201
        return
    told, late = beside(file, name)
    sheet = book.get_sheet_by_name(name)
    ranges = [[n + 1 for n in (*first, *last)] for first, last in sheet.merged_cell_ranges or []]
    about |= {
        "sheet": name,
        "late": late,
        "hidden": told.hidden,
        "uncomputed": sorted(told.uncomputed.items()),
        "merged": (ranges + told.merged)[:MOST_ROWS],
    }
    write = sys.stdout.write
    write(json.dumps(about) + "\n")
    for count, row in enumerate(rows(sheet, told.errors)):
        if count >= MOST_ROWS:
            break
        write(json.dumps(row) + "\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main(sys.argv[1] if len(sys.argv) > 1 else "")
