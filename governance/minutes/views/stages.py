"""Submitting, approving, correcting: each asks first, each tells what is missing."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.models import Meeting
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import writes
from humanicite.lib.pdf import PdfUnavailable
from humanicite.lib.writes import Conflict

from ..actions import stages
from ..checks import problems, warnings
from ..content import points_of
from ..forms import ApproveForm, Doers, SubmitForm, saved_entry, typed_entry
from ..models import Minutes, Observation
from ..papers import draw

TRIES = 3  # a drawing that somebody's change overtook is made again


def _asked(
    request: Request, meeting: Meeting, form: Any, name: str, status: int = 200
) -> HttpResponse:
    items = points_of(meeting)
    missing = problems(meeting, items)
    listed = {one.text for one in missing}  # with their links: not said twice
    faults = [
        (f"id_{field}" if field != "__all__" else "", text)
        for field, found in form.errors.items()
        for text in found
        if text not in listed
    ]
    context = {
        "meeting": meeting,
        "form": form,
        "faults": faults,
        "problems": missing,
        "warnings": warnings(meeting, items),
        "last": Minutes.objects.filter(meeting=meeting).first(),
    }
    return render(request, f"minutes/{name}.html", context, status=status)


def _refuse(form: Any, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, found in error.error_dict.items():
        form.add_error(name if name in form.fields else None, found)


@writes(Right.WRITE_MINUTES, of=Meeting)
def submit(request: Request, meeting: Meeting) -> HttpResponse:
    now = timezone.now()
    initial = {"until": timezone.localdate(now) + timedelta(days=7)}
    form = SubmitForm(resume.data_of(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            sent = stages.submit_minutes(
                meeting=meeting,
                until=said["until"],
                keeps_names=said["keeps_names"],
                by=request.membership,
                now=now,
            )
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, f"Projet envoyé à {sent} destinataire(s).")
            return redirect("minutes_write", pk=meeting.pk)
    return _asked(request, meeting, form, "submit", 422 if form.errors else 200)


@writes(Right.CONVENE, of=Meeting)
def approve(request: Request, meeting: Meeting) -> HttpResponse:
    form = ApproveForm(resume.data_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            row = _approve(request, meeting, keeps_names=form.cleaned_data["keeps_names"])
        except ValidationError as error:
            _refuse(form, error)
        except PdfUnavailable:
            return render(request, "pdf_unavailable.html", status=503)
        except Conflict:
            form.add_error(None, "Quelqu’un écrit en ce moment : réessayez dans un instant.")
        else:
            messages.success(request, "Compte rendu approuvé et diffusé.")
            return redirect("minutes", pk=row.pk)
    return _asked(request, meeting, form, "approve", 422 if form.errors else 200)


def _approve(request: Request, meeting: Meeting, *, keeps_names: bool) -> Minutes:
    for left in reversed(range(TRIES)):
        drawn = draw(stages.as_approved(meeting))  # before the transaction: it takes its time
        try:
            return stages.approve_minutes(
                meeting=meeting,
                drawn=drawn,
                by=request.membership,
                now=timezone.now(),
                keeps_names=keeps_names,
            )
        except Conflict:
            if not left:
                raise
    raise AssertionError("unreachable")


@writes(Right.WRITE_MINUTES, of=Observation, confirm=False)
def treat(request: Request, observation: Observation) -> HttpResponse:
    treated = request.POST.get("traitee") == "oui"
    stages.treat_observation(observation=observation, treated=treated, by=request.membership)
    meeting = observation.minutes.meeting_id
    return redirect(f"{reverse('minutes_write', args=[meeting])}#observations")


# --- Correction -----------------------------------------------------------------------------------
@writes(Right.CONVENE, of=Meeting)
def correct(request: Request, meeting: Meeting) -> HttpResponse:
    """All points on one page, and what the new version changes; nothing before the button."""
    last = Minutes.objects.filter(meeting=meeting).first()
    if last is None or not last.is_approved:
        return render(request, "minutes/too_early.html", {"meeting": meeting, "last": None})
    doers = Doers.of(request.membership, meeting.day)
    items = points_of(meeting)
    for item in items:
        item.meeting = meeting
    data = resume.data_of(request)
    if data is None:
        entries = [saved_entry(item, doers) for item in items]
        return _correction(request, meeting, last, entries, "", [])
    entries = [typed_entry(item, doers, _part(data, item)) for item in items]
    reason = str(data.get("reason", "")).strip()[:300]
    faults = [fault for entry in entries for fault in entry.errors]
    if not reason:
        faults.insert(0, ("id_reason", "Dites ce que cette version change, et pourquoi."))
    if request.method == "POST" and not faults:
        try:
            row = _correct(request, meeting, entries, reason)
        except ValidationError as error:
            faults = [("", text) for text in error.messages]
        except PdfUnavailable:
            return render(request, "pdf_unavailable.html", status=503)
        except Conflict:
            faults = [
                ("", "Ce compte rendu a été corrigé entre-temps : relisez-le, puis reprenez.")
            ]
        else:
            messages.success(request, f"Version {row.number} approuvée et diffusée.")
            return redirect("minutes", pk=row.pk)
    return _correction(request, meeting, last, entries, reason, faults)


def _part(data: Any, item: Any) -> dict[str, str]:
    """What was typed of one point: its fields bear its key."""
    mine = f"p{item.pk}-"
    return {name.removeprefix(mine): data[name] for name in data if name.startswith(mine)}


def _correct(request: Request, meeting: Meeting, entries: list[Any], reason: str) -> Minutes:
    said = {entry.item: (entry.version, entry.said) for entry in entries}
    by = request.membership
    drawn = draw(stages.as_corrected(meeting, said, reason, by))
    return stages.correct_minutes(
        meeting=meeting, corrections=said, reason=reason, drawn=drawn, by=by, now=timezone.now()
    )


def _correction(
    request: Request, meeting: Meeting, last: Minutes, entries: object, reason: str, faults: object
) -> HttpResponse:
    context = {
        "meeting": meeting,
        "last": last,
        "entries": entries,
        "reason": reason,
        "faults": faults,
    }
    return render(request, "minutes/correct.html", context, status=422 if faults else 200)
