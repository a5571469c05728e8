"""What becomes of a mail that came in: on a signalement's timeline, once, or in the list of the coordination.

A mail is matched by the signed address it was sent to, or by the mail of ours that it answers; in
the latter case only when the recipient's own address sent it, for a Message-ID is no secret. It
acknowledges, on the day on which the mailbox had it; it is never a choice among the answers. Its
words stay with the operator until the coordination shares them (docs/decisions/0020).
"""

import hashlib
import logging
import re
import uuid
from collections.abc import Iterable
from dataclasses import astuple, dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from post_office.models import Email

from governance.contacts.actions import set_bounced, set_bounced_in
from governance.meetings.actions.answers import answer_by_calendar
from governance.meetings.deliveries import programme_of, set_returned
from governance.meetings.links import INVITED
from governance.models import Act, Contact, Invitation, Membership, Programme, record
from governance.rights import Right
from humanicite.lib import pictures as photos
from humanicite.lib.mail.addresses import plain, same, sought
from humanicite.lib.mail.bounces import Failure
from humanicite.lib.mail.inbound import Incoming, Kind
from humanicite.lib.mail.parts import digest_of
from humanicite.lib.writes import Conflict
from mediation import personal
from mediation.signalements.actions.answers import acknowledge, follow_answers, withdraw_sign
from mediation.signalements.actions.photos import MOST_PHOTOS, add_signalement_photo
from mediation.signalements.course import add_event
from mediation.signalements.links import recipient_of_address, without_links
from mediation.signalements.models.course import EventKind, SignalementEvent
from mediation.signalements.models.deliveries import Delivery
from mediation.signalements.models.photos import SignalementPhoto
from mediation.signalements.models.recipients import Recipient, RecipientState
from mediation.signalements.models.signalements import OPEN, SignalementState

from .invitations import (
    MOST_REFERENCES,
    Answered,
    addressed_invitation,
    answered_invitation,
    returned_mail,
)
from .models import InboundMail, InboundState
from .news import take_news

log = logging.getLogger(__name__)

SMALLEST_SIDE = 320  # pixels; below, a picture is a logo or a signature
LOWEST = 200  # pixels of a banner, which is three times as long
SMALLEST_SHOWN = 480  # pixels of the shorter side of one that is shown within the text
PLAINEST = 0.03  # bytes a pixel, made anew; below, it is drawn
MOST_BEFORE = 200  # mails of a sender whose pictures are known again
STATES = {Kind.AUTO: InboundState.AUTO, Kind.BOUNCE: InboundState.BOUNCE}
UNANSWERED = (
    RecipientState.EN_FILE,
    RecipientState.REMIS,
    RecipientState.ECHEC,
    RecipientState.SILENCIEUX,
)


@dataclass
class Match:
    """Whose a mail is. `rows` are those that the mail of ours went to which it answers (`answers`).

    `recipients`: the one who wrote; of a server's report, those whom it is about; else none.
    `is_theirs` is false for a person's mail from an address that nobody knows of the recipient.
    """

    recipients: list[Recipient] = field(default_factory=list)
    rows: list[Recipient] = field(default_factory=list)
    answers: str = ""
    is_theirs: bool = True
    note: str = ""
    programme_id: int | None = None  # of a convocation that it answers in words


# --- Taking one in --------------------------------------------------------------------------------


