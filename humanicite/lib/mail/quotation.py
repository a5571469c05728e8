"""What somebody wrote above the mail that they answer: quotations, signatures and devices cut off."""

import re

LONGEST_TEXT = 20_000  # characters that are kept
MOST_QUOTES = 40


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
