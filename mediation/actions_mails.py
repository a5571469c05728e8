"""What becomes of a mail that came in: on a sheet's timeline, once, or in the list of the coordination.

A mail is matched by the signed address it was sent to, or by the mail of ours that it answers; in
the latter case only when the recipient's own address sent it, for a Message-ID is no secret. It
acknowledges; it is never a choice among the answers (docs/decisions/0020).
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Act, Contact, Membership, Programme, record
from governance.rights import Right
from humanicite.lib.inbound import Failure, Incoming, Kind

from . import personal, photos
from .actions_signalements import MOST_PHOTOS, add_sheet_photo, follow_answers, tell
from .emails_signalements import recipient_of_address
from .models import (
    EventKind,
    InboundMail,
    InboundState,
    Recipient,
    RecipientState,
    SheetState,
    Signalement,
)
from .models.signalements import OPEN

SMALLEST_SIDE = 320  # pixels; below, a picture is a logo or a signature
STATES = {Kind.AUTO: InboundState.AUTO, Kind.BOUNCE: InboundState.BOUNCE}
UNANSWERED = (
    RecipientState.EN_FILE, RecipientState.REMIS, RecipientState.ECHEC, RecipientState.SILENCIEUX,
)  # fmt: skip


class AlreadySettled(Exception):
    """The mail was attached or set aside meanwhile; `mail` is as it stands now."""

    def __init__(self, mail: InboundMail) -> None:
        super().__init__(str(mail.pk))
        self.mail = mail


@dataclass(frozen=True)
class Match:
    recipient: Recipient | None
    note: str = ""


# --- Taking one in --------------------------------------------------------------------------------


def take(incoming: Incoming, *, now: datetime) -> InboundMail | None:
    """Writes a mail down with what it does, in one transaction; None for one that is known."""
    # Pictures are made before the transaction: it takes a while.
    pictures, left_out = _pictures(incoming)
    message_id = _key(incoming)
    written: list[Any] = []
    try:
        with transaction.atomic():
            if InboundMail.objects.filter(message_id=message_id).exists():
                return None
            match = _match(incoming)
            recipient = _locked(match.recipient) if match.recipient else None
            state = STATES.get(incoming.kind, InboundState.MATCHED)
            if recipient is None and incoming.kind is Kind.PERSON:
                state = InboundState.UNMATCHED
            if recipient is None or incoming.kind is not Kind.PERSON:
                left_out += [name for name, _ in pictures]
                pictures = []
            mail = InboundMail(
                programme_id=recipient.signalement.programme_id if recipient
                else _programme(incoming.sender),
                message_id=message_id,
                received_at=now,
                sender=_address(incoming.sender),
                subject=incoming.subject,
                text=incoming.text,
                state=state,
                recipient=recipient,
            )  # fmt: skip
            # First, so that of two who read the mailbox at once the second stops here.
            mail.save()
            if recipient is not None:
                _tell(mail, recipient, incoming, now)
                left_out += _keep(pictures, mail, recipient, written)
            mail.note = _note([match.note, *incoming.notes], left_out)
            mail.save(update_fields=["note"])
    except BaseException as error:
        for photo in written:
            photo.file.storage.delete(str(photo.file.name))
        known = InboundMail.objects.filter(message_id=message_id)
        if isinstance(error, IntegrityError) and known.exists():
            return None  # two read the mailbox at once
        raise
    return mail


def refuse(digest: str, *, note: str, now: datetime) -> InboundMail | None:
    """Writes down that a mail could not be taken in, so that somebody opens the mailbox itself."""
    mail, is_new = InboundMail.objects.get_or_create(
        message_id=digest,
        defaults={
            "programme_id": _programme(""), "received_at": now, "note": note[:300],
            "state": InboundState.UNMATCHED,
        },
    )  # fmt: skip
    return mail if is_new else None


def _key(incoming: Incoming) -> str:
    """The mail's own name; its digest where another mail came under that name before."""
    known = InboundMail.objects.filter(message_id=incoming.message_id).first()
    if known is None:
        return incoming.message_id
    same = known.sender == _address(incoming.sender) and known.subject == incoming.subject
    return incoming.message_id if same else incoming.digest


