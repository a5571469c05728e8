"""Which code page a French text of bytes is written in.

Windows, DOS and old Macintosh give each byte some letter, so what they would make of it is weighed:
French has few accented letters, and they stand in words.
"""

import re
from itertools import islice

LATIN_9 = "iso8859_15"
PAGES = {"cp1252": "Windows", "cp850": "DOS", "mac_roman": "ancien Macintosh", LATIN_9: "Unix"}
WEIGHED = 20_000  # letters

SMALL = set("éèêëàâäùûüîïôöçœæ")
LARGE = set("ÉÈÊËÀÂÄÙÛÜÎÏÔÖÇŒÆ")
SIGNS = set("«»’‘“”–—…°€•²½¼¾\u00a0\u202f")
_ALONE = set("àÀôÔ")  # letters that are a word
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def weigh(text: str) -> tuple[int, bool]:
    """How French the letters beyond ASCII look, and whether each of them does."""
    found, all_do = 0, True
    for match in islice(_BEYOND_ASCII.finditer(text), WEIGHED):
        at, letter = match.start(), match[0]
        before, after = text[at - 1 : at] or " ", text[at + 1 : at + 2] or " "
        within = before.isalpha() or after.isalpha()
        if letter in SMALL:
            fits = within or letter in _ALONE
        elif letter in LARGE:
            fits = (within or letter in _ALONE) and not before.islower()
        elif letter in SIGNS:
            fits = letter == "’" or not (before.isalpha() and after.isalpha())
        else:
            fits = False
        found += (2 if letter.isalpha() else 1) if fits else -2
        all_do = all_do and fits
    return found, all_do


def code_page(content: bytes) -> tuple[str, bool] | None:
    """The likeliest one, and whether another is out of the question; None where none will do."""
    weights: list[tuple[int, bool, str]] = []
    for name in PAGES:
        if name == LATIN_9 and not _OF_LATIN_9.search(content):
            continue  # it reads as Windows' does
        try:
            weights.append((*weigh(content.decode(name)), name))
        except UnicodeDecodeError:
            continue
    weights.sort(key=lambda one: -one[0])
    if not weights or weights[0][0] < 0:
        return None
    rest = weights[1][0] if len(weights) > 1 else -2
    return weights[0][2], weights[0][1] and weights[0][0] - rest >= 2


# « € » and « œ », where Windows has other signs, and none of the bytes that are Windows' own.
_OF_LATIN_9 = re.compile(rb"\A[^\x80-\x9f]*[\xa4\xbd\xbc\xbe][^\x80-\x9f]*\Z", re.DOTALL)
