"""Mails about signalements: queued with what they are about, and what became of each.

A row of post_office and a `Delivery` a recipient are written in the transaction of the sending; the
mail's Message-ID is set then and stays over all attempts. Nothing in a mail says who lives where,
what is internal, or to whom else the sheet went.
"""

import logging
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode
from post_office.models import STATUS, Attachment, Email

from governance.contacts.actions import set_bounced
from governance.models import Contact, PartyKind, Programme
from humanicite.lib.dates import MONTHS, NBSP
from humanicite.lib.files import remove_file
from humanicite.lib.mail import outbox, verdicts
from humanicite.lib.mail.addresses import same, sought
from humanicite.lib.pdf import PICTURES, PdfUnavailable, render

from .actions_signalements import REOPENED, link_token, tell
from .models.signalements import (
    Delivery,
    DeliveryKind,
    EventKind,
    Recipient,
    RecipientState,
    Reply,
    Signalement,
    Urgency,
)

REPLY_SALT = "mediation.signalements.reply"
MOST_PHOTOS = 3  # on the sheet's one page
# What a place's name may begin with and still be written small within a sentence.
_COMMON = re.compile(
    r"(Allée|Avenue|Bâtiment|Boulevard|Chemin|Cour|Entrée|Esplanade|Gare|Hall|Îlot|Jardin|Parc|"
    r"Parking|Parvis|Passage|Place|Quai|Résidence|Rue|Square|Station|Terrain|Tour)\b"
)
# What a server may leave of an automatic answer: not even the sender's own « out of office ».
# Non-delivery reports stay wanted.
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
log = logging.getLogger(__name__)


# --- What is queued -------------------------------------------------------------------------------
def queue_sheet(recipient: Recipient, *, now: datetime) -> Email:
    """The sheet, to one of its recipients (R72)."""
    return _queue_one(recipient, DeliveryKind.SHEET, "", now)


def queue_link(recipient: Recipient, *, now: datetime) -> Email:
    """Another link of the answer, to the address the sheet went to and to no other."""
    return _queue_one(recipient, DeliveryKind.LINK, "Nouveau lien, ", now)


def queue_notice(recipient: Recipient, text: str, *, now: datetime) -> Email:
    """That a sheet is open again, for what was done does not hold, and `text` says what was seen;
    or that it is closed, for the reason that it tells."""
    prefix = "Clos, " if recipient.signalement.has_ended else "Rouvert, "
    return _queue_one(recipient, DeliveryKind.NOTICE, prefix, now, text)


def queue_reminders(
    recipients: list[Recipient], *, to: str, copies: list[str], now: datetime
) -> Email:
    """One mail that reminds an address of all the sheets it owes an answer to (R85).

    A copy is a mail of its own, so that what becomes of each is known. Who is in copy and has the
    sheet as well answers by their own link; otherwise the copy is a delivery of the row that it
    tells of, to another address than the row's. Answers the mail to `to`.
    """
    email = _remind(recipients, to, copies, now)
    for address in copies:
        rows = [_own_row(row, address) for row in recipients]
        _remind(list(dict.fromkeys(rows)), address, [], now, copy_of=recipients[0])
    return email


def _queue_one(
    recipient: Recipient, kind: str, prefix: str, now: datetime, text: str = ""
) -> Email:
    sheet = recipient.signalement
    files = [] if sheet.has_ended else _sheet_file(sheet)
    letter = Letter([recipient], kind, timezone.localdate(now), has_pdf=bool(files), text=text)
    return _send(letter, recipient.email, subject(sheet, prefix), [recipient], files, now)


def _remind(
    recipients: list[Recipient],
    to: str,
    copies: list[str],
    now: datetime,
    copy_of: Recipient | None = None,
) -> Email:
    if len(recipients) == 1:
        about = subject(recipients[0].signalement, "Relance, ")
        files = _sheet_file(recipients[0].signalement)
    else:
        about, files = f"Relance{NBSP}: {len(recipients)} signalements attendent une réponse", []
    letter = Letter(
        recipients, DeliveryKind.REMINDER, timezone.localdate(now), has_pdf=bool(files),
        copies=len(copies), copy_of=copy_of,
    )  # fmt: skip
    return _send(letter, to, about, recipients, files, now)


