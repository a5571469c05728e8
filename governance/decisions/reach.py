"""By which address a party is reminded of what it has to do (R84, R85)."""

from collections.abc import Iterable
from datetime import date

from governance.contacts.models import Contact

from .models import ActionItem


def reachable(party_ids: Iterable[int], on: date) -> dict[int, Contact]:
    """The contact of each party that has one to whom a mail arrives; a back-up where there is no
    other."""
    rows = Contact.objects.on(on).filter(party__in=set(party_ids), bounced_on__isnull=True)
    found: dict[int, Contact] = {}
    for row in rows.exclude(email="").select_related("party").order_by("is_backup", "pk"):
        found.setdefault(row.party_id, row)
    return found


def without_contact(party_ids: Iterable[int], on: date) -> set[int]:
    wanted = set(party_ids)
    return wanted - set(reachable(wanted, on))


def addressee(action: ActionItem, of_parties: dict[int, Contact], on: date) -> Contact | None:
    """Who is written to about an action: its own contact while that one can be, or the party's."""
    own = action.contact
    if own is not None and own.email and not own.bounced_on and own.holds(on):
        return own
    return of_parties.get(action.party_id)
