"""The pages of figures: what they say first, what opens, what leaves as a file."""

import csv
import io
from datetime import date
from typing import Any

import pytest

from reporting.charts import course, lines
from reporting.dashboards import sections
from reporting.dashboards.board import dashboard
from reporting.dashboards.tables import TABLES
from reporting.figures.activities import report
from reporting.periods import Period
from tests.pages import text_of
from tests.world import TODAY, World

FEBRUARY = Period.parse("2026-02")


def work(world: World, month: int, count: int, year: int = 2026) -> None:
    for n in range(count):
        world.activity(
            "hall-a", day=date(year, month, 1 + n % 28), theme=world.themes[n % 2],
            objective=world.objectives[n % 2],
        )  # fmt: skip


def said(world: World, sign_in: Any, query: str = "", who: str = "town-a") -> str:
    text = text_of(sign_in(world, who).get(f"/tableau-de-bord/?periode=2026-02{query}"))
    return " ".join(text.replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("before", "now", "shown"),
    [
        (30, 33, "stable sur un mois"),
        (20, 80, "+300 % sur un mois"),
        (1, 16, "16 contre 1 sur un mois"),
    ],
)
def test_a_change_is_told_beyond_chance_only(
    world: World, sign_in: Any, before: int, now: int, shown: str
) -> None:
    work(world, 1, before)
    work(world, 2, now)
    assert shown in said(world, sign_in)


def test_the_address_chooses_the_comparison(world: World, sign_in: Any) -> None:
    work(world, 2, 20, year=2025)
    work(world, 1, 80)
    work(world, 2, 80)
    assert "+300 % sur un an" in said(world, sign_in, "&comparaison=an")
    assert "sur un an" not in said(world, sign_in)
    answer = sign_in(world, "town-a").get("/tableau-de-bord/?comparaison=autre")
    assert answer.status_code == 404


def test_a_share_of_few_is_said_in_counts(world: World) -> None:
    work(world, 2, 3)
    board = dashboard(
        world.perimeters["town-a"], report(world.perimeters["town-a"], FEBRUARY), TODAY,
        links=False, reads_rows=True,
    )  # fmt: skip
    assert {line.said_share for line in board.themes} == {"2 sur 3", "1 sur 3"}
    work(world, 2, 20)
    found = report(world.perimeters["town-a"], FEBRUARY)
    more = dashboard(world.perimeters["town-a"], found, TODAY, links=False, reads_rows=True)
    assert all("%" in line.said_share for line in more.themes)


def test_at_most_three_things_wait_and_answers_come_first(world: World, sign_in: Any) -> None:
    for _ in range(2):
        world.sent("hall-a", "town-a")
    text = said(world, sign_in)
    assert text.index("2 signalements attendent votre réponse") > text.index("Ce qui vous attend")
    assert "Répondre (2)" in text
    assert "Rien ne vous attend" in said(world, sign_in, who="town-b")
    assert "Ce qui vous attend" not in said(world, sign_in, who="mediateur")


def test_each_table_is_a_file_of_its_perimeter(world: World, sign_in: Any) -> None:
    work(world, 2, 12)
    world.activity("hall-b", day=date(2026, 2, 3), minutes=999)
    client = sign_in(world, "town-a")
    page = client.get("/tableau-de-bord/?periode=2026-02")
    assert page.status_code == 200
    for key in TABLES:
        for form in ("csv", "xlsx"):
            path = f"/tableau-de-bord/tableau/?tableau={key}&format={form}&periode=2026-02"
            answer = client.get(path)
            assert answer.status_code == 200, (key, form)
            body = b"".join(answer.streaming_content)
            assert body.startswith(b"PK" if form == "xlsx" else b"\xef\xbb\xbf")
    path = "/tableau-de-bord/tableau/?tableau=lieux&format=csv&periode=2026-02"
    text = b"".join(client.get(path).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert [row[1:5] for row in rows[1:]] == [["12", "360", "6,0", "360"]]
    other = world.perimeters["town-b"].pk
    assert client.get(f"{path}&perimetre={other}").status_code == 404
    for bad in ("tableau=autre", "format=pdf", "periode=hier"):
        assert client.get(f"/tableau-de-bord/tableau/?{bad}").status_code == 404


def test_a_section_of_another_subject_finds_its_place(
    world: World, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sections, "_SECTIONS", list(sections._SECTIONS))
    sections.register(
        sections.Section(
            "essai", "Une section d’ailleurs", "hours", lambda page: None, asks_for_data=False
        ),
        rank=70,
    )
    assert "Une section d’ailleurs" not in said(world, sign_in), "it has nothing to show"
    shown = sections.Section(
        "essai", "Une section d’ailleurs", "people", lambda page: "trois", asks_for_data=False
    )
    sections.register(shown, rank=70)
    text = said(world, sign_in)
    assert text.index("Une section d’ailleurs") > text.index("Signalements</h2>")


def test_lines_share_one_scale_and_break_where_nothing_is_known() -> None:
    months = FEBRUARY.months_until_end(4)
    drawn = lines([("a", "A", [None, 10, 20, 5]), ("b", "B", [1, None, 2, None])], months, str)
    assert drawn[0].peak_text == drawn[1].peak_text == "20"
    assert len(drawn[0].runs) == 1
    assert drawn[1].runs == []
    assert len(drawn[1].dots) == 2
    assert drawn[1].texts == ["1", "n/d", "2", "n/d"]
    nothing = lines([("a", "A", [0, 0, 0, 0])], months, str)[0]
    assert nothing.end == (nothing.width - 54, nothing.base)
    heights = {float(point.split(",")[1]) for point in drawn[0].runs[0].split()}
    assert min(heights) >= 0


def test_a_course_says_how_many_did_not_come_so_far() -> None:
    steps = course(
        [("Envoyés", 10_000, ""), ("Répondus", 4_000, ""), ("Résolus", 4_000, "")], "perdus"
    )
    assert [step.width for step in steps] == [100, 40, 40]
    assert [step.lost.replace("\u202f", " ").replace("\u00a0", " ") for step in steps] == [
        "", "6 000 perdus", "",
    ]  # fmt: skip
    assert [step.width for step in course([("Envoyés", 0, ""), ("Répondus", 0, "")], "")] == [0, 0]


def test_the_coordination_reads_what_follows_first(world: World, sign_in: Any) -> None:
    world.activity(day=date(2026, 3, 3), theme=None, review="pending")
    text = text_of(sign_in(world, "coordination").get("/pilotage/")).replace("\u00a0", " ")
    lead = text.split('<p class="lead">')[1].split("</p>")[0]
    assert "1 texte est à relire" in lead
    assert "sans saisie" in lead
    assert text.count('class="figure__label"') == 4
    assert "1 sur 1" in text, "what lacks is counted beside how many there are"