def _own_row(recipient: Recipient, address: str) -> Recipient:
    rows = recipient.signalement.recipients.filter(sought("email", address), successor__isnull=True)
    return rows.filter(party=recipient.party_id).select_related("party").first() or recipient


def _send(
    letter: "Letter",
    to: str,
    about: str,
    recipients: list[Recipient],
    files: list[Attachment],
    now: datetime,
) -> Email:
    message_id = f"<{letter.kind}.{uuid.uuid4().hex}@{outbox.domain()}>"
    context = {"letter": letter, "subject": about}
    email = outbox.queue(
        to=to,
        subject=about,
        text=render_to_string("emails/signalement.txt", context),
        html=render_to_string("emails/signalement.html", context),
        message_id=message_id,
        headers=_headers(letter),
        attachments=files,
        urgent=letter.is_urgent,
    )
    for recipient in recipients:
        Delivery.objects.create(
            recipient=recipient, kind=letter.kind, email=email, message_id=message_id
        )
    return email


def _headers(letter: "Letter") -> dict[str, str]:
    """No reader, or program, shall take it for a person's mail; a sheet's mails make one thread.

    A thread begins with a name that no mail bears, so that mails to two functions of one mailbox
    are one thread as well.
    """
    programme = letter.first.signalement.programme
    headers = {
        "List-Id": _list_id(programme),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESSED,
    }
    threads = [f"<fiche.{row.signalement.uid.hex}@{outbox.domain()}>" for row in letter.recipients]
    sent = Delivery.objects.filter(recipient__in=letter.recipients, kind=DeliveryKind.SHEET)
    before = list(sent.order_by("pk").values_list("message_id", flat=True))
    headers["References"] = " ".join([*threads, *before][:20])
    if before:
        headers["In-Reply-To"] = before[0]
    if address := reply_address(letter.first if len(letter.recipients) == 1 else None):
        headers["Reply-To"] = address
    return headers


def _list_id(programme: Programme) -> str:
    return f"<signalements.{programme.slug}.{outbox.domain()}>"


def remove_mails(programme: Programme) -> None:
    """What is left in post_office's tables of a programme's mails, copies and files included."""
    rows = Email.objects.filter(**{"headers__List-Id": _list_id(programme)})
    for file in Attachment.objects.filter(emails__in=rows).distinct():
        remove_file(Attachment, file)
        file.delete()
    rows.delete()


def withdraw_mails(recipients: Iterable[Recipient], *, now: datetime, why: str) -> int:
    """Takes back what still waits to leave to these recipients; answers how many mails.

    A mail that tells others as well leaves. One that is being sent at this moment may arrive: what
    the server says of it is noted, and it is not tried again.
    """
    keys = {row.pk for row in recipients}
    others = Delivery.objects.filter(email=OuterRef("pk")).exclude(recipient__in=keys)
    theirs = Email.objects.filter(
        ~Exists(others), deliveries__recipient__in=keys, status__in=verdicts.WAITING
    )
    found = set(theirs.values_list("pk", flat=True))
    taken = _withdraw(found, now, why, skip_locked=True)
    if left := found - taken:
        # How they were tried is being noted, which may wait for the sheet that we hold.
        transaction.on_commit(lambda: _withdraw(left, now, why), robust=True)
    return len(taken)


def _withdraw(keys: set[int], now: datetime, why: str, *, skip_locked: bool = False) -> set[int]:
    with transaction.atomic():
        rows = Email.objects.select_for_update(skip_locked=skip_locked)
        taken = set(
            rows.filter(pk__in=keys, status__in=verdicts.WAITING).values_list("pk", flat=True)
        )
        # Their `scheduled_time` stays: it is the claim of who is sending one just now.
        Email.objects.filter(pk__in=taken).update(status=STATUS.failed, last_updated=now)
        waiting = Delivery.objects.filter(handed_at__isnull=True, failed_at__isnull=True)
        waiting.filter(email__in=taken).update(failed_at=now, error=f"Retiré{NBSP}: {why}"[:500])
    return taken


