"""Mail is a row of the same transaction first, then goes to the server; nothing is lost between.

A few mails of a transaction are tried at once when it commits; the rest, and what the server did
not take, waits for `send_queued_mail` (by a timer, or for ever). Each mail is claimed before it is
tried: two that send at once never take the same one. A claim ends by itself, so that a mail whose
process was killed is taken up again: that one, and only that one, may arrive twice.
"""

import re
import time
from datetime import timedelta
from email.utils import parseaddr
from functools import partial
from typing import Any

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


# --- Queueing -------------------------------------------------------------------------------------
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


def queue(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    headers: dict[str, str],
    attachments: list[Attachment] | None = None,
    urgent: bool = False,
) -> Email:
    """Writes a mail to one address, as it is. `message_id` stays the same over all attempts.

    Others than urgent ones let what somebody waits for, such as a code to sign in, go first.
    Raises ValueError for what is not exactly one address.
    """
    _refuse_many(to)
    email = Email(
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[to],
        subject=" ".join(subject.split()),
        message=text,
        html_message=html,
        message_id=message_id,
        headers=headers,
        status=STATUS.queued,
        priority=PRIORITY.high if urgent else PRIORITY.low,
    )
    email.save()
    if attachments:
        email.attachments.add(*attachments)
    email_queued.send(sender=Email, emails=[email])
    return email


def attachment(name: str, content: bytes, mimetype: str) -> Attachment:
    """A file that several mails may carry."""
    row = Attachment(name=name, mimetype=mimetype)
    row.file.save(name, ContentFile(content))
    return row


def domain() -> str:
    """Of our sender; what stands after the @ in the names we give to mails."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def deliver_soon(sender: type[Email], emails: list[Email], **kwargs: Any) -> None:
    """Receives post_office's `email_queued`: the first few of a transaction go at its commit."""
    now = timezone.now()
    for email in emails:
        hooks = [hook[1] for hook in connection.run_on_commit]
        ahead = sum(getattr(hook, "func", None) is _deliver for hook in hooks)
        at_once = ahead < settings.MAILS_WITHIN_A_REQUEST
        email.scheduled_time = now + HOLD if at_once else now
        Email.objects.filter(pk=email.pk).update(scheduled_time=email.scheduled_time)
        if at_once:
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