# Long: what is written and what is taken back when it fails stand side by side.
def take(incoming: Incoming, *, now: datetime) -> InboundMail | None:
    """Writes a mail down with what it does, in one transaction; None for one that is known. `now` is
    when the mail server had it: whatever it does, it did then."""
    message_id = _key(incoming)
    if InboundMail.objects.filter(message_id=message_id).exists():
        return None
    if answered := answered_invitation(incoming):
        return _take_answer(incoming, message_id, answered, now)
    if returned := returned_mail(incoming):
        return _take_report(incoming, message_id, returned, now)
    if news := take_news(incoming, message_id, now=now):
        return news
    match = _match(incoming, timezone.localtime(now).date())
    is_answer = (
        incoming.kind is Kind.PERSON
        and bool(match.recipients)
        and match.is_theirs
        and not incoming.sealed
    )
    # Pictures are made before the transaction, for it takes a while; of what is no answer, none.
    pictures, left_out = _pictures(incoming) if is_answer else ([], _names(incoming))
    state = STATES.get(incoming.kind, InboundState.MATCHED)
    if incoming.kind is Kind.PERSON and not is_answer:
        state = InboundState.UNMATCHED
    written: list[Any] = []
    try:
        with transaction.atomic():
            recipients = [Recipient.objects.held(row.pk) for row in match.recipients]
            mail = InboundMail(
                programme_id=_programme(match, incoming.sender),
                message_id=message_id,
                received_at=now,
                sender=_address(incoming.sender),
                subject=incoming.subject,
                text=_without_keys(incoming.text),
                whole=_without_keys(incoming.whole),
                failures=[astuple(failure) for failure in incoming.failures],
                pictures=sorted({digest_of(content) for _, content in incoming.pictures}),
                state=state,
                recipient=next(iter(recipients), None),
                answers=match.answers,
            )
            # First, so that of two who read the mailbox at once the second stops here.
            mail.save()
            for recipient in recipients:
                _tell(mail, recipient, incoming, match, _moment(recipient, now))
                left_out += _keep(pictures, mail, recipient, written)
            mail.note = _note([match.note, *incoming.notes], left_out)
            mail.save(update_fields=["note"])
    except BaseException as error:
        for photo in written:
            photo.file.storage.delete(str(photo.file.name))
        known = InboundMail.objects.filter(message_id=message_id)
        if isinstance(error, IntegrityError) and known.exists():
            return None  # two read the mailbox at once
        raise
    if mail.programme_id is None:
        log.warning("inbound mail %s is of no programme: no coordination sees it", mail.pk)
    return mail


@transaction.atomic
def _take_report(
    incoming: Incoming, message_id: str, returned: Email, now: datetime
) -> InboundMail | None:
    """A server's report about a mail of a séance: an address at which nobody lives is flagged."""
    failures = incoming.failures
    for row in failures:
        if row.is_unknown and any(same(row.address, to) for to in returned.to):
            set_returned(returned, row.address, timezone.localtime(now).date())
    is_final = not failures or any(row.is_final for row in failures)
    what = "Courriel revenu" if is_final else "Remise retardée ou confirmée"
    programme = programme_of(returned)
    mail, is_new = InboundMail.objects.get_or_create(
        message_id=message_id,
        defaults={
            "programme_id": programme.pk if programme else _programme(Match(), ""),
            "received_at": now,
            "sender": _address(incoming.sender),
            "subject": incoming.subject,
            "text": _without_keys(incoming.text),
            "failures": [astuple(failure) for failure in failures],
            "note": f"{what} : {', '.join(returned.to)}, « {returned.subject} »"[:300],
            "state": InboundState.MATCHED,
        },
    )
    return mail if is_new else None


@transaction.atomic
def _take_answer(
    incoming: Incoming, message_id: str, answered: Answered, now: datetime
) -> InboundMail | None:
    """A calendar's answer to a convocation counts like one by the link of its mail."""
    row = answer_by_calendar(invitation=answered.invitation, reply=answered.reply, now=now)
    if same(incoming.sender, answered.invitation.email):
        set_bounced_in(answered.invitation.meeting.programme_id, incoming.sender, None)
        Invitation.objects.filter(pk=answered.invitation.pk).update(bounced_on=None)
    said = f"{answered.invitation.function}, {answered.invitation.meeting}"
    if row is None:
        note = f"Réponse à une convocation, non comptée (date changée ou séance close) : {said}"
    else:
        note = f"Réponse à une convocation, {row.get_answer_display().lower()} : {said}"
    mail, is_new = InboundMail.objects.get_or_create(
        message_id=message_id,
        defaults={
            "programme_id": answered.invitation.meeting.programme_id,
            "received_at": now,
            "sender": _address(incoming.sender),
            "subject": incoming.subject,
            "note": note[:300],
            "state": InboundState.MATCHED,
        },
    )
    return mail if is_new else None