# --- What a mail says -----------------------------------------------------------------------------
@dataclass
class Letter:
    """What the mail's templates show."""

    recipients: list[Recipient]
    kind: str
    today: date
    has_pdf: bool
    copies: int = 0
    copy_of: Recipient | None = None
    text: str = ""

    @property
    def first(self) -> Recipient:
        return self.recipients[0]

    @property
    def items(self) -> list["Item"]:
        return [Item(row, self.today) for row in self.recipients]

    @property
    def programme(self) -> Any:
        return self.first.signalement.programme

    @property
    def is_urgent(self) -> bool:
        return any(row.signalement.urgency == Urgency.IMMEDIATE for row in self.recipients)

    @property
    def is_reminder(self) -> bool:
        return self.kind == DeliveryKind.REMINDER

    @property
    def asks_for_news(self) -> bool:
        """Of sheets that were all taken up."""
        return self.is_reminder and all(row.acknowledged_at for row in self.recipients)

    @property
    def is_link(self) -> bool:
        return self.kind == DeliveryKind.LINK

    @property
    def is_mixed(self) -> bool:
        """Of sheets some of which were taken up."""
        return self.is_reminder and any(row.acknowledged_at for row in self.recipients)

    @property
    def is_notice(self) -> bool:
        return self.kind == DeliveryKind.NOTICE

    @property
    def is_over(self) -> bool:
        """Of a sheet that takes no answer any more; such a mail is about one sheet."""
        return self.first.signalement.has_ended

    @property
    def succeeds(self) -> Recipient | None:
        """Whose sheet it was, for who takes it over."""
        if self.kind != DeliveryKind.SHEET or self.first.pk is None:
            return None
        return self.first.predecessors.order_by("-pk").first()

    @property
    def takes_replies(self) -> bool:
        return bool(settings.REPLY_ADDRESS)

    @property
    def phone(self) -> str:
        return service_phone(self.programme.pk, self.today)


@dataclass
class Item:
    """One sheet within a mail, and the links of its answers."""

    recipient: Recipient
    today: date

    @property
    def sheet(self) -> Signalement:
        return self.recipient.signalement

    @property
    def has_answered(self) -> bool:
        return bool(self.recipient.reply)

    @property
    def is_late(self) -> bool:
        return self.sheet.is_overdue(self.today)

    @property
    def link(self) -> str:
        path = reverse("sheet_answer", kwargs={"token": link_token(self.recipient)})
        return f"{settings.SITE_URL}{path}"

    @property
    def received(self) -> str:
        return self._choice(Reply.RECU)

    @property
    def taken(self) -> str:
        return self._choice(Reply.EN_CHARGE)

    @property
    def elsewhere(self) -> str:
        return self._choice(Reply.AUTRE)

    def _choice(self, reply: str) -> str:
        return f"{self.link}?{urlencode({'choix': str(reply)})}"


def service_phone(programme_id: int, today: date) -> str:
    """The number that the operator gave for its function, if it did."""
    held = Contact.objects.on(today).filter(
        party__programme=programme_id, party__kind=PartyKind.OPERATOR
    )
    return held.exclude(phone="").order_by("pk").values_list("phone", flat=True).first() or ""


def subject(sheet: Signalement, prefix: str = "") -> str:
    """« Signalement 2026-142 : éclairage éteint, allée nord (réponse au plus tard le 14 mars) »."""
    where = sheet.where or sheet.place.name
    if _COMMON.match(where):
        where = where[0].lower() + where[1:]
    what = sheet.title.strip().rstrip(".")
    if what[1:2].islower():
        what = what[0].lower() + what[1:]
    kind = f"{prefix}signalement" if prefix else "Signalement"
    by_when = "" if sheet.has_ended else f" ({_by_when(sheet)})"
    return f"{kind} {sheet.reference}{NBSP}: {what}, {where}{by_when}"


