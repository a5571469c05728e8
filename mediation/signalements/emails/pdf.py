"""The signalement on paper."""

import logging
from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import timezone
from post_office.models import Attachment

from humanicite.lib.mail import outbox
from humanicite.lib.pdf import PICTURES, PdfUnavailable, render

from ..models.course import EventKind
from ..models.photos import SignalementPhoto
from ..models.signalements import Signalement, SignalementState
from .letters import service_phone

MOST_PHOTOS = 3  # on the signalement's one page
log = logging.getLogger(__name__)


def signalement_pdf(signalement: Signalement) -> bytes:
    """The signalement as it was sent, on one page: PDF/A-3a and PDF/UA-1. Raises PdfUnavailable."""
    pictures, shown = {}, []
    for photo in _photos(signalement):
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


def _photos(signalement: Signalement) -> list[SignalementPhoto]:
    photos = SignalementPhoto.objects.filter(signalement=signalement, recipient__isnull=True)
    if signalement.sent_at:
        photos = photos.filter(created_at__lte=signalement.sent_at)  # others joined it since
    return list(photos[:MOST_PHOTOS])


def signalement_filename(signalement: Signalement) -> str:
    return f"signalement-{signalement.reference}.pdf"


def signalement_file(
    signalement: Signalement, drawing: "Drawing | None" = None
) -> list[Attachment]:
    """Made once, at the sending: who is added later reads what the others have read.

    Where there is none yet, `drawing` if it shows the signalement as it is, else one drawn here.
    """
    if (known := _known_file(signalement)) is not None:
        return [known]
    if drawing is None or not drawing.is_of(signalement):
        drawing = draw(signalement)
    return drawing.file(signalement)


def _known_file(signalement: Signalement) -> Attachment | None:
    made = Attachment.objects.filter(
        emails__deliveries__recipient__signalement=signalement,
        name=signalement_filename(signalement),
    )
    reopened = signalement.events.filter(kind=EventKind.REOPENED).first()
    if reopened is not None:
        made = made.filter(emails__created__gte=reopened.at)  # another day is expected since
    return made.order_by("pk").first()


@dataclass(frozen=True)
class Drawing:
    """A signalement's PDF, kept nowhere yet; None where the system's libraries are missing: the mail
    leaves all the same, as it says everything itself."""

    content: bytes | None
    shows: tuple[object, ...]

    def is_of(self, signalement: Signalement) -> bool:
        """Whether it shows the signalement as it is now; one query."""
        return self.shows == _shown(signalement)

    def file(self, signalement: Signalement) -> list[Attachment]:
        if self.content is None:
            return []
        name = signalement_filename(signalement)
        return [outbox.attachment(name, self.content, "application/pdf")]


def draw(signalement: Signalement) -> Drawing:
    """Takes a second or so: before a transaction, where it can be."""
    shows = _shown(signalement)
    try:
        return Drawing(signalement_pdf(signalement), shows)
    except PdfUnavailable as error:
        log.warning("signalement %s leaves without its PDF: %s", signalement.pk, error)
        return Drawing(None, shows)


def draw_if_missing(signalement: Signalement) -> Drawing | None:
    """Before the transaction of a mail about one that was sent; None where its file is there."""
    return None if _known_file(signalement) else draw(signalement)


def _shown(signalement: Signalement) -> tuple[object, ...]:
    """What tells one drawing from another: a draft's version, the number, the days, the photos.

    The words of one that left stay, whatever its version (docs/decisions/0021).
    """
    photos = [photo.pk for photo in _photos(signalement)]
    days = (signalement.due_on, signalement.sent_at)
    version = signalement.version if signalement.state == SignalementState.BROUILLON else None
    return (signalement.pk, version, signalement.reference, *days, *photos)
