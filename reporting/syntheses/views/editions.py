"""Reading: a published edition as a page and as files; a provisional one for the operator (R76)."""

from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Contact, Membership, Perimeter, record
from governance.rights import Right
from humanicite.lib.http import public, reads
from humanicite.lib.pdf import PdfUnavailable
from reporting.periods import Period

from .. import checks, edition, exports, texts, words
from ..document import compose, gather
from ..links import edition_of
from ..models import Edition, EditionRead, MonthlySynthesis, Reading
from .month import period_in


def note(row: Edition, what: Reading, reader: Membership | None, contact: Contact | None) -> None:
    """That a party read or downloaded its edition, once each; the operator's own readings are none."""
    if reader is not None and reader.is_operator:
        return
    known = EditionRead.objects.filter(
        edition_id=row.pk, membership=reader, contact=contact, what=what
    )
    if not known.exists():
        EditionRead.objects.create(
            edition_id=row.pk,
            party_id=row.perimeter.party_id,
            membership=reader,
            contact=contact,
            what=what,
            at=timezone.now(),
        )


@reads(Right.READ_SYNTHESES, of=Edition)
def edition_page(request: Request, row: Edition) -> HttpResponse:
    """The same as the file, for a phone and for who listens."""
    note(row, Reading.READ, request.membership, None)
    return render(request, "syntheses/edition.html", _shown(row))


def _shown(row: Edition) -> dict[str, object]:
    versions = Edition.objects.filter(synthesis=row.synthesis_id, perimeter=row.perimeter_id)
    return {
        "edition": row,
        "synthesis": edition.published(row),
        "document": row.document,
        "paper": False,
        "period": row.period,
        "versions": versions.light().select_related("synthesis").order_by("-number"),
    }


@reads(Right.READ_SYNTHESES, of=Edition)
def edition_pdf(request: Request, row: Edition) -> HttpResponse:
    """The bytes that were frozen, whatever draws today."""
    note(row, Reading.DOWNLOADED, request.membership, None)
    return _file(row)


def _file(row: Edition) -> HttpResponse:
    return HttpResponse(
        bytes(row.pdf),
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{row.filename}.pdf"',
            "ETag": f'"{row.sha256}"',
        },
    )


@reads(Right.READ_SYNTHESES, of=Edition)
def edition_xlsx(request: Request, row: Edition) -> HttpResponse:
    """All tables, a sheet each."""
    note(row, Reading.DOWNLOADED, request.membership, None)
    answer: Any = FileResponse(
        exports.to_workbook(row.document),
        as_attachment=True,
        filename=f"{row.filename}.xlsx",
        content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )
    return answer


@reads(Right.READ_SYNTHESES, of=Edition)
def edition_docx(request: Request, row: Edition) -> HttpResponse:
    """The text alone, to be pasted."""
    note(row, Reading.DOWNLOADED, request.membership, None)
    return HttpResponse(
        words.to_docx(row.document),
        content_type=words.TYPE,
        headers={"Content-Disposition": f'attachment; filename="{row.filename}.docx"'},
    )


# --- Provisional ----------------------------------------------------------------------------------
@reads(Right.PRODUCE_SYNTHESES, of=Perimeter)
def synthesis_pdf(request: Request, perimeter: Perimeter, month: str) -> HttpResponse:
    period = period_in(month)
    made = edition.prepare(perimeter, period, timezone.now(), _draft(perimeter, period))
    try:
        content = edition.to_pdf(made)
    except PdfUnavailable as error:
        return render(request, "pdf_unavailable.html", {"reason": str(error)}, status=503)
    membership = request.membership
    record(Act.PRODUCE, perimeter, by=membership, programme=membership.programme_id)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{made.filename}"'},
    )


@reads(Right.PRODUCE_SYNTHESES, of=Perimeter)
def preview(request: Request, perimeter: Perimeter, month: str) -> HttpResponse:
    """A draft edition as its party would read it."""
    period = period_in(month)
    row = _draft(perimeter, period)
    on = checks.as_of(row, timezone.localdate()) if row else timezone.localdate()
    document = compose(gather(perimeter, period, on, row), texts.Texts.of(row))
    context = {
        "perimeter": perimeter,
        "period": period,
        "synthesis": edition.Synthesis(document, timezone.now()),
        "document": document,
        "paper": False,
    }
    return render(request, "syntheses/preview.html", context)


def _draft(perimeter: Perimeter, period: Period) -> MonthlySynthesis | None:
    rows = MonthlySynthesis.objects.of_programme(perimeter.programme_id)
    found: MonthlySynthesis | None = rows.of_period(period).first()
    return found


# --- By the link of a mail ------------------------------------------------------------------------
@public("a contact without an account reads its edition by the signed link of its mail")
def edition_link(request: Any, token: str) -> HttpResponse:
    """GET shows what it is, and notes nothing: scanners of mail open every link. The button hands
    the file out, and that is a reading."""
    row, contact = edition_of(token, timezone.now())
    if row is None or contact is None:
        return render(request, "syntheses/link_void.html", status=404)
    if request.method == "POST":
        note(row, Reading.DOWNLOADED, None, contact)
        answer = _file(row)
    elif request.method in ("GET", "HEAD"):
        answer = render(request, "syntheses/link.html", {"edition": row, "token": token})
    else:
        raise Http404
    answer["Referrer-Policy"] = "no-referrer"
    answer["Cache-Control"] = "no-store"
    return answer
