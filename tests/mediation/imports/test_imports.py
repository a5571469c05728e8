"""Past records from a file: read, checked whole, written at once, never twice (R36)."""

import csv
import hashlib
import io
import json
import random
import tracemalloc
import uuid
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook

from governance.models import Convention, JournalEntry, Membership, Place, PlaceKind
from mediation.activities import actions as mediation_actions
from mediation.imports import actions, tables
from mediation.imports import rows as import_rows
from mediation.imports.engine import Engine
from mediation.imports.fields import Columns, Vocabulary
from mediation.models import (
    Activity,
    ActivityImport,
    ColumnMapping,
    Frame,
    HeadCount,
    ImportState,
    Review,
)

from ...conftest import LONG, NOW
from ...pages import text_of
from ...world import TODAY, World

HEADERS = ["Date", "Type", "Lieu", "Durée", "Début", "Thématiques", "Objectif", "Suite", "Origine",
           "Note interne", "Résumé", "Publics : Habitants essai"]  # fmt: skip
GOOD = ["10/03/2026", "PAP", "Lieu hall-a essai", "1h30", "14h30", "Éclairage essai", "1.1",
        "Résolu", "Habitant", "Une note", "Un résumé", "12"]  # fmt: skip


def row(**values: Any) -> list[Any]:
    """A good row, but for what is given by header (its first word)."""
    names = {header.split()[0].lower(): number for number, header in enumerate(HEADERS)}
    made: list[Any] = list(GOOD)
    for name, value in values.items():
        made[names[name]] = value
    return made


def a_csv(
    rows: Iterable[list[Any]], headers: list[str] = HEADERS, sep: str = ";", encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sep)
    writer.writerows([headers, *rows])
    return text.getvalue().encode(encoding)


def an_xlsx(rows: Iterable[list[Any]], headers: list[str] = HEADERS, title: str = "Suivi") -> bytes:
    book = Workbook()
    book.active.title = title
    for line in [headers, *rows]:
        book.active.append(line)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(content: bytes, name: str = "suivi.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def receive(
    world: World, content: bytes, name: str = "suivi.csv", **options: Any
) -> ActivityImport:
    given = {"worker": world.user("mediateur"), "by": world.reader("coordination")}
    return actions.receive_import(upload=upload(content, name), **(given | options))


def check(world: World, job: ActivityImport, **options: Any) -> ActivityImport:
    """From the columns to the end of checking."""
    by = world.reader("coordination")
    if job.state == ImportState.UPLOADED:
        actions.set_columns(job=job, columns=job.columns, by=by)
    while job.state == ImportState.CHECKING:
        actions.advance(job=job, by=by, **options)
    return job


def imported(world: World, content: bytes, name: str = "suivi.csv") -> ActivityImport:
    job = check(world, receive(world, content, name))
    assert job.state == ImportState.CHECKED, job.faults
    return actions.write_import(job=job, by=world.reader("coordination"))


def refused(world: World, content: bytes, name: str = "suivi.csv") -> str:
    with pytest.raises(ValidationError) as error:
        receive(world, content, name)
    return error.value.messages[0]


def faults(world: World, *rows: list[Any]) -> list[list[Any]]:
    job = check(world, receive(world, a_csv(rows)))
    assert job.state == ImportState.REFUSED
    return job.faults


# --- From a file to activities --------------------------------------------------------------------


def test_a_row_becomes_an_activity_whole(world: World) -> None:
    job = imported(world, a_csv([GOOD]))
    activity = Activity.objects.get()
    assert (activity.day, activity.starts_at) == (date(2026, 3, 10), time(14, 30))
    assert (activity.type, activity.place, activity.minutes) == ("PAP", world.places["hall-a"], 90)
    assert (activity.theme, activity.second_theme) == (world.themes[0], None)
    assert activity.objective == world.objectives[0]
    assert (activity.outcome, activity.origin) == ("resolu", "habitant")
    assert (activity.internal_note, activity.summary) == ("Une note", "Un résumé")
    assert activity.author == world.user("mediateur")
    assert activity.own_words == "un resume une note"
    count = HeadCount.objects.get()
    assert (count.audience, count.band, count.count) == (world.audiences[0], "np", 12)
    version = activity.history.get()
    assert version.history_change_reason == "Import"
    assert version.history_user == world.user("coordination")
    assert (job.created, job.known, job.state) == (1, 0, ImportState.DONE)
    entry = JournalEntry.objects.get()
    assert (entry.act, entry.actor) == ("import", world.user("coordination").email)
    assert entry.fields == ["importées : 1, déjà là : 0"]


