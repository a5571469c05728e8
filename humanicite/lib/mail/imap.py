"""A mailbox over IMAP: which mails were not read yet, each mail's bytes, and marking it as read."""

import imaplib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.consts import MailMessageFlags
from imap_tools.errors import ImapToolsError

TIMEOUT = 30.0  # seconds, of each exchange
HEAVIEST = 25 * 1024 * 1024  # bytes; of a mail beyond, only the beginning is fetched
BEGINNING = 256 * 1024  # bytes


class MailboxAway(Exception):
    """The server does not answer, or not to us. Its words name no password."""


@contextmanager
def open_mailbox(url: str) -> Iterator[BaseMailBox]:
    """`imaps://user:password@host:993/INBOX`; `imap://…` is plain, with `?starttls=1` it is not."""
    parts = urlsplit(url)
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not parts.username:
        raise MailboxAway("IMAP_URL is not of the form imaps://user:password@host:993/INBOX")
    kind: Any = MailBox
    if parts.scheme == "imap":
        kind = MailBoxStartTls if "starttls" in parse_qs(parts.query) else MailBoxUnencrypted
    port = parts.port or (993 if parts.scheme == "imaps" else 143)
    folder = unquote(parts.path.strip("/")) or "INBOX"
    box = None
    try:
        box = kind(parts.hostname, port=port, timeout=TIMEOUT)
        box.login(unquote(parts.username), unquote(parts.password or ""), folder)
        yield box
    except MailboxLoginError:
        raise MailboxAway(f"{parts.hostname} refuses this user or password") from None
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise MailboxAway(f"{parts.hostname}: {error or type(error).__name__}") from error
    finally:
        _leave(box)


def _leave(box: Any) -> None:
    try:
        if box is not None:
            box.logout()
    except (OSError, imaplib.IMAP4.error, ImapToolsError):
        pass  # it is gone already


def unseen(box: BaseMailBox) -> list[str]:
    """Of the mails not read yet, the keys by which this mailbox knows them; oldest first."""
    return list(box.uids("UNSEEN"))


@dataclass(frozen=True)
class Fetched:
    """A mail as the server has it; `whole` is false where it is too heavy and only begins here.
    `arrived` is when the server had it (INTERNALDATE, RFC 3501), None where it does not say."""

    raw: bytes
    whole: bool
    arrived: datetime | None


def fetch(box: BaseMailBox, uid: str) -> Fetched | None:
    """Reading marks nothing. None: it is gone."""
    said = b" ".join(
        part
        for row in box.client.uid("FETCH", uid, "(RFC822.SIZE INTERNALDATE)")[1]
        for part in (row if isinstance(row, tuple) else (row,))
        if part
    )
    size = re.search(rb"RFC822\.SIZE (\d+)", said)
    if size is None:
        return None
    whole = int(size[1]) <= HEAVIEST
    what = "(BODY.PEEK[])" if whole else f"(BODY.PEEK[]<0.{BEGINNING}>)"
    rows: list[object] = box.client.uid("FETCH", uid, what)[1]
    content = next((row[1] for row in rows if isinstance(row, tuple)), None)
    return None if content is None else Fetched(content, whole, _arrived(said))


def _arrived(said: bytes) -> datetime | None:
    """imap-tools reads the sender's `Date` only, which is whatever the sender says."""
    try:
        local = imaplib.Internaldate2tuple(said)
        return None if local is None else datetime.fromtimestamp(time.mktime(local), UTC)
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def mark_seen(box: BaseMailBox, uid: str) -> None:
    box.flag(uid, MailMessageFlags.SEEN, True)
