"""The parts of a mail: parsed within bounds, and what each of them says or holds. Knows no app."""

import binascii
import hashlib
import quopri
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import Header, decode_header
from email.message import Message
from functools import cached_property
from html import unescape
from itertools import count
from typing import Any

from .charsets import decoded, mended, with_letters
from .html import MOST_HTML, QUOTATION, marked_text
from .quotation import plain, reply_of

LONGEST_HEADER = 8000  # characters that are read
LONGEST_WORDS = 1000  # characters of a header that is shown, or of a file's name
MOST_PARTS = 200  # of a mail that are looked at
TOO_MANY_PARTS = 2000  # beyond, a mail was made to tire its reader
DEEPEST = 20  # parts within parts, likewise
MOST_CODED = 8_000_000  # bytes of a text, as it travels
MOST_DOCUMENTS = 2  # PDF, for who takes them
MOST_PICTURES = 6  # kept; of them a signalement takes three that are no logos
PICTURES = ("image/jpeg", "image/png", "image/webp")
STATUS = ("message/delivery-status", "message/global-delivery-status")


# --- Parsing --------------------------------------------------------------------------------------
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


def parsed(raw: bytes) -> Message:
    """Raises whatever the parser meets on bytes that were never a mail, or made to tire it."""
    message = message_from_bytes(raw, _class=_counted(), policy=_Bounded())
    for part in list(message.walk())[:MOST_PARTS]:
        if part.get_content_maintype() == "multipart" and not part.is_multipart():
            _find_parts(part)
    return message


_BOUNDARY = re.compile(rb"^--([^\s-][^\r\n]{0,100}?)[ \t]*\r?$", re.MULTILINE)


def _find_parts(part: Message) -> None:
    """Of a part of several whose boundary is not the one it names: the parts, or its text."""
    raw = _raw(str(part.get_payload() or ""))
    found = _BOUNDARY.search(raw)
    if found is None:
        part.set_type("text/plain")
        return
    head = b'Content-Type: multipart/mixed; boundary="' + found[1].replace(b'"', b"") + b'"\n\n'
    held = message_from_bytes(head + raw, _class=_counted(), policy=_Bounded())
    if held.is_multipart():
        part.set_payload(held.get_payload())
    else:
        part.set_type("text/plain")


def parts_of(message: Message) -> list[Message]:
    """In their order; a mail within the mail is one part, which is not entered."""
    found: list[Message] = []
    todo = [message]
    while todo and len(found) < MOST_PARTS:
        part = todo.pop(0)
        found.append(part)
        if part.get_content_maintype() == "multipart":
            todo = [*inner(part)[:MOST_PARTS], *todo]
    return found


def inner(part: Message) -> list[Message]:
    # Of a part that holds none, `get_payload` would decode the text, by whatever charset it names.
    held: Any = part.get_payload() if part.is_multipart() else []
    how = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if part.get_content_maintype() == "message" and how in ("base64", "quoted-printable"):
        # Against the rules, and done: the parser took the letters of it for a mail.
        letters = _raw("".join(str(one.get_payload()) for one in held))[:MOST_CODED]
        raw = _from_base64(letters) if how == "base64" else quopri.decodestring(letters)
        if part.get_content_type() in STATUS:
            return [parsed(block) for block in re.split(rb"\r?\n\r?\n", raw)[:MOST_PARTS]]
        return [parsed(raw)]
    return list(held)


# --- Headers --------------------------------------------------------------------------------------
def words_of(value: object) -> str:
    """A header as it reads, in one line; also one that was sent in bytes, as RFC 6532 allows."""
    if isinstance(value, Header):
        value = "".join(decoded(_raw(word)) for word, _ in decode_header(value))
    words = str(value or "")[:LONGEST_WORDS]
    try:
        found = [(_raw(word), charset) for word, charset in decode_header(words)]
    except Exception:
        # « =?utf-8?b?%%?= »: no word of any charset; as it stands.
        return encodable(" ".join(words.split()))
    # Between a word that is encoded and one that is not, the space belongs to the latter.
    text = "".join(decoded(*pair) for pair in found)
    return " ".join(encodable(mended(text)).split())