def test_what_is_optional_may_be_missing(world: World) -> None:
    imported(world, a_csv([GOOD[:4]], HEADERS[:4]))
    activity = Activity.objects.get()
    assert (activity.starts_at, activity.theme, activity.outcome) == (None, None, "")
    assert activity.review == Review.NONE
    blank = row(début="", thématiques="", objectif="", suite="", origine="", note="", résumé="",
                publics="")  # fmt: skip
    blank[0] = "11/03/2026"
    imported(world, a_csv([blank]))
    assert not HeadCount.objects.exists()


def test_a_text_that_identifies_waits_for_review(world: World) -> None:
    job = check(world, receive(world, a_csv([row(note="Vu Mme Durand."), GOOD])))
    assert job.to_review == 1
    actions.write_import(job=job, by=world.reader("coordination"))
    assert Activity.objects.get(review=Review.PENDING).internal_note == "Vu Mme Durand."


@pytest.mark.parametrize(
    ("encoding", "sep"),
    [("utf-8", ";"), ("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ","),
     ("cp1252", "\t")],
)  # fmt: skip
def test_encodings_and_separators_are_found(world: World, encoding: str, sep: str) -> None:
    rows = [row(note="Échange à l’entrée, « calme » ; rien.\nSuite demain.")] + [GOOD] * 3
    imported(world, a_csv(rows, sep=sep, encoding=encoding))
    assert Activity.objects.filter(internal_note__contains="l’entrée, « calme » ; rien").exists()
    assert Activity.objects.count() == 4


def test_a_csv_of_this_application_or_excel_opens(world: World) -> None:
    """A line « sep=; », titles above the header, blank lines, a quote that keeps a formula off."""
    lines = [["Suivi, année 2026"], [], HEADERS, [], row(note="'=1+1"), ["", ""], row(durée="45")]
    text = "sep=;\r\n" + "\r\n".join(";".join(line) for line in lines)
    job = receive(world, text.encode())
    assert job.rows == 2
    check(world, job)
    actions.write_import(job=job, by=world.reader("coordination"))
    assert set(Activity.objects.values_list("internal_note", flat=True)) == {"=1+1", "Une note"}


def test_excel_cells_are_what_they_are(world: World) -> None:
    """Dates, hours and durations as cells; numbers as numbers; a date as its bare number."""
    morning = datetime.combine(date(2026, 3, 13), time(8, 30))
    rows = [
        row(
            date=datetime.combine(date(2026, 3, 10), time()),
            durée=time(1, 30),
            début=time(9, 5),
            publics=7,
        ),
        row(date=date(2026, 3, 11), durée=timedelta(hours=2), début=0.5, objectif=1.1, publics=7.0),
        row(date=46093, durée=45, début=None, publics=0),  # 12 mars 2026
        row(date=morning, durée=1.5, début="", publics=None),
        row(date="46095", durée="01:15:00"),
    ]
    imported(world, an_xlsx(rows), "suivi.xlsx")
    found = Activity.objects.order_by("day").values_list("day", "minutes", "starts_at")
    assert list(found) == [
        (date(2026, 3, 10), 90, time(9, 5)), (date(2026, 3, 11), 120, time(12)),
        (date(2026, 3, 12), 45, None), (date(2026, 3, 13), 90, None),
        (date(2026, 3, 14), 75, time(14, 30)),
    ]  # fmt: skip
    assert sorted(HeadCount.objects.values_list("count", flat=True)) == [7, 7, 12]


def test_a_day_with_its_time_gives_the_start_where_no_column_does(world: World) -> None:
    headers = ["Date", "Activité", "Lieu", "Nombre d’heures"]
    rows = [["10/03/2026 08:15", "Veille", "hall-a", "2"],
            ["2026-03-11T19:00:00", "présence de PROXIMITÉ", "Lieu  HALL-A essai", "1,5"]]  # fmt: skip
    imported(world, a_csv(rows, headers))
    found = Activity.objects.order_by("day").values_list("type", "minutes", "starts_at")
    assert list(found) == [("VEIL", 120, time(8, 15)), ("PAP", 90, time(19))]


def test_two_themes_in_a_cell_or_in_two_columns(world: World) -> None:
    headers = [*HEADERS, "Seconde thématique"]
    rows = [
        [*row(thématiques="Éclairage essai, Voirie essai"), ""],
        [*row(thématiques="voirie essai"), "ISOLEMENT ESSAI"],
        [*row(thématiques="Voirie essai"), "Voirie essai"],
    ]
    imported(world, a_csv(rows, headers))
    found = Activity.objects.order_by("pk").values_list("theme__name", "second_theme__name")
    assert list(found) == [
        ("Éclairage essai", "Voirie essai"), ("Voirie essai", "Isolement essai"),
        ("Voirie essai", None),
    ]  # fmt: skip
    told = faults(world, row(thématiques="Éclairage essai / Voirie essai / Isolement essai"))
    assert told[0][3] == "deux thématiques au plus"


# --- What is wrong with a row ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("date", "31/02/2026", "une date passée"), ("date", "", "obligatoire"),
        ("date", "19/03/2026", "à venir"), ("date", "10/03/1999", "Aucune convention"),
        ("durée", "un moment", "une durée de"), ("durée", "3", "une durée de"),
        ("durée", "25h", "une durée de"), ("durée", "", "obligatoire"),
        ("type", "Inventé", "un des huit types"), ("type", "", "obligatoire"),
        ("lieu", "Ailleurs", "un lieu du dispositif"), ("début", "25:00", "une heure"),
        ("thématiques", "Inconnue", "une ou deux thématiques"),
        ("objectif", "9.9", "un objectif par son numéro"), ("suite", "Peut-être", "une suite"),
        ("origine", "La lune", "une origine"), ("note", "x" * 4001, "4 000"),
        ("résumé", "x" * 1001, "1 000"), ("publics", "-3", "un nombre de personnes"),
        ("publics", "beaucoup", "un nombre de personnes"), ("publics", "2001", "un nombre"),
        ("publics", "1,5", "un nombre de personnes"),
    ],
)  # fmt: skip
def test_each_fault_says_where_and_what_is_expected(world, column, value, said) -> None:
    told = faults(world, GOOD, row(**{column: value}), GOOD)
    assert len(told) == 1
    line, header, shown, expected, _unknown = told[0]
    assert (line, header.split()[0].lower()) == (3, column)
    assert shown == (value if len(value) <= 80 else value[:79] + "…")
    assert said in expected
    assert not Activity.objects.exists()


