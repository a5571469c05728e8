"""Open signalements pass to whoever holds the function after a contact."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from governance.models import Contact, Membership

from ..course import add_event
from ..emails.outbox import queue_signalement, withdraw_mails
from ..emails.pdf import Drawing, draw_if_missing
from ..models.course import EventKind
from ..models.recipients import Recipient, RecipientState
from ..models.signalements import OPEN
from .answers import end_round, follow_answers
from .sending import add_recipients


def succeed(*, contact: Contact, by: Membership | None, now: datetime) -> int:
    """Hands the open signalements of a contact who left to whoever holds the function after them.

    That is the nearest of the successors who is in function and can be written to; while there is
    none, the signalements wait. The new one is waited for from the beginning. Answers how many moved.
    A PDF, where there is none yet, is drawn before the transaction (docs/decisions/0021).
    """
    drawings = draw_for_heir(contact) if _heir_of(contact, now) else {}
    return hand_to_heir(contact=contact, drawings=drawings, by=by, now=now)


def draw_for_heir(contact: Contact) -> dict[int, Drawing | None]:
    """By signalement in a contact's hands, the PDF that none was made of yet."""
    rows = Recipient.objects.in_hand().filter(contact=contact)
    found = [row.signalement for row in rows.select_related("signalement")]
    return {signalement.pk: draw_if_missing(signalement) for signalement in found}


@transaction.atomic
def hand_to_heir(
    *,
    contact: Contact,
    drawings: Mapping[int, Drawing | None],
    by: Membership | None,
    now: datetime,
) -> int:
    """What `succeed` writes; for who has drawn what it sends, before their own transaction."""
    heir_contact = _heir_of(contact, now)
    if heir_contact is None:
        return 0
    keys = Recipient.objects.in_hand().filter(contact=contact).order_by("pk")
    moved = 0
    for key in list(keys.values_list("pk", flat=True)):
        row = Recipient.objects.held(key)
        signalement = row.signalement
        if row.successor_id or signalement.state not in OPEN:
            continue
        known = signalement.recipients.filter(contact=heir_contact).select_related("party").first()
        heir = known or add_recipients(signalement, [heir_contact], is_copy=row.is_copy)[0]
        heir.signalement = signalement
        row.successor = heir
        row.save(update_fields=["successor"])
        withdraw_mails([row], now=now, why="repris par un successeur")
        if known is not None and known.successor_id:
            begin_again(known, heir_contact)  # back in the function
        add_event(signalement, EventKind.SUCCEEDED, now, f"{row} → {heir}", by=by, recipient=heir)
        if known is None or known.handed_at is None:
            queue_signalement([heir], now=now, drawing=drawings.get(signalement.pk))
        follow_answers(signalement, now)
        moved += 1
    return moved


def _heir_of(contact: Contact, now: datetime) -> Contact | None:
    today = timezone.localtime(now).date()
    ends = contact.ends or today
    return _in_function(contact, max(today, ends + timedelta(days=1)))


def _in_function(contact: Contact, today: date) -> Contact | None:
    """The first of a contact's successors who is there on a day, and can be written to."""
    seen = {contact.pk}
    heir: Contact | None = contact.successor
    while heir is not None and heir.pk not in seen:
        if heir.holds(today) and heir.email:
            return heir
        seen.add(heir.pk)
        heir = heir.successor
    return None


def begin_again(recipient: Recipient, contact: Contact) -> None:
    """The row of somebody who is sent the signalement once more: today's address, another link, and a
    follow-up from the beginning. What they said stays said."""
    recipient.successor = None
    recipient.email, recipient.function = contact.email, contact.function
    recipient.nonce = uuid.uuid4()
    recipient.handed_at = None
    if recipient.acknowledged_at is None:
        recipient.state = RecipientState.EN_FILE
    recipient.full_clean()
    recipient.save()
    end_round(recipient)