def refuse(digest: str, *, note: str, now: datetime) -> InboundMail | None:
    """Writes down that a mail could not be taken in, so that somebody opens the mailbox itself."""
    mail, is_new = InboundMail.objects.get_or_create(
        message_id=digest,
        defaults={
            "programme_id": _programme(Match(), ""),
            "received_at": now,
            "note": note[:300],
            "state": InboundState.UNMATCHED,
        },
    )
    return mail if is_new else None


def _without_keys(text: str) -> str:
    """What is quoted of our mail, without the link and the address that answer in somebody's name."""
    return _SIGNED.sub(
        "@", _INVITED.sub("[lien de réponse]", without_links(text, "[lien de réponse]"))
    )


_INVITED = re.compile(rf"\S*/{INVITED}/\S+")
_SIGNED = re.compile(r"\+s?\d{1,18}-[0-9a-f]{20}@", re.IGNORECASE)


def _moment(recipient: Recipient, arrived: datetime) -> datetime:
    """Nothing answers before it was asked, whatever a server's clock says."""
    sent = recipient.signalement.sent_at
    return max(arrived, sent) if sent else arrived


def _key(incoming: Incoming) -> str:
    """The mail's own name; its digest where another mail came under that name before."""
    known = InboundMail.objects.filter(message_id=incoming.message_id).first()
    if known is None:
        return incoming.message_id
    same = known.sender == _address(incoming.sender) and known.subject == incoming.subject
    return incoming.message_id if same else incoming.digest


def _address(text: str) -> str:
    try:
        InboundMail._meta.get_field("sender").run_validators(text)
    except ValidationError:
        return ""
    return text


def _programme(match: Match, sender: str) -> int | None:
    """Whose coordination sees it: that of the mail it answers, of the contact who wrote, or the one
    that sorts what is nobody's. None where several could, and MAILS_PROGRAMME names none."""
    for row in [*match.recipients, *match.rows]:
        return row.signalement.programme_id
    if match.programme_id is not None:
        return match.programme_id
    contacts = Contact.objects.filter(sought("email", sender)) if sender else Contact.objects.none()
    known = set(contacts.values_list("party__programme", flat=True))
    if len(known) == 1:
        return int(known.pop())
    programmes = dict(Programme.objects.values_list("slug", "pk"))
    if len(programmes) == 1:
        return int(next(iter(programmes.values())))
    return programmes.get(settings.MAILS_PROGRAMME)


# --- Whose it is ----------------------------------------------------------------------------------


def _match(incoming: Incoming, today: date) -> Match:
    is_person = incoming.kind is Kind.PERSON
    for address in incoming.addressed:
        if recipient := recipient_of_address(address):
            is_theirs = not is_person or _wrote(recipient, incoming.sender, today)
            note = "" if is_theirs else "Écrit depuis une autre adresse."
            return Match([recipient], [recipient], is_theirs=is_theirs, note=note)
    if invitation := addressed_invitation(incoming):
        # Words, which somebody has to read.
        note = f"Répond à une convocation : {invitation.function}, {invitation.meeting}."
        return Match(note=note, programme_id=invitation.meeting.programme_id)
    answers, rows = _answered_mail(incoming.references)
    if incoming.kind is Kind.BOUNCE:
        failed = {plain(failure.address) for failure in incoming.failures}
        about = [row for row in rows if plain(row.email) in failed] or rows
        return Match(about, rows, answers)
    mine = [row for row in rows if _wrote(row, incoming.sender, today)]
    if len(mine) == 1:
        return Match(mine, rows, answers)
    if incoming.kind is Kind.AUTO and len(rows) == 1:
        # It does nothing, and may be a tool's through which a person answers: the timeline tells of it.
        return Match(rows, rows, answers)
    note = ""
    if mine:
        note = f"Répond à un rappel de {len(mine)} signalements."
    elif rows and is_person:
        note = "Répond à un courriel envoyé à une autre adresse."
    return Match([], rows, answers, note=note)


