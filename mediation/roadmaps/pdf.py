"""The roadmap on paper, as a reader sees it: PDF/A-3a and PDF/UA-1."""

from datetime import datetime

from django.template.loader import render_to_string

from governance.models import Programme
from humanicite.lib.pdf import render

from .progress import Progress


def roadmap_pdf(progress: Progress, programme: Programme, scope: str, at: datetime) -> bytes:
    """`scope`: whose activities are counted, in words. Raises PdfUnavailable."""
    context = {"progress": progress, "programme": programme, "scope": scope, "at": at}
    return render(render_to_string("roadmaps/pdf.html", context))
