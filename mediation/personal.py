"""What in a free text seems to identify somebody (R25): a check, not a judge.

The patterns are data that the server and the page read alike, so that both say the same.
"""

import json
import re
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

PATTERNS: list[dict[str, str]] = json.loads(
    (Path(__file__).parent / "personal.json").read_text("utf-8")
)


@dataclass(frozen=True)
class Found:
    """`said`: what it seems to be, with its article; `text`: as typed; `instead`: without it."""

    said: str
    text: str
    instead: str


@cache
def _compiled() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    return [(re.compile(row["pattern"]), row) for row in PATTERNS]


def find(text: str) -> list[Found]:
    """In the order of the text; each place once."""
    return [found for _, found in _hits(text)]


def _hits(text: str) -> list[tuple[int, Found]]:
    hits: list[tuple[int, Found]] = []
    for pattern, row in _compiled():
        for match in pattern.finditer(text):
            hits.append((match.start(), Found(row["said"], match[0], row["instead"])))
    return sorted(hits, key=lambda hit: hit[0])


def parts(text: str) -> list[tuple[str, Found | None]]:
    """The whole text cut into what was found and what lies between, in its order."""
    cut: list[tuple[str, Found | None]] = []
    end = 0
    for start, found in _hits(text):
        if start < end:
            continue  # within what was found before
        cut += [(text[end:start], None), (found.text, found)]
        end = start + len(found.text)
    return [part for part in [*cut, (text[end:], None)] if part[0]]


def replace(text: str) -> str:
    """The text with « un habitant », and the like, in place of what was found."""
    for pattern, row in _compiled():
        text = pattern.sub(partial(_instead, row["instead"]), text)
    return text


def _instead(words: str, match: re.Match[str]) -> str:
    """With a capital where a sentence begins."""
    before = match.string[: match.start()].rstrip(" \u00a0")
    begins = not before or before[-1] in ".!?\n"
    return words[0].upper() + words[1:] if begins else words


def in_texts(*texts: str) -> list[Found]:
    return [found for text in texts for found in find(text)]


def said(found: list[Found]) -> str:
    """« un nom (M. X), un logement (appt 12) », for a message."""
    return ", ".join(dict.fromkeys(f"{hit.said} ({hit.text})" for hit in found))
