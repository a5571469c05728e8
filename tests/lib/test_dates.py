import contextlib
from datetime import date, time

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from humanicite.lib.dates import (
    day_label,
    format_duration,
    is_day_off,
    long_day,
    parse_day,
    parse_duration,
    parse_time,
)
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


@given(st.integers(0, 999), st.integers(0, 59), st.sampled_from(["h", ":", " h ", "H"]))
def test_hours_and_minutes_are_read_whatever_joins_them(
    hours: int, minutes: int, sign: str
) -> None:
    assert parse_duration(f"{hours}{sign}{minutes:02d}") == hours * 60 + minutes


@given(st.integers(0, 999), st.integers(0, 99), st.sampled_from([",", "."]))
def test_decimal_hours_are_rounded_to_the_minute(hours: int, hundredths: int, sign: str) -> None:
    minutes = parse_duration(f"{hours}{sign}{hundredths:02d}")
    assert abs(minutes - (hours + hundredths / 100) * 60) <= 0.5


SAID_LIKE_A_DURATION = st.text(alphabet="0123456789 hH:.,minuteshr\u00a0\u202f’'²٣", max_size=14)


@given(SAID_LIKE_A_DURATION)
def test_what_looks_like_a_duration_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        minutes = parse_duration(text)
        assert isinstance(minutes, int)
        assert parse_duration(format_duration(minutes)) == minutes or minutes >= 1000 * 60


@pytest.mark.parametrize(
    "text",
    [
        "31/01/2024", "31/1/24", "31-01-2024", "31.01.2024", " 31 01 2024 ", "2024-01-31",
        "2024-1-31", "31 janvier 2024", "31 Janv. 2024", "31 jan 24", "mercredi 31 janvier 2024",
        "mer. 31/01/2024", "Mer 31\u00a0janvier\u00a02024", "31/01/2024 14:30",
        "31/01/2024 à 14h30", "2024-01-31T14:30:00", "2024-01-31 14:30:00.000+01:00",
    ],
)  # fmt: skip
def test_days_as_people_and_machines_write_them(text: str) -> None:
    assert parse_day(text) == date(2024, 1, 31)


@pytest.mark.parametrize(
    ("text", "month"),
    [("1er févr. 2024", 2), ("1 fevrier 2024", 2), ("1 AOÛT 2024", 8), ("1 août 2024", 8),
     ("1 juin 2024", 6), ("1 juil. 2024", 7), ("1er mars 2024", 3), ("1 mai 2024", 5),
     ("1 sept 2024", 9), ("1 déc. 2024", 12)],
)  # fmt: skip
def test_months_in_words(text: str, month: int) -> None:
    assert parse_day(text) == date(2024, month, 1)


@pytest.mark.parametrize(
    "text",
    ["", "31/02/2024", "2024-13-01", "01/31/2024", "31 jui 2024", "31 ju 2024", "hier", "2024",
     "31/01", "31/01-2024", "31/01/202", "45292", "31/01/2024 et plus", "0/1/2024", "1/1/0000",
     "٣١/٠١/٢٠٢٤", "31 janviers 2024"],
)  # fmt: skip
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_day(text)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_a_day_written_in_any_way_is_read_again(day: date) -> None:
    for text in (
        f"{day:%d/%m/%Y}", f"{day:%d/%m/%y}", f"{day:%d.%m.%Y}", day.isoformat(), long_day(day),
        f"{day.day}/{day.month}/{day.year}", f"{day.isoformat()}T00:00:00",
    ):  # fmt: skip
        assert parse_day(text) == day, text


@given(
    st.one_of(
        st.text(max_size=30), st.text(alphabet="0123456789/-. tjanvierfmuout:hàz", max_size=24)
    )
)
def test_no_text_breaks_the_reading_of_days_and_times(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(parse_day(text), date)
    with contextlib.suppress(ValueError):
        assert isinstance(parse_time(text), time)


@given(st.times())
def test_a_time_written_in_any_way_is_read_again(at: time) -> None:
    at = at.replace(second=0, microsecond=0, tzinfo=None)
    for text in (f"{at:%H:%M}", f"{at:%H:%M}:00", f"{at:%Hh%M}", f"{at.hour} h {at:%M}"):
        assert parse_time(text) == at, text
    for text in ("24:00", "9", "14h60", "midi", "", "14:3"):
        with pytest.raises(ValueError):  # noqa: PT011
            parse_time(text)


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


def test_what_is_written_on_several_lines_is_printed_as_one() -> None:
    text = """{% line %}
      {% if who %}
        Bonjour à {{ who }} et
        à tous
        {% for other in others %}
          , {{ other }}
        {% endfor %}
      {% endif %}.
    {% endline %}|"""
    said = Template(text).render(Context({"who": "A\n  B", "others": "CD"}))
    assert said == "Bonjour à A\n  B et à tous, C, D.|"
