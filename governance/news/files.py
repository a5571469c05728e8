"""What may come with a news: a picture, made anew, and a document, which is a PDF."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from humanicite.lib import pictures

from .models import FileKind

MOST_BYTES = 5 * 1024 * 1024  # of a document
NO_PDF = "Ce fichier n’est pas un PDF : enregistrez-le en PDF, puis joignez-le de nouveau."
TOO_HEAVY = "Ce document dépasse 5 Mo : joignez-en un plus léger."
EMPTY = "Ce fichier est vide : choisissez un document."


@dataclass(frozen=True)
class Taken:
    """A file that was looked at and may be kept."""

    kind: FileKind
    content: ContentFile
    name: str


def picture(upload: Any) -> Taken:
    """Raises ValidationError, in words for who sent it."""
    made = pictures.made_anew(upload)
    return Taken(FileKind.PICTURE, made.content, "")


def document(upload: Any) -> Taken:
    """A PDF as it came (ISO 32000-2, 7.5.2: its header stands in its first kilobyte).

    Raises ValidationError, in words for who sent it.
    """
    if not upload.size:
        raise ValidationError(EMPTY, "empty")
    if upload.size > MOST_BYTES:
        raise ValidationError(TOO_HEAVY, "too_heavy")
    upload.seek(0)
    content = upload.read()
    if b"%PDF-" not in content[:1024]:
        raise ValidationError(NO_PDF, "no_pdf")
    name = " ".join(str(upload.name).replace("/", " ").replace("\\", " ").split())
    return Taken(FileKind.DOCUMENT, ContentFile(content), name[-120:])
