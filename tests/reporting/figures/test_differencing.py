"""All that a partner reads, subtracted: what a period hides, nothing around it gives back."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from governance.models import Perimeter
from humanicite.templatetags.french import UNKNOWN
from reporting.dashboards.board import Dashboard, dashboard
from reporting.figures.activities import report
from reporting.periods import Period
from reporting.syntheses import edition
from tests.pages import text_of
from tests.world import TODAY, World

YEAR = Period.parse("2025")
MONTHS = [Period("mois", 2025, number) for number in range(1, 13)]
PERIODS = [*MONTHS, *(Period("trimestre", 2025, number) for number in range(1, 5)), YEAR]
FEW, MANY = 3, 8  # contacts of an activity: of the one in May, of all others
HIDDEN = Period.parse("2025-05")


def board_of(perimeter: Perimeter, period: Period, *, reads_rows: bool = False) -> Dashboard:
    return dashboard(
        perimeter, report(perimeter, period), TODAY, links=False, reads_rows=reads_rows
    )


@pytest.fixture
def perimeter(world: World) -> Perimeter:
    """Six activities a month, all before noon; in May one, in the evening; in August none."""
    for month in (1, 2, 3, 4, 6, 7, 9, 10, 11, 12):
        for day in range(6):
            row = world.activity(day=date(2025, month, 3 + day), starts_at="10:00")
            world.counted(row, count=MANY)
    world.counted(world.activity(day=date(2025, 5, 12), starts_at="20:00"), count=FEW)
    return world.perimeters["town-a"]


def test_a_month_of_few_hides_what_holds_it_and_what_compares_with_it(perimeter: Perimeter) -> None:
    for period in PERIODS:
        found = next(
            key for key in board_of(perimeter, period).key_figures if key.label == "Contacts"
        )
        if period.first <= HIDDEN.first and HIDDEN.last <= period.last:
            assert found.value == UNKNOWN, period
            assert board_of(perimeter, period).audiences == []
        elif period.index == 8:
            assert found.value == UNKNOWN
        else:
            assert found.value != UNKNOWN, period
        if period.previous.first <= HIDDEN.first and HIDDEN.last <= period.previous.last:
            assert found.previous in ("", UNKNOWN), period
    after = board_of(perimeter, Period.parse("2026-05"))
    assert after.key_figures[2].last_year in ("", UNKNOWN)


def test_no_sum_of_what_is_read_gives_the_hidden_month_back(perimeter: Perimeter) -> None:
    """The year and the quarters that hold it stand as unknowns of their own beside it."""
    told = {
        period: int(board_of(perimeter, period).key_figures[2].value)
        for period in PERIODS
        if board_of(perimeter, period).key_figures[2].value != UNKNOWN
    }
    months = {month for period in told for month in MONTHS if period.holds(month.first)}
    assert HIDDEN not in months
    assert Period.parse("2025-T2") not in told
    assert YEAR not in told
    assert told[Period.parse("2025-T3")] == 2 * 6 * MANY, "a month without any tells nothing"


def test_the_page_and_the_edition_say_no_more(
    perimeter: Perimeter, world: World, sign_in: Any
) -> None:
    for slug in ("2025-05", "2025-06"):
        page = text_of(sign_in(world, "town-a").get(f"/tableau-de-bord/?periode={slug}"))
        made = edition.prepare(perimeter, Period.parse(slug), timezone.now())
        files = [file.content.decode() for file in edition.attached_to(made)]
        for text in (page, edition.to_html(made), *files):
            assert "1 500" not in text.replace("\u202f", " ").replace("\u00a0", " ")  # 48 against 3
        assert ("public;" in files[0]) == (slug == "2025-06")


def test_the_hour_of_few_is_not_told(perimeter: Perimeter) -> None:
    said = " ".join(board_of(perimeter, HIDDEN).facts)
    assert "heures et" not in said
    assert "19 heures" not in said
    assert "19 heures" in " ".join(board_of(perimeter, HIDDEN, reads_rows=True).facts)


def test_the_hour_of_some_among_many_is_told_from_five(world: World, perimeter: Perimeter) -> None:
    june = Period.parse("2025-06")
    for day in (16, 17, 18, 19):
        world.activity(day=date(2025, 6, day), starts_at="20:00")
    assert "19 heures" not in " ".join(board_of(perimeter, june).facts)
    world.activity(day=date(2025, 6, 20), starts_at="20:00")
    assert "5 activités commencent" in " ".join(board_of(perimeter, june).facts).replace(
        "\u00a0", " "
    )


def test_the_operator_reads_all(perimeter: Perimeter) -> None:
    found = board_of(perimeter, YEAR, reads_rows=True).key_figures[2]
    assert found.value == str(10 * 6 * MANY + FEW)
