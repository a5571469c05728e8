"""The text of an HTML part, in one pass however the mail was made."""

import re
from html import unescape

MOST_HTML = 300_000  # characters
_BREAKS = frozenset(
    {
        "br", "div", "p", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "hr",
        "blockquote",
    }
)  # fmt: skip
_SILENT = frozenset({"head", "style", "script", "title", "template"})
_NO_HTML = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("style", "script")}
_NAME = re.compile(r"/?[a-z][a-z0-9]*", re.IGNORECASE)
_CELLS = frozenset({"td", "th"})
_VALUE_OR_END = re.compile(r"=\s*([\"'])|>")
_NUMBER = re.compile(r"&#\d{8,};?")  # of no character, and Python refuses the longest


# How programs mark where what they quote begins, when they do not indent it.
_QUOTATION = re.compile(
    r"\b(?:id=[\"']?[^\"'>\s]{0,40}"
    r"(?:divRplyFwdMsg|appendonsend|mail-editor-reference-message-container|zwchr)"
    r"|data-marker=[\"']?__DIVIDER__|class=[\"']?(?:yahoo_quoted|protonmail_quote))"
)
_HIDES = frozenset({"div", "span", "p", "td", "table", "tr"})
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all|\shidden(?=[\s>/=])", re.IGNORECASE)
QUOTATION = "\ue01e"  # the line that stands for it in `marked_text`


def _tokens(html: str) -> list[tuple[str, str, str]]:
    """In their order (text, tag in small letters, its source), the tag being "" after the last text.

    Not the HTML of browsers, but each step goes forward only: Python's own parser begins again at
    each `<`, so that a small mail made of them stops whoever reads it.
    """
    found: list[tuple[str, str, str]] = []
    text: list[str] = []
    at = 0
    while (start := html.find("<", at)) >= 0:
        text.append(html[at:start])
        name = _NAME.match(html, start + 1)
        if name is not None:
            at = _end_of_tag(html, name.end())
            tag = name[0].lower()
            found.append(("".join(text), tag, html[start : min(at, start + 500)]))
            text = []
            if tag in _NO_HTML:
                end = _NO_HTML[tag].search(html, at)
                at = end.start() if end else len(html)
        elif html.startswith("<!--", start):
            at = _past(html, "-->", start + 2)
        elif html.startswith(("<!", "<?", "</"), start):
            at = _past(html, ">", start)
        else:
            text.append("<")
            at = start + 1
    found.append(("".join([*text, html[at:]]), "", ""))
    return found


def _end_of_tag(html: str, at: int) -> int:
    """Past a tag's `>`, which is not one within a value in quotes."""
    after_name = at
    while match := _VALUE_OR_END.search(html, at):
        if match[1] is None:
            return match.end()
        at = html.find(match[1], match.end()) + 1
        if not at:
            return _past(html, ">", after_name)
    return len(html)


def _past(html: str, what: str, at: int) -> int:
    """Past the next one; where there is none, past everything."""
    found = html.find(what, at)
    return found + len(what) if found >= 0 else len(html)


def text_of(html: str) -> str:
    """The text of an HTML mail, up to where its program says that a quotation begins."""
    return marked_text(html).partition(QUOTATION)[0].strip()


def marked_text(html: str) -> str:
    """The text of an HTML mail; what it quotes is marked as plain mails mark it, or begins below a
    line that is QUOTATION."""
    tokens = _tokens(html[:MOST_HTML].replace(QUOTATION, ""))
    return _marked(_shown(tokens))


def _shown(tokens: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Without what the page hides (a line for previews); what never ends to be hidden stays."""
    kept: list[tuple[str, str, str]] = []
    apart: list[tuple[str, str, str]] = []
    name, depth = "", 0
    for text, tag, source in tokens:
        if not depth:
            kept.append((text, tag, source))
            if tag in _HIDES and _HIDDEN.search(source):
                name, depth, apart = tag, 1, []
            continue
        apart.append((text, tag, source))
        depth += (tag == name) - (tag == f"/{name}")
        if not depth:
            kept.append(("", tag, source))
    return kept + apart if depth else kept


def _marked(tokens: list[tuple[str, str, str]]) -> str:
    lines: list[str] = []
    line: list[str] = []
    quotes = hidden = 0
    is_marked = False
    for text, tag, source in tokens:
        words = re.sub(r"\s+", " ", unescape(_NUMBER.sub("", text)))
        if not line:
            words = words.lstrip()
        if words and not hidden:
            line += ["> " * (quotes > 0 and not line), words]
        name = tag.removeprefix("/")
        opens = name == tag
        if name in _SILENT:
            hidden = max(0, hidden + (1 if opens else -1))
        if name == "blockquote":
            quotes = max(0, quotes + (1 if opens else -1))
        if name in _CELLS and line and not opens:
            line.append(" ")
        if name in _BREAKS and tag != "/br":
            lines.append("".join(line))
            line = ["- "] if tag == "li" else []
        if opens and not is_marked and _QUOTATION.search(source):
            lines += ["".join(line), QUOTATION]
            line, is_marked = [], True
    lines.append("".join(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n ")
