"""What is done of a signalement from its page: decisions, relays, observations, replies."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib import pictures as photos
from humanicite.lib import resume, uploads
from humanicite.lib.forms import add_errors
from humanicite.lib.http import writes
from humanicite.lib.params import number_in
from humanicite.lib.writes import Conflict
from mediation.followup import by_hand
from mediation.routing.rules import Routing

from ..actions.answers import answer_with_photo
from ..actions.decisions import move_signalement, redirect_signalement, reopen_signalement
from ..actions.joining import join_signalement
from ..actions.relays import relay_with_answer
from ..forms.decisions import GOES_BACK, DecisionForm, ObservationForm, RedirectForm
from ..forms.reply import AnswerForm, RelayForm
from ..models.recipients import Reply
from ..models.relays import Relay
from ..models.signalements import Signalement
from ..origin import activity_of
from ..page import for_answer
from .signalement import decisions_of, own_row


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def decide(request: Request, signalement: Signalement) -> HttpResponse:
    """Verified on site, reopened, given up, cancelled: the team's word, with a reason where needed."""
    membership: Membership = request.membership
    typed = resume.typed_over(request, signalement)
    offered = decisions_of(signalement)
    form = DecisionForm(typed.data, offered=offered, initial={"to": request.GET.get("vers", "")})
    version, changed = typed.version, False
    if request.method == "POST" and _is_done(signalement, request.POST.get("to", "")):
        messages.info(request, f"Déjà fait : {signalement.get_state_display().lower()}.")
        return redirect("signalement", pk=signalement.pk)
    if request.method == "POST" and form.is_valid():
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        common: Any = {"by": membership, "now": timezone.now(), "read_version": version}
        try:
            if to == GOES_BACK:
                signalement = reopen_signalement(signalement=signalement, text=reason, **common)
            else:
                signalement = move_signalement(
                    signalement=signalement, to=to, reason=reason, text=reason, **common
                )
        except Conflict as now:
            signalement, version, changed = now.row, now.row.version, True
            offered = decisions_of(signalement)
            form.offer(offered)
        except ValidationError as error:
            add_errors(form, error)
        else:
            said = "rouvert" if to == GOES_BACK else signalement.get_state_display().lower()
            messages.success(request, f"Signalement {signalement.reference} : {said}.")
            return redirect("signalement", pk=signalement.pk)
    context = {
        "signalement": signalement,
        "form": form,
        "offered": offered,
        "version": version,
        "changed": changed,
        "resumed": hasattr(request, "resumed"),
    }
    return _page(request, "decide", context)


