"""« C’est fait », by the link of a mail: two clicks, no account. A GET changes nothing, a POST needs a
person (humanicite.lib.human)."""

from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from humanicite.lib import by_link as links
from humanicite.lib import human
from humanicite.lib.by_link import CONFIRM, LONGEST_TOKEN, busy, unknown
from humanicite.lib.http import no_writes
from humanicite.lib.limits import Limit
from humanicite.lib.writes import Conflict

from ..actions import settle_action
from ..forms import DoneForm
from ..links import action_of
from ..models import ActionItem, ActionState

WRONG_LINKS = Limit("wrong links of actions", 30, 60)  # from one address
SENDINGS = Limit("actions done by a link", 30, 3600)


def _opened(view: links.View, request: HttpRequest, token: str) -> HttpResponse:
    action = action_of(token) if len(token) <= LONGEST_TOKEN else None
    if action is None:
        return unknown(request, WRONG_LINKS)
    if request.method == "POST":
        return view(request, token, action)
    with no_writes():
        return view(request, token, action)


@links.by_link(
    "the signed link of a mail says who asks, for one action", _opened, "GET", "HEAD", "POST"
)
def by_link(request: HttpRequest, token: str, action: ActionItem) -> HttpResponse:
    if request.method == "POST":
        return _post(request, token, action)
    return _page(request, token, action, DoneForm(initial={"note": action.closing_note}))


def _post(request: HttpRequest, token: str, action: ActionItem) -> HttpResponse:
    form = DoneForm(request.POST)
    if not form.is_valid():
        return _page(request, token, action, form, status=422)
    if not human.pressed(request, _subject(action), timezone.now()):
        return _page(request, token, action, form, ask=CONFIRM, status=422)
    if not SENDINGS.take(str(action.pk)):
        return busy(request, SENDINGS, form.cleaned_data["note"])
    if action.state == ActionState.DROPPED:
        return _page(request, token, action, form, status=409)
    # Where somebody said it at the same moment, the page shows what is saved.
    with suppress(Conflict):
        settle_action(
            action=action,
            state=ActionState.DONE,
            note=form.cleaned_data["note"],
            read_version=action.version,
            today=timezone.localdate(),
            by=None,
        )
    return redirect("action_by_link", token=token)


def _subject(action: ActionItem) -> str:
    return f"action {action.pk}"


def _page(
    request: HttpRequest,
    token: str,
    action: ActionItem,
    form: DoneForm,
    *,
    ask: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "token": token,
        "action": action,
        "meeting": action.item.meeting,
        "form": form,
        "ask": ask,
        "is_late": action.is_late(timezone.localdate()),
        "faults": [(f"id_{name}", text) for name, found in form.errors.items() for text in found],
        **human.parts(request, _subject(action), timezone.now()),
    }
    return render(request, "decisions/by_link.html", context, status=status)
