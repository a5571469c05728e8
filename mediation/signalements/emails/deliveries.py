"""What became of each mail: handed over, or failed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from post_office.models import STATUS, Email

from governance.contacts.actions import set_bounced
from humanicite.lib.dates import NBSP
from humanicite.lib.mail import verdicts
from humanicite.lib.mail.addresses import same

from ..course import add_event
from ..models.course import EventKind
from ..models.deliveries import Delivery, DeliveryKind
from ..models.recipients import Recipient, RecipientState


def note_try(sender: object, email: Email, tried: verdicts.Try, **kwargs: Any) -> None:
    """Receives `mail_tried`, in the transaction that notes the mail's own state."""
    for delivery in Delivery.objects.select_for_update().filter(email=email).order_by("pk"):
        delivery.attempts = tried.attempts
        delivery.error = tried.error
        to = next(iter(email.to), "")
        if tried.outcome is verdicts.Outcome.HANDED:
            _handed(delivery, to, tried.at)
        elif tried.outcome is verdicts.Outcome.REFUSED:
            _failed(delivery, to, tried)
        delivery.save()


def settle_deliveries() -> int:
    """Deliveries that do not say yet what post_office's row says; answers how many are mended.

    There are some only after `note_try` itself failed.
    """
    mended = 0
    waiting = Delivery.objects.filter(handed_at__isnull=True, failed_at__isnull=True)
    settled = waiting.filter(email__status__in=[STATUS.sent, STATUS.failed])
    for delivery in settled.select_related("email").order_by("pk")[:1000]:
        email: Any = delivery.email
        is_sent = email.status == STATUS.sent
        last = email.logs.order_by("-pk").first()
        tried = verdicts.Try(
            verdicts.Outcome.HANDED if is_sent else verdicts.Outcome.REFUSED,
            email.last_updated,
            email.number_of_retries or 1,
            "" if is_sent or last is None else last.message[:500],
        )
        with transaction.atomic():
            note_try(Email, email, tried)
        mended += 1
    return mended


def _handed(delivery: Delivery, to: str, at: datetime) -> None:
    """The row's state is of today's address: what a former one, or a copy, took says nothing."""
    if delivery.handed_at is not None:
        return
    delivery.handed_at, delivery.failed_at = at, None
    recipient = Recipient.objects.held(delivery.recipient_id)
    is_signalement = delivery.kind in (DeliveryKind.SIGNALEMENT, DeliveryKind.LINK)
    if not same(to, recipient.email):
        if is_signalement:
            add_event(
                recipient.signalement,
                EventKind.HANDED,
                at,
                f"Remis à une ancienne adresse : {to}",
                recipient=recipient,
                internal=True,
            )
        return
    if recipient.state in (RecipientState.EN_FILE, RecipientState.ECHEC):
        recipient.state = RecipientState.REMIS
    recipient.handed_at = recipient.handed_at or at
    recipient.save(update_fields=["state", "handed_at"])
    if is_signalement:
        what = "Nouveau lien remis" if delivery.kind == DeliveryKind.LINK else "Remis"
        add_event(
            recipient.signalement,
            EventKind.HANDED,
            at,
            f"{what} au serveur de courriel",
            recipient=recipient,
        )


def _failed(delivery: Delivery, to: str, tried: verdicts.Try) -> None:
    if delivery.failed_at is not None or delivery.handed_at is not None:
        return
    delivery.failed_at = tried.at
    recipient = Recipient.objects.held(delivery.recipient_id)
    if tried.unknown_address:
        set_bounced(recipient.party_id, to, timezone.localdate(tried.at))
    if not same(to, recipient.email):
        return
    if recipient.state in (RecipientState.EN_FILE, RecipientState.REMIS, RecipientState.SILENCIEUX):
        recipient.state = RecipientState.ECHEC
        recipient.save(update_fields=["state"])
    add_event(
        recipient.signalement,
        EventKind.FAILED,
        tried.at,
        f"Envoi en échec{NBSP}: {recipient}",
        recipient=recipient,
        text=tried.error,
        internal=True,
    )
