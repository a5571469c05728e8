"""Indicators: the list, one of them with its history, its versions, values by hand (R52, R57)."""

import copy
import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance.access.requests import Request
from governance.models import Act, Axis, Coverage, Perimeter, record
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.exports import FORMATS
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict, Done
from mediation.frame.models import Frame
from reporting.asked import chosen_period
from reporting.figures.measures import MEASURES
from reporting.periods import Period

from . import actions, exports
from .catalogue import BY_KEY, READY
from .chart import trend_chart
from .filters import IndicatorFilter
from .forms import (
    DefinitionForm,
    ExplainForm,
    RetireForm,
    SettleForm,
    ValueForm,
    of_ready,
)
from .models import (
    Definition,
    DefinitionState,
    Explanation,
    HandValue,
    Indicator,
    IndicatorKind,
)
from .rows import rows_of
from .values import Result, former_targets, key_indicators, results

PAGE = 50


@reads(Right.READ_FIGURES)
def indicators(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    found = IndicatorFilter(request.GET, membership=membership, today=today)
    perimeter = found.perimeter
    rows = Indicator.objects.visible_to(membership).select_related(*Indicator.shown_with)
    page = page_of(found.narrow(rows).in_order(), request.GET.get("page"), PAGE)
    reads_rows = membership.may(Right.READ_OPERATOR_FIELDS)
    shown: list[Result] = []
    if perimeter is not None:
        shown = results(perimeter, page.rows, found.month, today, reads_rows=reads_rows)
        wanted = request.GET.get("_export", "")
        if wanted in FORMATS and shown:
            file = exports.of_list(shown, perimeter, wanted)
            return _file(request, file, f"indicateurs-{found.month.slug}.{wanted}", perimeter)
    context = {
        "filter": found,
        "tabs": found.tabs("etat"),
        "page": page,
        "perimeter": perimeter,
        "month": found.month,
        "lines": _lines(shown),
        "off": sum(one.now.is_off for one in shown),
        "may_define": membership.may(Right.DEFINE_INDICATORS),
    }
    return render(request, "indicators/list.html", context)


def _lines(shown: list[Result]) -> list[tuple[Result, Any]]:
    return [(one, trend_chart(one, width=120, height=36, is_small=True)) for one in shown]


@reads(Right.READ_FIGURES)
def key_page(request: Request) -> HttpResponse:
    """The key indicators of a perimeter and a period: what a dashboard's section opens on."""
    membership, today = request.membership, timezone.localdate()
    found = IndicatorFilter(request.GET, membership=membership, today=today)
    period = chosen_period(request.GET.get("periode"), today)
    reads_rows = membership.may(Right.READ_OPERATOR_FIELDS)
    shown = (
        key_indicators(found.perimeter, period, today, reads_rows=reads_rows)
        if found.perimeter
        else []
    )
    context = {"perimeter": found.perimeter, "period": period, "lines": _lines(shown)}
    return render(request, "indicators/key.html", context)


def _file(request: Request, file: Any, name: str, row: Any) -> HttpResponse:
    membership = request.membership
    record(
        Act.PRODUCE, row, by=membership, programme=membership.programme_id,
        fields=[name.rpartition(".")[2].upper(), "indicateurs"],
    )  # fmt: skip
    kind = FORMATS[name.rpartition(".")[2]]
    answer: Any = FileResponse(file, as_attachment=True, filename=name, content_type=kind)
    return answer


@reads(Right.READ_FIGURES, of=Indicator)
def indicator_page(request: Request, indicator: Indicator) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    found = IndicatorFilter(request.GET, membership=membership, today=today)
    perimeter = found.perimeter
    reads_rows = membership.may(Right.READ_OPERATOR_FIELDS)
    may_define = membership.may(Right.DEFINE_INDICATORS)
    result: Result | None = None
    if perimeter is not None:
        of_it = results(
            perimeter, [indicator], found.month, today, reads_rows=reads_rows, with_year=True
        )
        result = of_it[0] if of_it else None
    wanted = request.GET.get("_export", "")
    if result is not None and perimeter is not None and wanted in FORMATS:
        file = exports.of_one(result, perimeter, wanted)
        return _file(request, file, f"{slugify(str(indicator))}.{wanted}", indicator)
    versions = list(
        Definition.objects.visible_to(membership)
        .filter(indicator=indicator)
        .select_related(*Definition.shown_with, "serves__axis", "meeting__committee")
        .order_by("-number")
    )
    context = {
        "indicator": indicator,
        "definition": indicator.current,
        "filter": found,
        "perimeters": list(found.perimeters.values()),
        "perimeter": perimeter,
        "month": found.month,
        "result": result,
        "chart": trend_chart(result) if result else None,
        "points": _points(result, perimeter, today, reads_rows=reads_rows),
        "versions": versions,
        "waiting": next((row for row in versions if row.state == DefinitionState.PROPOSED), None),
        "former": _former(result),
        "may_define": may_define,
    }
    return render(request, "indicators/indicator.html", context)


def _points(
    result: Result | None, perimeter: Perimeter | None, today: date, *, reads_rows: bool
) -> list[tuple[Any, list[tuple[str, str]]]]:
    """Each period with the lists of its rows, the newest first."""
    if result is None or perimeter is None:
        return []
    return [
        (point, rows_of(point, perimeter, today, reads_rows=reads_rows))
        for point in reversed(result.points)
    ]


def _former(result: Result | None) -> list[tuple[str, Definition, Definition]]:
    if result is None:
        return []
    return [(old.target_said, old, new) for old, new in former_targets(result)]


# --- Definitions ----------------------------------------------------------------------------------


@reads(Right.DEFINE_INDICATORS)
def catalogue(request: Request) -> HttpResponse:
    groups = [
        (kind.label, [(one, MEASURES[one.measure]) for one in READY if one.kind == kind])
        for kind in IndicatorKind
    ]
    taken = set(
        Indicator.objects.visible_to(request.membership)
        .followed()
        .values_list("current__name", flat=True)
    )
    return render(request, "indicators/catalogue.html", {"groups": groups, "taken": taken})


def _definition_form(
    request: Request, definition: Definition, uid: uuid.UUID, *, is_first: bool
) -> DefinitionForm:
    membership = request.membership
    frame = Frame(membership.programme_id)
    axes = {row.pk: row for row in Axis.objects.of_programme(membership.programme_id)}
    return DefinitionForm(
        resume.data_of(request), definition=definition, frame=frame, axes=axes,
        today=timezone.localdate(), uid=uid, is_first=is_first,
    )  # fmt: skip


def _own_function(request: Request) -> str:
    membership = request.membership
    return membership.function or membership.user.function or membership.get_role_display()


@writes(Right.DEFINE_INDICATORS)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    ready = BY_KEY.get(request.GET.get("modele", ""))
    definition = of_ready(ready, Frame(membership.programme_id)) if ready else Definition()
    definition.proposed_by = _own_function(request)
    form = _definition_form(request, definition, uuid.uuid4(), is_first=True)
    if request.method == "POST" and form.is_valid():
        new = Indicator(uid=form.cleaned_data["uid"])
        try:
            actions.create(
                indicator=new, definition=form.instance, today=timezone.localdate(), by=membership
            )
        except Done as already:
            messages.info(request, "Déjà enregistré.")
            return redirect("indicator", already.row.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"« {new} » est proposé : une séance reste à le valider.")
            return redirect("indicator", new.pk)
    context = {"form": form, "indicator": None, "version": "", "measures": MEASURES.values()}
    return _page(request, "indicators/form.html", context)


@writes(Right.DEFINE_INDICATORS, of=Indicator)
def propose(request: Request, indicator: Indicator) -> HttpResponse:
    """Another version; or the one that waits, changed."""
    membership, typed = request.membership, resume.typed_over(request, indicator)
    waiting = (
        indicator.definitions.filter(state=DefinitionState.PROPOSED)
        .select_related(*Definition.shown_with)
        .first()
    )
    definition = copy.copy(waiting or indicator.current)
    if definition is None:
        raise Http404
    if waiting is None:
        definition.change, definition.proposed_by = "", _own_function(request)
    form = _definition_form(
        request, definition, indicator.uid, is_first=waiting is not None and waiting.number == 1
    )
    changed = indicator if typed.is_overtaken else None
    version = indicator.version if changed else typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.propose(
                indicator=indicator, definition=form.instance, read_version=typed.version,
                today=timezone.localdate(), by=membership, fields=form.changed_data,
            )  # fmt: skip
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
            # The first write of the action is undone with it: what was read still stands.
            version = typed.version
        else:
            messages.success(request, "La version est proposée : une séance reste à la valider.")
            return redirect("indicator", indicator.pk)
    context = {
        "form": form, "indicator": indicator, "version": version, "changed": changed,
        "waiting": waiting, "measures": MEASURES.values(),
    }  # fmt: skip
    return _page(request, "indicators/form.html", context)


def _page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)


