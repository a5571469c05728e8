"""What somebody wrote above the mail that they answer: quotations, signatures and devices cut off.

Whatever is cut has a mark that programs make: a sentence that looks like one is kept. It is read line by
line, and each step is bounded.
"""

import re
from functools import lru_cache

from .html import QUOTATION

LONGEST_TEXT = 20_000  # characters that are kept
LONGEST_READ = 10 * LONGEST_TEXT
MOST_LINES = 4  # of an attribution that is wrapped
LONGEST_LINE = 500  # characters of it that are looked at

# --- « Le lun. 16 mars 2026 à 09:12, Médiation <…> a écrit : » ---------------------------------------
_OPENS = re.compile(
    r"(?:Le|On|Am|Op|El|Il|En date|Em|Lors)\b|.{0,200}@|.{0,120}(?:écri(?:t|vait)|wrote)\b"
)
_SAID = re.compile(
    r"(?:Le|En date (?:du|de)(?: :)?|On|Am|Op|El|Il giorno|Il|Em)\s(?=.{0,80}\d).{4,360}?"
    r"\s(?:a\s[ée]crit|[ée]crivait|wrote|schreef|escribió|ha scritto|escreveu)\s*:"
    r"|(?:Am|Op)\s(?=.{0,80}\d).{4,80}?\s(?:schrieb|schreef)\s.{1,250}:"
    r"|\S.{0,200}?\s(?:a\s[ée]crit|wrote)\s(?:le|on)\s.{0,20}\d.{4,80}\s?:"
    # Horde, older webmails: no day, and the address between its signs
    r"|(?:(?:Quoting|Citation de|Citant|En réponse à|Selon|Zitat von)\s)?[^<>@:]{0,120}"
    r"<[^<>@\s]{1,100}@[^<>@\s]{1,150}>(?:\s(?:a\s[ée]crit|[ée]crivait|wrote)|,?\sle\s.{0,20}\d.{4,30})?\s?:"
    # Nextcloud: « "Médiation" <…> – 24 novembre 2025 08:12 »
    r"|\"?[^<>\"]{0,120}\"?\s?<[^<>@\s]{1,100}@[^<>@\s]{1,150}>\s[–—-]\s.{0,40}\d.{0,40}\d{2}:\d{2}.{0,10}"
)
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}\.\w")
_CLOCK = re.compile(r"\b\d{1,2}\s?[:h]\s?\d{2}\b")
# « le gardien nous a écrit : »: somebody tells what another wrote.
_TELLS = re.compile(
    r"\b(?:nous|vous|lui|leur|me|te|m['’]|t['’])\s?(?:\w+\s)?a\s[ée]crit|,\s(?:le|la|les|l['’]|un|une|"
    r"mon|ma|son|sa|notre|votre|leur|il|elle|on|qui|the|our|he|she|they)\b[^,]*$",
)

# --- The lines by which programs begin what they quote ----------------------------------------------
_RULE = re.compile(
    r"[ \t]*(?:-{2,}\s*(?:Message d['’]origine|Message original|Message initial|Message cité|"
    r"Original Message|Mail original|E-mail d['’]origine|Courriel original|Réponse au message|"
    r"Ursprüngliche (?:Nachricht|Message)|Urspr\. Nachricht|Oorspronkelijk bericht|"
    r"Originele? bericht|Mensaje original|Messaggio originale|.{1,150}\s(?:a écrit|wrote)\s?:?)"
    # The headers may have lost their line breaks.
    r"\s*-*(?:\s*(?:De|From)\s?:\s.{0,400})?|Message cité\s*:?"
    # A ticket tool's
    r"|[^\w\n]*\b.{0,60}\b(?:au-dessus de|above) (?:cette|this) (?:ligne|line)\b.{0,40})[ \t]*",
    re.IGNORECASE,
)
# What somebody sends on is what they have to say.
_FORWARD = re.compile(
    r"[ \t]*-*\s*(?:(?:Message|Mail|Courriel|E-mail) (?:transféré|réexpédié)|"
    r"Début du message (?:transféré|réexpédié)|(?:Begin )?forwarded message|"
    r"(?:Anfang der )?weitergeleiteten? Nachricht|(?:Begin )?doorgestuurd bericht|"
    r"(?:Réacheminé|Transféré|Forwarded|Weitergeleitet) (?:par|by|von) .{1,150})\s*:?\s*-*[ \t]*",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"[ \t]*(?:_{5,}|-{5,}|\*{5,}|Message du \d{1,2}/\d{1,2}/\d{2,4}.{0,12})[ \t]*", re.IGNORECASE
)
# Of GroupWise, which marks nothing else: « >>> M <m@…> 24/11/2025 08:12 >>> ».
_BETWEEN_MARKS = re.compile(r">>>\s.{1,200}\d{1,2}[:h]\d{2}.{0,10}\s?>>>\s*")

