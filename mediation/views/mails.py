"""Mails that came in and matched no sheet: the coordination says whose they are, or sets them aside."""

import re
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.rights import Right
from humanicite.lib.http import reads, writes
from humanicite.lib.params import number_in

from .. import actions_mails as actions
from ..models import InboundMail, InboundState, Recipient

PAGE = 25
MOST_OFFERED = 30  # recipients to choose from
WAITING = ""
# What the list can be narrowed to, in the address.
FILTERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (WAITING, "À rattacher", (InboundState.UNMATCHED,)),
    ("machines", "Automatiques et retours", (InboundState.AUTO, InboundState.BOUNCE)),
    ("rattaches", "Rattachés", (InboundState.MATCHED,)),
    ("classes", "Classés", (InboundState.DISMISSED,)),
)
CHOOSE = "Choisissez à quel destinataire rattacher ce courriel."


@reads(Right.ESCALATE_SHEETS)
def mails(request: HttpRequest) -> HttpResponse:
    """Newest first; one row more than a page tells whether there is another."""
    states = {value: kinds for value, _, kinds in FILTERS}
    wanted = request.GET.get("etat", WAITING)
    if wanted not in states:
        wanted = WAITING
    page = max(1, number_in(request.GET.get("page")))
    rows = InboundMail.objects.visible_to(request.membership)  # type: ignore[attr-defined]
    shown = rows.filter(state__in=states[wanted]).order_by("-received_at", "-pk")
    found = list(
        shown.select_related("recipient__signalement", "recipient__party")[
            (page - 1) * PAGE : page * PAGE + 1
        ]
    )
    context = {
        "mails": found[:PAGE],
        "wanted": wanted,
        "filters": [(value, label) for value, label, _ in FILTERS],
        "waiting": rows.filter(state=InboundState.UNMATCHED).count(),
        "previous": page - 1,
        "next": page + 1 if len(found) > PAGE else None,
    }
    return render(request, "mediation/mail_list.html", context)


@writes(Right.ESCALATE_SHEETS, of=InboundMail)
def mail(request: HttpRequest, mail: InboundMail) -> HttpResponse:
    """The mail, and for one that waits: whose it may be."""
    if request.method != "POST":
        return _page(request, mail)
    membership = request.membership  # type: ignore[attr-defined]
    try:
        if request.POST.get("acte") == "classer":
            actions.dismiss(mail=mail, by=membership)
            messages.success(request, "Courriel classé : il ne concerne aucun signalement.")
            return redirect("mails")
        rows = _addressees(membership)
        recipient = rows.filter(pk=number_in(request.POST.get("recipient"))).first()
        if recipient is None:
            return _page(request, mail, fault=CHOOSE)
        actions.attach(mail=mail, recipient=recipient, by=membership, now=timezone.now())
    except actions.AlreadySettled as settled:
        messages.info(request, f"Déjà fait : {settled.mail.get_state_display().lower()}.")
        return redirect("mails")
    messages.success(request, f"Courriel rattaché au signalement {recipient.signalement}.")
    return redirect("sheet", pk=recipient.signalement_id)


def _addressees(membership: Any) -> Any:
    rows = Recipient.objects.visible_to(membership).filter(signalement__sent_at__isnull=False)
    return rows.select_related("signalement", "party").order_by("-signalement__sent_at", "pk")


def _page(request: HttpRequest, mail: InboundMail, fault: str = "") -> HttpResponse:
    """Offers the recipients of the sheet that is named, or those that this sender may be."""
    asked = (request.POST.get("signalement") or request.GET.get("signalement") or "").strip()[:40]
    offered: list[Recipient] = []
    if mail.state == InboundState.UNMATCHED:
        rows = _addressees(request.membership)  # type: ignore[attr-defined]
        offered = _of_sheet(rows, asked) if asked else _likely(rows, mail)
    context = {
        "mail": mail,
        "waits": mail.state == InboundState.UNMATCHED,
        "asked": asked,
        "offered": offered,
        "picked": request.POST.get("recipient", ""),
        "fault": fault,
        "faults": [("id_recipient_0" if offered else "id_signalement", fault)] if fault else [],
    }
    return render(request, "mediation/mail.html", context, status=422 if fault else 200)


def _of_sheet(rows: Any, asked: str) -> list[Recipient]:
    """« 2026-142 », also within a mail's subject."""
    named = re.search(r"\b(\d{4})\s?[-–/]\s?(\d{1,7})\b", asked)
    if named is None:
        return []
    found = rows.filter(signalement__year=int(named[1]), signalement__number=int(named[2]))
    return list(found[:MOST_OFFERED])


def _likely(rows: Any, mail: InboundMail) -> list[Recipient]:
    """Of the sheet that the subject names, and those sent to the address that wrote."""
    named = _of_sheet(rows, mail.subject)
    if named or not mail.sender:
        return named
    return list(rows.filter(email__iexact=mail.sender)[:MOST_OFFERED])
