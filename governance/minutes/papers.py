"""Minutes on paper: PDF/A-3a and PDF/UA-1, drawn before the transaction that keeps them."""

import hashlib
from dataclasses import dataclass

from django.template.loader import render_to_string

from humanicite.lib.pdf import render

from .content import has_confidential, without_confidential
from .shown import dated


@dataclass(frozen=True)
class Drawing:
    """A content drawn, kept nowhere yet; `shared` is None where nothing is confidential."""

    content: dict[str, object]
    whole: bytes
    shared: bytes | None


def draw(content: dict[str, object]) -> Drawing:
    """Takes a second or so. Raises PdfUnavailable."""
    shared = None
    if has_confidential(content):
        shared = minutes_pdf(without_confidential(content), is_shared=True)
    return Drawing(content, minutes_pdf(content), shared)


def minutes_pdf(
    content: dict[str, object], *, is_shared: bool = False, is_project: bool = False
) -> bytes:
    context = {"content": dated(content), "is_shared": is_shared, "is_project": is_project}
    return render(render_to_string("minutes/pdf.html", context), style="print-minutes.css")


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
