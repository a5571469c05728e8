"""The observatory: every number is the rows it opens, in scope, over time (R15, R17)."""

import csv
import io
import re
from collections import Counter
from datetime import date, time, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.meetings.proposals import proposals_for
from governance.models import CommitteeKind
from mediation.models import Activity
from reporting.models import SettledPeople
from reporting.observatory.counts import Hours
from reporting.observatory.proposers import RecurringTroubles
from reporting.observatory.repeats import repeats
from reporting.periods import Period

from ...pages import plain as text_of
from ...world import TODAY, World

PAGE = "/observatoire/"


@pytest.fixture
def year(world: World) -> World:
    """From March 2025 to February 2026: a theme that rises at the hall, one that calms in the block."""
    early, late = date(2025, 4, 10), date(2025, 10, 10)
    for n in range(30):
        world.activity("hall-a", theme=world.themes[0], day=late + timedelta(days=4 * n),
                       starts_at=time(20) if n % 2 else None)  # fmt: skip
        world.activity("ilot-a", second_theme=world.themes[1], theme=world.themes[2],
                       day=early + timedelta(days=4 * n), starts_at=time(10))  # fmt: skip
    world.activity("hall-a", theme=world.themes[0], day=date(2025, 3, 1))
    world.activity("hall-b", theme=world.themes[0], day=late, summary="DEHORS")
    return world


def figures(answer: Any) -> list[tuple[int, str]]:
    text = answer.content.decode()
    found = re.findall(r'<a href="([^"]+)" data-figure="(\d+)"', text)
    return [(int(count), unescape(url)) for url, count in found]


def test_what_rises_and_what_calms_is_told(year: World, sign_in) -> None:
    text = text_of(sign_in(year, "town-a").get(PAGE))
    for theme, word in ((0, "en hausse"), (1, "se calme"), (2, "se calme")):
        assert re.search(rf"{year.themes[theme].name}.*?{word}", text)
    assert "DEHORS" not in text
    assert "61 activités" in text


@pytest.mark.parametrize("who", ["coordination", "mediateur", "town-a"])
def test_each_number_opens_as_many_rows(year: World, sign_in, who: str) -> None:
    year.sent("hall-a", theme=year.themes[0], sent_at="2026-02-03T10:00:00Z")
    client = sign_in(year, who)
    perimeter = year.perimeters["town-a"].pk
    query = f"?perimetre={perimeter}" if who != "town-a" else "?"
    seen = figures(client.get(PAGE + query)) + figures(
        client.get(f"{PAGE}{query}&theme={year.themes[1].pk}&type=PAP")
    )
    assert len(seen) > 10
    for count, url in seen:
        text = text_of(client.get(url)).replace("\u00a0", " ")
        words = "activité" if url.startswith("/activites") else "signalement"
        if count:
            assert re.search(rf"\b{count} {words}", text), (count, url)


def test_without_a_year_of_records_no_change_is_told(world: World, sign_in) -> None:
    for n in range(30):
        world.activity("hall-a", theme=world.themes[0], day=date(2025, 12, 1) + timedelta(days=n))
    text = text_of(sign_in(world, "town-a").get(PAGE))
    assert "n/d" in text
    assert "en hausse" not in text.split("Constat")[1]


def test_hours_of_the_day_stay_with_the_operator(year: World, sign_in) -> None:
    def hours(who: str, more: str = "") -> str:
        address = f"{PAGE}?perimetre={year.perimeters['town-a'].pk}{more}"
        said = text_of(sign_in(year, who).get(address)).split("Jours et heures")[1]
        return said.split("</section>")[0]

    assert "Dimanche" in hours("coordination")
    assert "n/d" in hours("town-a")
    assert "Dimanche" not in hours("town-a")
    first = Period.holding("mois", TODAY).previous
    cells = {str(row.pk): {"total": 0, "groups": None, "evenings": 15}
             for row in year.perimeters.values()}  # fmt: skip
    for month in first.months_until_end(12):
        SettledPeople.objects.create(
            programme=year.programme, month=month.first, settled_on=TODAY, cells=cells
        )
    assert "commencé en soirée" in hours("town-a")
    assert "Dimanche" not in hours("town-a")
    assert "n/d" in hours("town-a", "&type=PAP"), "one kind alone is not settled"


def test_the_operators_hours_are_round() -> None:
    hours = Hours(cells=Counter({(0, 1): 4, (1, 1): 7, (2, 2): 28}), without=3)
    told = [text for _, row in hours.rows for text, _ in row]
    assert set(told) == {"<5", "5", "30"}
    assert hours.lacking == 5
    assert not Hours(cells=Counter({(0, 1): 29}), without=0).is_told


