"""A table in a CSV or XLSX file, read row by row.

A CSV is in UTF-8 (with or without mark), UTF-16 or Windows-1252, with semicolons, commas or tabs.
Of a workbook, one sheet is read. The header is the first row with two filled cells: titles above it
are passed over. Rows are numbered as a spreadsheet does.
"""

import codecs
import csv
import re
import statistics
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import StringIO, TextIOWrapper
from itertools import islice
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from humanicite.lib.text import fold

Cell = str | int | float | bool | datetime | date | time | timedelta | None

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000  # with something in them
MOST_COLUMNS = 100
MOST_LINES = 200_000  # empty ones included
MOST_UNPACKED = 200 * 1024 * 1024  # of a workbook, which is a compressed archive
MOST_TEXTS = 40 * 1024 * 1024  # of its table of texts, which is held in memory
HEADER_WITHIN = 30  # first rows
SEPARATORS = ";\t,"
SAMPLE = 64 * 1024  # characters

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
    "Ce classeur est dans l’ancien format Excel (.xls) ou protégé par un mot de passe : "
    "enregistrez-le en .xlsx sans mot de passe, ou en CSV."
)
OPEN_DOCUMENT = "Ce fichier est un classeur OpenDocument : enregistrez-le en .xlsx ou en CSV."
BROKEN = "Ce classeur est abîmé et ne s’ouvre pas : enregistrez-le de nouveau, ou en CSV."
UNPACKED = "Ce classeur est trop volumineux une fois ouvert : partagez-le, ou passez par un CSV."
NO_TEXT = "Ce fichier n’est ni un CSV ni un classeur Excel (.xlsx)."
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
    sheets: tuple[str, ...] = ()

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


def open_table(file: IO[bytes], sheet: str = "") -> Table:
    """The table of an open file; of a workbook, of the `sheet` named. Raises Unreadable."""
    file.seek(0)
    start = file.read(8)
    if not start:
        raise Unreadable(EMPTY)
    if start.startswith(b"PK\x03\x04"):
        return _workbook_table(file, sheet)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(OLD_EXCEL)
    return _csv_table(file)


def inspect(file: IO[bytes], sheet: str = "") -> tuple[Table, int]:
    """The table and how many rows it has, after everything that is wrong with a whole file.

    Raises Unreadable. Reads the file to its end, once; twice for a workbook with formulas.
    """
    table = open_table(file, sheet)
    if table.sheet:
        _refuse_merged_and_unknown(file, table)
    return table, table.count()


def _table(lines: Callable[[], Iterator[tuple[int, list[Cell]]]], **more: Any) -> Table:
    empty = True
    for number, cells in islice(lines(), HEADER_WITHIN):
        filled = [cell for cell in cells if not is_blank(cell)]
        empty = empty and not filled
        if len(filled) >= 2:
            return Table(_headers(cells), number, lines, **more)
    raise Unreadable(EMPTY if empty else NO_TABLE)