@writes(Right.DEFINE_INDICATORS, of=Indicator)
def settle(request: Request, indicator: Indicator) -> HttpResponse:
    typed, today = resume.typed_over(request, indicator), timezone.localdate()
    form = SettleForm(typed.data, membership=request.membership, today=today)
    changed = indicator if typed.is_overtaken else None
    version = indicator.version if changed else typed.version
    waiting = indicator.definitions.filter(state=DefinitionState.PROPOSED).first()
    if waiting is None:
        return _page(request, "indicators/settle.html", {"indicator": indicator, "waiting": None})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            settled = actions.settle(
                indicator=indicator, state=given["state"], meeting=given["meeting"],
                on=given["on"], read_version=typed.version, by=request.membership,
            )  # fmt: skip
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            said = settled.get_state_display().lower()
            messages.success(request, f"Version {settled.number} : {said}.")
            return redirect("indicator", indicator.pk)
    context = {
        "form": form, "indicator": indicator, "version": version, "changed": changed,
        "waiting": waiting,
    }  # fmt: skip
    return _page(request, "indicators/settle.html", context)


@writes(Right.DEFINE_INDICATORS, of=Indicator)
def retire(request: Request, indicator: Indicator) -> HttpResponse:
    typed = resume.typed_over(request, indicator)
    form = RetireForm(typed.data)
    changed = indicator if typed.is_overtaken else None
    version = indicator.version if changed else typed.version
    if indicator.is_retired:
        messages.info(request, "Cet indicateur est déjà retiré.")
        return redirect("indicator", indicator.pk)
    if request.method == "POST" and form.is_valid():
        try:
            actions.retire(
                indicator=indicator, on=timezone.localdate(), reason=form.cleaned_data["reason"],
                read_version=typed.version, by=request.membership,
            )  # fmt: skip
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"« {indicator} » est retiré. Ses valeurs restent lisibles.")
            return redirect("indicator", indicator.pk)
    context = {"form": form, "indicator": indicator, "version": version, "changed": changed}
    return _page(request, "indicators/retire.html", context)


