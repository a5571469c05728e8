"""Figures against SQL written by hand here, and what they may not hide."""

import random
import re
from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.utils.html import escape

from reporting.figures.activities import report
from reporting.figures.people import settle_month
from reporting.periods import Period

from ...pages import text_of, total_of
from ...world import TODAY, World

COVERED = """
    SELECT a.id FROM mediation_activity a
    JOIN governance_place p ON p.id = a.place_id
    WHERE a.programme_id = %s AND p.slug IN ({slugs}) AND a.day BETWEEN %s AND %s
"""
SLUGS = {
    "owners": ("quartier", "cote-a", "cote-b", "ilot-a", "ilot-b", "hall-a", "hall-b"),
    "town-a": ("quartier", "cote-a", "ilot-a", "hall-a"),
    "town-b": ("quartier", "cote-b", "ilot-b", "hall-b"),
}


@pytest.fixture
def worked(world: World, elsewhere: World) -> World:
    """Two years of scattered work, in two programmes, drawn at random from a fixed seed."""
    draw = random.Random(7)
    for one in (world, elsewhere):
        for _ in range(160):
            day = date(2024, 6, 1) + timedelta(days=draw.randrange(650))
            themes = draw.sample(one.themes, 2)
            activity = one.activity(
                draw.choice(list(one.places)), day=day, type=draw.choice(["PAP", "CONF", "VEIL"]),
                minutes=draw.choice([5, 30, 45, 95]),
                objective=draw.choice([None, *one.objectives]),
                theme=draw.choice([None, themes[0]]),
                starts_at=draw.choice([None, time(10), time(19), time(21, 30)]),
            )  # fmt: skip
            if activity.theme and draw.random() < 0.4:
                activity.second_theme = themes[1]
                activity.save()
            for rank in (0, 1):
                if draw.random() < 0.5:
                    one.counted(activity, rank, draw.randint(1, 30))
    return world


def sql(text: str, world: World, who: str, period: Period) -> list[tuple]:
    covered = COVERED.format(slugs=", ".join(f"'{slug}'" for slug in SLUGS[who]))
    with connection.cursor() as cursor:
        cursor.execute(
            text.replace("COVERED", covered),
            [world.programme.pk, period.first.isoformat(), period.last.isoformat()],
        )
        return cursor.fetchall()


@pytest.mark.parametrize("slug", ["2026-02", "2025-T3", "2025"])
@pytest.mark.parametrize("who", list(SLUGS))
def test_every_figure_equals_sql_written_by_hand(worked: World, who: str, slug: str) -> None:
    period = Period.parse(slug)
    found = report(worked.perimeters[who], period)
    for figures, bounds in (
        (found.current, period), (found.previous, period.previous), (found.last_year, period.last_year),
    ):  # fmt: skip
        if figures is None:
            continue

        def ask(text: str, bounds: Period = bounds) -> list[tuple]:
            return sql(text, worked, who, bounds)

        rows = "FROM mediation_activity a WHERE a.id IN (COVERED)"
        assert [(figures.total.count, figures.total.minutes)] == ask(
            f"SELECT COUNT(*), COALESCE(SUM(minutes), 0) {rows}"
        )
        by_type = {key: (t.count, t.minutes) for key, t in figures.by_type.items()}
        assert by_type == {
            k: (n, m)
            for k, n, m in ask(f"SELECT type, COUNT(*), SUM(minutes) {rows} GROUP BY type")
        }
        by_place = {key: (t.count, t.minutes) for key, t in figures.by_place.items()}
        assert by_place == {
            k: (n, m)
            for k, n, m in ask(f"SELECT place_id, COUNT(*), SUM(minutes) {rows} GROUP BY place_id")
        }
        by_axis = {key: t.count for key, t in figures.by_axis.items()}
        assert by_axis == dict(
            ask(
                "SELECT o.axis_id, COUNT(*) FROM mediation_activity a LEFT JOIN governance_objective o"
                " ON o.id = a.objective_id WHERE a.id IN (COVERED) GROUP BY o.axis_id"
            )
        )
        for theme in worked.themes:
            counted = figures.by_theme.get(theme.pk)
            assert [(counted.count if counted else 0,)] == ask(
                f"SELECT COUNT(*) {rows} AND {theme.pk} IN (theme_id, second_theme_id)"
            )
        by_audience = ask(
            "SELECT audience_id, SUM(count) FROM mediation_headcount WHERE activity_id IN (COVERED)"
            " GROUP BY audience_id"
        )
        assert figures.by_audience == dict(by_audience)
        assert figures.contacts == sum(people for _, people in by_audience)
        assert [(figures.evenings.count,)] == ask(
            f"SELECT COUNT(*) {rows} AND starts_at >= '19:00:00'"
        )
        assert [(figures.without_start,)] == ask(f"SELECT COUNT(*) {rows} AND starts_at IS NULL")
        assert [(len(figures.days_worked),)] == ask(f"SELECT COUNT(DISTINCT day) {rows}")
    for month, tally in zip(found.months, found.curve, strict=True):
        total = sql(
            "SELECT COALESCE(SUM(minutes), 0) FROM mediation_activity a WHERE a.id IN (COVERED)",
            worked, who, month,
        )  # fmt: skip
        assert [(tally.minutes if tally else 0,)] == total


def year_of_many(world: World) -> None:
    """A year in which each month has people enough to be told by audience, settled."""
    for month in range(1, 13):
        for day in range(1, 21):
            row = world.activity("hall-a", day=date(2025, month, day))
            world.counted(row, day % 2, 6)
        settle_month(programme=world.programme, month=Period("mois", 2025, month), today=TODAY)