def test_a_row_tells_all_its_faults_and_a_line_of_too_many_cells_is_one(world: World) -> None:
    told = faults(world, row(date="x", durée="y", lieu="z"), [*GOOD, "de trop"])
    assert sorted((line, column) for line, column, *_ in told) == [
        (2, "Date"), (2, "Durée"), (2, "Lieu"), (3, ""),
    ]  # fmt: skip
    assert "davantage" in told[-1][3]


def test_two_places_of_one_name_are_told_apart_by_hand(world: World) -> None:
    Place.objects.create(
        programme=world.programme, slug="autre", name="Lieu hall-a essai", kind=PlaceKind.SPOT,
        parent=world.places["cote-b"],
    )  # fmt: skip
    assert faults(world, GOOD)[0][1] == "Lieu"
    imported(world, a_csv([row(lieu="hall-a")]))


# --- What is wrong with a file --------------------------------------------------------------------


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


# --- Columns and values ---------------------------------------------------------------------------


def test_headers_propose_their_fields(world: World) -> None:
    columns = Columns(Frame(world.programme.pk))
    habitants, students = (audience.pk for audience in world.audiences)
    told = {
        "Jour": "day", "Date de l’activité": "day", "Activité": "type", "Type d’activité": "type",
        "LIEU D’INTERVENTION": "place", "Durée (min)": "minutes", "Durée en minutes": "minutes",
        "Durée (h)": "hours", "Nombre d’heures": "hours", "Heures": "hours",
        "Heure de début": "starts_at", "Début": "starts_at", "Thématiques": "theme",
        "Seconde thématique": "second_theme", "Thème 2": "second_theme", "Suite donnée": "outcome",
        "Origine de la demande": "origin", "Observations": "internal_note", "Résumé": "summary",
        "Publics : Habitants essai": f"audience:{habitants}:np", "Relecture": None, "Axe": None,
        "Nb étudiants essai (jeunes)": f"audience:{students}:jeunes", "Dateur": None,
    }  # fmt: skip
    for header, field in told.items():
        assert columns.propose([header, "Autre"]) == ({field: header} if field else {}), header
    assert columns.propose(["Durée (h)", "Durée (min)"]) == {"minutes": "Durée (min)"}


def test_every_value_is_found_by_label_code_or_slug(world: World) -> None:
    frame = Frame(world.programme.pk)
    words = Vocabulary(frame, {})
    for field in ("type", "place", "theme", "objective", "outcome", "origin"):
        for name, label in words.options(field):
            assert words.find(field, name) == words.find(field, label.strip().upper())
    assert words.find("objective", "Axe 2, objectif 1") == world.objectives[1]
    with pytest.raises(KeyError):
        words.find("theme", "Inconnue")


def test_columns_that_will_not_do_are_told_all_at_once(world: World) -> None:
    job = receive(world, a_csv([GOOD]))
    by = world.reader("coordination")
    with pytest.raises(ValidationError) as error:
        actions.set_columns(job=job, columns={"day": "Date", "type": "Absente", "x": "Lieu"}, by=by)
    said = " ".join(error.value.messages)
    for words in ("Lieu", "Durée", "« Absente »", "« x »"):
        assert words in said
    assert not ColumnMapping.objects.exists()


