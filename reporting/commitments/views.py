"""What each party has done of what all promised (R69, R83–R86): facts, in no order but the names'."""

from datetime import date

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Convention, Party, Signatory
from governance.rights import Right
from humanicite.lib.http import reads
from reporting.figures.commitments import commitments
from reporting.periods import Period


@reads(Right.READ_FRAME)
def page(request: Request) -> HttpResponse:
    """A year, the running one unless the address says another; the same for every reader."""
    membership, today = request.membership, timezone.localdate()
    year = _year(request.GET.get("annee"), today)
    conventions = Convention.objects.visible_to(membership)
    convention = (
        conventions.filter(starts__lte=min(year.last, today)).order_by("-starts", "-pk").first()
    )
    parties: list[Party] = []
    if convention is not None:
        signed = Signatory.objects.visible_to(membership).filter(convention=convention)
        whose = Q(pk__in=signed.values("party")) | Q(pk=convention.operator_id)
        parties = list(Party.objects.visible_to(membership).filter(whose).order_by("name", "pk"))
    first = conventions.order_by("starts").values_list("starts", flat=True).first()
    context = {
        "year": year,
        "until": min(year.last, today),
        "is_running": year.holds(today),
        "previous": year.previous if first and first <= year.previous.last else None,
        "next": year.next if year.next.first <= today else None,
        "rows": commitments(membership.programme_id, parties, year, today) if parties else [],
        "own": membership.party_id,
    }
    return render(request, "commitments/commitments.html", context)


def _year(text: str | None, today: date) -> Period:
    """Raises Http404 for what is no year, or one to come."""
    if not text:
        return Period.holding("annee", today)
    try:
        year = Period.parse(text)
    except ValueError as error:
        raise Http404 from error
    if year.kind != "annee" or year.first > today:
        raise Http404
    return year
