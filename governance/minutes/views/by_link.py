"""Minutes by the link of a mail: read by who was asked, remarked on by who was there. No account, no
session; a GET changes nothing, a POST needs a person (humanicite.lib.human)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.meetings.models import Attendance, Invitation
from humanicite.lib import by_link as links
from humanicite.lib import human
from humanicite.lib.by_link import CONFIRM, LONGEST_TOKEN, unknown
from humanicite.lib.http import no_writes
from humanicite.lib.limits import Limit

from ..actions.stages import observe
from ..forms import ObservationForm
from ..links import invitation_of
from ..models import Minutes, MinutesStage
from ..readers import shown
from .reading import file_of

WRONG_LINKS = Limit("wrong links of minutes", 30, 60)  # from one address
SENDINGS = Limit("observations of a link", 30, 3600)
TOO_OFTEN = "Trop d’envois par ce lien : réessayez dans une heure. Votre saisie est conservée."


def _answer(view: Callable[..., HttpResponse], request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitation_of(token) if len(token) <= LONGEST_TOKEN else None
    minutes = _minutes(invitation)
    if invitation is None or minutes is None:
        return unknown(request, WRONG_LINKS)
    if request.method == "POST":
        return view(request, token, invitation, minutes)
    with no_writes():
        return view(request, token, invitation, minutes)


def _minutes(invitation: Invitation | None) -> Minutes | None:
    """The last version that was sent; who was not there reads what is approved only."""
    if invitation is None:
        return None
    rows = Minutes.objects.filter(meeting=invitation.meeting_id).exclude(stage=MinutesStage.DRAFT)
    if not _was_there(invitation):
        rows = rows.filter(stage=MinutesStage.APPROVED)
    return rows.select_related("meeting__committee__programme").first()


def _was_there(invitation: Invitation) -> bool:
    return invitation.attendance in (Attendance.PRESENT, Attendance.REPRESENTED)


_by_link = partial(
    links.by_link, "the signed link of a mail says who asks, for one meeting", _answer
)


@_by_link("GET", "HEAD", "POST")
def by_link(
    request: HttpRequest, token: str, invitation: Invitation, minutes: Minutes
) -> HttpResponse:
    is_human, ask = True, ""
    form = ObservationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        now = timezone.now()
        is_human = human.pressed(request, _subject(invitation), now)
        if form.is_valid() and is_human and not SENDINGS.take(str(invitation.pk)):
            form.add_error(None, TOO_OFTEN)
        elif form.is_valid() and is_human:
            try:
                observe(
                    minutes=minutes, invitation=invitation, text=form.cleaned_data["text"], now=now
                )
                return redirect("minutes_by_link", token=token)
            except ValidationError as error:
                form.add_error(None, error)
        ask = "" if is_human else CONFIRM
    return _page(request, token, invitation, minutes, form, ask)


def _subject(invitation: Invitation) -> str:
    return f"minutes {invitation.pk}"


def _page(
    request: HttpRequest,
    token: str,
    invitation: Invitation,
    minutes: Minutes,
    form: ObservationForm,
    ask: str,
) -> HttpResponse:
    today = timezone.localdate()
    until = minutes.observations_until
    context: dict[str, Any] = {
        "token": token,
        "invitation": invitation,
        "minutes": minutes,
        "meeting": minutes.meeting,
        "content": shown(minutes, whole=not invitation.is_guest),
        "may_observe": minutes.is_under_review and until is not None and today <= until,
        "mine": minutes.observations.filter(invitation=invitation),
        "form": form,
        "ask": ask,
        "faults": [
            (f"id_{name}" if name != "__all__" else "", text)
            for name, found in form.errors.items()
            for text in found
        ],
        **human.parts(request, _subject(invitation), timezone.now()),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "minutes/by_link.html", context, status=status)


@_by_link("GET", "HEAD")
def paper(
    request: HttpRequest, token: str, invitation: Invitation, minutes: Minutes
) -> HttpResponse:
    if not minutes.is_approved:
        return render(request, "components/link_unknown.html", status=404)
    return file_of(request, minutes, whole=not invitation.is_guest)
