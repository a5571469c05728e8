"""A draft leaves (R72)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.models import Act, Contact, Membership, Programme, record

from ..course import add_event
from ..emails.outbox import queue_signalement
from ..models.course import EventKind
from ..models.recipients import Recipient
from ..models.signalements import NOTHING_SEEN, Signalement, SignalementState
from .state import (
    SignalementChanged,
    check_texts,
    contacts_today,
    due_on,
    lock_signalement,
    set_state,
)


@transaction.atomic
def send_signalement(
    *, signalement: Signalement, read_version: int, by: Membership, now: datetime
) -> Signalement:
    """A draft leaves: it takes its number, its recipients and its due day, and its mails are queued
    in the same transaction (R72).

    Raises SignalementChanged for one that left meanwhile, ValidationError without a recipient or
    without anything seen.
    """

    locked = lock_signalement(signalement, read_version, by)
    if locked.state != SignalementState.BROUILLON:
        raise SignalementChanged(locked)
    today = timezone.localtime(now).date()
    contacts = contacts_today(locked.chosen.select_related("party"), today)
    if not contacts:
        raise ValidationError("Choisissez au moins un destinataire qui a une adresse.")
    if locked.due_on and locked.due_on < today:
        raise ValidationError("L’échéance choisie est passée : changez-la.")
    if not locked.description.strip() and not locked.photos.exists():
        raise ValidationError(NOTHING_SEEN)
    check_texts(locked)
    # The programme's row is the turnstile: two that leave at once take two numbers.
    Programme.objects.select_for_update().get(pk=locked.programme_id)
    taken = Signalement.objects.filter(programme_id=locked.programme_id, year=today.year)
    locked.year = today.year
    locked.number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    locked.sent_at = now
    locked.due_on = locked.due_on or due_on(locked.urgency, today)
    locked.is_open_to_perimeter = not locked.is_confidential
    set_state(locked, SignalementState.ENVOYE, today)
    add_event(locked, EventKind.SENT, now, "Envoyé", by=by)
    for contact in contacts:
        queue_signalement(add_recipient(locked, contact), now=now)
    record(Act.CHANGE, locked, by=by, programme=by.programme_id, fields=["state"])
    return locked


def add_recipient(
    signalement: Signalement, contact: Contact, *, is_copy: bool | None = None
) -> Recipient:
    recipient = Recipient(
        signalement=signalement,
        party_id=contact.party_id,
        contact=contact,
        function=contact.function,
        email=contact.email,
        is_copy=contact.is_backup if is_copy is None else is_copy,
    )
    recipient.full_clean()
    recipient.save()
    return recipient