def test_a_matching_is_remembered_for_the_same_headers(world: World) -> None:
    headers = ["A", "B", "C", "D", "E"]
    rows = [["10/03/2026", "Tournée", "hall-a", "45", "Divers"],
            ["11/03/2026", "tournée", "Le hall", "45", "Divers"]]  # fmt: skip
    by = world.reader("coordination")
    job = receive(world, a_csv(rows, headers))
    assert job.columns == {}
    columns = {"day": "A", "type": "B", "place": "C", "minutes": "D", "theme": "E"}
    actions.set_columns(job=job, columns=columns, by=by)
    check(world, job)
    assert job.unknown == {"type": {"Tournée": 1, "tournée": 1}, "place": {"Le hall": 1},
                           "theme": {"Divers": 2}}  # fmt: skip
    assert (job.bad_rows, job.fault_count) == (2, 5)
    matched = {"type": {"Tournée": "PAP"}, "place": {"Le hall": "hall-b"}, "theme": {"Divers": ""}}
    with pytest.raises(ValidationError, match="n’existe plus"):
        actions.match_values(job=job, values={"place": {"Le hall": ""}}, by=by)
    actions.match_values(job=job, values=matched, by=by)
    check(world, job)
    assert job.state == ImportState.CHECKED
    actions.write_import(job=job, by=by)
    found = Activity.objects.order_by("day").values_list("type", "place__slug", "theme")
    assert list(found) == [("PAP", "hall-a", None), ("PAP", "hall-b", None)]
    # The next file, its columns in another order, asks nothing.
    rows = [["45", "Divers", "12/03/2026", "TOURNÉE", "Le hall"]]
    again = receive(world, a_csv(rows, ["D", "E", "A", "B", "C"]))
    assert again.columns == columns
    assert check(world, again).state == ImportState.CHECKED


def test_a_value_matched_with_what_is_gone_is_asked_again(world: World) -> None:
    frame = Frame(world.programme.pk)
    words = Vocabulary(frame, {"place": {"Le hall": "disparu"}})
    with pytest.raises(KeyError):
        words.find("place", "Le hall")


# --- All or nothing, once, in steps ---------------------------------------------------------------


def rows_of_a_year(count: int, bad: int = 0) -> list[list[Any]]:
    """Different rows, `bad` of them wrong in one way or another, anywhere in the file."""
    made = [
        row(
            date=f"{date(2025, 1, 1) + timedelta(days=n % 365):%d/%m/%Y}",
            note=f"Note {n}, échange avec des habitants.", publics=str(n % 30),
            durée=str(15 + n % 90), lieu=("hall-a", "Lieu hall-b essai", "ilot-a")[n % 3],
        )
        for n in range(count)
    ]  # fmt: skip
    spoilt = random.Random(36).sample(range(count), bad)
    for number, at in enumerate(spoilt):
        column, value = (("date", "31/02/2025"), ("lieu", "?"), ("durée", "zéro"))[number % 3]
        made[at] = row(**{column: value})
    return made


