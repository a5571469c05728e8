"""A value is never guessed in silence: what can be read two ways is asked once for a column, what is
left out is told before anything is saved."""

import io
import re
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook

from governance.models import Membership, Place
from governance.rights import Role
from humanicite.lib.exports import Column, to_xlsx
from mediation.imports import actions, texts
from mediation.imports.questions import number_of, questions
from mediation.imports.tables import inspect
from mediation.models import Activity, ActivityImport, HeadCount, ImportState

from ...world import TODAY, World
from .files import a_csv, check, receive, refused, saved

CASES = Path(__file__).resolve().parents[2] / "data" / "import"
HEADERS = ["Date", "Type", "Lieu", "Durée"]


@pytest.fixture
def quarter(world: World) -> World:
    """With the places that the case files name."""
    for name in ("Jardins partagés", "Parc et aire de jeux"):
        Place.objects.create(
            programme=world.programme, slug=name[:5].lower(), name=name, kind="spot",
            parent=world.places["cote-a"],
        )  # fmt: skip
    return world


def case(name: str) -> bytes:
    return (CASES / name).read_bytes()


def brought(world: World, content: bytes, name: str = "x.csv", **answers: str) -> ActivityImport:
    """Checked with these answers, and saved where nothing is wrong."""
    job, by = receive(world, content, name), world.reader("coordination")
    actions.set_columns(job=job, columns=job.columns, answers=answers, by=by)
    check(world, job)
    if job.state == ImportState.CHECKED:
        return actions.write_import(job=job, by=by)
    return job


def asked(world: World, content: bytes, name: str = "x.csv") -> dict[str, list[str]]:
    """The questions of a file, with the codes of their answers; it does not go on without them."""
    job = receive(world, content, name)
    with actions.engine_of(job) as engine:
        found = actions.asked(engine, job.columns)
    if found:
        with pytest.raises(ValidationError, match=re.escape(found[0].header)):
            actions.set_columns(job=job, columns=job.columns, by=world.reader("coordination"))
    actions.abandon_import(job=job, by=world.reader("coordination"))
    return {one.key: [code for code, _ in one.options] for one in found}


def lasting(*values: Any, header: str = "Durée") -> bytes:
    rows = [["10/03/2026", "PAP", "hall-a", value] for value in values]
    return a_csv(rows, [*HEADERS[:3], header])


def lasting_held(*values: Any, header: str = "Durée") -> bytes:
    book = Workbook()
    book.active.append([*HEADERS[:3], header])
    for value in values:
        book.active.append([date(2026, 3, 10), "PAP", "hall-a", value])
    return saved(book)


def minutes() -> list[int]:
    return list(Activity.objects.order_by("pk").values_list("minutes", flat=True))


# --- Text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["07_cp850.csv", "31_cp850_plain_headers.csv", "09_cp1252.csv"])
def test_letters_of_dos_and_windows_are_recognised(quarter: World, name: str) -> None:
    brought(quarter, case(name).replace(b"20/03", b"18/03"))
    assert Activity.objects.get().internal_note.startswith("Tournée après la fête, éclairage")


@pytest.mark.parametrize("page", texts.PAGES)
@pytest.mark.parametrize(
    "text", ["Tournée après la fête", "ÉCOLE ÉLÉMENTAIRE", "À revoir", "Île", "où", "n° 12", "Noël"]
)
def test_no_letters_are_taken_for_others_in_silence(page: str, text: str) -> None:
    content = f"Date;Note\r\n10/03/2026;{text}\r\n".encode(page)
    found = texts.code_page(content)
    assert found is None or not found[1] or content.decode(found[0]).endswith(f"{text}\r\n")


