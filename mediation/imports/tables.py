"""A table in a CSV file or a workbook, read row by row.

A CSV is in one of the encodings of `texts`, with semicolons, commas or tabs. Of a workbook, one
sheet is read, by a process of its own (`workbook`). The header is the row that names the most
fields; titles above it are passed over. Rows are numbered as a spreadsheet does.
"""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from humanicite.lib.text import fold, printable

from . import texts
from .headers import fields_named

Cell = str | int | float | bool | datetime | date | time | timedelta | None

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000  # with something in them
MOST_COLUMNS = 100
MOST_LINES = 200_000  # empty ones included
MOST_UNPACKED = 200 * 1024 * 1024  # of a workbook, which is a compressed archive
MOST_SECONDS = 60  # of waiting for a workbook to be read
HEADER_WITHIN = 30  # first rows
MOST_SHOWN = 2000  # rows that are looked through again for a page
FEWEST_NAMED = 2  # fields of a sheet that is taken for the table
MOST_SHEETS = 10  # that are looked at for a table
READER = Path(__file__).with_name("workbook.py")
PASSWORD = 3  # its exit code for one

EMPTY = "Ce fichier est vide."
TOO_HEAVY = "Ce fichier dépasse 20 Mo : partagez-le, par exemple par année."
TOO_LONG = "Ce fichier dépasse 50 000 lignes : partagez-le, par exemple par année."
TOO_WIDE = f"Ce tableau a plus de {MOST_COLUMNS} colonnes : gardez celles qui servent."
NO_TABLE = (
    "Aucun tableau dans ce fichier : il faut une ligne d’en-têtes, avec les noms de plusieurs "
    "colonnes séparées par des points-virgules, des virgules ou des tabulations."
)
NO_ROWS = "Ce tableau n’a que ses en-têtes : aucune ligne à importer."
OLD_EXCEL = (
    "Ce classeur, dans l’ancien format Excel (.xls) ou protégé par un mot de passe, ne s’ouvre pas : "
    "enregistrez-le en .xlsx sans mot de passe, ou en CSV."
)
LOCKED = "Ce classeur est protégé par un mot de passe : enregistrez-le sans, ou en CSV."
BROKEN = "Ce classeur est abîmé et ne s’ouvre pas : enregistrez-le de nouveau, ou en CSV."
UNPACKED = (
    "Ce classeur est trop volumineux une fois ouvert : effacez ce qui se trouve loin sous le tableau "
    "ou à sa droite, partagez-le, ou passez par un CSV."
)
NO_TEXT = (
    "Ce fichier n’est ni un CSV ni un classeur (.xlsx, .ods, .xls), ou ses accents sont écrits d’une "
    "manière inconnue : enregistrez-le en .xlsx, ou en « CSV UTF-8 »."
)
A_PAGE = (
    "Ce fichier est une page ou un document XML, même si son nom dit autre chose : ouvrez-le dans un "
    "tableur et enregistrez-le en .xlsx."
)
NO_SHEET = "Ce classeur n’a pas de feuille visible."


class Unreadable(Exception):
    """The file cannot be read as a table; the message is for who sent it."""


@dataclass(frozen=True)
class Row:
    """`number` as a spreadsheet shows it; a cell for each header; `overflows` with more of them."""

    number: int
    cells: list[Cell]
    overflows: bool = False


