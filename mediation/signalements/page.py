"""What a signalement's page shows to one reader: where each recipient stands, and the course so far."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.base import in_force
from governance.models import Contact, Coverage, Membership, User
from governance.rights import Right
from humanicite.templatetags.french import datefr
from mediation.inbound.models import InboundMail, InboundState
from mediation.timeline import Moment

from .emails.letters import Letter, service_phone, subject
from .links import without_links
from .models.course import EventKind, SignalementEvent
from .models.deliveries import DeliveryKind
from .models.photos import SignalementPhoto
from .models.recipients import Recipient, RecipientState, Reply
from .models.signalements import Signalement, SignalementState
from .moments import moment_of

BY_MAIL = (EventKind.MAIL, EventKind.AUTO, EventKind.BOUNCED)
MOMENTS = 40  # of a signalement's course, until all are asked for
_RULE = re.compile(r"^-{20,}$", re.MULTILINE)
LINK_SAID = "[lien de réponse, propre à chaque destinataire]"


@dataclass(frozen=True)
class ShownPhoto:
    """A photo by the address under which this reader gets it."""

    address: str


def photos_for_answer(recipient: Recipient) -> QuerySet[SignalementPhoto]:
    """What went with the signalement and what this recipient added; others' answers are theirs."""
    rows = SignalementPhoto.objects.filter(signalement=recipient.signalement_id)
    return rows.filter(Q(recipient__isnull=True) | Q(recipient=recipient))


def for_answer(
    recipient: Recipient, today: date, address_of: Callable[[int], str]
) -> dict[str, object]:
    """What `components/answer_facts.html` needs, by the link of a mail or signed in."""
    signalement = recipient.signalement
    photos = list(photos_for_answer(recipient))
    joined = signalement.events.filter(is_internal=False, kind=EventKind.JOINED).exclude(text="")
    return {
        "is_late": signalement.is_overdue(today),
        "seen_again": list(joined),
        "photos": [ShownPhoto(address_of(row.pk)) for row in photos if row.recipient_id is None],
        "own_photos": [ShownPhoto(address_of(row.pk)) for row in photos if row.recipient_id],
    }


@dataclass(frozen=True)
class Standing:
    """Where a recipient stands, in words. `kind` colours it: ok, warn, quiet or nothing."""

    said: str
    kind: str = ""


def standing(row: Recipient) -> Standing:
    if row.successor_id:
        return Standing("Repris par un successeur", "quiet")
    if row.reply == Reply.RESOLU:
        return Standing("Répond : résolu", "ok")
    if row.reply == Reply.EN_CHARGE:
        return Standing("S’en occupe", "ok")
    if row.reply == Reply.AUTRE:
        return Standing("Pas de son ressort", "warn")
    if row.state == RecipientState.ECHEC:
        return Standing("Échec de l’envoi", "warn")
    if row.state == RecipientState.SILENCIEUX:
        return Standing("Silencieux", "warn")
    if row.acknowledged_at:
        return Standing("Bien reçu", "ok")
    if row.state == RecipientState.EN_FILE:
        return Standing("En file d’envoi", "quiet")
    return Standing("Remis, sans réponse")


def dates_of(row: Recipient) -> list[str]:
    """What happened when, oldest first, in words."""
    said = []
    for moment, words in (
        (row.handed_at, "remis au serveur le"),
        (row.acknowledged_at, "accusé de réception le"),
        (row.answered_at, "répondu le"),
    ):
        if moment:
            said.append(f"{words} {datefr(timezone.localtime(moment).date())}")
    if row.promised_on:
        said.append(f"annoncé pour le {datefr(row.promised_on)}")
    return said


def line_of(row: Recipient, reader: Membership) -> tuple[Recipient, Standing, list[str], bool]:
    """A recipient, where it stands, what happened when, and whether it is of the reader's party."""
    return row, standing(row), dates_of(row), row.party_id == reader.party_id