@writes(Right.DEFINE_INDICATORS, of=Indicator, confirm=False)
def take_up(request: Request, indicator: Indicator) -> HttpResponse:
    try:
        actions.retire(
            indicator=indicator, on=None, reason="", read_version=indicator.version,
            by=request.membership,
        )  # fmt: skip
    except Conflict:
        messages.info(request, "Cet indicateur vient d’être modifié : relisez-le.")
    else:
        messages.success(request, f"« {indicator} » est de nouveau suivi.")
    return redirect("indicator", indicator.pk)


# --- Values by hand -------------------------------------------------------------------------------


def _value_form(request: Request, indicator: Indicator, row: HandValue | None) -> ValueForm:
    definition = indicator.current
    if definition is None or not definition.by_hand:
        raise PermissionDenied  # what is counted is not typed
    membership = request.membership
    # A value of a place describes who holds it, and nobody else reads it.
    holding = Coverage.objects.filter(place=indicator.place_id).values("perimeter")
    perimeters = Perimeter.objects.visible_to(membership).filter(pk__in=holding)
    return ValueForm(
        resume.data_of(request), definition=definition,
        perimeters={one.pk: one for one in perimeters.select_related("party")}, row=row,
        programme_id=membership.programme_id, today=timezone.localdate(),
    )  # fmt: skip


