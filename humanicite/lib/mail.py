"""Mail is a row of the same transaction first, then goes to the server; nothing is lost between.

A few mails of a transaction are tried at once when it commits; the rest, and what the server did
not take, waits for `send_queued_mail` (by a timer, or for ever). Each mail is claimed before it is
tried: two that send at once never take the same one. A claim ends by itself, so that a mail whose
process was killed is taken up again: that one, and only that one, may arrive twice.
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import Enum
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as ConsoleBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone
from post_office import EmailBackend
from post_office.connections import connections
from post_office.models import PRIORITY, STATUS, Attachment, Email, Log
from post_office.signals import email_queued

from .addresses import says_unknown

HOLD = timedelta(minutes=2)  # for which a new mail is left to the process that queued it
LEASE = timedelta(minutes=30)  # for which a mail belongs to who claimed it; longer than a sending
# Seconds for a server to receive a mail that it asked for, and as many to say that it took it
# (RFC 5321, 4.5.3.2.6): filters work meanwhile, and who hangs up sooner sends the mail twice. For
# all that comes before, EMAIL_TIMEOUT.
PATIENCE = 600.0
PATIENCE_IN_A_REQUEST = 45.0  # somebody waits for a page
_MINUTES = (5, 15, 30, 60, 120, 240, *[360] * 7)
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)  # two days, with the last
DOWN_FOR = 60.0  # seconds for which a server that did not answer is not asked within a request
SLOW_FOR = 3600.0  # and one that needs more than EMAIL_TIMEOUT to take a mail
NOTE_AGAIN = (0.2, 1.0, 3.0)  # seconds after which what became of a mail is noted once more
AT_A_TIME = 20  # mails of which a round reads which are due
IN_A_ROW = 3  # mails that find no server, after which a round ends
WAITING = (STATUS.queued, STATUS.requeued)

# Sent within the transaction that notes how a try ended, with `email` and a `Try`.
mail_tried = Signal()

log = logging.getLogger(__name__)
_TAG = re.compile(r"\{(?=[{%#])")
_ENHANCED = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
# How servers without enhanced codes say it, in words; blocklists say 550 as well, of us.
_NOBODY = re.compile(
    r"(no such|unknown|invalid|non-?existent) (local )?(user|recipient|mailbox|address|account)|"
    r"(user|recipient|mailbox|address|account)\b.{0,80}\b"
    r"(unknown|unavailable|not found|not local|invalid|(does not|doesn['’]t) exist)|"
    r"(utilisateur|destinataire|adresse|bo[iî]te|compte)\b.{0,80}"
    r"(inconnu|introuvable|inexistant|n['’]existe pas)",
    re.IGNORECASE,
)
_OF_US = re.compile(
    r"\b(senders?|exp[ée]diteur|client|helo|ip|block\w*|black ?list\w*|listed|spam\w*|"
    r"reputation|policy)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
_down_until = 0.0  # by `time.monotonic`, of this process


class Outcome(Enum):
    HANDED = "handed"  # the server took it
    POSTPONED = "postponed"  # it will be tried again
    REFUSED = "refused"  # the server will never take it, or has not for two days


@dataclass(frozen=True)
class Try:
    """How an attempt ended. `unknown_address`: the server says that nobody lives there."""

    outcome: Outcome
    at: datetime
    attempts: int
    error: str = ""
    unknown_address: bool = False


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
    server = _Server.NOT_ASKED
    try:
        server = _send(email, PATIENCE_IN_A_REQUEST)
    except Exception:
        log.exception("mail %s, as its transaction was committed", email.pk)
    finally:
        _hang_up()
    now = time.monotonic()
    if now - started > (
        PATIENCE_IN_A_REQUEST if server is _Server.AWAY else settings.EMAIL_TIMEOUT
    ):
        _down_until = now + SLOW_FOR
    elif server is _Server.AWAY:
        _down_until = now + DOWN_FOR


# --- Sending --------------------------------------------------------------------------------------


class _Server(Enum):
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
            server = _send(email, PATIENCE)
            away = away + 1 if server is _Server.AWAY else 0
            settled += server is _Server.ANSWERED
    finally:
        _hang_up()
    return settled


def _send(email: Email, patience: float) -> _Server:
    """Claims a mail, tries it once and notes how that ended."""
    if not _claim(email):
        return _Server.NOT_ASKED
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
        _hang_up()
    _settle(email, error)
    return _Server.AWAY if error and _is_away(error) else _Server.ANSWERED


def _hang_up() -> None:
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
    tried = _judge(error, done, now)
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


def _judge(error: Exception | None, done: int, now: datetime) -> Try:
    if error is None:
        return Try(Outcome.HANDED, now, done + 1)
    code, text = _answer(error)
    said = " ".join(f"{code or ''} {text or type(error).__name__}".split())[:500]
    if _is_final(error, code):
        return Try(Outcome.REFUSED, now, done + 1, said, _says_unknown(error, code, text))
    if done >= len(BACKOFF):
        return Try(Outcome.REFUSED, now, done + 1, said)
    return Try(Outcome.POSTPONED, now, done + 1, said)


def _answer(error: Exception) -> tuple[int, str]:
    """The server's code, 0 for none, and its words."""
    raw: Any = str(error)
    code = 0
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, raw = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, raw = error.smtp_code, error.smtp_error
    return code, raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw)


