"""What a page of figures is asked for by its address: a perimeter that its reader sees, and a period."""

from datetime import date

from django.http import Http404

from governance.models import Membership, Perimeter
from reporting.periods import Period


def seen_perimeters(membership: Membership) -> list[Perimeter]:
    """Those that the reader sees, by their parties' names; a party's own came with its membership,
    and is its only one."""
    if membership.perimeter is not None and not membership.is_operator:
        return [membership.perimeter]
    rows = Perimeter.objects.visible_to(membership).select_related("party__programme")
    return list(rows.order_by("party__name", "pk"))


def own_perimeter(membership: Membership, perimeters: list[Perimeter]) -> Perimeter | None:
    """One's own among those, or the first."""
    own = next((row for row in perimeters if row.party_id == membership.party_id), None)
    return own or next(iter(perimeters), None)


def chosen_perimeter(
    membership: Membership, perimeters: list[Perimeter], key: str | None
) -> Perimeter | None:
    """The one asked for, or one's own. Raises Http404 for one that the reader does not see."""
    if not key:
        return own_perimeter(membership, perimeters)
    for row in perimeters:
        if str(row.pk) == key:
            return row
    raise Http404


def chosen_period(text: str | None, today: date) -> Period:
    """The period asked for; otherwise the last month that is over. Raises Http404 for what is none."""
    if not text:
        return Period.holding("mois", today).previous
    try:
        return Period.parse(text)
    except ValueError as error:
        raise Http404 from error