SIZE = 10_000 if LONG else 400


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_thirty_seven_bad_rows_are_told_exactly_and_nothing_is_done(world, form) -> None:
    rows = rows_of_a_year(SIZE, bad=37)
    expected = [
        (n, wrong)
        for n, line in enumerate(rows, 2)
        for wrong in ("31/02/2025", "?", "zéro")
        if wrong in line
    ]
    assert len(expected) == 37
    job = receive(world, a_csv(rows) if form == "csv" else an_xlsx(rows), f"x.{form}")
    check(world, job, most=SIZE // 4 + 1)
    assert job.state == ImportState.REFUSED
    assert (job.rows, job.checked, job.bad_rows, job.fault_count) == (SIZE, SIZE, 37, 37)
    assert [(line, value) for line, _, value, *_ in job.faults] == expected
    with pytest.raises(actions.MovedMeanwhile):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert not Activity.objects.exists()
    assert not Activity.history.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_read_twice_doubles_nothing(world: World, form: str) -> None:
    """Also where rows say the same, and where the second file is another kind or has more rows."""
    rows = rows_of_a_year(60) + [GOOD, GOOD, row(durée="90 min")]
    content = a_csv(rows) if form == "csv" else an_xlsx(rows)
    job = imported(world, content, f"x.{form}")
    assert (job.created, job.known) == (63, 0)
    again = imported(world, content, f"x.{form}")
    assert (again.created, again.known) == (0, 63)
    other = an_xlsx([*rows, row(durée="30")]) if form == "csv" else a_csv([*rows, row(durée="30")])
    more = check(world, receive(world, other, "y." + ("xlsx" if form == "csv" else "csv")))
    assert (more.rows, more.known) == (64, 63)
    actions.write_import(job=more, by=world.reader("coordination"))
    assert Activity.objects.count() == 64
    assert Activity.history.count() == 64


def test_the_same_row_of_two_mediateurs_is_two_activities(world: World) -> None:
    imported(world, a_csv([GOOD]))
    job = check(world, receive(world, a_csv([GOOD]), worker=world.user("autre-mediateur")))
    assert job.known == 0


def test_a_row_edited_since_is_not_brought_back(world: World) -> None:
    imported(world, a_csv([GOOD]))
    Activity.objects.update(internal_note="Corrigée depuis.")
    assert imported(world, a_csv([GOOD])).known == 1
    assert Activity.objects.get().internal_note == "Corrigée depuis."


def test_checking_goes_on_where_it_stopped(world: World) -> None:
    """A process that dies between two pieces loses nothing; two tabs count no row twice."""
    job = receive(world, a_csv(rows_of_a_year(100, bad=5)))
    by = world.reader("coordination")
    actions.set_columns(job=job, columns=job.columns, by=by)
    actions.advance(job=job, by=by, most=30)
    stale = ActivityImport.objects.get(pk=job.pk)
    assert (stale.checked, stale.state) == (30, ImportState.CHECKING)
    actions.advance(job=job, by=by, most=30)
    with pytest.raises(actions.MovedMeanwhile):
        actions.advance(job=stale, by=by, most=30)
    check(world, ActivityImport.objects.get(pk=job.pk), most=30)
    job.refresh_from_db()
    assert (job.checked, job.bad_rows, job.fault_count) == (100, 5, 5)
    assert len({line for line, *_ in job.faults}) == 5


def test_a_failure_while_writing_leaves_nothing(world: World, monkeypatch) -> None:
    job = check(world, receive(world, a_csv(rows_of_a_year(1200))))
    whole = mediation_actions.log_activities
    calls = []

    def fails_later(**options: Any) -> None:
        calls.append(len(options["drafts"]))
        if len(calls) == 2:
            raise RuntimeError
        whole(**options)

    monkeypatch.setattr(mediation_actions, "log_activities", fails_later)
    with pytest.raises(RuntimeError):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert calls == [500, 500]
    assert not Activity.objects.exists()
    assert not JournalEntry.objects.exists()
    job.refresh_from_db()
    assert job.state == ImportState.CHECKED
    monkeypatch.undo()


def test_what_changed_since_the_check_is_checked_again(world: World) -> None:
    job = check(world, receive(world, a_csv([GOOD, row(date="10/03/2025")])))
    Convention.objects.filter(slug="2025").update(starts=date(2025, 6, 1))
    with pytest.raises(ValidationError, match="vérifié de nouveau"):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert not Activity.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.checked) == (ImportState.CHECKING, 0)
    assert check(world, job).bad_rows == 1


def test_a_second_press_writes_nothing(world: World) -> None:
    job, by = check(world, receive(world, a_csv([GOOD]))), world.reader("coordination")
    for _ in range(2):
        actions.write_import(job=job, by=by)
    assert Activity.objects.count() == 1
    assert JournalEntry.objects.count() == 1
    with pytest.raises(actions.MovedMeanwhile):
        actions.abandon_import(job=job, by=by)


def test_the_same_file_waiting_is_found_again(world: World) -> None:
    first = receive(world, a_csv([GOOD]))
    assert receive(world, a_csv([GOOD]), "autre-nom.csv") == first
    assert receive(world, a_csv([GOOD]), worker=world.user("autre-mediateur")) != first


def test_a_file_that_waited_a_month_goes_when_another_comes(world: World, clock: Any) -> None:
    first = receive(world, a_csv([GOOD]))
    done = imported(world, a_csv([GOOD, GOOD]))
    clock(NOW + timedelta(days=31))
    receive(world, a_csv([GOOD] * 3))
    assert not ActivityImport.objects.filter(pk=first.pk).exists()
    assert ActivityImport.objects.filter(pk=done.pk).exists()


def stored() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_once_imported_or_abandoned(world: World) -> None:
    before, by = stored(), world.reader("coordination")
    job = check(world, receive(world, a_csv([GOOD])))
    other = receive(world, a_csv([GOOD, GOOD]))
    assert len(stored() - before) == 2
    actions.write_import(job=job, by=by)
    actions.abandon_import(job=other, by=by)
    assert stored() == before
    assert ActivityImport.objects.get().file.name == ""


