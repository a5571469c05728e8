"""What a mail server's answer means: handed over, to try again, refused; and when to try again."""

import logging
import re
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.dispatch import Signal
from post_office.models import STATUS

from .addresses import says_unknown

_MINUTES = (5, 15, 30, 60, 120, 240, *[360] * 7)
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)  # two days, with the last
WAITING = (STATUS.queued, STATUS.requeued)


# Sent within the transaction that notes how a try ended, with `email` and a `Try`.
mail_tried = Signal()
log = logging.getLogger(__name__)
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


def judge(error: Exception | None, done: int, now: datetime) -> Try:
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


def is_away(error: Exception) -> bool:
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
