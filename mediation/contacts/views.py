"""Interlocuteurs: who a party's signalements go to, from when to when, and who takes over (R84, R85)."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Contact
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.lib.writes import Done
from humanicite.templatetags.french import datefr, plural
from mediation.followup.actions import send_again as send_signalements_again
from mediation.followup.actions import to_send_again
from mediation.signalements.models.recipients import Recipient

from . import actions
from .filters import ContactFilter
from .forms import ContactForm, EndContactForm

PAST_SHOWN = 50


@reads(Right.DESIGNATE_CONTACTS)
def contacts(request: Request) -> HttpResponse:
    """Those who hold their function today or will, by party; then those who left."""
    membership = request.membership
    today = timezone.localdate()
    found = ContactFilter(request.GET, membership=membership, today=today)
    waits = Q(received_signalements__in=Recipient.objects.in_hand())
    rows = (
        found.narrow(Contact.objects.visible_to(membership))
        .select_related("party", "successor")
        .annotate(open_signalements=Count("received_signalements", filter=waits))
        .order_by("party__name", "party", "is_backup", "function", "pk")
    )
    current = rows.filter(Q(ends__isnull=True) | Q(ends__gte=today))
    context = {
        "filter": found,
        "contacts": current,
        "today": today,
        "past": rows.filter(ends__lt=today).order_by("-ends", "pk")[:PAST_SHOWN],
    }
    return render(request, "contacts/list.html", context)


@reads(Right.DESIGNATE_CONTACTS, of=Contact)
def contact(request: Request, contact: Contact) -> HttpResponse:
    """One of them: how to reach them, and what waits for their answer."""
    today = timezone.localdate()
    context = {
        "contact": contact,
        "today": today,
        "has_left": contact.ends is not None and contact.ends < today,
        "rows": _waiting(contact),
        "again": len(to_send_again(contact)),
    }
    return render(request, "contacts/contact.html", context)


def _waiting(contact: Contact) -> Any:
    return (
        contact.received_signalements.in_hand()
        .select_related("signalement__place")
        .order_by("signalement__sent_at", "pk")
    )


@writes(Right.DESIGNATE_CONTACTS)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    form = ContactForm(resume.data_of(request), membership=membership, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            new = actions.add_contact(contact=form.instance, by=membership)
        except Done as already:
            messages.info(request, f"Déjà désigné : {already.row}.")
            return redirect("contact", pk=already.row.pk)
        except ValidationError as error:
            form.add_error(None, error.messages[0])
        else:
            messages.success(request, f"Désigné : {new}.")
            return redirect("contact", pk=new.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/form.html", {"form": form}, status=status)


@writes(Right.DESIGNATE_CONTACTS, of=Contact)
def edit(request: Request, contact: Contact) -> HttpResponse:
    membership = request.membership
    data = resume.data_of(request)
    saved = contact.fingerprint
    form = ContactForm(data, instance=contact, membership=membership, today=timezone.localdate())
    seen = saved if data is None else data.get("seen", "")
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_contact(
                contact=form.instance, seen=seen, fields=form.changed_data, by=membership
            )
        except ValidationError as error:
            form.add_error(None, error.messages[0])
            seen = saved
        else:
            messages.success(request, f"Enregistré : {contact}.")
            return redirect("contact", pk=contact.pk)
    context = {"form": form, "contact": contact, "seen": seen}
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/form.html", context, status=status)


@writes(Right.DESIGNATE_CONTACTS, of=Contact)
def end(request: Request, contact: Contact) -> HttpResponse:
    """Asks for the last day and a successor; says which open signalements wait for one."""
    membership = request.membership
    now = timezone.now()
    today = timezone.localtime(now).date()
    data = resume.data_of(request)
    rows = list(_waiting(contact))
    form = EndContactForm(
        data,
        contact=contact,
        heirs=_heirs(contact, today),
        waiting=len(rows),
        initial={"ends": contact.ends or today, "successor": contact.successor_id or ""},
    )
    seen = contact.fingerprint if data is None else data.get("seen", "")
    if request.method == "POST" and form.is_valid():
        ends = form.cleaned_data["ends"]
        try:
            moved = actions.end_contact(
                contact=contact, ends=ends, heir=form.heir, seen=seen, by=membership, now=now
            )
        except ValidationError as error:
            form.add_error(None, error.messages[0])
            seen = contact.fingerprint
        else:
            said = f"Dernier jour : {datefr(ends)}."
            if moved:
                said += f" {plural(moved, 'signalement passe,signalements passent')} au successeur."
            messages.success(request, said)
            return redirect("contact", pk=contact.pk)
    context = {"form": form, "contact": contact, "rows": rows, "seen": seen}
    status = 422 if request.method == "POST" else 200
    return render(request, "contacts/end.html", context, status=status)


def _heirs(contact: Contact, today: date) -> list[Contact]:
    """Others of the same party who can take over: with an address, and not about to leave."""
    rows = Contact.objects.filter(party=contact.party_id).exclude(pk=contact.pk).exclude(email="")
    return list(rows.filter(Q(ends__isnull=True) | Q(ends__gt=today)).select_related("party"))


@writes(Right.DESIGNATE_CONTACTS, of=Contact, confirm=False)
def trust(request: Request, contact: Contact) -> HttpResponse:
    if actions.trust_address(contact=contact, by=request.membership):
        messages.success(request, f"Noté : {contact.email} est une bonne adresse.")
    else:
        messages.info(request, "Cette adresse n’est plus en échec.")
    return redirect("contact", pk=contact.pk)


@writes(Right.DESIGNATE_CONTACTS, of=Contact, confirm=False)
def send_again(request: Request, contact: Contact) -> HttpResponse:
    sent = send_signalements_again(contact=contact, by=request.membership, now=timezone.now())
    if sent:
        messages.success(
            request,
            f"{plural(sent, 'signalement part,signalements partent')} vers {contact.email}.",
        )
    else:
        messages.info(request, "Rien à renvoyer.")
    return redirect("contact", pk=contact.pk)
