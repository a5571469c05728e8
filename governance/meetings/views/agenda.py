"""The agenda of a meeting: its points, their order, and what is proposed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.actions import agenda as actions
from governance.meetings.actions.drafts import ENDED
from governance.meetings.forms import ItemForm, parties_of
from governance.meetings.models import AgendaItem, DeclinedProposal, Meeting
from governance.meetings.papers import agenda_filename, agenda_pdf, items_of, total_minutes
from governance.meetings.proposals import proposals_for
from governance.meetings.readers import items_for
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.params import version_in
from humanicite.lib.pdf import PdfUnavailable
from humanicite.lib.writes import Conflict, Done

from .settled import settled


@writes(Right.CONVENE, of=Meeting)
def agenda(request: Request, meeting: Meeting) -> HttpResponse:
    """Its points in order, a form for one more, and the proposals."""
    membership = request.membership
    if meeting.has_ended:
        return settled(request, meeting, ENDED)
    item = AgendaItem(meeting=meeting)
    form = ItemForm(
        resume.data_of(request), instance=item, parties=parties_of(membership, meeting.day)
    )
    if request.method == "POST" and form.is_valid():
        form.instance.uid = form.cleaned_data["uid"]
        try:
            actions.add_item(item=form.instance, by=membership)
        except Done:
            return redirect("meeting_agenda", pk=meeting.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Ajouté : « {form.instance.title} ».")
            return redirect("meeting_agenda", pk=meeting.pk)
    items = items_of(meeting)
    total = total_minutes(items)
    context = {
        "meeting": meeting,
        "items": items,
        "total": total,
        "room": meeting.minutes_long,
        "excess": max(0, total - meeting.minutes_long),
        "form": form,
        "proposals": proposals_for(meeting, membership, timezone.localdate()),
        "declined": DeclinedProposal.objects.filter(meeting=meeting).count(),
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/agenda.html", context, status=status)


@writes(Right.CONVENE, of=Meeting, confirm=False)
def settle(request: Request, meeting: Meeting) -> HttpResponse:
    """One tap: a proposal is accepted or declined; those declined are proposed again."""
    by, today = request.membership, timezone.localdate()
    try:
        if "reproposer" in request.POST:
            actions.take_back(meeting=meeting, by=by)
        elif source := request.POST.get("retenir", ""):
            item = actions.accept_proposal(meeting=meeting, source=source, by=by, today=today)
            said = f"À l’ordre du jour : « {item.title} »." if item else GONE
            messages.success(request, said) if item else messages.info(request, said)
        elif source := request.POST.get("ecarter", ""):
            row = actions.decline_proposal(meeting=meeting, source=source, by=by, today=today)
            messages.info(request, "Écarté de cette séance." if row else GONE)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("meeting_agenda", pk=meeting.pk)


GONE = "Cette proposition est déjà traitée, ou n’est plus d’actualité."


@writes(Right.CONVENE, of=AgendaItem)
def edit_item(request: Request, item: AgendaItem) -> HttpResponse:
    typed = resume.typed_over(request, item)
    parties = parties_of(request.membership, item.meeting.day, item.owner_id)
    form = ItemForm(typed.data, instance=item, parties=parties)
    changed, version = None, typed.version
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_item(
                item=form.instance,
                read_version=typed.version,
                fields=[name for name in form.changed_data if name not in ("uid", "keep_personal")],
                by=request.membership,
            )
        except Conflict as conflict:
            if conflict.row is None:
                messages.warning(request, "Ce point a été retiré entre-temps.")
                return redirect("meeting_agenda", pk=item.meeting_id)
            changed, version = conflict.row, conflict.row.version
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Point enregistré.")
            return redirect("meeting_agenda", pk=item.meeting_id)
    elif typed.is_overtaken:
        changed, version = AgendaItem.objects.get(pk=item.pk), item.version
    context: dict[str, object] = {
        "form": form,
        "item": item,
        "changed": changed,
        "version": version,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/item.html", context, status=status)


@writes(Right.CONVENE, of=AgendaItem, confirm=False)
def move(request: Request, item: AgendaItem) -> HttpResponse:
    try:
        actions.move_item(item=item, up="monter" in request.POST, by=request.membership)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("meeting_agenda", pk=item.meeting_id)


@writes(Right.CONVENE, of=AgendaItem, confirm=False)
def remove(request: Request, item: AgendaItem) -> HttpResponse:
    try:
        actions.remove_item(
            item=item,
            read_version=version_in(request.POST.get("version")),
            by=request.membership,
        )
    except Conflict:
        messages.warning(request, "Ce point a changé entre-temps : le voici tel qu’il est.")
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, f"Retiré : « {item.title} ».")
    return redirect("meeting_agenda", pk=item.meeting_id)


@reads(Right.READ_MEETINGS, of=Meeting)
def paper(request: Request, meeting: Meeting) -> HttpResponse:
    return pdf_of(request, meeting, items_for(request.membership, meeting))


def pdf_of(request: Any, meeting: Meeting, items: list[AgendaItem]) -> HttpResponse:
    try:
        content = agenda_pdf(meeting, items)
    except PdfUnavailable:
        return render(request, "pdf_unavailable.html", status=503)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{agenda_filename(meeting)}"'
    return response
