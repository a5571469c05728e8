"""What our files lean on in XlsxWriter is still there, and does what it did."""

import io
from datetime import date, time

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook
from xlsxwriter.format import Format

from humanicite.lib.exports import LEANS_ON, Column, to_xlsx


def test_the_private_members_of_xlsxwriter_are_there() -> None:
    sheet = Workbook(io.BytesIO(), {"constant_memory": True}).add_worksheet()
    assert [name for name in LEANS_ON if not hasattr(sheet, name)] == []
    assert hasattr(Format, "_get_xf_index")


def test_a_file_made_with_them_reads_as_the_library_s_own() -> None:
    columns = [
        Column("Jour", "day"),
        Column("Heure", "time"),
        Column("Nombre", "whole"),
        Column("Texte"),
    ]
    row = (date(2026, 3, 10), time(14, 30), 12, "=A1 <é> & \n 🙂")
    ours = CalamineWorkbook.from_filelike(to_xlsx(columns, [row])).get_sheet_by_index(0).to_python()
    assert ours[0] == ["Jour", "Heure", "Nombre", "Texte"]
    assert ours[1] == [date(2026, 3, 10), time(14, 30), 12.0, row[3]]
