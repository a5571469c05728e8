"""The programme's places: the tree, and one place of it (R5)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.base import is_current
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.form_pages import form_page
from humanicite.lib.http import reads, writes

from . import actions
from .forms import PlaceForm
from .models import Place


@reads(Right.EDIT_FRAME)
def places(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = list(Place.objects.visible_to(request.membership).in_tree_order())
    context = {
        "places": [row for row in rows if is_current(row, today)],
        "retired": [row for row in rows if row.retired_on],
    }
    return render(request, "territory/places.html", context)


@writes(Right.EDIT_FRAME)
def create_place(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    form = PlaceForm(
        resume.data_of(request),
        by=membership,
        today=today,
        initial={"parent": request.GET.get("dans", "")},
    )
    return form_page(
        request,
        form,
        save=lambda seen: actions.add_place(
            place=form.instance, since=form.cleaned_data.get("since", today), by=membership
        ),
        said="Le lieu est ajouté.",
        back=reverse("places"),
        template="setup/form.html",
        context={"title": "Ajouter un lieu", "above": "Lieux", "back": reverse("places")},
    )


@writes(Right.EDIT_FRAME, of=Place, confirm=False)
def restore_place(request: Request, place: Place) -> HttpResponse:
    try:
        actions.restore_place(place=place, by=request.membership)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"{place} est repris.")
    return redirect("places")
