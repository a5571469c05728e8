"""What tests of the frame's pages share."""

import html
import re
from typing import Any

from ..pages import text_of


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field of a page, or nothing."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    return html.unescape(found[1]) if found else ""


def send(client: Any, path: str, data: dict[str, Any], *, confirm: bool = False) -> Any:
    """Posts a form as its page shows it; with `confirm`, once more as the answer asks."""
    shown = data | {"seen": hidden(client.get(path), "seen")}
    answer = client.post(path, shown)
    if confirm and answer.status_code == 200:
        answer = client.post(path, shown | {"confirmed": hidden(answer, "confirmed")})
    return answer


def said(answer: Any) -> str:
    """The page's words, with the spaces and apostrophes that a keyboard types."""
    return html.unescape(text_of(answer)).replace("\u00a0", " ")