def test_letters_that_may_be_several_are_asked_before_going_on(world: World, sign_in) -> None:
    content = a_csv([["10/03/2026", "PAP", "hall-a", "45", "Île"]], [*HEADERS, "Note"],
                    encoding="mac_roman")  # fmt: skip
    content = content.replace("Durée".encode("mac_roman"), b"Minutes")
    job, by = receive(world, content), world.reader("coordination")
    assert not job.reading["sure"]
    with pytest.raises(ValidationError, match="comment lire les accents"):
        actions.set_columns(job=job, columns=job.columns, by=by)
    client, page = sign_in(world, "coordination"), f"/activites/importer/{job.pk}/colonnes/"
    assert "ancien Macintosh : Île" in client.get(page).content.decode()
    client.post(page, {"encoding": "mac_roman", "header": "1"})
    job.refresh_from_db()
    actions.set_columns(job=job, columns=job.columns, by=by)
    check(world, job)
    actions.write_import(job=job, by=by)
    assert Activity.objects.get().internal_note == "Île"
    assert client.post(page, {"encoding": "klingon"}).status_code in (302, 422)


def test_text_encoded_twice_is_put_right_and_told(quarter: World, sign_in) -> None:
    content = case("10_utf8_bom.csv").decode("utf-8-sig").encode().decode("cp1252").encode()
    job = receive(quarter, content)
    assert job.columns["minutes"] == "Durée"
    client = sign_in(quarter, "coordination")
    text = client.get(f"/activites/importer/{job.pk}/colonnes/").content.decode()
    assert "encodés deux fois" in text
    book = Workbook()
    book.active.append([*HEADERS, "Note"])
    book.active.append([date(2026, 3, 10), "PAP", "hall-a", 45, "TournÃ©e d’été à l’Île"])
    brought(quarter, saved(book), "x.xlsx")
    assert Activity.objects.get().internal_note == "Tournée d’été à l’Île"
    job = receive(quarter, saved(book), "x.xlsx")
    actions.choose_sheet(job=job, encoding=texts.AS_IS, by=quarter.reader("coordination"))
    assert job.reading["encoding"] == texts.AS_IS


def test_good_text_stays_as_it_is() -> None:
    for text in ("CAFÉ– «\u00a0été\u00a0» ÂGE, Âme, À", "Å, âtre, ÃO", "10\u00a0€ – l’été"):
        assert texts.put_right(text) == text


def test_returns_of_a_workbook_are_line_breaks_coming_and_going(quarter: World) -> None:
    brought(quarter, case("06_x000D.xlsx"), "x.xlsx")
    assert Activity.objects.get().internal_note == "Premier point\nsecond point"
    made = to_xlsx([Column("Note")], [["un\r\ndeux\rtrois"]])
    assert b"_x000D_" not in made.read()
    made.seek(0)
    assert load_workbook(made).active["A2"].value == "un\ndeux\ntrois"


# --- Durations ------------------------------------------------------------------------------------


def test_fractions_of_a_day_are_asked(quarter: World) -> None:
    content = case("04_durations_time.xlsx")
    assert asked(quarter, content, "x.xlsx") == {"duration": ["hours", "days"]}
    brought(quarter, content, "x.xlsx", duration="days")
    assert minutes() == [90, 45, 555, 90, 90, 120, 480]


@pytest.mark.parametrize(
    ("values", "answer", "read"),
    [
        (["0,30", "0,45", "1,30"], "clock", [30, 45, 90]),
        (["0,30", "0,45", "1,30"], "hours", [18, 27, 78]),
        (["0,0833", "0,5"], "days", [120, 720]), (["7", "8"], "hours", [420, 480]),
        (["7", "8"], "mixed", [7, 8]), (["1,5", "7"], "hours", [90, 420]),
        (["2", "8"], "hours", [120, 480]),
    ],
)  # fmt: skip
def test_numbers_that_read_two_ways_are_asked_once(
    world: World, values: list[str], answer: str, read: list[int]
) -> None:
    for content, name in (
        (lasting(*values), "x.csv"),
        (lasting_held(*(float(value.replace(",", ".")) for value in values)), "x.xlsx"),
    ):
        assert answer in asked(world, content, name)["duration"]
        Activity.objects.all().delete()
        brought(world, content, name, duration=answer)
        assert minutes() == read


@pytest.mark.parametrize(
    "values",
    [
        ["45", "90"],
        ["1,5", "2,5"],
        ["7,0", "7,5"],
        ["45", "1,5"],
        ["1h30'", "0,75 h"],
        ["3"],
        ["12", "45"],
    ],
)
def test_numbers_that_read_one_way_ask_nothing(world: World, values: list[str]) -> None:
    assert asked(world, lasting(*values)) == {}