# --- The block of headers of Outlook, Zimbra, Notes and others ----------------------------------------
_FIELDS = {
    "from": "De|From|Von|Van|Expéditeur|Da|Émetteur",
    "sent": "Envoyé(?: le)?|Envoyée?|Date(?: d['’]envoi)?|Sent|Gesendet|Datum|Verzonden|Enviado|Inviato",
    "to": "À|A|To|Pour|An|Aan|Destinataires?|Para",
    "copy": "Cc|Copie(?: à)?|Cci|Kopie",
    "subject": "Objet|Subject|Sujet|Betreff|Onderwerp|Asunto|Oggetto",
}
_FIELD = re.compile(
    r"[ \t|]*\*{0,2}(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items())
    + r")\*{0,2}[ \u00a0\t]*(?::|\t|$)\*{0,2}[ \u00a0\t]*(?P<value>.{0,300})",
    re.IGNORECASE,
)
_HOUR = re.compile(r"\d{1,2}\s?[h:]")
MOST_HEADERS = 14  # lines of a block
_DAY = re.compile(r"[^>]{0,30}\d{1,4}[/.\-]\d{1,2}[/.\-]\d{2,4}.{0,30}\d{1,2}[:h]\d{2}.{0,20}")
_ASKED = re.compile(r"(?:Veuillez répondre à|Please respond to|Bitte antworten an)\b", re.I)

# --- Below the answer --------------------------------------------------------------------------------
_SIGNATURE = re.compile(r"--[ \u00a0]?")
_MINE = (
    r"(?:mon|ma|my|un|meinem|mijn|mi)\s(?:iPhone|iPad|iPod|Mac(?:book)?|mobile|téléphone|smartphone|"
    r"portable|appareil|tablette|Galaxy|Samsung|Huawei|Honor|Xiaomi|Redmi|Oppo|OnePlus|Pixel|Android|"
    r"BlackBerry|Windows ?Phone|Nokia|Sony|Wiko|Fairphone|phone|device|tablet|Handy|Smartphone|"
    r"telefoon|ordinateur|PC)"
)
_PROGRAM = (
    r"(?:(?:l['’]application|l['’]appli|la messagerie|le webmail|ma messagerie|ma boîte|la|le|the|der|de|mon)"
    r"\s)?(?:Outlook|Yahoo|Gmail|Proton|Courrier|Mail|e-?mail|Mailo|Thunderbird|Blue ?Mail|Spark|Orange|"
    r"SFR|Free|Bouygues|laposte\.net|La Poste Mail|Zimbra|Nextcloud|Samsung|Windows Mail|AOL|GMX|K-9|Aqua|"
    r"Canary|Nine|Edison|Infomaniak|Tutanota|Tuta|AirMail|Airmail|MailMaster|BlackBerry|iCloud|"
    r"webmail|messagerie|application|FairEmail|eM Client|Roundcube|SOGo|Microsoft)"
)
_TAIL = (
    r"(?:[ ]?<[^<>\s]{0,300}>|[\s,]+(?:[(<\[]?https?://\S+|iOS|iPhone|iPad|de|du|d['’]\S+|l['’]app\w*|sur|via|par|pour|avec|for|on|by|"
    r"with|from|of|the|mon|my|gesendet|aus|für|voor|vanaf|app|smartphone|tablet(?:te)?|mobile|mail|réseau|sécurisée?|secure|messagerie|phone|"
    r"beschaffen|downloaden|herunterladen|[A-Z0-9(][^\s,;:!?<]*))*[ .)]*"
)
_EXCUSE = (
    r"(?:(?:Veuillez|Merci d['’]|Excusez|Désolé pour|Please|Pardon pour)\s?(?:excuser|excuse)?\s?"
    r"(?:ma brièveté|la brièveté|mon laconisme|les fautes|my brevity)[^.!]{0,60}[ .!]*)"
)
_DEVICE = re.compile(
    r"[ \t>]*(?:(?i:(?:(?:Mail|E-?mail|Message|Courriel) )?"
    r"(?:Envoyé|Envoyée|Expédié|Transmis|Écrit|Rédigé)\s(?:de|depuis|à partir de|à partir d['’]|"
    r"d['’]|avec|via|par|grâce à)|Sent\s(?:from|with|via|by|using)|Gesendet\s(?:von|mit|über)|"
    r"Von|Verzonden\s(?:vanaf|met|via|vanuit)|Provenance\s?:|Enviado desde|Inviato da)\s*"
    rf"(?i:{_MINE}|{_PROGRAM}){_TAIL}{_EXCUSE}?"
    rf"|(?i:Obtenir|Obtenez|Télécharger|Téléchargez|Get|Holen Sie sich|Download|Laden Sie)\s"
    rf"(?:Outlook|Blue ?Mail|Yahoo Mail|Spark|Proton Mail|Aqua Mail|FairEmail|TypeApp){_TAIL}"
    rf"|(?i:{_EXCUSE})"
    # What a guard against viruses adds.
    r"|(?i:(?:Garanti )?sans virus|virus[- ]free)[. ]*(?:www\.\S+)?(?:<\S{0,300}>)?\s*"
    r"|(?i:(?:L['’]absence de virus dans )?ce (?:courrier électronique|courriel|mail|e-?mail|message)"
    r" a été (?:vérifiée?|analysée?) par (?:le )?(?:logiciel )?anti-?virus).{0,80}"
    rf"|Outlook\s(?i:für|voor|pour)\s\w+\s(?i:beschaffen|downloaden|herunterladen|holen){_TAIL})"
)