def _is_final(error: Exception, code: int) -> bool:
    """The address or the mail itself was refused for good (5xx to RCPT or DATA; too large).

    A refused sender or sign-in is ours to mend: the mail waits for it.
    """
    if isinstance(error, (smtplib.SMTPNotSupportedError, UnicodeError)):
        return True
    if isinstance(error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)):
        return 500 <= code < 600
    return isinstance(error, smtplib.SMTPSenderRefused) and code == 552


def _says_unknown(error: Exception, code: int, text: str) -> bool:
    """By the enhanced code where there is one, otherwise by the words."""
    if match := _ENHANCED.match(text):
        return says_unknown(match[1])
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or code not in (550, 551, 553):
        return False
    words = _ADDRESS.sub("", text)
    return bool(_NOBODY.search(words)) and not _OF_US.search(words)


def _is_away(error: Exception) -> bool:
    """No server, or one that takes nothing now, rather than something about this mail."""
    if isinstance(error, FileNotFoundError):
        return False  # an attachment
    code, _ = _answer(error)
    if code == 421:
        return True
    if isinstance(error, smtplib.SMTPResponseException):
        return isinstance(
            error,
            (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError),
        )
    return isinstance(error, OSError) and not isinstance(
        error, (smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError)
    )


# --- Servers --------------------------------------------------------------------------------------


class _Patient(smtplib.SMTP):
    """Waits longer once the server has asked for the mail itself."""

    patience = PATIENCE

    def getreply(self) -> tuple[int, bytes]:
        code, said = super().getreply()
        if self.sock is not None:
            self.sock.settimeout(self.patience if code == 354 else self.timeout)
        return code, said


class _PatientSsl(_Patient, smtplib.SMTP_SSL):
    pass


class Smtp(SmtpBackend):
    """Django's, with two waits in the place of one: `timeout`, then `patience`."""

    patience = PATIENCE

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _PatientSsl if self.use_ssl else _Patient

    def _send(self, email_message: EmailMessage) -> bool:
        server: Any = self.connection
        server.patience = self.patience
        return bool(super()._send(email_message))  # type: ignore[misc]  # django-stubs leaves it out


class Console(ConsoleBackend):
    """Prints what a reader would see: a mail's source, with its PDF, is of no use on a terminal."""

    def write_message(self, message: EmailMessage) -> None:
        lines = [
            f"To: {', '.join(message.recipients())}",
            f"Subject: {message.subject}",
            "",
            str(message.body),
            *(f"[{file[0]}]" for file in message.attachments if isinstance(file, tuple)),
            "-" * 79,
        ]
        self.stream.write("\n".join(lines) + "\n")