def _headers(cells: list[Cell]) -> list[str]:
    names = ["" if cell is None else " ".join(str(cell).split()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise Unreadable(TOO_WIDE)
    names = [name or f"Colonne {get_column_letter(n)}" for n, name in enumerate(names, 1)]
    seen: dict[str, str] = {}
    for name in names:
        if fold(name) in seen:
            raise Unreadable(
                f"Deux colonnes s’appellent « {name[:60]} » : renommez-en une dans le fichier."
            )
        seen[fold(name)] = name
    return names


# --- CSV ------------------------------------------------------------------------------------------


def _csv_table(file: IO[bytes]) -> Table:
    encoding = _encoding(file)

    def text() -> TextIOWrapper:
        file.seek(0)
        return TextIOWrapper(file, encoding=encoding, newline="")

    wrapper = text()
    sample = wrapper.read(SAMPLE)
    wrapper.detach()
    declared = re.match(
        r"sep=(.)\r?\n", sample, re.IGNORECASE
    )  # a line that Excel writes for itself
    separator = declared[1] if declared else _separator(sample)

    def lines() -> Iterator[tuple[int, list[Cell]]]:
        wrapper, number = text(), 0
        try:
            for number, record in enumerate(
                csv.reader(wrapper, delimiter=separator, strict=True), 1
            ):
                if number > MOST_LINES:
                    raise Unreadable(TOO_LONG)
                if declared and number == 1:
                    continue
                yield number, [*record]
        except csv.Error as error:
            raise Unreadable(
                f"Après la ligne {number}, un guillemet est mal fermé ou une cellule est trop "
                "longue : corrigez le fichier, ou enregistrez-le en .xlsx."
            ) from error
        finally:
            wrapper.detach()  # the file stays open: it is read again

    return _table(lines)


def _encoding(file: IO[bytes]) -> str:
    """Found by reading all of it, piece by piece."""
    file.seek(0)
    start = file.read(4)
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    file.seek(0)
    encoding = "utf-16" if wide else "utf-8-sig"
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder(encoding)()
    while True:
        piece = file.read(1024 * 1024)
        try:
            text = decoder.decode(piece, final=not piece)
            # A character that is none: no database takes it, and no table has it.
            if "\x00" in text or text.startswith("%PDF-"):
                raise Unreadable(NO_TEXT)
        except UnicodeDecodeError:
            if encoding in ("cp1252", "utf-16"):
                raise Unreadable(NO_TEXT) from None
            encoding, decoder = "cp1252", codecs.getincrementaldecoder("cp1252")()
            file.seek(0)
            continue
        if not piece:
            return encoding


def _separator(sample: str) -> str:
    """The one that cuts the first rows into the most cells."""

    def cells(separator: str) -> float:
        records = islice(
            csv.reader(StringIO(sample, newline=""), delimiter=separator), HEADER_WITHIN
        )
        try:
            return statistics.median_high(len(record) for record in records if record)
        except (csv.Error, statistics.StatisticsError):
            return 0

    return max(SEPARATORS, key=cells)


# --- XLSX -----------------------------------------------------------------------------------------


def _workbook_table(file: IO[bytes], sheet: str) -> Table:
    _refuse_other_archives(file)
    book = _book(file)
    names = tuple(page.title for page in book.worksheets if page.sheet_state == "visible")
    if not names:
        raise Unreadable(NO_SHEET)
    if sheet:
        if sheet not in names:
            raise Unreadable(f"Ce classeur n’a pas de feuille « {sheet[:60]} ».")
        return _sheet_table(book, sheet, names)
    refusal = Unreadable(EMPTY)
    for name in names:  # the first with a table
        try:
            return _sheet_table(book, name, names)
        except Unreadable as error:
            refusal = error
    raise refusal


def _sheet_table(book: Any, name: str, names: tuple[str, ...]) -> Table:
    def lines() -> Iterator[tuple[int, list[Cell]]]:
        for number, cells in _cells(book, name):
            yield number, [cell.value for cell in cells]

    return _table(lines, sheet=name, sheets=names)


def _cells(book: Any, name: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
    page = book[name]
    page.reset_dimensions()  # what a file says of its size is not always true
    # A cell far to the right would make every row as wide as a sheet can be.
    rows = enumerate(page.iter_rows(max_col=MOST_COLUMNS + 1), 1)
    while True:
        try:
            number, cells = next(rows)
        except StopIteration:
            return
        except Exception as error:  # whatever a parser meets in a damaged archive
            raise Unreadable(BROKEN) from error
        if number > MOST_LINES:
            raise Unreadable(TOO_LONG)
        yield number, cells


def _book(file: IO[bytes], *, formulas: bool = False) -> Any:
    """Computed cells hold their last result; with `formulas`, the formula itself."""
    file.seek(0)
    try:
        return load_workbook(file, read_only=True, data_only=not formulas, keep_links=False)
    except Exception as error:
        raise Unreadable(BROKEN) from error


def _refuse_other_archives(file: IO[bytes]) -> None:
    """Before anything is unpacked: what it is, and how large it would become."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(BROKEN) from error
    if "content.xml" in sizes and "mimetype" in sizes:
        raise Unreadable(OPEN_DOCUMENT)
    if "[Content_Types].xml" not in sizes or not any(name.startswith("xl/") for name in sizes):
        raise Unreadable(NO_TEXT)
    if sum(sizes.values()) > MOST_UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > MOST_TEXTS:
        raise Unreadable(UNPACKED)


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+(\d+):[A-Z]+(\d+))"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_OVERLAP = 200  # bytes: longer than what is sought


def _refuse_merged_and_unknown(file: IO[bytes], table: Table) -> None:
    """Merged cells hold one value for several rows; a formula never computed holds none."""
    has_formulas = False
    for piece in _sheet_bytes(file, table.sheet):
        has_formulas = has_formulas or bool(_FORMULA.search(piece))
        for reference, _first, last in _MERGED.findall(piece):
            if int(last) >= table.header_number:
                raise Unreadable(
                    f"Des cellules sont fusionnées ({reference.decode()}) : séparez-les et "
                    "remplissez chaque ligne."
                )
    if not has_formulas:
        return
    name = table.sheet
    both = zip(_cells(_book(file, formulas=True), name), _cells(_book(file), name), strict=False)
    for (number, written), (_, computed) in both:
        for formula, result in zip(written, computed, strict=False):
            if formula.data_type == "f" and result.value is None:
                raise Unreadable(
                    f"La cellule {get_column_letter(formula.column)}{number} est une formule sans "
                    "résultat enregistré : ouvrez le classeur dans un tableur et enregistrez-le, "
                    "ou collez les valeurs."
                )


def _sheet_bytes(file: IO[bytes], name: str) -> Iterator[bytes]:
    """The sheet's XML in pieces that overlap, so that nothing is cut at their border."""
    path = _book(file)[name]._worksheet_path
    try:
        with zipfile.ZipFile(file) as archive, archive.open(path) as stream:
            kept = b""
            while piece := stream.read(1024 * 1024):
                yield kept + piece
                kept = (kept + piece)[-_OVERLAP:]
    except (zipfile.BadZipFile, OSError, KeyError, EOFError, NotImplementedError) as error:
        raise Unreadable(BROKEN) from error
