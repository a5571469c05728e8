"""What the convention's page shows, each part as its reader may see it."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Prefetch

from governance.access.models import Membership
from governance.base import current, in_force
from governance.committees.models import Committee, Seat
from governance.contacts.models import Contact
from governance.framework.models import Objective
from governance.parties.models import Party
from governance.territory.models import Coverage, Place

from .models import Convention, Provision, ProvisionKind, ProvisionState
from .plan import make_plan


def day_of(convention: Convention, today: date) -> date:
    """The day on which a convention is shown: today, within its term."""
    return min(max(today, convention.starts), convention.ends or today)


def page_of(convention: Convention, membership: Membership, today: date) -> dict[str, Any]:
    """The context of the page, in a constant number of queries."""
    day = day_of(convention, today)
    provisions = list(convention.provisions.select_related("party"))
    coverage = (
        Coverage.objects.visible_to(membership)
        .filter(in_force(day))
        .select_related("perimeter__party")
    )
    # What a reader does not see of a place still counts: it is not covered whole.
    parts = Count("children", filter=current(day, prefix="children__"))
    places = Place.objects.visible_to(membership).annotate(parts=parts).in_tree_order()
    acceptances = list(convention.acceptances.all())
    return {
        "convention": convention,
        "day": day,
        "parties": Party.objects.visible_to(membership),
        "signatories": convention.signatories.select_related("party"),
        "versions": list(convention.versions.defer("terms")),
        "financing": financing_of(convention, today),
        "means": means_of(provisions),
        "commitments": [row for row in provisions if row.kind == ProvisionKind.COMMITMENT],
        "acceptances": acceptances,
        "has_accepted": any(row.membership_id == membership.pk for row in acceptances),
        "may_accept": membership.is_operator,
        "committees": committees_of(membership, day),
        "objectives": Objective.objects.visible_to(membership)
        .select_related("axis")
        .order_by("axis__number", "number"),
        "plan": make_plan(places, coverage, day),
        "contacts": Contact.objects.visible_to(membership)
        .filter(in_force(day))
        .select_related("party"),
    }


def financing_of(convention: Convention, today: date) -> dict[str, Any]:
    """`Convention.financing`, with what is paid, what is late and what explains the difference."""
    financing = convention.financing()
    lines = financing["lines"]
    dues = [(line, row, row.is_late(today)) for line in lines for row in line.instalments.all()]
    return {
        **financing,
        "rows": [(line, line.paid()) for line in lines],
        "paid": sum((line.paid() for line in lines), Decimal(0)),
        "dues": sorted(dues, key=lambda due: due[1].due_on),
        "late": sum(is_late for _, _, is_late in dues),
        "indirect": [line for line in lines if line.payee_id != convention.operator_id],
    }


def means_of(provisions: list[Provision]) -> list[tuple[Party | None, list[Provision], int]]:
    """By party: its means, and how many are not wholly provided."""
    found: dict[Party | None, list[Provision]] = defaultdict(list)
    for row in provisions:
        if row.kind == ProvisionKind.MEANS:
            found[row.party].append(row)
    short = {ProvisionState.PARTIAL, ProvisionState.MISSING}
    return [(party, rows, sum(row.state in short for row in rows)) for party, rows in found.items()]


def committees_of(
    membership: Membership, day: date
) -> list[tuple[Committee, list[Seat], list[Seat]]]:
    """Each with its seats of the day, and those of before that are so no more (R53, R60)."""
    rows = Committee.objects.visible_to(membership).prefetch_related(
        Prefetch("seats", Seat.objects.select_related("party"))
    )
    answer = []
    for committee in rows:
        seats = list(committee.seats.all())
        now = [seat for seat in seats if seat.holds(day)]
        known = {(seat.party_id, seat.label, seat.function) for seat in now}
        before = [
            seat
            for seat in seats
            if seat.ends is not None
            and seat.ends < day
            and (seat.party_id, seat.label, seat.function) not in known
        ]
        answer.append((committee, now, before))
    return answer
