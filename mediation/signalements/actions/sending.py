"""A draft leaves (R72)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from governance.models import Act, Contact, Membership, Programme, record

from ..course import add_event
from ..emails.outbox import queue_sheet
from ..models.course import EventKind
from ..models.recipients import Recipient
from ..models.signalements import SheetState, Signalement
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

    Raises SignalementChanged for one that left meanwhile, ValidationError without a recipient.
    """

    sheet = lock_signalement(signalement, read_version, by)
    if sheet.state != SheetState.BROUILLON:
        raise SignalementChanged(sheet)
    today = timezone.localtime(now).date()
    contacts = contacts_today(sheet.chosen.select_related("party"), today)
    if not contacts:
        raise ValidationError("Choisissez au moins un destinataire qui a une adresse.")
    if sheet.due_on and sheet.due_on < today:
        raise ValidationError("L’échéance choisie est passée : changez-la.")
    check_texts(sheet)
    # The programme's row is the turnstile: two that leave at once take two numbers.
    Programme.objects.select_for_update().get(pk=sheet.programme_id)
    taken = Signalement.objects.filter(programme_id=sheet.programme_id, year=today.year)
    sheet.year = today.year
    sheet.number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    sheet.sent_at = now
    sheet.due_on = sheet.due_on or due_on(sheet.urgency, today)
    sheet.is_open_to_perimeter = not sheet.is_confidential
    set_state(sheet, SheetState.ENVOYE, today)
    add_event(sheet, EventKind.SENT, now, "Envoyé", by=by)
    for contact in contacts:
        queue_sheet(add_recipient(sheet, contact), now=now)
    record(Act.CHANGE, sheet, by=by, programme=by.programme_id, fields=["state"])
    return sheet


def add_recipient(
    sheet: Signalement, contact: Contact, *, is_copy: bool | None = None
) -> Recipient:
    recipient = Recipient(
        signalement=sheet,
        party_id=contact.party_id,
        contact=contact,
        function=contact.function,
        email=contact.email,
        is_copy=contact.is_backup if is_copy is None else is_copy,
    )
    recipient.full_clean()
    recipient.save()
    return recipient
