"""One meeting: its page, made and changed."""

import copy
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.base import current
from governance.committees.models import Committee
from governance.meetings.actions import drafts
from governance.meetings.actions.telling import untold
from governance.meetings.emails import held_until
from governance.meetings.forms import MeetingForm
from governance.meetings.links import link_token
from governance.meetings.models import Invitation, InvitationAnswer, Meeting, MeetingState
from governance.meetings.papers import total_minutes
from governance.meetings.readers import items_for, own_invitations
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import long_day
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.params import number_in, version_in
from humanicite.lib.writes import Conflict, Done

from .settled import settled


@reads(Right.READ_MEETINGS, of=Meeting)
def meeting(request: Request, meeting: Meeting) -> HttpResponse:
    membership = request.membership
    now = timezone.now()
    rows = Invitation.objects.visible_to(membership).filter(meeting=meeting)
    invitations = list(rows.select_related("party", "seat"))
    items = items_for(membership, meeting)
    may_convene = membership.may(Right.CONVENE)
    own = own_invitations(membership, invitations) if not membership.is_operator else []
    context = {
        "meeting": meeting,
        "items": items,
        "total": total_minutes(items),
        "room": meeting.minutes_long,
        "members": [row for row in invitations if not row.is_guest],
        "guests": [row for row in invitations if row.is_guest],
        "counts": counts_of(invitations),
        "own": [(row, reverse("meeting_invited", args=[link_token(row)])) for row in own],
        "may_convene": may_convene,
        "takes_answers": meeting.takes_answers(now),
        "slots": list(meeting.slots.all()) if meeting.is_polled else [],
        "changes": untold(meeting) if may_convene else [],
        "held_until": held_until(meeting, now) if may_convene and meeting.is_convened else None,
        # By name: the minutes stand above the meetings (R57–R59).
        "minutes": meeting.minutes.visible_to(membership).exclude(stage="draft").first(),
        "writes_minutes": membership.may(Right.WRITE_MINUTES)
        and meeting.state in (MeetingState.CONVENED, MeetingState.HELD)
        and meeting.day <= timezone.localdate(now),
        "is_past": meeting.begins() <= now,
    }
    return render(request, "meetings/meeting.html", context)


def counts_of(invitations: list[Invitation]) -> list[tuple[str, int]]:
    """How many are present, excused, represented; how many said nothing."""
    labels = {
        InvitationAnswer.PRESENT: "présent,présents",
        InvitationAnswer.EXCUSED: "excusé,excusés",
        InvitationAnswer.REPRESENTED: "représenté,représentés",
        InvitationAnswer.NONE: "sans réponse,sans réponse",
    }
    return [
        (label, sum(row.answer == answer for row in invitations))
        for answer, label in labels.items()
    ]


@writes(Right.CONVENE)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    form = _form(request, Meeting(), resume.data_of(request))
    if request.method == "POST" and form.is_valid():
        form.instance.uid = form.cleaned_data["uid"]
        try:
            row = drafts.create_meeting(meeting=form.instance, by=membership)
        except Done as already:
            messages.info(request, "Cette séance était déjà enregistrée.")
            return redirect("meeting", pk=already.row.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Séance préparée : {long_day(row.day)}. Rien n’est envoyé.")
            return redirect("meeting", pk=row.pk)
    return _page(request, form, None)


# Long for the ways in which a change may end.
@writes(Right.CONVENE, of=Meeting)
def edit(request: Request, meeting: Meeting) -> HttpResponse:
    """« Enregistrer » tells nobody; « Enregistrer et prévenir » tells what changed."""
    if meeting.has_ended:
        return settled(request, meeting, drafts.ENDED)
    typed = resume.typed_over(request, meeting)
    saved = copy.copy(meeting)
    form = _form(request, meeting, typed.data)
    if request.method == "POST" and form.is_valid():
        notify = "prevenir" in request.POST
        try:
            drafts.change_meeting(
                meeting=form.instance,
                read_version=typed.version,
                fields=[name for name in form.changed_data if name in form.Meta.fields],
                notify=notify,
                by=request.membership,
                now=timezone.now(),
            )
        except Conflict as conflict:
            if conflict.row is None:
                messages.warning(request, "Cette séance a été supprimée entre-temps.")
                return redirect("committees")
            return _page(request, form, conflict.row, changed=conflict.row)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, _said(saved, notify))
            return redirect("meeting", pk=meeting.pk)
    elif typed.is_overtaken:
        return _page(request, form, saved, changed=saved)
    return _page(request, form, saved, version=typed.version)


def _said(meeting: Meeting, notify: bool) -> str:
    if not meeting.is_convened:
        return "Enregistré. Rien n’est envoyé."
    if notify:
        return "Enregistré. Les invités seront prévenus dans quelques minutes."
    return "Enregistré. Personne n’est prévenu pour l’instant."


@writes(Right.CONVENE, of=Meeting)
def delete(request: Request, meeting: Meeting) -> HttpResponse:
    """Asks, then removes a draft that nobody was told of."""
    if request.method == "POST":
        try:
            drafts.delete_draft(
                meeting=meeting,
                read_version=version_in(request.POST.get("version")),
                by=request.membership,
            )
        except Conflict:
            messages.warning(request, "Cette séance a changé entre-temps : la voici.")
            return redirect("meeting", pk=meeting.pk)
        except ValidationError as error:
            messages.warning(request, error.messages[0])
            return redirect("meeting", pk=meeting.pk)
        messages.success(request, "Brouillon supprimé.")
        return redirect("committees")
    return render(request, "meetings/delete.html", {"meeting": meeting})


def _form(request: Request, row: Meeting, data: QueryDict | None) -> MeetingForm:
    membership = request.membership
    today = timezone.localdate()
    kept = row.committee_id if row.pk else None
    found = Committee.objects.visible_to(membership).filter(current(today, kept))
    committees = {committee.pk: committee for committee in found.prefetch_related("seats")}
    wanted = committees.get(number_in(request.GET.get("instance")))

    def others(day: date) -> list[Meeting]:
        rows = Meeting.objects.visible_to(membership).filter(day=day).exclude(pk=row.pk)
        rows = rows.exclude(state=MeetingState.CANCELLED)
        return list(rows.select_related("committee").prefetch_related("invitations__party"))

    initial = {} if row.pk or wanted is None else {"committee": wanted.pk}
    return MeetingForm(
        data, instance=row, committees=committees, today=today, others=others, initial=initial
    )


def _page(
    request: Request,
    form: MeetingForm,
    row: Meeting | None,
    *,
    version: int | None = None,
    changed: Meeting | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "meeting": row,
        "version": changed.version if changed else version,
        "changed": changed,
        "differing": _differing(changed, form) if changed else [],
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/form.html", context, status=status)


def _differing(saved: Meeting, form: MeetingForm) -> list[tuple[Any, Any, Any]]:
    """(label, as saved, as typed)."""
    if not form.is_valid():
        return []
    return [
        (form.fields[name].label, getattr(saved, name), form.cleaned_data.get(name))
        for name in form.Meta.fields
        if str(getattr(saved, name) or "") != str(form.cleaned_data.get(name) or "")
    ]
