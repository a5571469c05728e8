"""A figure and the rows behind it: the link carries the number shown, the list it opens the number
counted anew. `tests/test_walk_figures.py` follows every such link and compares both.

A measure is what the number counts: `count` (rows), `minutes`, `days` or `people`. It is written raw:
no unit, no rounding, no space.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()
ROWS = "count"


@register.simple_tag
def opens(url: str, figure: float | None, measure: str = ROWS) -> SafeString:
    """The attributes of a figure's link: `<a {% opens line.url line.minutes "minutes" %}>`.

    A figure that is not known (None) has a plain address.
    """
    if figure is None:
        return format_html('href="{}"', url)
    return format_html('href="{}" data-figure="{}" data-measure="{}"', url, _raw(figure), measure)


@register.simple_tag
def total(figure: float | None, measure: str = ROWS) -> SafeString:
    """What a list says of all its rows, on every page of it: `<p {% total minutes "minutes" %}>`."""
    if figure is None:
        return SafeString()
    return format_html('data-total="{}" data-measure="{}"', _raw(figure), measure)


def _raw(figure: float) -> str:
    return str(int(figure)) if figure == int(figure) else repr(figure)