@dataclass
class Table:
    """Where the table of a file lies, and its rows as often as they are asked for."""

    headers: list[str]
    header_number: int
    lines: Callable[[], Iterator[tuple[int, list[Cell]]]]  # all, numbered, from the first
    sheet: str = ""
    sheets: tuple[tuple[str, bool], ...] = ()  # every sheet, and whether it is shown
    encoding: str = texts.UTF_8
    sure: bool = True  # of the encoding
    late: bool | None = None  # whether numbers count days from 1904; None where nothing says it
    hidden_rows: tuple[int, ...] = ()
    shows_all: bool = True  # False where hidden rows and errors cannot be told: an .xls

    def rows(self, skip: int = 0) -> Iterator[Row]:
        """Filled rows under the header, in order, but for the first `skip`."""
        width, passed = len(self.headers), 0
        for number, cells in self.lines():
            if number <= self.header_number or all(is_blank(cell) for cell in cells):
                continue
            passed += 1
            if passed > skip:
                kept = cells[:width] + [None] * (width - len(cells))
                yield Row(number, kept, any(not is_blank(cell) for cell in cells[width:]))

    @property
    def hidden(self) -> int:
        """How many rows of the table a spreadsheet hides, by hand or by a filter."""
        return sum(number > self.header_number for number in self.hidden_rows)

    def first_lines(self) -> list[tuple[int, list[str]]]:
        """The first rows that may be the header, with their filled cells."""
        return [
            (number, [name for name in map(_name, cells) if name])
            for number, cells in _candidates(self.lines())
        ]

    def letters_offered(self, file: IO[bytes]) -> list[tuple[str, str, str]]:
        """(code, label, sample) of the ways in which its texts may be read, where there are several."""
        if not self.sheet:
            return [*texts.offered(file, self.encoding)]
        cells = (str(cell) for row in islice(self.rows(), MOST_SHOWN) for cell in row.cells)
        if self.encoding == texts.TWICE:
            plain = open_table(file, self.sheet, self.header_number, texts.AS_IS)
            cells = (str(cell) for row in plain.rows() for cell in row.cells)
        found = next((cell[:60] for cell in cells if texts.is_garbled(cell)), "")
        if not found:
            return []
        return [
            (texts.TWICE, texts.LABELS[texts.TWICE], texts.put_right(found)),
            (texts.AS_IS, texts.LABELS[texts.AS_IS], found),
        ]

    def count(self) -> int:
        """How many rows there are. Raises Unreadable for none, or more than `MOST_ROWS`."""
        found = sum(1 for _ in islice(self.rows(), MOST_ROWS + 1))
        if not found:
            raise Unreadable(NO_ROWS)
        if found > MOST_ROWS:
            raise Unreadable(TOO_LONG)
        return found


def is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def open_table(
    file: IO[bytes], sheet: str = "", header: int = 0, encoding: str | None = None
) -> Table:
    """The table of an open file; of a workbook, of the `sheet` named.

    Without the `header`'s number or the `encoding`, they are found. Raises Unreadable.
    """
    file.seek(0)
    start = file.read(8)
    if not start:
        raise Unreadable(EMPTY)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook_table(file, sheet, header, encoding)
    return _csv_table(file, header, encoding)


def inspect(
    file: IO[bytes], sheet: str = "", header: int = 0, encoding: str | None = None
) -> tuple[Table, int]:
    """The table and how many rows it has, after everything that is wrong with a whole file.

    Raises Unreadable. Reads the file to its end.
    """
    table = open_table(file, sheet, header, encoding)
    return table, table.count()


def _table(
    lines: Callable[[], Iterator[tuple[int, list[Cell]]]], header: int, **more: Any
) -> Table:
    candidates = _candidates(lines())
    if header:
        candidates = [one for one in candidates if one[0] == header]
    if not candidates:
        empty = all(is_blank(cell) for _, cells in islice(lines(), HEADER_WITHIN) for cell in cells)
        raise Unreadable(EMPTY if empty else NO_TABLE)
    # The first of those that name as many fields.
    number, cells = max(candidates, key=lambda one: fields_named([_name(cell) for cell in one[1]]))
    return Table(_headers(cells), number, lines, **more)


def _candidates(lines: Iterable[tuple[int, list[Cell]]]) -> list[tuple[int, list[Cell]]]:
    return [
        (number, cells)
        for number, cells in islice(lines, HEADER_WITHIN)
        if sum(not is_blank(cell) for cell in cells) >= 2
    ]


