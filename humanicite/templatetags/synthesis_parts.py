"""What templates need to draw the frozen parts of a synthesis."""

from collections.abc import Iterable
from datetime import date

from django import template

from humanicite.templatetags.french import datefr
from reporting.charts import Line, MonthChart
from reporting.periods import Period
from reporting.syntheses import parts, titles

register = template.Library()


@register.filter
def drawn(part: parts.Part) -> MonthChart:
    """The chart of a part."""
    return parts.drawn(part)


@register.filter
def drawn_lines(part: parts.Part) -> list[Line]:
    """The small charts of a part."""
    return parts.drawn_lines(part)


@register.filter
def beside(row: Iterable[object], columns: Iterable[object]) -> list[tuple[object, object]]:
    """Each cell of a row with its column."""
    return list(zip(row, columns, strict=True))


@register.filter
def document(period: Period) -> str:
    """« synthèse d’octobre 2026 », « bilan de l’année 2026 »."""
    return titles.said(period)


@register.filter
def the_document(period: Period) -> str:
    """« la synthèse d’octobre 2026 », « le bilan de l’année 2026 »."""
    return titles.the(period)


@register.filter
def of_the_document(period: Period) -> str:
    """« de la synthèse d’octobre 2026 », « du bilan de l’année 2026 »."""
    return titles.of_the(period)


@register.filter
def document_heading(period: Period) -> str:
    """« Synthèse mensuelle », « Bilan annuel »."""
    return titles.heading(period)


@register.filter
def frozen_day(text: str) -> str:
    """A day that was frozen as text: « 3 mars 2026 »."""
    return datefr(date.fromisoformat(text))