def _answered_mail(references: list[str]) -> tuple[str, list[Recipient]]:
    """The nearest mail of ours among those that a mail names, and whom it went to."""
    references = references[:MOST_REFERENCES]
    sent = Delivery.objects.filter(message_id__in=references)
    known = set(sent.values_list("message_id", flat=True))
    for message_id in references:
        if message_id in known:
            return message_id, of_mail(message_id)
    return "", []


def of_mail(message_id: str) -> list[Recipient]:
    """Whom a mail of ours told of their signalements."""
    rows = Recipient.objects.filter(deliveries__message_id=message_id).order_by("signalement", "pk")
    return list(rows.select_related("signalement", "party", "contact").distinct())


def _wrote(recipient: Recipient, sender: str, today: date) -> bool:
    """Whether an address is the recipient's, or of a contact of their party who had the mail too."""
    if same(sender, recipient.email) or same(sender, recipient.contact.email):
        return True
    had_it = any(same(sender, to) for to in _sent_to(recipient))
    colleagues = Contact.objects.on(today).filter(sought("email", sender), party=recipient.party_id)
    return had_it and colleagues.exists()


def _sent_to(recipient: Recipient) -> list[str]:
    """The addresses that mails about a row went to, former ones and copies included."""
    emails = Email.objects.filter(deliveries__recipient=recipient)
    return [to for addresses in emails.values_list("to", flat=True) for to in addresses]


# --- What it does ---------------------------------------------------------------------------------


def _tell(
    mail: InboundMail, recipient: Recipient, incoming: Incoming, match: Match, now: datetime
) -> None:
    if incoming.kind is Kind.BOUNCE:
        _returned(mail, recipient, incoming.failures, now)
        return
    if same(incoming.sender, recipient.email) or same(incoming.sender, recipient.contact.email):
        set_bounced(recipient.party_id, incoming.sender, None)
    if incoming.kind is Kind.AUTO:
        _say(mail, recipient, EventKind.AUTO, f"Réponse automatique : {mail.subject}", now)
    elif match.is_theirs and incoming.sealed:
        title = f"Courriel à lire dans la boîte elle-même : {recipient.function}"
        _say(mail, recipient, EventKind.MAIL, title, now)
    elif match.is_theirs:
        _answered(mail, recipient, now)
    else:
        sender = mail.sender or "une adresse illisible"
        _say(mail, recipient, EventKind.MAIL, f"Courriel à confirmer, écrit depuis {sender}", now)


def _say(
    mail: InboundMail,
    recipient: Recipient,
    kind: str,
    title: str,
    now: datetime,
    text: str = "",
    by: Membership | None = None,
) -> None:
    """Words of a mail hold names and addresses: they stay with the operator. Once on a signalement."""
    is_told = recipient.signalement.events.filter(message_id=mail.message_id).exists()
    if is_told and by is None:
        return
    add_event(
        recipient.signalement,
        kind,
        now,
        title,
        recipient=recipient,
        by=by,
        internal=True,
        text="" if is_told else text or mail.text,
        message_id=None if is_told else mail.message_id,
    )


def _answered(
    mail: InboundMail, recipient: Recipient, now: datetime, by: Membership | None = None
) -> None:
    """A reply by mail: an acknowledgement, whatever it says."""
    title = f"Réponse par courriel : {recipient.function}"
    _say(mail, recipient, EventKind.MAIL, title, now, by=by)
    acknowledge(recipient, now)
    if not recipient.reply and recipient.state in UNANSWERED:
        recipient.state = RecipientState.ACCUSE
    recipient.save()
    _follow(recipient, now)


