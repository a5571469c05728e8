"""What an invited function reads and answers by the link of a mail, without an account: the papers of
that meeting and nothing else (R54, R62–R66). Reading changes nothing."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.meetings import calendar
from governance.meetings.actions import answers
from governance.meetings.actions import slots as slot_actions
from governance.meetings.emails import link
from governance.meetings.forms import AnswerForm
from governance.meetings.links import invitation_of
from governance.meetings.models import (
    Invitation,
    InvitationAnswer,
    SlotAnswer,
    has_approved_minutes,
)
from governance.meetings.papers import items_of, total_minutes
from governance.minutes.links import minutes_link
from humanicite.lib import human
from humanicite.lib.by_link import CONFIRM, LONGEST_TOKEN, busy, by_link, unknown
from humanicite.lib.forms import add_errors, target
from humanicite.lib.http import no_writes
from humanicite.lib.limits import Limit

from .agenda import pdf_of
from .feeds import ics

WRONG_LINKS = Limit("wrong links of meetings", 30, 60)  # from one address
SENDINGS = Limit("forms of a meeting’s link", 60, 60)


def _opened(view: Callable[..., HttpResponse], request: HttpRequest, token: str) -> HttpResponse:
    invitation, holds = None, False
    if len(token) <= LONGEST_TOKEN:
        invitation, holds = invitation_of(token, timezone.localdate())
    if invitation is None:
        return unknown(request, WRONG_LINKS)
    if not holds:
        return render(request, "meetings/void.html", {"invitation": invitation}, status=410)
    if request.method == "POST":
        if not SENDINGS.take(str(invitation.pk)):
            return busy(request, SENDINGS)
        return view(request, token, invitation)
    with no_writes():
        return view(request, token, invitation)


_by_link = partial(by_link, "the signed link of a mail says who asks, for one meeting", _opened)


@_by_link("GET", "HEAD", "POST")
def invited(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    """The meeting, its agenda, and the answer; or the dates that are proposed."""
    if invitation.meeting.is_polled:
        return _poll(request, token, invitation)
    now = timezone.now()
    initial = {"answer": invitation.answer, "represented_by": invitation.represented_by}
    if request.GET.get("choix", "") in InvitationAnswer.values and request.GET.get("choix"):
        initial["answer"] = request.GET["choix"]
    form = AnswerForm(request.POST if request.method == "POST" else None, initial=initial)
    ask, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and not human.pressed(request, _subject(invitation), now):
            ask = CONFIRM
        elif form.is_valid():
            try:
                answers.answer_invitation(
                    invitation=invitation, by=None, now=now, **form.cleaned_data
                )
            except ValidationError as error:
                add_errors(form, error)
            else:
                return redirect("meeting_invited", token=token)
    return _page(request, token, invitation, {"form": form, "ask": ask}, status)


def _poll(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    now = timezone.now()
    slots = list(invitation.meeting.slots.all())
    given = dict(SlotAnswer.objects.filter(invitation=invitation).values_list("slot", "suits"))
    ask, faults, status = "", [], 200
    if request.method == "POST":
        status = 422
        chosen = {slot.pk: request.POST.get(f"slot-{slot.pk}", "") for slot in slots}
        given = {key: value == "oui" for key, value in chosen.items() if value}
        missing = [slot for slot in slots if chosen[slot.pk] not in ("oui", "non")]
        if missing:
            faults = [(f"slot-{slot.pk}-oui", f"Répondez pour le {slot}.") for slot in missing]
        elif not human.pressed(request, _subject(invitation), now):
            ask = CONFIRM
        else:
            try:
                slot_actions.answer_slots(
                    invitation=invitation,
                    suits={key: value == "oui" for key, value in chosen.items()},
                    by=None,
                    now=now,
                )
            except ValidationError as error:
                faults = [("", error.messages[0])]
            else:
                return redirect("meeting_invited", token=token)
    lines = [(slot, given.get(slot.pk)) for slot in slots]
    context = {"lines": lines, "ask": ask, "faults": faults, "has_answered": bool(given)}
    return _page(request, token, invitation, context, status)


def _page(
    request: HttpRequest, token: str, invitation: Invitation, extra: dict[str, Any], status: int
) -> HttpResponse:
    meeting = invitation.meeting
    form = extra.get("form")
    items = [] if meeting.is_draft else items_of(meeting, for_guest=invitation.is_guest)
    context = {
        "token": token,
        "invitation": invitation,
        "meeting": meeting,
        "items": items,
        "total": total_minutes(items),
        "takes_answers": meeting.takes_answers(timezone.now()),
        "minutes": minutes_link(invitation) if has_approved_minutes(meeting.pk) else "",
        "faults": extra.get("faults") or (_faults(form) if form is not None else []),
        **{key: value for key, value in extra.items() if key != "faults"},
        **human.parts(request, _subject(invitation), timezone.now()),
    }
    return render(request, "meetings/invited.html", context, status=status)


def _faults(form: AnswerForm) -> list[tuple[str, str]]:
    if not form.is_bound:
        return []
    found = [("", str(message)) for message in form.non_field_errors()]
    return found + [(target(bound), str(error)) for bound in form for error in bound.errors]


@_by_link("GET", "HEAD")
def paper(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    meeting = invitation.meeting
    if meeting.is_draft or meeting.is_polled:
        return render(request, "components/link_unknown.html", status=404)
    return pdf_of(request, meeting, items_of(meeting, for_guest=invitation.is_guest))


@_by_link("GET", "HEAD")
def calendar_file(request: HttpRequest, token: str, invitation: Invitation) -> HttpResponse:
    meeting = invitation.meeting
    if meeting.is_draft or meeting.is_polled:
        return render(request, "components/link_unknown.html", status=404)
    content = calendar.meeting_file(meeting, now=timezone.now(), url=link(invitation))
    return ics(content, f"seance-{meeting.day}.ics")


def _subject(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}"
