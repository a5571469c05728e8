"""The signed link by which an invited function reads minutes and remarks on them (R57–R59)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from governance.meetings.models import Invitation

SALT = "governance.minutes"
READ = "compte-rendu"  # what the address of a link begins with


def minutes_token(invitation: Invitation) -> str:
    """For one meeting and one function; void once the row has another nonce."""
    return signing.Signer(salt=SALT).sign_object([invitation.pk, invitation.nonce.hex])


def invitation_of(token: str) -> Invitation | None:
    """Whose link this is; one query either way, so that the time of the answer tells nothing."""
    try:
        key, nonce = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        key, nonce = 0, ""
    rows = Invitation.objects.select_related("meeting__committee__programme", "party")
    row: Invitation | None = rows.filter(pk=key).first()
    return row if row is not None and row.nonce.hex == nonce else None


def minutes_link(invitation: Invitation) -> str:
    path = reverse("minutes_by_link", kwargs={"token": minutes_token(invitation)})
    return f"{settings.SITE_URL}{path}"
