"""Mails about signalements: queued with what they are about, and what became of each.

A row of post_office and a `Delivery` a recipient are written in the transaction of the sending; the
mail's Message-ID is set then and stays over all attempts. Nothing in a mail says who lives where,
what is internal, or to whom else the signalement went.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.utils import timezone
from post_office.models import STATUS, Attachment, Email

from governance.models import Programme
from humanicite.lib.dates import NBSP
from humanicite.lib.files import remove_file
from humanicite.lib.mail import outbox, verdicts
from humanicite.lib.mail.addresses import sought

from ..links import reply_address
from ..models.deliveries import Delivery, DeliveryKind
from ..models.recipients import Recipient
from .letters import Letter, subject
from .pdf import signalement_file

# What a server may leave of an automatic answer: not even the sender's own « out of office ».
# Non-delivery reports stay wanted.
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"


# --- What is queued -------------------------------------------------------------------------------
def queue_signalement(recipient: Recipient, *, now: datetime) -> Email:
    """The signalement, to one of its recipients (R72)."""
    return _queue_one(recipient, DeliveryKind.SIGNALEMENT, "", now)


def queue_link(recipient: Recipient, *, now: datetime) -> Email:
    """Another link of the answer, to the address the signalement went to and to no other."""
    return _queue_one(recipient, DeliveryKind.LINK, "Nouveau lien, ", now)


def queue_notice(recipient: Recipient, text: str, *, now: datetime) -> Email:
    """That a signalement is open again, for what was done does not hold, and `text` says what was seen;
    or that it is closed, for the reason that it tells."""
    prefix = "Clos, " if recipient.signalement.has_ended else "Rouvert, "
    return _queue_one(recipient, DeliveryKind.NOTICE, prefix, now, text)


def queue_reminders(
    recipients: list[Recipient], *, to: str, copies: list[str], now: datetime
) -> Email:
    """One mail that reminds an address of all the signalements it owes an answer to (R85).

    A copy is a mail of its own, so that what becomes of each is known. Who is in copy and has the
    signalement as well answers by their own link; otherwise the copy is a delivery of the row that it
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
    signalement = recipient.signalement
    files = [] if signalement.has_ended else signalement_file(signalement)
    letter = Letter([recipient], kind, timezone.localdate(now), has_pdf=bool(files), text=text)
    return _send(letter, recipient.email, subject(signalement, prefix), [recipient], files, now)


def _remind(
    recipients: list[Recipient],
    to: str,
    copies: list[str],
    now: datetime,
    copy_of: Recipient | None = None,
) -> Email:
    if len(recipients) == 1:
        about = subject(recipients[0].signalement, "Relance, ")
        files = signalement_file(recipients[0].signalement)
    else:
        about, files = f"Relance{NBSP}: {len(recipients)} signalements attendent une réponse", []
    letter = Letter(
        recipients,
        DeliveryKind.REMINDER,
        timezone.localdate(now),
        has_pdf=bool(files),
        copies=len(copies),
        copy_of=copy_of,
    )
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
        text=render_to_string("signalements/emails/signalement.txt", context),
        html=render_to_string("signalements/emails/signalement.html", context),
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


def keep_as_sent(delivery: Delivery) -> None:
    """The mail of a signalement as if it had left when it was handed over, without its file: for a
    demonstration, in which nothing leaves."""
    recipient = delivery.recipient
    at = delivery.handed_at or delivery.queued_at
    letter = Letter([recipient], delivery.kind, timezone.localdate(at), has_pdf=False)
    about = subject(recipient.signalement, "")
    context = {"letter": letter, "subject": about}
    delivery.email = Email.objects.create(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[recipient.email],
        subject=" ".join(about.split()),
        message=render_to_string("signalements/emails/signalement.txt", context),
        html_message=render_to_string("signalements/emails/signalement.html", context),
        message_id=delivery.message_id,
        headers=_headers(letter),
        status=STATUS.sent,
    )
    Email.objects.filter(pk=delivery.email.pk).update(created=at, last_updated=at)
    delivery.save(update_fields=["email"])


def _headers(letter: "Letter") -> dict[str, str]:
    """No reader, or program, shall take it for a person's mail; a signalement's mails make one thread.

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
    sent = Delivery.objects.filter(recipient__in=letter.recipients, kind=DeliveryKind.SIGNALEMENT)
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
        # How they were tried is being noted, which may wait for the signalement that we hold.
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
