"""A mail that came in, read: who wrote, what is new in it, whether a person did. Knows no app.

Nothing a mail can hold makes `read` fail: what cannot be read is left out and said. Nor does any
make it slow: what is read is bounded, and by steps whose time grows with its length alone.
"""

import hashlib
import re
from dataclasses import dataclass, field
from email.message import Message
from email.utils import getaddresses, parseaddr
from enum import Enum
from functools import partial

from .bounces import (
    LONGEST_ID,
    RETURNED,
    Failure,
    failures_attached,
    failures_in_words,
    failures_of,
    ids_of,
    is_server,
    returned_mail,
    says_returned,
)
from .parts import (
    ANSWERS_INVITATION,
    STATUS,
    Contents,
    add_contents,
    encodable,
    inner,
    parsed,
    parts_of,
    words_of,
)
from .quotation import LONGEST_TEXT, plain

LONGEST_WHOLE = 100_000  # characters of a text as it came


class Kind(Enum):
    PERSON = "person"
    AUTO = "auto"  # an absence, an acknowledgement by a machine
    BOUNCE = "bounce"  # a server tells what became of a mail of ours


@dataclass
class Incoming:
    """`whole` is the text as it came, where `text` is not all of it. `sealed` names what holds the
    words where nobody reads them here: S/MIME, PGP, winmail.dat."""

    message_id: str  # as the sender gave it, or a digest of the mail
    digest: str
    kind: Kind = Kind.PERSON
    sender: str = ""
    addressed: list[str] = field(default_factory=list)
    references: list[str] = field(default_factory=list)  # nearest first
    subject: str = ""
    text: str = ""
    whole: str = ""
    sealed: str = ""
    pictures: list[tuple[str, bytes]] = field(default_factory=list)
    # PDF that came with it; named among `left_out` as well, for who takes none.
    documents: list[tuple[str, bytes]] = field(default_factory=list)
    inline: set[str] = field(default_factory=set)  # digests of pictures shown within the text
    left_out: list[str] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)  # as they came, for who reads iCalendar
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(raw: bytes, *, whole: bool = True) -> Incoming:
    """`whole` is false for the beginning of a mail that is too heavy: its files are left out."""
    digest = f"<{hashlib.sha256(raw).hexdigest()}@digest>"
    mail = Incoming(message_id=digest, digest=digest)
    try:
        message = parsed(raw)
    except Exception:
        # Too many parts, or the parser's own bugs on bytes that were never a mail.
        mail.notes.append("Ce courriel est illisible.")
        return mail
    contents = Contents()
    steps = (
        partial(_envelope, mail, message),
        partial(_contents, message, contents),
        partial(_kind, mail, message, contents),
        partial(_body, mail, contents),
    )
    for step in steps:
        try:
            step()
        except Exception:
            # One broken part: the others are read all the same.
            mail.notes.append("Une partie de ce courriel est illisible.")
    if not whole:
        mail.left_out += [name for name, _ in mail.pictures]
        mail.pictures, mail.documents = [], []
    if message.defects or any(part.defects for part in message.walk()):
        broken = "Ce courriel est mal formé : il a pu perdre une partie."
        mail.notes += [broken] if whole else []
    return mail


# --- Headers --------------------------------------------------------------------------------------
def _addresses(message: Message, *names: str) -> list[str]:
    values = [str(value) for name in names for value in message.get_all(name, [])]
    found = [encodable(address).strip().lower() for _, address in getaddresses(values)]
    return list(dict.fromkeys(address for address in found if "@" in address))


def _envelope(mail: Incoming, message: Message) -> None:
    given = "".join(str(message.get("Message-ID", "")).split())
    if 3 <= len(given) <= LONGEST_ID and given.isprintable():
        mail.message_id = given
    mail.sender = _sender(str(message.get("From") or ""))
    mail.subject = words_of(message.get("Subject"))[:300]
    mail.addressed = _addresses(
        message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"
    )
    mail.references = ids_of(message, "In-Reply-To") + ids_of(message, "References")[::-1]


_ADDRESS = r"[^\s<>@\"'(),:;\[\]]{1,64}@[^\s<>@\"'(),:;\[\]]{1,190}"
_IN_BRACKETS = re.compile(rf"<\s*(?:mailto:)?'?({_ADDRESS})'?\s*>", re.IGNORECASE)