def _follow(recipient: Recipient, now: datetime) -> None:
    signalement = recipient.signalement
    if signalement.state in OPEN or signalement.state == SignalementState.REORIENTE:
        follow_answers(signalement, now)


def _returned(
    mail: InboundMail, recipient: Recipient, failures: Iterable[Failure], now: datetime
) -> None:
    """What a server tells of our mail; an address at which nobody lives is flagged.

    Of an address that ours leads to nothing follows: the mail may have arrived as well.
    """
    mine = [row for row in failures if same(row.address, recipient.email)]
    wrote_to = {plain(recipient.email), *map(plain, _sent_to(recipient))}
    for row in failures:
        if row.is_unknown and plain(row.address) in wrote_to:
            set_bounced(recipient.party_id, row.address, timezone.localtime(now).date())
    said = "\n".join(f"{row.status} {row.diagnostic}".strip() for row in mine or failures)
    if mine and not any(row.is_final for row in mine):
        title = "Remise confirmée" if mine[0].action in DONE else "Remise retardée"
        _say(mail, recipient, EventKind.AUTO, f"{title} : {recipient.function}", now, said)
        return
    title = f"Courriel revenu : {recipient.function}"
    _say(mail, recipient, EventKind.BOUNCED, title, now, said)
    if mine and not recipient.acknowledged_at:
        recipient.state = RecipientState.ECHEC
        recipient.save()


DONE = ("delivered", "relayed", "expanded")


# --- Its files ------------------------------------------------------------------------------------


def _pictures(incoming: Incoming) -> tuple[list[tuple[str, photos.Picture]], list[str]]:
    """At most three, made anew; and what is left out, each with its reason."""
    kept: list[tuple[str, photos.Picture]] = []
    left_out = list(incoming.left_out)
    known = _met_before(incoming.sender) if incoming.pictures else set()
    for name, content in incoming.pictures:
        name, digest = name[:60], digest_of(content)
        if digest in known:
            left_out.append(f"{name} (déjà reçue)")
            continue
        known.add(digest)
        if len(kept) == MOST_PHOTOS:
            left_out.append(f"{name} ({MOST_PHOTOS} photos au plus)")
            continue
        try:
            picture = photos.made_anew(ContentFile(content, name))
        except ValidationError as error:
            left_out.append(f"{name} ({REASONS.get(str(error.code), 'illisible')})")
            continue
        if why := _decoration(picture, is_inline=digest in incoming.inline):
            left_out.append(f"{name} ({why})")
            continue
        kept.append((name, picture))
    return kept, left_out


def _met_before(sender: str) -> set[str]:
    """The pictures that a sender's mails had: a signature's come each time."""
    rows = InboundMail.objects.exclude(sender="").filter(sender=_address(sender)).order_by("-pk")
    before = rows.values_list("pictures", flat=True)[:MOST_BEFORE]
    return {digest for digests in before for digest in digests}


def _decoration(picture: photos.Picture, *, is_inline: bool) -> str:
    """Why a picture is no evidence: too small, a banner, or drawn and shown within the text; ""."""
    short, long = sorted((picture.width, picture.height))
    if long < SMALLEST_SIDE:
        return "trop petite"
    is_banner = long >= 3 * short and short < LOWEST
    is_drawn = picture.content.size < PLAINEST * short * long
    if is_banner or (is_inline and (short < SMALLEST_SHOWN or long >= 3 * short or is_drawn)):
        return "décor"
    return ""


def _names(incoming: Incoming) -> list[str]:
    return [*incoming.left_out, *(name[:60] for name, _ in incoming.pictures)]


REASONS = {"too_heavy": "plus de 10 Mo", "too_large": "trop de pixels", "empty": "vide"}