def _raw(word: str | bytes) -> bytes:
    return word if isinstance(word, bytes) else word.encode(errors="surrogateescape")


def encodable(text: str) -> str:
    """Without what no database takes: NUL, and halves of a character (surrogates)."""
    return text.replace("\0", "").encode(errors="replace").decode()


def filename(part: Message) -> str:
    """As `Message.get_filename` finds it, which decodes by whatever charset it names (RFC 2231)."""
    said = part.get_param("filename", header="content-disposition") or part.get_param("name")
    if isinstance(said, tuple):
        return words_of(decoded(said[2][:LONGEST_WORDS].encode("latin-1", "replace"), said[0]))
    return words_of(said)


# --- Bytes of a part ------------------------------------------------------------------------------
def content_of(part: Message) -> bytes:
    content: object = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text_of(part: Message) -> str:
    said = part.get_param("charset")
    charset = words_of(said[2] if isinstance(said, tuple) else said)
    # A picture among the words of a page would be longer than all that is read of it.
    raw = _PICTURE_IN_PAGE.sub(b"", _coded(part))
    if part.get_content_type() == "text/html" and not charset:
        named = _META.search(raw[:2000])
        charset = named[1].decode() if named else ""
    text = encodable(decoded(raw, charset)).replace("\r\n", "\n").replace("\r", "\n")
    if words_of(part.get_param("format")).lower() == "flowed":
        return _unflowed(text, joins=words_of(part.get_param("delsp")).lower() == "yes")
    return text


_PICTURE_IN_PAGE = re.compile(rb"data:image/[\w.+-]{1,30};base64,([A-Za-z0-9+/=\s]*)")


def _unflowed(text: str, *, joins: bool) -> str:
    """Paragraphs that were broken to fit a screen (RFC 3676), made whole; quotations stay as they are."""
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        is_own = not line.startswith(">") and line != "-- "
        line = line[1:] if is_own and line.startswith(" ") else line
        if goes_on and is_own:
            lines[-1] = (lines[-1][:-1] if joins else lines[-1]) + line
        else:
            lines.append(line)
        goes_on = is_own and line.endswith(" ")
    return "\n".join(lines)


_META = re.compile(rb"<meta\s[^>]{0,200}charset\s*=\s*[\"']?([\w-]{3,20})", re.IGNORECASE)


def _coded(part: Message) -> bytes:
    """The bytes of a text, also where what is said of their coding does not hold."""
    if part.is_multipart():
        return b""
    how = words_of(part.get("Content-Transfer-Encoding")).lower()
    payload: object = part.get_payload()
    sent = _raw(payload if isinstance(payload, str) else "")[:MOST_CODED]
    if how == "base64":
        return _from_base64(sent)
    if how in ("", "7bit", "8bit", "binary") and sent.isascii() and _PRINTABLE.search(sent):
        return quopri.decodestring(sent)
    return content_of(part)


# « r=E9par=C3=A9 » whose header was lost; not what an address of the web holds.
_PRINTABLE = re.compile(rb"^[^/?&\n]{0,200}[A-Za-z ]=(?:E[0-9A-F]|C3=[89AB][0-9A-F])", re.MULTILINE)
_ALPHABET = re.compile(rb"[^A-Za-z0-9+/=]")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")


def _from_base64(sent: bytes) -> bytes:
    """With junk among the letters, cut, in several pieces, or followed by a line in plain letters; what
    was never base64 stays as it is."""
    lines = sent.split(b"\n")
    kept: list[bytes] = []
    rest = b""
    for number, line in enumerate(lines):
        line = line.strip()
        letters = _ALPHABET.sub(b"", line)
        if b" " in line or len(letters) < 0.9 * len(line):
            rest = b"\n".join(lines[number:])
            break
        kept.append(letters)
    found = b""
    for piece in re.findall(rb"[A-Za-z0-9+/]+", b"".join(kept)):
        whole = piece if len(piece) % 4 != 1 else piece[:-1]
        found += binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    was_text = bool(rest.strip()) and len(b"".join(kept)) < 16
    if was_text or (_CONTROLS.search(found) and b"\0" not in found):
        return sent
    return found + b"\n" + rest if rest.strip() else found


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


