"""Pages on which themes, audiences, axes and objectives are changed (R8, R13, R14, R77)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.base import is_current
from governance.journal.changes import fingerprint
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.form_pages import form_page
from humanicite.lib.http import reads, writes

from . import actions
from .forms import AudienceForm, AxisForm, EntryForm, ObjectiveForm, ThemeForm
from .models import Audience, Axis, Objective, Theme

FORMS: dict[type, type[EntryForm]] = {
    Theme: ThemeForm, Audience: AudienceForm, Axis: AxisForm, Objective: ObjectiveForm,
}  # fmt: skip
# model → (list, what it is called there, a new one, a changed one, route that retires)
PAGES: dict[type, tuple[str, str, str, str, str]] = {
    Theme: ("themes", "Thématiques", "Ajouter une thématique", "Modifier une thématique",
            "theme_retire"),
    Audience: ("audiences", "Publics", "Ajouter un public", "Modifier un public",
               "audience_retire"),
    Axis: ("axes", "Axes et objectifs", "Ajouter un axe", "Modifier un axe", "axis_retire"),
    Objective: ("axes", "Axes et objectifs", "Ajouter un objectif", "Modifier un objectif",
                "objective_retire"),
}  # fmt: skip


@reads(Right.EDIT_FRAME)
def themes(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = Theme.objects.visible_to(request.membership).select_related("objective__axis")
    ordered = actions.by_group(list(rows.order_by("rank", "pk")))
    context = {
        "themes": [row for row in ordered if is_current(row, today)],
        "retired": [row for row in ordered if row.retired_on],
    }
    return render(request, "framework/themes.html", context)


@reads(Right.EDIT_FRAME)
def audiences(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = list(Audience.objects.visible_to(request.membership).order_by("rank", "pk"))
    context = {
        "audiences": [row for row in rows if is_current(row, today)],
        "retired": [row for row in rows if row.retired_on],
    }
    return render(request, "framework/audiences.html", context)


@reads(Right.EDIT_FRAME)
def axes(request: Request) -> HttpResponse:
    today = timezone.localdate()
    rows = Axis.objects.visible_to(request.membership).prefetch_related("objectives")
    shown = [
        (axis, [row for row in axis.objectives.all() if is_current(row, today)])
        for axis in rows
        if is_current(axis, today)
    ]
    retired: list[object] = []
    for axis in rows:
        if axis.retired_on:
            retired.append(("axis_restore", axis))
        retired += [("objective_restore", row) for row in axis.objectives.all() if row.retired_on]
    return render(request, "framework/axes.html", {"axes": shown, "retired": retired})


def _create(model: type, initial: str = "") -> Callable[[Request], HttpResponse]:
    """The page that adds an entry; `initial` is a field that the address may fill."""

    @writes(Right.EDIT_FRAME)
    def page(request: Request) -> HttpResponse:
        form = FORMS[model](
            resume.data_of(request),
            by=request.membership,
            today=timezone.localdate(),
            initial={initial: request.GET.get("dans", "")} if initial else {},
        )
        list_route, above, title, _, _ = PAGES[model]
        return form_page(
            request,
            form,
            save=lambda seen: actions.add_entry(entry=form.instance, by=request.membership),
            said="C’est ajouté.",
            back=reverse(list_route),
            template="setup/form.html",
            context={"title": title, "above": above, "back": reverse(list_route)},
        )

    return page


def _edit(model: type) -> Callable[..., HttpResponse]:
    @writes(Right.EDIT_FRAME, of=model)
    def page(request: Request, entry: Any) -> HttpResponse:
        shown = fingerprint(entry, actions.SHOWN[model])
        form = FORMS[model](
            resume.data_of(request),
            instance=entry,
            by=request.membership,
            today=timezone.localdate(),
        )
        list_route, above, _, title, retires = PAGES[model]
        return form_page(
            request,
            form,
            save=lambda seen: actions.change_entry(
                entry=form.instance, seen=seen, changed=form.changed_data, by=request.membership
            ),
            said="C’est enregistré.",
            back=reverse(list_route),
            template="setup/form.html",
            context={
                "title": title,
                "above": above,
                "back": reverse(list_route),
                "retire": "" if entry.retired_on else reverse(retires, args=[entry.pk]),
            },
            shown=shown,
        )

    return page


def _restore(model: type) -> Callable[..., HttpResponse]:
    @writes(Right.EDIT_FRAME, of=model, confirm=False)
    def page(request: Request, entry: Any) -> HttpResponse:
        try:
            actions.restore_entry(entry=entry, by=request.membership)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"Repris : {entry}.")
        return redirect(PAGES[model][0])

    return page


def _shift(model: type, *, up: bool) -> Callable[..., HttpResponse]:
    @writes(Right.EDIT_FRAME, of=model, confirm=False)
    def page(request: Request, entry: Any) -> HttpResponse:
        actions.shift(entry=entry, up=up, by=request.membership)
        return redirect(PAGES[model][0])

    return page


def _shift_group(*, up: bool) -> Callable[..., HttpResponse]:
    """Moves the group of the theme that the address names."""

    @writes(Right.EDIT_FRAME, of=Theme, confirm=False)
    def page(request: Request, theme: Theme) -> HttpResponse:
        actions.shift_group(group=theme.group, up=up, by=request.membership)
        return redirect("themes")

    return page


theme_new, theme_edit, theme_restore = _create(Theme, "group"), _edit(Theme), _restore(Theme)
theme_up, theme_down = _shift(Theme, up=True), _shift(Theme, up=False)
group_up, group_down = _shift_group(up=True), _shift_group(up=False)
audience_new, audience_edit = _create(Audience), _edit(Audience)
audience_restore = _restore(Audience)
audience_up, audience_down = _shift(Audience, up=True), _shift(Audience, up=False)
axis_new, axis_edit, axis_restore = _create(Axis), _edit(Axis), _restore(Axis)
objective_new, objective_edit = _create(Objective, "axis"), _edit(Objective)
objective_restore = _restore(Objective)
