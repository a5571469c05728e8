"""Writes on signalements: keyword-only, atomic, journalled; the course of a sheet is decided here.

`by` is the membership that acts; None where the addressee acts by the link of the mail, where a
mail came in, or where a command follows up. `now` comes from outside.
"""

import re
import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from governance.base import in_force
from governance.models import Act, Contact, Membership, Programme, record
from governance.rights import Right
from humanicite.lib import pictures
from humanicite.lib.dates import add_working_days, long_day
from mediation import personal

from .activities.models import Activity
from .models.signalements import (
    OPEN,
    WORKING_DAYS,
    Channel,
    DeliveryKind,
    EventKind,
    Recipient,
    RecipientState,
    Relay,
    Reply,
    SheetPhoto,
    SheetState,
    Signalement,
    SignalementEvent,
    Urgency,
)
from .photos.models import Photo

LINK_LIFE = timedelta(days=30)  # of an answer's link, after the sheet is closed
REOPENED = "Rouvert"
LINK_SALT = "mediation.signalements.answer"
LINK = re.compile(r"\S*/repondre/\S+")
SAYS = {
    Reply.RECU: SheetState.ACCUSE,
    Reply.EN_CHARGE: SheetState.PRIS_EN_CHARGE,
    Reply.RESOLU: SheetState.RESOLU_DECLARE,
}
MOST_PHOTOS = 3  # of a sheet, and of each of those who answer it
NOT_YOURS = "Ce signalement ne peut pas être enregistré : rouvrez le formulaire."


class AlreadyWritten(Exception):
    """The same form was sent twice; `signalement` is what the first sending saved."""

    def __init__(self, signalement: Signalement) -> None:
        super().__init__(str(signalement.uid))
        self.signalement = signalement


class SignalementChanged(Exception):
    """Somebody moved or saved the sheet since it was read; `signalement` is as it stands now."""

    def __init__(self, signalement: Signalement) -> None:
        super().__init__(str(signalement.pk))
        self.signalement = signalement


# --- Writing and sending --------------------------------------------------------------------------


def due_on(urgency: str, sent: date) -> date:
    """The day by which an answer is expected, in working days after the sending."""
    return add_working_days(sent, WORKING_DAYS[Urgency(urgency)])


def write_signalement(
    *, signalement: Signalement, contacts: list[Contact], by: Membership
) -> Signalement:
    """Saves a new draft, once however often its form arrives.

    Raises AlreadyWritten for a `uid` that is known, ValidationError for a text that seems to
    identify somebody or what contradicts the frame.
    """
    signalement.programme_id, signalement.author_id = by.programme_id, by.user_id
    known = Signalement.objects.filter(uid=signalement.uid).first()
    if known is None:
        try:
            with transaction.atomic():
                _check(signalement)
                signalement.save()
                signalement.chosen.set(contacts)
                record(Act.CREATE, signalement, by=by, programme=by.programme_id)
            return signalement
        except IntegrityError:
            known = Signalement.objects.filter(uid=signalement.uid).first()
            if known is None:
                raise
    if not known.is_visible_to(by) or known.author_id != by.user_id:
        raise ValidationError(NOT_YOURS)
    raise AlreadyWritten(known)


@transaction.atomic
def change_draft(
    *,
    signalement: Signalement,
    contacts: list[Contact],
    read_version: int,
    by: Membership,
    fields: list[str],
) -> Signalement:
    """Saves a changed draft; what was sent stays as it was sent. Raises SignalementChanged."""
    saved = _locked(signalement, read_version, by)
    if saved.state != SheetState.BROUILLON:
        raise SignalementChanged(saved)
    _check(signalement)
    signalement.version = read_version + 1
    signalement.save()
    signalement.chosen.set(contacts)
    record(Act.CHANGE, signalement, by=by, programme=by.programme_id, fields=fields)
    return signalement


@transaction.atomic
def discard_draft(*, signalement: Signalement, read_version: int, by: Membership) -> None:
    """Removes what never left; the history keeps what it said. Raises SignalementChanged."""
    saved = _locked(signalement, read_version, by)
    if saved.state != SheetState.BROUILLON:
        raise SignalementChanged(saved)
    record(Act.DELETE, saved, by=by, programme=by.programme_id)
    saved.delete()


