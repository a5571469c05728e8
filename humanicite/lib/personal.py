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
    """The text with « un habitant », and the like, in place of what was found, in French: « du
    logement 12 » becomes « d’un logement »."""
    for pattern, row in _compiled_with_articles():
        text = pattern.sub(partial(_instead, row), text)
    return text


@cache
def _compiled_with_articles() -> list[tuple[re.Pattern[str], dict[str, str]]]:
    """Each pattern with the words before it that agree with it: (lead)? (article)? (found)."""
    return [(re.compile(_with_articles(row)), row) for row in PATTERNS]


def _with_articles(row: dict[str, str]) -> str:
    lead, article = row.get("lead", "((?!))"), row.get("article", "((?!))")
    return f"(?:(?<![A-Za-zÀ-ÿ]){lead})?(?:(?<![A-Za-zÀ-ÿ]){article})?({row['pattern']})"


CONTRACTED = {"du": "de", "des": "de", "au": "à", "aux": "à"}


def _instead(row: dict[str, str], match: re.Match[str]) -> str:
    lead, article, found = match[1] or "", match[2] or "", match[3]
    several = "plural" in row and re.search(row["plural"], found)
    words = row["several"] if several else row["instead"]
    if "kept" in row and (kept := re.search(row["kept"], found)):
        words = f"{kept[0]} {words}"
    if "plural" in row:
        contracted = CONTRACTED.get(article.lower(), "")
        if contracted == "de" or (lead.lower() == "de" and not contracted):
            words = row["of_several"] if several else f"d’{words}"
            lead = "" if lead.lower() == "de" else lead
        elif contracted:
            words = f"{contracted} {words}"
        words = _after(lead, words, has_article=len(match[0]) > len(found) + len(lead) + 1)
    return _capital(words, match)


def _after(lead: str, words: str, *, has_article: bool) -> str:
    """« qu’un habitant »; « 3e étage, un logement » where nothing else joins the two."""
    if not lead:
        return words
    if lead.lower().endswith("que"):
        return f"{lead[:-1]}’{words}" if words.startswith("un ") else f"{lead} {words}"
    return f"{lead} {words}" if has_article else f"{lead}, {words}"


def _capital(words: str, match: re.Match[str]) -> str:
    """With a capital where a sentence begins, unless the words taken along had none."""
    before = match.string[: match.start()].rstrip(" \u00a0")
    begins = not before or before[-1] in ".!?\n"
    typed_small = match.start() < match.start(3) and match[0][0].islower()
    return words[0].upper() + words[1:] if begins and not typed_small else words


def in_texts(*texts: str) -> list[Found]:
    return [found for text in texts for found in find(text)]


def said(found: list[Found]) -> str:
    """« un nom (M. X), un logement (appt 12) », for a message."""
    return ", ".join(dict.fromkeys(f"{hit.said} ({hit.text})" for hit in found))
