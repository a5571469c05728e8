"""Sends what is queued: claims each mail, tries it, and settles what came of it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from post_office.connections import connections
from post_office.models import STATUS, Email, Log

from .verdicts import BACKOFF, WAITING, Outcome, is_away, judge, log, mail_tried

LEASE = timedelta(minutes=30)  # for which a mail belongs to who claimed it; longer than a sending


# Seconds for a server to receive a mail that it asked for, and as many to say that it took it
# (RFC 5321, 4.5.3.2.6): filters work meanwhile, and who hangs up sooner sends the mail twice. For
# all that comes before, EMAIL_TIMEOUT.
PATIENCE = 600.0
NOTE_AGAIN = (0.2, 1.0, 3.0)  # seconds after which what became of a mail is noted once more
AT_A_TIME = 20  # mails of which a round reads which are due
IN_A_ROW = 3  # mails that find no server, after which a round ends


class Server(Enum):
    ANSWERED = 1
    AWAY = 2
    NOT_ASKED = 3  # somebody else has the mail


def due(now: datetime) -> Any:
    """What waits to be tried, in the order in which it is: what is urgent first, then the oldest."""
    return Email.objects.filter(
        Q(scheduled_time__lte=now) | Q(scheduled_time=None), status__in=WAITING
    ).order_by("-priority", "scheduled_time", "pk")


def send_due(is_over: Callable[[], bool] = lambda: False) -> int:
    """Tries what is due, one by one, until nothing is, the server is away, or `is_over` says so.

    Answers how many mails the server took or refused.
    """
    away = settled = 0
    keys: list[int] = []
    try:
        while away < IN_A_ROW and not is_over():
            # A few at a time: the queue is long when a server was away, and its rows are wide.
            keys = keys or list(due(timezone.now()).values_list("pk", flat=True)[:AT_A_TIME])
            if not keys:
                break
            rows = due(timezone.now()).filter(pk=keys.pop(0)).prefetch_related("attachments")
            email = rows.first()
            if email is None:
                continue  # somebody else was faster
            server = send(email, PATIENCE)
            away = away + 1 if server is Server.AWAY else 0
            settled += server is Server.ANSWERED
    finally:
        hang_up()
    return settled


def send(email: Email, patience: float) -> Server:
    """Claims a mail, tries it once and notes how that ended."""
    if not _claim(email):
        return Server.NOT_ASKED
    error: Exception | None = None
    try:
        backend = connections["default"]
        backend.patience = patience
        email.dispatch(
            log_level=0, disconnect_after_delivery=False, commit=False, connection=backend
        )
    except Exception as caught:
        # Whatever a server or a file store answers: the mail must not stay claimed.
        error = caught
        hang_up()
    _settle(email, error)
    return Server.AWAY if error and is_away(error) else Server.ANSWERED


def hang_up() -> None:
    try:
        connections.close()
    except Exception:
        log.warning("the mail server did not part in peace", exc_info=True)


def _claim(email: Email) -> bool:
    """Takes the mail for LEASE, unless it changed hands since it was read."""
    read = email.scheduled_time
    mine = timezone.now() + LEASE
    rows = Email.objects.filter(pk=email.pk, status__in=WAITING, scheduled_time=read)
    email.scheduled_time = mine
    return bool(rows.update(scheduled_time=mine, last_updated=timezone.now()))


def _settle(email: Email, error: Exception | None) -> None:
    """Notes how a try ended, again while the database does not take it: the mail may have left,
    and leaves again when its lease is over and nothing is noted."""
    for pause in NOTE_AGAIN:
        try:
            _note(email, error)
        except (OperationalError, InterfaceError) as away:
            log.warning("mail %s: how it ended waits to be noted, %s", email.pk, away)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
        else:
            return
    _note(email, error)


def _note(email: Email, error: Exception | None) -> None:
    """One transaction: how the try ended, a row for it, and what hangs on the mail."""
    now = timezone.now()
    done = email.number_of_retries or 0  # tries before this one
    tried = judge(error, done, now)
    changes: dict[str, Any] = {
        Outcome.HANDED: {"status": STATUS.sent},
        Outcome.REFUSED: {"status": STATUS.failed},
        Outcome.POSTPONED: {"status": STATUS.requeued},
    }[tried.outcome]
    if tried.outcome is Outcome.POSTPONED:
        changes["scheduled_time"] = now + BACKOFF[done]
    if error is not None:
        log.warning("mail %s: %s, %s", email.pk, tried.outcome.value, tried.error)
    with transaction.atomic():
        mine = Email.objects.filter(pk=email.pk, scheduled_time=email.scheduled_time)
        if tried.outcome is Outcome.POSTPONED:
            mine = mine.filter(status__in=WAITING)
        if not mine.update(number_of_retries=done + 1, last_updated=now, **changes):
            return  # its lease was over and somebody else has it, or it was withdrawn meanwhile
        Log.objects.create(
            email=email,
            status=STATUS.failed if error else STATUS.sent,
            message=tried.error,
            exception_type=type(error).__name__ if error else "",
        )
        try:
            with transaction.atomic():
                mail_tried.send(sender=Email, email=email, tried=tried)
        except Exception:
            # How the mail stands is noted all the same, or it would leave again; a sweep mends
            # what hangs on it.
            log.exception("after mail %s", email.pk)
