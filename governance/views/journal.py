"""The audit trail: who did what, when, to which row."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from humanicite.lib.http import reads

from ..models import JournalEntry
from ..rights import Right

PAGE = 50


@reads(Right.READ_JOURNAL)
def journal(request: HttpRequest) -> HttpResponse:
    rows = JournalEntry.objects.visible_to(request.membership)  # type: ignore[attr-defined]
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "governance/journal.html", {"page": page})
