"""Workbooks of each kind are read by a process of its own, within its limits."""

import io
import zipfile
from collections.abc import Iterable
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from mediation.imports import tables
from mediation.imports.tables import Unreadable, inspect, open_table

from .files import saved

CASES = Path(__file__).resolve().parents[2] / "data" / "import"
OASIS = "urn:oasis:names:tc:opendocument:xmlns"
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def rows_of(content: bytes, **options: Any) -> list[list[Any]]:
    return [row.cells for row in open_table(io.BytesIO(content), **options).rows()]


def said(content: bytes) -> str:
    with pytest.raises(Unreadable) as error:
        inspect(io.BytesIO(content))
    return str(error.value)


def an_ods(*rows: str) -> bytes:
    names = " ".join(f'xmlns:{name}="{OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{OASIS}:manifest:1.0"><m:file-entry m:full-path="/" '
            f'm:media-type="{kind}"/></m:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {names} xmlns:calcext="{CALCEXT}"><office:body>'
            f'<office:spreadsheet><table:table table:name="Suivi">{"".join(rows)}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return made.getvalue()


def ods_row(*cells: str, **given: str) -> str:
    attributes = "".join(
        f' table:{key.replace("_", "-")}="{value}"' for key, value in given.items()
    )
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def ods_cell(kind: str = "", value: str = "", text: str = "", more: str = "") -> str:
    name = "value" if kind in ("float", "percentage") else f"{kind}-value"
    typed = f' office:value-type="{kind}"' if kind else ""
    valued = f' office:{name}="{value}"' if value else ""
    shown = f"<text:p>{text}</text:p>" if text else ""
    return f"<table:table-cell{typed}{valued}{more}>{shown}</table:table-cell>"


def ods_text(*texts: str) -> list[str]:
    return [ods_cell("string", text=text) for text in texts]


def test_an_open_document_is_read() -> None:
    content = an_ods(
        ods_row(ods_cell(), number_rows_repeated="2"),
        ods_row(*ods_text("Date", "Durée", "Note")),
        ods_row(ods_cell("date", "2026-03-18"), ods_cell("time", "PT01H30M00S"), *ods_text("é")),
        ods_row(ods_cell("date", "2026-03-18T14:30:00"), ods_cell("time", "PT26H30M00S"),
                ods_cell("float", "0.5"), visibility="filter"),
        ods_row(ods_cell(), number_rows_repeated="1048000"),
    )  # fmt: skip
    table, count = inspect(io.BytesIO(content))
    assert (table.headers, table.header_number, count) == (["Date", "Durée", "Note"], 3, 2)
    first, second = table.rows()
    assert (first.number, first.cells) == (4, [date(2026, 3, 18), time(1, 30), "é"])
    assert second.cells[1:] == [timedelta(hours=26, minutes=30), 0.5]
    assert table.hidden == 1


def test_errors_merged_cells_and_hidden_rows_of_an_open_document_are_seen() -> None:
    wrong = ods_cell("string", more=' calcext:value-type="error"', text="#REF!")
    header = ods_row(*ods_text("Date", "Note"))
    assert rows_of(an_ods(header, ods_row(*ods_text("x"), wrong)))[0][1] == "#REF!"
    merged = ods_cell("string", text="y", more=' table:number-rows-spanned="2"')
    assert "fusionnées (B2:B3)" in said(
        an_ods(header, ods_row(*ods_text("x"), merged), ods_row(*ods_text("z")))
    )


def test_an_old_excel_workbook_is_read() -> None:
    table, count = inspect(io.BytesIO((CASES / "60_old_excel.xls").read_bytes()))
    assert [row.cells for row in table.rows()] == [
        [date(2026, 3, 10), "PAP", "hall-a", time(1, 30), "Tournée à l’entrée"],
        [date(2026, 3, 11), "PAP", "hall-a", 45, "Rien"],
    ]
    assert count == 2
    assert not table.shows_all, "its errors and hidden rows cannot be told"
    assert table.late is None


def an_xlsx_of(rows: Iterable[bytes]) -> bytes:
    """A workbook whose sheet is given as XML."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(Workbook()))) as given,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for entry in given.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                archive.writestr(entry, given.read(entry))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as page:
            page.write(f'<worksheet xmlns="{SHEET}"><sheetData>'.encode())
            for row in rows:
                page.write(row)
            page.write(b"</sheetData></worksheet>")
    return made.getvalue()


def xml_row(number: int, *cells: str, more: str = "") -> bytes:
    made = "".join(
        f'<c r="{letter}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for letter, text in zip("ABCDEF", cells, strict=False)
    )
    return f'<row r="{number}"{more}>{made}</row>'.encode()


def test_errors_formulas_and_hidden_rows_of_a_workbook_are_seen() -> None:
    error = b'<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c><c r="B2" t="e"><f>A9</f>'
    content = an_xlsx_of([
        xml_row(1, "Date", "Note"), error + b"<v>#DIV/0!</v></c></row>",
        xml_row(3, "y", "z", more=' hidden="1"'), xml_row(4, "y", "z", more=' hidden="0"'),
    ])  # fmt: skip
    table, _ = inspect(io.BytesIO(content))
    assert [row.cells for row in table.rows()][0] == ["x", "#DIV/0!"]
    assert table.hidden == 1
    empty = b'<row r="2"><c r="A2" t="str"><f>B9</f><v></v></c><c r="B2"><v>1</v></c></row>'
    assert rows_of(an_xlsx_of([xml_row(1, "Date", "Note"), empty])) == [[None, 1]], "an empty text"
    never = empty.replace(b' t="str"', b"").replace(b"<v></v>", b"<v/>")
    assert "A2 est une formule sans résultat" in said(
        an_xlsx_of([xml_row(1, "Date", "Note"), never])
    )


def test_the_day_that_numbers_count_from_is_known() -> None:
    book = Workbook()
    book.active.append(["Date", "Note"])
    book.active.append([44637, "x"])
    assert open_table(io.BytesIO(saved(book))).late is False
    book.epoch = CALENDAR_MAC_1904
    assert open_table(io.BytesIO(saved(book))).late is True


def test_a_workbook_that_asks_for_too_much_is_refused_in_words() -> None:
    """Five kilobytes that stand for 17 thousand million cells end the reading process, not this one."""
    far = Workbook()
    far.active.append(["Date", "Note"])
    far.active.cell(1_048_576, 16_384, "égaré")
    assert "trop volumineux" in said(saved(far))
    tall = Workbook()
    tall.active.append(["Date", "Note"])
    tall.active.cell(1_048_576, 2, "égaré")
    assert "dépasse" in said(saved(tall))


def test_blank_rows_cost_no_memory_and_long_texts_are_cut() -> None:
    header = xml_row(1, "Date", "Note")
    blank = (f'<row r="{n}"><c r="A{n}" s="0"/></row>'.encode() for n in range(2, 200_001))
    assert "n’a que ses en-têtes" in said(an_xlsx_of([header, *blank]))
    long = rows_of(an_xlsx_of([header, xml_row(2, "x", "é" * 1_000_000)]))[0][1]
    assert 4000 < len(long) <= 40_000


def test_seconds_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_SECONDS", 0.001)
    assert "trop volumineux" in said(saved(Workbook()))
