"""Mails about signalements: queued with what they are about, and what became of each.

A row of post_office and a `Delivery` a recipient are written in the transaction of the sending; the
mail's Message-ID is set then and stays over all attempts. Nothing in a mail says who lives where,
what is internal, or to whom else the signalement went.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.template.loader import render_to_string
from django.utils import timezone
from post_office.models import STATUS, Attachment, Email

from governance.decisions.emails import linked
from governance.models import ActionItem, Programme
from humanicite.lib.dates import NBSP
from humanicite.lib.files import remove_file
from humanicite.lib.mail import outbox, verdicts
from humanicite.lib.mail.addresses import sought

from ..links import reply_address
from ..models.deliveries import Delivery, DeliveryKind
from ..models.recipients import Recipient
from .letters import Letter, service_phone, subject
from .pdf import Drawing, signalement_file

# What a server may leave of an automatic answer: not even the sender's own « out of office ».
# Non-delivery reports stay wanted.
_SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"


def queue_signalement(
    recipients: Sequence[Recipient],
    *,
    now: datetime,
    files: list[Attachment] | None = None,
    drawing: Drawing | None = None,
) -> list[Email]:
    """A signalement, to recipients of it (R72); in as many queries for five as for one.

    `files` go with it; without them its PDF is looked for, else `drawing`, made before the
    transaction, becomes it.
    """
    return _queue_each(recipients, DeliveryKind.SIGNALEMENT, "", now, files=files, drawing=drawing)


def queue_link(recipient: Recipient, *, now: datetime) -> Email:
    """Another link of the answer, to the address the signalement went to and to no other."""
    return _queue_each([recipient], DeliveryKind.LINK, "Nouveau lien, ", now)[0]


def queue_notice(
    recipient: Recipient, text: str, *, now: datetime, drawing: Drawing | None = None
) -> Email:
    """That a signalement is open again, for what was done does not hold, and `text` says what was seen;
    or that it is closed, for the reason that it tells."""
    prefix = "Clos, " if recipient.signalement.has_ended else "Rouvert, "
    kind = DeliveryKind.NOTICE
    return _queue_each([recipient], kind, prefix, now, text=text, drawing=drawing)[0]


def queue_reminders(
    recipients: list[Recipient],
    *,
    to: str,
    copies: list[str],
    now: datetime,
    drawing: Drawing | None = None,
    actions: Sequence[ActionItem] = (),
) -> Email:
    """One mail that reminds an address of all the signalements it owes an answer to (R85), and of the
    actions that committees gave it to do.

    A copy is a mail of its own, so that what becomes of each is known. Who is in copy and has the
    signalement as well answers by their own link; otherwise the copy is a delivery of the row that it
    tells of, to another address than the row's. Answers the mail to `to`.
    """
    email = _remind(recipients, to, copies, now, drawing=drawing, actions=actions)
    for address in copies:
        rows = list(dict.fromkeys(_own_row(row, address) for row in recipients))
        _remind(rows, address, [], now, copy_of=recipients[0], actions=actions)
    return email


def _queue_each(
    recipients: Sequence[Recipient],
    kind: str,
    prefix: str,
    now: datetime,
    *,
    text: str = "",
    files: list[Attachment] | None = None,
    drawing: Drawing | None = None,
) -> list[Email]:
    """A mail to each of a signalement's recipients."""
    signalement = recipients[0].signalement
    if files is None:
        files = [] if signalement.has_ended else signalement_file(signalement, drawing)
    today = timezone.localdate(now)
    phone = service_phone(signalement.programme_id, today)
    prefetch_related_objects(recipients, "predecessors__party")
    about = subject(signalement, prefix)
    letters = [
        Letter([row], kind, today, has_pdf=bool(files), text=text, phone=phone)
        for row in recipients
    ]
    return _send([Post(letter, letter.first.email, about, files) for letter in letters])


def _remind(
    recipients: list[Recipient],
    to: str,
    copies: list[str],
    now: datetime,
    copy_of: Recipient | None = None,
    drawing: Drawing | None = None,
    actions: Sequence[ActionItem] = (),
) -> Email:
    files: list[Attachment] = []
    if actions:
        about = f"Relance{NBSP}: {_counted(len(recipients), 'signalement')} et " + _counted(
            len(actions), "action"
        )
    elif len(recipients) == 1:
        about = subject(recipients[0].signalement, "Relance, ")
        files = signalement_file(recipients[0].signalement, drawing)
    else:
        about = f"Relance{NBSP}: {len(recipients)} signalements attendent une réponse"
    letter = Letter(
        recipients,
        DeliveryKind.REMINDER,
        timezone.localdate(now),
        has_pdf=bool(files),
        copies=len(copies),
        copy_of=copy_of,
        actions=linked(actions),
        phone=service_phone(recipients[0].signalement.programme_id, timezone.localdate(now)),
    )
    return _send([Post(letter, to, about, files)])[0]