def _sender(said: str) -> str:
    """The address that wrote. Names that hold signs (« Mairie, voirie <…> ») are not always in quotes;
    an address within a name is not the sender's."""
    said = encodable(said)[:LONGEST_FROM]
    address = parseaddr(said)[1]
    if f"<{address}>" in said and re.fullmatch(_ADDRESS, address):
        return address.lower()
    # Of several who wrote the first; parsers that follow CVE-2023-27043 refuse a list, others do not.
    first = re.split(r"(?<=>)\s*,", re.sub(r'"[^"]*"', "", said))[0]
    if in_brackets := _IN_BRACKETS.findall(first) or _IN_BRACKETS.findall(said):
        return str(in_brackets[-1]).lower()
    words = words_of(said)
    found = _IN_BRACKETS.findall(words) or re.findall(_ADDRESS, words)
    address = found[-1] if found else parseaddr(words)[1]
    return address.lower().strip(".")[:254]


LONGEST_FROM = 1000  # characters


def _contents(message: Message, into: Contents) -> None:
    add_contents(message, into)
    if any(text.strip() for text in into.texts) or into.sealed:
        return
    # Somebody sends on an answer as it came, in a mail that says nothing itself.
    for held in [mail for part in into.enclosed[:1] for mail in inner(part)[:1]]:
        add_contents(held, into)


# --- Who wrote ------------------------------------------------------------------------------------

# At the beginning of a subject, where programs and the people who set them up write it; a reply to
# us begins « Re: Signalement ». What many subjects begin with must end there, or tell of a time.
_ABSENT = re.compile(
    r"(réponse automatique|message d['’ ]absence|avis d['’ ]absence|absence du bureau|"
    r"automatic reply|auto(matic)?[- ]?(reply|response)|automatische antwort|automatisch antwoord|"
    r"(message|courriel|mail|répondeur) automatique|notification d['’ ]absence|\[absence\]|répondeur\s*:|"
    r"auto ?:|changement d['’]adresse (mail|e-?mail|électronique|de messagerie)|departed:|"
    # Told by a program that opened it.
    r"(non )?lu ?:|(not )?read:|accusé de lecture|"
    r"out of (the )?office|ooo\b|hors (du )?bureau|accusé de réception automatique|\[auto|"
    r"(je suis|nous sommes) (actuellement |absente?s? |en )*(absente?s?|congés?|vacances)\b|"
    r"(actuellement )?(absent(\(?e\)?)?s?|absence|(en )?congés?( annuels?| d['’]été| maternité|"
    r" parental)?|(en )?vacances|fermeture (annuelle|estivale|exceptionnelle|du service|de la mairie|"
    r"des bureaux|de nos bureaux)|(absente?|absence) (du )?bureau|indisponible|indisponibilité|"
    r"en (déplacement|formation|arrêt|rtt|mission)|(absente?|absence|congés?) maladie)\s*"
    r"(:|-|–|!|\.|$|re ?:|du (\d|lundi|mardi|mercredi|jeudi|vendredi)|jusqu|ce jour|pour congés?))",
    re.IGNORECASE,
)


