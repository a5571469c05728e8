"""Roadmaps: the list, one of them by axis, what is planned and what became of it (R33, R34, R57)."""

import copy

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import MONTHS
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.pdf import PdfUnavailable
from humanicite.lib.writes import Conflict, Done
from mediation.frame.models import Frame

from . import actions
from .asides import asides_of
from .forms import PlannedActionForm, RoadmapForm, SettleForm, YearForm
from .models import PlannedAction, PlannedState, Roadmap
from .pdf import roadmap_pdf
from .progress import progress_of


@reads(Right.READ_FRAME)
def roadmaps(request: Request) -> HttpResponse:
    """Each year with its months, the newest first."""
    membership, today = request.membership, timezone.localdate()
    rows = list(Roadmap.objects.visible_to(membership).select_related("meeting__committee"))
    context = {
        "years": [
            (
                year,
                next((row for row in rows if row.year == year and row.is_yearly), None),
                [row for row in rows if row.year == year and not row.is_yearly],
            )
            for year in sorted({row.year for row in rows}, reverse=True)
        ],
        "plans": membership.may(Right.PLAN),
        "has_this_year": any(row.is_yearly and row.year == today.year for row in rows),
        "this_year": today.year,
    }
    return render(request, "roadmaps/list.html", context)


@writes(Right.PLAN)
def open_roadmap(request: Request) -> HttpResponse:
    today = timezone.localdate()
    form = YearForm(resume.data_of(request), today=today)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_year(year=form.cleaned_data["year"], by=request.membership)
        except Done as already:
            messages.info(request, f"La {str(already.row).lower()} est déjà ouverte.")
            return redirect("roadmap", already.row.pk)
        messages.success(request, f"La {str(made).lower()} est ouverte : ajoutez les actions.")
        return redirect("roadmap", made.pk)
    return render(request, "roadmaps/year_form.html", {"form": form})


@reads(Right.READ_FRAME, of=Roadmap)
def roadmap_page(request: Request, roadmap: Roadmap) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    others = Roadmap.objects.visible_to(membership).filter(year=roadmap.year)
    of_year = list(others.order_by("month"))
    made = {row.month for row in of_year}
    context = {
        "roadmap": roadmap,
        "progress": progress_of(roadmap, membership, today),
        "yearly": next((row for row in of_year if row.is_yearly), None),
        "months": [row for row in of_year if not row.is_yearly],
        "to_derive": [
            (number, name) for number, name in enumerate(MONTHS, 1) if number not in made
        ],
        "next_month": _next_to_derive(roadmap, made, today.year, today.month),
        "plans": membership.may(Right.PLAN),
        "logs": membership.may(Right.LOG_ACTIVITIES),
        "in_perimeter": not membership.is_operator,
        "asides": asides_of(roadmap, membership, today),
    }
    return render(request, "roadmaps/roadmap.html", context)


def _next_to_derive(
    roadmap: Roadmap, made: set[int | None], year: int, month: int
) -> tuple[int, str] | None:
    """The month that is planned next: this one, or the first after it that has no plan yet."""
    first = month if roadmap.year == year else 1
    found = next((number for number in range(first, 13) if number not in made), None)
    return (found, MONTHS[found - 1]) if found else None


@reads(Right.READ_FRAME, of=Roadmap)
def roadmap_file(request: Request, roadmap: Roadmap) -> HttpResponse:
    membership, now = request.membership, timezone.localtime()
    found = progress_of(roadmap, membership, now.date())
    scope = (
        "Tout le quartier"
        if membership.is_operator or membership.perimeter is None
        else str(membership.perimeter)
    )
    try:
        content = roadmap_pdf(found, membership.programme, scope, now)
    except PdfUnavailable as error:
        return render(request, "pdf_unavailable.html", {"reason": str(error)}, status=503)
    name = f"feuille-de-route-{roadmap.year}{f'-{roadmap.month:02d}' if roadmap.month else ''}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@writes(Right.PLAN, of=Roadmap)