def _counted(count: int, word: str) -> str:
    return f"{count}{NBSP}{word}{'s' if count > 1 else ''}"


def _own_row(recipient: Recipient, address: str) -> Recipient:
    rows = recipient.signalement.recipients.filter(sought("email", address), successor__isnull=True)
    return rows.filter(party=recipient.party_id).select_related("party").first() or recipient


@dataclass(frozen=True)
class Post:
    """A letter, its address, its subject, and what goes with it."""

    letter: Letter
    to: str
    about: str
    files: list[Attachment]


def _send(posts: list[Post]) -> list[Email]:
    """Queues them all, and a delivery of each for each of its recipients."""
    before = _sent_before([row for post in posts for row in post.letter.recipients])
    emails = outbox.queue([_mail(post, before) for post in posts])
    Delivery.objects.bulk_create(
        Delivery(
            recipient=row, kind=post.letter.kind, email=email, message_id=email.message_id or ""
        )
        for post, email in zip(posts, emails, strict=True)
        for row in post.letter.recipients
    )
    return emails


def _sent_before(recipients: list[Recipient]) -> list[tuple[int, str]]:
    """The recipient and the Message-ID of each mail by which they were sent the signalement."""
    sent = Delivery.objects.filter(recipient__in=recipients, kind=DeliveryKind.SIGNALEMENT)
    return list(sent.order_by("pk").values_list("recipient", "message_id"))


def _mail(post: Post, before: list[tuple[int, str]]) -> outbox.Mail:
    letter = post.letter
    context = {"letter": letter, "subject": post.about}
    keys = {row.pk for row in letter.recipients}
    return outbox.Mail(
        to=post.to,
        subject=post.about,
        text=render_to_string("signalements/emails/signalement.txt", context),
        html=render_to_string("signalements/emails/signalement.html", context),
        message_id=f"<{letter.kind}.{uuid.uuid4().hex}@{outbox.domain()}>",
        headers=_headers(letter, [name for key, name in before if key in keys]),
        attachments=post.files,
        urgent=letter.is_urgent,
    )


def keep_as_sent(delivery: Delivery) -> None:
    """The mail of a signalement as if it had left when it was handed over, without its file: for a
    demonstration, in which nothing leaves."""
    recipient = delivery.recipient
    at = delivery.handed_at or delivery.queued_at
    letter = Letter([recipient], delivery.kind, timezone.localdate(at), has_pdf=False)
    about = subject(recipient.signalement, "")
    context = {"letter": letter, "subject": about}
    email = Email.objects.create(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[recipient.email],
        subject=" ".join(about.split()),
        message=render_to_string("signalements/emails/signalement.txt", context),
        html_message=render_to_string("signalements/emails/signalement.html", context),
        message_id=delivery.message_id,
        headers=_headers(letter, []),
        status=STATUS.sent,
    )
    Email.objects.filter(pk=email.pk).update(created=at, last_updated=at)
    delivery.email = email
    delivery.save(update_fields=["email"])


def _headers(letter: Letter, before: list[str]) -> dict[str, str]:
    """No reader, or program, shall take it for a person's mail; a signalement's mails make one thread.

    A thread begins with a name that no mail bears, so that mails to two functions of one mailbox
    are one thread as well; `before` are the Message-IDs of those that its readers had.
    """
    programme = letter.first.signalement.programme
    headers = {
        "List-Id": outbox.list_id("signalements", programme.slug),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": _SUPPRESSED,
    }
    threads = [f"<fiche.{row.signalement.uid.hex}@{outbox.domain()}>" for row in letter.recipients]
    headers["References"] = " ".join([*threads, *before][:20])
    if before:
        headers["In-Reply-To"] = before[0]
    if address := reply_address(letter.first if len(letter.recipients) == 1 else None):
        headers["Reply-To"] = address
    return headers


def remove_mails(programme: Programme) -> None:
    """What is left in post_office's tables of a programme's mails, copies and files included."""
    subjects = ("signalements", "syntheses")
    named = [outbox.list_id(subject, programme.slug) for subject in subjects]
    rows = Email.objects.filter(**{"headers__List-Id__in": named})
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
