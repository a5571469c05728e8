"""Days, times and durations as French people write and say them."""

import re
from datetime import date, time, timedelta
from functools import cache

import holidays

from .text import fold

NBSP, NNBSP = "\u00a0", "\u202f"
MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
]  # fmt: skip
EVENING = time(19)  # R29: evenings, from 19:00
WEEKDAYS = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]

_CLOCK = re.compile(r"(\d{1,3})\s*(?:h|:|heures?)\s*(\d{1,2})?\s*(?:min|mn|m|['’′])?")
_HOURS = re.compile(r"(\d{1,3})[.,](\d{1,2})\s*(?:h|heures?)?")
_MINUTES = re.compile(r"(\d{1,4})\s*(?:min|mn|m|minutes?|['’′])?")

# A time may follow a day; it is not read here.
_AND_TIME = r"(?:(?:[ t]| a )\d{1,2}(?::|h)\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
_ISO_DAY = re.compile(rf"(\d{{4}})([-/])(\d{{1,2}})\2(\d{{1,2}}){_AND_TIME}", re.ASCII)
_FRENCH_DAY = re.compile(rf"(\d{{1,2}})([/. -])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_AND_TIME}", re.ASCII)
_WORDY_DAY = re.compile(
    rf"(\d{{1,2}})(?:er)?[ -]([a-z]{{3,9}})\.?[ -](\d{{4}}|\d{{2}}){_AND_TIME}", re.ASCII
)
_WEEKDAY = re.compile(
    r"(?:le )?(?:(?:lun|mar|mer|jeu|ven|sam|dim)(?:di|credi|dredi|edi|anche)?\.?,? )?"
)
_MONTHS_SHORT = [
    "jan",
    "fev",
    "mar",
    "avr",
    "mai",
    "juin",
    "juil",
    "aou",
    "sep",
    "oct",
    "nov",
    "dec",
]
_TIME = re.compile(r"(\d{1,2})(?:\s*(?:h|:|heures?)\s*(\d{2})?(?::\d{2})?|(\d{2}))", re.ASCII)


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


def parse_day(text: str) -> date:
    """The day in « 31/01/2024 », « 31.1.24 », « mercredi 31 janvier 2024 », « 31-janv-24 » or « 2024-01-31 ».

    The day comes before the month; two digits of a year are of this century. Raises ValueError for
    anything else, and for a day that no calendar has.
    """
    typed = _WEEKDAY.sub("", fold(text), count=1)
    if match := _ISO_DAY.fullmatch(typed):
        return date(int(match[1]), int(match[3]), int(match[4]))
    if match := _FRENCH_DAY.fullmatch(typed):
        return date(_year(match[4]), int(match[3]), int(match[1]))
    if match := _WORDY_DAY.fullmatch(typed):
        named = [n for n, month in enumerate(MONTHS, 1) if _is_month(match[2], n, month)]
        if named:
            return date(_year(match[3]), named[0], int(match[1]))
    raise ValueError(text)


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _is_month(typed: str, number: int, name: str) -> bool:
    """« janv », « janvier »: a beginning of the month's name that tells it from the others."""
    return typed.startswith(_MONTHS_SHORT[number - 1]) and fold(name).startswith(typed)


def parse_time(text: str) -> time:
    """The time of day in « 14h30 », « 14 h », « 9:05 », « 09:05:00 » or « 1405 ». Raises ValueError.

    Three digits are an hour of one digit: « 905 » is 9 h 05.
    """
    if match := _TIME.fullmatch(fold(text)):
        return time(int(match[1]), int(match[2] or match[3] or 0))
    raise ValueError(text)


def format_duration(minutes: int) -> str:
    """« 45 min », « 1 h », « 1 h 30 »; spaces do not break."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest}{NBSP}min"
    return f"{hours}{NBSP}h{NBSP}{rest:02d}" if rest else f"{hours}{NBSP}h"


def day_label(day: date, today: date) -> str:
    """« hier », « aujourd’hui », « demain » or « lundi 3 novembre », with the year when it is
    another one."""
    if day == today:
        return "aujourd’hui"
    if day == today - timedelta(days=1):
        return "hier"
    if day == today + timedelta(days=1):
        return "demain"
    return long_day(day, with_year=day.year != today.year)


def format_age(since: date, until: date) -> str:
    """« 3 jours », « 5 semaines », « 4 mois », « 2 ans »: how long, to the unit that matters."""
    days = (until - since).days
    if days < 1:
        return "moins d’un jour"
    months = (until.year - since.year) * 12 + until.month - since.month - (until.day < since.day)
    if months >= 24:
        return f"{months // 12}{NBSP}ans"
    if months >= 2:
        return f"{months}{NBSP}mois"
    if days >= 14:
        return f"{days // 7}{NBSP}semaines"
    return f"{days}{NBSP}{'jours' if days > 1 else 'jour'}"


def long_day(day: date, *, with_year: bool = True) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    label = f"{WEEKDAYS[day.weekday()]} {number}{NBSP}{MONTHS[day.month - 1]}"
    return f"{label} {day.year}" if with_year else label


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of metropolitan France (Code du travail, L3133-1)."""
    return frozenset(holidays.country_holidays("FR", years=year))


def is_public_holiday(day: date) -> bool:
    return day in public_holidays(day.year)


def is_weekend(day: date) -> bool:
    return day.weekday() >= 5


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after a day; with none to add, the day itself, whatever it is."""
    while count > 0:
        day += timedelta(days=1)
        if not is_day_off(day):
            count -= 1
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after `first`, up to and with `last`; 0 when it is not later."""
    days = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    return sum(not is_day_off(day) for day in days)


def is_day_off(day: date) -> bool:
    """Saturday, Sunday or a public holiday (R29)."""
    return is_weekend(day) or is_public_holiday(day)


def is_evening(starts_at: time) -> bool:
    """Work that begins in the evening counts whole as evening work (R29)."""
    return starts_at >= EVENING


def monday_of(day: date) -> date:
    """The first day of a day's week; weeks run from Monday to Sunday (ISO 8601)."""
    return day - timedelta(days=day.weekday())
