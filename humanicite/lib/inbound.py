"""A mail that came in, read: who wrote, what is new in it, whether a person did. Knows no app.

Nothing a mail can hold makes `read` fail: what cannot be read is left out and said.
"""

import hashlib
import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from enum import Enum
from html.parser import HTMLParser
from typing import Any

from .addresses import says_unknown

LONGEST_TEXT = 20_000  # characters that are kept
LONGEST_ID = 250
MOST_PARTS = 200  # of a mail; beyond, it was made to tire a reader
MOST_QUOTES = 40
MOST_HTML = 300_000  # characters
PICTURES = ("image/jpeg", "image/png", "image/webp")


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
        message = message_from_bytes(raw, policy=policy.compat32)
    except Exception:
        # The parser's own bugs on bytes that were never a mail.
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


# --- Headers --------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """A header as it reads, in one line."""
    try:
        text = str(make_header(decode_header(str(value or ""))))
    except (LookupError, ValueError, UnicodeError):
        text = str(value or "")
    return " ".join(text.replace("\0", "").split())


def _addresses(message: Message, *names: str) -> list[str]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    found = [address.strip().lower() for _, address in getaddresses(values)]
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
    return re.findall(r"<[^<>\s]+>", " ".join(str(value) for value in message.get_all(name, [])))


# --- Who wrote ------------------------------------------------------------------------------------

# At the beginning of a subject, where mail programs write it; « Re: » of ours never begins so.
_ABSENT = re.compile(
    r"(réponse automatique|message d['’ ]absence|avis d['’ ]absence|absence du bureau|absen(ce|t|te)"
    r"\s*(:|-|–|$)|automatic reply|auto(matic)?[- ]?(reply|response)|out of (the )?office|"
    r"accusé de réception automatique|\[auto)",
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
    blocks: Any = part.get_payload()
    found = []
    for block in blocks if isinstance(blocks, list) else []:
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
        if kind == "message/rfc822":
            inner: Any = part.get_payload()
            if isinstance(inner, list) and inner:
                return _ids(inner[0], "Message-ID")
        elif kind == "text/rfc822-headers":
            return _ids(message_from_bytes(_bytes(part)), "Message-ID")
    return []


# --- What is in it --------------------------------------------------------------------------------


def _parts(message: Message) -> list[Message]:
    """In their order; a mail within the mail is one part, which is not entered."""
    found: list[Message] = []
    todo = [message]
    while todo and len(found) < MOST_PARTS:
        part = todo.pop(0)
        found.append(part)
        inner: Any = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inner, list):
            todo = [*inner, *todo]
    return found


def _bytes(part: Message) -> bytes:
    content: Any = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _decoded(part: Message) -> str:
    content = _bytes(part)
    charset = str(part.get_content_charset() or "utf-8")
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError):
            continue
    return content.decode("latin-1")


def _body(mail: Incoming, message: Message) -> None:
    plain, html = "", ""
    for part in _parts(message):
        kind, name = part.get_content_type(), _text(part.get_filename())
        if part.get_content_maintype() == "multipart" or kind in _STATUS:
            continue
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind == "text/plain" and not attached:
            plain += _decoded(part) + "\n"
        elif kind == "text/html" and not attached:
            html += _decoded(part)
        elif kind in PICTURES:
            mail.pictures.append((name or "image", _bytes(part)))
        elif kind not in ("message/rfc822", "text/rfc822-headers") or mail.kind is not Kind.BOUNCE:
            mail.left_out.append(name or kind)
    whole = plain if plain.strip() else text_of(html)
    whole = whole.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    # What a machine says is not cut: it answers below nothing.
    text = reply_of(whole) if mail.kind is Kind.PERSON else whole.strip()
    if whole.strip() and not text:
        mail.notes.append("Sans autre texte que le message cité.")
    if len(text) > LONGEST_TEXT:
        mail.notes.append("Texte coupé : il était très long.")
    mail.text = text[:LONGEST_TEXT]


class _Text(HTMLParser):
    """The text of an HTML mail; what it quotes is marked as plain mails mark it."""

    breaks = frozenset(
        {"br", "div", "p", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr"}
    )
    silent = frozenset({"head", "style", "script", "title", "template"})
    # How programs mark where what they quote begins, when they do not indent it.
    starts = re.compile(r"divRplyFwdMsg|appendonsend|mail-editor-reference-message-container")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self.quotes = self.hidden = 0
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if self.starts.search(str(dict(attrs).get("id") or "")):
            self.is_over = True
        if tag in self.silent:
            self.hidden += 1
        if tag in self.breaks or tag == "blockquote":
            self.lines.append("")
        if tag == "blockquote":
            self.quotes += 1
        if tag == "li":
            self.lines[-1] += "- "

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            self.hidden = max(0, self.hidden - 1)
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        if (tag in self.breaks and tag != "br") or tag == "blockquote":
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        words = re.sub(r"\s+", " ", data)
        if self.hidden or self.is_over or not words:
            return
        if not self.lines[-1]:
            words = words.lstrip()
            self.lines[-1] = "> " if self.quotes and words else ""
        self.lines[-1] += words


def text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html[:MOST_HTML])
    parser.close()
    text = "\n".join(line.rstrip() for line in parser.lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


# --- What is new in it ----------------------------------------------------------------------------

# « Le lun. 16 mars 2026 à 09:12, Médiation <…> a écrit : », on one line or wrapped over three.
_WROTE = re.compile(
    r"^[ \t]*(?:Le\s(?=[^\n]{0,80}\d)(?:(?!\n[ \t]*\n).){4,300}?\sa\s[ée]crit\s*:|"
    r"On\s(?=[^\n]{0,80}\d)(?:(?!\n[ \t]*\n).){4,300}?\swrote\s*:)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_RULE = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:Message d['’]origine|Message original|Message initial|Message transféré|"
    r"Original Message|Forwarded message|Mail original|Réponse au message)\s*-{0,}|"
    r"_{20,})[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
# The block of headers that Outlook and others write above what they quote, bold or not.
_HEADERS = re.compile(
    r"^[ \t]*\*{0,2}(?:De|From|Expéditeur)[ \u00a0]*:.{0,300}\n(?:.{0,400}\n){0,3}?"
    r"[ \t]*\*{0,2}(?:Envoyé(?: le)?|Date|Sent|À|A|To|Objet|Subject)[ \u00a0]*:",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(r"^--[ \u00a0]?$", re.MULTILINE)
_DEVICE = re.compile(
    r"^[ \t]*(?:Envoyé (?:de|depuis|à partir de) .{1,60}|Sent from .{1,60}|"
    r"(?:Télécharger|Obtenez|Get) Outlook .{1,80}|Envoyé avec .{1,60})$",
    re.MULTILINE | re.IGNORECASE,
)


def reply_of(text: str) -> str:
    """What its writer added: without the mail that it answers, the signature and the device.

    An answer below, or between the lines of, what it quotes is kept.
    """
    text = text[: 10 * LONGEST_TEXT]
    for _ in range(MOST_QUOTES):
        match = _WROTE.search(text)
        if match is None:
            break
        before, after = text[: match.start()], text[match.end() :]
        # Without marks the quotation goes to the end.
        is_marked = after.lstrip()[:1] in ("", ">")
        text = f"{before}\n{_unquoted(after)}" if is_marked else before
    for pattern in (_RULE, _HEADERS):
        if match := pattern.search(text):
            text = text[: match.start()]
    text = _unquoted(text)
    if match := _SIGNATURE.search(text):
        text = text[: match.start()]
    text = _DEVICE.sub("", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.lstrip().startswith(">"))