def test_a_header_that_says_its_unit_asks_less(world: World) -> None:
    assert asked(world, lasting("7", "8", header="Durée (min)")) == {}
    assert asked(world, lasting("7", "0,5", header="Durée (h)")) == {}
    assert "clock" in asked(world, lasting("1,30", "0,45", header="Durée (h)"))["duration"]


def test_whole_numbers_with_a_decimal_sign_may_be_either(world: World) -> None:
    assert asked(world, lasting("7,0", "8,0")) == {"duration": ["hours", "minutes"]}
    assert "minutes" in asked(world, lasting("45,0", "15,0"))["duration"]
    brought(world, lasting("45,0", "15,0"), duration="minutes")
    assert minutes() == [45, 15]


def test_durations_in_words_are_read(quarter: World) -> None:
    job = brought(quarter, case("13_durations.csv"))
    wrong = {value: said for _, _, value, said, _ in job.faults}
    assert set(wrong) == {"1,500"}
    assert all("une durée de" in said for said in wrong.values())
    brought(quarter, lasting("1h30'", "90,0", "1:29:45", "01:30:00"))
    assert minutes() == [90, 90, 90, 90]


def test_a_thousand_is_no_decimal() -> None:
    assert number_of("1,500") is None
    assert number_of("0,083").value == 0.083
    assert number_of("1e3") is None
    assert number_of(float("nan")) is None


def test_begin_and_end_make_a_duration(quarter: World) -> None:
    brought(quarter, case("51_begin_end_columns.csv"))
    activity = Activity.objects.get()
    assert (activity.starts_at, activity.minutes) == (time(9), 90)
    headers = ["Date", "Type", "Lieu", "Début", "Fin", "Durée"]

    def said(begin: str, end: str, lasts: str) -> str | int:
        job = brought(quarter, a_csv([["10/03/2026", "PAP", "hall-a", begin, end, lasts]], headers))
        if job.state == ImportState.REFUSED:
            return job.faults[0][3]
        return Activity.objects.latest("pk").minutes

    assert said("23:30", "01:00", "") == 90
    assert said("9h", "10h30", "1h30") == 90
    assert said("9h", "", "40") == 40
    assert "font 1\u00a0h\u00a030" in str(said("09:00", "10:30", "45"))
    assert "après celle du début" in str(said("14:00", "13:30", ""))
    assert "obligatoire" in str(said("9h", "", ""))


# --- Days -----------------------------------------------------------------------------------------


def test_plain_numbers_follow_the_epoch_of_their_workbook(quarter: World) -> None:
    for name in ("01_epoch_1904_dates", "02_epoch_1904_numbers", "03_serial_1900"):
        Activity.objects.all().delete()
        brought(quarter, case(f"{name}.xlsx"), "x.xlsx")
        assert Activity.objects.get().day == date(2026, 3, 18), name


def test_numbers_of_a_csv_may_count_from_1904(world: World) -> None:
    content = a_csv([["44630", "PAP", "hall-a", "45"]], HEADERS)
    assert asked(world, content) == {"day_zero": ["1900", "1904"]}
    brought(world, content, day_zero="1904")
    assert Activity.objects.get().day == date(2026, 3, 11)
    assert asked(world, a_csv([["46099", "PAP", "hall-a", "45"]], HEADERS)) == {}, (
        "to come, or 1900"
    )


def test_days_with_the_month_first_are_asked(quarter: World) -> None:
    content = case("25_us_mixed.csv").replace(b"03/04/2026", b"03/04/2025")
    assert asked(quarter, content) == {"day_order": ["mdy", "dmy"]}
    brought(quarter, content, day_order="mdy")
    found = Activity.objects.order_by("day").values_list("day", flat=True)
    assert list(found) == [date(2025, 3, 4), date(2026, 3, 18)]
    job = brought(quarter, content, day_order="dmy")
    assert [fault[:3] for fault in job.faults] == [[3, "Date", "03/18/2026"]]
    assert asked(quarter, content.replace(b"03/04/2025", b"18/03/2025")) == {}, "both: to correct"