def _keep(
    pictures: list[tuple[str, photos.Picture]],
    mail: InboundMail,
    recipient: Recipient,
    written: list[object],
) -> list[str]:
    """Writes them; answers those for which there is no room."""
    left_out = []
    for number, (name, picture) in enumerate(pictures):
        try:
            photo = add_signalement_photo(
                signalement=recipient.signalement,
                upload=picture,
                uid=_photo_key(mail, number),
                recipient=recipient,
            )
        except ValidationError as error:
            left_out.append(f"{name} ({error.messages[0].rstrip('.').lower()})")
        else:
            written += [photo] if photo else []
    return left_out


def _photo_key(mail: InboundMail, number: int) -> uuid.UUID:
    digest = hashlib.sha256(f"{mail.message_id} {number}".encode()).digest()
    return uuid.UUID(bytes=digest[:16])


def _note(notes: list[str], left_out: list[str]) -> str:
    if left_out:
        notes = [*notes, f"Non gardé : {', '.join(left_out)}."]
    return " ".join(note for note in notes if note)[:300]


# --- What the coordination decides ----------------------------------------------------------------


@transaction.atomic
def attach_mail(
    *, mail: InboundMail, recipients: list[Recipient], by: Membership, now: datetime
) -> InboundMail:
    """Somebody says whose answer it is, or which mail came back; to a mail about several signalements,
    of which of them.

    Raises Conflict, PermissionDenied.
    """
    mail = _settling(mail, by)
    rows = _held(recipients)
    if not rows or any(not row.is_visible_to(by) or not row.signalement.sent_at for row in rows):
        raise PermissionDenied
    is_report = mail.state == InboundState.BOUNCE
    mail.recipient = rows[0]
    mail.state = InboundState.BOUNCE if is_report else InboundState.MATCHED
    mail.save(update_fields=["state", "recipient"])
    for row in rows:
        if is_report:
            failures = [Failure(*failure) for failure in mail.failures]
            _returned(mail, row, failures, _moment(row, mail.received_at))
        else:
            _answered(mail, row, _moment(row, mail.received_at), by)
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state", "recipient"])
    return mail


