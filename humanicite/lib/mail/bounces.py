"""What a server says of a mail of ours: by its report (RFC 3464), or in its words. Knows no app."""

import re
from dataclasses import dataclass
from email.message import Message

from .addresses import says_unknown
from .parts import content_of, inner, parsed, parts_of, words_of

LONGEST_ID = 250
MOST_ADDRESSES = 20
LONGEST_REPORT = 20_000  # characters that are read of one in words


@dataclass(frozen=True)
class Failure:
    """What a server says of one address (RFC 3464). `action`: failed, delayed, delivered…"""

    address: str
    action: str
    status: str  # « 5.1.1 »
    diagnostic: str = ""

    @property
    def is_final(self) -> bool:
        return self.action == "failed"

    @property
    def is_unknown(self) -> bool:
        """Nobody lives at that address."""
        return self.is_final and says_unknown(self.status)


def ids_of(message: Message, name: str) -> list[str]:
    """The Message-IDs that a header holds."""
    return _ids(" ".join(str(value) for value in message.get_all(name, [])))


def _ids(said: str) -> list[str]:
    return [one for one in re.findall(rf"<[^<>\s]{{1,{LONGEST_ID}}}>", said) if one.isprintable()]


# At the beginning of a subject; an answer to one begins « Re: ».
RETURNED = re.compile(
    r"(?:\[?(?:non[- ]remis|non[- ]distribu\w+|undeliver\w+|undelivered|unzustellbar|onbestelbaar|"
    r"returned mail|failure notice|mail delivery (?:failed|failure|system|subsystem|error)|"
    r"delivery (?:status notification|failure|has failed)|mail system error|nicht zustellbar|"
    r"(?:échec|erreur|problème|notification d['’]échec|avis d['’]échec|défaut|rapport|avis) "
    r"(?:de |d['’])?(?:non[- ])?(?:la |l['’])?"
    r"(?:remise|distribution|livraison|envoi|acheminement|transmission|délivrance)|"
    r"(?:message|courriel|courrier|mail|e-mail) (?:non|pas) (?:remis|distribué|délivré|livré|acheminé)|"
    r"(?:message|courriel|courrier|mail|e-mail) (?:retourné|en échec|en erreur|refusé|rejeté)|"
    r"notification (?:d['’]état|sur l['’]état) de (?:la )?(?:remise|distribution)|"
    r"(?:remise|distribution|message) (?:retardée?|différée?|reportée?)|"
    r"retour (?:à|a) l['’]expéditeur|votre (?:message|courriel) n['’]a pas pu être|"
    r"message status - undeliverable|avertissement\b.{0,40}(?:différé|retardé|non remis)|"
    r"(?:message|courriel|courrier|mail|e-mail) (?:bloqué|mis en quarantaine)|"
    r"delivery (?:delayed|incomplete)|warning: .{0,60}delayed|"
    r"(?:zustellung|bezorging) (?:fehlgeschlagen|mislukt)))",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"n['’]a(?:ient)? (?:pas )?pu être (?:remis|distribu|délivr|livr|achemin|transmis)|"
    r"(?:could|can) ?not be delivered|wasn['’]t able to deliver|delivery .{0,40}fail|undeliverable|"
    r"n['’]a pas (?:encore )?été (?:remis|distribu|délivr|livr|achemin)|"
    r"n['’]est pas parvenu à|a été (?:bloqué|rejeté|mis en quarantaine) par|"
    r"échec (?:définitif )?de (?:la )?(?:remise|distribution|livraison|l['’]acheminement)|"
    r"impossible de (?:remettre|distribuer|délivrer|livrer|acheminer)|"
    r"konnte nicht zugestellt|kon niet worden (?:bezorgd|afgeleverd)",
    re.IGNORECASE,
)
_COPY = re.compile(
    r"^(?:[>\s]*(?:Received|Return-Path|DKIM-Signature|MIME-Version):|-{3,}.{0,80}"
    r"(?:copy|copie|original|origin|returned|message|en-têtes|headers|kopie).{0,80}$)",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(
    r"[^\s<>@\"'(),:;=\[\]«»]{1,64}@[^\s<>@\"'(),:;=\[\]«»/]{1,180}\.[a-zA-Z]{2,24}"
)
_CODE = re.compile(r"(?<![\d.])([245])\.([0-7])\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.-])([45])[0-5]\d(?![\d.])[ -]")
_UNKNOWN = re.compile(
    r"(?:utilisateur|destinataire|adresse|boîte|compte|user|recipient|mailbox|address|account|empfänger|"
    r"gebruiker|ontvanger)\b.{0,80}(?:inconnue?|introuvable|inexistante?|n['’]existe (?:pas|plus)|"
    r"unknown|not found|does ?n['’o]t exist|doesn['’]t have|no longer|unbekannt|bestaat niet|"
    r"n['’]est (?:pas|plus) (?:valide|attribuée|active))|"
    r"n['’]a pas été trouvée? (?:à|dans|sur)|absente? de l['’]annuaire|"
    r"(?:unknown|no such|invalid) (?:user|recipient|mailbox|address|account)|no mailbox here|"
    r"n['’]existe (?:pas|plus)|aucun (?:utilisateur|destinataire|compte)|RecipNotFound|"
    r"inconnu à cette adresse|adresse invalide",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"(?:boîte|messagerie|mailbox|quota|postfach|inbox).{0,60}"
    r"(?:pleine?|saturée?|dépassé|full|exceeded|over|voll|vol\b)|over ?quota|quota (?:exceeded|dépassé)",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"retardée?|différée?|distribution incomplète|problème temporaire|continue(?:ra|rons) d['’]essayer|"
    r"pas encore (?:pu |été )|delayed|verzögert|vertraagd|(?:nouvelles? tentatives?|réessa\w+|will be "
    r"retried|will (?:keep|continue) trying|sera retent)",
    re.IGNORECASE,
)


def is_server(sender: str) -> bool:
    local = sender.partition("@")[0]
    names = (
        "mailer-daemon",
        "postmaster",
        "mail-daemon",
        "mailerdaemon",
        "mailer_daemon",
        "bounce",
        "system.administrator",
    )
    return local in names or local.startswith("microsoftexchange")


def says_returned(text: str) -> bool:
    """Whether a mail that no report goes with tells, in words, what became of another."""
    text = text[:LONGEST_REPORT]
    return bool(_SAYS_SO.search(text)) or bool(
        _ADDRESS.search(text)
        and (_CODE.search(text) or _UNKNOWN.search(text) or _FULL.search(text))
    )


def failures_in_words(text: str, named: list[str]) -> list[Failure]:
    """Of the addresses that are named, in a header or in the text above the copy of our mail."""
    text = text[:LONGEST_REPORT]
    if copy := _COPY.search(text):
        text = text[: copy.start()] or text
    found = [match.lower().strip(".") for match in _ADDRESS.findall(text)[:MOST_ADDRESSES]]
    status, said = _status(text)
    is_late = status.startswith("4") or (not status and bool(_DELAYED.search(text)))
    action = "delayed" if is_late else "failed"
    addresses = list(dict.fromkeys([*named, *found]))[:MOST_ADDRESSES]
    return [Failure(address, action, status, said) for address in addresses]


def _status(text: str) -> tuple[str, str]:
    """A code of RFC 3463, given or as the words mean it, and the line that says so."""
    codes = list(_CODE.finditer(text))
    code = next((one for one in codes if one[1] == "5"), codes[0] if codes else None)
    unknown, full, reply = _UNKNOWN.search(text), _FULL.search(text), _REPLY.search(text)
    if code and (code[2] not in "05" or code[1] != "5"):
        return code[0], _line(text, code)
    if unknown:
        return "5.1.1", _line(text, unknown)
    if full:
        return "5.2.2", _line(text, full)
    if code or reply:
        return code[0] if code else f"{reply[1]}.0.0" if reply else "", _line(text, code or reply)
    return "", ""


def _line(text: str, match: re.Match[str] | None) -> str:
    if match is None:
        return ""
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return " ".join(text[start : end if end >= 0 else None].split())[:500]


def failures_attached(message: Message) -> list[Failure]:
    """Those of a report that a server sends as a file of text (« details.txt »)."""
    found = []
    for part in parts_of(message):
        if (
            part.get_content_maintype() == "text"
            and b"final-recipient:" in content_of(part).lower()
        ):
            blocks = re.split(rb"\r?\n\r?\n", content_of(part)[:MOST_HEADERS])[:MOST_ADDRESSES]
            found += _failures([parsed(block) for block in blocks])
    return found


def failures_of(part: Message) -> list[Failure]:
    """Of each address a report names; its first block is of the mail as a whole."""
    return _failures(inner(part))


def _failures(blocks: list[Message]) -> list[Failure]:
    found = []
    for block in blocks:
        named = block.get("Original-Recipient") or block.get("Final-Recipient")
        if not named:
            continue
        address = str(block.get("Final-Recipient") or named).partition(";")[2].strip().strip("<>")
        original = str(block.get("Original-Recipient") or "").partition(";")[2].strip().strip("<>")
        status = re.match(r"\d\.\d{1,3}\.\d{1,3}", words_of(block.get("Status")))
        for one in dict.fromkeys((original.lower(), address.lower())):
            if "@" in one:
                found.append(
                    Failure(
                        one,
                        words_of(block.get("Action")).lower(),
                        status[0] if status else "",
                        words_of(block.get("Diagnostic-Code"))[:500],
                    )
                )
    return found


def returned_mail(message: Message, text: str) -> list[str]:
    """The Message-ID of the mail that came back: whole, by its headers, or copied among the words."""
    for part in parts_of(message):
        kind = part.get_content_type()
        if kind == "message/rfc822" and (held := inner(part)):
            return ids_of(held[0], "Message-ID")
        if kind == "text/rfc822-headers":
            return ids_of(parsed(content_of(part)[:MOST_HEADERS]), "Message-ID")
    copied = re.findall(
        rf"^[>\s]{{0,8}}Message-ID:\s{{0,9}}(<[^<>\s]{{1,{LONGEST_ID}}}>)", text, re.I | re.M
    )
    return _ids(" ".join(copied[:5]))


MOST_HEADERS = 1_200_000  # bytes
