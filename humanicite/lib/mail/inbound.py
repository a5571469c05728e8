"""A mail that came in, read: who wrote, what is new in it, whether a person did. Knows no app.

Nothing a mail can hold makes `read` fail: what cannot be read is left out and said. Nor does any
make it slow: what is read is bounded, and by steps whose time grows with its length alone.
"""

import codecs
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import Header, decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from enum import Enum
from itertools import count
from typing import Any

from .addresses import says_unknown
from .html import MOST_HTML, text_of
from .quotation import LONGEST_TEXT, reply_of

LONGEST_ID = 250
LONGEST_HEADER = 8000  # characters that are read
LONGEST_WORDS = 1000  # characters of a header that is shown, or of a file's name
MOST_PARTS = 200  # of a mail that are looked at
TOO_MANY_PARTS = 2000  # beyond, a mail was made to tire its reader
DEEPEST = 20  # parts within parts, likewise
MOST_BYTES = 4 * MOST_HTML  # of a text
MOST_PICTURES = 6  # kept; of them a signalement takes three that are no logos
PICTURES = ("image/jpeg", "image/png", "image/webp")


# What mails are written in, by the names of Python's codecs. Others are no way to write French, and
# some take a time that grows with the square of the text (punycode, idna), or make texts that no
# database takes (utf-7).
CHARSETS = frozenset(
    {
        "ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "mac-roman", "koi8-r",
        "big5", "gb2312", "gbk", "gb18030", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr",
        *(f"iso8859-{n}" for n in range(1, 17)), *(f"cp125{n}" for n in range(9)),
    }
)  # fmt: skip


class Kind(Enum):
    PERSON = "person"
    AUTO = "auto"  # an absence, an acknowledgement by a machine
    BOUNCE = "bounce"  # a server tells what became of a mail of ours


@dataclass(frozen=True)
class Failure:
    """What a server says of one address (RFC 3464). `action`: failed, delayed, delivered…"""

    address: str
    action: str
    status: str  # « 5.1.1 »
    diagnostic: str = ""

    @property
    def is_final(self) -> bool:
        return self.action == "failed"

    @property
    def is_unknown(self) -> bool:
        """Nobody lives at that address."""
        return self.is_final and says_unknown(self.status)


@dataclass
class Incoming:
    message_id: str  # as the sender gave it, or a digest of the mail
    digest: str
    kind: Kind = Kind.PERSON
    sender: str = ""
    addressed: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)  # nearest first
    subject: str = ""
    text: str = ""
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(raw: bytes, *, whole: bool = True) -> Incoming:
    """`whole` is false for the beginning of a mail that is too heavy: its files are left out."""
    digest = f"<{hashlib.sha256(raw).hexdigest()}@digest>"
    mail = Incoming(message_id=digest, digest=digest)
    try:
        message = message_from_bytes(raw, _class=_counted(), policy=_Bounded())
    except Exception:
        # Too many parts, or the parser's own bugs on bytes that were never a mail.
        mail.notes.append("Ce courriel est illisible.")
        return mail
    for step in (_envelope, _kind, _body):
        try:
            step(mail, message)
        except Exception:
            # One broken part: the others are read all the same.
            mail.notes.append("Une partie de ce courriel est illisible.")
    if not whole:
        mail.left_out += [name for name, _ in mail.pictures]
        mail.pictures = []
    if message.defects or any(part.defects for part in message.walk()):
        broken = "Ce courriel est mal formé : il a pu perdre une partie."
        mail.notes += [broken] if whole else []
    return mail


