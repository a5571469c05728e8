"""The audit trail: who did what, when, to which row."""

from functools import cache

from django.apps import apps
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import reads

from .models import JournalEntry

PAGE = 50


@reads(Right.READ_JOURNAL)
def journal(request: Request) -> HttpResponse:
    rows = JournalEntry.objects.visible_to(request.membership)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    labels = _labels()
    entries = [(row, [labels.get((row.kind, name), name) for name in row.fields]) for row in page]
    return render(request, "journal/journal.html", {"page": page, "entries": entries})


@cache
def _labels() -> dict[tuple[str, str], str]:
    """(kind of row, field) → what the field is called on screens."""
    found = {("activité", "themes"): "thématiques", ("activité", "head_counts"): "publics"}
    for model in apps.get_models():
        for field in model._meta.fields:
            found[str(model._meta.verbose_name), field.name] = str(field.verbose_name)
    return found
