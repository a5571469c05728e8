"""The frame as a file, and a new programme's first lists."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.base import in_force
from governance.conventions.schema import ConventionFileError
from governance.models import Act, Convention, record
from governance.rights import Right
from governance.setup import checklist
from governance.setup.proposals import proposed
from humanicite.lib import resume
from humanicite.lib.form_pages import form_page
from humanicite.lib.http import writes

from . import actions
from .conventions import dump
from .forms import ProposedForm


@writes(Right.EDIT_FRAME, confirm=False)
def export(request: Request) -> HttpResponse:
    """The frame of today as a convention file, which `load_convention` reads."""
    membership, today = request.membership, timezone.localdate()
    rows = Convention.objects.visible_to(membership).select_related("operator")
    convention = rows.filter(in_force(today)).first() or rows.order_by("-starts").first()
    if convention is None:
        messages.error(request, "Sans convention, il n’y a pas de cadre à écrire en fichier.")
        return redirect("frame")
    try:
        text = dump(membership.programme, convention, today)
    except ConventionFileError as error:
        messages.error(request, f"Le cadre ne tient pas encore dans un fichier : {error}")
        return redirect("frame")
    record(Act.PRODUCE, convention, by=membership, programme=membership.programme_id)
    answer = HttpResponse(text, content_type="application/toml; charset=utf-8")
    name = f"{membership.programme.slug}-{convention.slug}.toml"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@writes(Right.EDIT_FRAME)
def lists(request: Request) -> HttpResponse:
    """Axes, themes and audiences to begin with, all ticked."""
    found = proposed()
    form = ProposedForm(resume.data_of(request), lists=found)
    here = checklist.ROUTES.index("setup_framework") + 1
    return form_page(
        request,
        form,
        save=lambda seen: actions.take_proposed(
            lists=found, by=request.membership, **form.cleaned_data
        ),
        said="Les listes sont enregistrées ; elles se modifient dans Paramètres.",
        back=checklist.next_to("setup_framework"),
        template="setup/form.html",
        context={
            "title": "Axes et thématiques",
            "above": f"Mise en place, étape {here} sur {len(checklist.ROUTES)}",
            "back": reverse("setup"),
            "skip": checklist.next_to("setup_framework"),
            "intro": "Une proposition, celle de la convention de 2019. Ce qui existe déjà ne change pas.",
        },
    )
