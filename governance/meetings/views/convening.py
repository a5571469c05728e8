"""What leaves, shown before it does: the convocation, what changed, the cancellation."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.actions import convening as actions
from governance.meetings.actions.telling import tell_changes
from governance.meetings.emails import Letter
from governance.meetings.forms import CancelForm
from governance.meetings.invitees import expected
from governance.meetings.models import Invitation, MailKind, Meeting
from governance.meetings.papers import items_of, total_minutes
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import is_day_off
from humanicite.lib.http import writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict
from humanicite.templatetags.french import plural

from .settled import settled

OVERTAKEN = "Cette séance a changé entre-temps : relisez, puis confirmez."


@writes(Right.CONVENE, of=Meeting)
def convene(request: Request, meeting: Meeting) -> HttpResponse:
    """The check page: to whom, with what, and who has no address; one press sends."""
    if meeting.has_ended or meeting.is_convened:
        said = "Cette séance est déjà convoquée, ou n’a plus à l’être."
        return settled(request, meeting, said)
    status = 200
    if request.method == "POST":
        try:
            done = actions.convene(
                meeting=meeting,
                read_version=version_in(request.POST.get("version")),
                by=request.membership,
                now=timezone.now(),
            )
        except Conflict as conflict:
            if conflict.row is None or conflict.row.is_convened:
                return redirect("meeting", pk=meeting.pk)
            messages.warning(request, OVERTAKEN)
            meeting, status = conflict.row, 422
        except ValidationError as error:
            messages.error(request, error.messages[0])
            status = 422
        else:
            sent = done.invitations.exclude(email="").count()
            messages.success(
                request, f"Convoquée : {plural(sent, 'courriel part,courriels partent')}."
            )
            return redirect("meeting", pk=meeting.pk)
    return _check(request, meeting, status)


def _check(request: Request, meeting: Meeting, status: int) -> HttpResponse:
    guests = Invitation.objects.visible_to(request.membership).filter(
        meeting=meeting, is_guest=True
    )
    rows = [*expected(meeting), *guests.select_related("party")]
    for row in rows:
        row.meeting = meeting
    items = items_of(meeting)
    reached = [row for row in rows if row.email]
    context = {
        "meeting": meeting,
        "reached": reached,
        "unreached": [row for row in rows if not row.email],
        "items": items,
        "total": total_minutes(items),
        "room": meeting.minutes_long,
        "excess": max(0, total_minutes(items) - meeting.minutes_long),
        "subject": Letter(reached[0], MailKind.CONVOCATION).subject if reached else "",
        "is_past": meeting.begins() <= timezone.now(),
        "is_day_off": is_day_off(meeting.day),
        "has_confidential": any(item.is_confidential for item in items),
    }
    return render(request, "meetings/convene.html", context, status=status)


@writes(Right.CONVENE, of=Meeting, confirm=False)
def tell(request: Request, meeting: Meeting) -> HttpResponse:
    """« Prévenir les invités » of what was saved without telling."""
    count = 0
    if meeting.is_convened:
        count = tell_changes(meeting=meeting, by=request.membership, now=timezone.now())
    if count:
        messages.success(
            request,
            f"{plural(count, 'courriel partira,courriels partiront')} dans quelques minutes.",
        )
    else:
        messages.info(request, "Rien n’a changé depuis le dernier courriel.")
    return redirect("meeting", pk=meeting.pk)


@writes(Right.CONVENE, of=Meeting)
def cancel(request: Request, meeting: Meeting) -> HttpResponse:
    if meeting.has_ended:
        return settled(request, meeting, "Cette séance est déjà annulée, ou tenue.")
    form = CancelForm(resume.data_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_meeting(
                meeting=meeting,
                read_version=version_in(request.POST.get("version")),
                reason=form.cleaned_data["reason"],
                by=request.membership,
                now=timezone.now(),
            )
        except Conflict as conflict:
            if conflict.row is None or conflict.row.has_ended:
                return redirect("meeting", pk=meeting.pk)
            form.add_error(None, OVERTAKEN)
            meeting = conflict.row
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            messages.success(request, "Séance annulée : les invités sont prévenus.")
            return redirect("meeting", pk=meeting.pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "meetings/cancel.html", {"form": form, "meeting": meeting}, status=status
    )
