"""Modèles: what a routine entry starts from; each person's own."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from mediation.activities.models import Activity
from mediation.frame.models import Frame

from . import habits
from .actions import MOST_PRESETS, move_preset, save_preset, set_preset_aside
from .forms import PresetForm
from .models import Preset


@reads(Right.LOG_ACTIVITIES)
def preset_list(request: Request) -> HttpResponse:
    """One's own in their order, and the suggested ones that are not taken up."""
    membership = request.membership
    frame = Frame(membership.programme_id)
    rows = habits.own(membership)
    names = {row.name for row in rows}
    context = {
        "own": [
            habits.of_preset(row, frame, timezone.localdate()) for row in rows if not row.is_hidden
        ],
        "suggested": [habit for habit in habits.suggested(frame) if habit.name not in names],
        "is_full": sum(not row.is_hidden for row in rows) >= MOST_PRESETS,
    }
    return render(request, "presets/list.html", context)


@writes(Right.LOG_ACTIVITIES)
def create(request: Request) -> HttpResponse:
    """From nothing, from a suggestion (its address), or from an activity (`?activite=`)."""
    membership = request.membership
    initial: dict[str, object] = {}
    if request.method == "GET":
        prefill = habits.Prefill.read(request.GET)
        key = request.GET.get("activite", "")
        rows = Activity.objects.visible_to(membership).select_related("place")
        source = rows.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 12 else None
        name = request.GET.get("nom", "")[:40]
        if source:
            met = source.head_counts.values_list("audience", flat=True).distinct()
            prefill = habits.Prefill.of(source, list(met))
            name = habits.name_for(source)
        initial = {"name": name} | prefill.initial(
            Frame(membership.programme_id), timezone.localdate()
        )
    return _form(request, Preset(), initial)


@writes(Right.LOG_ACTIVITIES, of=Preset)
def edit(request: Request, preset: Preset) -> HttpResponse:
    return _form(request, preset, {})


def _form(request: Request, preset: Preset, initial: dict[str, object]) -> HttpResponse:
    membership = request.membership
    if preset.pk and not preset.may_be_changed_by(membership):
        raise PermissionDenied
    form = PresetForm(
        resume.data_of(request),
        instance=preset,
        initial=initial,
        membership=membership,
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            is_saved = save_preset(
                preset=form.instance, audiences=form.cleaned_data["audiences"], by=membership
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if is_saved:
                messages.success(request, f"Modèle enregistré : {form.instance.name}.")
                return redirect("presets")
            form.add_error(None, f"{MOST_PRESETS} modèles au plus : supprimez-en un d’abord.")
    status = 422 if request.method == "POST" else 200
    return render(request, "presets/form.html", {"form": form, "preset": preset}, status=status)


@writes(Right.LOG_ACTIVITIES, of=Preset, confirm=False)
def delete(request: Request, preset: Preset) -> HttpResponse:
    if not preset.may_be_changed_by(request.membership):
        raise PermissionDenied
    name = preset.name
    preset.delete()
    messages.success(request, f"Modèle supprimé : {name}.")
    return redirect("presets")


@writes(Right.LOG_ACTIVITIES, of=Preset, confirm=False)
def move(request: Request, preset: Preset) -> HttpResponse:
    """One place up, or down with `vers=bas`."""
    move_preset(preset=preset, down=request.POST.get("vers") == "bas", by=request.membership)
    return redirect("presets")


@writes(Right.LOG_ACTIVITIES, of=Activity, confirm=False)
def decline(request: Request, activity: Activity) -> HttpResponse:
    """« Non merci »: entries like this one are not proposed as a modèle again."""
    set_preset_aside(activity=activity, by=request.membership)
    return redirect("today")