# A ticket tool's first words, where no header says that they are a machine's.
_ACKNOWLEDGES = re.compile(
    r"(?:\[[^\]]{1,40}\]\s*)?(?:"
    r"(?:(?:SVE|GRU|GRC)\s?:\s?)?accusé (?:(?:de )?(?:bonne )?réception|d['’]enregistrement)|"
    r"confirmation (?:de (?:la )?|d['’]|du )"
    r"(?:réception|enregistrement|prise en compte|création|dépôt|votre|demande|ticket)|"
    r"(?:votre|vos) (?:demande|message|courriel|mail|e-mail|signalement|sollicitation|requête|ticket|"
    r"réclamation|incident)\b.{0,80}\b(?:a (?:bien )?été|est bien|sera traitée?)|"
    r"(?:enregistrement|prise en compte|réception|création) (?:de|du) (?:votre|ticket)|"
    r"nouveau ticket\b|ticket (?:(?:n°|#) ?\d+ )?(?:créé|ouvert|enregistré)|"
    r"merci (?:pour|de) votre (?:message|demande|courriel|mail|e-mail|sollicitation)\s*[.!]?$|"
    r"nous avons bien reçu votre (?:demande|message|courriel)|"
    r"(?:we (?:have )?received your|your (?:request|ticket|case|message)\b.{0,60}"
    r"(?:received|created|registered|logged)|(?:request|ticket|case) received|auto-?acknowledg)|"
    r"eingangsbestätigung|ihre anfrage\b.{0,40}(?:erhalten|eingegangen)|ontvangstbevestiging)",
    re.IGNORECASE,
)
# A machine says of itself that it is one.
_IS_MACHINE = re.compile(
    r"\b(?:ceci est|il s['’]agit d['’]|this is) ?(?:une?|an?) (?:e-?mail |courriel |message |mail |réponse )?"
    r"(?:automati|auto-|automated)|"
    r"^[^\w\n]{0,5}(?:message|réponse|courriel|e-?mail) automatique[^\w\n]{0,5}$|"
    # Nobody reads there any more.
    r"\bcette (?:adresse|bo[iî]te)(?: (?:mail|e-?mail|aux lettres|de messagerie|électronique|de courriel))?"
    r" n['’]est (?:plus|pas) (?:utilisée|consultée|active|valide|relevée|surveillée|lue)|"
    r"\bj['’]ai quitté (?:mes fonctions|la collectivité|le service)|"
    # A guard who asks the sender to prove who they are: our mail waits at its door.
    r"n['’]êtes pas un robot|"
    r"(?:placé|mis) en (?:attente|quarantaine)\b.{0,200}\b(?:cliqu|authentifi|confirm)|"
    r"\b(?:ceci est un|il s['’]agit d['’]un|cet|ce) (?:message|courriel|mail|e-?mail|courrier)"
    r"(?: électronique)?(?: a été| est| vous est)?\s(?:automatique|(?:généré|envoyé|émis|adressé) "
    r"(?:de façon |de manière |par un )?automat)|"
    r"\b(?:ne (?:pas|veuillez pas) répondre|merci de ne pas répondre|(?:please )?do not reply|"
    r"ne répondez pas)\b.{0,30}\b(?:message|mail|courriel|e-?mail|adresse|this|ci)|"
    r"diese (?:e-?mail|nachricht) wurde automatisch|automatisch gegenereerd",
    re.IGNORECASE | re.MULTILINE,
)
# Who is away and says what to do meanwhile; somebody who answers says what they do.
_IS_AWAY = re.compile(
    r"\b(?:je suis|nous sommes|je serai|nous serons)(?: actuellement| absente?s?| en| de)*"
    r" (?:absente?s?|congés?|vacances|congé maternité|arrêt|formation|déplacement)\b"
    r"|\b(?:le|notre|mon) (?:service|bureau|secrétariat) (?:est|sera) fermé",
    re.IGNORECASE,
)
_MEANWHILE = re.compile(
    r"\b(?:en|pendant|durant) (?:mon|notre|cette) (?:absence|période)|\ben cas d['’](?:urgence|absence)|"
    r"\bpour toute (?:urgence|demande urgente)",
    re.IGNORECASE,
)
LONGEST_AWAY = 900  # characters of what one who is away leaves for everybody
_NOBODY = re.compile(
    r"(?:no|ne|do|donot|nepas)[-_.]?(?:pas[-_.]?|not[-_.]?)?(?:reply|repl|repondre|reponse)"
)
LONGEST_SEARCHED = 5000  # characters of what somebody wrote


def _kind(mail: Incoming, message: Message, contents: Contents) -> None:
    report = message.get_content_type() == "multipart/report"
    reports = [part for part in parts_of(message) if part.get_content_type() in STATUS]
    returned = re.fullmatch(r"\s*<\s*>\s*", str(message.get("Return-Path", ""))) is not None
    server = is_server(mail.sender)
    words = "\n\n".join(plain(text) for text in contents.texts)
    names_it = bool(RETURNED.match(mail.subject))
    if reports and (report or server):
        mail.kind = Kind.BOUNCE
        for part in reports:
            mail.failures += failures_of(part)
    elif (server and (returned or report or names_it)) or (
        (server or names_it) and (returned or says_returned(words))
    ):
        mail.kind = Kind.BOUNCE
    elif _is_automatic(mail, message, returned, contents) or _speaks_as_machine(mail, contents):
        mail.kind = Kind.AUTO
    if mail.kind is Kind.BOUNCE:
        if not mail.failures:
            mail.failures = failures_attached(message)
        if not mail.failures:
            ours = {mail.sender, *mail.addressed}
            named = _addresses(message, "X-Failed-Recipients")
            found = failures_in_words(f"{words}\n{mail.subject}", named)
            mail.failures = [one for one in found if one.address not in ours]
        mail.references = returned_mail(message, words) + mail.references