def test_only_the_coordination_imports(world: World, elsewhere: World, sign_in) -> None:
    job = receive(world, a_csv([GOOD]))
    by = world.reader("mediateur")
    for act in (
        lambda: receive(world, a_csv([GOOD, GOOD]), by=by),
        lambda: receive(world, a_csv([GOOD]), worker=elsewhere.user("mediateur")),
        lambda: receive(world, a_csv([GOOD]), worker=world.user("town-a")),
        lambda: actions.set_columns(job=job, columns=job.columns, by=by),
        lambda: actions.write_import(job=job, by=by),
        lambda: actions.abandon_import(job=job, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    for who in ("mediateur", "town-a"):
        assert sign_in(world, who).get("/activites/importer/").status_code == 403


def test_a_mediateur_who_left_can_be_chosen(world: World) -> None:
    Membership.objects.filter(pk=world.memberships["mediateur"].pk).update(ends=date(2025, 12, 31))
    assert world.user("mediateur") in actions.workers(world.programme.pk)


# --- Cost -----------------------------------------------------------------------------------------


def engine(world: World, content: bytes) -> Engine:
    table = tables.open_table(io.BytesIO(content))
    frame = Frame(world.programme.pk)
    return Engine(
        table=table, columns=Columns(frame).propose(table.headers), values={}, frame=frame,
        worker=world.user("mediateur"), today=TODAY,
    )  # fmt: skip


def peak(act: Any) -> float:
    """The most memory that Python held meanwhile, beyond what it held before, in MB."""
    tracemalloc.start()
    act()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def test_checking_needs_the_same_memory_however_long_the_file(world: World) -> None:
    few, many = (engine(world, a_csv(rows_of_a_year(n))) for n in (500, 10_000 if LONG else 1_500))
    few.check(most=5)  # what is loaded once
    small, large = peak(lambda: few.check(tell=len)), peak(lambda: many.check(tell=len))
    assert large < small * 1.25 + 0.3, (small, large)


def test_writing_makes_as_many_queries_a_batch_for_a_long_file(world: World) -> None:
    def queries(content: bytes) -> int:
        import_of = engine(world, content)
        import_of.check()
        with CaptureQueriesContext(connection) as caught:
            import_of.write(by=world.reader("coordination"))
        return len(caught)

    one = queries(a_csv(rows_of_a_year(500)))
    Activity.objects.all().delete()
    three = queries(a_csv(rows_of_a_year(1500)))
    assert three - 3 <= 3 * (one - 3)
    assert one < 60


@pytest.mark.skipif(not LONG, reason="half a minute")
def test_ten_thousand_rows_at_once(world: World) -> None:
    content = a_csv(rows_of_a_year(10_000))
    job = check(world, receive(world, content))
    most = peak(lambda: actions.write_import(job=job, by=world.reader("coordination")))
    assert Activity.objects.count() == 10_000
    assert most < 30, most
    assert imported(world, content).known == 10_000


# --- The command ----------------------------------------------------------------------------------


def run(world: World, path: Path, **options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    given = {"worker": world.user("mediateur").email, "stdout": out, "stderr": err}
    call_command("import_activities", path, **(given | options))
    return out.getvalue(), err.getvalue()


def test_the_command_imports_and_tells_faults_on_standard_error(world: World, tmp_path) -> None:
    path = tmp_path / "suivi.csv"
    path.write_bytes(a_csv([GOOD, row(durée="45")]))
    assert run(world, path, dry_run=True)[0].startswith("2 rows without fault: 2 to save, 0 there")
    assert not Activity.objects.exists()
    assert run(world, path)[0] == "2 saved, 0 there already\n"
    assert run(world, path)[0] == "0 saved, 2 there already\n"
    assert Activity.history.first().history_change_reason == "Import"
    assert JournalEntry.objects.filter(act="import", actor="commande").count() == 2
    path.write_bytes(a_csv([GOOD, row(durée="zéro")]))
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 rows, 1 with faults: nothing was saved") as error:
        run(world, path, stderr=err)
    assert error.value.returncode == 1
    assert err.getvalue().startswith("ligne 3 · Durée · zéro\u00a0: attendu une durée de")


def test_the_command_takes_a_mapping_from_a_file(world: World, tmp_path) -> None:
    path, mapping = tmp_path / "suivi.csv", tmp_path / "mapping.json"
    path.write_bytes(a_csv([["10/03/2026", "Tournée", "hall-a", "45"]], ["A", "B", "C", "D"]))
    with pytest.raises(CommandError, match="« Date » n’est associé à aucune colonne"):
        run(world, path)
    mapping.write_text(json.dumps({
        "columns": {"day": "A", "type": "B", "place": "C", "minutes": "D"},
        "values": {"type": {"Tournée": "PAP"}},
    }))  # fmt: skip
    assert run(world, path, mapping=mapping)[0] == "1 saved, 0 there already\n"
    for wrong in ("[]", "{", '{"columns": {"day": 3}}', '{"autre": {}}', '{"values": []}'):
        mapping.write_text(wrong)
        with pytest.raises(CommandError, match="mapping"):
            run(world, path, mapping=mapping)


def test_the_command_says_what_it_misses(world: World, elsewhere: World, tmp_path) -> None:
    path = tmp_path / "suivi.csv"
    path.write_bytes(b"rien")
    slug = world.programme.slug
    for options, said in (
        ({}, "say which programme"), ({"programme": "x"}, "no programme x"),
        ({"programme": slug, "worker": "x@example.org"}, "no access of the operator"),
        ({"programme": slug, "worker": world.user("town-a").email}, "no access of the operator"),
        ({"programme": slug}, "Aucun tableau"),
    ):  # fmt: skip
        with pytest.raises(CommandError, match=said):
            run(world, path, **options)
    with pytest.raises(CommandError, match="No such file"):
        run(world, tmp_path / "absent.csv", programme=slug)


# --- The pages ------------------------------------------------------------------------------------


def send(client: Any, world: World, content: bytes, name: str = "suivi.csv") -> Any:
    data = {"file": upload(content, name), "worker": world.user("mediateur").pk}
    return client.post("/activites/importer/", data, follow=True)


def go_on(client: Any, job: ActivityImport) -> Any:
    """What the page's button does, until there is nothing to check."""
    for _ in range(20):
        answer = client.post(f"/activites/importer/{job.pk}/verifier/", follow=True)
        if "Vérification en cours" not in text_of(answer):
            return answer
    raise AssertionError("the check does not end")


def chosen(answer: Any, **columns: str) -> dict[str, str]:
    """The columns form as proposed, with what is given by header."""
    form = answer.context["form"]
    data = {name: form[name].value() for name in form.fields}
    for name, field in form.fields.items():
        if field.label in columns:
            data[name] = columns[field.label]
    return data


def test_the_whole_import_without_a_script(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = send(client, world, a_csv([row(type="Tournée"), row(durée="zéro", type="Tournée")]))
    job, text = ActivityImport.objects.get(), text_of(answer)
    assert "Quelle colonne est quoi" in text
    assert "Par exemple\u00a0: Tournée" in text
    base = f"/activites/importer/{job.pk}/"
    data = chosen(answer)
    answer = client.post(f"{base}colonnes/", data | {"column_0": "-"})
    assert answer.status_code == 422
    assert "« Date » n’est associé à aucune colonne" in text_of(answer)
    answer = client.post(f"{base}colonnes/", data | {"column_0": "type"})
    assert answer.status_code == 422
    assert "Ce champ est déjà la colonne" in text_of(answer)
    text = text_of(client.post(f"{base}colonnes/", data, follow=True))
    assert "0 sur 2\u00a0lignes vérifiées" in text
    answer = go_on(client, job)
    text = text_of(answer)
    assert "2\u00a0lignes à corriger" in text
    assert "Valeurs à associer" in text
    assert "« Tournée »" in text
    name = next(iter(answer.context["form"].fields))
    answer = client.post(f"{base}valeurs/", {name: "?"})
    assert answer.status_code == 422
    assert "Associez au moins une valeur" in text_of(answer)
    client.post(f"{base}valeurs/", {name: "=PAP"})
    text = text_of(go_on(client, job))
    assert "1\u00a0ligne à corriger" in text
    assert "1\u00a0autre ligne est bonne" in text
    report = client.get(f"{base}a-corriger.csv")
    lines = list(csv.reader(io.StringIO(report.getvalue().decode("utf-8-sig")), delimiter=";"))
    assert lines[0] == ["Ligne", "Colonne", "Valeur", "Attendu"]
    assert lines[1][:3] == ["3", "Durée", "zéro"]
    assert len(lines) == 2
    # The corrected file: same headers, nothing more to match.
    answer = send(client, world, a_csv([row(type="Tournée"), row(durée="40", type="Tournée")]))
    job = ActivityImport.objects.first()
    base = f"/activites/importer/{job.pk}/"
    client.post(f"{base}colonnes/", chosen(answer))
    text = text_of(go_on(client, job))
    assert "Importer 2\u00a0activités" in text
    text = text_of(client.post(f"{base}enregistrer/", follow=True))
    assert "Import terminé" in text
    assert Activity.objects.count() == 2
    assert "Déjà" in text_of(client.post(f"{base}enregistrer/", follow=True))
    assert Activity.objects.count() == 2
    history = text_of(client.get(f"/activites/{Activity.objects.first().pk}/"))
    assert ">Import<" in history


def test_the_first_page_refuses_in_words(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    assert "Aucun fichier n’a encore été importé" in text_of(client.get("/activites/importer/"))
    for data, said in (
        ({}, "Choisissez un fichier"),
        ({"file": upload(b"")}, "Ce fichier est vide"),
        ({"file": upload(b"x"), "worker": world.user("town-a").pk}, "n’est pas de l’opérateur"),
        ({"file": upload(b"x"), "worker": world.user("mediateur").pk}, "Aucun tableau"),
        ({"file": upload(bytes(40 * 1024 * 1024))}, "20\u00a0Mo"),
    ):
        answer = client.post("/activites/importer/", data)
        assert answer.status_code == 422
        assert said in text_of(answer)


def test_a_file_lost_from_the_disk_is_told(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    job = receive(world, a_csv([GOOD]))
    actions.set_columns(job=job, columns=job.columns, by=world.reader("coordination"))
    job.file.storage.delete(job.file.name)
    base = f"/activites/importer/{job.pk}/"
    text = text_of(client.post(f"{base}verifier/", follow=True))
    assert "n’est plus sur le serveur" in text
    assert "n’est plus sur le serveur" in text_of(client.get(f"{base}colonnes/"))
    assert client.get(f"{base}a-corriger.csv").status_code == 404
    text = text_of(client.post(f"{base}abandonner/", follow=True))
    assert "est abandonné" in text
    assert not ActivityImport.objects.exists()


def test_steps_out_of_their_order_do_nothing(world: World, sign_in) -> None:
    client, job = sign_in(world, "coordination"), receive(world, a_csv([["1", "2"]], ["A", "B"]))
    base = f"/activites/importer/{job.pk}/"
    for path, data in (("verifier/", {}), ("verifier/", {"again": ""}), ("enregistrer/", {}),
                       ("valeurs/", {"type_x": "=PAP"})):  # fmt: skip
        assert client.post(base + path, data).status_code in (302, 422)
        job.refresh_from_db()
        assert job.state == ImportState.UPLOADED
    assert client.get(f"{base}a-corriger.csv").status_code == 404
    # Columns that were good when they were matched, and are not any more.
    ActivityImport.objects.update(state=ImportState.CHECKING, columns={"audience:0:np": "A"})
    text = text_of(client.post(f"{base}verifier/", follow=True))
    assert "n’est associé à aucune colonne" in text


def test_a_report_shows_the_first_and_counts_all(world: World, sign_in) -> None:
    job = check(world, receive(world, a_csv([row(durée="zéro", début="99h")] * 150)))
    assert (job.bad_rows, job.fault_count, len(job.faults)) == (150, 300, 200)
    client = sign_in(world, "coordination")
    text = text_of(client.get(f"/activites/importer/{job.pk}/"))
    assert "300 points à corriger" in text
    assert "Les 100 premiers" in text
    assert text.count('data-label="Ligne"') == 100
    report = client.get(f"/activites/importer/{job.pk}/a-corriger.csv").getvalue().decode()
    assert report.count("\r\n") == 301


def test_many_unknown_values_hide_no_other_fault(world: World, sign_in) -> None:
    """They are matched in a form; the table, however full, is for what has to be corrected."""
    rows = [row(type=f"Tournée {n % 350}") for n in range(900)] + [row(durée="zéro")]
    job = check(world, receive(world, a_csv(rows)), most=100)
    assert (job.bad_rows, job.fault_count) == (901, 901)
    assert sum(job.unknown["type"].values()) == 900
    assert len(job.unknown["type"]) == actions.MOST_UNKNOWN + 1
    assert [902, "Durée", "zéro"] in [fault[:3] for fault in job.faults]
    text = text_of(sign_in(world, "coordination").get(f"/activites/importer/{job.pk}/"))
    assert "1 autre point à corriger" in text
    assert "D’autres valeurs viendront ensuite" in text
    assert text.count("À choisir…") == 40
    assert text.count('data-label="Ligne"') == 1


def test_a_value_is_shown_as_text(world: World, sign_in) -> None:
    evil = "<script>alert(1)</script>"
    job = check(world, receive(world, a_csv([row(lieu=evil, note=evil)], [*HEADERS[:11], evil])))
    client = sign_in(world, "coordination")
    for path in ("", "colonnes/"):
        text = text_of(client.get(f"/activites/importer/{job.pk}/{path}"))
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_the_key_of_a_row_does_not_change(world: World) -> None:
    """Spelt out here: with another key, what was imported before would come in again."""
    imported(world, a_csv([row(thématiques="Éclairage essai, Voirie essai")]))
    said = [
        world.user("mediateur").pk, "2026-03-10", "PAP", world.places["hall-a"].pk, 90, "14:30:00",
        world.themes[0].pk, world.themes[1].pk, world.objectives[0].pk, "resolu", "habitant",
        "Une note", "Un résumé", [[world.audiences[0].pk, "np", 12]],
    ]  # fmt: skip
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
    namespace = uuid.UUID("5f2f63c8-6d0e-4b0c-9f4e-2f6a3c1d7b90")
    assert Activity.objects.get().uid == uuid.uuid5(namespace, f"{world.programme.pk}:{digest}:1")