def _is_done(signalement: Signalement, wanted: str) -> bool:
    """A second press of the same button."""
    return signalement.state == wanted or (wanted == GOES_BACK and signalement.is_pending)


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def forward(request: Request, signalement: Signalement) -> HttpResponse:
    """One more addressee: the right one."""
    membership: Membership = request.membership
    rows = list(signalement.recipients.select_related("party"))
    typed = resume.typed_over(request, signalement)
    form = RedirectForm(
        typed.data,
        routing=Routing(membership, timezone.localdate()),
        had_it={row.contact_id for row in rows},
        named=" ".join(row.redirect_to for row in rows if row.reply == Reply.AUTRE),
    )
    version, changed = typed.version, False
    if number_in(request.POST.get("contact")) in {row.contact_id for row in rows}:
        messages.info(request, "Cet interlocuteur l’a déjà reçu.")
        return redirect("signalement", pk=signalement.pk)
    if request.method == "POST" and form.is_valid():
        try:
            recipient = redirect_signalement(
                signalement=signalement,
                contact=form.cleaned_data["contact"],
                by=membership,
                now=timezone.now(),
                read_version=version,
            )
        except Conflict as now:
            version, changed = now.row.version, True
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Envoyé à {recipient}.")
            return redirect("signalement", pk=signalement.pk)
    context = {
        "signalement": signalement,
        "form": form,
        "version": version,
        "changed": changed,
        "is_open": signalement.sent_at is not None and not signalement.has_ended,
        "refused": [row for row in rows if row.reply == Reply.AUTRE],
    }
    return _page(request, "forward", context)


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement, confirm=False)
def remind(request: Request, signalement: Signalement) -> HttpResponse:
    sent = by_hand.remind_by_hand(
        signalement=signalement, by=request.membership, now=timezone.now()
    )
    if sent:
        messages.success(request, f"Relancé : {', '.join(str(row) for row in sent)}.")
    elif by_hand.waited_for(signalement):
        messages.info(request, "Déjà relancé aujourd’hui : une relance par jour et par personne.")
    else:
        messages.info(request, "Personne n’est à relancer par courriel.")
    return redirect("signalement", pk=signalement.pk)


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def relay(request: Request, signalement: Signalement) -> HttpResponse:
    """What was said in person or by phone, and what was answered (R70, R71)."""
    membership: Membership = request.membership
    rows = list(
        signalement.recipients.filter(successor=None).select_related("party", "contact__party")
    )
    form = RelayForm(
        resume.data_of(request),
        today=timezone.localdate(),
        recipients=rows,
        routing=Routing(membership, timezone.localdate()),
    )
    is_open = signalement.sent_at is not None and not signalement.has_ended
    if request.method == "POST" and is_open and form.is_valid():
        data = form.cleaned_data
        try:
            relay_with_answer(
                relay=Relay(
                    uid=data["uid"],
                    signalement=signalement,
                    contact=data["contact"],
                    party=data["contact"].party,
                    channel=data["channel"],
                    day=data["day"],
                    note=data["note"].strip(),
                    reply=data["reply"],
                ),
                promised_on=data["promised_on"],
                redirect_to=data["redirect_to"],
                by=membership,
                now=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Noté : {data['contact']}.")
            return redirect("signalement", pk=signalement.pk)
    context = {"signalement": signalement, "form": form, "is_open": is_open}
    return _page(request, "relay", context)


@writes(Right.WRITE_SIGNALEMENTS, of=Signalement)
def observe(request: Request, signalement: Signalement) -> HttpResponse:
    """The same thing, seen again."""
    membership: Membership = request.membership
    data = resume.data_of(request)
    activity = activity_of(request.GET if data is None else data, membership)
    form = ObservationForm(data)
    if request.method == "POST" and form.is_valid():
        try:
            join_signalement(
                signalement=signalement,
                activity=activity,
                text=form.cleaned_data["text"],
                by=membership,
                now=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Constat ajouté à {signalement.reference}.")
            return redirect("signalement", pk=signalement.pk)
    context = {"signalement": signalement, "form": form, "activity": activity}
    return _page(request, "observe", context)


@writes(Right.ANSWER_SIGNALEMENTS, of=Signalement)
def reply(request: Request, signalement: Signalement) -> HttpResponse:
    """The party's answer, in the application; the same as by the link of the mail."""
    membership: Membership = request.membership
    rows = signalement.recipients.filter(party=membership.party_id)
    mine = own_row(list(rows.select_related("party", "contact")), membership)
    if mine is None:
        raise PermissionDenied
    form = AnswerForm(
        resume.data_of(request), request.FILES or None, today=timezone.localdate(), recipient=mine
    )
    dropped = request.method == "POST" and uploads.dropped(request)
    if request.method == "POST" and form.is_valid() and not dropped:
        data = form.cleaned_data
        try:
            answer_with_photo(
                recipient=mine,
                reply=data["reply"],
                promised_on=data["promised_on"],
                redirect_to=data["redirect_to"],
                comment=data["comment"].strip(),
                photo=data["photo"],
                uid=data["uid"],
                by=membership,
                now=timezone.now(),
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, "Votre réponse est enregistrée. Merci.")
            return redirect("signalement", pk=signalement.pk)
    if dropped:
        form.add_error("photo", photos.TOO_HEAVY)
    context = {
        "signalement": signalement,
        "form": form,
        "mine": mine,
        **for_answer(
            mine, timezone.localdate(), lambda pk: reverse("signalement_photo", args=[pk])
        ),
        "is_closed": signalement.has_ended,
        "resumed": hasattr(request, "resumed"),
    }
    return _page(request, "reply", context)


def _page(request: Request, name: str, context: dict[str, object]) -> HttpResponse:
    """The form, or the form again with what is wrong in it."""
    status = 422 if request.method == "POST" else 200
    return render(request, f"signalements/{name}.html", context, status=status)
