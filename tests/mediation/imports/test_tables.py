"""Files that can be read, and what is said of those that cannot."""

import io
import uuid
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook

from mediation.imports import actions, tables
from mediation.imports import rows as import_rows
from mediation.models import (
    Activity,
)

from ...world import World
from .files import GOOD, HEADERS, a_csv, an_xlsx, check, imported, receive, refused, row, saved


def test_files_that_are_no_table_get_a_message(world: World) -> None:
    assert "vide" in refused(world, b"")
    assert "vide" in refused(world, b"\n\n;;\n")
    assert "Aucun tableau" in refused(world, b"une seule colonne\nx\ny\n")
    assert "n’a que ses en-têtes" in refused(world, a_csv([]))
    assert "ni un CSV" in refused(world, b"%PDF-1.7\n" + bytes(range(256)))
    assert "ni un CSV" in refused(world, b"\x89PNG\r\n" + bytes(100))
    wide = "Date;Type\nx;y\n".encode("utf-16")
    assert "ni un CSV" in refused(world, wide[:-1]), "cut in the middle of a character"
    assert "ni un CSV" in refused(world, wide + b"\x00\xd8a\x00"), "half a character"
    assert "ni un CSV" in refused(world, "Date;Type\nx;\x00\n".encode("utf-16"))


def test_a_cell_far_to_the_right_does_not_widen_every_row(world: World) -> None:
    from openpyxl import Workbook

    from mediation.imports.tables import MOST_COLUMNS, open_table

    book = Workbook()
    page = book.active
    page.append(["Date", "Type"])
    for number in range(2, 40):
        page.cell(number, 1, "10/03/2026")
        page.cell(number, 16_384, "égaré")
    written = io.BytesIO()
    book.save(written)
    assert max(len(cells) for _, cells in open_table(written).lines()) <= MOST_COLUMNS + 1
    assert "ni un CSV" in refused(world, "a;b\n1;\x81".encode("latin-1"))
    assert "ancien format" in refused(world, b"\xd0\xcf\x11\xe0" + bytes(100), "x.xls")
    assert "guillemet" in refused(world, a_csv([GOOD]) + b'10/03/2026;"jamais ferme;x\n')
    assert "guillemet" in refused(world, a_csv([row(note="x" * 200_000)]))
    assert "« Lieu »" in refused(
        world, a_csv([GOOD], [*HEADERS[:11], "LIEU"]).replace(b"LIEU", b"Lieu")
    )
    assert "plus de 100 colonnes" in refused(world, a_csv([], [f"c{n}" for n in range(101)]))


def test_workbooks_that_cannot_be_read_get_a_message(world: World) -> None:
    good = an_xlsx([GOOD])
    assert "abîmé" in refused(world, good[: len(good) // 2], "x.xlsx")
    assert "abîmé" in refused(world, good[:200] + bytes(200) + good[400:], "x.xlsx")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", "<x/>")
    assert "abîmé" in refused(world, archive.getvalue(), "x.ods")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("photo.txt", "x")
    assert "ni un CSV" in refused(world, archive.getvalue(), "x.zip")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<x/>")
        made.writestr("xl/worksheets/sheet1.xml", bytes(tables.MOST_UNPACKED + 1))
    assert "trop volumineux" in refused(world, bomb.getvalue(), "x.xlsx")


def test_merged_cells_are_refused_but_for_titles(world: World) -> None:
    book = Workbook()
    page = book.active
    page.append(["Suivi de l’année"])
    page.append(HEADERS)
    page.append(GOOD)
    page.append(row(durée="45"))
    page.merge_cells("A1:D1")
    job = receive(world, saved(book), "x.xlsx")
    with job.file.open("rb") as file:
        assert tables.open_table(file).header_number == 2
    page.merge_cells("C3:C4")
    assert "fusionnées (C3:C4)" in refused(world, saved(book), "x.xlsx")


def test_formulas_count_by_their_last_result(world: World) -> None:
    """A spreadsheet stores it; a file made by a program has none, and must not read as blank."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet("Suivi")
    page.write_row(0, 0, HEADERS)
    page.write_row(1, 0, GOOD)
    page.write_formula(1, 3, "=30+15", None, 45)
    book.close()
    imported(world, file.getvalue(), "x.xlsx")
    assert Activity.objects.get().minutes == 45
    told = refused(world, an_xlsx([GOOD, row(durée="=30+15")]), "x.xlsx")
    assert "D3 est une formule sans résultat" in told


def test_the_sheet_is_chosen(world: World) -> None:
    book = Workbook()
    book.active.title = "Couverture"
    book.active.append(["Rien"])
    for title, line in (("2025", row(date="10/03/2025")), ("2026", GOOD)):
        page = book.create_sheet(title)
        page.append(HEADERS)
        page.append(line)
    hidden = book.create_sheet("Cachée")
    hidden.sheet_state = "hidden"
    job = receive(world, saved(book), "x.xlsx")
    by = world.reader("coordination")
    assert job.sheet == "2025"
    for wrong, said in (
        ("Cachée", "vide"),
        ("Couverture", "Aucun tableau"),
        ("Absente", "pas de feuille"),
    ):
        with pytest.raises(ValidationError, match=said):
            actions.choose_sheet(job=job, sheet=wrong, by=by)
    actions.choose_sheet(job=job, sheet="2026", by=by)
    check(world, job)
    actions.write_import(job=job, by=by)
    assert Activity.objects.get().day == date(2026, 3, 10)


def test_limits_are_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    assert "dépasse" in refused(world, a_csv([GOOD] * 4))
    assert receive(world, a_csv([GOOD] * 3)).rows == 3
    monkeypatch.setattr(actions, "MOST_BYTES", 100)
    assert "20\u00a0Mo" in refused(world, a_csv([GOOD]))


BOOK = an_xlsx([GOOD, GOOD])
TEXT = a_csv([GOOD, row(note="Échange\n« long »")])


@hypothesis_settings(max_examples=80, deadline=None)
@given(
    st.sampled_from([BOOK, TEXT]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_read_or_refused(content: bytes, changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(content)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    try:
        table, rows = tables.inspect(io.BytesIO(bytes(damaged)))
    except tables.Unreadable:
        return
    assert len(list(table.rows())) == rows


CELLS = st.one_of(
    st.none(), st.text(max_size=12), st.integers(-(10**12), 10**12), st.floats(), st.booleans(),
    st.datetimes(), st.dates(), st.times(), st.timedeltas(),
)  # fmt: skip


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(import_rows._READERS)), CELLS)
def test_no_cell_breaks_a_reader(key: str, cell: Any) -> None:
    try:
        value = import_rows._READERS[key](cell)
    except (ValueError, OverflowError):
        return
    assert isinstance(value, {"day": datetime, "starts_at": time, "ends_at": time,
                              "internal_note": str, "summary": str, "uid": uuid.UUID,
                              }.get(key, int))  # fmt: skip


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_date_reads_the_same_from_its_serial_and_its_texts(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for cell in (serial, float(serial), str(serial), day, datetime.combine(day, time()),
                 f"{day:%d/%m/%Y}", day.isoformat()):  # fmt: skip
        assert import_rows._day(cell).date() == day


@given(st.integers(5, 24 * 60 - 1))
def test_a_duration_reads_the_same_from_a_clock_cell_and_its_texts(minutes: int) -> None:
    clock = time(minutes // 60, minutes % 60)
    for cell in (clock, timedelta(minutes=minutes), minutes, str(minutes), f"{clock:%H:%M}",
                 f"{clock:%H:%M}:00", f"{minutes} min"):  # fmt: skip
        assert import_rows._minutes(cell) == minutes
