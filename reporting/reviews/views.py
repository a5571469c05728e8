"""The list of bilans: a year and its first half for the operator, one's own editions for a party (R81)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from governance.access.requests import Request
from governance.models import Perimeter, Programme
from governance.rights import Right
from humanicite.lib.forms import target
from humanicite.lib.http import reads
from humanicite.lib.pdf import PdfUnavailable
from mediation.models import Activity
from reporting.periods import Period
from reporting.syntheses.models import Consultation, Edition, MonthlySynthesis, SynthesisKind

from . import audit, poster
from .calendar import periods
from .forms import SpanForm


@reads(Right.READ_SYNTHESES)
def reviews(request: Request) -> HttpResponse:
    if request.membership.is_operator:
        context = _of_the_operator(request, timezone.localdate())
        return render(request, "reviews/reviews.html", context)
    return render(request, "reviews/own.html", _of_a_party(request))


def _of_the_operator(request: Request, today: date) -> dict[str, Any]:
    membership = request.membership
    days = Activity.objects.visible_to(membership).order_by("day").values_list("day", flat=True)
    known = {row.period: row for row in MonthlySynthesis.objects.visible_to(membership).reviews()}
    current: dict[Period, list[Edition]] = {}
    rows = Edition.objects.visible_to(membership).reviews().latest_versions().light()
    for row in rows.select_related("perimeter__party", "synthesis").newest_first():
        current.setdefault(row.period, []).append(row)
    return {
        "rows": [
            (period, known.get(period), current.get(period, []))
            for period in periods(days.first() or today, today)
        ],
        "perimeters": Perimeter.objects.visible_to(membership).select_related("party"),
        "today": today,
    }


def _of_a_party(request: Request) -> dict[str, Any]:
    membership = request.membership
    rows = Edition.objects.visible_to(membership).reviews().light().newest_first()
    editions = list(rows.select_related("synthesis", "perimeter__party"))
    drafts = Consultation.objects.visible_to(membership)
    drafts = drafts.exclude(synthesis__kind=SynthesisKind.MONTHLY)
    return {
        "editions": [row for row in editions if row.replaced_at is None],
        "older": [row for row in editions if row.replaced_at],
        "drafts": drafts.select_related("synthesis", "perimeter__party"),
    }


# --- The year for inhabitants, and what an auditor asks for ---------------------------------------
@reads(Right.PRODUCE_SYNTHESES, of=Perimeter)
def poster_pdf(request: Request, perimeter: Perimeter, year: int) -> HttpResponse:
    """One page for the entrance halls; of a year alone."""
    today = timezone.localdate()
    try:
        period = Period("annee", year)
    except ValueError as error:
        raise Http404 from error
    if period.first > today:
        raise Http404
    made = poster.poster(perimeter, period, today)
    return _paper(request, lambda: poster.to_pdf(made), made.filename)


@reads(Right.PUBLISH_SYNTHESES)
def audit_page(request: Request) -> HttpResponse:
    """What an auditor of the norm asks to see; the twelve months up to today unless told."""
    form, made = _asked(request)
    context = {
        "form": form,
        "dossier": made,
        "paper": False,
        "query": urlencode({"du": f"{made.first}", "au": f"{made.last}"}) if made else "",
        "faults": [(target(form[name]) if name in form.fields else "", text)
                   for name, errors in form.errors.items() for text in errors],
    }  # fmt: skip
    return render(request, "reviews/audit.html", context, status=422 if form.errors else 200)


@reads(Right.PUBLISH_SYNTHESES)
def audit_pdf(request: Request) -> HttpResponse:
    form, made = _asked(request)
    if made is None:
        return redirect(f"{reverse('audit')}?{request.GET.urlencode()}")
    found = made
    return _paper(request, lambda: audit.to_pdf(found, timezone.now()), found.filename)


def _asked(request: Request) -> tuple[SpanForm, audit.Dossier | None]:
    """The period that was asked for, or the last twelve months; no dossier of a wrong one."""
    today = timezone.localdate()
    usual = {"du": today - timedelta(days=365), "au": today}
    form = SpanForm(request.GET if request.GET else usual)
    if not form.is_valid():
        return form, None
    programme = Programme.objects.get(pk=request.membership.programme_id)
    given = form.cleaned_data
    return form, audit.dossier(programme, given["du"], given["au"])


def _paper(request: Request, draw: Callable[[], bytes], filename: str) -> HttpResponse:
    try:
        content = draw()
    except PdfUnavailable as error:
        return render(request, "pdf_unavailable.html", {"reason": str(error)}, status=503)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
