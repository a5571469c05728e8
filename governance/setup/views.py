"""Paramètres: the frame as the coordination changes it, and a new programme step by step."""

import hashlib
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.middleware import SESSION_KEY
from governance.access.models import Membership
from governance.access.requests import Request
from governance.base import current, in_force, is_current
from governance.committees.models import Committee
from governance.conventions.models import Convention
from governance.parties.models import Party
from governance.rights import Right
from governance.territory import outline
from governance.territory.actions import add_tree
from governance.territory.models import Place
from humanicite.lib import resume
from humanicite.lib.form_pages import form_page
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.writes import Done
from humanicite.templatetags.french import plural

from . import actions, checklist, forms


@reads(Right.EDIT_FRAME)
def frame(request: Request) -> HttpResponse:
    """Everything of the frame that can be changed, and how much of it there is."""
    found = checklist.counts(request.membership, timezone.localdate())
    left = [step for step in checklist.checklist(found) if not step.is_done]
    context = {"found": found, "left": left}
    return render(request, "setup/frame.html", context)


@writes(Right.CREATE_PROGRAMMES)
def create_programme(request: Request) -> HttpResponse:
    """Another programme of one's own operator; the reader goes on in it as its coordination."""
    form = forms.ProgrammeForm(resume.data_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            access = actions.create_programme(
                name=form.cleaned_data["name"], today=timezone.localdate(), by=request.membership
            )
        except Done as already:
            access = already.row
            messages.info(request, f"Ce dispositif existe déjà : {access.programme}.")
        except ValidationError as error:
            add_errors(form, error)
            access = None
        if access is not None:
            request.session[SESSION_KEY] = access.pk
            return redirect("setup")
    context = {
        "form": form,
        "seen": "",
        "title": "Nouveau dispositif",
        "above": "Paramètres",
        "back": reverse("frame"),
        "button": "Créer le dispositif",
        "intro": f"{request.membership.party.name} en est l’opérateur, et vous sa coordination. Vous "
        "passerez de l’un à l’autre par « Changer de dispositif ».",
    }
    status = 422 if form.errors else 200
    return render(request, "setup/form.html", context, status=status)


@reads(Right.EDIT_FRAME)
def setup(request: Request) -> HttpResponse:
    """The steps: what is there, what is missing, what comes next."""
    steps = checklist.checklist(checklist.counts(request.membership, timezone.localdate()))
    left = [step for step in steps if not step.is_done]
    return render(request, "setup/steps.html", {"steps": steps, "left": left})


def _step(route: str, title: str, **more: object) -> dict[str, Any]:
    """What a step's page shows around its form."""
    at = checklist.ROUTES.index(route) + 1
    return {
        "title": title,
        "above": f"Mise en place, étape {at} sur {len(checklist.ROUTES)}",
        "back": reverse("setup"),
        "skip": checklist.next_to(route),
        **more,
    }


@writes(Right.EDIT_FRAME)
def parties(request: Request) -> HttpResponse:
    """One party after the other, until « Étape suivante »."""
    membership = request.membership
    form = forms.PartyForm(resume.data_of(request), by=membership)
    today = timezone.localdate()
    rows = list(Party.objects.visible_to(membership).order_by("pk"))
    shown = {
        "parties": [row for row in rows if is_current(row, today)],
        "retired": [row for row in rows if row.retired_on],
    }
    return form_page(
        request,
        form,
        save=lambda seen: actions.add_party(party=form.instance, by=membership),
        said="La partie est ajoutée ; ajoutez-en une autre, ou passez à l’étape suivante.",
        back=reverse("setup_parties"),
        template="setup/parties.html",
        context=_step("setup_parties", "Parties", button="Ajouter", **shown),
    )


@writes(Right.EDIT_FRAME, of=Party, confirm=False)
def restore_party(request: Request, party: Party) -> HttpResponse:
    actions.restore_party(party=party, by=request.membership)
    messages.success(request, f"Reprise : {party}.")
    return redirect("setup_parties")


@writes(Right.EDIT_FRAME)
def places(request: Request) -> HttpResponse:
    """The tree as a text, shown as it was understood before it is saved."""
    membership, today = request.membership, timezone.localdate()
    known = list(Place.objects.visible_to(membership).filter(current(today)).in_tree_order())
    text = outline.write(known)
    form = forms.PlacesForm(resume.data_of(request), initial={"text": text})
    context = _step("setup_places", "Lieux", preview=None, button="Voir l’arbre")
    if request.method == "POST" and form.is_valid():
        token = hashlib.sha256(form.cleaned_data["text"].encode()).hexdigest()[:16]
        if request.POST.get("confirmed") == token:
            try:
                made = add_tree(lines=form.lines, since=today, by=membership)
            except ValidationError as error:
                form.add_error("text", error)
            else:
                added = plural(made, "lieu est ajouté,lieux sont ajoutés")
                messages.success(request, f"{added}." if made else "Rien à ajouter.")
                return redirect(checklist.next_to("setup_places"))
        there = _paths(outline.read(text) if text else [])
        shown = zip(form.lines, _paths(form.lines), strict=True)
        preview = [(line, path not in there) for line, path in shown]
        context |= {
            "preview": preview,
            "fresh": sum(is_new for _, is_new in preview),
            "confirms": token,
            "button": "Enregistrer ces lieux",
        }
    status = 422 if form.errors else 200
    return render(
        request, "setup/places.html", {**context, "form": form, "seen": ""}, status=status
    )


def _paths(lines: list[outline.Line]) -> list[tuple[str, ...]]:
    """Each line with what contains it, without regard to capitals."""
    found: list[tuple[str, ...]] = []
    path: list[str] = []
    for line in lines:
        path = [*path[: line.depth], line.name.casefold()]
        found.append(tuple(path))
    return found


@writes(Right.EDIT_FRAME)
def perimeters(request: Request) -> HttpResponse:
    """One place for each party that has none; what is finer is on the perimeter's own page."""
    membership, today = request.membership, timezone.localdate()
    offered = Party.objects.visible_to(membership).filter(current(today))
    rows = list(offered.select_related("perimeter").order_by("pk"))
    without = [row for row in rows if not hasattr(row, "perimeter")]
    form = forms.PerimetersForm(
        resume.data_of(request), parties=without, by=membership, today=today
    )
    return form_page(
        request,
        form,
        save=lambda seen: actions.first_perimeters(
            places=form.places(), since=form.cleaned_data["since"], by=membership
        ),
        said="Les périmètres sont enregistrés.",
        back=checklist.next_to("setup_perimeters"),
        template="setup/form.html",
        context=_step(
            "setup_perimeters",
            "Périmètres",
            intro="Chaque partie lit le travail du lieu choisi et de tout ce qu’il contient. Plusieurs "
            "lieux, ou un changement plus tard : Paramètres, Périmètres.",
        )
        if without
        else _step("setup_perimeters", "Périmètres", intro="Chaque partie a son périmètre."),
    )


@writes(Right.EDIT_FRAME)
def convention(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    form = forms.FirstConventionForm(
        resume.data_of(request), operator=membership.party, today=today
    )
    known = Convention.objects.visible_to(membership).order_by("starts")
    return form_page(
        request,
        form,
        save=lambda seen: actions.add_convention(convention=form.instance, by=membership),
        said="La convention est enregistrée.",
        back=checklist.next_to("setup_convention"),
        template="setup/form.html",
        context=_step(
            "setup_convention",
            "Convention",
            intro=f"Déjà là : {', '.join(str(row) for row in known)}." if known else "",
        ),
    )


@writes(Right.EDIT_FRAME)
def committees(request: Request) -> HttpResponse:
    """Committees from the proposed list, with a seat « à désigner » for each party."""
    membership, today = request.membership, timezone.localdate()
    known = {row.name for row in Committee.objects.visible_to(membership)}
    form = forms.CommitteesForm(
        resume.data_of(request),
        known=known,
        by=membership,
        since=_first_day(membership, today),
        today=today,
    )

    def save(seen: str) -> None:
        typed = form.cleaned_data
        actions.propose_committees(
            tables=[form.tables[slug] for slug in typed["committees"]],
            parties=typed["parties"],
            since=typed["since"],
            by=membership,
        )

    return form_page(
        request,
        form,
        save=save,
        said="Les instances sont enregistrées, leurs sièges sont à désigner.",
        back=checklist.next_to("setup_committees"),
        template="setup/form.html",
        context=_step(
            "setup_committees",
            "Instances et sièges",
            intro=f"Déjà là : {', '.join(sorted(known))}." if known else "",
        ),
    )


def _first_day(membership: Membership, today: date) -> date:
    """The first day of the convention in force, otherwise today."""
    row = Convention.objects.visible_to(membership).filter(in_force(today)).first()
    return row.starts if row is not None else today


@reads(Right.EDIT_FRAME)
def access(request: Request) -> HttpResponse:
    """Who may come in so far, and the page that invites."""
    rows = (
        Membership.objects.visible_to(request.membership)
        .filter(in_force(timezone.localdate()))
        .select_related("party", "user")
        .order_by("party__name", "role", "pk")
    )
    return render(request, "setup/access.html", _step("setup_access", "Accès", accesses=rows))
