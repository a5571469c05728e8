"""Bytes of mails as text, whatever their label says. Knows no app.

A label is believed where it can be true. Of the charsets of Western Europe it often lies: « iso-8859-1 »
is Windows' (as the WHATWG reads it), and either of them is UTF-8, or UTF-8 is either. The bytes tell.
"""

import codecs
import re
from html import unescape

import ftfy

from ..code_pages import PAGES, weigh

MOST_BYTES = 1_200_000  # of a text
MOST_MENDED = 300_000  # characters

# What mails are written in, by the names of Python's codecs. Others are no way to write French, and
# some take a time that grows with the square of the text (punycode, idna).
CHARSETS = frozenset(
    {
        "ascii", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "mac-roman", "koi8-r",
        "big5", "gb2312", "gbk", "gb18030", "shift_jis", "euc_jp", "iso2022_jp", "euc_kr",
        "cp437", "cp850", "cp858", "utf-7",
        *(f"iso8859-{n}" for n in range(1, 17)), *(f"cp125{n}" for n in range(9)),
    }
)  # fmt: skip
# Names that Python does not know.
_NAMED = {
    "x-mac-roman": "mac-roman", "x-macroman": "mac-roman", "x-mac": "mac-roman", "cp-850": "cp850",
    "latin-9": "iso8859-15", "ansi": "cp1252", "unicode-1-1-utf-7": "utf-7", "x-utf-8": "utf-8",
    "gb2312": "gb18030", "gbk": "gb18030",
}  # fmt: skip
# Labels that programs write without looking.
_OF_HABIT = frozenset({"", "ascii", "utf-8", "utf-8-sig", "iso8859-1", "iso8859-15", "cp1252"})
_ONE_BYTE = re.compile(r"iso8859|cp125|koi8")
# What nobody writes, but an accent and a dot of Windows make when they are read as UTF-8.
_ODD = re.compile("[\u0180-\u0217\u021c-\u02ff]")
# Characters of UTF-8 that stand among others: accents, signs, quotation marks, œ, pictures.
_UTF8 = re.compile(
    rb"((?:\xc3[\x80-\xbf]|\xc2[\xa0-\xbf]|\xc5[\x92\x93\xb8]|\xe2[\x80-\x9f][\x80-\xbf]|"
    rb"\xf0\x9f[\x80-\xbf]{2})+)"
)
_WINDOWS = re.compile(rb"[\x80-\x9f]")
_EURO = re.compile(rb"\xa4|[A-Za-z]\xbd[a-z]")  # « 12 € », « cœur » of iso-8859-15
_BROKEN = re.compile("[\u00c2\u00c3\u00e2\u0080-\u009f]")


def decoded(raw: bytes, said: str | None = None) -> str:
    """In the charset that is said, if it is one of mails and can be; else in what fits the bytes."""
    is_whole, raw = len(raw) <= MOST_BYTES, raw[:MOST_BYTES]
    name = _codec(said)
    if name in _OF_HABIT and (wide := _wide(raw)):
        return wide
    if name not in _OF_HABIT and not _ONE_BYTE.match(name):
        text = _strict(raw, name, is_whole)
    else:
        text = _strict(raw, "utf-8", is_whole)
        if text is not None and name not in ("utf-8", "utf-8-sig") and _ODD.search(text):
            text = None
        if text is None and name not in _OF_HABIT:
            text = _strict(raw, name, is_whole)
    if text is None:
        text = _western(raw)
    return text.removeprefix("\ufeff")


def _codec(said: str | None) -> str:
    try:
        said = (said or "").strip().lower()
        name = codecs.lookup(_NAMED.get(said, said)).name
    except (LookupError, ValueError):
        return ""
    return name if name in CHARSETS else ""


def _strict(raw: bytes, name: str, is_whole: bool) -> str | None:
    try:
        # What was cut may end within a character.
        return codecs.getincrementaldecoder(name)().decode(raw, final=is_whole)
    except ValueError:
        return None


def _western(raw: bytes) -> str:
    """Windows' characters or those of iso-8859, also where a part of it is UTF-8, as of a server that
    adds a line."""
    pieces = _UTF8.split(raw)  # at odd places, UTF-8
    others = b" ".join(pieces[::2])
    is_latin = not _WINDOWS.search(others) and _EURO.search(others)
    codec = "iso8859-15" if is_latin else _likeliest(others)
    return "".join(
        piece.decode("utf-8" if n % 2 else codec, errors="ignore") for n, piece in enumerate(pieces)
    )


def _likeliest(raw: bytes) -> str:
    """Windows', unless what DOS or an old Macintosh would have written is French, and Windows' is not."""
    if raw.isascii():
        return "cp1252"
    weights = {name: weigh(raw.decode(name, errors="replace"))[0] for name in PAGES}
    best = max(weights, key=lambda name: weights[name])
    return best if weights[best] > 0 > weights["cp1252"] else "cp1252"


def _wide(raw: bytes) -> str | None:
    """Two bytes a letter, of which one is none: no other text has as many."""
    head = raw[:4000]
    if head.count(0) * 3 < len(head) or len(raw) < 4:
        return None
    name = "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"
    return raw.decode(name, errors="ignore").removeprefix("\ufeff")


def mended(text: str) -> str:
    """What a server on the way wrote in UTF-8 twice (« rÃ©parÃ© ») as it was meant (ftfy)."""
    head = text[:MOST_MENDED]
    if _BROKEN.search(head):
        head = ftfy.fix_encoding(head)
    return head + text[MOST_MENDED:]


def with_letters(text: str) -> str:
    """« L&#8217;&eacute;quipe », of a program that wrote a page's letters into plain text, or twice."""
    return _LETTER.sub(lambda one: unescape(one[0]), text)


_LETTER = re.compile(
    r"&(?:[a-zA-Z](?:acute|grave|circ|uml|cedil|tilde)|(?:oe|ae|OE|AE)lig|[lr][sd]?a?quo|nbsp|euro|hellip|"
    r"[mn]dash|deg|#(?:x[0-9a-fA-F]{2,4}|\d{2,5}));"
)
