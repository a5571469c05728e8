"""What an answer holds, as a test reads it."""

import re
from typing import Any

VERBATIM = re.compile(r"(<(textarea|pre|script)\b.*?</\2>)", re.DOTALL)


def text_of(answer: Any) -> str:
    """Its content; of a page as a browser reads it: white space, however long, is one space, and
    none at the edge of a tag that stands on lines of its own."""
    text: str = (answer.getvalue() if answer.streaming else answer.content).decode()
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return text
    parts = VERBATIM.split(text)
    parts[::3] = [_as_read(part) for part in parts[::3]]
    del parts[2::3]  # the names of the tags
    return "".join(parts)


def total_of(page: str) -> str:
    """« 12 activités · 8 h », as the head of a list of activities says it."""
    said = re.sub(r"<[^>]+>", " ", page.split('id="total">')[1].split("</p>")[0])
    return " · ".join(part.strip() for part in said.split("·")[:2])


def plain(answer: Any) -> str:
    """Its content with the spaces and apostrophes that a keyboard types."""
    return text_of(answer).replace("\u00a0", " ").replace("&#x27;", "'")


def _as_read(text: str) -> str:
    text = re.sub(r"(?<=>)[ \t]*\n\s*|[ \t]*\n\s*(?=</)", "", text)
    return re.sub(r"[ \t\n]+", " ", text).replace(" >", ">")
