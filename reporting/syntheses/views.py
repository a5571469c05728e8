"""The monthly synthesis, one edition a perimeter (R76)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Perimeter, record
from governance.rights import Right
from humanicite.lib.http import reads
from humanicite.lib.pdf import PdfUnavailable
from mediation.models import Activity
from reporting.periods import Period

from . import edition as synthesis

SHOWN_MONTHS = 14


@reads(Right.PRODUCE_SYNTHESES)
def syntheses(request: Request) -> HttpResponse:
    """A month a row, a perimeter a column: each cell makes the edition in one click."""
    membership = request.membership
    perimeters = list(Perimeter.objects.visible_to(membership).select_related("party"))
    running = Period.holding("mois", timezone.localdate())
    rows = Activity.objects.visible_to(membership).order_by("day")
    first = rows.values_list("day", flat=True).first() or running.first
    context = {
        "perimeters": perimeters,
        "months": [
            month for month in running.months_until_end(SHOWN_MONTHS)[::-1] if month.last >= first
        ],
        "running": running,
    }
    return render(request, "syntheses/syntheses.html", context)


@reads(Right.PRODUCE_SYNTHESES, of=Perimeter)
def synthesis_pdf(request: Request, perimeter: Perimeter, month: str) -> HttpResponse:
    try:
        period = Period.parse(month)
    except ValueError as error:
        raise Http404 from error
    if period.kind != "mois":
        raise Http404
    edition = synthesis.prepare(perimeter, period, timezone.now())
    try:
        content = synthesis.to_pdf(edition)
    except PdfUnavailable as error:
        return render(request, "pdf_unavailable.html", {"reason": str(error)}, status=503)
    membership = request.membership
    record(Act.PRODUCE, perimeter, by=membership, programme=membership.programme_id)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{edition.filename}"'},
    )