def test_days_in_words_and_the_year_first_are_read(quarter: World) -> None:
    job = brought(quarter, case("14_days.csv"))
    wrong = {value for _, _, value, *_ in job.faults}
    assert wrong == {"03/18/2026", "18 mars", "18/03", "29/02/2025",
                     "18-mars", "18/03/0026"}  # fmt: skip


def test_midnight_and_moments_that_a_spreadsheet_rounds(quarter: World) -> None:
    brought(quarter, case("30_datetime_rounding.xlsx"), "x.xlsx")
    assert Activity.objects.get().starts_at == time(14, 30)
    rows = [row.cells for row in inspect(io.BytesIO(case("24_midnight.xlsx")))[0].rows()]
    assert [cells[4] for cells in rows] == ["23:30", time(2, 30)]


# --- What is no value -----------------------------------------------------------------------------


def test_an_error_of_a_spreadsheet_is_a_fault(quarter: World) -> None:
    job = brought(quarter, case("23_error_cells.xlsx"), "x.xlsx")
    assert job.faults[0][1:3] == ["Note interne", "#REF!"]
    assert "erreur de calcul" in job.faults[0][3]
    for text in ("#N/A", "#VALEUR!", "#NOM?", "Err:502", "#####"):
        row = ["10/03/2026", "PAP", "hall-a", "45", text]
        assert brought(quarter, a_csv([row], [*HEADERS, "Note"])).state == ImportState.REFUSED


def test_a_row_of_totals_is_one_fault(quarter: World) -> None:
    job = brought(quarter, case("20_total_row.xlsx"), "x.xlsx")
    assert [(line, said) for line, _, _, said, _ in job.faults] == [
        (3, "une activité\u00a0: cette ligne est un total, à retirer du fichier")
    ]


def test_counts_of_people_are_numbers(quarter: World) -> None:
    headers = [*HEADERS, "Habitants essai"]
    rows = [["10/03/2026", "PAP", "hall-a", "45", people] for people in ("3", "3 personnes", "")]
    brought(quarter, a_csv(rows, headers))
    assert [one.count for one in HeadCount.objects.all()] == [3, 3]
    for people in ("-", "≈10", "une dizaine"):
        assert brought(quarter, a_csv([[*rows[0][:4], people]], headers)).bad_rows == 1


def test_what_cannot_be_one_value_is_refused_in_words(quarter: World) -> None:
    for name, said in (("15_duplicate_headers", "« note »"), ("17_formula_no_cache", "D2"),
                       ("18_merged", "A2:A3")):  # fmt: skip
        assert said.replace(" ", "\u00a0") in refused(quarter, case(f"{name}.xlsx"), "x.xlsx") or (
            said in refused(quarter, case(f"{name}.xlsx"), "x.xlsx")
        )


# --- The shape of a table -------------------------------------------------------------------------


def test_the_header_is_the_row_that_names_most_fields(quarter: World) -> None:
    job = receive(quarter, case("05_title_two_cells.xlsx"), "x.xlsx")
    assert (job.reading["header"], job.rows) == (3, 1)
    rows = [["Lieu", "Note", "x", "y"], ["10/03/2026", "PAP", "hall-a", "45"]]
    job = receive(quarter, a_csv(rows, HEADERS))
    assert job.reading["header"] == 1
    actions.choose_sheet(job=job, header=2, by=quarter.reader("coordination"))
    assert (job.reading["header"], job.rows) == (2, 1)
    job = receive(quarter, case("26_header_linebreak.xlsx"), "x.xlsx")
    assert set(job.columns) == {"day", "type", "place", "minutes", "internal_note"}


def test_every_sheet_can_be_chosen(quarter: World, sign_in) -> None:
    job = receive(quarter, case("16_hidden_first_sheet.xlsx"), "x.xlsx")
    assert job.sheet == "Feuil1"
    client, page = sign_in(quarter, "coordination"), f"/activites/importer/{job.pk}/colonnes/"
    assert "Listes (masquée)" in client.get(page).content.decode()
    client.post(page, {"sheet": "Listes", "header": "1"})
    job.refresh_from_db()
    assert (job.sheet, job.columns) == ("Listes", {"type": "Type", "place": "Lieu"})


