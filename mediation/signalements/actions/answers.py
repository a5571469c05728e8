"""What an addressee says of a signalement, and where it puts it."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from governance.models import Act, Membership, record
from governance.rights import Right
from humanicite.lib import pictures
from humanicite.lib.dates import long_day
from mediation import personal

from ..course import add_event
from ..models.course import EventKind
from ..models.recipients import Recipient, RecipientState, Reply
from ..models.signalements import Signalement, SignalementState
from .photos import add_signalement_photo
from .state import set_state

SAYS = {
    Reply.RECU: SignalementState.ACCUSE,
    Reply.EN_CHARGE: SignalementState.PRIS_EN_CHARGE,
    Reply.RESOLU: SignalementState.RESOLU_DECLARE,
}


BY_LINK = "par le lien du courriel"
IN_THE_APPLICATION = "dans l’application"


@transaction.atomic
def answer_signalement(
    *,
    recipient: Recipient,
    reply: str,
    now: datetime,
    promised_on: date | None = None,
    redirect_to: str = "",
    comment: str = "",
    by: Membership | None = None,
    how: str = "",
    uid: uuid.UUID | None = None,
) -> Recipient:
    """What an addressee says of a signalement, by the link of the mail, in the application, or by mail.

    An answer can be changed while the signalement is open, or not yet verified. The same answer twice
    is one, and so is the same form (`uid`) twice. `how` says by which way it came, for the
    timeline. A comment that seems to identify somebody stays with the operator (R25).
    """
    recipient = Recipient.objects.held(recipient.pk)
    signalement = recipient.signalement
    if signalement.has_ended:
        raise ValidationError("Ce signalement est clos : il n’attend plus de réponse.")
    said = (reply, promised_on, redirect_to.strip())
    form = f"form:{uid}" if uid else None
    if form and signalement.events.filter(message_id=form).exists():
        return recipient
    is_new = said != (recipient.reply, recipient.promised_on, recipient.redirect_to)
    if not is_new and not comment:
        return recipient
    if is_new:
        end_round(recipient)
    _note(recipient, *said, now)
    title = _said(recipient) + (f", {how}" if how else "")
    _add_events(recipient, title, comment, now, by, form)
    follow_answers(signalement, now)
    record(Act.CHANGE, signalement, by=by, programme=signalement.programme_id, fields=["state"])
    return recipient


def _note(
    recipient: Recipient, reply: str, promised_on: date | None, redirect_to: str, now: datetime
) -> None:
    recipient.reply = reply
    recipient.promised_on = promised_on if reply == Reply.EN_CHARGE else None
    recipient.redirect_to = redirect_to if reply == Reply.AUTRE else ""
    acknowledge(recipient, now)
    if reply == Reply.RECU:
        recipient.state = RecipientState.ACCUSE
    else:
        recipient.state = RecipientState.REPONDU
        recipient.answered_at = recipient.answered_at or now
    recipient.full_clean()
    recipient.save()


def _add_events(
    recipient: Recipient,
    title: str,
    comment: str,
    now: datetime,
    by: Membership | None,
    form: str | None,
) -> None:
    """The answer, and its comment beside it, for the operator, where it seems to identify somebody."""
    signalement, named = recipient.signalement, bool(personal.find(comment))
    text = "" if named else comment
    add_event(
        signalement,
        EventKind.REPLIED,
        now,
        title,
        recipient=recipient,
        by=by,
        text=text,
        message_id=form,
    )
    if named:
        about = "Commentaire de la réponse"
        add_event(
            signalement,
            EventKind.COMMENT,
            now,
            about,
            recipient=recipient,
            by=by,
            text=comment,
            internal=True,
        )


def _said(recipient: Recipient) -> str:
    """« Je m’en occupe, pour le 2 décembre 2026 »: the whole of it, as another answer may follow."""
    said = recipient.get_reply_display()
    if recipient.promised_on:
        said += f", pour le {long_day(recipient.promised_on, with_year=True)}"
    if recipient.redirect_to:
        said += f", à adresser à : {recipient.redirect_to}"
    return said


@transaction.atomic
def answer_with_photo(
    *,
    recipient: Recipient,
    uid: uuid.UUID,
    now: datetime,
    reply: str,
    promised_on: date | None = None,
    redirect_to: str = "",
    comment: str = "",
    photo: pictures.Picture | None = None,
    by: Membership | None,
) -> Recipient:
    """What a form of an addressee says, and its photo: both or neither; the same form twice is one.

    `by` answers in the application (R72), for its own party; None is whoever holds the mail's link.
    Raises PermissionDenied for another party's, ValidationError for a signalement that is closed, or
    one photo too many.
    """
    if by is not None and not _may_answer(by, recipient):
        raise PermissionDenied
    answered = answer_signalement(
        recipient=recipient,
        reply=reply,
        now=now,
        promised_on=promised_on,
        redirect_to=redirect_to,
        comment=comment,
        by=by,
        how=BY_LINK if by is None else IN_THE_APPLICATION,
        uid=uid,
    )
    if photo is not None:
        # Last: what fails after it would leave its file behind.
        add_signalement_photo(
            signalement=answered.signalement, upload=photo, uid=uid, recipient=answered, by=by
        )
    return answered


def _may_answer(by: Membership, recipient: Recipient) -> bool:
    return by.may(Right.ANSWER_SIGNALEMENTS) and recipient.party_id == by.party_id


def acknowledge(recipient: Recipient, now: datetime) -> None:
    """The first sign of an addressee, by whatever way; not saved. It ends what its silence began. One
    that is read late may be older than what was known."""
    if recipient.acknowledged_at is None:
        recipient.acknowledged_at = now
        end_round(recipient)
    else:
        recipient.acknowledged_at = min(recipient.acknowledged_at, now)


def withdraw_sign(recipient: Recipient, at: datetime, *, others: Iterable[datetime]) -> None:
    """What was taken for a sign at a moment was none: the first of the `others` counts, or the silence
    goes on as if nothing had come. Not saved, but for its follow-up."""
    if recipient.acknowledged_at is None or recipient.acknowledged_at < at:
        return
    first = min(others, default=None)
    if first is not None or recipient.reply:
        recipient.acknowledged_at = first or recipient.acknowledged_at
        return
    recipient.acknowledged_at = None
    before = recipient.history.filter(acknowledged_at__isnull=True).order_by("-history_id").first()
    recipient.state = before.state if before else RecipientState.REMIS
    if recipient.state == RecipientState.EN_FILE and recipient.handed_at:
        recipient.state = RecipientState.REMIS
    _resume_round(recipient)


def _resume_round(recipient: Recipient) -> None:
    """The steps of the silence count again; those that were taken since, of what was promised, do not."""
    since = timezone.localtime(recipient.handed_at or recipient.added_at).date()
    ended = recipient.reminders.filter(is_past=True, day__gte=since).order_by("pk")
    again = {row.step: row.pk for row in ended}
    recipient.reminders.update(is_past=True)
    recipient.reminders.filter(pk__in=again.values()).update(is_past=False)


def end_round(recipient: Recipient) -> None:
    """What was followed up so far is past: the next silence is counted from its own beginning."""
    recipient.reminders.update(is_past=True)


def follow_answers(signalement: Signalement, now: datetime) -> None:
    """The signalement stands where the answers of its current recipients put it."""
    wanted = state_by_answers(signalement.recipients.filter(successor__isnull=True))
    if wanted != signalement.state and signalement.may_become(wanted):
        set_state(signalement, wanted, timezone.localtime(now).date())


def state_by_answers(rows: Iterable[Recipient]) -> SignalementState:
    """The most advanced of them decides; refused when of each party somebody said so."""
    rows = list(rows)
    replies = {row.reply for row in rows}
    for reply in (Reply.RESOLU, Reply.EN_CHARGE, Reply.RECU):
        if reply.value in replies:
            return SAYS[reply]
    if any(row.acknowledged_at and not row.reply for row in rows):
        return SignalementState.ACCUSE  # by a mail, which chooses nothing
    refusing = {row.party_id for row in rows if row.reply == Reply.AUTRE}
    if rows and refusing == {row.party_id for row in rows}:
        return SignalementState.REORIENTE
    return SignalementState.ENVOYE
