"""A mail to the programme's address for news becomes a draft, once, of the party that wrote (R83).

The address is no secret: what counts is who wrote. A draft is published by a person, so that a
sender's name that was made up shows nobody anything.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Contact, Membership, Party
from governance.news import files
from governance.news.actions import draft_by_mail
from governance.news.addresses import programme_of_address
from governance.rights import RIGHTS, Right
from humanicite.lib.mail.addresses import sought
from humanicite.lib.mail.inbound import Incoming, Kind

from .models import InboundMail, InboundState

UNKNOWN = "Écrit à l’adresse des informations depuis une adresse inconnue."
SEVERAL = "Écrit à l’adresse des informations depuis une adresse que plusieurs parties ont."
SEALED = "Information chiffrée : à lire dans la boîte elle-même."


def take_news(incoming: Incoming, message_id: str, *, now: datetime) -> InboundMail | None:
    """The mail as it was written down; None for what is no person's mail to that address."""
    programme = next(filter(None, map(programme_of_address, incoming.addressed)), None)
    if programme is None or incoming.kind is not Kind.PERSON:
        return None
    day = timezone.localtime(now).date()
    parties = _parties_of(incoming.sender, programme, day)
    note = (
        SEALED if incoming.sealed else "" if len(parties) == 1 else SEVERAL if parties else UNKNOWN
    )
    mail = InboundMail(
        programme_id=programme,
        message_id=message_id,
        received_at=now,
        sender=_readable(incoming.sender),
        subject=incoming.subject,
        text=incoming.text,
        whole=incoming.whole,
        state=InboundState.UNMATCHED if note else InboundState.NEWS,
        note=note,
    )
    taken, left_out = ([], incoming.left_out) if note else _files(incoming)
    if left_out and not note:
        mail.note = f"Non gardé : {', '.join(left_out)}."[:300]
    try:
        with transaction.atomic():
            mail.save()
            if not note:
                draft_by_mail(
                    party=parties[0],
                    title=incoming.subject,
                    text=incoming.text,
                    files=taken,
                    message_id=message_id,
                    day=day,
                )
    except IntegrityError:
        known = InboundMail.objects.filter(message_id=message_id).first()
        if known is None:
            raise
        return known  # two read the mailbox at once
    return mail


def _parties_of(sender: str, programme: int, day: date) -> list[Party]:
    """Of those who may pass news on, or are a party's contact, in a programme on a day."""
    if not sender:
        return []
    roles = [role for role, rights in RIGHTS.items() if Right.POST_NEWS in rights]
    accesses = Membership.objects.on(day).filter(
        sought("user__email", sender), party__programme=programme, role__in=roles
    )
    contacts = Contact.objects.on(day).filter(sought("email", sender), party__programme=programme)
    keys = {*accesses.values_list("party", flat=True), *contacts.values_list("party", flat=True)}
    return list(Party.objects.filter(pk__in=keys).order_by("pk"))


def _readable(text: str) -> str:
    try:
        InboundMail._meta.get_field("sender").run_validators(text)
    except ValidationError:
        return ""
    return text


def _files(incoming: Incoming) -> tuple[list[files.Taken], list[str]]:
    """The first picture and the first PDF that can be kept, and the names of what is left out."""
    taken: list[files.Taken] = []
    left_out = list(incoming.left_out)
    for kind, read, sent in (
        (files.FileKind.DOCUMENT, files.document, incoming.documents),
        (files.FileKind.PICTURE, files.picture, incoming.pictures),
    ):
        for name, content in sent:
            is_kept = False
            if not any(one.kind == kind for one in taken):
                try:
                    taken.append(read(ContentFile(content, name)))
                    is_kept = True
                except ValidationError:
                    pass  # named among what is left out
            if is_kept and name in left_out:
                left_out.remove(name)
            elif not is_kept and name not in left_out:
                left_out.append(name)
    return taken, left_out