def tag_of(signalement: Signalement) -> str:
    """The colour of a state."""
    if signalement.state == SignalementState.RESOLU_VERIFIE:
        return "ok"
    if signalement.state in (
        SignalementState.BROUILLON,
        SignalementState.ANNULE,
        SignalementState.NON_RESOLU,
    ):
        return "quiet"
    return (
        "warn"
        if signalement.state in (SignalementState.RESOLU_DECLARE, SignalementState.REORIENTE)
        else ""
    )


def course(
    signalement: Signalement, membership: Membership, *, is_team: bool, whole: bool
) -> tuple[list[Moment], bool]:
    """The moments of a signalement that this reader sees, newest first, and whether there are more."""
    rows = SignalementEvent.objects.visible_to(membership).filter(signalement=signalement)
    rows = rows.select_related("recipient__party")
    found = list(rows if whole else rows[: MOMENTS + 1])
    shown = found if whole else found[:MOMENTS]
    mails = _mails_of(shown, membership)
    opens = membership.may(Right.ESCALATE_SIGNALEMENTS)
    moments = [
        _moment(
            row,
            membership.people[row.user_id] if is_team and row.user_id else None,
            mail=mails.get(row.message_id or ""),
            opens=opens,
        )
        for row in shown
    ]
    return moments, len(found) > len(shown)


def _mails_of(rows: list[SignalementEvent], membership: Membership) -> dict[str, InboundMail]:
    """The mails that moments came by, of those that this reader may read: the team's."""
    names = [row.message_id for row in rows if row.message_id and row.kind in BY_MAIL]
    if not names:
        return {}
    known = InboundMail.objects.visible_to(membership).filter(message_id__in=names)
    return {mail.message_id: mail for mail in known.only("message_id", "text", "whole", "state")}


def _moment(
    row: SignalementEvent,
    by: User | None,
    *,
    mail: InboundMail | None = None,
    opens: bool = False,
) -> Moment:
    """`by`: who did it, for the team; `opens`: this reader sees the pages of mails, which it leads to."""
    about = []
    if row.recipient and str(row.recipient) not in row.title:
        about.append(str(row.recipient))
    if by is not None:
        about.append(str(by))
    if row.is_internal:
        about.append("interne")
    return moment_of(
        row,
        about=about,
        url=reverse("mail", args=[mail.pk]) if mail and opens else "",
        whole=_beyond(row, mail) if mail else "",
    )


def _beyond(row: SignalementEvent, mail: InboundMail) -> str:
    """The text as it came, where the moment holds less of it; of a server's report, its page has it."""
    whole = mail.whole or mail.text
    is_report = mail.state == InboundState.BOUNCE
    return whole if not is_report and whole.split() != row.text.split() else ""


@dataclass(frozen=True)
class Preview:
    """The mail as its readers will have it; links are each reader's own."""

    subject: str
    text: str


def preview(shown: Signalement, contact: Contact, now: datetime) -> Preview:
    recipient = Recipient(
        signalement=shown,
        party=contact.party,
        contact=contact,
        function=contact.function,
        email=contact.email,
        is_copy=contact.is_backup,
    )
    today = timezone.localdate(now)
    phone = service_phone(shown.programme_id, today)
    letter = Letter([recipient], DeliveryKind.SIGNALEMENT, today, has_pdf=True, phone=phone)
    about = subject(shown)
    text = render_to_string(
        "signalements/emails/signalement.txt", {"letter": letter, "subject": about}
    )
    return Preview(about, _RULE.sub("———", without_links(text, LINK_SAID)).strip())


def readers(signalement: Signalement, parties: Iterable[str]) -> list[str]:
    """Parties that will read it beside the operator: its addressees, and unless it is
    confidential those in whose perimeter it lies."""
    found = dict.fromkeys(parties)
    if not signalement.is_confidential:
        covered = Coverage.objects.of_programme(signalement.programme_id).filter(
            in_force(signalement.observed_on), place=signalement.place_id
        )
        rows = covered.select_related("perimeter__party").order_by("perimeter__party__name")
        others = (row.perimeter.party for row in rows)
        found |= dict.fromkeys(party.name for party in others if not party.is_operator)
    return list(found)
