"""Writes on contacts."""

from datetime import date

from django.db.models import QuerySet

from humanicite.lib.mail.addresses import same

from .models import Contact


def set_bounced(party: int, address: str, day: date | None) -> None:
    """Flags the contacts of a party whose address today this is, or with None takes the flag off,
    for somebody writes from there."""
    _flag(Contact.objects.filter(party=party), address, day)


def set_bounced_in(programme: int, address: str, day: date | None) -> None:
    """The same of all parties of a programme: a mail that was no party's alone came back."""
    _flag(Contact.objects.filter(party__programme=programme), address, day)


def _flag(contacts: QuerySet[Contact], address: str, day: date | None) -> None:
    rows = contacts.exclude(bounced_on__isnull=day is None)
    keys = [row.pk for row in rows if same(row.email, address)]
    if keys:
        Contact.objects.filter(pk__in=keys).update(bounced_on=day)
