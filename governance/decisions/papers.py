"""A year's decisions across meetings, on paper."""

from collections.abc import Iterable

from django.template.loader import render_to_string

from governance.parties.models import Programme
from humanicite.lib.pdf import render

from .models import Decision


def year_pdf(programme: Programme, year: int, rows: Iterable[Decision], reader: str) -> bytes:
    """PDF/A-3a and PDF/UA-1. `reader`: for whom the list was made. Raises PdfUnavailable."""
    context = {"programme": programme, "year": year, "rows": rows, "reader": reader}
    return render(render_to_string("decisions/year_pdf.html", context), style="print-minutes.css")
