"""The signed link by which a contact without an account fetches its edition."""

from datetime import datetime, timedelta

from django.core import signing

from governance.models import Contact

from .models import Edition

SALT = "reporting.syntheses.edition"
LIFE = timedelta(days=120)  # after the edition was published


def link_token(edition: Edition, contact: Contact) -> str:
    return signing.Signer(salt=SALT).sign_object([edition.pk, contact.pk])


def edition_of(token: str, now: datetime) -> tuple[Edition | None, Contact | None]:
    """What a link leads to; nothing once it is old, or its contact left or is of another party."""
    try:
        key, contact_key = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None, None
    rows = Edition.objects.select_related("synthesis", "perimeter__party__programme")
    edition = rows.filter(pk=key, published_at__gte=now - LIFE).first()
    contact = Contact.objects.on(now.date()).filter(pk=contact_key).first()
    if edition is None or contact is None or contact.party_id != edition.perimeter.party_id:
        return None, None
    return edition, contact