def _address(text: str) -> str:
    try:
        InboundMail._meta.get_field("sender").run_validators(text)
    except ValidationError:
        return ""
    return text


def _programme(sender: str) -> int | None:
    """Whose coordination sees what matches nothing: that of the contact who wrote, or the first."""
    if sender:
        contacts = Contact.objects.filter(email__iexact=sender).order_by("-starts")
        known = contacts.values_list("party__programme", flat=True).first()
        if known is not None:
            return int(known)
    return Programme.objects.order_by("pk").values_list("pk", flat=True).first()


# --- Whose it is ----------------------------------------------------------------------------------


def _match(incoming: Incoming) -> Match:
    for address in incoming.addressed:
        if recipient := recipient_of_address(address):
            other = incoming.kind is Kind.PERSON and not _wrote(recipient, incoming.sender)
            return Match(recipient, "Écrit depuis une autre adresse." if other else "")
    rows = list(Recipient.objects.filter(deliveries__message_id__in=incoming.references).distinct())
    if incoming.kind is Kind.BOUNCE:
        failed = {failure.address for failure in incoming.failures}
        mine = [row for row in rows if row.email.lower() in failed] or rows
    else:
        mine = [row for row in rows if _wrote(row, incoming.sender)]
    if len(mine) == 1:
        return Match(mine[0])
    if len(mine) > 1:
        return Match(None, f"Répond à un rappel de {len(mine)} signalements.")
    if rows and incoming.kind is Kind.PERSON:
        return Match(None, "Répond à un courriel envoyé à une autre adresse.")
    return Match(None)


def _wrote(recipient: Recipient, sender: str) -> bool:
    return sender in (recipient.email.lower(), recipient.contact.email.lower())


def _locked(recipient: Recipient) -> Recipient:
    """The sheet first, as answers do."""
    sheet = Signalement.objects.select_for_update().get(recipients=recipient)
    row = Recipient.objects.select_for_update(of=("self",)).select_related("contact").get(
        pk=recipient.pk
    )  # fmt: skip
    row.signalement = sheet
    return row


# --- What it does ---------------------------------------------------------------------------------


def _tell(mail: InboundMail, recipient: Recipient, incoming: Incoming, now: datetime) -> None:
    if incoming.kind is Kind.AUTO:
        _say(mail, recipient, EventKind.AUTO, f"Réponse automatique : {mail.subject}", now)
    elif incoming.kind is Kind.BOUNCE:
        _returned(mail, recipient, incoming.failures, now)
    else:
        _answered(mail, recipient, now)


def _say(
    mail: InboundMail, recipient: Recipient, kind: str, title: str, now: datetime, text: str = ""
) -> None:
    """What machines write holds addresses and names: it stays with the operator."""
    tell(
        recipient.signalement, kind, now, title, recipient=recipient, text=text or mail.text,
        internal=True, message_id=mail.message_id,
    )  # fmt: skip


def _answered(
    mail: InboundMail, recipient: Recipient, now: datetime, by: Membership | None = None
) -> None:
    """A reply by mail: an acknowledgement, whatever it says. What names somebody stays inside."""
    sheet = recipient.signalement
    tell(
        sheet, EventKind.MAIL, now, f"Réponse par courriel : {recipient.function}", by=by,
        recipient=recipient, text=mail.text, internal=bool(personal.find(mail.text)),
        message_id=mail.message_id,
    )  # fmt: skip
    recipient.acknowledged_at = recipient.acknowledged_at or now
    if not recipient.reply and recipient.state in UNANSWERED:
        recipient.state = RecipientState.ACCUSE
    recipient.save()
    if sheet.state in OPEN or sheet.state == SheetState.REORIENTE:
        follow_answers(sheet, now)


