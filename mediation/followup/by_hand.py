"""A reminder sent by hand from a signalement's page; the timer's own are in `actions`."""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Membership, Programme, record
from governance.rights import Right
from mediation.signalements.course import add_event
from mediation.signalements.emails.outbox import queue_reminders
from mediation.signalements.emails.pdf import Drawing, draw_if_missing
from mediation.signalements.models.course import EventKind
from mediation.signalements.models.deliveries import Delivery, DeliveryKind
from mediation.signalements.models.recipients import Recipient, RecipientState, Reply
from mediation.signalements.models.signalements import Signalement

from .models import Reminder
from .steps import followed, is_reachable

BY_HAND = "main-"  # + the day: the step of a reminder sent by hand, once a day


def waited_for(signalement: Signalement) -> list[Recipient]:
    """Recipients whose turn it is, and whom a mail reaches."""
    today = timezone.localdate()
    rows = followed(signalement.programme_id).filter(signalement=signalement)
    return [
        row
        for row in rows
        if is_reachable(row, today) and row.state != RecipientState.EN_FILE and _owes(row, today)
    ]


def _owes(row: Recipient, today: date) -> bool:
    """A word, or what was announced for a day that is past; not on the day they received it."""
    if row.handed_at and timezone.localdate(row.handed_at) >= today:
        return False
    if row.reply != Reply.EN_CHARGE:
        return not row.answered_at
    return row.promised_on is None or row.promised_on < today


def had_one(address: str, programme: int, now: datetime) -> bool:
    """Whether an address was reminded, of whatever signalement, on the day of `now`."""
    local = timezone.localtime(now)
    since = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Delivery.objects.filter(
        kind=DeliveryKind.REMINDER,
        queued_at__gte=since,
        recipient__email__iexact=address,
        recipient__signalement__programme=programme,
    ).exists()


def remind_by_hand(*, signalement: Signalement, by: Membership, now: datetime) -> list[Recipient]:
    """One mail to each recipient who is waited for and had none today; answers who gets one (R85).

    The PDF, where there is none yet, is drawn before the programme's lock (docs/decisions/0021).
    """
    if not by.may(Right.WRITE_SIGNALEMENTS):
        raise PermissionDenied
    drawing = draw_if_missing(signalement) if waited_for(signalement) else None
    return _remind(signalement, drawing, by, now)


@transaction.atomic
def _remind(
    signalement: Signalement, drawing: Drawing | None, by: Membership, now: datetime
) -> list[Recipient]:
    # The turnstile of the timer's reminders: two that press at once send one.
    Programme.objects.select_for_update().get(pk=signalement.programme_id)
    sent = []
    day = timezone.localtime(now).date()
    for row in waited_for(signalement):
        if had_one(row.email, signalement.programme_id, now):
            continue
        _, is_new = Reminder.objects.get_or_create(
            recipient=row, step=f"{BY_HAND}{day:%y%m%d}", defaults={"day": day}
        )
        if not is_new:
            continue
        queue_reminders([row], to=row.email, copies=[], now=now, drawing=drawing)
        add_event(signalement, EventKind.REMINDED, now, f"Relance : {row}", recipient=row, by=by)
        sent.append(row)
    if sent:
        record(Act.CHANGE, signalement, by=by, programme=by.programme_id, fields=["reminders"])
    return sent
