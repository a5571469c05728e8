"""Who is invited beside the members, and what somebody answered."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.base import in_force
from governance.committees.models import Seat
from governance.contacts.models import Contact
from governance.meetings.actions import answers, convening
from governance.meetings.actions import guests as actions
from governance.meetings.actions.drafts import ENDED
from governance.meetings.forms import AnswerForm, GuestForm
from governance.meetings.models import Invitation, Meeting
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors
from humanicite.lib.http import writes

from .settled import settled


@writes(Right.CONVENE, of=Meeting)
def guests(request: Request, meeting: Meeting) -> HttpResponse:
    """Guests as the agenda requires (R54, R62–R66)."""
    membership = request.membership
    if meeting.has_ended:
        return settled(request, meeting, ENDED)
    seats = Seat.objects.visible_to(membership).filter(
        in_force(meeting.day), committee=meeting.committee_id, on_agenda=True
    )
    contacts = Contact.objects.visible_to(membership).filter(in_force(meeting.day))
    form = GuestForm(
        resume.data_of(request),
        seats={row.pk: row for row in seats.select_related("party")},
        contacts={row.pk: row for row in contacts.select_related("party")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            row = actions.add_guest(invitation=form.invitation(meeting), by=membership)
        except ValidationError as error:
            add_errors(form, error)
        else:
            sent = " La convocation part à l’instant." if _sent(row, request) else ""
            messages.success(request, f"Invité : {row}.{sent}")
            return redirect("meeting_guests", pk=meeting.pk)
    rows = Invitation.objects.visible_to(membership).filter(meeting=meeting, is_guest=True)
    context = {
        "meeting": meeting,
        "form": form,
        "guests": rows.select_related("party"),
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/guests.html", context, status=status)


def _sent(row: Invitation, request: Request) -> bool:
    """A guest of a meeting that is convened already has the convocation at once."""
    return convening.convene_one(invitation=row, by=request.membership, now=timezone.now())


@writes(Right.CONVENE, of=Invitation, confirm=False)
def remove(request: Request, invitation: Invitation) -> HttpResponse:
    try:
        actions.remove_guest(invitation=invitation, by=request.membership)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, f"N’est plus invité : {invitation}.")
    return redirect("meeting_guests", pk=invitation.meeting_id)


@writes(Right.CONVENE, of=Invitation, confirm=False)
def convene(request: Request, invitation: Invitation) -> HttpResponse:
    """The convocation, to somebody who had none."""
    if _sent(invitation, request):
        messages.success(request, f"La convocation part : {invitation}.")
    else:
        messages.info(request, "Rien à envoyer : déjà convoqué, ou sans adresse.")
    return redirect("meeting", pk=invitation.meeting_id)


@writes(Right.READ_MEETINGS, of=Invitation)
def answer(request: Request, invitation: Invitation) -> HttpResponse:
    """The answer of one's own party; the coordination notes one that it was told."""
    membership = request.membership
    if not answers.may_answer(invitation, membership):
        raise PermissionDenied
    now = timezone.now()
    if not invitation.meeting.takes_answers(now):
        return settled(request, invitation.meeting, answers.CLOSED)
    initial = {"answer": invitation.answer, "represented_by": invitation.represented_by}
    form = AnswerForm(resume.data_of(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            answers.answer_invitation(
                invitation=invitation, by=membership, now=now, **form.cleaned_data
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Réponse enregistrée. Elle peut changer jusqu’à la séance.")
            return redirect("meeting", pk=invitation.meeting_id)
    context = {"form": form, "invitation": invitation, "meeting": invitation.meeting}
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/answer.html", context, status=status)