# « Mes réponses ci-dessous, en rouge »: what is quoted holds the answer.
_ANNOUNCES = re.compile(
    r"(?:répon\w+|remarques?|commentaires?|retours?|précisions|éléments|annot\w+|complét\w+)\b.{0,60}"
    r"(?:ci-dessous|ci-après|plus bas|dans (?:le|votre|ton|son) (?:texte|mail|message|courriel|corps)|"
    r"dans le corps|sous (?:vos|tes|chaque)|entre les lignes|à la suite|au fil|"
    r"en (?:rouge|bleu|vert|gras|couleur|italique|majuscules?|violet|orange))"
    r"|(?:voir|cf\.?|voyez|lire)\s(?:en\s)?(?:ci-dessous|ci-après|plus bas|dans (?:le|votre) texte)"
    r"|\b(?:en|in) (?:rouge|bleu|red|blue)\b.{0,40}(?:below|ci-dessous|texte|message)"
    r"|\b(?:see|my|our) (?:answers?|comments?|replies|notes|response)\b.{0,40}"
    r"(?:below|inline|in-line|in red|in blue)|\bin-?line\b"
    r"|Antwort\w*.{0,40}(?:unten|im Text|in rot)|antwoord\w*.{0,40}(?:hieronder|in het rood)",
    re.IGNORECASE,
)


def reply_of(text: str) -> str:
    """What its writer added: without the mail that it answers, the signature and the device.

    An answer below, or between the lines of, what it quotes is kept; what they say to have written
    within a quotation without marks is kept with it.
    """
    lines = text[:LONGEST_READ].split("\n")
    kept: list[str] = []
    at, is_cut = 0, False
    while at < len(lines) and not is_cut:
        if _BETWEEN_MARKS.fullmatch(lines[at][:LONGEST_LINE]):
            is_cut = True
        elif _is_marked(lines[at]):
            at += 1
        elif long := _forwarded(lines, at):
            kept += lines[at : at + long]
            at += long
        elif long := _attribution(lines, at):
            at += long
            # Without marks the quotation goes to the end.
            is_cut = not _is_marked(_next(lines, at) or ">")
        elif _begins_quotation(lines, at):
            is_cut = True
        else:
            kept.append(lines[at])
            at += 1
    if is_cut and _ANNOUNCES.search("\n".join(kept)[:LONGEST_TEXT]):
        return plain(text)
    return _without_end(kept)


def plain(text: str) -> str:
    """The whole of it, laid out as a reply is."""
    lines = text.replace(QUOTATION, "").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _without_end(lines: list[str]) -> str:
    for at, line in enumerate(lines):
        if _SIGNATURE.fullmatch(line):
            lines = lines[:at]
            break
    lines = [line for line in lines if len(line) > 300 or not _DEVICE.fullmatch(line.rstrip())]
    return plain("\n".join(lines))


def _is_marked(line: str) -> bool:
    return line.lstrip().startswith(">")


def _next(lines: list[str], at: int) -> str:
    """The next line that is not blank; "" where only a few blank ones, or none, follow."""
    return next((line for line in lines[at : at + 4] if line.strip()), "")