_OF_MACHINES = (
    "X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Autogenerated", "X-Vacation",
    "X-Mail-Autoreply", "X-Autoreply-From", "X-FC-MachineGenerated",
)  # fmt: skip
_SAID_BY_MACHINES = (
    ("X-Mailer", "vacation"), ("X-Mailer", "autorespond"), ("Preference", "auto_reply"),
    ("X-POST-MessageClass", "autoresponder"), ("Delivered-To", "autoresponder"),
    ("X-MS-Exchange-Generated-Message-Source", "rules agent"),
)  # fmt: skip


def _is_automatic(mail: Incoming, message: Message, returned: bool, contents: Contents) -> bool:
    """RFC 3834, and what came before it.

    A calendar's answer is a person's, though programs say of it that they made it.
    """
    said = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    answers = any(ANSWERS_INVITATION.search(text) for text in contents.calendars)
    if answers and said in ("no", "auto-generated") and not returned:
        return bool(_ABSENT.match(mail.subject))
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        said != "no"
        or returned
        or any(name in message for name in _OF_MACHINES)
        or any(word in str(message.get(name, "")).lower() for name, word in _SAID_BY_MACHINES)
        or precedence in ("auto_reply", "auto-reply", "bulk", "junk", "list")
        or message.get_content_type() == "multipart/report"  # a receipt that was read
        or bool(_ABSENT.match(mail.subject))
    )


def _speaks_as_machine(mail: Incoming, contents: Contents) -> bool:
    """No header says so; its words do. The coordination may say otherwise."""
    own = "\n".join(contents.replies)[:LONGEST_SEARCHED]
    return (
        bool(_ACKNOWLEDGES.match(mail.subject))
        or bool(_IS_MACHINE.search(own))
        or (len(own) < LONGEST_AWAY and bool(_IS_AWAY.search(own)) and bool(_MEANWHILE.search(own)))
        or bool(_NOBODY.match(mail.sender.partition("@")[0]))
    )


# --- What is in it --------------------------------------------------------------------------------
def _body(mail: Incoming, contents: Contents) -> None:
    mail.calendars = contents.calendars
    mail.pictures, mail.inline = contents.pictures, contents.inline
    mail.documents = contents.documents
    is_person = mail.kind is Kind.PERSON
    if mail.kind is not Kind.BOUNCE:
        contents.left_out += [_name(part) for part in contents.enclosed]
    mail.left_out = contents.left_out
    whole = "\n\n".join(filter(None, (plain(text) for text in contents.texts)))
    # What a machine says is not cut: it answers below nothing.
    texts = contents.replies if is_person else [whole]
    text = "\n\n".join(filter(None, texts))
    if contents.sealed and is_person and (not text or _SEALED.search(text[:LONGEST_SEARCHED])):
        mail.sealed = contents.sealed
        mail.notes.append(
            f"Illisible ici ({mail.sealed}) : la réponse est dans la boîte elle-même."
        )
    elif whole and not text:
        mail.notes.append("Sans autre texte que le message cité.")
    elif is_person and not whole and contents.left_out:
        mail.notes.append(
            "Sans texte : la réponse est peut-être dans un fichier, resté dans la boîte."
        )
    if len(text) > LONGEST_TEXT:
        mail.notes.append("Texte coupé : il était très long.")
    mail.text = text[:LONGEST_TEXT]
    if whole.split() != mail.text.split():
        mail.whole = whole[:LONGEST_WHOLE]


_SEALED = re.compile(
    r"chiffré|crypté|encrypt|S/MIME|PGP|verschlüssel|versleuteld|(?:protected|protégé)\b.{0,40}message|"
    r"message.{0,40}\b(?:protected|protégé)",
    re.IGNORECASE,
)


def _name(part: Message) -> str:
    held = inner(part)
    subject = words_of(held[0].get("Subject")) if held else ""
    return f"courriel joint « {subject[:80]} »" if subject else part.get_content_type()
