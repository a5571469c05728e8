"""Changes of the frame whose effects on the work are told before they are confirmed (R5, R75)."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.framework import actions as framework
from governance.journal.changes import fingerprint
from governance.models import Audience, Axis, Coverage, Objective, Party, Perimeter, Place, Theme
from governance.rights import Right
from governance.setup.actions import retire_party
from governance.territory import actions as territory
from governance.territory.forms import PerimeterForm, PlaceForm
from humanicite.lib import resume
from humanicite.lib.form_pages import RetireForm, form_page
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import plural

from .actions import rename_group
from .forms import GroupForm
from .gains import rehearse
from .uses import uses


def _token(*parts: object) -> str:
    """What was confirmed: a form that is changed after that is told anew."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


# --- Perimeters ---------------------------------------------------------------------------------
@reads(Right.EDIT_FRAME)
def perimeters(request: Request) -> HttpResponse:
    """Each party's places today, and since when they changed."""
    membership = request.membership
    rows = Perimeter.objects.visible_to(membership).prefetch_related("places")
    by_party = {row.party_id: row for row in rows}
    changes: dict[int, set[date]] = {}
    coverage = Coverage.objects.visible_to(membership)
    for party, starts, ends in coverage.values_list(
        "perimeter__party", "starts", "ends"
    ).distinct():
        changes.setdefault(party, set()).add(starts)
        if ends:
            changes[party].add(ends + timedelta(days=1))
    parties = [
        (party, by_party.get(party.pk), sorted(changes.get(party.pk, ())))
        for party in Party.objects.visible_to(membership)
    ]
    return render(request, "effects/perimeters.html", {"parties": parties})


@writes(Right.EDIT_FRAME, of=Party)
def perimeter(request: Request, party: Party) -> HttpResponse:
    """Which places a party sees, from a day on; says what it gains and loses, then asks."""
    membership, today = request.membership, timezone.localdate()
    data = resume.data_of(request)
    row = Perimeter.objects.filter(party=party).first()
    shown = territory.perimeter_fingerprint(party)
    form = PerimeterForm(data, instance=row, party=party, by=membership, today=today)
    seen = shown if data is None else data.get("seen", "")
    context: dict[str, object] = {
        "title": f"Périmètre de {party.short_name}",
        "above": "Périmètres",
        "back": reverse("perimeters"),
        "gains": None,
    }
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        name, places, since = typed["name"], list(typed["places"]), typed["since"]
        token = _token(name, sorted(place.pk for place in places), since, seen)

        def change() -> None:
            territory.change_perimeter(
                party=party, name=name, places=places, since=since, seen=seen, by=membership
            )

        try:
            if request.POST.get("confirmed") == token:
                change()
                messages.success(request, f"Le périmètre de {party} est enregistré.")
                return redirect("perimeters")
            context |= {
                "gains": rehearse(change, membership.programme_id),
                "replaces": _last_change(party, since),
                "confirms": token,
                "button": "Confirmer",
            }
        except ValidationError as error:
            add_errors(form, error)
            seen = shown
    status = 422 if form.errors else 200
    return render(
        request, "setup/form.html", {**context, "form": form, "seen": seen}, status=status
    )


def _last_change(party: Party, since: date) -> date | None:
    """The last day after `since` on which the party's places changed, if any."""
    days: set[date] = set()
    rows = Coverage.objects.filter(perimeter__party=party)
    for starts, ends in rows.values_list("starts", "ends"):
        days.add(starts)
        if ends is not None:
            days.add(ends + timedelta(days=1))
    return max((day for day in days if day > since), default=None)