@transaction.atomic
def send_signalement(
    *, signalement: Signalement, read_version: int, by: Membership, now: datetime
) -> Signalement:
    """A draft leaves: it takes its number, its recipients and its due day, and its mails are queued
    in the same transaction (R72).

    Raises SignalementChanged for one that left meanwhile, ValidationError without a recipient.
    """
    from .emails_signalements import queue_sheet

    sheet = _locked(signalement, read_version, by)
    if sheet.state != SheetState.BROUILLON:
        raise SignalementChanged(sheet)
    today = timezone.localtime(now).date()
    contacts = contacts_today(sheet.chosen.select_related("party"), today)
    if not contacts:
        raise ValidationError("Choisissez au moins un destinataire qui a une adresse.")
    if sheet.due_on and sheet.due_on < today:
        raise ValidationError("L’échéance choisie est passée : changez-la.")
    _check(sheet)
    # The programme's row is the turnstile: two that leave at once take two numbers.
    Programme.objects.select_for_update().get(pk=sheet.programme_id)
    taken = Signalement.objects.filter(programme_id=sheet.programme_id, year=today.year)
    sheet.year = today.year
    sheet.number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    sheet.sent_at = now
    sheet.due_on = sheet.due_on or due_on(sheet.urgency, today)
    sheet.is_open_to_perimeter = not sheet.is_confidential
    _move(sheet, SheetState.ENVOYE, today)
    tell(sheet, EventKind.SENT, now, "Envoyé", by=by)
    for contact in contacts:
        queue_sheet(_add_recipient(sheet, contact), now=now)
    record(Act.CHANGE, sheet, by=by, programme=by.programme_id, fields=["state"])
    return sheet


def _add_recipient(
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


# --- Answers --------------------------------------------------------------------------------------


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
    """What an addressee says of a sheet, by the link of the mail, in the application, or by mail.

    An answer can be changed while the sheet is open, or not yet verified. The same answer twice
    is one, and so is the same form (`uid`) twice. `how` says by which way it came, for the
    timeline. A comment that seems to identify somebody stays with the operator (R25).
    """
    recipient = Recipient.objects.held(recipient.pk)
    sheet = recipient.signalement
    if sheet.has_ended:
        raise ValidationError("Ce signalement est clos : il n’attend plus de réponse.")
    said = (reply, promised_on, redirect_to.strip())
    form = f"form:{uid}" if uid else None
    if form and sheet.events.filter(message_id=form).exists():
        return recipient
    is_new = said != (recipient.reply, recipient.promised_on, recipient.redirect_to)
    if not is_new and not comment:
        return recipient
    if is_new:
        end_round(recipient)
    recipient.reply = reply
    recipient.promised_on = promised_on if reply == Reply.EN_CHARGE else None
    recipient.redirect_to = redirect_to.strip() if reply == Reply.AUTRE else ""
    acknowledge(recipient, now)
    if reply == Reply.RECU:
        recipient.state = RecipientState.ACCUSE
    else:
        recipient.state = RecipientState.REPONDU
        recipient.answered_at = recipient.answered_at or now
    recipient.full_clean()
    recipient.save()
    title = _said(recipient) + (f", {how}" if how else "")
    named = bool(personal.find(comment))
    tell(
        sheet, EventKind.REPLIED, now, title, recipient=recipient, by=by,
        text="" if named else comment, message_id=form,
    )  # fmt: skip
    if named:
        tell(
            sheet, EventKind.COMMENT, now, "Commentaire de la réponse", recipient=recipient, by=by,
            text=comment, internal=True,
        )  # fmt: skip
    follow_answers(sheet, now)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["state"])
    return recipient


def _said(recipient: Recipient) -> str:
    """« Je m’en occupe, pour le 2 décembre 2026 »: the whole of it, as another answer may follow."""
    said = recipient.get_reply_display()
    if recipient.promised_on:
        said += f", pour le {long_day(recipient.promised_on, with_year=True)}"
    if recipient.redirect_to:
        said += f", à adresser à : {recipient.redirect_to}"
    return said


