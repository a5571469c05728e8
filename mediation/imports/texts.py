"""In which letters a CSV is written, and what cuts its cells.

UTF-8 and UTF-16 prove themselves; of the code pages, the likeliest one is taken.
Text that was taken for Windows' and written again as UTF-8 (« TournÃ©e ») is put right.
"""

import codecs
import csv
import re
import statistics
from collections.abc import Iterator
from io import StringIO, TextIOWrapper
from itertools import islice
from typing import IO

import ftfy

from humanicite.lib.code_pages import LARGE, PAGES, SIGNS, SMALL, code_page

from .headers import fields_named

SEPARATORS = ";\t,|"
SAMPLE = 64 * 1024  # characters
UTF_8, UTF_16, TWICE, AS_IS = "utf-8-sig", "utf-16", "utf-8-twice", "as-is"
WIDE = ("utf-16-le", "utf-16-be")  # that say so by no mark
LABELS = PAGES | {UTF_8: "Tels quels", TWICE: "Redressés", AS_IS: "Tels quels"}


def encoding_of(file: IO[bytes]) -> tuple[str, bool] | None:
    """The encoding of an open file, and whether it is sure. Reads all of it, piece by piece."""
    file.seek(0)
    wide = file.read(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    file.seek(0)
    head = file.read(400)
    file.seek(0)
    encoding = UTF_16 if wide else UTF_8
    for place, name in enumerate(WIDE):
        # Half of the bytes are none: of letters of two bytes.
        if not wide and head and head[1 - place :: 2].count(0) > 0.45 * len(head):
            encoding, wide = name, True
    decoder: codecs.IncrementalDecoder = codecs.getincrementaldecoder(encoding)()
    twice, kept = False, ""
    while True:
        piece = file.read(1024 * 1024)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError:
            if wide:
                return None
            file.seek(0)
            content = file.read().removeprefix(codecs.BOM_UTF8)
            return (
                None if b"\x00" in content or content.startswith(b"%PDF-") else code_page(content)
            )
        # A character that is none: no database takes it, and no table has it.
        if "\x00" in text or text.startswith("%PDF-"):
            return None
        twice = twice or is_garbled(kept + text)
        kept = text[-4:]
        if not piece:
            return (TWICE if twice and not wide else encoding), True


# --- UTF-8 written twice --------------------------------------------------------------------------

# The bytes of UTF-8, from the first of two or three, as Windows or Latin-1 show them.
_RUN = re.compile("[ÂÃÅâ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{1,2}")
_WANTED = SMALL | LARGE | SIGNS


def _put_right(match: re.Match[str]) -> str:
    run = match[0]
    length = 3 if run[0] == "â" else 2
    try:
        content = b"".join(
            bytes([ord(letter)]) if ord(letter) < 256 else letter.encode("cp1252")
            for letter in run[:length]
        )
        letter = content.decode()
    except UnicodeError:
        return run
    return letter + run[length:] if letter in _WANTED else run


def put_right(text: str) -> str:
    """« Tournée » for « TournÃ©e »; what is no such thing stays as it is."""
    if _THRICE.search(text):
        text = ftfy.fix_encoding(text)
    return _RUN.sub(_put_right, text)


_THRICE = re.compile("Ã[ƒ‚¢]")  # written once more


def is_garbled(text: str) -> bool:
    return bool(_THRICE.search(text)) or any(
        _put_right(match) != match[0] for match in _RUN.finditer(text)
    )


# --- Cells ----------------------------------------------------------------------------------------


def open_text(file: IO[bytes], encoding: str) -> TextIOWrapper:
    file.seek(0)
    # A mark of UTF-8 before what is not.
    if encoding in PAGES and file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
    return TextIOWrapper(file, UTF_8 if encoding == TWICE else encoding, newline="")


def separator_of(sample: str, quote: str = '"') -> str:
    """The one that cuts one of the first rows into the names of the most fields, and then the first rows
    into the most cells: a note may have more commas than its row has cells."""

    def cells(separator: str) -> tuple[int, float]:
        reader = csv.reader(StringIO(sample, newline=""), delimiter=separator, quotechar=quote)
        try:
            records = [record for record in islice(reader, 30) if record]
            named = max(fields_named(record) for record in records)
            return named, statistics.median_high(len(record) for record in records)
        except (csv.Error, ValueError):
            return 0, 0

    return max(SEPARATORS, key=cells)


def quote_of(sample: str) -> str:
    """An apostrophe where it stands around the cells of the first row."""
    first = sample.lstrip("\ufeff \r\n").partition("\n")[0]
    return "'" if re.match(r"'[^'\"]*'[;,\t|]'", first) else '"'


def offered(file: IO[bytes], encoding: str) -> Iterator[tuple[str, str, str]]:
    """(code, label, sample) of the ways in which a text file may be read; none where one is sure."""
    if encoding in (UTF_8, UTF_16, AS_IS, *WIDE):
        return
    for name in (TWICE, UTF_8) if encoding == TWICE else PAGES:
        wrapper = open_text(file, name)
        try:
            sample = wrapper.read(SAMPLE)
        except UnicodeDecodeError:
            continue
        finally:
            wrapper.detach()
        yield name, LABELS[name], accented(put_right(sample) if name == TWICE else sample)


def accented(text: str) -> str:
    """A few words of it that have a letter beyond ASCII."""
    words = re.findall(r"[^;,\t\r\n\"]*[^\x00-\x7f;,\t\r\n\"]+[^;,\t\r\n\"]*", text)
    return " · ".join(dict.fromkeys(word.strip()[:40] for word in words[:4]))[:90]
