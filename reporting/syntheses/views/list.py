"""The list of syntheses: a month a row for the operator, one's own editions for a party (R76)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, F, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership, Perimeter
from governance.rights import Right
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import plural
from mediation.models import Activity
from reporting.periods import Period

from .. import batch, calendar
from ..batch import WAITING
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
    waiting = _batch(membership, len(perimeters))
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
        "batch": waiting,
        "may_begin": not any(one.is_publishing for one in waiting),
        "today": today,
    }


@dataclass(frozen=True)
class Waiting:
    """A document that a batch publishes, or would."""

    row: MonthlySynthesis
    is_publishing: bool
    done: int
    total: int


def _batch(membership: Membership, total: int) -> list[Waiting]:
    """What was validated and waits, with how far a batch is."""
    if not membership.may(Right.PUBLISH_SYNTHESES):
        return []
    now = timezone.now()
    since = Q(editions__published_at__gte=F("validated_at"), editions__replaced_at__isnull=True)
    rows = MonthlySynthesis.objects.visible_to(membership).filter(WAITING)
    counted = rows.annotate(done=Count("editions", since)).order_by("month", "kind")
    return [Waiting(row, row.is_publishing(now), row.done, total) for row in counted]


@writes(Right.PUBLISH_SYNTHESES, confirm=False)
def publish_all(request: Request) -> HttpResponse:
    """Publishes all that was validated, in a process of its own; the list shows how far it is."""
    with transaction.atomic():
        count = batch.begin(request.membership.programme_id, timezone.now())
    if count:
        messages.success(request, f"Publication de {plural(count, 'document,documents')} en cours.")
    else:
        messages.info(request, "Rien n’attend, ou une publication est déjà en cours.")
    return redirect("syntheses")


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