@transaction.atomic
def answer_in_the_application(
    *,
    recipient: Recipient,
    reply: str,
    by: Membership,
    now: datetime,
    uid: uuid.UUID,
    promised_on: date | None = None,
    redirect_to: str = "",
    comment: str = "",
    photo: pictures.Picture | None = None,
) -> Recipient:
    """The same answer by who has an account, and its photo: both or neither (R72).

    Raises PermissionDenied for another party's, ValidationError for a sheet that is closed.
    """
    if not by.may(Right.ANSWER_SHEETS) or recipient.party_id != by.party_id:
        raise PermissionDenied
    answered = answer_signalement(
        recipient=recipient, reply=reply, now=now, promised_on=promised_on,
        redirect_to=redirect_to, comment=comment, by=by, how="dans l’application", uid=uid,
    )  # fmt: skip
    if photo is not None:
        # Last: what fails after it would leave its file behind.
        add_sheet_photo(
            signalement=answered.signalement, upload=photo, uid=uid, recipient=answered, by=by
        )
    return answered


def acknowledge(recipient: Recipient, now: datetime) -> None:
    """The first sign of an addressee, by whatever way; not saved. It ends what its silence began."""
    if recipient.acknowledged_at is None:
        recipient.acknowledged_at = now
        end_round(recipient)


def end_round(recipient: Recipient) -> None:
    """What was followed up so far is past: the next silence is counted from its own beginning."""
    recipient.reminders.update(is_past=True)


def follow_answers(sheet: Signalement, now: datetime) -> None:
    """The sheet stands where the answers of its current recipients put it."""
    wanted = state_by_answers(sheet.recipients.filter(successor__isnull=True))
    if wanted != sheet.state and sheet.may_become(wanted):
        _move(sheet, wanted, timezone.localtime(now).date())


def state_by_answers(rows: Iterable[Recipient]) -> SheetState:
    """The most advanced of them decides; refused when of each party somebody said so."""
    rows = list(rows)
    replies = {row.reply for row in rows}
    for reply in (Reply.RESOLU, Reply.EN_CHARGE, Reply.RECU):
        if reply.value in replies:
            return SAYS[reply]
    if any(row.acknowledged_at and not row.reply for row in rows):
        return SheetState.ACCUSE  # by a mail, which chooses nothing
    refusing = {row.party_id for row in rows if row.reply == Reply.AUTRE}
    if rows and refusing == {row.party_id for row in rows}:
        return SheetState.REORIENTE
    return SheetState.ENVOYE


# --- The course -----------------------------------------------------------------------------------


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
    from .emails_signalements import withdraw_mails

    sheet = _locked(signalement, read_version, by)
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
    _move(sheet, to, timezone.localtime(now).date())
    title = REOPENED if sheet.is_open and goes_back else sheet.get_state_display()
    tell(sheet, EventKind.STATE, now, title, by=by, text=reason or text)
    if to in (SheetState.NON_RESOLU, SheetState.ANNULE):
        _tell_by_mail(sheet, now)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["state"])
    return sheet


@transaction.atomic
def reopen_signalement(
    *, signalement: Signalement, by: Membership, now: datetime, read_version: int, text: str = ""
) -> Signalement:
    """It does not hold: who said it was done is waited for again, and told so by mail.

    Raises as `move_signalement`.
    """
    sheet = _locked(signalement, read_version, by)
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
    _tell_by_mail(sheet, now, text)
    return sheet


