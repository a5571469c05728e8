"""French typography in templates: durations, numbers, rates, days; « n/d » when unknown."""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from django import template
from django.forms import BoundField
from django.template.base import NodeList, Parser, TextNode, Token
from django.template.context import Context
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

from humanicite.lib import dates, forms

register = template.Library()
UNKNOWN = "n/d"


@register.filter
def duration(minutes: int | None) -> str:
    return UNKNOWN if minutes is None else dates.format_duration(minutes)


@register.filter
def unless_required(field: BoundField) -> str:
    """« (facultatif) », or what may stand in its place (`field.instead`); nothing where it is needed."""
    if field.field.required:
        return ""
    return format_html(
        ' <span class="optional">({})</span>', getattr(field.field, "instead", "facultatif")
    )


@register.filter
def number(value: float | None, decimals: int = 0) -> str:
    """« 1 607 », « 12,5 »; thousands apart with a no-break space."""
    if value is None:
        return UNKNOWN
    # Half goes up, as readers round; `str` first, for 0.625 is not always a little more.
    exact = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return number_format(exact, decimals, use_l10n=True, force_grouping=True)


@register.filter
def hours(minutes: float | None) -> str:
    """Hours rounded to the unit: « 130 h »; below ten hours one decimal: « 4,5 h »."""
    if minutes is None:
        return UNKNOWN
    value = minutes / 60
    decimals = 1 if 0 < value < 10 and round(value, 1) != round(value) else 0
    return f"{number(value, decimals)}{dates.NBSP}h"


@register.filter
def floor_hours(minutes: int) -> int:
    """Whole hours, for an attribute."""
    return minutes // 60


@register.filter
def euros(value: Any) -> str:
    """« 10 000 € »; cents only where there are some."""
    if value is None:
        return UNKNOWN
    decimals = 0 if value == int(value) else 2
    return f"{number(value, decimals)}{dates.NBSP}€"


@register.filter
def percent(ratio: float | None, decimals: int = 0) -> str:
    return UNKNOWN if ratio is None else f"{number(ratio * 100, decimals)}{dates.NBSP}%"


@register.filter
def signed_percent(ratio: float | None) -> str:
    """« +12 % », « −8 % » (a true minus sign), « n/d »."""
    if ratio is None:
        return UNKNOWN
    sign = "+" if round(ratio * 100) > 0 else "−" if round(ratio * 100) < 0 else ""
    return f"{sign}{number(abs(ratio) * 100)}{dates.NBSP}%"


NUMBER = re.compile(r"\b20\d\d-\d+\b(?!-)")


@register.filter
def oneword(text: object) -> str:
    """A text in which the number of a signalement, « 2026-53 », is one word that no line cuts."""
    whole = '<span class="nowrap">\\g<0></span>'
    return mark_safe(NUMBER.sub(whole, conditional_escape(str(text))))  # noqa: S308  # nosec B308, B703: escaped


@register.filter
def unbroken(text: str) -> str:
    """A phone number, or another text that no line may cut."""
    return text.replace(" ", dates.NBSP)


@register.filter
def day(value: date) -> str:
    return dates.day_label(value, timezone.localdate())


@register.filter
def datefr(value: date) -> str:
    """« 1er janvier 2026 »."""
    return f"{'1er' if value.day == 1 else value.day}{dates.NBSP}{dates.MONTHS[value.month - 1]} {value.year}"


@register.filter
def momentfr(value: datetime) -> str:
    """« 1er janvier 2026 à 14:32 », at the clock of Paris."""
    local = timezone.localtime(value)
    return f"{datefr(local.date())} à {local:%H:%M}"


@register.filter
def longday(value: date) -> str:
    return dates.long_day(value)


@register.filter
def age(since: date, until: date | None = None) -> str:
    """« 3 semaines »: how long ago, or until another day."""
    return dates.format_age(since, until or timezone.localdate())


@register.filter
def shortday(value: date) -> str:
    """« lundi 16 mars »."""
    return dates.long_day(value, with_year=False)


@register.filter
def target(bound: object) -> str:
    return forms.target(bound)


@register.filter
def plural(count: int, words: str) -> str:
    """`{{ 3|plural:"activité,activités" }}` → « 3 activités »; French counts 0 and 1 as singular."""
    singular, several = words.split(",")
    return f"{number(count)}{dates.NBSP}{several if count >= 2 else singular}"


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: object) -> str:
    """The page's query string with some parameters changed; None removes one."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}" if params else "?"


class Line(template.Node):
    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        return self.nodelist.render(context)


@register.tag
def line(parser: Parser, token: Token) -> Line:
    """What the template writes on several lines, printed as one; for mails and where CSS keeps
    line breaks. Between words a break of the template is a space, next to a tag it is nothing;
    line breaks of the values stay."""
    nodes = parser.parse(("endline",))
    parser.delete_first_token()
    for text in cast("list[TextNode]", nodes.get_nodes_by_type(TextNode)):
        edges = re.sub(r"\A *\n[ \n]*| *\n[ \n]*\Z", "", text.s)
        text.s = re.sub(r" *\n[ \n]*", " ", edges)
    return Line(nodes)
