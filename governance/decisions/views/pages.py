"""A decision, traced from its meeting to what came of it; an action, and what became of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.models import Meeting
from governance.rights import OPERATOR_ROLES, Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict

from ..actions import may_settle, postpone_action, settle_action
from ..forms import PostponeForm, SettleForm
from ..models import ActionItem, ActionState, Decision
from ..proofs import proofs_of
from ..reach import addressee, reachable

OVERTAKEN = "Cette action a été modifiée entre-temps : la voici telle qu’elle est."


@reads(Right.READ_MEETINGS, of=Decision)
def decision(request: Request, row: Decision) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    actions = ActionItem.objects.visible_to(membership).filter(item=row.item_id)
    context = {
        "decision": row,
        "actions": [
            (one, one.is_late(today), proofs_of(one, membership))
            for one in actions.select_related("party", "contact")
        ],
        "before": row.item.carried_from,
        "minutes": _minutes(row.item.meeting, membership),
    }
    return render(request, "decisions/decision.html", context)


def _minutes(meeting: Meeting, membership: Any) -> Any:
    """The last approved version that the reader may open."""
    rows = meeting.minutes.visible_to(membership).filter(stage="approved")
    return rows.order_by("-number").first()


@reads(Right.READ_MEETINGS, of=ActionItem)
def action(request: Request, row: ActionItem) -> HttpResponse:
    return _page(request, row)


def _page(
    request: Request,
    row: ActionItem,
    settle_form: SettleForm | None = None,
    postpone_form: PostponeForm | None = None,
) -> HttpResponse:
    membership, today = request.membership, timezone.localdate()
    contact = addressee(row, reachable([row.party_id], today), today)
    forms = [form for form in (settle_form, postpone_form) if form is not None and form.errors]
    decisions = Decision.objects.visible_to(membership).filter(item=row.item_id)
    context = {
        "action": row,
        "is_late": row.is_late(today),
        "contact": contact,
        "decisions": list(decisions.order_by("rank", "pk")),
        "minutes": _minutes(row.item.meeting, membership),
        "proofs": proofs_of(row, membership),
        "settles": may_settle(row, membership),
        "postpones": membership.may(Right.WRITE_MINUTES),
        "links": membership.role in OPERATOR_ROLES,
        "settle_form": settle_form or SettleForm(),
        "postpone_form": postpone_form or PostponeForm(),
        "back": _key(request.GET.get("retour") or request.POST.get("retour", "")),
        "faults": [
            (f"id_{name}" if name != "__all__" else "", text)
            for form in forms
            for name, found in form.errors.items()
            for text in found
        ],
    }
    return render(request, "decisions/action.html", context, status=422 if forms else 200)


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _done(request: Request, row: ActionItem) -> HttpResponse:
    """Back to the minutes that review it, or to its page."""
    meeting = _key(request.POST.get("retour", ""))
    if meeting and Meeting.objects.visible_to(request.membership).filter(pk=meeting).exists():
        return redirect(f"{reverse('minutes_write', args=[meeting])}#action-{row.pk}")
    return redirect("action", pk=row.pk)


@writes(Right.DO_ACTIONS, of=ActionItem)
def settle(request: Request, row: ActionItem) -> HttpResponse:
    """« Faite », « abandonnée » or « à faire », with a word."""
    if not may_settle(row, request.membership):
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, row, SettleForm(resume.data_of(request)))
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    said = form.cleaned_data
    try:
        settle_action(
            action=row,
            state=said["state"],
            note=said["note"],
            today=timezone.localdate(),
            read_version=version_in(request.POST.get("version")),
            by=request.membership,
        )
    except Conflict:
        messages.warning(request, OVERTAKEN)
    except ValidationError as error:
        form.add_error(None if not hasattr(error, "error_dict") else "note", error.messages)
        return _page(request, row, form)
    else:
        messages.success(request, f"Action : {ActionState(said['state']).label.lower()}.")
    return _done(request, row)


@writes(Right.WRITE_MINUTES, of=ActionItem)
def postpone(request: Request, row: ActionItem) -> HttpResponse:
    if request.method != "POST":
        return _page(request, row, postpone_form=PostponeForm(resume.data_of(request)))
    form = PostponeForm(request.POST)
    if not form.is_valid():
        return _page(request, row, postpone_form=form)
    try:
        postpone_action(
            action=row,
            due_on=form.cleaned_data["due_on"],
            today=timezone.localdate(),
            read_version=version_in(request.POST.get("version")),
            by=request.membership,
        )
    except Conflict:
        messages.warning(request, OVERTAKEN)
    except ValidationError as error:
        form.add_error("due_on", error.messages)
        return _page(request, row, postpone_form=form)
    else:
        messages.success(request, "Nouvelle date enregistrée.")
    return _done(request, row)