def _tell_by_mail(sheet: Signalement, now: datetime, text: str = "") -> None:
    """That it is open again, or closed unresolved: to those whom it reached and who did not refuse
    it; in copy nobody is waited for."""
    from .emails_signalements import queue_notice

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
    from .emails_signalements import queue_sheet

    sheet = _locked(signalement, read_version, by)
    if sheet.sent_at is None:
        raise ValidationError("Un brouillon s’envoie d’abord.")
    if sheet.has_ended:
        raise ValidationError("Ce signalement est clos : rouvrez-le d’abord.")
    if not contact.email or not contact.holds(timezone.localtime(now).date()):
        raise ValidationError("Cet interlocuteur n’a pas d’adresse aujourd’hui.")
    recipient = sheet.recipients.filter(contact=contact).first()
    if recipient is not None:
        raise ValidationError("Cet interlocuteur est déjà destinataire.")
    recipient = _add_recipient(sheet, contact)
    if not sheet.is_open and sheet.may_become(SheetState.ENVOYE):
        _move(sheet, SheetState.ENVOYE, timezone.localtime(now).date())
    else:
        _next_version(sheet)
    tell(sheet, EventKind.REDIRECTED, now, f"Adressé à {recipient}", by=by, recipient=recipient)
    queue_sheet(recipient, now=now)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["recipients"])
    return recipient


@transaction.atomic
def succeed(*, contact: Contact, by: Membership | None, now: datetime) -> int:
    """Hands the open sheets of a contact who left to whoever holds the function after them.

    That is the nearest of the successors who is in function and can be written to; while there is
    none, the sheets wait. The new one is waited for from the beginning. Answers how many moved.
    """
    from .emails_signalements import queue_sheet, withdraw_mails

    today = timezone.localtime(now).date()
    ends = contact.ends or today
    heir_contact = _in_function(contact, max(today, ends + timedelta(days=1)))
    if heir_contact is None:
        return 0
    keys = Recipient.objects.in_hand().filter(contact=contact).order_by("pk")
    moved = 0
    for key in list(keys.values_list("pk", flat=True)):
        row = Recipient.objects.held(key)
        sheet = row.signalement
        if row.successor_id or sheet.state not in OPEN:
            continue
        known = sheet.recipients.filter(contact=heir_contact).select_related("party").first()
        heir = known or _add_recipient(sheet, heir_contact, is_copy=row.is_copy)
        heir.signalement = sheet
        row.successor = heir
        row.save(update_fields=["successor"])
        withdraw_mails([row], now=now, why="repris par un successeur")
        if known is not None and known.successor_id:
            begin_again(known, heir_contact)  # back in the function
        tell(sheet, EventKind.SUCCEEDED, now, f"{row} → {heir}", by=by, recipient=heir)
        if known is None or known.handed_at is None:
            queue_sheet(heir, now=now)
        follow_answers(sheet, now)
        moved += 1
    return moved


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
    """The row of somebody who is sent the sheet once more: today's address, another link, and a
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


@transaction.atomic
def record_relay(*, relay: Relay, by: Membership, now: datetime) -> Relay:
    """What was said in person or by phone, followed like the sheet it stands beside (R70, R71)."""
    relay.programme_id, relay.author_id = by.programme_id, by.user_id
    # The turnstile: the same form that comes twice at once waits here.
    Signalement.objects.select_for_update().get(pk=relay.signalement_id)
    known = Relay.objects.filter(uid=relay.uid).first()
    if known is not None:
        return known
    relay.full_clean()
    relay.save()
    title = f"{relay.get_channel_display()} : {relay.party}"
    tell(relay.signalement, EventKind.RELAY, now, title, by=by, text=relay.note, internal=True)
    record(Act.CREATE, relay, by=by, programme=by.programme_id)
    return relay


@transaction.atomic
def relay_with_answer(
    *,
    relay: Relay,
    promised_on: date | None,
    redirect_to: str,
    by: Membership,
    now: datetime,
) -> Relay:
    """A relay beside a sheet; what its addressee answered counts like an answer by mail."""
    if not by.may(Right.WRITE_SHEETS):
        raise PermissionDenied
    saved = record_relay(relay=relay, by=by, now=now)
    if saved is not relay:
        return saved  # the same form, twice
    rows = Recipient.objects.filter(
        signalement=relay.signalement, contact=relay.contact, successor__isnull=True
    )
    row = rows.first()
    if relay.reply and row is not None:
        how = "par téléphone" if relay.channel == Channel.TELEPHONE else "de vive voix"
        answer_signalement(
            recipient=row, reply=relay.reply, promised_on=promised_on, redirect_to=redirect_to,
            now=now, by=by, how=how,
        )  # fmt: skip
    return saved


@transaction.atomic
def join_signalement(
    *, signalement: Signalement, activity: Activity | None, text: str, by: Membership, now: datetime
) -> bool:
    """A new observation of what is already reported: joins the sheet instead of making another.

    Once a day with the same words, however often its form arrives: False the second time.
    """
    if activity is not None and not activity.is_visible_to(by):
        raise PermissionDenied
    if found := personal.find(text):
        raise ValidationError(
            {"text": f"Ce texte semble identifier quelqu’un : {personal.said(found)}."}
        )
    sheet = Signalement.objects.select_for_update().get(pk=signalement.pk)
    if not sheet.may_be_changed_by(by):
        raise PermissionDenied
    if not sheet.is_open:
        raise ValidationError("Ce signalement n’est plus ouvert.")
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    same = sheet.events.filter(
        kind=EventKind.JOINED, user=by.user_id, text=text, activity=activity, at__gte=day
    )
    if same.exists():
        return False
    tell(sheet, EventKind.JOINED, now, "Constaté de nouveau", by=by, text=text, activity=activity)
    record(Act.CHANGE, sheet, by=by, programme=sheet.programme_id, fields=["events"])
    return True


@transaction.atomic
def join_draft(
    *,
    draft: Signalement,
    signalement: Signalement,
    read_version: int,
    by: Membership,
    now: datetime,
) -> int:
    """A draft becomes an observation of an open sheet, with its photos, and goes.

    Answers how many photos found no room. Raises SignalementChanged, ValidationError for words that
    name somebody or a sheet that was closed meanwhile.
    """
    # The open one first: whoever else writes on it waits for this.
    Signalement.objects.select_for_update().get(pk=signalement.pk)
    saved = _locked(draft, read_version, by)
    if saved.state != SheetState.BROUILLON:
        raise SignalementChanged(saved)
    join_signalement(
        signalement=signalement, activity=saved.activity, text=_as_observed(saved), by=by, now=now
    )
    pictures = list(saved.photos.order_by("pk"))
    room = max(0, MOST_PHOTOS - signalement.photos.filter(recipient__isnull=True).count())
    for photo in pictures[:room]:
        photo.signalement = signalement
        photo.save(update_fields=["signalement"])
    record(Act.DELETE, saved, by=by, programme=by.programme_id)
    saved.delete()
    return len(pictures[room:])


def _as_observed(draft: Signalement) -> str:
    """What a draft says, as one text; place and theme are the other's."""
    said = (
        draft.title,
        f"Où : {draft.where}" if draft.where else "",
        f"Depuis : {draft.since}" if draft.since else "",
        draft.description,
        f"Attendu : {draft.expected}" if draft.expected else "",
    )
    return "\n".join(text for text in said if text)


