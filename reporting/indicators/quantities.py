"""A number in its unit, in words."""

from decimal import Decimal

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import UNKNOWN, euros, number, percent
from reporting.figures.facts import Unit

ROUND_FROM = 10  # from which no decimals are told


def plain(value: float, decimals: int = 1) -> str:
    rounded = round(value, decimals)
    return number(rounded, 0 if rounded == int(rounded) else decimals)


def quantity(unit: str, value: float | Decimal | None) -> str:
    """A value in its unit: « 130 h », « 12,5 % », « 3 jours ouvrés », « n/d »."""
    if value is None:
        return UNKNOWN
    found = float(value)
    if unit == Unit.HOURS:
        return f"{plain(found, 0 if found >= ROUND_FROM else 1)}{NBSP}h"
    if unit == Unit.PERCENT:
        return percent(found / 100, 0 if found == round(found) or abs(found) >= ROUND_FROM else 1)
    if unit == Unit.SCORE:
        return f"{plain(found)} sur 5"
    if unit == Unit.EUROS:
        return euros(round(found, 2))
    if unit in (Unit.DAYS, Unit.WORKING_DAYS):
        one, many = ("jour", "jours") if unit == Unit.DAYS else ("jour ouvré", "jours ouvrés")
        return f"{plain(found)}{NBSP}{many if found >= 2 else one}"
    return plain(found, 0 if found >= 100 else 1)
