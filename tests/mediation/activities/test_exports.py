"""Files are what the list shows: the same rows in the same order, the reader's columns, no formula."""

import csv
import io
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import JournalEntry, Membership
from humanicite.lib import exports as files
from humanicite.lib.exports import Column, to_csv, to_xlsx
from mediation.models import Activity, Review

from ...pages import text_of
from ...world import World
from .test_list import page, shown, turn

SHARED = ["Date", "Activité", "Lieu", "Durée (min)", "Durée (h)", "Thématique",
          "Seconde thématique", "Axe", "Objectif", "Suite donnée",
          "Forme du conflit", "Résumé"]  # fmt: skip
OWN = ["Note interne", "Relecture", "Début", "Origine", "Motif du refus", "Partenaire",
       "Accord recueilli", "Médiateur"]  # fmt: skip
BAIT = ["=1+1", "+33 1", "-2", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://example.org")']


@pytest.fixture
def rows(world: World) -> World:
    """Enough for three pages, in every column, with what a spreadsheet would run."""
    for n in range(120):
        activity = world.activity(
            list(world.places)[n % 7], day=date(2026, 1 + n % 3, 1 + n % 9), minutes=5 + 7 * n,
            type=("PAP", "CONF")[n % 2], starts_at=(None, time(9, 5), time(21))[n % 3],
            theme=world.themes[n % 3] if n % 5 else None,
            second_theme=world.themes[(n + 1) % 3] if n % 5 == 1 else None,
            objective=world.objectives[n % 2] if n % 4 else None,
            outcome=("", "resolu", "", "refuse")[n % 4], refusal=("", "", "", "service")[n % 4],
            conflict_form=("", "navette")[n % 2],
            origin=("", "police")[n % 2], summary=f"{BAIT[n % 7]} ; «résumé» \n{n}.",
            internal_note=f"{BAIT[(n + 1) % 7]} note-secrete \"{n}\"",
            review=("", Review.PENDING, Review.ACCEPTED)[n % 3],
        )  # fmt: skip
        if n % 3:
            world.counted(activity, audience=0, count=n + 1)
    return world


def export(client, form: str, query: str = "?") -> Any:
    answer = client.get(f"/activites/{query}&_export={form}")
    assert answer.status_code == 200
    answer.content_read = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(answer.content_read)
    return answer


def read_csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def read_xlsx(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    signalement = book.active
    for row in signalement.iter_rows():
        assert all(cell.data_type != "f" for cell in row)
    return [[cell.value for cell in row] for row in signalement.iter_rows()]


def listed(client, query: str) -> list[Activity]:
    """The rows of all pages, as the list shows them."""
    keys: list[int] = []
    following: str | None = query
    while following:
        text = page(client, following)
        keys += shown(text)
        following = turn(text, "next")
    found = Activity.objects.for_lists().in_bulk(keys)
    return [found[key] for key in keys]


def expected(row: Activity, *, own: bool) -> list[Any]:
    objective, themes = row.objective, [*row.themes, None, None]
    cells = [
        row.day, row.get_type_display(), row.place.name, row.minutes, round(row.minutes / 60, 2),
        str(themes[0] or ""), str(themes[1] or ""), str(objective.axis) if objective else "",
        str(objective or ""), row.get_outcome_display() if row.outcome else "",
        row.get_conflict_form_display() if row.conflict_form else "",
        row.summary if own else row.shared_summary,
    ]  # fmt: skip
    if own:
        met = row.head_counts.first()
        cells += [
            row.internal_note, row.get_review_display() if row.review else "", row.starts_at,
            row.get_origin_display() if row.origin else "",
            row.get_refusal_display() if row.refusal else "",
            row.get_partner_kind_display() if row.partner_kind else "",
            row.get_consent_display() if row.consent else "",
            Membership.objects.get(user=row.author).called,
            met.count if met else None, None, str(row.uid),
        ]  # fmt: skip
    return cells


QUERIES = ["?", "?type=CONF", "?du=2026-02-01&au=2026-02-28", "?q=hall", "?type=VEIL"]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("who", ["mediateur", "town-a"])
def test_the_csv_is_what_the_list_shows(rows: World, sign_in, who: str, query: str) -> None:
    client, own = sign_in(rows, who), who == "mediateur"
    header, *lines = read_csv(export(client, "csv", query).content_read)
    known = [*OWN, *map(str, rows.audiences), "Identifiant Humanicité"]
    assert header == [*SHARED, *(known if own else [])]

    def said(value: Any) -> str:
        if isinstance(value, date):
            return value.strftime("%d/%m/%Y")
        if isinstance(value, time):
            return value.strftime("%H:%M")
        if isinstance(value, float):
            return str(value).replace(".", ",")
        text = "" if value is None else str(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "＝")) else text

    wanted = [[said(cell) for cell in expected(row, own=own)] for row in listed(client, query)]
    assert lines == wanted
    assert bool(wanted) is (query != "?type=VEIL")


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("who", ["mediateur", "town-a"])
def test_the_workbook_is_what_the_list_shows(rows: World, sign_in, who: str, query: str) -> None:
    client, own = sign_in(rows, who), who == "mediateur"
    header, *lines = read_xlsx(export(client, "xlsx", query).content_read)
    assert header[: len(SHARED)] == SHARED
    wanted = [expected(row, own=own) for row in listed(client, query)]
    for line, cells in zip(lines, wanted, strict=True):
        assert line[0] == datetime.combine(cells[0], time())
        assert line[1:] == [cell if cell != "" else None for cell in cells[1:]]


def test_a_partners_file_holds_nothing_else(rows: World, elsewhere: World, sign_in) -> None:
    elsewhere.activity("hall-b", summary="ailleurs-secret")
    Activity.objects.filter(place=rows.places["hall-a"]).update(summary="DEHORS")
    client = sign_in(rows, "town-b")
    for query in ("?", "?completer=on", f"?mediateur={rows.user('mediateur').pk}",
                  f"?public={rows.audiences[0].pk}"):  # fmt: skip
        content = export(client, "csv", query).content_read.decode("utf-8-sig")
        book = str(read_xlsx(export(client, "xlsx", query).content_read))
        for word in ("note-secrete", "Fonction", "Services de police", "Police", "21:00", "DEHORS",
                     "ailleurs", "Habitants", "À relire", "hall-a"):  # fmt: skip
            assert word not in content
            assert word not in book
        pending = Activity.objects.filter(review=Review.PENDING).values_list("summary", flat=True)
        assert not [text for text in pending if text in content]


def test_a_file_on_what_is_outside_is_the_page_that_says_so(rows: World, sign_in) -> None:
    client = sign_in(rows, "town-b")
    answer = client.get(f"/activites/?lieu={rows.places['hall-a'].pk}&_export=xlsx")
    assert "n’existe plus, ou n’est pas de ceux que vous voyez" in text_of(answer)
    assert client.get("/activites/?_export=pdf")["Content-Type"].startswith("text/html")


def test_names_say_whose_and_when(rows: World, sign_in) -> None:
    town, operator = sign_in(rows, "town-a"), sign_in(rows, "coordination")
    perimeter = rows.perimeters["town-b"].pk
    for client, query, name in (
        (town, "?", "activites-town-a-tout"),
        (town, "?du=2026-01-01&au=2026-02-28", "activites-town-a-2026-01-01-2026-02-28"),
        (operator, "?periode=mois", "activites-essai-2026-03-01-2026-03-18"),
        (operator, f"?perimetre={perimeter}&du=2026-01-01", "activites-town-b-depuis-2026-01-01"),
        (operator, "?au=2026-01-31", "activites-essai-jusqu-au-2026-01-31"),
    ):
        disposition = export(client, "csv", query)["Content-Disposition"]
        assert disposition == f'attachment; filename="{name}.csv"'


def test_a_file_is_journalled(rows: World, sign_in) -> None:
    client = sign_in(rows, "town-a")
    export(client, "xlsx", "?type=CONF&du=2026-01-01")
    entry = JournalEntry.objects.latest("pk")
    assert (entry.act, entry.kind) == ("produce", "périmètre d’intervention")
    assert entry.row == str(rows.perimeters["town-a"].pk)
    assert entry.actor == rows.user("town-a").email
    assert entry.fields == ["XLSX", "du", "type"]
    client.get("/activites/?type=FAUX&_export=csv")
    assert JournalEntry.objects.latest("pk") == entry


def test_queries_do_not_grow_with_the_rows(rows: World, sign_in) -> None:
    client = sign_in(rows, "coordination")
    counts = []
    for query in ("?type=PAP", "?"):
        with CaptureQueriesContext(connection) as caught:
            export(client, "csv", query)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 15


def test_a_sheet_that_is_full_is_told(rows: World, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(files, "SHEET_ROWS", 50)
    answer = sign_in(rows, "mediateur").get("/activites/?_export=xlsx", follow=True)
    assert "autant de lignes" in text_of(answer)
    assert answer.status_code == 200


# --- The files themselves -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["<r><t>faux</t></r>", "<r>", "&amp; < > \" '", "_x0041_", "a\x0bb", "https://example.org",
     "00123", "1e5", "=A1", "{=A1}", "é" * 4000, " bords ", "ligne\nsuivante", "🙂"],
)  # fmt: skip
def test_any_text_comes_back_from_a_workbook(text: str) -> None:
    with to_xlsx([Column("Texte"), Column("Nombre", "whole")], [[text, 3]]) as file:
        signalement = openpyxl.load_workbook(file).active
    cell = signalement["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    # What a signalement cannot hold is written as its code, and what looks like a code too.
    back = cell.value.replace("_x000B_", "\x0b").replace("_x005F_", "_")
    assert back == text
    assert signalement["B2"].value == 3


def test_a_workbook_reads_days_hours_and_nothing_as_such() -> None:
    columns = [Column("Jour", "day"), Column("Heure", "time"), Column("Heures", "decimal")]
    with to_xlsx(columns, [[date(2026, 3, 18), time(9, 5), 0.25], [None, None, None]]) as file:
        signalement = openpyxl.load_workbook(file).active
    assert signalement["A2"].value == datetime(2026, 3, 18)  # noqa: DTZ001
    assert signalement["A2"].number_format == "dd/mm/yyyy"
    assert signalement["B2"].value == time(9, 5)
    assert signalement["C2"].value == 0.25
    assert signalement["A3"].value is None
    assert signalement.freeze_panes == "A2"


def test_a_csv_opens_in_a_french_spreadsheet() -> None:
    columns = [
        Column("Jour", "day"),
        Column("Heures", "decimal"),
        Column("Texte"),
        Column("N", "whole"),
    ]
    rows = [[date(2026, 3, 1), 1.5, 'Dit "oui" ; puis\nnon', None], [None, None, "\r=1", 0]]
    with to_csv(columns, rows) as file:
        content = file.read()
    assert content.decode("utf-8-sig") == (
        'Jour;Heures;Texte;N\r\n01/03/2026;1,5;"Dit ""oui"" ; puis\nnon";\r\n;;"\'\r=1";0\r\n'
    )


def test_large_files_leave_memory(monkeypatch) -> None:
    monkeypatch.setattr(files, "IN_MEMORY", 1000)
    with to_csv([Column("Texte")], (["é" * 50] for _ in range(100))) as file:
        assert file._rolled  # type: ignore[attr-defined]
        assert len(file.read()) > 10_000
