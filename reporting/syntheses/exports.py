"""All tables of an edition as a workbook, made from its frozen document."""

import re
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from xlsxwriter import Workbook

from . import parts
from .document import Document

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
IN_MEMORY = 2 * 1024 * 1024  # bytes of a file before it goes to the disk


def to_workbook(document: Document) -> IO[bytes]:
    """A sheet a table, and one that says how to read them. No cell can be a formula or a link."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # its reader closes it
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "0.##"})
        _how_to_read(book, document, bold, wrapped)
        names: set[str] = set()
        for part in parts.tables_of(document):
            sheet = book.add_worksheet(_name(part["name"], names))
            sheet.write_string(0, 0, part["caption"], wrapped)
            shown = [at for at, column in enumerate(part["columns"]) if column["how"] != "bar"]
            for at, column in enumerate(shown):
                sheet.set_column(at, at, 44 if at == 0 else 16)
                sheet.write_string(1, at, part["columns"][column]["title"], bold)
            for number, row in enumerate(part["rows"], 2):
                for at, column in enumerate(shown):
                    _write(sheet, number, at, row[column], plain)
            sheet.freeze_panes(2, 1)
    file.seek(0)
    return file


def _write(sheet: Any, row: int, column: int, cell: parts.Cell, plain: Any) -> None:
    value = cell.get("value")
    if value is None:
        sheet.write_string(row, column, cell["text"])
    else:
        sheet.write_number(row, column, value, plain)


def _how_to_read(book: Workbook, document: Document, bold: object, wrapped: object) -> None:
    sheet = book.add_worksheet("Aide à la lecture")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    head = [
        ("Périmètre", f"{document['perimeter']} – {document['party']}"),
        ("Période", document["month"]),
        ("Titre", document["title"] or document["message"]),
    ]
    method = [
        tuple(pair)
        for block in document["blocks"]
        for part in block["parts"]
        if part["kind"] == "definitions"
        for pair in part["entries"]
    ]
    for number, (term, said) in enumerate([*head, *method]):
        sheet.write_string(number, 0, term, bold)
        sheet.write_string(number, 1, said, wrapped)


def _name(wanted: str, taken: set[str]) -> str:
    """A sheet's name: 31 characters, some signs not, each once."""
    bare = _FORBIDDEN.sub(" ", wanted)[:28].strip() or "Tableau"
    name, number = bare, 1
    while name.lower() in taken:
        number += 1
        name = f"{bare} {number}"
    taken.add(name.lower())
    return name
