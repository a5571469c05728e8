"""What other people's files hold beyond what forms ask for: read where it reads one way, else asked or
refused."""

from datetime import date, datetime, time, timedelta

import pytest
from openpyxl import Workbook

from mediation.imports import rows
from mediation.imports.headers import field_of
from mediation.imports.questions import YEAR_FIRST
from mediation.models import Activity

from ...world import World
from .files import a_csv, receive, refused, saved
from .test_values import HEADERS, asked, brought, lasting, minutes


@pytest.mark.parametrize(
    ("text", "lasts"),
    [
        ("1 heure 30 minutes", 90), ("1 heure et 30 minutes", 90), ("1 heure et demie", 90),
        ("1h et demie", 90), ("une heure", 60), ("une heure trente", 90), ("une demi-heure", 30),
        ("½ h", 30), ("1/2 h", 30), ("1h½", 90), ("un quart d'heure", 15), ("3/4 h", 45),
        ("trois quarts d’heure", 45), ("1 hr 30", 90), ("2 hrs", 120), ("45 mins", 45),
        ("45min.", 45), ("1 h. 30", 90), ("PT1H30M", 90), ("PT45M", 45), ("01h30m00s", 90),
        ("1:30 h", 90), ("1h30.", 90), (",5h", 30), ("30/12/1899 01:30:00", 90),
        ("1899-12-30 01:30:00", 90), (datetime(1899, 12, 30, 1, 30), 90),  # noqa: DTZ001
        ('="45"', 45), ("1 H 30 MIN", 90), ("1\u202fh\u202f30", 90), (timedelta(hours=2), 120),
    ],
)  # fmt: skip
def test_durations_as_files_write_them(text: rows.Cell, lasts: int) -> None:
    assert rows._minutes(text) == lasts


@pytest.mark.parametrize(
    "text",
    ["-1h30", -45, "1h75", "1h à 2h", "1h/2h", "~1h", "env. 1h", "½ journée", "1j", "3600 s", "h45",
     timedelta(minutes=-90), timedelta(hours=26), datetime(2026, 3, 10, 1, 30), True, "1,500 h"],  # noqa: DTZ001
)  # fmt: skip
def test_what_is_no_duration_or_might_be_two_is_refused(text: rows.Cell) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        rows._minutes(text)


@pytest.mark.parametrize(
    "text",
    ["2026.03.10", "10032026", "20260310", "10mars2026", "10/mars/2026", "10.mars.2026", "10 March 2026",
     "March 10, 2026", "Mar 10 2026", "10-Mar-26", "mardi 10 mars, 2026", "10 / 03 / 2026", "10/03/2026.",
     "\u200e10/\u200e03/\u200e2026", "'10/03/2026", '="10/03/2026"', "46091,0", "46091.0", 46091.0,
     "10/03/2026 (mardi)", "10 mars 2026 mardi", "10\u202f/03/2026", "mar. 10 mars 2026", "10° mars 2026"],
)  # fmt: skip
def test_days_as_files_write_them(text: rows.Cell) -> None:
    assert rows._day(text).date() == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("text", "at"),
    [("10/03/2026 14h", time(14)), ("10/03/2026 2:30 PM", time(14, 30)),
     ("46091,604166", time(14, 30)), ("10/03/2026 à 14h30", time(14, 30))],
)  # fmt: skip
def test_a_time_after_the_day_is_kept(text: str, at: time) -> None:
    assert rows._day(text).time() == at


@pytest.mark.parametrize("text", ["10/03", "10 mars", "100326", "10/03/1026", "S11", "31/02/2026"])
def test_what_is_no_day_or_lacks_its_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        rows._day(text)


@pytest.mark.parametrize(
    "text",
    ["14.30", "2:30 PM", "2:30:00 pm", "14h30min", "à 14h30", "14h30.", "14:30 h", "T14:30",
     "30/12/1899 14:30", "10/03/2026 14:30", "0,604166", "14 h 30 mn"],
)  # fmt: skip
def test_times_as_files_write_them(text: str) -> None:
    assert rows._time(text) == time(14, 30)


def test_an_hour_alone_is_one_and_what_is_none_is_refused() -> None:
    assert [rows._time(one) for one in ("14", 14, "midi", "minuit", "12:05 am")] == [
        time(14), time(14), time(12), time(0), time(0, 5),
    ]  # fmt: skip
    for text in ("14,5", "vers 14h30", "14h30-16h", "25h", "24:00", "13:00 pm"):
        with pytest.raises(ValueError):  # noqa: PT011
            rows._time(text)


def test_hours_with_their_unit_that_may_be_a_clock_are_asked(world: World) -> None:
    assert asked(world, lasting("1,30 h", "2,15 h")) == {"duration": ["hours", "clock"]}
    assert asked(world, lasting("1,30 h", "0,75 h")) == {}
    brought(world, lasting("1,30 h", "2,15 h"), duration="clock")
    assert minutes() == [90, 135]


