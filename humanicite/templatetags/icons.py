"""Icons drawn here as strokes on a 24 × 24 grid; the typeface has none, and emoji are not ours."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

PATHS = {
    "day": "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5M9 15l2 2 4-4",
    "plus": "M12 5v14M5 12h14",
    "compass": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM15.5 8.5l-2 5-5 2 2-5z",
    "chart": "M4 20h16M7 20v-7M12 20V5M17 20v-10",
    "list": "M9 6h11M9 12h11M9 18h11M4.5 6h.01M4.5 12h.01M4.5 18h.01",
    "paper": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "seal": "M7 3h10v11H7zM10 7h4M10 10h4M9.5 14v7l2.5-2 2.5 2v-7",
    "people": "M9 5a3.5 3.5 0 1 0 0 7a3.5 3.5 0 1 0 0-7zM3 20c0-4 3-5.500 6-5.500s6 1.500 6 5.500M16 5.500a3 3 0 0 1 0 6M17.500 14.800c2.200.7 3.500 2.200 3.500 5.200",
    "clock": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 7v5l3.500 2",
    "hourglass": "M7 3h10M7 21h10M8 3v3c0 3 4 4 4 6s-4 3-4 6v3M16 3v3c0 3-4 4-4 6s4 3 4 6v3",
    "more": "M5 12h.01M12 12h.01M19 12h.01",
    "edit": "M4 20l1-4L16.500 4.500l3 3L8 19zM14 7l3 3",
    "trash": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
    "previous": "M15 5l-7 7 7 7",
    "next": "M9 5l7 7-7 7",
    "warn": "M12 4l9 16H3zM12 10v4M12 17h.01",
    "ok": "M5 12.500l4.500 4.500L19 7.500",
    "info": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 11v5M12 8h.01",
    "lock": "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
    "share": "M12 15V4M8 8l4-4 4 4M5 13v7h14v-7",
    "out": "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
    "person": "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM4 21c0-4.500 3.500-6 8-6s8 1.500 8 6",
    "search": "M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14zM16 16l5 5",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "pin": "M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11zM12 8a2 2 0 1 0 0 4a2 2 0 1 0 0-4z",
    "down": "M12 4v11M7.500 10.500L12 15l4.500-4.500M5 20h14",
    "close": "M6 6l12 12M18 6L6 18",
    "up": "M12 19V5M6 11l6-6 6 6",
    "below": "M12 5v14M6 13l6 6 6-6",
    "again": "M4 12a8 8 0 1 1 2.500 5.800M4 12V6M4 12h6",
    "table": "M4 5h16v14H4zM4 10h16M4 14.500h16M10 5v14",
    "send": "M4 12l16-8-5 16-3.500-6.500zM11.500 13.500L20 4",
    "sliders": "M4 7h8M16 7h4M14 5a2 2 0 1 0 .01 0M4 17h4M12 17h8M10 15a2 2 0 1 0 .01 0",
    "photo": "M4 7h4l2-3h4l2 3h4v12H4zM12 9.500a3.500 3.500 0 1 0 .01 0",
    "flag": "M6 21V4M6 5h11l-2.500 4 2.500 4H6",
    "thread": "M6 4a2 2 0 1 0 .01 0M18 4a2 2 0 1 0 .01 0M6 16a2 2 0 1 0 .01 0M6 8v8M18 8c0 5-6 4-11 7",
    "route": "M6 19a2 2 0 1 0 .01 0M18 5a2 2 0 1 0 .01 0M8 19h7a3.500 3.500 0 0 0 0-7H9a3.500 3.500 0 0 1 0-7h7",
    "phone": "M6 4h4l1.500 4.500-2.500 2a12 12 0 0 0 4.500 4.500l2-2.500L20 14v4c0 1-1 2-2 2C10.500 19.500 4.500 13.500 4 6c0-1 1-2 2-2z",
    # The eight reference activities
    "PAP": "M9 4a2 2 0 1 0 .01 0M9 9l-2 4 3 2-1 6M9 9l3 3 3 1M9 9c-2 0-4 2-4 4M16 5v16M16 5h4v4h-4",
    "CONF": "M4 5h10v7H9l-3 3v-3H4zM14 10h6v7h-2v3l-3-3h-4v-3",
    "INCO": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.300-1 .8-1 1.700M12 17h.01",
    "VEIL": "M2.500 12C5 7.500 8.500 5.500 12 5.500S19 7.500 21.500 12C19 16.500 15.500 18.500 12 18.500S5 16.500 2.500 12zM12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6z",
    "RELA": "M9.500 14.500l5-5M8 11l-2.500 2.500a3.500 3.500 0 0 0 5 5L13 16M11 8l2.500-2.500a3.500 3.500 0 0 1 5 5L16 13",
    "CONC": "M4 19v-3h16v3M12 4a2 2 0 1 0 .01 0M5.500 7a2 2 0 1 0 .01 0M18.500 7a2 2 0 1 0 .01 0M12 9v4M5.500 12v2M18.500 12v2",
    "PROJ": "M12 21V10M12 10c0-4-3-6-7-6 0 4 3 6 7 6zM12 14c0-3 2.500-5 7-5 0 3.500-2.500 5-7 5zM8 21h8",
    "INFO": "M4 10v4h3l7 4V6l-7 4zM17 9a4 4 0 0 1 0 6M19.500 6.500a8 8 0 0 1 0 11",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Decorative: the words beside it say the same."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        mark_safe(PATHS[name]),  # noqa: S308  # nosec B308 B703: constants of this module
    )