def _fill(row: HandValue, form: ValueForm) -> HandValue:
    for name in actions.ENTERED:
        if name in form.cleaned_data:
            setattr(row, name, form.cleaned_data[name])
    return row


@writes(Right.DEFINE_INDICATORS, of=Indicator)
def enter_value(request: Request, indicator: Indicator) -> HttpResponse:
    form = _value_form(request, indicator, None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.enter(
                indicator=indicator, perimeters=form.cleaned_data["perimeters"],
                value=_fill(HandValue(indicator=indicator), form), today=timezone.localdate(),
                by=request.membership,
            )  # fmt: skip
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "La valeur est enregistrée.")
            return redirect("indicator", indicator.pk)
    context = {"form": form, "indicator": indicator, "row": None, "version": ""}
    return _page(request, "indicators/value.html", context)


@writes(Right.DEFINE_INDICATORS, of=HandValue)
def correct_value(request: Request, row: HandValue) -> HttpResponse:
    typed, saved = resume.typed_over(request, row), copy.copy(row)
    form = _value_form(request, row.indicator, row)
    changed = saved if typed.is_overtaken else None
    version = saved.version if changed else typed.version
    if request.method == "POST" and form.is_valid():
        kept = row.uid
        _fill(row, form)
        row.uid = kept
        try:
            actions.correct(
                row=row, read_version=typed.version, today=timezone.localdate(),
                by=request.membership, fields=form.changed_data,
            )  # fmt: skip
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, "La valeur est corrigée ; l’ancienne reste dans l’historique."
            )
            return redirect("indicator", row.indicator_id)
    context = {
        "form": form, "indicator": row.indicator, "row": saved, "version": version,
        "changed": changed,
    }  # fmt: skip
    return _page(request, "indicators/value.html", context)


@writes(Right.DEFINE_INDICATORS, of=Indicator)
def explain(request: Request, indicator: Indicator) -> HttpResponse:
    """« Écart expliqué » of the period and the perimeter that the address names."""
    membership, today = request.membership, timezone.localdate()
    found = IndicatorFilter(request.GET, membership=membership, today=today)
    perimeter, definition = found.perimeter, indicator.current
    try:
        period = Period.parse(request.GET.get("periode", ""))
    except ValueError:
        period = Period.holding(definition.period if definition else "mois", today).previous
    if perimeter is None or definition is None or period.kind != definition.period:
        raise Http404
    row = Explanation.objects.filter(
        indicator=indicator, perimeter=perimeter, period=period.slug
    ).first()
    data = resume.data_of(request)
    form = ExplainForm(data, initial={"text": row.text if row else ""})
    version = version_in(data.get("version")) if data else (row.version if row else 0)
    changed = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.explain(
                indicator=indicator, perimeter=perimeter, period=period,
                text=form.cleaned_data["text"], read_version=version, today=today, by=membership,
            )  # fmt: skip
        except Conflict as conflict:
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"L’écart {period.of_label} est expliqué.")
            page = reverse("indicator", args=[indicator.pk])
            return redirect(f"{page}?perimetre={perimeter.pk}")
    of_it = results(perimeter, [indicator], Period.holding("mois", period.last), today,
                    reads_rows=True)  # fmt: skip
    point = next((one for one in of_it[0].points if one.period == period), None) if of_it else None
    context = {
        "form": form, "indicator": indicator, "perimeter": perimeter, "period": period,
        "point": point, "version": version, "changed": changed,
    }  # fmt: skip
    return _page(request, "indicators/explain.html", context)
