"""Writes on contacts."""

from datetime import date

from humanicite.lib.mail.addresses import same

from .models import Contact


def set_bounced(party: int, address: str, day: date | None) -> None:
    """Flags the contacts of a party whose address today this is, or with None takes the flag off,
    for somebody writes from there."""
    rows = Contact.objects.filter(party=party).exclude(bounced_on__isnull=day is None)
    keys = [row.pk for row in rows if same(row.email, address)]
    if keys:
        Contact.objects.filter(pk__in=keys).update(bounced_on=day)
