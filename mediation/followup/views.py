"""What the follow-up leaves to the coordination: who is to be called, what goes to the committee."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Contact
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import working_days_between
from humanicite.lib.form_pages import form_page
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import plural
from mediation.signalements import delays
from mediation.signalements.models.recipients import Recipient
from mediation.signalements.models.signalements import Signalement

from . import pace, steps
from .actions import list_for_committee, record_call
from .forms import AnswerDaysForm, CallForm, ReminderDaysForm


@reads(Right.ESCALATE_SIGNALEMENTS)
def to_call(request: Request) -> HttpResponse:
    membership = request.membership
    calls = steps.calls(membership.programme_id)
    signalements = sum(len(call.recipients) for call in calls)
    context = {"calls": calls, "signalements": signalements, "today": timezone.localdate()}
    return render(request, "followup/calls.html", context)


@writes(Right.ESCALATE_SIGNALEMENTS, of=Contact)
def called(request: Request, contact: Contact) -> HttpResponse:
    """What was said to somebody on the phone; answers count like those by mail (R71)."""
    membership = request.membership
    rows = list(steps.to_call(membership.programme_id).filter(contact=contact))
    call = steps.Call(contact, rows)
    data = resume.data_of(request)
    form = CallForm(data, call=call, today=timezone.localdate())
    if request.method == "POST" and not rows:
        messages.info(request, "Cet appel est déjà noté, ou n’est plus à passer.")
        return redirect("signalements_to_call")
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            closed = record_call(
                recipients=[row for row in rows if str(row.pk) in said["signalements"]],
                uid=said["uid"],
                note=said["note"],
                reply=said["reply"],
                promised_on=said["promised_on"],
                redirect_to=said["redirect_to"],
                by=membership,
                now=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            about = plural(closed, "signalement,signalements")
            messages.success(request, f"Appel noté : {contact}, {about}.")
            return redirect("signalements_to_call")
    context = {"call": call, "contact": contact, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "followup/called.html", context, status=status)


@reads(Right.ESCALATE_SIGNALEMENTS)
def for_committee(request: Request) -> HttpResponse:
    """Signalements whose silence, or whose refusal, is proposed to the next committee, to be copied."""
    membership = request.membership
    today = timezone.localdate()
    rows = [(row, _silence(row, today)) for row in steps.for_committee(membership.programme_id)]
    refused = list(steps.refused(membership.programme_id))
    lines = [_line(row.signalement, f"{row.party}, {said}") for row, said in rows]
    lines += [_line(signalement, "refusé par ses destinataires") for signalement in refused]
    context = {
        "rows": rows,
        "refused": refused,
        "text": "\n".join(lines),
        "lines": len(lines),
        "taken_off": steps.for_committee(membership.programme_id, taken_off=True),
    }
    return render(request, "followup/committee.html", context)


@writes(Right.ESCALATE_SIGNALEMENTS, of=Recipient, confirm=False)
def list_or_not(request: Request, recipient: Recipient) -> HttpResponse:
    """One press takes a line off the committee's list, another puts it back."""
    listed = "remettre" in request.POST
    done = list_for_committee(
        recipient=recipient, listed=listed, by=request.membership, now=timezone.now()
    )
    said = "remis sur la liste" if listed else "retiré de la liste"
    messages.success(
        request, f"{recipient.signalement.reference} : {'' if done else 'déjà '}{said}."
    )
    return redirect("signalements_for_committee")


def _silence(row: Recipient, today: date) -> str:
    """« sans réponse depuis 16 jours ouvrés », « sans suite depuis … » for who gave a sign."""
    since = steps.waiting_since(row)
    days = working_days_between(since, today) if since else 0
    said = "sans réponse" if steps.is_silent(row) else "sans suite"
    return f"{said} depuis {plural(days, 'jour ouvré,jours ouvrés')}" if days else said


def _line(signalement: Signalement, why: str) -> str:
    """As an agenda may read it: of a confidential signalement nothing but its number."""
    what = (
        "signalement confidentiel"
        if signalement.is_confidential
        else f"{signalement.title} ({signalement.place})"
    )
    return f"{signalement.reference} : {what}. {why[0].upper()}{why[1:]}."


@writes(Right.EDIT_FRAME)
def answer_days(request: Request) -> HttpResponse:
    """Within how many working days an answer is expected, by urgency (R72, R85)."""
    membership = request.membership
    days = delays.answer_days(membership.programme_id)
    form = AnswerDaysForm(resume.data_of(request), days=days)
    return form_page(
        request,
        form,
        save=lambda seen: delays.set_answer_days(days=form.days(), seen=seen, by=membership),
        said="Les délais de réponse sont enregistrés.",
        back=reverse("frame"),
        template="setup/form.html",
        context={
            "title": "Délais de réponse",
            "above": "Paramètres",
            "back": reverse("frame"),
            "intro": "En combien de jours ouvrés une réponse est attendue. Ce qui est déjà parti garde "
            "son échéance.",
        },
        shown=str(days),
    )


@writes(Right.EDIT_FRAME)
def reminder_days(request: Request) -> HttpResponse:
    """After how many working days without an answer each step is taken (R72, R85)."""
    membership = request.membership
    days = pace.days_of(membership.programme_id)
    form = ReminderDaysForm(resume.data_of(request), days=days)
    return form_page(
        request,
        form,
        save=lambda seen: pace.set_days(
            ordinary=form.days("ordinary"), urgent=form.days("urgent"), seen=seen, by=membership
        ),
        said="Les jours de relance sont enregistrés.",
        back=reverse("frame"),
        template="followup/reminder_days.html",
        context={},
        shown=str(days),
    )
