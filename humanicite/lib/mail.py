"""Mail is a row of the same transaction first, then goes to the server; nothing is lost between.

A mail that was queued is tried at once when its transaction commits. If the server refuses or is
down, or the process dies, the timer's `send_queued_mail` takes it up again, up to MAX_RETRIES; a
mail given up then is still there, marked as failed.
"""

import re
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from post_office import EmailBackend
from post_office.models import STATUS, Email

HOLD = timedelta(minutes=2)  # for which the timer leaves a new mail to its own process
RETRY = timedelta(minutes=5)

_TAG = re.compile(r"\{(?=[{%#])")


class Outbox(EmailBackend):
    """Queues messages as they are: post_office would render a `{%` in a name as a template."""

    def send_messages(self, email_messages: list[EmailMessage]) -> int:
        for message in email_messages:
            message.subject, message.body = (
                _literal(str(message.subject)),
                _literal(str(message.body)),
            )
        return super().send_messages(email_messages) or 0


def _literal(text: str) -> str:
    return _TAG.sub("{% templatetag openbrace %}", text)


def deliver_soon(sender: type[Email], emails: list[Email], **kwargs: Any) -> None:
    """Receives post_office's `email_queued`."""
    for email in emails:
        Email.objects.filter(pk=email.pk).update(scheduled_time=timezone.now() + HOLD)
        transaction.on_commit(partial(_deliver, email), robust=True)


def _deliver(email: Email) -> None:
    if email.dispatch() == STATUS.failed:
        Email.objects.filter(pk=email.pk).update(
            status=STATUS.requeued, scheduled_time=timezone.now() + RETRY
        )
