"""Mails about syntheses. Their rows are written with what causes them; they leave after the commit."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from governance.models import Contact, Membership, Programme
from governance.rights import Role
from humanicite.lib.dates import NBSP
from humanicite.lib.mail import outbox

from . import titles
from .links import link_token
from .models import Consultation, Edition, EditionKind, EditionRead, Reading

LARGEST_ATTACHED = 5 * 1024 * 1024  # bytes; what is larger is fetched by the link


def send_editions(editions: Sequence[Edition], today: date) -> None:
    """To the contacts of each party, its own edition; and to who downloaded a version that a
    substantial one replaces."""
    mails = []
    for edition in editions:
        file = _file(edition)
        contacts = list(_contacts(edition, today))
        mails += [_mail(edition, contact.email, file, contact=contact) for contact in contacts]
        if edition.is_substantial:
            told = {contact.email.lower() for contact in contacts}
            mails += [
                _mail(edition, address, file)
                for address in _who_downloaded(edition, today)
                if address.lower() not in told
            ]
    outbox.queue(mails)


def send_drafts(consultations: Sequence[Consultation], today: date) -> None:
    """Tells who reads for a party that its draft edition may be commented on (R80)."""
    mails = []
    for row in consultations:
        readers = Membership.objects.on(today).filter(
            party=row.perimeter.party_id, role=Role.PARTENAIRE
        )
        context = {
            "consultation": row,
            "period": row.synthesis.period,
            "link": f"{settings.SITE_URL}{reverse('consultation', args=[row.pk])}",
        }
        text = render_to_string("syntheses/emails/draft.txt", context)
        mails += [
            outbox.Mail(
                to=address,
                subject=f"Projet de {titles.said(row.synthesis.period)}{NBSP}: votre avis",
                text=text,
                html="",
                message_id=f"<synthese-projet-{row.pk}-{uuid.uuid4().hex}@{outbox.domain()}>",
                headers=headers(row.synthesis.programme),
            )
            for address in readers.order_by("pk").values_list("user__email", flat=True)
        ]
    outbox.queue(mails)


def headers(programme: Programme) -> dict[str, str]:
    """No reader, or program, shall take it for a person's mail."""
    return {
        "List-Id": outbox.list_id("syntheses", programme.slug),
        "Auto-Submitted": "auto-generated",
    }


def _contacts(edition: Edition, today: date) -> Any:
    rows = Contact.objects.on(today).filter(party=edition.perimeter.party, is_backup=False)
    return rows.exclude(email="").filter(bounced_on__isnull=True).order_by("pk")


def _who_downloaded(edition: Edition, today: date) -> list[str]:
    """Addresses of accesses that still hold, and have an earlier version of it on their disk."""
    read = EditionRead.objects.filter(
        what=Reading.DOWNLOADED,
        edition__synthesis=edition.synthesis,
        edition__perimeter=edition.perimeter,
        edition__number__lt=edition.number,
    )
    held = Membership.objects.on(today).filter(pk__in=read.values("membership"))
    return list(dict.fromkeys(held.order_by("pk").values_list("user__email", flat=True)))


def _file(edition: Edition) -> object:
    if len(edition.pdf) > LARGEST_ATTACHED:
        return None
    return outbox.attachment(f"{edition.filename}.pdf", bytes(edition.pdf), "application/pdf")


def _mail(
    edition: Edition, address: str, file: object, contact: Contact | None = None
) -> outbox.Mail:
    path = (
        reverse("edition_link", kwargs={"token": link_token(edition, contact)})
        if contact
        else reverse("edition", args=[edition.pk])
    )
    context = {
        "edition": edition,
        "contact": contact,
        "is_attached": file is not None,
        "link": f"{settings.SITE_URL}{path}",
        "page": f"{settings.SITE_URL}{reverse('edition', args=[edition.pk])}",
    }
    said = titles.said(edition.period)
    subject = f"{said[0].upper()}{said[1:]}"
    if edition.kind != EditionKind.FIRST:
        subject = f"{edition.get_kind_display()} {titles.of_the(edition.period)}"
    if edition.title:
        subject = f"{subject}{NBSP}: {edition.title}"
    return outbox.Mail(
        to=address,
        subject=subject,
        text=render_to_string("syntheses/emails/edition.txt", context),
        html="",
        message_id=f"<synthese-{edition.pk}-{uuid.uuid4().hex}@{outbox.domain()}>",
        headers=headers(edition.perimeter.party.programme),
        attachments=[file] if file is not None else [],
    )
