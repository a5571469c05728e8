"""Addresses of mails as they are compared, and what servers say of one. Knows no app."""

import re
from contextlib import suppress

from django.core.exceptions import ValidationError
from django.db.models import Q

LONGEST = 254  # characters of an address that exists


def refuse_quoted(address: str) -> None:
    """Raises ValidationError for « "a,b"@… »: valid by RFC 5321 and nobody's, but several addresses
    to what cuts them at commas (post_office)."""
    if '"' in address or "," in address:
        raise ValidationError({"email": "Écrivez une seule adresse, sans guillemets ni virgule."})


def plain(address: str) -> str:
    """In small letters, the domain as it travels: « Voirie@Mairie-É… » is « voirie@xn--mairie-… »."""
    local, at, host = address.strip()[:LONGEST].lower().rpartition("@")
    with suppress(UnicodeError):  # no domain at all: compared as it stands
        host = host.encode("idna").decode()
    return f"{local}{at}{host}"


def same(one: str, other: str) -> bool:
    """One mailbox; nobody's is nobody's."""
    return bool(one) and plain(one) == plain(other)


def sought(field: str, address: str) -> Q:
    """Rows whose `field` is that address, however either is written."""
    local, at, host = plain(address).rpartition("@")
    written = host
    with suppress(UnicodeError):
        written = host.encode().decode("idna")
    forms = {f"{local}{at}{host}", f"{local}{at}{written}"} - {""}
    found = Q(pk__in=[])
    for form in forms:
        found |= Q(**{f"{field}__iexact": form})
    return found


def says_unknown(status: str) -> bool:
    """Whether a status of RFC 3463 says that nobody lives there: 5.1.x, but for those that are of
    the sender. A full box (5.2) or a policy (5.7) may be over tomorrow."""
    return bool(re.fullmatch(r"5\.1\.(?!0*[78]$)\d{1,3}", status))
