"""Reading minutes that were submitted or approved, and their files."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import reads
from humanicite.lib.pdf import PdfUnavailable

from ..actions.points import next_meeting
from ..content import without_confidential
from ..models import Minutes
from ..papers import minutes_pdf
from ..readers import reads_all, shown

SHARED = "partage"


@reads(Right.READ_MEETINGS, of=Minutes)
def minutes(request: Request, row: Minutes) -> HttpResponse:
    if not row.content:
        raise Http404  # a project: it is read where it is written
    membership = request.membership
    whole = reads_all(row, membership)
    versions = Minutes.objects.visible_to(membership).filter(meeting=row.meeting_id)
    writes = membership.may(Right.WRITE_MINUTES)
    context = {
        "minutes": row,
        "meeting": row.meeting,
        "content": shown(row, whole=whole),
        "is_whole": whole,
        "versions": list(versions),
        "writes": writes,
        "corrects": row.is_approved and membership.may(Right.CONVENE),
        "items": list(row.meeting.items.all()) if writes and row.is_approved else [],
        "next": next_meeting(row.meeting) if writes else None,
    }
    return render(request, "minutes/minutes.html", context)


@reads(Right.READ_MEETINGS, of=Minutes)
def paper(request: Request, row: Minutes) -> HttpResponse:
    """The PDF as it was frozen; `?edition=partage`: without what is confidential."""
    whole = reads_all(row, request.membership) and request.GET.get("edition") != SHARED
    return file_of(request, row, whole=whole)


def file_of(request: HttpRequest, row: Minutes, *, whole: bool) -> HttpResponse:
    """Of the edition that its reader may read, as it was kept; of a project, drawn as it was
    submitted, or a page that says why where the system cannot draw."""
    if not row.content:
        raise Http404  # a project that nobody was shown yet
    file = row.pdf if whole or not row.shared_pdf else row.shared_pdf
    name = f"compte-rendu-{row.meeting.day}.pdf"
    if file:
        kept: Any = FileResponse(file.open(), filename=name, content_type="application/pdf")
        return kept
    content = row.content if whole else without_confidential(row.content)
    try:
        drawn = minutes_pdf(content, is_shared=not whole, is_project=not row.is_approved)
    except PdfUnavailable:
        return render(request, "pdf_unavailable.html", status=503)
    answer = HttpResponse(drawn, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    return answer
