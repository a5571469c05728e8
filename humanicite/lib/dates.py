"""Days, times and durations as French people write and say them."""

import re
from datetime import date, timedelta
from functools import cache

import holidays

NBSP, NNBSP = "\u00a0", "\u202f"
MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
]  # fmt: skip
WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]

_CLOCK = re.compile(r"(\d{1,3})\s*(?:h|:|heures?)\s*(\d{1,2})?\s*(?:min|mn|m)?")
_HOURS = re.compile(r"(\d{1,3})[.,](\d{1,2})\s*(?:h|heures?)?")
_MINUTES = re.compile(r"(\d{1,4})\s*(?:min|mn|m|minutes?|['’′])?")


def parse_duration(text: str) -> int:
    """Minutes in a duration typed by hand: `45`, `45 min`, `1h30`, `1:30`, `1,5 h`.

    A bare whole number is minutes; a number with a decimal sign is hours. Raises ValueError when
    nothing of the kind is recognised, or when the minutes after the hours exceed 59.
    """
    text = text.strip().lower().replace(NBSP, " ").replace(NNBSP, " ")
    if match := _CLOCK.fullmatch(text):
        hours, minutes = int(match[1]), int(match[2] or 0)
        if minutes > 59:
            raise ValueError(text)
        return hours * 60 + minutes
    if match := _HOURS.fullmatch(text):
        return round(float(f"{match[1]}.{match[2]}") * 60)
    if match := _MINUTES.fullmatch(text):
        return int(match[1])
    raise ValueError(text)


def format_duration(minutes: int) -> str:
    """« 45 min », « 1 h », « 1 h 30 »; spaces do not break."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NBSP}min"
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"


def day_label(day: date, today: date) -> str:
    """« aujourd’hui », « hier » or « lundi 3 novembre », with the year when it is another one."""
    if day == today:
        return "aujourd’hui"
    if day == today - timedelta(days=1):
        return "hier"
    return long_day(day, with_year=day.year != today.year)


def long_day(day: date, *, with_year: bool = True) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    label = f"{WEEKDAYS[day.weekday()]} {number}{NBSP}{MONTHS[day.month - 1]}"
    return f"{label} {day.year}" if with_year else label


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of metropolitan France (Code du travail, L3133-1)."""
    return frozenset(holidays.country_holidays("FR", years=year))


def is_day_off(day: date) -> bool:
    """Saturday, Sunday or a public holiday (R29)."""
    return day.weekday() >= 5 or day in public_holidays(day.year)