# --- What is in it --------------------------------------------------------------------------------
@dataclass
class Contents:
    """`texts` are what a reader of the mail reads, in its order; a quotation that an HTML part marks
    begins below a line that is QUOTATION."""

    texts: list[str] = field(default_factory=list)
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    documents: list[tuple[str, bytes]] = field(default_factory=list)  # PDF, left out as well
    inline: set[str] = field(default_factory=set)  # digests of those shown within the text
    left_out: list[str] = field(default_factory=list)
    enclosed: list[Message] = field(default_factory=list)  # mails within the mail
    calendars: list[str] = field(
        default_factory=list
    )  # invitations and answers to them, as they came
    sealed: str = ""  # in what the words are that nobody reads here

    @cached_property
    def replies(self) -> list[str]:
        """Of each text, what its writer added."""
        found = [reply_of(text) for text in self.texts]
        # Where everything stands below the line of a signature, that is the answer.
        return found if any(found) else [reply_of(_TOP.sub("", text)) for text in self.texts]


_TOP = re.compile(r"\A\s*--[ \u00a0]?\n")
# Where a program puts the words when it encrypts or signs them, or writes for its own kind only.
_SEALS = {
    "application/pkcs7-mime": "S/MIME", "application/x-pkcs7-mime": "S/MIME",
    "application/pgp-encrypted": "PGP", "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat", "application/x-microsoft-rpmsg-message": "Microsoft",
}  # fmt: skip
_SEALED_NAMES = {
    "winmail.dat": "winmail.dat", "win.dat": "winmail.dat", "smime.p7m": "S/MIME",
    "encrypted.asc": "PGP",
}  # fmt: skip
_SEALED_ENDS = {".p7m": "S/MIME", ".rpmsg": "Microsoft"}
_SEALED_STARTS = {b"\x78\x9f\x3e\x22": "winmail.dat", b"-----BEGIN PGP MESSAGE-----": "PGP"}
# The same words again, for who reads them on a watch or in one program.
_FORMS = ("text/x-amp-html", "text/watch-html")
# They prove who wrote, and say nothing.
_SIGNATURES = (
    "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
    "application/pgp-keys",
)  # fmt: skip
_PIECE = re.compile(r"ATT\d+\.(?:txt|html?)", re.IGNORECASE)  # of a text, as Exchange names it
_PGP_SEALED = re.compile(
    r"^-----BEGIN PGP MESSAGE-----.*?(?:^-----END PGP MESSAGE-----|\Z)", re.M | re.S
)
_PGP_SIGNED = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+: .{0,80}\n)*\n", re.MULTILINE
)
_PGP_SIGNATURE = re.compile(r"^-----BEGIN PGP SIGNATURE-----", re.MULTILINE)


def add_contents(message: Message, found: Contents) -> None:
    within = _within(parts_of(message))
    budget = count(1)
    found.texts += [text for _, text in _gather(message, found, budget, within)]
    # Those that were attached before those that the text shows.
    found.pictures.sort(key=lambda one: digest_of(one[1]) in found.inline)
    found.left_out += [name for name, _ in found.pictures[MOST_PICTURES:]]
    found.pictures = found.pictures[:MOST_PICTURES]


def _within(parts: list[Message]) -> set[int]:
    """The parts that the text shows among its words: named by it, or inline beside it."""
    html = [_text_of(part) for part in parts if part.get_content_type() == "text/html"]
    shown = {
        name for text in html for name in re.findall(r"cid:([^\s\"'<>]{1,250})", text[:MOST_HTML])
    }
    beside = {
        id(one)
        for part in parts
        if part.get_content_type() == "multipart/related"
        for one in parts_of(part)
        if one.get_content_disposition() == "inline"
    }
    named = {id(one) for one in parts if words_of(one.get("Content-ID")).strip("<>") in shown}
    return beside | named


