"""The list of syntheses: a month a row for the operator, one's own editions for a party (R76)."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Perimeter
from governance.rights import Right
from humanicite.lib.http import reads
from mediation.models import Activity
from reporting.periods import Period

from .. import calendar
from ..models import Consultation, Edition, MonthlySynthesis, SynthesisKind

SHOWN_MONTHS = 14


@reads(Right.READ_SYNTHESES)
def syntheses(request: Request) -> HttpResponse:
    today = timezone.localdate()
    if request.membership.is_operator:
        context = _of_the_operator(request, today)
        return render(request, "syntheses/syntheses.html", context)
    return render(request, "syntheses/own.html", _of_a_party(request, today))


def _of_the_operator(request: Request, today: date) -> dict[str, Any]:
    membership = request.membership
    perimeters = list(Perimeter.objects.visible_to(membership).select_related("party"))
    running = Period.holding("mois", today)
    first = Activity.objects.visible_to(membership).order_by("day").values_list("day", flat=True)
    since = first.first() or running.first
    shown = running.months_until_end(SHOWN_MONTHS)[::-1]
    months = [month for month in shown if month.last >= since]
    known = {row.month: row for row in MonthlySynthesis.objects.visible_to(membership).monthly()}
    current: dict[date, list[Edition]] = {}
    rows = Edition.objects.visible_to(membership).monthly().latest_versions().light()
    readings = Count("readings__party", Q(readings__isnull=False), distinct=True)
    for row in rows.select_related("perimeter__party", "synthesis").annotate(readers=readings):
        current.setdefault(row.synthesis.month, []).append(row)
    return {
        "perimeters": perimeters,
        "months": [
            (month, known.get(month.first), current.get(month.first, []), calendar.due_on(month))
            for month in months
        ],
        "running": running,
        "today": today,
    }


def _of_a_party(request: Request, today: date) -> dict[str, Any]:
    membership = request.membership
    rows = Edition.objects.visible_to(membership).monthly().light().newest_first()
    editions = list(rows.select_related("synthesis", "perimeter__party"))
    read = [row for row in editions if row.replaced_at is None]
    last = Period.holding("mois", today).previous
    if any(row.synthesis.month == last.first for row in read):
        last = last.next
    drafts = Consultation.objects.visible_to(membership).filter(
        synthesis__kind=SynthesisKind.MONTHLY
    )
    return {
        "editions": read,
        "older": [row for row in editions if row.replaced_at],
        "drafts": drafts.select_related("synthesis", "perimeter__party"),
        "coming": [(month, calendar.due_on(month)) for month in (last, last.next, last.next.next)],
        "fresh_since": today - timedelta(days=14),
    }