def test_two_people_see_the_same_number(worked: World, sign_in) -> None:
    """But for people met, which partners read settled and rounded."""
    year_of_many(worked)
    pk = worked.perimeters["town-a"].pk
    query = f"/tableau-de-bord/?perimetre={pk}&periode=2025"
    values = [
        re.findall(r'figure__value">([^<]+)', text_of(sign_in(worked, who).get(query)))
        for who in ("town-a", "coordination", "mediateur")
    ]
    assert values[0]
    assert values[1] == values[2]
    assert [*values[0][:2], values[0][3]] == [*values[1][:2], values[1][3]]
    assert (
        abs(
            int(values[0][2].replace("\u202f", "").replace("\u00a0", ""))
            - int(values[1][2].replace("\u202f", "").replace("\u00a0", ""))
        )
        <= 12 * 5
    )  # rounded month by month


@pytest.mark.parametrize(("who", "slug"), [("town-a", "2026-02"), ("coordination", "2025")])
def test_each_figure_opens_exactly_its_rows(worked: World, sign_in, who: str, slug: str) -> None:
    client = sign_in(worked, who)
    page = text_of(client.get(f"/tableau-de-bord/?periode={slug}"))
    lines = re.findall(
        r'<th scope="row"[^>]*><a href="(/activites/\?[^"]+)"[^>]*>([^<]+)</a></th>\s*'
        r'<td class="num">([^<]+)</td>\s*<td class="num">([^<]+)</td>',
        page,
    )
    assert len(lines) >= 15
    for link, label, count, hours in lines:
        listed = text_of(client.get(link.replace("&amp;", "&")))
        total = total_of(listed).replace("\u00a0", " ")
        count, hours = count.replace("\u00a0", " "), hours.replace("\u00a0", " ")
        assert re.match(rf"{count} activités? · {hours}$", total), (label, total, count, hours)


def test_audiences_open_rows_for_the_operator_only(worked: World, sign_in) -> None:
    year_of_many(worked)
    query = "/tableau-de-bord/?periode=2025"
    assert "public=" in text_of(sign_in(worked, "coordination").get(query))
    text = text_of(sign_in(worked, "town-a").get(query))
    assert escape(worked.audiences[0].name) in text
    assert "public=" not in text


def test_a_partner_reads_no_single_rows_head_count_by_difference(world, sign_in) -> None:
    for n in range(8):
        world.counted(world.activity("hall-a", day=date(2026, 2, 2 + n)), count=50)
    world.counted(world.activity("hall-a", day=date(2026, 3, 2)), count=41)
    world.counted(world.activity("hall-a", day=date(2026, 1, 2)), count=43)
    for month in ("2026-01", "2026-02"):
        settle_month(programme=world.programme, month=Period.parse(month), today=TODAY)
    running, few, whole = "2026-03", "2026-01", "2026-02"
    for period, people in ((running, "41"), (few, "43"), (whole, "400")):
        path = f"/tableau-de-bord/?periode={period}"
        shown = people in _figures_of(sign_in(world, "town-a").get(path))
        assert shown is (period == whole)
        assert people in _figures_of(
            sign_in(world, "coordination").get(f"{path}&perimetre={world.perimeters['town-a'].pk}")
        )


def _figures_of(answer) -> list[str]:
    return re.findall(r'figure__value">([^<]+)', text_of(answer))


def test_before_the_first_record_nothing_is_known(world: World, sign_in) -> None:
    world.activity(day=date(2026, 2, 10))
    found = report(world.perimeters["town-a"], Period.parse("2026-02"))
    assert found.previous is None
    assert found.last_year is None
    assert found.curve[:-1] == [None] * 12
    text = text_of(sign_in(world, "town-a").get("/tableau-de-bord/?periode=2026-02"))
    assert "n/d sur un mois" in text.replace("\u00a0", " ")


def test_a_month_without_work_after_the_first_is_zero_not_unknown(world: World) -> None:
    world.activity(day=date(2026, 1, 10))
    world.activity(day=date(2026, 3, 10))
    found = report(world.perimeters["town-a"], Period.parse("2026-03"))
    assert found.previous is not None
    assert found.previous.total.count == 0


def test_a_running_month_is_compared_with_nothing(world: World, sign_in) -> None:
    world.activity(day=date(2026, 2, 10))
    world.activity(day=date(2026, 3, 10))
    text = text_of(sign_in(world, "town-a").get("/tableau-de-bord/?periode=2026-03"))
    assert "Période en cours" in text
    assert "sur un mois" not in text


def test_a_month_without_data_says_so(world: World, sign_in) -> None:
    text = text_of(sign_in(world, "town-a").get("/tableau-de-bord/"))
    assert "Aucune activité enregistrée sur cette période" in text
    assert "Voir janvier 2026" in text


@pytest.mark.parametrize("slug", ["2026-13", "bientôt", "1500", "2026-T9", "2300-01"])
def test_a_period_that_is_none_is_404(world: World, sign_in, slug: str) -> None:
    assert sign_in(world, "town-a").get(f"/tableau-de-bord/?periode={slug}").status_code == 404


def test_the_first_and_last_years_are_no_error(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    for slug in ("2000", "2000-01", "2199", "2199-12", "2001"):
        assert client.get(f"/tableau-de-bord/?periode={slug}").status_code in (200, 404)


def test_a_party_without_perimeter_is_told(world: World, sign_in) -> None:
    world.perimeters["town-a"].delete()
    text = text_of(sign_in(world, "town-a").get("/tableau-de-bord/"))
    assert "Aucun périmètre n’est encore défini" in text


def test_weekends_and_public_holidays(world: World) -> None:
    for day in (date(2025, 7, 14), date(2025, 7, 19), date(2025, 7, 15)):
        world.activity(day=day)
    found = report(world.perimeters["town-a"], Period.parse("2025-07")).current
    assert found.days_off.count == 2