def tell(
    sheet: Signalement,
    kind: str,
    now: datetime,
    title: str,
    *,
    by: Membership | None = None,
    recipient: Recipient | None = None,
    text: str = "",
    internal: bool = False,
    message_id: str | None = None,
    activity: Activity | None = None,
) -> SignalementEvent:
    """Adds a moment to the sheet's timeline; of a link that answers in somebody's name, nothing."""
    return SignalementEvent.objects.create(
        signalement=sheet, at=now, kind=kind, title=title[:200],
        text=LINK.sub("[lien de réponse]", text)[:8000],
        recipient=recipient, user=by.user if by else None, is_internal=internal,
        message_id=message_id, activity=activity,
    )  # fmt: skip


# --- Photos ---------------------------------------------------------------------------------------

ENOUGH = f"{MOST_PHOTOS} photos au plus."
NO_ROOM = "La photo n’a pas pu être écrite sur le serveur : réessayez, ou continuez sans elle."


def add_sheet_photo(
    *,
    signalement: Signalement,
    upload: Any,
    uid: uuid.UUID,
    recipient: Recipient | None = None,
    by: Membership | None = None,
) -> SheetPhoto | None:
    """Keeps a picture, made anew, once however often it arrives: the second time answers None.

    `upload` is a file, or a picture made of one already. With `recipient`, it came with an answer.
    Raises ValidationError for what is no picture, one too
    many, or a disk that is full; of what fails, no file stays behind.
    """
    if SheetPhoto.objects.filter(uid=uid).exists():
        return None
    # Made before the transaction: it takes a while.
    picture = upload if isinstance(upload, pictures.Picture) else pictures.made_anew(upload)
    photo = SheetPhoto(
        uid=uid, signalement=signalement, recipient=recipient, width=picture.width,
        height=picture.height,
    )  # fmt: skip
    try:
        with transaction.atomic():
            Signalement.objects.select_for_update().get(pk=signalement.pk)
            if SheetPhoto.objects.filter(uid=uid).exists():
                return None
            known = SheetPhoto.objects.filter(signalement=signalement, recipient=recipient)
            if known.count() >= MOST_PHOTOS:
                raise ValidationError(ENOUGH, "enough")
            photo.file.save("", picture.content, save=False)
            photo.save()
            record(Act.CREATE, photo, by=by, programme=signalement.programme_id)
    except BaseException as error:
        if photo.file:
            photo.file.storage.delete(str(photo.file.name))
        if isinstance(error, OSError):
            raise ValidationError(NO_ROOM, "no_room") from error
        raise
    return photo