class _Bounded(policy.Compat32):
    """Reads headers no further than LONGEST_HEADER: taking one to pieces may be slow."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_HEADER]


class _Part(Message):
    """Knows how deep it lies: the parser asks of each line whether it ends any of those around."""

    depth = 0

    def attach(self, payload: Any) -> None:
        payload.depth = self.depth + 1
        if payload.depth > DEEPEST:
            raise ValueError(f"parts within parts, {DEEPEST} times")
        super().attach(payload)


def _counted() -> Callable[..., Message]:
    """Makes the parts of one mail."""
    numbers = count(1)

    def part(**options: Any) -> Message:
        if next(numbers) > TOO_MANY_PARTS:
            raise ValueError(f"more than {TOO_MANY_PARTS} parts")
        return _Part(**options)

    return part


# --- Headers --------------------------------------------------------------------------------------
def _text(value: Any) -> str:
    """A header as it reads, in one line; also one that was sent in bytes, as RFC 6532 allows."""
    if isinstance(value, Header):
        value = "".join(_readable(word) for word, _ in decode_header(value))
    words = str(value or "")[:LONGEST_WORDS]
    try:
        found = [
            (word if isinstance(word, bytes) else word.encode(), charset)
            for word, charset in decode_header(words)
        ]
    except ValueError:
        return _encodable(" ".join(words.split()))
    # Between a word that is encoded and one that is not, the space belongs to the latter.
    return " ".join(_encodable("".join(_readable(*pair) for pair in found)).split())


def _readable(raw: bytes, charset: str | None = None) -> str:
    """Bytes as text: in the charset that they name, if it is one of mails, or in what fits them."""
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            codec = codecs.lookup(name)
            if codec.name in CHARSETS:
                # What was cut may end within a character.
                decoder = codec.incrementaldecoder()
                return decoder.decode(raw[:MOST_BYTES], final=len(raw) <= MOST_BYTES)
        except (LookupError, ValueError):
            continue
    return raw[:MOST_BYTES].decode("latin-1")


def _encodable(text: str) -> str:
    """Without what no database takes: NUL, and halves of a character (surrogates)."""
    return text.replace("\0", "").encode(errors="replace").decode()


def _addresses(message: Message, *names: str) -> list[str]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    found = [_encodable(address).strip().lower() for _, address in getaddresses(values)]
    return list(dict.fromkeys(address for address in found if "@" in address))


def _envelope(mail: Incoming, message: Message) -> None:
    given = "".join(str(message.get("Message-ID", "")).split())
    if 3 <= len(given) <= LONGEST_ID and given.isprintable():
        mail.message_id = given
    mail.sender = parseaddr(_text(message.get("From")))[1].lower()[:254]
    mail.subject = _text(message.get("Subject"))[:300]
    mail.addressed = _addresses(
        message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"
    )
    mail.references = _ids(message, "In-Reply-To") + _ids(message, "References")[::-1]


def _ids(message: Message, name: str) -> list[str]:
    said = " ".join(str(value) for value in message.get_all(name, []))
    return [one for one in re.findall(rf"<[^<>\s]{{1,{LONGEST_ID}}}>", said) if one.isprintable()]


# --- Who wrote ------------------------------------------------------------------------------------

# At the beginning of a subject, where programs and the people who set them up write it; a reply to
# us begins « Re: Signalement ». What many subjects begin with must end there, or tell of a time.
_ABSENT = re.compile(
    r"(réponse automatique|message d['’ ]absence|avis d['’ ]absence|absence du bureau|"
    r"automatic reply|auto(matic)?[- ]?(reply|response)|automatische antwort|automatisch antwoord|"
    r"out of (the )?office|ooo\b|hors (du )?bureau|accusé de réception automatique|\[auto|"
    r"(je suis|nous sommes) (actuellement |absente?s? |en )*(absente?s?|congés?|vacances)\b|"
    r"(actuellement )?(absent(\(?e\)?)?s?|absence|(en )?congés?( annuels?| d['’]été| maternité|"
    r" parental)?|(en )?vacances|fermeture (annuelle|estivale))\s*"
    r"(:|-|–|!|\.|$|re ?:|du (\d|lundi|mardi|mercredi|jeudi|vendredi)|jusqu|ce jour|pour congés?))",
    re.IGNORECASE,
)


def _kind(mail: Incoming, message: Message) -> None:
    report = message.get_content_type() == "multipart/report"
    reports = [part for part in _parts(message) if part.get_content_type() in _STATUS]
    returned = str(message.get("Return-Path", "")).strip() == "<>"
    daemon = mail.sender.partition("@")[0] in ("mailer-daemon", "postmaster")
    if reports and (report or daemon):
        mail.kind = Kind.BOUNCE
        for part in reports:
            mail.failures += _failures(part)
        mail.references = _original(message) + mail.references
    elif daemon and returned:
        mail.kind = Kind.BOUNCE
        mail.references = _original(message) + mail.references
    elif _is_automatic(mail, message, returned):
        mail.kind = Kind.AUTO


_STATUS = ("message/delivery-status", "message/global-delivery-status")


def _is_automatic(mail: Incoming, message: Message, returned: bool) -> bool:
    """RFC 3834, and what came before it."""
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        said != "no"
        or returned
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
        or precedence in ("auto_reply", "auto-reply", "bulk", "junk", "list")
        or message.get_content_type() == "multipart/report"  # a receipt that was read
        or bool(_ABSENT.match(mail.subject))
    )


def _failures(part: Message) -> list[Failure]:
    """Of each address a report names; its first block is of the mail as a whole."""
    found = []
    for block in _inner(part):
        named = block.get("Original-Recipient") or block.get("Final-Recipient")
        if not named:
            continue
        address = str(block.get("Final-Recipient") or named).partition(";")[2].strip().strip("<>")
        original = str(block.get("Original-Recipient") or "").partition(";")[2].strip().strip("<>")
        status = re.match(r"\d\.\d{1,3}\.\d{1,3}", _text(block.get("Status")))
        for one in dict.fromkeys((original.lower(), address.lower())):
            if "@" in one:
                found.append(
                    Failure(
                        one,
                        _text(block.get("Action")).lower(),
                        status[0] if status else "",
                        _text(block.get("Diagnostic-Code"))[:500],
                    )
                )
    return found


def _original(message: Message) -> list[str]:
    """The Message-ID of the mail that came back, whole or by its headers."""
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and (inner := _inner(part)):
            return _ids(inner[0], "Message-ID")
        if kind == "text/rfc822-headers":
            headers = message_from_bytes(_bytes(part)[:MOST_BYTES], policy=_Bounded())
            return _ids(headers, "Message-ID")
    return []


# --- What is in it --------------------------------------------------------------------------------
def _parts(message: Message) -> list[Message]:
    """In their order; a mail within the mail is one part, which is not entered."""
    found: list[Message] = []
    todo = [message]
    while todo and len(found) < MOST_PARTS:
        part = todo.pop(0)
        found.append(part)
        if part.get_content_maintype() == "multipart":
            todo = [*_inner(part)[:MOST_PARTS], *todo]
    return found


def _inner(part: Message) -> list[Message]:
    # Of a part that holds none, `get_payload` would decode the text, by whatever charset it names.
    held: Any = part.get_payload() if part.is_multipart() else []
    return list(held)


def _bytes(part: Message) -> bytes:
    content: Any = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Message) -> str:
    said = part.get_param("charset")
    return _readable(_bytes(part), _text(said[2] if isinstance(said, tuple) else said))


def _filename(part: Message) -> str:
    """As `Message.get_filename` finds it, which decodes by whatever charset it names (RFC 2231)."""
    said = part.get_param("filename", header="content-disposition") or part.get_param("name")
    if isinstance(said, tuple):
        return _text(_readable(said[2][:LONGEST_WORDS].encode("latin-1", "replace"), said[0]))
    return _text(said)


def _body(mail: Incoming, message: Message) -> None:
    plain, html = "", ""
    for part in _parts(message):
        kind, name = part.get_content_type(), _filename(part)
        if part.get_content_maintype() == "multipart" or kind in _STATUS:
            continue
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "text/plain" and not attached:
            plain += _decoded(part) + "\n"
        elif kind == "text/html" and not attached:
            html += _decoded(part)
        elif kind in PICTURES and len(mail.pictures) < MOST_PICTURES:
            mail.pictures.append((name or "image", _bytes(part)))
        elif kind not in ("message/rfc822", "text/rfc822-headers") or mail.kind is not Kind.BOUNCE:
            mail.left_out.append(name or kind)
    whole = plain if plain.strip() else text_of(html)
    whole = _encodable(whole).replace("\r\n", "\n").replace("\r", "\n")
    # What a machine says is not cut: it answers below nothing.
    text = reply_of(whole) if mail.kind is Kind.PERSON else whole.strip()
    if whole.strip() and not text:
        mail.notes.append("Sans autre texte que le message cité.")
    if len(text) > LONGEST_TEXT:
        mail.notes.append("Texte coupé : il était très long.")
    mail.text = text[:LONGEST_TEXT]
