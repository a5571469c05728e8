"""Recommendations: the list that is followed from month to month, and what became of each (R79)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors, target
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.writes import Conflict, Done

from . import actions
from .filters import RecommendationFilter
from .forms import AnswerForm, RecommendationForm
from .models import Recommendation

PAGE = 25


@reads(Right.READ_RECOMMENDATIONS)
def recommendations(request: Request) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    found = RecommendationFilter(request.GET, membership=membership, today=today)
    rows = Recommendation.objects.visible_to(membership)
    shown = found.narrow(rows).select_related("party").prefetch_related("themes", "places")
    page = page_of(shown, request.GET.get("page"), PAGE)
    context = {
        "filter": found,
        "tabs": found.tabs("etat"),
        "page": page,
        "rows": [
            (
                row,
                membership.may(Right.ANSWER_RECOMMENDATIONS)
                and not row.is_draft
                and (membership.is_operator or row.party_id == membership.party_id),
            )
            for row in page.rows
        ],
        "may_write": membership.may(Right.WRITE_RECOMMENDATIONS),
    }
    return render(request, "recommendations/list.html", context)


@writes(Right.WRITE_RECOMMENDATIONS)
def create(request: Request) -> HttpResponse:
    form = _form(request, None)
    if request.method == "POST" and form.is_valid():
        new = form.instance
        new.uid = form.cleaned_data["uid"]
        try:
            actions.issue(recommendation=new, by=request.membership, **_linked(form))
        except Done:
            messages.info(request, "Déjà enregistrée.")
            return redirect("recommendations")
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Enregistrée. Elle paraîtra avec la prochaine synthèse.")
            return redirect("recommendations")
    return _page(request, form, None)


@writes(Right.WRITE_RECOMMENDATIONS, of=Recommendation)
def edit(request: Request, row: Recommendation) -> HttpResponse:
    if not row.is_draft:
        raise PermissionDenied  # what parties read receives an answer, and is no longer changed
    typed = resume.typed_over(request, row)
    form = _form(request, row)
    changed, version = typed.is_overtaken, typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.change(
                recommendation=form.instance,
                read_version=version,
                by=request.membership,
                fields=form.changed_data,
                **_linked(form),
            )
        except Conflict as now:
            if now.row is None:
                return redirect("recommendations")
            changed, version = True, now.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Modifiée.")
            return redirect("recommendations")
    return _page(request, form, row, version=version, changed=changed)


def _linked(form: RecommendationForm) -> dict[str, Any]:
    return {
        "themes": list(form.cleaned_data["themes"]),
        "places": list(form.cleaned_data["places"]),
    }


def _form(request: Request, row: Recommendation | None) -> RecommendationForm:
    return RecommendationForm(
        resume.data_of(request),
        instance=row,
        membership=request.membership,
        today=timezone.localdate(),
    )


def _faults(form: Any) -> list[tuple[str, str]]:
    return [
        (target(form[name]) if name in form.fields else "", text)
        for name, errors in form.errors.items()
        for text in errors
    ]


def _page(
    request: Request,
    form: RecommendationForm,
    row: Recommendation | None,
    *,
    version: int = 0,
    changed: bool = False,
) -> HttpResponse:
    saved = Recommendation.objects.select_related("party").get(pk=row.pk) if row else None
    context = {
        "form": form,
        "row": saved,
        "version": version,
        "changed": changed,
        "faults": _faults(form),
        "action": reverse("recommendation_edit", args=[row.pk])
        if row
        else reverse("recommendation_new"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "recommendations/form.html", context, status=status)


@writes(Right.ANSWER_RECOMMENDATIONS, of=Recommendation)
def answer(request: Request, row: Recommendation) -> HttpResponse:
    """Accepted, refused or done: said by the party itself, or by who heard it."""
    today, typed = timezone.localdate(), resume.typed_over(request, row)
    if row.is_draft or not (
        request.membership.is_operator or row.party_id == request.membership.party_id
    ):
        raise PermissionDenied
    form = AnswerForm(typed.data, recommendation=row, today=today)
    version, changed = typed.version, typed.is_overtaken
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.answer(
                recommendation=row, state=given["state"], text=given["answer"], on=given["on"],
                read_version=version, by=request.membership,
            )  # fmt: skip
        except Conflict as now:
            if now.row is None or now.row.state == given["state"]:
                messages.info(request, "Déjà enregistré.")
                return redirect("recommendations")
            row, version, changed = now.row, now.row.version, True
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, f"Suite enregistrée\u00a0: {row.get_state_display().lower()}."
            )
            return redirect("recommendations")
    context = {
        "row": row,
        "form": form,
        "version": version,
        "changed": changed,
        "faults": _faults(form),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "recommendations/answer.html", context, status=status)