# --- Places ---------------------------------------------------------------------------------------
@writes(Right.EDIT_FRAME, of=Place)
def edit_place(request: Request, place: Place) -> HttpResponse:
    """Renames a place at once; moves it after saying what each party gains and loses."""
    membership, today = request.membership, timezone.localdate()
    data = resume.data_of(request)
    shown = fingerprint(place, territory.SHOWN)
    retire = ""
    if place.parent_id is not None and place.retired_on is None:
        retire = reverse("place_retire", args=[place.pk])
    form = PlaceForm(data, instance=place, by=membership, today=today)
    seen = shown if data is None else data.get("seen", "")
    context: dict[str, object] = {
        "title": "Modifier un lieu",
        "above": "Lieux",
        "back": reverse("places"),
        "gains": None,
        "retire": retire,
    }
    if request.method == "POST" and form.is_valid():
        since = form.cleaned_data.get("since", today)
        token = _token(form.instance.name, form.instance.parent_id, since, seen)

        def change() -> None:
            territory.change_place(
                place=form.instance,
                seen=seen,
                changed=form.changed_data,
                since=since,
                by=membership,
            )

        try:
            if "parent" not in form.changed_data or request.POST.get("confirmed") == token:
                change()
                messages.success(request, f"{form.instance} est enregistré.")
                return redirect("places")
            gains = rehearse(change, membership.programme_id)
            context |= {"gains": gains, "confirms": token, "button": "Confirmer"}
        except ValidationError as error:
            add_errors(form, error)
            seen = shown
    status = 422 if form.errors else 200
    return render(
        request, "setup/form.html", {**context, "form": form, "seen": seen}, status=status
    )


KEPT_BY_A_PARTY = "Ceci lui reste, jusqu’à ce que vous y mettiez fin sur sa propre page :"


# --- What is retired ------------------------------------------------------------------------------
def _retire(
    model: type[Model], route: str, above: str, retire: Callable[..., object]
) -> Callable[..., HttpResponse]:
    """The page that says what uses an entry, and retires it from a day on."""

    @writes(Right.EDIT_FRAME, of=model)
    def page(request: Request, entry: Any) -> HttpResponse:
        form = RetireForm(resume.data_of(request), today=timezone.localdate())
        found = uses(entry)
        return form_page(
            request,
            form,
            save=lambda seen: retire(entry, form.cleaned_data["on"], request.membership),
            said=f"Retiré : {entry}.",
            back=reverse(route),
            template="effects/retire.html",
            context={
                "entry": entry,
                "above": above,
                "back": reverse(route),
                "stopped": [use for use in found if use.stops],
                "kept": [use for use in found if not use.stops],
                "kept_said": KEPT_BY_A_PARTY if model is Party else "Ceci en garde le nom :",
            },
        )

    return page


def _place(row: Place, on: date, by: Any) -> object:
    return territory.retire_place(place=row, on=on, by=by)


def _entry(row: Any, on: date, by: Any) -> object:
    return framework.retire_entry(entry=row, on=on, by=by)


def _party(row: Party, on: date, by: Any) -> object:
    return retire_party(party=row, on=on, by=by)


retire_party_page = _retire(Party, "setup_parties", "Parties", _party)
retire_place = _retire(Place, "places", "Lieux", _place)
retire_theme = _retire(Theme, "themes", "Thématiques", _entry)
retire_audience = _retire(Audience, "audiences", "Publics", _entry)
retire_axis = _retire(Axis, "axes", "Axes et objectifs", _entry)
retire_objective = _retire(Objective, "axes", "Axes et objectifs", _entry)


@writes(Right.EDIT_FRAME, of=Theme)
def theme_group(request: Request, theme: Theme) -> HttpResponse:
    """Renames the group of a theme, with the rules that speak of it."""
    data = resume.data_of(request)
    form = GroupForm(data, initial={"name": theme.group})

    def save(seen: str) -> None:
        if seen != theme.group and form.cleaned_data["name"] != theme.group:
            raise ValidationError(
                f"Ce groupe s’appelle maintenant « {theme.group} » : enregistrez de nouveau pour le "
                "renommer quand même."
            )
        rules = rename_group(old=theme.group, new=form.cleaned_data["name"], by=request.membership)
        if rules:
            messages.info(request, f"{plural(rules, 'règle d’envoi suit,règles d’envoi suivent')}.")

    return form_page(
        request,
        form,
        save=save,
        said="Le groupe est renommé.",
        back=reverse("themes"),
        template="setup/form.html",
        context={
            "title": "Renommer un groupe",
            "above": "Thématiques",
            "back": reverse("themes"),
            "intro": "Les thématiques du groupe et les règles d’envoi qui en parlent suivent. Le nom "
            "d’un autre groupe les réunit.",
        },
        shown=theme.group,
    )
