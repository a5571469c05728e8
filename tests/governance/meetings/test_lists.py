"""What the page of committees notices and proposes, and what pages cost."""

from datetime import date, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.meetings.rhythm import missing_of_term, next_meetings, working_day
from governance.models import Committee, Meeting
from tests.pages import text_of
from tests.world import TODAY


def held(world, *days: date) -> None:
    for day in days:
        world.meeting("held", day=day)


def test_the_next_ones_follow_the_rhythm_and_skip_days_off(world) -> None:
    held(world, date(2026, 1, 12), date(2026, 2, 9), date(2026, 3, 9))  # second Mondays
    found = next_meetings(list(Meeting.objects.all()), date(2026, 3, 18))
    assert [row.day for row in found] == [date(2026, 4, 13), date(2026, 5, 11), date(2026, 6, 8)]
    assert (found[0].starts_at, found[0].venue) == (time(14), "Salle des Ateliers")


@pytest.mark.parametrize(
    ("month", "week", "weekday", "day"),
    [
        ((2026, 4), 1, 0, date(2026, 4, 7)),  # Easter Monday gives way
        ((2026, 5), 1, 4, date(2026, 5, 4)),  # 1 May, a Friday: the Monday
        ((2026, 2), 5, 1, date(2026, 2, 24)),  # no fifth Tuesday
        ((2027, 5), 5, 0, date(2027, 5, 31)),
    ],
)
def test_a_day_off_gives_way(month, week, weekday, day) -> None:
    assert working_day(*month, week, weekday) == day


def test_one_tap_makes_a_draft_once(world, sign_in) -> None:
    held(world, date(2026, 2, 9), date(2026, 3, 9))
    client = sign_in(world, "coordination")
    assert "13 avril 2026" in text_of(client.get("/comites/")).replace("\u00a0", " ")
    for _ in range(2):
        client.post("/comites/proposer/", {"instance": world.committee.pk, "jour": "2026-04-13"})
    meeting = Meeting.objects.get(day=date(2026, 4, 13))
    assert (meeting.state, meeting.invitations.count()) == ("draft", 2)


def test_a_missing_month_is_noticed_until_one_is_convened(world, sign_in) -> None:
    client = sign_in(world, "coordination")
    said = "aucune séance tenue ni convoquée en mars"
    assert said in text_of(client.get("/comites/"))
    meeting = world.meeting()
    assert said in text_of(client.get("/comites/")), "a draft is no convocation"
    Meeting.objects.filter(pk=meeting.pk).update(state="convened", is_internal=False)
    assert said not in text_of(client.get("/comites/"))
    assert said not in text_of(sign_in(world, "town-a").get("/comites/"))


def test_what_the_term_asks_of_the_steering_body(world) -> None:
    steering = Committee.objects.create(
        programme=world.programme, slug="pilotage", name="Comité de pilotage", kind="steering"
    )
    term = (date(2026, 1, 1), date(2026, 12, 31))
    assert missing_of_term([], *term, date(2026, 2, 1)) == []
    assert missing_of_term([], *term, date(2026, 3, 18)) == ["launch"]
    launch = world.meeting("held", committee=steering, kind="launch", day=date(2026, 1, 20))
    assert missing_of_term([launch], *term, date(2026, 8, 18)) == ["midterm"]
    assert missing_of_term([launch], *term, date(2026, 12, 20)) == ["midterm", "yearly"]


@pytest.mark.parametrize("who", ["coordination", "town-a"])
def test_pages_make_as_many_queries_for_many_rows(who, world, sign_in) -> None:
    meeting = world.meeting("convened")
    world.item(meeting)
    world.meeting("held", day=date(2025, 4, 7))
    client = sign_in(world, who)
    paths = ["/comites/", f"/comites/seances/{meeting.pk}/"]
    if who == "coordination":
        paths += [f"/comites/seances/{meeting.pk}/{page}/" for page in ("ordre-du-jour", "invites")]

    def count() -> list[int]:
        found = []
        for path in paths:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(path).status_code == 200
            found.append(len(caught))
        return found

    few = count()
    for number in range(10):
        world.guest(meeting, function=f"Fonction {number}", email=f"f{number}@example.org")
        world.item(meeting, title=f"Point {number}", owner=world.parties["town-a"], rank=number)
        world.meeting("convened", day=date(2026, 5, 4 + number))
        world.meeting("held", day=date(2025, 5, 5 + number))
    assert count() == few
    assert max(few) <= 25, "the agenda asks each subject what it proposes"


def test_a_retired_committee_is_offered_no_more(world, sign_in) -> None:
    client = sign_in(world, "coordination")
    name = str(world.committee)
    assert name in text_of(client.get("/comites/seances/nouvelle/"))
    meeting = world.meeting()
    type(world.committee).objects.filter(pk=world.committee.pk).update(retired_on=TODAY)
    assert name not in text_of(client.get("/comites/seances/nouvelle/"))
    assert name in text_of(client.get(f"/comites/seances/{meeting.pk}/modifier/"))
    assert "Prochaines séances possibles" not in text_of(client.get("/comites/"))
