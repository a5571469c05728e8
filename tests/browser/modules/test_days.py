"""Days of the calendar, on the phone."""

import pytest
from playwright.sync_api import Page

DAYS = "import('/static/js/lib/days.js')"


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-10-26", "2026-10-25"),  # after the night of 25 hours
        ("2026-10-25", "2026-10-24"),
        ("2026-03-30", "2026-03-29"),  # after the one of 23
        ("2026-03-29", "2026-03-28"),
        ("2026-03-01", "2026-02-28"),
        ("2027-01-01", "2026-12-31"),
    ],
)
def test_yesterday_is_the_calendars_day_before(blank: Page, day: str, before: str) -> None:
    asked = (
        f"([day, before]) => {DAYS}.then((m) => [m.daysAfter(day, -1), m.daysBetween(before, day)])"
    )
    assert blank.evaluate(asked, [day, before]) == [before, 1]


def test_a_calendar_turns_at_the_phones_midnight_from_the_day_it_was_given(blank: Page) -> None:
    blank.clock.install(time="2026-10-25T22:30:00Z")  # 23:30 in Paris, an hour after the change
    said = f"{DAYS}.then((m) => {{ window.days = m.calendar('2026-10-24'); return days.today(); }})"
    assert blank.evaluate(said) == "2026-10-24"
    blank.clock.set_system_time("2026-10-25T23:30:00Z")
    assert blank.evaluate("days.today()") == "2026-10-25"
    blank.evaluate("days.correct('2026-11-02')")
    assert blank.evaluate("days.today()") == "2026-11-02"
