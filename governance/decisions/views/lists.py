"""Decisions and actions of all meetings that the reader reads."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.journal.models import Act, record
from governance.rights import Right
from humanicite.lib.exports import FORMATS, TooManyRows
from humanicite.lib.http import reads
from humanicite.lib.pdf import PdfUnavailable

from .. import papers
from ..filters import ActionFilter, DecisionFilter
from ..models import ActionItem, Decision
from ..tables import ActionTable, DecisionTable

SHOWN_WITH = ("item__meeting__committee",)


@reads(Right.READ_MEETINGS)
def decisions(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    found = DecisionFilter(request.GET, membership=membership, today=today)
    seen = Decision.objects.visible_to(membership)
    rows = found.narrow(seen).select_related(*SHOWN_WITH)
    if (wanted := request.GET.get("_export", "")) in FORMATS and found.is_valid():
        return _file(request, DecisionTable, rows, wanted, "decisions", found)
    table = DecisionTable(rows, asked=request.GET)
    found.kept = table.kept
    numbered = seen.filter(year__isnull=False).order_by("-year")
    years = numbered.values_list("year", flat=True).distinct()
    context = {"filter": found, "table": table, "years": years, "query": found.query()}
    return render(request, "decisions/decisions.html", context)


@reads(Right.READ_MEETINGS)
def actions(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    found = ActionFilter(request.GET, membership=membership, today=today)
    rows = found.narrow(ActionItem.objects.visible_to(membership))
    rows = rows.select_related(*SHOWN_WITH, "party", "contact")
    if (wanted := request.GET.get("_export", "")) in FORMATS and found.is_valid():
        return _file(request, ActionTable, rows, wanted, "actions", found)
    table = ActionTable(rows, today=today, asked=request.GET)
    found.kept = table.kept
    context = {"filter": found, "table": table, "query": found.query()}
    return render(request, "decisions/actions.html", context)


def _file(
    request: Request, table: Any, rows: Any, wanted: str, name: str, found: Any
) -> HttpResponse:
    membership = request.membership
    try:
        file = table.file(rows, wanted)
    except TooManyRows as error:
        messages.warning(request, str(error))
        return redirect(f"{request.path}?{found.query()}")
    record(
        Act.PRODUCE,
        membership.programme,
        by=membership,
        programme=membership.programme_id,
        fields=[wanted.upper(), name, *found.set_names],
    )
    filename = f"{name}-{membership.party.slug}-{timezone.localdate().isoformat()}.{wanted}"
    answer: Any = FileResponse(
        file, as_attachment=True, filename=filename, content_type=FORMATS[wanted]
    )
    return answer


@reads(Right.READ_MEETINGS)
def year_paper(request: Request, year: int) -> HttpResponse:
    """The year's numbered decisions that the reader reads, in their order."""
    membership = request.membership
    rows = Decision.objects.visible_to(membership).filter(year=year)
    rows = rows.select_related(*SHOWN_WITH).prefetch_related("item__actions__party")
    shown = list(rows.order_by("number"))
    try:
        content = papers.year_pdf(membership.programme, year, shown, str(membership.party))
    except PdfUnavailable:
        return render(request, "pdf_unavailable.html", status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="decisions-{year}.pdf"'
    return answer
