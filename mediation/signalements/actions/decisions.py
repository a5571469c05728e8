"""What the team decides of a signalement: verified, reopened, not resolved, cancelled, redirected."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Contact, Membership, record
from mediation import personal

from ..course import add_event
from ..emails.outbox import queue_notice, queue_signalement, withdraw_mails
from ..emails.pdf import Drawing, draw, draw_if_missing
from ..models.course import EventKind
from ..models.recipients import Recipient, RecipientState, Reply
from ..models.signalements import OPEN, Signalement, SignalementState
from .answers import end_round, state_by_answers
from .sending import add_recipients
from .state import as_read, due_on, lock_signalement, save_next_version, set_state


@transaction.atomic
def move_signalement(
    *,
    signalement: Signalement,
    to: str,
    by: Membership,
    now: datetime,
    read_version: int,
    reason: str = "",
    text: str = "",
) -> Signalement:
    """Verified on site, reopened, not resolved, cancelled: what the operator's team decides.

    Raises Conflict, PermissionDenied, ValidationError for a move that does not exist.
    """

    locked = lock_signalement(signalement, read_version, by)
    if locked.state == to:
        return locked
    if not locked.may_become(to):
        raise ValidationError(
            f"Un signalement « {locked.get_state_display()} » ne peut pas devenir « "
            f"{SignalementState(to).label} »."
        )
    if reason and personal.find(reason):
        raise ValidationError({"reason": "Ce motif semble identifier quelqu’un : reformulez-le."})
    locked.reason = reason if to in (SignalementState.NON_RESOLU, SignalementState.ANNULE) else ""
    goes_back = not locked.is_open or locked.state == SignalementState.RESOLU_DECLARE
    if to == SignalementState.ANNULE:
        _hold_back(locked, now)
    set_state(locked, to, timezone.localtime(now).date())
    kind, title = EventKind.STATE, locked.get_state_display()
    if locked.is_open and goes_back:
        kind, title = EventKind.REOPENED, EventKind.REOPENED.label
    add_event(locked, kind, now, title, by=by, text=reason or text)
    if to in (SignalementState.NON_RESOLU, SignalementState.ANNULE):
        _notify_addressees(locked, now)
    record(Act.CHANGE, locked, by=by, programme=locked.programme_id, fields=["state"])
    return locked


def _hold_back(signalement: Signalement, now: datetime) -> None:
    """What had not left will not; what is on its way says so itself."""
    withdraw_mails(signalement.recipients.all(), now=now, why="signalement annulé")
    for row in signalement.recipients.filter(state=RecipientState.EN_FILE, handed_at=None):
        row.state = RecipientState.ECHEC
        row.save(update_fields=["state"])


def reopen_signalement(
    *, signalement: Signalement, by: Membership, now: datetime, read_version: int, text: str = ""
) -> Signalement:
    """It does not hold: who said it was done is waited for again, and told so by mail.

    Its PDF tells the new day, and is drawn before the lock (docs/decisions/0021).
    Raises as `move_signalement`.
    """
    read = as_read(Signalement.objects.all(), signalement, read_version, by)
    drawing = None
    if not read.is_pending:
        read.due_on = _due_again(read, now)
        drawing = draw(read)
    return _reopen(signalement, drawing, by, now, read_version, text)


@transaction.atomic
def _reopen(
    signalement: Signalement,
    drawing: Drawing | None,
    by: Membership,
    now: datetime,
    read_version: int,
    text: str,
) -> Signalement:
    locked = lock_signalement(signalement, read_version, by)
    if locked.is_pending:
        return locked
    current = list(
        locked.recipients.select_for_update(of=("self",))
        .select_related("contact", "party")
        .filter(successor__isnull=True)
        .order_by("pk")
    )
    for row in current:
        if row.reply == Reply.RESOLU:
            row.reply, row.answered_at, row.state = "", None, RecipientState.ACCUSE
            row.save()
        end_round(row)
    locked.due_on = _due_again(locked, now)
    locked.save(update_fields=["due_on"])
    by_answers = state_by_answers(current)
    locked = move_signalement(
        signalement=locked,
        to=by_answers if by_answers in OPEN else SignalementState.ENVOYE,
        by=by,
        now=now,
        read_version=read_version,
        text=text,
    )
    _notify_addressees(locked, now, text, drawing)
    return locked


def _due_again(signalement: Signalement, now: datetime) -> date:
    """As long again as at its sending."""
    again = due_on(signalement, timezone.localtime(now).date())
    return max(signalement.due_on or again, again)


def _notify_addressees(
    signalement: Signalement, now: datetime, text: str = "", drawing: Drawing | None = None
) -> None:
    """That it is open again, or closed unresolved: to those whom it reached and who did not refuse
    it; in copy nobody is waited for."""

    today = timezone.localtime(now).date()
    rows = signalement.recipients.filter(
        successor__isnull=True, is_copy=False, handed_at__isnull=False
    )
    for row in rows.exclude(reply=Reply.AUTRE).select_related("contact", "party").order_by("pk"):
        if row.state != RecipientState.ECHEC and row.contact.holds(today):
            row.signalement = signalement
            queue_notice(row, text, now=now, drawing=drawing)


def redirect_signalement(
    *, signalement: Signalement, contact: Contact, by: Membership, now: datetime, read_version: int
) -> Recipient:
    """One more addressee: the right one, when another said that it is not theirs.

    Its PDF, where there is none yet, is drawn before the lock (docs/decisions/0021).
    """
    read = as_read(Signalement.objects.all(), signalement, read_version, by)
    drawing = draw_if_missing(read) if read.sent_at and not read.has_ended else None
    return _redirect(signalement, drawing, contact, by, now, read_version)


@transaction.atomic
def _redirect(
    signalement: Signalement,
    drawing: Drawing | None,
    contact: Contact,
    by: Membership,
    now: datetime,
    read_version: int,
) -> Recipient:
    locked = lock_signalement(signalement, read_version, by)
    if locked.sent_at is None:
        raise ValidationError("Un brouillon s’envoie d’abord.")
    if locked.has_ended:
        raise ValidationError("Ce signalement est clos : rouvrez-le d’abord.")
    if not contact.email or not contact.holds(timezone.localtime(now).date()):
        raise ValidationError("Cet interlocuteur n’a pas d’adresse aujourd’hui.")
    recipient = locked.recipients.filter(contact=contact).first()
    if recipient is not None:
        raise ValidationError("Cet interlocuteur est déjà destinataire.")
    [recipient] = add_recipients(locked, [contact])
    if not locked.is_open and locked.may_become(SignalementState.ENVOYE):
        set_state(locked, SignalementState.ENVOYE, timezone.localtime(now).date())
    else:
        save_next_version(locked)
    add_event(
        locked, EventKind.REDIRECTED, now, f"Adressé à {recipient}", by=by, recipient=recipient
    )
    queue_signalement([recipient], now=now, drawing=drawing)
    record(Act.CHANGE, locked, by=by, programme=locked.programme_id, fields=["recipients"])
    return recipient