def _gather(part: Message, into: Contents, budget: Any, within: set[int]) -> list[tuple[str, str]]:
    """The texts of a part with their kinds; its files go `into` the contents."""
    kind = part.get_content_type()
    if part.get_content_maintype() != "multipart":
        return _leaf(part, kind, into, within)
    children: list[list[tuple[str, str]]] = []
    for child in inner(part)[:MOST_PARTS]:
        if next(budget) > MOST_PARTS:
            break
        children.append(_gather(child, into, budget, within))
    if kind == "multipart/alternative":
        return _best([child for child in children if _said(child)])
    texts = [text for child in children for text in child]
    others = [text for text in texts if text[0] != "calendar"]
    return others if _said(others) else texts


def _said(texts: list[tuple[str, str]]) -> str:
    return "\n\n".join(text for _, text in texts if text.strip())


def _best(children: list[list[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Of several forms of one text, the plain one, unless another says what it does not: a plain one
    may be a placeholder, or a part of the whole."""
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for child in children:
        is_rich = any(kind == "html" for kind, text in child if text.strip())
        by_kind.setdefault("html" if is_rich else child[0][0], child)
    simple, rich = by_kind.get("plain"), by_kind.get("html")
    if simple is None or rich is None:
        return simple or rich or by_kind.get("calendar") or []
    mine, whole = _vocabulary(_said(simple)), _vocabulary(_said(rich))
    is_other = len(mine & whole) < 0.5 * len(mine)
    is_part = len(mine) < 0.5 * len(whole)
    return rich if whole and (is_other or is_part) else simple


def _vocabulary(text: str) -> set[str]:
    without_links = re.sub(r"https?://\S+", " ", text[:MOST_HTML])
    return set(re.findall(r"\w{2,}", without_links.lower()))


def _leaf(part: Message, kind: str, into: Contents, within: set[int]) -> list[tuple[str, str]]:
    name, how = filename(part), part.get_content_disposition()
    if kind in STATUS or kind in _SIGNATURES or kind in _FORMS:
        return []
    if kind in ("message/rfc822", "text/rfc822-headers"):
        into.enclosed.append(part)
        return []
    # Lotus and Apple name a text that is among the words.
    is_apart = how == "attachment" or (bool(name) and (how != "inline" or kind == "text/html"))
    is_attached = is_apart and not _PIECE.fullmatch(name)
    if kind in ("text/plain", "text/html", "text/markdown") and not is_attached:
        return [_written(part, kind, into)]
    if kind in ("text/enriched", "text/richtext") and not is_attached:
        return [("html", marked_text(_text_of(part)))]
    if kind in ("text/calendar", "application/ics") or _is_calendar(part, name):
        into.left_out += [name] if name else []
        into.calendars.append(_text_of(part)[:MOST_HTML])
        return [("calendar", _calendar(_text_of(part)))]
    into.sealed = into.sealed or _seal(part, kind, name.lower())
    _file(part, kind, name, into, within)
    return []


def _is_calendar(part: Message, name: str) -> bool:
    return name.lower().endswith(".ics") and content_of(part).startswith(b"BEGIN:VCALENDAR")


def _seal(part: Message, kind: str, name: str) -> str:
    """By its kind, its name, or its first bytes: some programs call it « ATT00001.dat »."""
    known = _SEALS.get(kind) or _SEALED_NAMES.get(name)
    ends = (seal for end, seal in _SEALED_ENDS.items() if name.endswith(end))
    content = b"" if kind in PICTURES else content_of(part)[:30]
    starts = (seal for start, seal in _SEALED_STARTS.items() if content.startswith(start))
    return known or next(ends, "") or next(starts, "")


def _written(part: Message, kind: str, into: Contents) -> tuple[str, str]:
    text = mended(_text_of(part).replace(QUOTATION, ""))
    if kind == "text/html":
        _pictures_of_page(part, into)
    # The label lies: a page that says it is plain, a plain text that says it is a page.
    if kind == "text/html" and "<" not in text:
        return "html", unescape(text)
    if kind == "text/html" or (_PAGE.match(text) and "</" in text):
        return "html", with_letters(marked_text(text))
    if _UUENCODED.search(text):
        into.left_out += [name[:LONGEST_WORDS] for name in _UUENCODED.findall(text)[:MOST_PICTURES]]
        text = _UUENCODED.sub("", text)
    text = with_letters(text)
    if _PGP_SEALED.search(text):
        into.sealed = into.sealed or "PGP"
        text = _PGP_SEALED.sub("", text)
    elif _PGP_SIGNED.search(text):
        text = _PGP_SIGNATURE.split(_PGP_SIGNED.sub("", text))[0]
    return "plain", text


_PAGE = re.compile(
    r"\s*<(?:!doctype html|html|head|body|div|p|table|span|meta)\b[^>]{0,500}>", re.IGNORECASE
)
# A file among the words, of the time before MIME.
_UUENCODED = re.compile(r"^begin [0-7]{3} (.{1,200})\n(?:[ -`]{1,62}\n)+end$", re.MULTILINE)


def _pictures_of_page(part: Message, into: Contents) -> None:
    """Those that are written among its words rather than beside them."""
    for found in list(_PICTURE_IN_PAGE.finditer(_coded(part)))[:MOST_PICTURES]:
        letters = _ALPHABET.sub(b"", found[1]).rstrip(b"=")
        content = (
            binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
            if len(letters) % 4 != 1
            else b""
        )
        if _is_picture(content):
            into.pictures.append(("image", content))
            into.inline.add(digest_of(content))


def _file(part: Message, kind: str, name: str, into: Contents, within: set[int]) -> None:
    content = content_of(part)
    is_picture = kind in PICTURES or _is_picture(content)
    if not is_picture:
        into.left_out.append(name or kind)
        if content.startswith(b"%PDF-") and len(into.documents) < MOST_DOCUMENTS:
            into.documents.append((name or kind, content))
        return
    into.pictures.append((name or "image", content))
    if id(part) in within:
        into.inline.add(digest_of(content))


def _is_picture(content: bytes) -> bool:
    """By its first bytes: many programs call what they send « octet-stream »."""
    return content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    )


ANSWERS_INVITATION = re.compile(r"^METHOD:REPLY\s*$", re.MULTILINE | re.IGNORECASE)
_ANSWERS = {
    "ACCEPTED": "Invitation acceptée", "DECLINED": "Invitation refusée",
    "TENTATIVE": "Invitation acceptée à titre provisoire", "DELEGATED": "Invitation déléguée",
}  # fmt: skip


def _calendar(text: str) -> str:
    """What an invitation, or the answer to one, says (RFC 5545)."""
    unfolded = re.sub(r"\n[ \t]", "", text[:MOST_HTML])
    _, _, event = unfolded.partition("BEGIN:VEVENT")
    said: dict[str, tuple[str, str]] = {}
    for line in event.split("\n")[:500]:
        head, _, value = line.partition(":")
        said.setdefault(head.partition(";")[0].upper(), (head, value.strip()))
    reply = re.search(r"PARTSTAT=([A-Z-]{1,20})", said.get("ATTENDEE", ("", ""))[0])
    title = _ANSWERS.get(reply[1] if reply else "", "Invitation")
    lines = []
    for name, label in (("SUMMARY", title), ("DTSTART", "Le"), ("LOCATION", "Lieu"), ("COMMENT", ""),
                        ("DESCRIPTION", "")):  # fmt: skip
        value = re.sub(r"\\([,;\\])", r"\1", said.get(name, ("", ""))[1].replace("\\n", "\n"))
        if name == "DTSTART" and (day := re.match(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d))?", value)):
            value = f"{day[3]}/{day[2]}/{day[1]}" + (f" à {day[4]}:{day[5]}" if day[4] else "")
            value += " (heure universelle)" if said[name][1].endswith("Z") else ""
        if value:
            lines.append(f"{label} : {value}" if label else value)
    return plain("\n".join(lines)) if lines else (title if reply else "")