def take_photos_along(*, signalement: Signalement, activity: Activity, by: Membership) -> int:
    """Copies the activity's photos to the sheet, each once; answers how many were added."""
    added = 0
    for photo in Photo.objects.visible_to(by).filter(activity=activity).order_by("pk"):
        uid = uuid.uuid5(signalement.uid, photo.uid.hex)
        try:
            with photo.file.open("rb") as stored:
                made = add_sheet_photo(signalement=signalement, upload=stored, uid=uid, by=by)
        except FileNotFoundError:
            continue
        except ValidationError as error:
            if error.code == "enough":
                break
            raise
        added += made is not None
    return added


@transaction.atomic
def remove_sheet_photo(*, photo: SheetPhoto, by: Membership) -> None:
    """From a draft only: what left, left with it."""
    sheet = Signalement.objects.select_for_update().get(pk=photo.signalement_id)
    if sheet.state != SheetState.BROUILLON or not sheet.may_be_changed_by(by):
        raise PermissionDenied
    record(Act.DELETE, photo, by=by, programme=by.programme_id)
    photo.delete()


# --- The link of the mail -------------------------------------------------------------------------


def link_token(recipient: Recipient) -> str:
    """Signed, for one sheet and one recipient; void once the row has another nonce."""
    return signing.Signer(salt=LINK_SALT).sign_object([recipient.pk, recipient.nonce.hex])


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


# --- Within ---------------------------------------------------------------------------------------


def _locked(signalement: Signalement, read_version: int, by: Membership) -> Signalement:
    sheet = Signalement.objects.select_for_update().filter(pk=signalement.pk).first()
    if sheet is None or not sheet.may_be_changed_by(by):
        raise PermissionDenied
    if sheet.version != read_version:
        raise SignalementChanged(sheet)
    return sheet


def _move(sheet: Signalement, to: str, today: date) -> None:
    sheet.state = to
    sheet.closed_on = None if to in OPEN else sheet.closed_on or today
    _next_version(sheet)


def _next_version(sheet: Signalement) -> None:
    sheet.version += 1
    sheet.full_clean(validate_unique=False)
    sheet.save()


def _check(sheet: Signalement) -> None:
    """What leaves the operator names nobody (R25)."""
    texts = ("title", "where", "since", "description", "expected")
    wrong: dict[str, Any] = {}
    for name in texts:
        if found := personal.find(getattr(sheet, name)):
            wrong[name] = f"Ce texte semble identifier quelqu’un : {personal.said(found)}."
    if wrong:
        raise ValidationError(wrong)
    sheet.full_clean(validate_unique=False)


def contacts_today(rows: Iterable[Contact], today: date) -> list[Contact]:
    """Those who hold their function on a day and can be written to."""
    return [row for row in rows if row.email and row.holds(today)]


def holding(today: date) -> Any:
    return in_force(today)
