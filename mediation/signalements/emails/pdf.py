"""The signalement on paper."""

import logging

from django.template.loader import render_to_string
from django.utils import timezone
from post_office.models import Attachment

from humanicite.lib.mail import outbox
from humanicite.lib.pdf import PICTURES, PdfUnavailable, render

from ..course import REOPENED
from ..models.course import EventKind
from ..models.signalements import Signalement
from .letters import service_phone

MOST_PHOTOS = 3  # on the sheet's one page
log = logging.getLogger(__name__)


def sheet_pdf(sheet: Signalement) -> bytes:
    """The sheet as it was sent, on one page: PDF/A-3a and PDF/UA-1. Raises PdfUnavailable."""
    pictures, shown = {}, []
    photos = sheet.photos.filter(recipient__isnull=True)
    if sheet.sent_at:
        photos = photos.filter(created_at__lte=sheet.sent_at)  # others joined it since
    for photo in photos[:MOST_PHOTOS]:
        try:
            with photo.file.open() as file:
                pictures[f"{photo.pk}.jpg"] = file.read()
        except FileNotFoundError:
            log.warning("photo %s of sheet %s has no file", photo.pk, sheet.pk)
            continue
        shown.append(f"{PICTURES}{photo.pk}.jpg")
    phone = service_phone(sheet.programme_id, timezone.localdate())
    context = {"sheet": sheet, "pictures": shown, "phone": phone}
    html = render_to_string("signalements/pdf.html", context)
    return render(html, style="print-sheet.css", pictures=pictures)


def sheet_filename(sheet: Signalement) -> str:
    return f"signalement-{sheet.reference}.pdf"


def signalement_file(sheet: Signalement) -> list[Attachment]:
    """Made once, at the sending: who is added later reads what the others have read.

    Without the system's libraries the mail leaves all the same; it says everything itself.
    """
    made = Attachment.objects.filter(
        emails__deliveries__recipient__signalement=sheet, name=sheet_filename(sheet)
    )
    reopened = sheet.events.filter(kind=EventKind.STATE, title=REOPENED).first()
    if reopened is not None:
        made = made.filter(emails__created__gte=reopened.at)  # another day is expected since
    if known := made.order_by("pk").first():
        return [known]
    try:
        content = sheet_pdf(sheet)
    except PdfUnavailable as error:
        log.warning("sheet %s leaves without its PDF: %s", sheet.pk, error)
        return []
    return [outbox.attachment(sheet_filename(sheet), content, "application/pdf")]