def test_three_times_in_ninety_days_at_one_place(world: World) -> None:
    def found(on: date = TODAY) -> list[tuple[str, int]]:
        rows = repeats(Activity.objects.all(), type(sent).objects.all(), on)
        return [(row.place, row.times) for row in rows]

    theme = world.themes[0]
    conflicts = [
        world.activity("hall-a", type="CONF", theme=theme, day=TODAY - timedelta(days=days))
        for days in (0, 89)
    ]
    world.activity("hall-a", type="CONF", theme=theme, day=TODAY - timedelta(days=90))
    world.activity("hall-a", type="PAP", theme=theme)
    world.activity("hall-b", type="CONF", theme=theme)
    # Of the first conflict, so the same thing; confidential; cancelled: none of them counts.
    sent = world.sent("hall-a", theme=theme, activity=conflicts[0])
    world.sent("hall-a", theme=theme, is_confidential=True)
    world.sent("hall-a", theme=theme, state="annule", closed_on=TODAY, reason="Doublon")
    assert found() == []
    world.sent("hall-a", theme=theme)
    assert found() == [(world.places["hall-a"].name, 3)]


def test_it_is_proposed_to_the_bodies_that_follow(world: World) -> None:
    for _ in range(3):
        world.activity("hall-a", type="CONF", theme=world.themes[0], day=TODAY)
    meeting = world.meeting(day=TODAY + timedelta(days=7))
    kinds = {
        CommitteeKind.FOLLOW_UP: True,
        CommitteeKind.WATCH: True,
        CommitteeKind.STEERING: False,
    }
    for kind, wanted in kinds.items():
        meeting.committee.kind = kind
        rows = RecurringTroubles().propose(meeting, world.reader("coordination"), TODAY)
        assert bool(rows) is wanted
        assert not RecurringTroubles().propose(meeting, world.reader("town-a"), TODAY)
    meeting.committee.kind = CommitteeKind.FOLLOW_UP
    [(_, rows)] = [
        pair for pair in proposals_for(meeting, world.reader("coordination"), TODAY)
        if isinstance(pair[0], RecurringTroubles)
    ]  # fmt: skip
    assert rows[0].title.replace("\u00a0", " ") == (
        f"{world.themes[0]}, {world.places['hall-a']} : 3 fois en 90 jours"
    )
    assert "3 conflits, le dernier le 18/03/2026" in rows[0].why.replace("\u00a0", " ")


def test_what_was_settled_and_what_followed(year: World, sign_in) -> None:
    settled = date(2025, 11, 1)
    one = year.sent("hall-a", theme=year.themes[0], title="Parvis", state="verifie",
                    closed_on=settled)  # fmt: skip
    year.sent("hall-b", to="town-b", theme=year.themes[0], title="Ailleurs", state="verifie",
              closed_on=settled)  # fmt: skip
    year.sent("hall-a", theme=year.themes[0], title="Hier", state="verifie",
              closed_on=date(2026, 2, 20))  # fmt: skip
    text = text_of(sign_in(year, "town-a").get(PAGE)).split("Ce qui a suivi")[1]
    days = list(Activity.objects.filter(place__slug="hall-a").values_list("day", flat=True))
    before = sum(settled - timedelta(days=90) <= day < settled for day in days)
    after = sum(settled < day <= settled + timedelta(days=90) for day in days)
    assert re.search(
        rf'{one.reference} résolu.*?data-figure="{before}".*?data-figure="{after}"', text
    )
    assert "Hier" not in text, "its ninety days are not over"
    assert "Ailleurs" not in text


@pytest.mark.parametrize(
    "query", ["perimetre=999999", "fin=2031-01", "fin=x", "type=DANSE", "theme=0"]
)
def test_what_does_not_exist_is_not_found(world: World, sign_in, query: str) -> None:
    assert sign_in(world, "coordination").get(f"{PAGE}?{query}").status_code == 404


def test_a_partner_has_its_own_perimeter_only(world: World, sign_in) -> None:
    other = world.perimeters["town-b"].pk
    assert sign_in(world, "town-a").get(f"{PAGE}?perimetre={other}").status_code == 404
    assert sign_in(world, "invite").get(PAGE).status_code == 403


def test_an_empty_year_says_so(world: World, sign_in) -> None:
    assert "Rien n’a été noté sur ces douze mois" in text_of(sign_in(world, "town-a").get(PAGE))


def test_the_file_is_the_table(year: World, sign_in) -> None:
    answer = sign_in(year, "town-a").get(f"{PAGE}?_export=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    at = header.index("Activités")
    for row in rows:
        assert sum(map(int, row[2:14])) == int(row[at]) == int(row[at + 1]) + int(row[at + 2])
    assert {row[1] for row in rows} == {theme.name for theme in year.themes[:3]}


def test_queries_do_not_grow(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(PAGE).status_code == 200
        return len(caught)

    def more(times: int) -> None:
        for n in range(times):
            day = date(2025, 5, 1) + timedelta(days=n)
            world.activity("hall-a", type="CONF", theme=world.themes[n % 3], day=day)
            world.sent("hall-a", theme=world.themes[n % 3], state="verifie", closed_on=day)

    more(2)
    few = count()
    more(25)
    assert count() == few <= 15
