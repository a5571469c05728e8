"""Mails that came in: the coordination says whose those are that matched no signalement, and shares what
the others say."""

import re
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib.http import reads, writes
from humanicite.lib.mail.addresses import sought
from humanicite.lib.pages import page_of
from humanicite.lib.params import number_in
from humanicite.lib.writes import Conflict
from humanicite.templatetags.french import plural
from mediation.signalements.models.course import EventKind, SignalementEvent
from mediation.signalements.models.recipients import Recipient

from . import actions
from .filters import MailFilter
from .models import InboundMail, InboundState

PAGE = 25
MOST_OFFERED = 30  # recipients to choose from
CHOOSE = "Choisissez à quel destinataire rattacher ce courriel."
# What one press does, by the name of its button: the act, what is said then.
PRESSES = {
    "classer": (actions.dismiss_mail, "Courriel classé : il ne concerne aucun signalement."),
    "automatique": (
        actions.mark_automatic,
        "Compté comme automatique : ce courriel ne vaut pas réponse, et les relances suivent leur cours.",
    ),
    "reprendre": (actions.take_up_mail, "Ce courriel attend de nouveau d’être rattaché."),
}
KNOWN = "Ce courriel n’a rien à partager, ou l’est déjà."


@reads(Right.ESCALATE_SIGNALEMENTS)
def mails(request: Request) -> HttpResponse:
    """Newest first."""
    membership = request.membership
    found = MailFilter(request.GET, membership=membership, today=timezone.localdate())
    rows = InboundMail.objects.visible_to(membership)
    shown = found.narrow(rows).order_by("-received_at", "-pk")
    context = {
        "filter": found,
        "tabs": found.tabs("etat"),
        "waiting": rows.waiting().count(),
        "page": page_of(
            shown.select_related("recipient__signalement", "recipient__party"),
            request.GET.get("page"),
            PAGE,
        ),
    }
    return render(request, "inbound/list.html", context)


@writes(Right.ESCALATE_SIGNALEMENTS, of=InboundMail)
def mail(request: Request, mail: InboundMail) -> HttpResponse:
    """The mail; for one that waits, whose it may be; for an answer, whether it is shared."""
    if request.method != "POST":
        return _page(request, mail)
    act = request.POST.get("acte")
    try:
        if act in PRESSES:
            press, said = PRESSES[act]
            press(mail=mail, by=request.membership)
            messages.success(request, said)
            return redirect("mails") if act == "classer" else redirect("mail", pk=mail.pk)
        if act == "humain":
            return _count(request, mail)
        if act == "partager":
            return _share(request, mail)
        return _attach(request, mail, counts=act == "compter")
    except Conflict as settled:
        messages.info(request, f"Déjà fait : {settled.row.get_state_display().lower()}.")
        return redirect("mails")


def _count(request: Request, mail: InboundMail) -> HttpResponse:
    counted = actions.count_as_answer(mail=mail, by=request.membership)
    if counted.state == InboundState.MATCHED:
        messages.success(request, "Compté comme une réponse : le signalement en tient compte.")
    else:
        messages.success(request, "Ce courriel n’est plus automatique : dites de qui il est.")
    return redirect("mail", pk=mail.pk)


def _share(request: Request, mail: InboundMail) -> HttpResponse:
    try:
        is_new = actions.share_mail(mail=mail, by=request.membership)
    except ValidationError as error:
        return _page(request, mail, unshared=error.messages[0])
    if is_new:
        messages.success(request, "Partagé : ce courriel se lit au fil du signalement.")
    else:
        messages.info(request, KNOWN)
    return redirect("mail", pk=mail.pk)


def _attach(request: Request, mail: InboundMail, *, counts: bool) -> HttpResponse:
    """To those that are ticked; `counts`: to the one it was written to, from an unknown address."""
    membership = request.membership
    keys = (
        [mail.recipient_id]
        if counts
        else [number_in(key) for key in request.POST.getlist("recipient")[:MOST_OFFERED]]
    )
    recipients = list(_addressees(membership).filter(pk__in=[key for key in keys if key]))
    if not recipients:
        return _page(request, mail, fault=CHOOSE)
    actions.attach_mail(mail=mail, recipients=recipients, by=membership, now=timezone.now())
    if len(recipients) > 1:
        said = plural(len(recipients), "signalement,signalements")
        messages.success(request, f"Courriel rattaché à {said}.")
        return redirect("mail", pk=mail.pk)
    messages.success(request, f"Courriel rattaché au signalement {recipients[0].signalement}.")
    return redirect("signalement", pk=recipients[0].signalement_id)


def _addressees(membership: Any) -> Any:
    rows = Recipient.objects.visible_to(membership).filter(signalement__sent_at__isnull=False)
    return rows.select_related("signalement", "party").order_by("-signalement__sent_at", "pk")


def _page(request: Request, mail: InboundMail, fault: str = "", unshared: str = "") -> HttpResponse:
    """Offers the recipients of the signalement that is named, or those that this sender may be."""
    membership = request.membership
    asked = (request.POST.get("signalement") or request.GET.get("signalement") or "").strip()[:40]
    waits = mail.waits
    offered: list[Recipient] = []
    if waits:
        rows = _addressees(membership)
        offered = _of_signalement(rows, asked) if asked else _likely(rows, mail)
    events = SignalementEvent.objects.visible_to(membership).select_related("recipient__party")
    told = list(events.filter(message_id=mail.message_id).select_related("signalement"))
    words = [row for row in told if row.kind == EventKind.MAIL]
    is_answer = mail.state == InboundState.MATCHED
    context = {
        "mail": mail,
        "waits": waits,
        "told": told,
        "is_report": mail.state == InboundState.BOUNCE,
        "is_machine": mail.state in (InboundState.AUTO, InboundState.BOUNCE),
        "is_set_aside": mail.state == InboundState.DISMISSED,
        "is_shared": is_answer and any(not row.is_internal for row in words),
        "may_share": is_answer and mail.text and bool(words),
        "unshared": unshared,
        "asked": asked,
        "offered": offered,
        "picked": request.POST.getlist("recipient"),
        "fault": fault,
        "faults": [("id_recipient_0" if offered else "id_signalement", fault)] if fault else [],
    }
    status = 422 if fault or unshared else 200
    return render(request, "inbound/mail.html", context, status=status)


def _of_signalement(rows: Any, asked: str) -> list[Recipient]:
    """« 2026-142 », also within a mail's subject; « 142 » alone, of whatever year."""
    if asked.isdecimal() and len(asked) < 8:
        return list(rows.filter(signalement__number=int(asked))[:MOST_OFFERED])
    named = re.search(r"\b(\d{4})\s?[-–/]\s?(\d{1,7})\b", asked)
    if named is None:
        return []
    found = rows.filter(signalement__year=int(named[1]), signalement__number=int(named[2]))
    return list(found[:MOST_OFFERED])


def _likely(rows: Any, mail: InboundMail) -> list[Recipient]:
    """Of the mail of ours that it answers; or of the signalement that the subject names; or those sent to
    the address that wrote, or that a server's report names."""
    if mail.answers:
        answered = rows.filter(pk__in=[row.pk for row in actions.of_mail(mail.answers)])
        if found := list(answered[:MOST_OFFERED]):
            return found
    named = _of_signalement(rows, mail.subject)
    if named:
        return named
    told_of = [failure[0] for failure in mail.failures] or [mail.sender]
    about = Q(pk__in=[])
    for address in filter(None, told_of):
        about |= sought("email", address)
    return list(rows.filter(about)[:MOST_OFFERED])