def _by_when(sheet: Signalement) -> str:
    day = sheet.due_on
    if day is None:
        return "réponse attendue"
    said = f"{'1er' if day.day == 1 else day.day}{NBSP}{MONTHS[day.month - 1]}"
    if day.year != sheet.year:
        said += f" {day.year}"
    if sheet.urgency == Urgency.IMMEDIATE:
        return f"urgent, réponse le {said}"
    return f"réponse au plus tard le {said}"


# --- The sheet on paper ---------------------------------------------------------------------------
def sheet_pdf(sheet: Signalement) -> bytes:
    """The sheet as it was sent, on one page: PDF/A-3a and PDF/UA-1. Raises PdfUnavailable."""
    pictures, shown = {}, []
    photos = sheet.photos.filter(recipient__isnull=True)
    if sheet.sent_at:
        photos = photos.filter(created_at__lte=sheet.sent_at)  # others joined it since
    for photo in photos[:MOST_PHOTOS]:
        try:
            with photo.file.open() as file:
                pictures[f"{photo.pk}.jpg"] = file.read()
        except FileNotFoundError:
            log.warning("photo %s of sheet %s has no file", photo.pk, sheet.pk)
            continue
        shown.append(f"{PICTURES}{photo.pk}.jpg")
    phone = service_phone(sheet.programme_id, timezone.localdate())
    context = {"sheet": sheet, "pictures": shown, "phone": phone}
    html = render_to_string("mediation/signalement_pdf.html", context)
    return render(html, style="print-sheet.css", pictures=pictures)


def sheet_filename(sheet: Signalement) -> str:
    return f"signalement-{sheet.reference}.pdf"


def _sheet_file(sheet: Signalement) -> list[Attachment]:
    """Made once, at the sending: who is added later reads what the others have read.

    Without the system's libraries the mail leaves all the same; it says everything itself.
    """
    made = Attachment.objects.filter(
        emails__deliveries__recipient__signalement=sheet, name=sheet_filename(sheet)
    )
    reopened = sheet.events.filter(kind=EventKind.STATE, title=REOPENED).first()
    if reopened is not None:
        made = made.filter(emails__created__gte=reopened.at)  # another day is expected since
    if known := made.order_by("pk").first():
        return [known]
    try:
        content = sheet_pdf(sheet)
    except PdfUnavailable as error:
        log.warning("sheet %s leaves without its PDF: %s", sheet.pk, error)
        return []
    return [outbox.attachment(sheet_filename(sheet), content, "application/pdf")]


# --- Where a reply goes ---------------------------------------------------------------------------
def reply_address(recipient: Recipient | None) -> str:
    """Where a reply to a recipient's mail goes: « reponses+12-9f86d081884c7d65@… », signed, in
    small letters as some servers write them; '' when the service takes no replies by mail.

    None: a mail about several sheets, whose reply is nobody's in particular.
    """
    local, _, host = settings.REPLY_ADDRESS.rpartition("@")
    if not local or recipient is None:
        return settings.REPLY_ADDRESS
    return f"{local}+{recipient.pk}-{_signature(recipient)}@{host}"


def recipient_of_address(address: str) -> Recipient | None:
    """Whose reply address this is; None for what is no address of ours, or no longer.

    It goes with the link: who had the mail before the row took another address cannot reply for it.
    """
    local, _, host = settings.REPLY_ADDRESS.lower().rpartition("@")
    given, _, at = parseaddr(address)[1].lower().rpartition("@")
    tag = re.fullmatch(rf"{re.escape(local)}\+(\d{{1,18}})-([0-9a-f]{{20}})", given, re.ASCII)
    if not local or at != host or tag is None:
        return None
    rows = Recipient.objects.select_related(
        "signalement__place", "signalement__theme", "party", "contact"
    )
    row: Recipient | None = rows.filter(pk=int(tag[1])).first()
    if row is None or not constant_time_compare(tag[2], _signature(row)):
        return None
    return row