def _attribution(lines: list[str], at: int) -> int:
    """How many lines name who wrote what follows, and when; 0 where none does."""
    if not _OPENS.match(lines[at].lstrip()[:LONGEST_LINE]):
        return 0
    said = ""
    for long in range(1, MOST_LINES + 1):
        line = lines[at + long - 1].strip() if at + long <= len(lines) else ""
        said = f"{said} {line}".strip()
        if not line or len(said) > LONGEST_LINE:
            return 0
        if _SAID.fullmatch(said):
            is_one = (
                bool(_ADDRESS.search(said))
                or _is_marked(_next(lines, at + long))
                or (bool(_CLOCK.search(said)) and not _TELLS.search(said.rstrip(" :")))
            )
            return long if is_one else 0
    return 0


def _forwarded(lines: list[str], at: int) -> int:
    """How many lines say that a mail is sent on, and whose it was; 0 where none does."""
    if len(lines[at]) > LONGEST_LINE or not _FORWARD.fullmatch(lines[at]):
        return 0
    end = at + 1
    while end < min(at + 3, len(lines)) and not lines[end].strip():
        end += 1
    while end < min(at + 3 + MOST_HEADERS, len(lines)) and lines[end].strip():
        end += 1
    return end - at


def _begins_quotation(lines: list[str], at: int) -> bool:
    line = lines[at]
    if line == QUOTATION:
        return True
    if not line.strip() or len(line) > LONGEST_LINE:
        return False
    if _RULE.fullmatch(line):
        return True
    if _LINE.fullmatch(line):
        # A line of the writer's own, or of a gateway, unless headers follow.
        rest = next((n for n in range(at + 1, min(at + 4, len(lines))) if lines[n].strip()), None)
        return rest is not None and _headers(lines, rest)
    return _headers(lines, at) or _notes(lines, at)


@lru_cache(maxsize=4 * MOST_HEADERS)
def _field(line: str) -> re.Match[str] | None:
    """A line is asked several times, for each block that it may be of."""
    return _FIELD.fullmatch(line[:LONGEST_LINE])


def _headers(lines: list[str], at: int) -> bool:
    """A block that names the sender, and with an address one more field, otherwise several.

    Some programs name the day or the subject first: there the sender needs an address. What begins
    with « À : » is a letter.
    """
    first = _field(lines[at])
    if first is None or _HOUR.match(first["value"]):
        return False
    if not first["from"]:
        return bool(first["sent"] or first["subject"]) and _names_sender(lines, at + 1)
    above = _field(lines[at - 1]) if at else None
    if above is not None and above["to"]:
        return False
    found, has_address = {"from"}, bool(_ADDRESS.search(first["value"]))
    blank = 0
    for line in lines[at + 1 : at + MOST_HEADERS]:
        field = _field(line)
        if field is None:
            blank += 1
            # A value below its name, or one that is wrapped.
            if blank > 2:
                break
            has_address = has_address or bool(_ADDRESS.search(line[:LONGEST_LINE]))
            continue
        blank = 0
        found |= {name for name in _FIELDS if field[name]}
        has_address = has_address or bool(_ADDRESS.search(field["value"]))
        if "subject" in found and len(found) >= 3:
            return True
    return (has_address and len(found) >= 2) or len(found) >= 4


def _names_sender(lines: list[str], at: int) -> bool:
    """Whether the next fields, one a line, are a sender with an address and somebody it went to."""
    found: dict[str, bool] = {}
    for line in lines[at : at + 4]:
        field = _field(line)
        if field is None:
            break
        found |= {name: bool(_ADDRESS.search(field["value"])) for name in _FIELDS if field[name]}
    return found.get("from", False) and "to" in found


def _notes(lines: list[str], at: int) -> bool:
    """Of old Lotus Notes: who, then when, then « Pour » and « Objet », with or without values."""
    near = [line.strip()[:LONGEST_LINE] for line in lines[at : at + MOST_HEADERS] if line.strip()]
    if len(near) < 4 or len(near[0]) > 150:
        return False
    # A sentence, or what stands apart, is no sender.
    if not lines[at + 1].strip() or near[0][-1] in ".!?,;":
        return False
    when = next((n for n, line in enumerate(near[:2]) if _DAY.fullmatch(line)), None)
    if when is None or (when == 0 and not _ADDRESS.search(near[0])):
        return False
    rest = near[when + 1 :]
    fields = [
        found for line in rest if not _ASKED.match(line) and (found := _FIELD.fullmatch(line))
    ]
    names = {name for field in fields for name in _FIELDS if field[name]}
    return {"to", "subject"} <= names
