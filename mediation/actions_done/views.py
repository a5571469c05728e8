"""Linking an action to the activity or the signalement that did it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import ActionItem, Membership
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import CHOOSE, own_field
from humanicite.lib.http import writes
from mediation.activities.models import Activity
from mediation.signalements.models.signalements import Signalement, SignalementState

from .actions import link_action, unlink_action
from .models import ActionLink

LATELY = timedelta(days=90)
MOST = 200  # of each, the latest first


class LinkForm(forms.Form):
    """« Ce qui l’a faite », among what the team did lately."""

    what = forms.ChoiceField(
        label="Ce qui l’a faite",
        help_text="Les activités et les signalements des trois derniers mois.",
        error_messages={"required": "Choisissez une activité ou un signalement."},
    )

    def __init__(self, data: Any, *, membership: Membership) -> None:
        super().__init__(data)
        since = timezone.localdate() - LATELY
        activities = Activity.objects.visible_to(membership).filter(day__gte=since)
        signalements = Signalement.objects.visible_to(membership).filter(observed_on__gte=since)
        signalements = signalements.exclude(state=SignalementState.BROUILLON)
        self.rows: dict[str, Activity | Signalement] = {}
        groups: list[Any] = [("", CHOOSE)]
        latest = activities.select_related("place").order_by("-day", "-pk")[:MOST]
        groups.append(("Activités", [self._offer("a", row, _of_activity(row)) for row in latest]))
        sent = signalements.order_by("-observed_on", "-pk")[:MOST]
        groups.append(
            ("Signalements", [self._offer("s", r, f"{r.reference} {r.title}") for r in sent])
        )
        field = own_field(self, "what", forms.ChoiceField)
        field.choices = groups

    def _offer(self, kind: str, row: Any, said: str) -> tuple[str, str]:
        key = f"{kind}{row.pk}"
        self.rows[key] = row
        return key, said

    @property
    def chosen(self) -> Activity | Signalement:
        return self.rows[self.cleaned_data["what"]]


def _of_activity(row: Activity) -> str:
    return f"{row.day:%d/%m/%Y} {row.reference.short}, {row.place}"


@writes(Right.WRITE_MINUTES, of=ActionItem)
def link(request: Request, action: ActionItem) -> HttpResponse:
    form = LinkForm(resume.data_of(request), membership=request.membership)
    if request.method == "POST" and form.is_valid():
        try:
            link_action(action=action, what=form.chosen, by=request.membership)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "Relié à l’action.")
            return redirect("action", pk=action.pk)
    links = ActionLink.objects.visible_to(request.membership).filter(action=action)
    context = {
        "action": action,
        "form": form,
        "faults": [(f"id_{n}", text) for n, found in form.errors.items() for text in found],
        "links": list(links.select_related("activity__place", "signalement")),
    }
    return render(request, "actions_done/link.html", context, status=422 if form.errors else 200)


@writes(Right.WRITE_MINUTES, of=ActionLink, confirm=False)
def unlink(request: Request, row: ActionLink) -> HttpResponse:
    action = row.action_id
    unlink_action(link=row, by=request.membership)
    messages.success(request, "Lien retiré.")
    return redirect("action_proof", pk=action)
