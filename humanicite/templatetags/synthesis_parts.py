"""What templates need to draw the frozen parts of a synthesis."""

from collections.abc import Iterable
from datetime import date

from django import template

from humanicite.templatetags.french import datefr
from reporting.charts import Line, MonthChart
from reporting.syntheses import parts

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
def frozen_day(text: str) -> str:
    """A day that was frozen as text: « 3 mars 2026 »."""
    return datefr(date.fromisoformat(text))
