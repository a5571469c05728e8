"""Writes of those who answer by the link of a mail: they have no account, only the link."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.models import Act, record
from mediation.signalements.emails.outbox import queue_link
from mediation.signalements.links import LINK_LIFE, link_holds
from mediation.signalements.models.deliveries import DeliveryKind
from mediation.signalements.models.recipients import Recipient

BETWEEN_LINKS = timedelta(minutes=10)  # asked for again sooner, the one under way will do


@transaction.atomic
def ask_for_a_link(*, recipient: Recipient, now: datetime) -> bool:
    """Sends another link to the address that the signalement was sent to, and to no other.

    Makes the former void where it no longer held: an old one must not come back to life. Answers
    False where nothing was sent: one is under way, somebody took over, or the contact left long ago.
    """
    row = Recipient.objects.held(recipient.pk)
    today = timezone.localtime(now).date()
    ends = row.contact.ends
    if row.successor_id or (ends and today > ends + LINK_LIFE):
        return False
    since = now - BETWEEN_LINKS
    if row.deliveries.filter(kind=DeliveryKind.LINK, queued_at__gt=since).exists():
        return False
    if not link_holds(row, today):
        row.nonce = uuid.uuid4()
        row.save()
    queue_link(row, now=now)
    record(Act.CHANGE, row, by=None, programme=row.signalement.programme_id, fields=["nonce"])
    return True
