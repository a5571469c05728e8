"""The signed link by which an invited function reads a meeting's papers and answers, the signed
address that replies to its mails go to, and that of a person's calendar (R54, R62–R66)."""

import re
from datetime import date, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from governance.access.models import Membership

from .models import Invitation

LINK_LIFE = timedelta(days=60)  # after the meeting: its minutes are read by the same link
LINK_SALT = "governance.meetings.invitation"
REPLY_SALT = "governance.meetings.reply"
FEED_SALT = "governance.meetings.feed"
INVITED = "seance"  # what the address of a link begins with
FEED = "agenda"


# --- The link of a mail ---------------------------------------------------------------------------
def link_token(invitation: Invitation) -> str:
    """Signed, for one meeting and one function; void once the row has another nonce."""
    return signing.Signer(salt=LINK_SALT).sign_object([invitation.pk, invitation.nonce.hex])


def invitation_of(token: str, today: date) -> tuple[Invitation | None, bool]:
    """Whose link this is, and whether it still holds; (None, False) for what is no link of ours.

    Either takes one query, so that the time of the answer tells nothing.
    """
    try:
        key, nonce = signing.Signer(salt=LINK_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        key, nonce = 0, ""
    rows = Invitation.objects.select_related("meeting__committee__programme", "party")
    row = rows.filter(pk=key).first()
    if row is None or row.nonce.hex != nonce:
        return None, False
    return row, today <= row.meeting.day + LINK_LIFE


# --- The address of a reply -----------------------------------------------------------------------
def reply_address(invitation: Invitation) -> str:
    """« reponses+s12-9f86d081884c7d65@… », signed; '' when the service takes no replies by mail."""
    local, _, host = settings.REPLY_ADDRESS.rpartition("@")
    if not local:
        return ""
    return f"{local}+s{invitation.pk}-{_signature(invitation)}@{host}"


def invitation_of_address(address: str) -> Invitation | None:
    """Whose reply address this is; None for what is no address of ours, or no longer."""
    local, _, host = settings.REPLY_ADDRESS.lower().rpartition("@")
    given, _, at = parseaddr(address)[1].lower().rpartition("@")
    tag = re.fullmatch(rf"{re.escape(local)}\+s(\d{{1,18}})-([0-9a-f]{{20}})", given, re.ASCII)
    if not local or at != host or tag is None:
        return None
    rows = Invitation.objects.select_related("meeting__committee")
    row: Invitation | None = rows.filter(pk=int(tag[1])).first()
    if row is None or not constant_time_compare(tag[2], _signature(row)):
        return None
    return row


def _signature(invitation: Invitation) -> str:
    signed = f"{invitation.pk} {invitation.nonce.hex}"
    return salted_hmac(REPLY_SALT, signed, algorithm="sha256").hexdigest()[:20]


# --- The address of a calendar --------------------------------------------------------------------
def feed_token(membership: Membership) -> str:
    """Signed, for one access; another password makes another address."""
    return signing.Signer(salt=FEED_SALT).sign_object([membership.pk, _seal(membership)])


def membership_of_feed(token: str, today: date) -> Membership | None:
    """Whose calendar this is, while the access holds and the account is open."""
    try:
        key, seal = signing.Signer(salt=FEED_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        key, seal = 0, ""
    rows = Membership.objects.on(today).filter(pk=key, user__is_active=True)
    row: Membership | None = rows.select_related(
        "party__programme", "party__perimeter", "user"
    ).first()
    if row is None or not constant_time_compare(str(seal), _seal(row)):
        return None
    return row


def _seal(membership: Membership) -> str:
    return membership.user.get_session_auth_hash()[:16]
