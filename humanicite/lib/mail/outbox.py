"""Mail is a row of the same transaction first, then goes to the server; nothing is lost between.

A few mails of a transaction are tried at once when it commits; the rest, and what the server did
not take, waits for `send_queued_mail` (by a timer, or for ever). Each mail is claimed before it is
tried: two that send at once never take the same one. A claim ends by itself, so that a mail whose
process was killed is taken up again: that one, and only that one, may arrive twice.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils import timezone
from post_office import EmailBackend
from post_office.models import PRIORITY, STATUS, Attachment, Email
from post_office.signals import email_queued

from .sending import Server, hang_up, send
from .verdicts import log

HOLD = timedelta(minutes=2)  # for which a new mail is left to the process that queued it
PATIENCE_IN_A_REQUEST = 45.0  # somebody waits for a page
DOWN_FOR = 60.0  # seconds for which a server that did not answer is not asked within a request
SLOW_FOR = 3600.0  # and one that needs more than EMAIL_TIMEOUT to take a mail
_TAG = re.compile(r"\{(?=[{%#])")
_down_until = 0.0  # by `time.monotonic`, of this process


class Outbox(EmailBackend):
    """Queues messages as they are: post_office would render a `{%` in a name as a template."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        for message in email_messages:
            for address in message.recipients():
                _refuse_many(address)
            message.subject, message.body = (
                _literal(str(message.subject)),
                _literal(str(message.body)),
            )
        return super().send_messages(email_messages) or 0


def _literal(text: str) -> str:
    return _TAG.sub("{% templatetag openbrace %}", text)


def _refuse_many(address: str) -> None:
    """Raises ValueError for what would go to nobody, or to several: post_office cuts at commas."""
    if not address.strip() or "," in address:
        raise ValueError(f"not one address: {address!r}")


@dataclass(frozen=True)
class Mail:
    """A mail to one address, as it is. `message_id` stays the same over all attempts.

    Others than urgent ones let what somebody waits for, such as a code to sign in, go first. One that
    is held (`not_before`) may still be taken back. A file whose type is « text/calendar; method=… » is
    one more form of the text as well, which is how calendars find it.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: dict[str, str]
    attachments: Sequence[Attachment] = ()
    urgent: bool = False
    not_before: datetime | None = None


def queue(mails: Sequence[Mail]) -> list[Email]:
    """Writes mails down, in as many queries for five as for one.

    Raises ValueError for what is not exactly one address.
    """
    rows = [_row(mail) for mail in mails]
    Email.objects.bulk_create(rows)
    carries = Attachment.emails.through
    carries.objects.bulk_create(
        carries(email=row, attachment=file)
        for row, mail in zip(rows, mails, strict=True)
        for file in mail.attachments
    )
    soon = [row for row in rows if row.scheduled_time is None]
    if soon or not rows:
        email_queued.send(sender=Email, emails=soon)
    return rows


def _row(mail: Mail) -> Email:
    _refuse_many(mail.to)
    row = Email(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.to],
        subject=" ".join(mail.subject.split()),
        message=mail.text,
        html_message=mail.html,
        message_id=mail.message_id,
        headers=mail.headers,
        status=STATUS.queued,
        priority=PRIORITY.high if mail.urgent else PRIORITY.low,
        scheduled_time=mail.not_before,
    )
    row.full_clean()  # as its own `save` does
    return row


def attachment(name: str, content: bytes, mimetype: str) -> Attachment:
    """A file that several mails may carry."""
    row = Attachment(name=name, mimetype=mimetype)
    row.file.save(name, ContentFile(content))
    return row


def list_id(subject: str, programme: str) -> str:
    """By which a programme's mails about a subject are known (RFC 2919)."""
    return f"<{subject}.{programme}.{domain()}>"


def domain() -> str:
    """Of our sender; what stands after the @ in the names we give to mails."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def deliver_soon(sender: type[Email], emails: list[Email], **kwargs: object) -> None:
    """Receives post_office's `email_queued`: the first few of a transaction go at its commit."""
    now = timezone.now()
    hooks = [hook[1] for hook in connection.run_on_commit]
    ahead = sum(getattr(hook, "func", None) is _deliver for hook in hooks)
    at_once = emails[: max(0, settings.MAILS_WITHIN_A_REQUEST - ahead)]
    for number, email in enumerate(emails):
        email.scheduled_time = now + HOLD if number < len(at_once) else now
    Email.objects.bulk_update(emails, ["scheduled_time"])
    for email in at_once:
        transaction.on_commit(partial(_deliver, email))


def _deliver(email: Email) -> None:
    """Within a request: somebody waits, so a server that does not answer, or takes its time, is
    asked once a while. Raises nothing: what the request did is saved, and the mail waits.
    """
    global _down_until
    started = time.monotonic()
    if started < _down_until:
        return
    server = Server.NOT_ASKED
    try:
        server = send(email, PATIENCE_IN_A_REQUEST)
    except Exception:
        log.exception("mail %s, as its transaction was committed", email.pk)
    finally:
        hang_up()
    now = time.monotonic()
    if now - started > (PATIENCE_IN_A_REQUEST if server is Server.AWAY else settings.EMAIL_TIMEOUT):
        _down_until = now + SLOW_FOR
    elif server is Server.AWAY:
        _down_until = now + DOWN_FOR
