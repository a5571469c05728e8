"""Whom signalements are proposed to: the rules that the coordination keeps (R84)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Membership, record
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import writes

from .forms import RuleForm, TrialForm
from .models import RoutingRule
from .rules import Routing


@writes(Right.ESCALATE_SIGNALEMENTS)
def rules(request: Request) -> HttpResponse:
    """The rules in the order of the tree; one more; and whom they propose for a place and a theme."""
    membership: Membership = request.membership
    today = timezone.localdate()
    form = RuleForm(resume.data_of(request), membership=membership, today=today)
    if request.method == "POST" and form.is_valid():
        rule = form.rule()
        try:
            # The action's own check, then the database's: of two that press at once one adds it.
            with transaction.atomic():
                rule.full_clean()
                rule.save()
                record(Act.CREATE, rule, by=membership, programme=membership.programme_id)
        except (ValidationError, IntegrityError) as error:
            said = error.messages if isinstance(error, ValidationError) else []
            form.add_error(None, said or "Cette règle existe déjà.")
        else:
            messages.success(request, f"Règle ajoutée : {rule.place}, {about(rule)}.")
            return redirect("routing")
    routing = Routing(membership, today)
    trial = TrialForm(request.GET or None, membership=membership, today=today)
    context: dict[str, object] = {
        "rules": [(rule, about(rule)) for rule in routing.rules],
        "without": {rule.party for rule in routing.rules}
        - {row.party for row in routing.contacts.values() if row.is_designated},
        "form": form,
        "trial": trial,
        "proposal": None,
    }
    if trial.is_bound and trial.is_valid() and trial.cleaned_data["lieu"]:
        place, theme = trial.cleaned_data["lieu"], trial.cleaned_data["theme"]
        proposal = routing.proposed(place, theme)
        context |= {
            "proposal": proposal,
            "spoken": [(rule, about(rule)) for rule in proposal.rules],
            "trial_place": place,
            "trial_theme": theme,
        }
    status = 422 if request.method == "POST" else 200
    return render(request, "routing/routing.html", context, status=status)


def about(rule: RoutingRule) -> str:
    if rule.theme:
        return str(rule.theme)
    return f"{rule.group} (toutes)" if rule.group else "toutes les thématiques"


@writes(Right.ESCALATE_SIGNALEMENTS, of=RoutingRule)
def delete(request: Request, rule: RoutingRule) -> HttpResponse:
    """Asks first: whoever writes signalements may notice much later that a proposal is gone."""
    membership: Membership = request.membership
    said = f"{rule.place}, {about(rule)}, {rule.party}"
    if request.method != "POST":
        return render(request, "routing/delete.html", {"rule": rule, "about": about(rule)})
    with transaction.atomic():
        record(Act.DELETE, rule, by=membership, programme=membership.programme_id)
        rule.delete()
    messages.success(request, f"Règle supprimée : {said}.")
    return redirect("routing")
