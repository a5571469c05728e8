"""The observatory: by place and theme over time (R15, R17)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.base import current
from governance.models import Act, Membership, Place, Theme, record
from governance.rights import Right
from humanicite.lib.exports import FORMATS
from humanicite.lib.http import reads
from mediation.frame.reference import ReferenceActivity
from mediation.models import Activity, Signalement
from reporting.asked import chosen_perimeter, seen_perimeters
from reporting.periods import Period

from . import exports
from .counts import BANDS, CALMS, RECURS, RISES, Cell, Counts
from .plan import shaded
from .proposers import said
from .repeats import WITHIN, first_day, repeats
from .sequels import sequels
from .window import Window

SHOWN = 12  # of the table; the file has all
REPEATS_SHOWN = 10
ENDS = 24  # months to choose from


@reads(Right.READ_FIGURES)
def page(request: Request) -> HttpResponse:
    """Twelve months of one perimeter; the filters are in the address."""
    membership, today = request.membership, timezone.localdate()
    perimeters = seen_perimeters(membership)
    perimeter = chosen_perimeter(membership, perimeters, request.GET.get("perimetre"))
    if perimeter is None:
        return render(request, "observatory/observatory.html", {"perimeter": None})
    ends = _ends(today)
    themes = {row.pk: row for row in Theme.objects.visible_to(membership)}
    window = Window(
        perimeter,
        _end(request.GET.get("fin"), ends),
        _type(request.GET.get("type")),
    )
    parts = Count("children", filter=current(window.last, prefix="children__"))
    rows: Any = Place.objects.visible_to(membership).annotate(parts=parts).in_tree_order()
    places: dict[int, Place] = {row.pk: row for row in rows}
    counts = Counts(window, places, themes)
    wanted = request.GET.get("_export", "")
    if wanted in FORMATS:
        return _file(window, counts, wanted, membership)
    theme = _theme(request.GET.get("theme"), themes)
    plan = shaded(places.values(), counts.at(theme), min(window.last, today))
    context = {
        "perimeter": window.perimeter,
        "perimeters": perimeters,
        "window": window,
        "ends": ends,
        "themes": themes.values(),
        "theme": theme,
        "types": list(ReferenceActivity),
        "total": counts.total,
        **_hours(counts, reads_rows=membership.may(Right.READ_OPERATOR_FIELDS)),
        "plan": plan,
        "place_rows": [
            (row, window.rows(lieu=row.place, seul=True, theme=theme)) for row in plan.rows
        ],
        **_cells(window, counts.cells),
        "sequels": sequels(window, membership, places, themes, today),
        **_repeats(window, today),
    }
    return render(request, "observatory/observatory.html", context)


def _hours(counts: Counts, *, reads_rows: bool) -> dict[str, Any]:
    if reads_rows:
        return {"hours": counts.hours, "bands": [label for _, label in BANDS]}
    return {"hours": None, "evenings": counts.evenings}


def _cells(window: Window, cells: list[Cell]) -> dict[str, Any]:
    shown = [cell for cell in cells if cell.total or cell.signalements]
    moved = {trend: [c for c in shown if c.trend == trend] for trend in (RISES, CALMS, RECURS)}
    return {
        "cells": [_Line.of(window, cell) for cell in shown[:SHOWN]],
        "left": max(0, len(shown) - SHOWN),
        "rising": moved[RISES],
        "calmer": moved[CALMS],
        "recurring": moved[RECURS],
    }


@dataclass(frozen=True)
class _Line:
    """A cell with the lists behind its numbers."""

    cell: Cell
    url: str
    before_url: str
    after_url: str
    sent_url: str
    trend: str

    @classmethod
    def of(cls, window: Window, cell: Cell) -> "_Line":
        where: dict[str, Any] = {"lieu": cell.place, "theme": cell.theme, "seul": cell.alone}
        sent: dict[str, Any] = {} if cell.alone else {"lieu": cell.place}
        return cls(
            cell,
            window.rows(**where),
            window.rows(last=window.months[5].last, **where),
            window.rows(first=window.middle, **where),
            window.sent(theme=cell.theme, **sent) if sent else "",
            exports.TRENDS[cell.trend],
        )


def _repeats(window: Window, today: date) -> dict[str, Any]:
    on = min(window.last, today)
    activities = Activity.objects.within(window.perimeter)
    found = repeats(activities, Signalement.objects.within(window.perimeter), on)
    first, conflict = first_day(on), ReferenceActivity.CONF.value
    return {
        "repeats": [
            (
                row,
                said(row),
                window.rows(
                    first=first, last=on, lieu=row.place_id, theme=row.theme_id, seul=True,
                    type=conflict,
                )
                if row.conflicts
                else window.sent(first=first, last=on, lieu=row.place_id, theme=row.theme_id),
            )
            for row in found[:REPEATS_SHOWN]
        ],
        "repeats_more": max(0, len(found) - REPEATS_SHOWN),
        "repeats_on": on,
        "repeats_days": WITHIN.days,
    }  # fmt: skip


def _ends(today: date) -> list[Period]:
    """Months that are over, the newest first."""
    return Period.holding("mois", today).previous.months_until_end(ENDS)[::-1]


def _end(text: str | None, ends: list[Period]) -> Period:
    if not text:
        return ends[0]
    for month in ends:
        if month.slug == text:
            return month
    raise Http404


def _type(text: str | None) -> str:
    if text and text not in ReferenceActivity.values:
        raise Http404
    return text or ""


def _theme(text: str | None, themes: dict[int, Theme]) -> Theme | None:
    if not text:
        return None
    if not (text.isdecimal() and len(text) < 12 and int(text) in themes):
        raise Http404
    return themes[int(text)]


def _file(window: Window, counts: Counts, form: str, membership: Membership) -> HttpResponse:
    record(
        Act.PRODUCE,
        window.perimeter,
        by=membership,
        programme=membership.programme_id,
        fields=[form.upper(), window.end.slug],
    )
    answer: Any = FileResponse(
        exports.write(window, counts.cells, form),
        as_attachment=True,
        filename=f"observatoire-{window.perimeter.party.slug}-{window.end.slug}.{form}",
        content_type=FORMATS[form],
    )
    return answer
