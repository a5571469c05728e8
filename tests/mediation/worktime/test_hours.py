"""The arithmetic of working time, on rows written by hand: no database, no clock."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from humanicite.lib.dates import monday_of
from mediation.worktime.hours import (
    SUPERVISION,
    TERRAIN,
    WORK,
    Stint,
    Term,
    WorkYear,
    alerts,
    rests,
    sums,
    term_on,
    week,
    year,
)

MONDAY = date(2026, 3, 16)
T2025 = Term(date(2025, 1, 1), date(2025, 12, 31), 35 * 60, 1607 * 60)
T2026 = Term(date(2026, 1, 1), date(2026, 12, 31), 35 * 60, 1607 * 60)
TERMS = [T2025, T2026]


def stint(day: date, minutes: int, kind: str = TERRAIN, at: str = "", type_: str = "PAP") -> Stint:
    return Stint(day, minutes, kind, time.fromisoformat(at) if at else None, type_)


def said(stints: list[Stint], day: date = MONDAY) -> list[str]:
    return [alert.said.replace("\u00a0", " ") for alert in alerts(stints, day)]


# --- A week ----------------------------------------------------------------------------------------


def test_a_week_counts_work_by_kind_and_supervision_apart() -> None:
    found = week(
        [
            stint(MONDAY, 300), stint(MONDAY, 60, "reunion"), stint(MONDAY, 30, "preparation"),
            stint(MONDAY + timedelta(days=1), 210, SUPERVISION),
            stint(MONDAY + timedelta(days=4), 120, "formation"),
            stint(MONDAY + timedelta(days=6), 45, "deplacement"),
            stint(MONDAY - timedelta(days=1), 500), stint(MONDAY + timedelta(days=7), 500),
        ],
        date(2026, 3, 18), TERMS,
    )  # fmt: skip
    assert [day.day for day in found.days] == [MONDAY + timedelta(days=n) for n in range(7)]
    assert (found.sums.work, found.sums.supervision) == (555, 210)
    assert dict(found.sums.cells) == {
        "Terrain": 300, "Réunion": 60, "Préparation et saisie": 30, "Formation": 120,
        "Analyse de la pratique": 0, "Déplacement": 45,
    }  # fmt: skip
    assert found.days[0].sums.work == 390
    assert found.days[1].sums.work == 0
    assert (found.expected, found.supervision_due) == (35 * 60, 210)


def test_supervision_is_half_a_day_of_whatever_a_day_is() -> None:
    of_39 = Term(date(2026, 1, 1), date(2026, 12, 31), 39 * 60, 1607 * 60)
    assert week([], MONDAY, [of_39]).supervision_due == 234  # 3 h 54, half of 7 h 48


def test_a_week_over_new_year_is_one_week() -> None:
    """29 December 2025 to 4 January 2026: week 1, two conventions, one of them shorter hours."""
    shorter = Term(date(2026, 1, 1), date(2026, 12, 31), 30 * 60, 1400 * 60)
    found = week(
        [stint(date(2025, 12, 31), 400), stint(date(2026, 1, 2), 100)],
        date(2026, 1, 1), [T2025, shorter],
    )  # fmt: skip
    assert (found.monday, found.sunday, found.number) == (date(2025, 12, 29), date(2026, 1, 4), 1)
    assert found.sums.work == 500
    # Monday to Wednesday at 7 h, Thursday and Friday at 6 h.
    assert found.expected == 3 * 420 + 2 * 360
    assert found.days[3].is_holiday
    assert week([], date(2027, 1, 1), TERMS).number == 53


def test_a_week_that_a_convention_leaves_in_the_middle() -> None:
    ends = Term(date(2026, 1, 1), date(2026, 3, 17), 35 * 60, 1607 * 60)
    assert week([], MONDAY, [ends]).expected == 2 * 420


def test_without_convention_nothing_is_expected_and_all_is_counted() -> None:
    found = week([stint(MONDAY, 90)], MONDAY, [])
    assert (found.expected, found.supervision_due) == (None, None)
    assert found.sums.work == 90


# --- Evenings, weekends, public holidays -----------------------------------------------------------


def test_evenings_weekends_and_holidays() -> None:
    total = sums(
        [
            stint(MONDAY, 10, at="18:59"), stint(MONDAY, 20, at="19:00"), stint(MONDAY, 30),
            stint(date(2026, 3, 21), 40, at="21:00"),  # a Saturday evening counts in both
            stint(date(2026, 5, 1), 50, "reunion", at="10:00"),  # a Friday, public holiday
            stint(date(2026, 11, 1), 60, at="10:00"),  # All Saints, on a Sunday: a holiday, once
            stint(date(2026, 3, 22), 70, SUPERVISION, at="20:00"),  # apart
        ]
    )  # fmt: skip
    assert (total.evenings.count, total.evenings.minutes) == (2, 60)
    assert (total.weekends.count, total.weekends.minutes) == (1, 40)
    assert (total.holidays.count, total.holidays.minutes) == (2, 110)
    assert total.off_days == 150
    assert total.without_start == 1
    assert total.by_type["PAP"].minutes == 160


# --- The law's limits ------------------------------------------------------------------------------


def test_ten_hours_are_a_day_and_a_minute_more_is_told() -> None:
    assert said([stint(MONDAY, 480), stint(MONDAY, 120, "reunion")]) == []
    assert said([stint(MONDAY, 480), stint(MONDAY, 121, SUPERVISION)]) == [
        "Lundi 16 mars : 10 h 01 de travail, pour 10 h au plus dans une journée "
        "(Code du travail, L3121-18)."
    ]


def test_forty_eight_hours_are_a_week_and_a_minute_more_is_told() -> None:
    week_of = [stint(MONDAY + timedelta(days=n), 480) for n in range(6)]
    assert said(week_of) == []
    assert said([*week_of, stint(MONDAY + timedelta(days=6), 1)]) == [
        "Semaine du lundi 16 mars : 48 h 01 de travail, pour 48 h au plus dans une semaine "
        "(Code du travail, L3121-20)."
    ]
    assert said([*week_of, stint(MONDAY + timedelta(days=7), 400)]) == [], "another week"


@pytest.mark.parametrize(
    ("until", "from_", "rest"),
    [("21:00", "08:00", None), ("21:01", "08:00", "10 h 59"), ("22:30", "07:15", "8 h 45")],
)
def test_eleven_hours_of_rest_between_two_days(until: str, from_: str, rest: str | None) -> None:
    end = time.fromisoformat(until)
    evening = stint(MONDAY, end.hour * 60 + end.minute - 19 * 60, at="19:00")
    found = said([evening, stint(MONDAY + timedelta(days=1), 60, at=from_)])
    if rest is None:
        assert found == []
    else:
        assert found == [
            f"Mardi 17 mars : {rest} de repos depuis la veille, pour 11 h au moins "
            "(Code du travail, L3131-1)."
        ]


def test_rest_needs_start_times_and_claims_nothing_without() -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert said([stint(MONDAY, 300), stint(tuesday, 60, at="05:00")]) == []
    assert said([stint(MONDAY, 120, at="20:00"), stint(tuesday, 60)]) == []
    # What is known is enough to tell; an entry without a start time can only shorten the rest.
    known = [stint(MONDAY, 120, at="20:00"), stint(tuesday, 60, at="07:00")]
    assert len(said([*known, stint(MONDAY, 30)])) == 1


def test_the_night_before_monday_belongs_to_monday() -> None:
    sunday = MONDAY - timedelta(days=1)
    stints = [stint(sunday, 120, at="21:00"), stint(MONDAY, 60, at="08:00")]
    assert said(stints) == [
        "Lundi 16 mars : 9 h de repos depuis la veille, pour 11 h au moins "
        "(Code du travail, L3131-1)."
    ]
    assert said(stints, sunday) == []


def test_work_past_midnight_ends_on_the_next_day() -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert rests([stint(MONDAY, 180, at="23:00"), stint(tuesday, 60, at="09:00")]) == [
        (tuesday, 7 * 60)
    ]
    # The whole counts on the day it was noted on.
    assert week([stint(MONDAY, 180, at="23:00")], MONDAY, TERMS).days[0].sums.work == 180


def test_work_noted_in_two_pieces_around_midnight_is_one_evening() -> None:
    tuesday = MONDAY + timedelta(days=1)
    late = [stint(MONDAY, 110, at="22:00"), stint(tuesday, 90, at="00:15")]
    assert rests(late) == []
    assert rests([*late, stint(tuesday, 60, at="14:00")]) == [(tuesday, 12 * 60 + 15)]
    assert rests([*late, stint(tuesday, 60, at="09:00")]) == [(tuesday, 7 * 60 + 15)]


def test_overlapping_entries_of_a_day_end_with_the_last() -> None:
    tuesday = MONDAY + timedelta(days=1)
    stints = [stint(MONDAY, 240, at="18:00"), stint(MONDAY, 30, at="19:00")]
    assert rests([*stints, stint(tuesday, 60, at="10:00")]) == [(tuesday, 12 * 60)]


def test_the_nights_on_which_clocks_change_have_their_true_length() -> None:
    """29 March 2026 is an hour short, 25 October 2026 an hour long."""
    spring, autumn = date(2026, 3, 28), date(2026, 10, 24)
    for saturday, rest in ((spring, 10 * 60), (autumn, 12 * 60)):
        sunday = saturday + timedelta(days=1)
        stints = [stint(saturday, 120, at="20:00"), stint(sunday, 60, at="09:00")]
        assert rests(stints) == [(sunday, rest)]
        assert bool(said(stints, saturday)) is (rest < 11 * 60)


def test_an_hour_that_does_not_exist_breaks_nothing() -> None:
    assert said([stint(date(2026, 3, 29), 60, at="02:30")], date(2026, 3, 29)) == []


# --- The year --------------------------------------------------------------------------------------


def test_the_conventions_year_and_the_share_elapsed() -> None:
    of = WorkYear.holding(date(2026, 3, 18), TERMS)
    assert (of.first, of.last, of.days) == (date(2026, 1, 1), date(2026, 12, 31), 365)
    assert of.target == 1607 * 60
    assert of.elapsed(date(2026, 3, 18)) == pytest.approx(77 / 365)
    assert of.elapsed(date(2027, 5, 1)) == 1
    assert of.elapsed(date(2025, 5, 1)) == 0
    assert of.supervision_due(date(2026, 1, 7)) == 210


def test_a_leap_year_counts_its_day() -> None:
    leap = Term(date(2028, 1, 1), date(2028, 12, 31), 35 * 60, 1607 * 60)
    of = WorkYear.holding(date(2028, 2, 29), [leap])
    assert (of.days, of.target) == (366, 1607 * 60)
    assert of.elapsed(date(2028, 2, 29)) == pytest.approx(60 / 366)
    total = year([stint(date(2028, 2, 29), 60)], of, date(2028, 3, 1))
    assert [month.sums.work for month in total.months] == [0, 60, 0]


def test_a_convention_of_several_years_is_held_year_by_year() -> None:
    long = Term(date(2024, 9, 15), date(2027, 9, 14), 35 * 60, 1607 * 60)
    for day, first in (
        (date(2024, 9, 15), 2024), (date(2025, 9, 14), 2024), (date(2025, 9, 15), 2025),
        (date(2027, 9, 14), 2026),
    ):  # fmt: skip
        of = WorkYear.holding(day, [long])
        assert (of.first, of.last) == (date(first, 9, 15), date(first + 1, 9, 14))
        assert of.target == 1607 * 60


def test_a_short_convention_brings_its_part_of_the_years_hours() -> None:
    short = Term(date(2026, 1, 1), date(2026, 6, 30), 35 * 60, 1607 * 60)
    of = WorkYear.holding(date(2026, 5, 1), [short])
    assert of.last == date(2026, 6, 30)
    assert of.target == round(1607 * 60 * 181 / 365)


def test_a_convention_that_began_on_a_29_february() -> None:
    leap = Term(date(2024, 2, 29), date(2026, 2, 28), 35 * 60, 1607 * 60)
    assert WorkYear.holding(date(2025, 2, 28), [leap]).first == date(2024, 2, 29)
    assert WorkYear.holding(date(2025, 3, 1), [leap]).first == date(2025, 3, 1)


def test_without_convention_the_year_is_the_calendars_and_held_against_nothing() -> None:
    of = WorkYear.holding(date(2020, 5, 4), TERMS)
    assert (of.first, of.last) == (date(2020, 1, 1), date(2020, 12, 31))
    assert (of.target, of.supervision_due(date(2020, 5, 4))) == (None, None)
    assert year([stint(date(2020, 5, 4), 60)], of, date(2020, 12, 31)).used is None


def test_the_years_months_stop_at_the_day_and_begin_with_the_convention() -> None:
    term = Term(date(2025, 9, 15), date(2026, 9, 14), 35 * 60, 1607 * 60)
    of = WorkYear.holding(date(2026, 1, 10), [term])
    stints = [stint(date(2025, 9, 14), 1), stint(date(2025, 9, 15), 2), stint(date(2025, 12, 31), 4),
              stint(date(2026, 1, 10), 8), stint(date(2026, 1, 11), 16)]  # fmt: skip
    found = year(stints, of, date(2026, 1, 10))
    assert [(m.first, m.sums.work) for m in found.months] == [
        (date(2025, 9, 15), 2), (date(2025, 10, 1), 0), (date(2025, 11, 1), 0),
        (date(2025, 12, 1), 4), (date(2026, 1, 1), 8),
    ]  # fmt: skip
    assert found.sums.work == 14


# --- What always holds -----------------------------------------------------------------------------

DAYS = some.dates(date(2024, 12, 20), date(2027, 1, 20))
STINTS = some.lists(
    some.builds(
        Stint, DAYS, some.integers(5, 1440), some.sampled_from([*WORK, SUPERVISION]),
        some.none() | some.times(), some.sampled_from(["PAP", "CONF"]),
    ),
    max_size=30,
)  # fmt: skip


@given(STINTS, DAYS)
def test_nothing_is_counted_twice_or_lost(stints: list[Stint], day: date) -> None:
    found = week(stints, day, TERMS)
    inside = [s for s in stints if monday_of(s.day) == monday_of(day)]
    assert found.sums.at_work == sum(s.minutes for s in inside)
    assert found.sums.at_work == sum(one.sums.at_work for one in found.days)
    assert sum(minutes for _, minutes in found.sums.cells) == found.sums.work
    of = WorkYear.holding(day, TERMS)
    assert of.first <= day <= of.last
    total = year(stints, of, day)
    assert total.sums.work == sum(month.sums.work for month in total.months)
    assert total.sums.work == sum(
        s.minutes for s in stints if of.first <= s.day <= day and s.kind != SUPERVISION
    )


@given(STINTS, DAYS)
def test_a_rest_is_told_once_a_day_and_only_from_known_hours(
    stints: list[Stint], day: date
) -> None:
    found = rests(stints)
    assert len({one for one, _ in found}) == len(found)
    assert all(minutes > 60 for _, minutes in found)
    assert rests([s for s in stints if s.starts_at]) == found
    assert len({alert.said for alert in alerts(stints, day)}) == len(alerts(stints, day))


def test_a_day_has_one_convention() -> None:
    assert term_on(TERMS, date(2025, 12, 31)) is T2025
    assert term_on(TERMS, date(2026, 1, 1)) is T2026
    assert term_on(TERMS, date(2024, 12, 31)) is None
