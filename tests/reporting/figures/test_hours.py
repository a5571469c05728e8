"""The programme's hours of the year: one sum, on the dashboard and in steering, nobody named."""

from datetime import date

import pytest

from governance.models import Convention
from reporting.dashboards.board import pace_in_words
from reporting.figures.hours import programme_hours

from ...pages import text_of
from ...world import TODAY, World


@pytest.fixture
def worked(world: World, elsewhere: World) -> World:
    """Hours of two médiateurs and of the coordination, in and out of the year."""
    world.activity("hall-a", day=date(2026, 1, 5), minutes=600)
    world.activity(
        "hall-b", day=date(2026, 2, 5), minutes=300, author=world.user("autre-mediateur")
    )
    world.activity("hall-b", day=date(2026, 3, 5), minutes=120, author=world.user("coordination"))
    world.activity("hall-a", day=date(2025, 12, 31), minutes=999)
    world.time_entry(day=date(2026, 1, 6), minutes=60)
    world.time_entry("autre-mediateur", day=date(2026, 2, 6), minutes=90, kind="formation")
    world.time_entry(day=date(2026, 2, 10), minutes=210, kind="encadrement")
    world.time_entry("coordination", day=date(2026, 2, 10), minutes=210, kind="encadrement")
    world.time_entry("coordination", day=date(2026, 2, 11), minutes=400)
    world.time_entry(day=TODAY, minutes=30, kind="preparation")
    elsewhere.activity(day=date(2026, 1, 5), minutes=5000 // 4)
    elsewhere.time_entry(day=date(2026, 1, 5), minutes=777)
    return world


def plain(answer) -> str:
    return text_of(answer).replace("\u00a0", " ")


def test_activities_of_all_and_other_work_of_the_mediateurs(worked) -> None:
    convention = Convention.objects.get(slug="2026", programme=worked.programme)
    found = programme_hours(convention, TODAY)
    assert found.work == 600 + 300 + 120 + 60 + 90 + 30
    assert found.supervision == 210, "noted by both, counted once"
    assert found.target == 1607 * 60
    assert programme_hours(convention, date(2026, 2, 28)).work == 600 + 300 + 60 + 90
    convention.mediators = 2
    assert programme_hours(convention, TODAY).target == 2 * 1607 * 60
    assert programme_hours(convention, TODAY).supervision_due == round(210 * 77 / 7)


def test_no_hours_are_none_and_no_target_no_share(world) -> None:
    convention = Convention.objects.get(slug="2026")
    found = programme_hours(convention, TODAY)
    assert (found.work, found.supervision, found.used) == (0, 0, 0)
    convention.mediators = 0
    assert programme_hours(convention, TODAY).used is None


def test_steering_counts_all_work_to_this_day(worked, sign_in) -> None:
    text = plain(sign_in(worked, "coordination").get("/pilotage/"))
    assert "20 h</span> de travail sur 1 607 h, soit 1 %" in text
    assert "écoulée à 21 %" in text
    assert "Encadrement, compté à part : 3,5 h pour 39 h à ce jour" in text
    assert "ne sont pas encore comptés" not in text


@pytest.mark.parametrize("who", ["town-a", "town-b", "owners", "coordination", "mediateur"])
def test_all_who_read_figures_read_the_same_total(who, worked, sign_in) -> None:
    """That of the whole programme, whatever the perimeter, at the last month that is over."""
    text = plain(sign_in(worked, who).get("/tableau-de-bord/"))
    assert "Total de tout le dispositif depuis le 1er janvier 2026, au 28 février 2026" in text
    assert "18 h</span> de travail sur 1 607 h" in text
    assert "3,5 h pour 30 h à ce jour" in text
    assert worked.user("mediateur").function not in text.split("<main")[1]


@pytest.mark.parametrize("period", ["2026-03", "2026", "2026-T1"])
def test_a_running_period_tells_no_day_of_a_single_mediateur(period, worked, sign_in) -> None:
    text = plain(sign_in(worked, "town-a").get("/tableau-de-bord/", {"periode": period}))
    assert "au 28 février 2026" in text


def test_a_past_period_has_its_own_total(worked, sign_in) -> None:
    client = sign_in(worked, "town-a")
    text = plain(client.get("/tableau-de-bord/", {"periode": "2025-12"}))
    assert ", au 31 décembre 2025" in text
    assert "17 h</span> de travail sur 1 607 h" in text
    assert "Heures du dispositif" not in plain(
        client.get("/tableau-de-bord/", {"periode": "2020-05"})
    )


def test_without_convention_steering_says_so(world, sign_in) -> None:
    Convention.objects.filter(slug="2026").update(starts=date(2026, 6, 1))
    text = plain(sign_in(world, "coordination").get("/pilotage/"))
    assert "Aucune convention n’est en vigueur aujourd’hui." in text


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, ""),
        (
            10_000,
            "À ce rythme, l’année finira autour de 790 h, environ 820 h de moins que convenu.",
        ),
        (20_100, "À ce rythme, l’année finira aux heures convenues."),
        (
            24_000,
            "À ce rythme, l’année finira autour de 1 900 h, environ 290 h de plus que convenu.",
        ),
    ],
)
def test_where_the_year_leads_is_told_in_words(world: World, minutes: int, said: str) -> None:
    convention = Convention.objects.get(programme=world.programme, slug="2026")
    found = programme_hours(convention, TODAY)
    found.work = minutes
    assert pace_in_words(found).replace("\u00a0", " ") == said


def test_a_year_that_begins_leads_nowhere_yet(world: World) -> None:
    convention = Convention.objects.get(programme=world.programme, slug="2026")
    assert pace_in_words(programme_hours(convention, date(2026, 1, 15))) == ""