def _held(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Locked, in the order in which every write locks them."""
    rows = sorted(recipients, key=lambda row: (row.signalement_id, row.pk))
    return [Recipient.objects.held(row.pk) for row in rows]


@transaction.atomic
def count_as_answer(*, mail: InboundMail, by: Membership) -> InboundMail:
    """A person wrote what was taken for a machine's: it does what an answer does, at the moment at
    which it came; without a recipient it waits for one. Raises Conflict, PermissionDenied."""
    mail = _own(mail, by)
    if mail.state not in (InboundState.AUTO, InboundState.BOUNCE):
        raise Conflict(mail)
    rows = _told_to(mail)
    for row in rows:
        # An address from which somebody writes is no dead one.
        for address in {mail.sender, *(failure[0] for failure in mail.failures)}:
            set_bounced(row.party_id, address, None)
        told(mail).filter(recipient=row).update(kind=EventKind.MAIL)
        _answered(mail, row, _moment(row, mail.received_at), by)
    mail.failures = []
    mail.state = InboundState.MATCHED if rows else InboundState.UNMATCHED
    mail.recipient = rows[0] if rows else None
    mail.save(update_fields=["state", "recipient", "failures"])
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state"])
    return mail


@transaction.atomic
def mark_automatic(*, mail: InboundMail, by: Membership) -> InboundMail:
    """A machine wrote what was taken for an answer: what it did is undone, on the recipient, the
    signalement and the follow-up. Raises Conflict, PermissionDenied."""
    mail = _own(mail, by)
    if mail.state not in (InboundState.MATCHED, InboundState.UNMATCHED):
        raise Conflict(mail)
    was_answer = mail.state == InboundState.MATCHED
    # First: what else was said is read among the mails that still count.
    mail.state = InboundState.AUTO
    mail.save(update_fields=["state"])
    for row in _told_to(mail):
        if was_answer:
            _take_back(mail, row, by)
            add_event(
                row.signalement,
                EventKind.AUTO,
                _moment(row, mail.received_at),
                f"Compté comme automatique : {row.function}",
                recipient=row,
                by=by,
                internal=True,
            )
        told(mail).filter(recipient=row).update(kind=EventKind.AUTO, is_internal=True)
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state"])
    return mail


@transaction.atomic
def take_up_mail(*, mail: InboundMail, by: Membership) -> InboundMail:
    """One that was set aside waits again. Raises Conflict, PermissionDenied."""
    mail = _own(mail, by)
    if mail.state != InboundState.DISMISSED:
        raise Conflict(mail)
    is_report = bool(mail.failures) and mail.recipient_id is None
    mail.state = InboundState.BOUNCE if is_report else InboundState.UNMATCHED
    mail.save(update_fields=["state"])
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state"])
    return mail


def _told_to(mail: InboundMail) -> list[Recipient]:
    return _held(event.recipient for event in told(mail) if event.recipient)


def _take_back(mail: InboundMail, recipient: Recipient, by: Membership) -> None:
    """What an answer did to a recipient, undone: its sign, its pictures, its words on the timeline."""
    event = told(mail).filter(recipient=recipient).first()
    if event is None:
        return
    withdraw_sign(recipient, event.at, others=_other_signs(mail, recipient))
    recipient.save()
    for number in range(MOST_PHOTOS):
        for photo in SignalementPhoto.objects.filter(uid=_photo_key(mail, number)):
            record(Act.DELETE, photo, by=by, programme=by.programme_id)
            photo.delete()
    _follow(recipient, event.at)


def _other_signs(mail: InboundMail, recipient: Recipient) -> list[datetime]:
    """When else a recipient gave a sign: by the link, in the application, by phone, by another mail."""
    counted = InboundMail.objects.filter(state=InboundState.MATCHED).exclude(pk=mail.pk)
    by_mail = Q(kind=EventKind.MAIL, message_id__in=counted.values("message_id"))
    signs = recipient.events.filter(Q(kind=EventKind.REPLIED) | by_mail)
    return list(signs.values_list("at", flat=True))


@transaction.atomic
def share_mail(*, mail: InboundMail, by: Membership) -> bool:
    """Shows the words of an answer to its own party and to who reads the signalement in its perimeter;
    False when they are shown already. Raises ValidationError where they name somebody (R25)."""
    mail = _own(mail, by)
    if mail.state != InboundState.MATCHED:
        raise PermissionDenied
    if found := personal.find(mail.text):
        raise ValidationError(f"Ce texte semble identifier quelqu’un : {personal.said(found)}.")
    inner = told(mail).filter(kind=EventKind.MAIL, is_internal=True)
    if not mail.text or not inner.exists():
        return False
    inner.update(is_internal=False)
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["shared"])
    return True


def told(mail: InboundMail) -> Any:
    """The moments that a mail made, one a signalement."""
    rows = SignalementEvent.objects.filter(message_id=mail.message_id).order_by("signalement")
    return rows.select_related("signalement", "recipient__party")


@transaction.atomic
def dismiss_mail(*, mail: InboundMail, by: Membership) -> InboundMail:
    """Nothing for a signalement. Raises Conflict, PermissionDenied."""
    mail = _settling(mail, by)
    mail.state = InboundState.DISMISSED
    mail.save(update_fields=["state"])
    record(Act.CHANGE, mail, by=by, programme=by.programme_id, fields=["state"])
    return mail


def _settling(mail: InboundMail, by: Membership) -> InboundMail:
    row = _own(mail, by)
    if not row.waits:
        raise Conflict(row)
    return row


def _own(mail: InboundMail, by: Membership) -> InboundMail:
    if not by.may(Right.ESCALATE_SIGNALEMENTS):
        raise PermissionDenied
    rows = InboundMail.objects.visible_to(by).select_for_update(of=("self",))
    row: InboundMail | None = rows.filter(pk=mail.pk).first()
    if row is None:
        raise PermissionDenied
    return row
