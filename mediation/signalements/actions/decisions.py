"""What the team decides of a signalement: verified, reopened, not resolved, cancelled, redirected."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Contact, Membership, record
from mediation import personal

from ..course import REOPENED, add_event
from ..emails.outbox import queue_notice, queue_sheet, withdraw_mails
from ..models.course import EventKind
from ..models.recipients import Recipient, RecipientState, Reply
from ..models.signalements import OPEN, SheetState, Signalement
from .answers import end_round, state_by_answers
from .sending import add_recipient
from .state import due_on, lock_signalement, save_next_version, set_state


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

    Raises SignalementChanged, PermissionDenied, ValidationError for a move that does not exist.
    """

    sheet = lock_signalement(signalement, read_version, by)
    if sheet.state == to:
        return sheet
    if not sheet.may_become(to):
        raise ValidationError(
            f"Un signalement « {sheet.get_state_display()} » ne peut pas devenir « "
            f"{SheetState(to).label} »."
        )
    if reason and personal.find(reason):
        raise ValidationError({"reason": "Ce motif semble identifier quelqu’un : reformulez-le."})
    sheet.reason = reason if to in (SheetState.NON_RESOLU, SheetState.ANNULE) else ""
    goes_back = not sheet.is_open or sheet.state == SheetState.RESOLU_DECLARE
    if to == SheetState.ANNULE:
        withdraw_mails(sheet.recipients.all(), now=now, why="signalement annulé")
        # What had not left will not; what is on its way says so itself.
        for row in sheet.recipients.filter(state=RecipientState.EN_FILE, handed_at=None):
            row.state = RecipientState.ECHEC
            row.save(update_fields=["state"])
    set_state(sheet, to, timezone.localtime(now).date())
    title = REOPENED if sheet.is_open and goes_back else sheet.get_state_display()
    add_event(sheet, EventKind.STATE, now, title, by=by, text=reason or text)
    if to in (SheetState.NON_RESOLU, SheetState.ANNULE):
        _notify_addressees(sheet, now)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["state"])
    return sheet


@transaction.atomic
def reopen_signalement(
    *, signalement: Signalement, by: Membership, now: datetime, read_version: int, text: str = ""
) -> Signalement:
    """It does not hold: who said it was done is waited for again, and told so by mail.

    Raises as `move_signalement`.
    """
    sheet = lock_signalement(signalement, read_version, by)
    if sheet.state in (SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE):
        return sheet
    current = list(
        sheet.recipients.select_for_update(of=("self",)).select_related("contact", "party")
        .filter(successor__isnull=True).order_by("pk")
    )  # fmt: skip
    for row in current:
        if row.reply == Reply.RESOLU:
            row.reply, row.answered_at, row.state = "", None, RecipientState.ACCUSE
            row.save()
        end_round(row)
    # As long again as at its sending.
    again = due_on(sheet.urgency, timezone.localtime(now).date())
    sheet.due_on = max(sheet.due_on or again, again)
    sheet.save(update_fields=["due_on"])
    by_answers = state_by_answers(current)
    sheet = move_signalement(
        signalement=sheet, to=by_answers if by_answers in OPEN else SheetState.ENVOYE, by=by,
        now=now, read_version=read_version, text=text,
    )  # fmt: skip
    _notify_addressees(sheet, now, text)
    return sheet


def _notify_addressees(sheet: Signalement, now: datetime, text: str = "") -> None:
    """That it is open again, or closed unresolved: to those whom it reached and who did not refuse
    it; in copy nobody is waited for."""

    today = timezone.localtime(now).date()
    rows = sheet.recipients.filter(successor__isnull=True, is_copy=False, handed_at__isnull=False)
    for row in rows.exclude(reply=Reply.AUTRE).select_related("contact", "party").order_by("pk"):
        if row.state != RecipientState.ECHEC and row.contact.holds(today):
            row.signalement = sheet
            queue_notice(row, text, now=now)


@transaction.atomic
def redirect_signalement(
    *, signalement: Signalement, contact: Contact, by: Membership, now: datetime, read_version: int
) -> Recipient:
    """One more addressee: the right one, when another said that it is not theirs."""

    sheet = lock_signalement(signalement, read_version, by)
    if sheet.sent_at is None:
        raise ValidationError("Un brouillon s’envoie d’abord.")
    if sheet.has_ended:
        raise ValidationError("Ce signalement est clos : rouvrez-le d’abord.")
    if not contact.email or not contact.holds(timezone.localtime(now).date()):
        raise ValidationError("Cet interlocuteur n’a pas d’adresse aujourd’hui.")
    recipient = sheet.recipients.filter(contact=contact).first()
    if recipient is not None:
        raise ValidationError("Cet interlocuteur est déjà destinataire.")
    recipient = add_recipient(sheet, contact)
    if not sheet.is_open and sheet.may_become(SheetState.ENVOYE):
        set_state(sheet, SheetState.ENVOYE, timezone.localtime(now).date())
    else:
        save_next_version(sheet)
    add_event(
        sheet, EventKind.REDIRECTED, now, f"Adressé à {recipient}", by=by, recipient=recipient
    )
    queue_sheet(recipient, now=now)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["recipients"])
    return recipient
