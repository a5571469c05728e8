"""Values, targets and trends of indicators in words."""

from decimal import Decimal
from enum import StrEnum

from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import UNKNOWN, plural
from reporting.figures.comparison import FEW, LEVEL, exact_p, shares_p
from reporting.figures.facts import Amount, Unit

from .models import Definition, Direction
from .quantities import quantity

CONTACTS = ("R4", "R16")  # several at once: they moved where their activities did
TREND = "I1"  # a change, not a share: its two numbers are « 40 contre 32 »


class Standing(StrEnum):
    """Where a value stands against its target."""

    REACHED = "atteinte"
    OFF = "ecart"
    FEW = "peu"
    UNKNOWN = "inconnu"
    NONE = "sans"


def counts_hours(definition: Definition) -> bool:
    measure = definition.catalogued
    return measure is not None and measure.made_of[0].startswith("heures")


def fraction(definition: Definition, amount: Amount) -> str:
    """What a share is made of: « 12 sur 34 », « 12 h sur 130 h », « 40 contre 32 »."""
    if amount.numerator is None or not amount.denominator:
        return ""
    unit = Unit.HOURS if counts_hours(definition) else Unit.COUNT
    between = "contre" if definition.measure == TREND else "sur"
    part, whole = quantity(unit, amount.numerator), quantity(unit, amount.denominator)
    return f"{part} {between} {whole}"


def is_of_few(definition: Definition, amount: Amount) -> bool:
    """A share of fewer than ten cases."""
    return (
        definition.unit == Unit.PERCENT
        and amount.denominator is not None
        and 0 < amount.denominator < FEW
        and not counts_hours(definition)
    )


def said(definition: Definition, amount: Amount) -> str:
    """The value as it is read: a share of few cases is told as its two numbers."""
    if not amount.is_known:
        return UNKNOWN
    if is_of_few(definition, amount):
        return fraction(definition, amount)
    text = quantity(definition.unit, amount.value)
    sign = "+" if definition.measure == TREND and (amount.value or 0) > 0 else ""
    return f"{sign}{text}"


def standing(definition: Definition, amount: Amount, target: Decimal | None) -> Standing:
    if target is None:
        return Standing.NONE
    if amount.value is None:
        return Standing.UNKNOWN
    if is_of_few(definition, amount):
        return Standing.FEW
    value = round(amount.value, 2)
    reached = (
        value >= float(target)
        if definition.direction == Direction.AT_LEAST
        else value <= float(target)
    )
    return Standing.REACHED if reached else Standing.OFF


def standing_said(definition: Definition, found: Standing) -> str:
    off = "Sous la cible" if definition.direction == Direction.AT_LEAST else "Au-dessus de la cible"
    return {
        Standing.REACHED: "Cible atteinte",
        Standing.OFF: off,
        Standing.FEW: "Trop peu de cas pour conclure",
        Standing.UNKNOWN: "Donnée non connue",
        Standing.NONE: "À suivre",
    }[found]


def _chance(definition: Definition, now: Amount, before: Amount) -> float | None:
    """How likely chance alone is to put the two that far apart; None where no test is made."""
    if definition.unit in (Unit.COUNT, Unit.HOURS):
        if definition.by_hand:
            return None
        by_rows = definition.unit == Unit.HOURS or definition.measure in CONTACTS
        pair = [a.rows if by_rows else a.value for a in (now, before)]
        return None if None in pair else exact_p(*(int(one or 0) for one in pair))
    if definition.unit != Unit.PERCENT or counts_hours(definition) or definition.measure == TREND:
        return None
    made = (now.numerator, now.denominator, before.numerator, before.denominator)
    if None in made or any(part != int(part or 0) for part in made):
        return None
    part, whole, part_before, whole_before = (int(one or 0) for one in made)
    if part > whole or part_before > whole_before:
        return None  # what comes back may outnumber what was closed
    return shares_p(part, whole, part_before, whole_before)


def trend(definition: Definition, now: Amount, before: Amount, label: str) -> str:
    """« En hausse : 45, contre 30 en février 2026. »; told as a movement only where it is more than
    chance. '' for a value that is not known."""
    if now.value is None:
        return ""
    if before.value is None:
        return f"Pas de comparaison{NBSP}: {label}, n/d."
    compared = f"{said(definition, now)}, contre {said(definition, before)} ({label})"
    if round(now.value, 2) == round(before.value, 2):
        return f"Stable par rapport à la période précédente ({label})."
    p = _chance(definition, now, before)
    if p is None:
        return f"{compared[0].upper()}{compared[1:]}."
    if p >= LEVEL:
        return f"Stable{NBSP}: {compared}, un écart que le hasard suffit à expliquer."
    way = "En hausse" if now.value > before.value else "En baisse"
    return f"{way}{NBSP}: {compared}."


def cases(definition: Definition, amount: Amount) -> str:
    """What is beside a value: its fraction, or how many rows it comes from."""
    made = "" if is_of_few(definition, amount) else fraction(definition, amount)
    if not made and definition.unit in (Unit.DAYS, Unit.WORKING_DAYS) and amount.rows:
        made = plural(amount.rows, "cas,cas")
    return " · ".join(text for text in (made, amount.note) if text)
