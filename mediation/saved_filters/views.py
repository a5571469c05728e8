"""Filters kept under a name: listed, kept, renamed, removed; private to their reader."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from mediation.activities.filters import ActivityFilter
from mediation.frame.vocabulary import Vocabulary

from .forms import SavedFilterForm
from .models import SavedFilter

LONGEST_ADDRESS = 2000  # characters read of an address that somebody made by hand


@reads(Right.READ_ACTIVITIES)
def saved_filters(request: Request) -> HttpResponse:
    membership: Membership = request.membership
    names = Vocabulary(membership)
    rows = [
        (kept, _read(kept.query, membership, names))
        for kept in SavedFilter.objects.visible_to(membership)
    ]
    return render(
        request, "saved_filters/saved_filters.html", {"rows": rows, "most": SavedFilter.MOST}
    )


@writes(Right.READ_ACTIVITIES)
def create(request: Request) -> HttpResponse:
    """Asks for a name. The filters come in the address, and go on in the form."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    query = request.GET.urlencode() if data is None else data.get("filtres", "")
    found = _read(query, membership, Vocabulary(membership))
    form = SavedFilterForm(data, initial={"filtres": found.query()})
    is_right = bool(found.active) and not found.errors
    if request.method == "POST" and is_right and form.is_valid():
        try:
            kept = SavedFilter.objects.keep(
                name=form.cleaned_data["name"], query=found.query(), by=membership
            )
        except ValidationError as error:
            form.add_error(None if hasattr(error, "error_dict") else "name", error)
        else:
            messages.success(request, f"Filtre enregistré : {kept.name}.")
            return redirect(f"{reverse('activities')}?{kept.query}")
    return _form(request, form, found, is_right=is_right)


@writes(Right.READ_ACTIVITIES, of=SavedFilter)
def edit(request: Request, kept: SavedFilter) -> HttpResponse:
    """Another name for the same filters."""
    membership: Membership = request.membership
    found = _read(kept.query, membership, Vocabulary(membership))
    form = SavedFilterForm(resume.data_of(request), instance=kept)
    if request.method == "POST" and form.is_valid():
        try:
            form.instance.write()
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Filtre renommé : {kept.name}.")
            return redirect("saved_filters")
    return _form(request, form, found, is_right=True)


@writes(Right.READ_ACTIVITIES, of=SavedFilter, confirm=False)
def delete(request: Request, kept: SavedFilter) -> HttpResponse:
    name = kept.name
    kept.delete()
    messages.success(request, f"Filtre supprimé : {name}.")
    return redirect("saved_filters")


def _read(query: str, membership: Membership, names: Vocabulary) -> ActivityFilter:
    return ActivityFilter(
        QueryDict(query[:LONGEST_ADDRESS]),
        membership=membership,
        today=timezone.localdate(),
        vocabulary=names,
    )


def _form(
    request: Request, form: SavedFilterForm, found: ActivityFilter, *, is_right: bool
) -> HttpResponse:
    context = {"form": form, "filter": found, "is_right": is_right}
    status = 422 if request.method == "POST" else 200
    return render(request, "saved_filters/form.html", context, status=status)
