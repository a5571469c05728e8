"""The signed link by which the party that has something to do says what became of it, without an
account (R57)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from .models import ActionItem

SALT = "governance.decisions.action"
DONE = "action"  # what the address of a link begins with


def action_token(action: ActionItem) -> str:
    """Void once the action is another party's."""
    return signing.Signer(salt=SALT).sign_object([action.pk, action.party_id, action.uid.hex])


def action_of(token: str) -> ActionItem | None:
    try:
        key, party, uid = signing.Signer(salt=SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        key, party, uid = 0, 0, ""
    rows = ActionItem.objects.select_related(
        "item__meeting__committee__programme", "party", "contact"
    )
    row: ActionItem | None = rows.filter(pk=key, party=party, is_internal=False).first()
    return row if row is not None and row.uid.hex == uid else None


def action_link(action: ActionItem) -> str:
    path = reverse("action_by_link", kwargs={"token": action_token(action)})
    return f"{settings.SITE_URL}{path}"
