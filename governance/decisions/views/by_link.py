"""« C’est fait », by the link of a mail: two clicks, no account. A GET changes nothing, a POST needs a
person (humanicite.lib.human)."""

from contextlib import suppress
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from humanicite.lib import human
from humanicite.lib.http import no_writes, public
from humanicite.lib.limits import Limit, caller
from humanicite.lib.writes import Conflict

from ..actions import settle_action
from ..forms import DoneForm
from ..links import action_of
from ..models import ActionItem, ActionState

LONGEST_TOKEN = 400  # characters
WRONG_LINKS = Limit("wrong links of actions", 30, 60)  # from one address
SENDINGS = Limit("actions done by a link", 30, 3600)
HEADERS = {
    "Cache-Control": "no-store, private",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
CONFIRM = "Confirmez, s’il vous plaît."


@csrf_exempt
@public("the signed link of a mail says who asks, for one action")
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    if request.method not in ("GET", "HEAD", "POST"):
        response: HttpResponse = HttpResponseNotAllowed(("GET", "HEAD", "POST"))
    else:
        request.user = AnonymousUser()
        request.membership = None  # type: ignore[attr-defined]  # the middleware’s, undone
        response = _answer(request, token)
    for name, value in HEADERS.items():
        response[name] = value
    return response


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    action = action_of(token) if len(token) <= LONGEST_TOKEN else None
    if action is None:
        if not WRONG_LINKS.take(caller(request)):
            return render(request, "answers/busy.html", status=429)
        return render(request, "minutes/unknown.html", status=404)
    if request.method == "POST":
        return _post(request, token, action)
    with no_writes():
        return _page(request, token, action, DoneForm(initial={"note": action.closing_note}))


def _post(request: HttpRequest, token: str, action: ActionItem) -> HttpResponse:
    form = DoneForm(request.POST)
    if not form.is_valid():
        return _page(request, token, action, form, status=422)
    if not human.pressed(request, _subject(action), timezone.now()):
        return _page(request, token, action, form, ask=CONFIRM, status=422)
    if not SENDINGS.take(str(action.pk)):
        return render(
            request, "answers/busy.html", {"unsaved": form.cleaned_data["note"]}, status=429
        )
    if action.state == ActionState.DROPPED:
        return _page(request, token, action, form, status=409)
    # Where somebody said it at the same moment, the page shows what is saved.
    with suppress(Conflict):
        settle_action(
            action=action, state=ActionState.DONE, note=form.cleaned_data["note"],
            read_version=action.version, today=timezone.localdate(), by=None,
        )  # fmt: skip
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