def _signature(recipient: Recipient) -> str:
    signed = f"{recipient.pk} {recipient.nonce.hex}"
    return salted_hmac(REPLY_SALT, signed, algorithm="sha256").hexdigest()[:20]


# --- What became of it ----------------------------------------------------------------------------
def note_try(sender: Any, email: Email, tried: verdicts.Try, **kwargs: Any) -> None:
    """Receives `mail_tried`, in the transaction that notes the mail's own state."""
    for delivery in Delivery.objects.select_for_update().filter(email=email).order_by("pk"):
        delivery.attempts = tried.attempts
        delivery.error = tried.error
        to = next(iter(email.to), "")
        if tried.outcome is verdicts.Outcome.HANDED:
            _handed(delivery, to, tried.at)
        elif tried.outcome is verdicts.Outcome.REFUSED:
            _failed(delivery, to, tried)
        delivery.save()


def settle_deliveries() -> int:
    """Deliveries that do not say yet what post_office's row says; answers how many are mended.

    There are some only after `note_try` itself failed.
    """
    mended = 0
    waiting = Delivery.objects.filter(handed_at__isnull=True, failed_at__isnull=True)
    settled = waiting.filter(email__status__in=[STATUS.sent, STATUS.failed])
    for delivery in settled.select_related("email").order_by("pk")[:1000]:
        email: Any = delivery.email
        is_sent = email.status == STATUS.sent
        last = email.logs.order_by("-pk").first()
        tried = verdicts.Try(
            verdicts.Outcome.HANDED if is_sent else verdicts.Outcome.REFUSED,
            email.last_updated,
            email.number_of_retries or 1,
            "" if is_sent or last is None else last.message[:500],
        )
        with transaction.atomic():
            note_try(Email, email, tried)
        mended += 1
    return mended


def _handed(delivery: Delivery, to: str, at: datetime) -> None:
    """The row's state is of today's address: what a former one, or a copy, took says nothing."""
    if delivery.handed_at is not None:
        return
    delivery.handed_at, delivery.failed_at = at, None
    recipient = Recipient.objects.held(delivery.recipient_id)
    is_sheet = delivery.kind in (DeliveryKind.SHEET, DeliveryKind.LINK)
    if not same(to, recipient.email):
        if is_sheet:
            tell(
                recipient.signalement, EventKind.HANDED, at, f"Remis à une ancienne adresse : {to}",
                recipient=recipient, internal=True,
            )  # fmt: skip
        return
    if recipient.state in (RecipientState.EN_FILE, RecipientState.ECHEC):
        recipient.state = RecipientState.REMIS
    recipient.handed_at = recipient.handed_at or at
    recipient.save(update_fields=["state", "handed_at"])
    if is_sheet:
        what = "Nouveau lien remis" if delivery.kind == DeliveryKind.LINK else "Remis"
        tell(
            recipient.signalement, EventKind.HANDED, at, f"{what} au serveur de courriel",
            recipient=recipient,
        )  # fmt: skip


def _failed(delivery: Delivery, to: str, tried: verdicts.Try) -> None:
    if delivery.failed_at is not None or delivery.handed_at is not None:
        return
    delivery.failed_at = tried.at
    recipient = Recipient.objects.held(delivery.recipient_id)
    if tried.unknown_address:
        set_bounced(recipient.party_id, to, timezone.localdate(tried.at))
    if not same(to, recipient.email):
        return
    if recipient.state in (
        RecipientState.EN_FILE, RecipientState.REMIS, RecipientState.SILENCIEUX
    ):  # fmt: skip
        recipient.state = RecipientState.ECHEC
        recipient.save(update_fields=["state"])
    tell(
        recipient.signalement, EventKind.FAILED, tried.at,
        f"Envoi en échec{NBSP}: {recipient}", recipient=recipient, text=tried.error, internal=True,
    )  # fmt: skip
