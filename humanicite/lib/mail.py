"""Mail is a row of the same transaction first, then goes to the server; nothing is lost between.

A mail that was queued is tried at once when its transaction commits. If the server refuses or is
down, or the process dies, the timer's `send_queued_mail` takes it up again, up to MAX_RETRIES.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from post_office.models import STATUS, Email

HOLD = timedelta(minutes=2)  # for which the timer leaves a new mail to its own process
RETRY = timedelta(minutes=5)


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
