"""The signalement on paper."""

import logging

from django.template.loader import render_to_string
from django.utils import timezone
from post_office.models import Attachment

from humanicite.lib.mail import outbox
from humanicite.lib.pdf import PICTURES, PdfUnavailable, render

from ..models.course import EventKind
from ..models.signalements import Signalement
from .letters import service_phone

MOST_PHOTOS = 3  # on the signalement's one page
log = logging.getLogger(__name__)


def signalement_pdf(signalement: Signalement) -> bytes:
    """The signalement as it was sent, on one page: PDF/A-3a and PDF/UA-1. Raises PdfUnavailable."""
    pictures, shown = {}, []
    photos = signalement.photos.filter(recipient__isnull=True)
    if signalement.sent_at:
        photos = photos.filter(created_at__lte=signalement.sent_at)  # others joined it since
    for photo in photos[:MOST_PHOTOS]:
        try:
            with photo.file.open() as file:
                pictures[f"{photo.pk}.jpg"] = file.read()
        except FileNotFoundError:
            log.warning("photo %s of signalement %s has no file", photo.pk, signalement.pk)
            continue
        shown.append(f"{PICTURES}{photo.pk}.jpg")
    phone = service_phone(signalement.programme_id, timezone.localdate())
    context = {"signalement": signalement, "pictures": shown, "phone": phone}
    html = render_to_string("signalements/pdf.html", context)
    return render(html, style="print-signalement.css", pictures=pictures)


def signalement_filename(signalement: Signalement) -> str:
    return f"signalement-{signalement.reference}.pdf"


def signalement_file(signalement: Signalement) -> list[Attachment]:
    """Made once, at the sending: who is added later reads what the others have read.

    Without the system's libraries the mail leaves all the same; it says everything itself.
    """
    made = Attachment.objects.filter(
        emails__deliveries__recipient__signalement=signalement,
        name=signalement_filename(signalement),
    )
    reopened = signalement.events.filter(kind=EventKind.REOPENED).first()
    if reopened is not None:
        made = made.filter(emails__created__gte=reopened.at)  # another day is expected since
    if known := made.order_by("pk").first():
        return [known]
    try:
        content = signalement_pdf(signalement)
    except PdfUnavailable as error:
        log.warning("signalement %s leaves without its PDF: %s", signalement.pk, error)
        return []
    return [outbox.attachment(signalement_filename(signalement), content, "application/pdf")]
