"""The signed link by which an addressee answers, and the signed address that replies go to."""

import re
from datetime import date, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core import signing
from django.db.models import Max
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from .models.deliveries import DeliveryKind
from .models.recipients import Recipient

LINK_LIFE = timedelta(days=30)  # of an answer's link, after the signalement is closed
LINK_SALT = "mediation.signalements.answer"
ANSWER = "repondre"  # what the address of an answer begins with
_LINK = re.compile(rf"\S*/{ANSWER}/\S+")


def link_token(recipient: Recipient) -> str:
    """Signed, for one signalement and one recipient; void once the row has another nonce."""
    return signing.Signer(salt=LINK_SALT).sign_object([recipient.pk, recipient.nonce.hex])


def without_links(text: str, said: str) -> str:
    """A text in which `said` stands for each link that answers in somebody's name."""
    return _LINK.sub(said, text)


def recipient_of(token: str, today: date) -> tuple[Recipient | None, bool]:
    """Whose link this is, and whether it still holds; (None, False) for what is no link of ours.

    Either takes one query, so that the time of the answer tells nothing.
    """
    try:
        key, nonce = signing.Signer(salt=LINK_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        key, nonce = 0, ""
    rows = Recipient.objects.select_related(
        "signalement__place", "signalement__theme", "party", "contact", "successor__party"
    )
    row = rows.filter(pk=key).first()
    if row is None or row.nonce.hex != nonce:
        return row, False
    return row, link_holds(row, today)


def link_holds(recipient: Recipient, today: date) -> bool:
    """Until 30 days after the closure, while the contact is in function and nobody took over.

    A link that was asked for since then holds 30 days more: it went to the same address, so whoever
    opens it still reads there what the function receives. Not for ever, though: 30 days after the
    contact left, whoever reads that mailbox is somebody else.
    """
    if recipient.successor_id:
        return False
    closed, contact = recipient.signalement.closed_on, recipient.contact
    left = None if contact.holds(today) else contact.ends
    if left is None and (closed is None or today <= closed + LINK_LIFE):
        return True
    if left is not None and today > left + LINK_LIFE:
        return False
    links = recipient.deliveries.filter(kind=DeliveryKind.LINK)
    asked = links.aggregate(last=Max("queued_at"))["last"]
    if asked is None:
        return False
    asked_on = timezone.localtime(asked).date()
    return asked_on > (left or date.min) and (
        closed is None or today <= max(closed, asked_on) + LINK_LIFE
    )


REPLY_SALT = "mediation.signalements.reply"


def reply_address(recipient: Recipient | None) -> str:
    """Where a reply to a recipient's mail goes: « reponses+12-9f86d081884c7d65@… », signed, in
    small letters as some servers write them; '' when the service takes no replies by mail.

    None: a mail about several signalements, whose reply is nobody's in particular.
    """
    local, _, host = settings.REPLY_ADDRESS.rpartition("@")
    if not local or recipient is None:
        return settings.REPLY_ADDRESS
    return f"{local}+{recipient.pk}-{_signature(recipient)}@{host}"


def recipient_of_address(address: str) -> Recipient | None:
    """Whose reply address this is; None for what is no address of ours, or no longer.

    It goes with the link: who had the mail before the row took another address cannot reply for it.
    """
    local, _, host = settings.REPLY_ADDRESS.lower().rpartition("@")
    given, _, at = parseaddr(address)[1].lower().rpartition("@")
    tag = re.fullmatch(rf"{re.escape(local)}\+(\d{{1,18}})-([0-9a-f]{{20}})", given, re.ASCII)
    if not local or at != host or tag is None:
        return None
    rows = Recipient.objects.select_related(
        "signalement__place", "signalement__theme", "party", "contact"
    )
    row: Recipient | None = rows.filter(pk=int(tag[1])).first()
    if row is None or not constant_time_compare(tag[2], _signature(row)):
        return None
    return row


def _signature(recipient: Recipient) -> str:
    signed = f"{recipient.pk} {recipient.nonce.hex}"
    return salted_hmac(REPLY_SALT, signed, algorithm="sha256").hexdigest()[:20]