def _returned(
    mail: InboundMail, recipient: Recipient, failures: Iterable[Failure], now: datetime
) -> None:
    """What a server tells of our mail; an address that will never take one is flagged.

    Of another address, to which ours leads, nothing follows: the mail may have arrived as well.
    """
    mine = [row for row in failures if row.address == recipient.email.lower()]
    said = "\n".join(f"{row.status} {row.diagnostic}".strip() for row in mine or failures)
    if mine and not any(row.is_final for row in mine):
        title = "Remise confirmée" if mine[0].action in DONE else "Remise retardée"
        _say(mail, recipient, EventKind.AUTO, f"{title} : {recipient.function}", now, said)
        return
    title = f"Courriel revenu : {recipient.function}"
    _say(mail, recipient, EventKind.BOUNCED, title, now, said)
    if mine and not recipient.acknowledged_at:
        recipient.state = RecipientState.ECHEC
        recipient.save()
    contact = recipient.contact
    is_same = contact.email.lower() == recipient.email.lower()
    if any(row.is_permanent for row in mine) and is_same and contact.bounced_on is None:
        contact.bounced_on = timezone.localtime(now).date()
        contact.save(update_fields=["bounced_on"])


DONE = ("delivered", "relayed", "expanded")


# --- Its files ------------------------------------------------------------------------------------


def _pictures(incoming: Incoming) -> tuple[list[tuple[str, photos.Picture]], list[str]]:
    """At most three, made anew; and what is left out, each with its reason."""
    kept: list[tuple[str, photos.Picture]] = []
    left_out = list(incoming.left_out)
    for name, content in incoming.pictures:
        name = name[:60]
        if len(kept) == MOST_PHOTOS:
            left_out.append(f"{name} ({MOST_PHOTOS} photos au plus)")
            continue
        try:
            picture = photos.made_anew(ContentFile(content, name))
        except ValidationError as error:
            left_out.append(f"{name} ({REASONS.get(str(error.code), 'illisible')})")
            continue
        if max(picture.width, picture.height) < SMALLEST_SIDE:
            left_out.append(f"{name} (trop petite)")
            continue
        kept.append((name, picture))
    return kept, left_out


REASONS = {"too_heavy": "plus de 10 Mo", "too_large": "trop de pixels", "empty": "vide"}


def _keep(
    pictures: list[tuple[str, photos.Picture]],
    mail: InboundMail,
    recipient: Recipient,
    written: list[Any],
) -> list[str]:
    """Writes them; answers those for which there is no room."""
    left_out = []
    for number, (name, picture) in enumerate(pictures):
        key = hashlib.sha256(f"{mail.message_id} {number}".encode()).digest()[:16]
        try:
            photo = add_sheet_photo(
                signalement=recipient.signalement, upload=picture, uid=uuid.UUID(bytes=key),
                recipient=recipient,
            )  # fmt: skip
        except ValidationError as error:
            left_out.append(f"{name} ({error.messages[0].rstrip('.').lower()})")
        else:
            written += [photo] if photo else []
    return left_out


def _note(notes: list[str], left_out: list[str]) -> str:
    if left_out:
        notes = [*notes, f"Non gardé : {', '.join(left_out)}."]
    return " ".join(note for note in notes if note)[:300]


# --- What matched nothing -------------------------------------------------------------------------


@transaction.atomic
def attach(
    *, mail: InboundMail, recipient: Recipient, by: Membership, now: datetime
) -> InboundMail:
    """Somebody says whose answer it is. Raises AlreadySettled, PermissionDenied."""
    mail = _settling(mail, by)
    if not recipient.is_visible_to(by) or recipient.signalement.sent_at is None:
        raise PermissionDenied
    row = _locked(recipient)
    mail.state, mail.recipient = InboundState.MATCHED, row
    mail.save(update_fields=["state", "recipient"])
    _answered(mail, row, mail.received_at, by)
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state", "recipient"])
    return mail


@transaction.atomic
def dismiss(*, mail: InboundMail, by: Membership) -> InboundMail:
    """Nothing for a sheet. Raises AlreadySettled, PermissionDenied."""
    mail = _settling(mail, by)
    mail.state = InboundState.DISMISSED
    mail.save(update_fields=["state"])
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state"])
    return mail


def _settling(mail: InboundMail, by: Membership) -> InboundMail:
    if not by.may(Right.ESCALATE_SHEETS):
        raise PermissionDenied
    rows = InboundMail.objects.visible_to(by).select_for_update()
    row: InboundMail | None = rows.filter(pk=mail.pk).first()
    if row is None:
        raise PermissionDenied
    if row.state != InboundState.UNMATCHED:
        raise AlreadySettled(row)
    return row