def test_blank_rows_at_the_foot_are_none(quarter: World) -> None:
    assert receive(quarter, case("19_trailing_blank.xlsx"), "x.xlsx").rows == 1


def test_what_is_hidden_or_left_out_is_told_before_saving(world: World, sign_in) -> None:
    book = Workbook()
    book.active.append([*HEADERS, "Météo", "Vide", "Année"])
    for n, weather in enumerate(("pluie", "soleil", "soleil"), 1):
        book.active.append([date(2026, 3, n), "PAP", "hall-a", 45, weather, None, 2026])
    book.active.row_dimensions[3].hidden = True
    job = receive(world, saved(book), "x.xlsx")
    client, base = sign_in(world, "coordination"), f"/activites/importer/{job.pk}/"
    assert "1\u00a0ligne masquée" in client.get(f"{base}colonnes/").content.decode()
    check(world, job)
    text = client.get(base).content.decode()
    assert "1\u00a0ligne lue comme les autres" in text
    assert "Météo (2\u00a0valeurs)" in text
    assert "Année" not in text


def test_a_column_names_the_mediateurs(quarter: World, sign_in) -> None:
    other = quarter.user("autre-mediateur")
    content = a_csv(
        [["10/03/2026", "PAP", "hall-a", "45", quarter.reader("mediateur").called],
         ["10/03/2026", "PAP", "hall-a", "45", "Médiateur B"]], [*HEADERS, "Médiateur"],
    )  # fmt: skip
    job = brought(quarter, content)
    assert job.unknown == {"worker": {"Médiateur B": 1}}
    by = quarter.reader("coordination")
    actions.match_values(job=job, values={"worker": {"Médiateur B": f"user:{other.pk}"}}, by=by)
    check(quarter, job)
    actions.write_import(job=job, by=by)
    assert {row.author for row in Activity.objects.all()} == {quarter.user("mediateur"), other}
    town = quarter.user("town-a").pk
    again = brought(quarter, content.replace(b"iateur B", b"iateur C"))
    with pytest.raises(ValidationError, match="n’existe plus"):
        actions.match_values(job=again, values={"worker": {"Médiateur C": f"user:{town}"}}, by=by)
    blank = content.replace("Médiateur B".encode(), b"")
    assert "obligatoire" in brought(quarter, blank).faults[0][3]
    assert Membership.objects.filter(user=other, role=Role.MEDIATEUR).exists()


# --- The page that asks ---------------------------------------------------------------------------


def test_the_page_asks_beside_an_example(world: World, sign_in) -> None:
    job = receive(world, lasting("0,30", "1,30"))
    client, page = sign_in(world, "coordination"), f"/activites/importer/{job.pk}/colonnes/"
    answer = client.get(page)
    text = answer.content.decode()
    assert "0,30 = 18\u00a0min" in text
    assert "0,30 = 30\u00a0min" in text
    form = answer.context["form"]
    data = {name: form[name].value() for name in form.fields if name.startswith("column_")}
    answer = client.post(page, data)
    assert answer.status_code == 422
    assert "nombres de cette colonne : choisissez" in answer.content.decode()
    client.post(page, data | {"ask_duration": "clock"})
    check(world, ActivityImport.objects.get())
    actions.write_import(job=ActivityImport.objects.get(), by=world.reader("coordination"))
    assert minutes() == [30, 90]


def test_questions_follow_the_columns_that_are_chosen(world: World) -> None:
    rows = [["10/03/2026", "PAP", "hall-a", "45", "1,30"]]
    table, _ = inspect(io.BytesIO(a_csv(rows, [*HEADERS, "Autre"])))
    columns = {"day": "Date", "minutes": "Durée"}
    assert questions(table, columns, TODAY) == []
    assert [one.header for one in questions(table, columns | {"minutes": "Autre"}, TODAY)] == [
        "Autre"
    ]
