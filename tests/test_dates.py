import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from humanicite.lib.dates import day_label, format_duration, is_day_off, long_day, parse_duration
from humanicite.templatetags import french


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45", 45), ("45 min", 45), ("45min", 45), ("45’", 45), ("1h30", 90), ("1 h 30", 90),
        ("1H30", 90), ("1:30", 90), ("1h", 60), ("2 h", 120), ("1,5 h", 90), ("1.5", 90),
        ("0,25h", 15), (" 1\u00a0h\u00a005 ", 65), ("1 h 30 min", 90), ("2 heures", 120),
    ],
)  # fmt: skip
def test_durations_as_people_type_them(text: str, minutes: int) -> None:
    assert parse_duration(text) == minutes


@pytest.mark.parametrize(
    "text", ["", "h", "1h75", "un moment", "-5", "1h30m20", "1,234 h", "١٥ h x"]
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_duration(text)


@given(st.integers(1, 24 * 60))
def test_what_is_written_is_read_again(minutes: int) -> None:
    assert parse_duration(format_duration(minutes)) == minutes


@given(st.text(max_size=30))
def test_no_text_breaks_the_parser(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_duration(text) >= 0


def test_days() -> None:
    today = date(2026, 3, 18)
    assert day_label(today, today) == "aujourd’hui"
    assert day_label(date(2026, 3, 17), today) == "hier"
    assert day_label(date(2025, 12, 1), today) == "lundi 1er\u00a0décembre 2025"
    assert long_day(date(2026, 2, 3)) == "mardi 3\u00a0février 2026"
    assert is_day_off(date(2026, 5, 8))
    assert is_day_off(date(2026, 5, 25))  # lundi de Pentecôte
    assert is_day_off(date(2026, 3, 21))
    assert not is_day_off(today)


def test_numbers_are_french_and_unknown_is_said() -> None:
    nb = "\u00a0"
    assert french.number(1607) == f"1{nb}607"
    assert french.percent(0.125, 1) == f"12,5{nb}%"
    assert french.signed_percent(-0.084) == f"−8{nb}%"
    assert french.signed_percent(0.001) == f"0{nb}%"
    assert french.hours(96420) == f"1{nb}607{nb}h"
    assert french.hours(270) == f"4,5{nb}h"
    assert french.plural(0, "activité,activités") == f"0{nb}activité"
    assert french.plural(2, "activité,activités") == f"2{nb}activités"
    unknown = {french.number(None), french.percent(None), french.hours(None), french.duration(None),
               french.signed_percent(None), french.euros(None)}  # fmt: skip
    assert unknown == {"n/d"}
    assert french.datefr(date(2026, 1, 1)) == f"1er{nb}janvier 2026"