def _name(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _headers(cells: list[Cell]) -> list[str]:
    names = [_name(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Unreadable(TOO_WIDE)
    names = [name or f"Colonne {column_letter(n)}" for n, name in enumerate(names, 1)]
    seen: dict[str, str] = {}
    for name in names:
        if fold(name) in seen:
            raise Unreadable(
                f"Deux colonnes s’appellent « {name[:60]} » : renommez-en une dans le fichier."
            )
        seen[fold(name)] = name
    return names


def column_letter(number: int) -> str:
    """« A » for 1, « AA » for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- CSV ------------------------------------------------------------------------------------------


def _csv_table(file: IO[bytes], header: int, encoding: str | None) -> Table:
    sure = True
    if encoding is None:
        found = texts.encoding_of(file)
        if found is None:
            raise Unreadable(NO_TEXT)
        encoding, sure = found
    try:
        wrapper = texts.open_text(file, encoding)
        sample = wrapper.read(texts.SAMPLE)
        wrapper.detach()
    except (UnicodeError, LookupError) as error:
        raise Unreadable(NO_TEXT) from error
    if re.match(
        r"\s*<(?:\?xml|!doctype|html|table|workbook)\b", sample.lstrip("\ufeff"), re.IGNORECASE
    ):
        raise Unreadable(A_PAGE)
    # A line that Excel writes for itself.
    declared = re.match(r"\"?sep=(.)\"?\r?\n", sample.lstrip("\ufeff"), re.IGNORECASE)
    quote = texts.quote_of(sample)
    separator = declared[1] if declared else texts.separator_of(sample, quote)

    def lines() -> Iterator[tuple[int, list[Cell]]]:
        found = _records(file, encoding, separator, quote)
        return (line for line in found if not (declared and line[0] == 1))

    return _table(lines, header, encoding=encoding, sure=sure)


def _records(
    file: IO[bytes], encoding: str, separator: str, quote: str
) -> Iterator[tuple[int, list[Cell]]]:
    wrapper, number = texts.open_text(file, encoding), 0
    reader = csv.reader(wrapper, delimiter=separator, quotechar=quote, strict=True)
    twice = encoding == texts.TWICE
    try:
        for number, record in enumerate(reader, 1):
            if number > MOST_LINES:
                raise Unreadable(TOO_LONG)
            # Marks of a file's beginning or end, which nobody sees, wherever files were joined.
            cells = [cell.replace("\ufeff", "").strip("\x1a") for cell in record]
            yield number, [*map(texts.put_right, cells)] if twice else [*cells]
    except UnicodeError as error:
        raise Unreadable(NO_TEXT) from error
    except csv.Error as error:
        raise Unreadable(
            f"Après la ligne {number}, un guillemet est mal fermé ou une cellule est trop "
            "longue : corrigez le fichier, ou enregistrez-le en .xlsx."
        ) from error
    finally:
        wrapper.detach()  # the file stays open: it is read again


# --- Workbooks ------------------------------------------------------------------------------------


def _workbook_table(file: IO[bytes], sheet: str, header: int, encoding: str | None) -> Table:
    _refuse_other_archives(file)
    about, told = _read_apart(file, sheet)
    sheets = about["sheets"]
    if "sheet" not in about:
        raise Unreadable(f"Ce classeur n’a pas de feuille « {sheet[:60]} »." if sheet else NO_SHEET)
    # The first that names fields, or else the first with a table; hidden ones last.
    names = sorted(dict(sheets), key=lambda name: not dict(sheets)[name])
    refusal: Unreadable | None = None
    found: Table | None = None
    for name in [sheet] if sheet else names[:MOST_SHEETS]:
        if name != about["sheet"]:
            about, told = _read_apart(file, name)
        try:
            table = _sheet_table(about, told, header, encoding)
            if found and fields_named(table.headers) < FEWEST_NAMED:
                continue
            _refuse_what_lacks(about, table)
            if sheet or fields_named(table.headers) >= FEWEST_NAMED:
                return table
            found = table
        except Unreadable as error:
            refusal = refusal or error
            if found is None and str(error) not in (EMPTY, NO_TABLE):
                break
    if found:
        return found
    raise refusal or Unreadable(NO_SHEET)


def _sheet_table(
    about: dict[str, Any], told: IO[bytes], header: int, encoding: str | None
) -> Table:
    start = told.tell()

    def lines() -> Iterator[tuple[int, list[Cell]]]:
        at = start
        while True:
            told.seek(at)
            if not (line := told.readline()):
                return
            at = told.tell()
            number, cells = json.loads(line)
            if number > MOST_LINES:
                raise Unreadable(TOO_LONG)
            yield number, [_cell(cell, twice=encoding == texts.TWICE) for cell in cells]

    if encoding is None:
        garbled = any(
            isinstance(cell, str) and texts.is_garbled(cell)
            for _, cells in lines()
            for cell in cells
        )
        encoding = texts.TWICE if garbled else texts.AS_IS
    return _table(
        lines,
        header,
        sheet=about["sheet"],
        sheets=tuple(map(tuple, about["sheets"])),
        encoding=encoding,
        late=about["late"],
        hidden_rows=tuple(about["hidden"]),
        shows_all=about["late"] is not None,
    )


def _cell(told: Any, *, twice: bool) -> Cell:
    if isinstance(told, str):
        text = texts.put_right(told) if twice else told
        return printable(re.sub("\r\n|[\r\x0b\x0c]", "\n", text))
    if not isinstance(told, dict):
        return told
    ((kind, value),) = told.items()
    match kind:
        case "day":
            return date.fromisoformat(value)
        case "clock":
            return time.fromisoformat(value)
        case "lasts":
            return timedelta(seconds=value)
        case _:
            return datetime.fromisoformat(value)


def _read_apart(file: IO[bytes], sheet: str) -> tuple[dict[str, Any], IO[bytes]]:
    """What `workbook` tells of a file, at its first row. Raises Unreadable."""
    told = TemporaryFile()  # noqa: SIM115  # lives as long as the table
    file.seek(0)
    first = file.read(4)
    with TemporaryFile() as given:
        file.seek(0)
        shutil.copyfileobj(file, given)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-I", READER, sheet.replace("\0", "")],
                stdin=given,
                stdout=told,
                stderr=subprocess.DEVNULL,
                timeout=MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unreadable(UNPACKED) from error
    told.seek(0)
    if done.returncode == 0:
        return json.loads(told.readline()), told
    told.close()
    if done.returncode == PASSWORD:
        raise Unreadable(LOCKED)
    if -done.returncode in _STOPPED:
        raise Unreadable(UNPACKED)
    raise Unreadable(OLD_EXCEL if first.startswith(b"\xd0\xcf") else BROKEN)


# By its limits: memory, seconds, bytes written.
_STOPPED = (signal.SIGABRT, signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ)


def _refuse_other_archives(file: IO[bytes]) -> None:
    """Before anything is unpacked: what it is, and how large it would become."""
    file.seek(0)
    if file.read(4) == b"\xd0\xcf\x11\xe0":
        return
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(BROKEN) from error
    if "content.xml" not in sizes and not any(name.startswith("xl/") for name in sizes):
        raise Unreadable(NO_TEXT)
    if sum(sizes.values()) > MOST_UNPACKED:
        raise Unreadable(UNPACKED)


def _refuse_what_lacks(about: dict[str, Any], table: Table) -> None:
    """Merged cells hold one value for several rows; a formula never computed holds none."""
    width, header = len(table.headers), table.header_number
    for top, left, bottom, right in about["merged"]:
        # Beside the table, or along one row below its headers, no other row lacks anything.
        if left <= width and bottom >= header and (top <= header or bottom > top):
            cells = f"{column_letter(left)}{top}:{column_letter(right)}{bottom}"
            raise Unreadable(
                f"Des cellules sont fusionnées ({cells}) : séparez-les et remplissez chaque ligne."
            )
    lacking = [(row, column) for column, row in about["uncomputed"] if column <= width]
    if lacking:
        row, column = min(lacking)
        raise Unreadable(
            f"La cellule {column_letter(column)}{row} est une formule sans résultat enregistré : "
            "ouvrez le classeur dans un tableur et enregistrez-le, ou collez les valeurs."
        )
