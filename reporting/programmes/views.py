"""Several conventions of one operator on one page, for who works in each."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.middleware import available
from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib.http import reads
from reporting.periods import Period

from .side_by_side import side_of


@reads(Right.READ_FIGURES)
def page(request: Request) -> HttpResponse:
    """Sums side by side, up to the last month that is over; 404 for who has one programme only."""
    own = _of_each(available(request))
    if not request.membership.is_operator or len(own) < 2:
        raise Http404
    until = Period.holding("mois", timezone.localdate()).previous.last
    sides = [side_of(membership, until) for membership in own]
    context = {"sides": sides, "until": until, "current": request.membership}
    return render(request, "programmes/programmes.html", context)


def _of_each(memberships: list[Membership]) -> list[Membership]:
    """One current membership at the operator of each programme, by the programmes' names."""
    found: dict[int, Membership] = {}
    for row in memberships:
        if row.is_operator and row.may(Right.READ_FIGURES):
            found.setdefault(row.programme_id, row)
    return sorted(found.values(), key=lambda row: (row.programme.name, row.pk))