def test_a_year_of_two_digits_that_may_come_first_is_asked(world: World) -> None:
    def days(*texts: str) -> bytes:
        return a_csv([[text, "PAP", "hall-a", "45 min"] for text in texts], HEADERS)

    assert asked(world, days("26-03-10", "25-12-01")) == {"day_order": ["ymd", "dmy"]}
    assert asked(world, days("10-03-26", "12-03-26")) == {}
    assert asked(world, days("26-03-10", "31-03-25")) == {}
    brought(world, days("26-03-10", "25-12-01"), day_order=YEAR_FIRST)
    found = Activity.objects.order_by("pk").values_list("day", flat=True)
    assert list(found) == [date(2026, 3, 10), date(2025, 12, 1)]


# --- Files ----------------------------------------------------------------------------------------

LINES = [["10/03/2026", "PAP", "hall-a", "45 min", "Tournée à l'école"]]
NOTED = [*HEADERS, "Note"]
GOOD = a_csv(LINES, NOTED)


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace(b";", b"|"), b'"sep=|"\r\n' + GOOD.replace(b";", b"|"),
        GOOD.decode().encode("utf-16-le"), GOOD.decode().encode("utf-16-be"),
        b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, b"\xef\xbb\xbf" + GOOD.decode().encode("cp1252"),
        GOOD.decode().encode().decode("cp1252").encode().decode("cp1252", "ignore").encode(),
        GOOD + b"\x1a", "\r\n".join("'" + line.replace(";", "';'").replace("à l'", "à l''") + "'"
                                     for line in GOOD.decode().strip().splitlines()).encode(),
        a_csv([[], ["Suivi", "2026"], [], ["Service", "Nord"], [], NOTED, *LINES], []),
    ],
    ids=["bars", "sep", "utf-16-le", "utf-16-be", "two marks", "mark of another", "thrice", "end",
         "apostrophes", "row 7"],
)  # fmt: skip
def test_files_of_other_programs_are_read(world: World, content: bytes) -> None:
    brought(world, content)
    activity = Activity.objects.get()
    assert (activity.minutes, activity.internal_note) == (45, "Tournée à l'école")


def test_the_euro_and_oe_of_unix_are_read(world: World) -> None:
    line = [*LINES[0][:4], "Cœur d'îlot : 12 €"]
    brought(world, a_csv([line], NOTED, encoding="iso8859-15"))
    assert Activity.objects.get().internal_note == "Cœur d'îlot : 12 €"


def test_commas_of_a_note_cut_no_cells(world: World) -> None:
    line = [*LINES[0][:4], "un, deux, trois, quatre, cinq, six, sept"]
    brought(world, a_csv([line], NOTED))
    assert Activity.objects.get().internal_note == line[4]


@pytest.mark.parametrize(
    "start", [b"<html><table>", b'<?xml version="1.0"?><Workbook>', b"<!DOCTYPE html>"]
)
def test_a_page_that_says_it_is_a_workbook_gets_its_own_message(world: World, start: bytes) -> None:
    assert "une page ou un document XML" in refused(
        world, start + b"<td>Date;Type</td>", "suivi.xls"
    )


def book(*, hidden: bool = False) -> Workbook:
    made = Workbook()
    for line in (NOTED, *LINES):
        made.active.append(line)
    made.active.sheet_state = "hidden" if hidden else "visible"
    return made


def test_what_lies_beside_or_below_the_table_refuses_nothing(world: World) -> None:
    made = book()
    made.active["J1"] = "=1+1"
    made.active.merge_cells("J10:K12")
    brought(world, saved(made), "suivi.xlsx")
    assert Activity.objects.count() == 1
    made.active.append(["Notes de bas de page"])
    made.active.merge_cells("A3:E3")
    assert brought(world, saved(made), "suivi.xlsx").bad_rows == 1
    made.active.merge_cells("B1:B2")
    assert "fusionnées (B1:B2)" in refused(world, saved(made), "suivi.xlsx")
    made = book()
    made.active["D2"] = "=30+15"
    assert "D2 est une formule" in refused(world, saved(made), "suivi.xlsx")


@pytest.mark.parametrize("beside", [["Rien"], ["Liste", "Suivi"]])
def test_the_sheet_that_names_fields_is_read_even_hidden(world: World, beside: list[str]) -> None:
    made = book(hidden=True)
    page = made.create_sheet("Listes")
    page.append(beside)
    page.append(["a", "b"])
    job = receive(world, saved(made), "suivi.xlsx")
    assert job.sheet == "Sheet"


@pytest.mark.parametrize(
    ("header", "field"),
    [("date_activite", "day"), ("Date de saisie", None), ("Type de public", None), ("durée_min", "minutes"),
     ("duree_h", "hours"), ("Durée du trajet", None), ("Résidence", "place"), ("Descriptif", "internal_note"),
     ("Type d’activité *", "type"), ("Tps", "minutes")],
)  # fmt: skip
def test_headers_are_taken_for_what_they_say(header: str, field: str | None) -> None:
    assert field_of(header) == field