def edit_roadmap(request: Request, roadmap: Roadmap) -> HttpResponse:
    membership = request.membership
    typed = resume.typed_over(request, roadmap)
    form = RoadmapForm(
        typed.data, roadmap=roadmap, membership=membership, today=timezone.localdate()
    )
    changed = roadmap if typed.is_overtaken else None
    version = roadmap.version if changed else typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_roadmap(
                roadmap=copy.copy(roadmap),
                read_version=typed.version,
                by=membership,
                **form.cleaned_data,
            )
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"La {str(roadmap).lower()} est enregistrée.")
            return redirect("roadmap", roadmap.pk)
    context = {"form": form, "roadmap": roadmap, "version": version, "changed": changed}
    return render(request, "roadmaps/roadmap_form.html", context)


@writes(Right.PLAN, of=Roadmap, confirm=False)
def derive(request: Request, roadmap: Roadmap) -> HttpResponse:
    """Makes the plan of a month of this year's roadmap."""
    text = request.POST.get("mois", "")
    month = int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0
    if not roadmap.is_yearly or not 1 <= month <= 12:
        messages.error(request, "Choisissez le mois à préparer.")
        return redirect("roadmap", roadmap.pk)
    try:
        made = actions.derive_month(yearly=roadmap, month=month, by=request.membership)
    except Done as already:
        messages.info(request, f"La {str(already.row).lower()} est déjà préparée.")
        return redirect("roadmap", already.row.pk)
    messages.success(request, f"La {str(made).lower()} est préparée : relisez-la.")
    return redirect("roadmap", made.pk)


@writes(Right.PLAN, of=Roadmap)
def plan(request: Request, roadmap: Roadmap) -> HttpResponse:
    action = PlannedAction(roadmap=roadmap)
    form = _action_form(request, action)
    if request.method == "POST" and form.is_valid():
        form.instance.uid = form.cleaned_data["uid"]
        try:
            actions.plan_action(action=form.instance, by=request.membership)
        except Done:
            return redirect("roadmap", roadmap.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"« {action} » est ajoutée.")
            return redirect("roadmap", roadmap.pk)
    context = {"form": form, "roadmap": roadmap, "action": None, "version": None}
    return render(request, "roadmaps/action_form.html", context)


@writes(Right.PLAN, of=PlannedAction)
def edit_action(request: Request, action: PlannedAction) -> HttpResponse:
    typed, saved = resume.typed_over(request, action), copy.copy(action)
    form = _action_form(request, action)
    changed = saved if typed.is_overtaken else None
    version = saved.version if changed else typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_action(
                action=form.instance,
                read_version=typed.version,
                by=request.membership,
                fields=form.changed,
            )
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"« {action} » est enregistrée.")
            return redirect("roadmap", action.roadmap_id)
    context = {
        "form": form,
        "roadmap": action.roadmap,
        "action": saved,
        "version": version,
        "changed": changed,
    }
    return render(request, "roadmaps/action_form.html", context)


def _action_form(request: Request, action: PlannedAction) -> PlannedActionForm:
    frame = Frame(request.membership.programme_id)
    data = resume.data_of(request)
    return PlannedActionForm(data, action=action, frame=frame, today=timezone.localdate())


@writes(Right.PLAN, of=PlannedAction)
def settle(request: Request, action: PlannedAction) -> HttpResponse:
    typed = resume.typed_over(request, action)
    initial = {"state": action.state, "reason": action.reason}
    form = SettleForm(typed.data, initial=initial)
    changed, version = None, typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.settle_action(
                action=action,
                read_version=typed.version,
                by=request.membership,
                **form.cleaned_data,
            )
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            said = PlannedState(action.state).label.lower()
            messages.success(request, f"« {action} » : {said}.")
            return redirect("roadmap", action.roadmap_id)
    context = {"form": form, "action": action, "version": version, "changed": changed}
    return render(request, "roadmaps/settle.html", context)
