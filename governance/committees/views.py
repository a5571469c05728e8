"""Committees and who sits in them: changed by the coordination, seats filled by their party (R84)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.base import is_current
from governance.journal.changes import fingerprint
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.form_pages import RetireForm, form_page
from humanicite.lib.http import reads, writes

from . import actions
from .forms import CommitteeForm, EndSeatForm, FillForm, SeatForm
from .models import Committee, Seat

ABOVE = "Instances et sièges"


@reads(Right.DESIGNATE_CONTACTS)
def seats(request: Request) -> HttpResponse:
    """Every seat of every committee, its holder or « à désigner », since when; the gaps first."""
    membership, today = request.membership, timezone.localdate()
    rows = Committee.objects.visible_to(membership).prefetch_related(
        Prefetch("seats", Seat.objects.select_related("party", "committee"))
    )
    committees, vacant, past = [], [], []
    for committee in rows:
        if not is_current(committee, today):
            continue
        shown = []
        for seat in committee.seats.all():
            if seat.ends is not None and seat.ends < today:
                past.append(seat)
                continue
            seat_may = actions.may_fill(membership, seat)
            shown.append((seat, seat_may))
            if seat.is_vacant and seat.holds(today) and seat_may:
                vacant.append(seat)
        committees.append((committee, shown))
    context = {
        "committees": committees,
        "vacant": vacant,
        "past": sorted(past, key=lambda seat: (seat.ends, seat.pk), reverse=True)[:50],
        "retired": [row for row in rows if row.retired_on],
        "may_edit": membership.may(Right.EDIT_FRAME),
        "today": today,
    }
    return render(request, "committees/seats.html", context)


@writes(Right.DESIGNATE_CONTACTS, of=Seat)
def fill(request: Request, seat: Seat) -> HttpResponse:
    """Who holds a seat, from a day on; each party for its own."""
    membership, today = request.membership, timezone.localdate()
    if not actions.may_fill(membership, seat):
        raise PermissionDenied
    may_edit = membership.may(Right.EDIT_FRAME)
    form = FillForm(resume.data_of(request), seat=seat, by_coordination=may_edit, today=today)
    return form_page(
        request,
        form,
        save=lambda seen: actions.fill_seat(
            seat=seat, seen=seen, by=membership, **form.cleaned_data
        ),
        said="Le siège est enregistré.",
        back=reverse("seats"),
        template="setup/form.html",
        context={
            "title": "Désigner le titulaire",
            "above": ABOVE,
            "back": reverse("seats"),
            "intro": f"{seat.committee}, {seat.party or seat.label}",
            "retire": reverse("seat_end", args=[seat.pk]) if may_edit else "",
            "retire_label": "Supprimer le siège…",
        },
        shown=fingerprint(seat, actions.SEAT_SHOWN),
    )


@writes(Right.EDIT_FRAME, of=Committee)
def add_seat(request: Request, committee: Committee) -> HttpResponse:
    form = SeatForm(
        resume.data_of(request),
        committee=committee,
        by=request.membership,
        today=timezone.localdate(),
    )
    return form_page(
        request,
        form,
        save=lambda seen: actions.add_seat(seat=form.instance, by=request.membership),
        said="Le siège est ajouté.",
        back=reverse("seats"),
        template="setup/form.html",
        context={
            "title": "Ajouter un siège",
            "above": ABOVE,
            "back": reverse("seats"),
            "intro": str(committee),
        },
    )


@writes(Right.EDIT_FRAME, of=Seat)
def end_seat(request: Request, seat: Seat) -> HttpResponse:
    form = EndSeatForm(resume.data_of(request), seat=seat, today=timezone.localdate())
    return form_page(
        request,
        form,
        save=lambda seen: actions.end_seat(
            seat=seat, ends=form.cleaned_data["on"], seen=seen, by=request.membership
        ),
        said="Le siège prend fin.",
        back=reverse("seats"),
        template="setup/form.html",
        context={
            "title": "Mettre fin à un siège",
            "above": ABOVE,
            "back": reverse("seats"),
            "intro": f"{seat.committee}, {seat}. Si seule la personne change, désignez plutôt un "
            "autre titulaire.",
        },
        shown=fingerprint(seat, actions.SEAT_SHOWN),
    )


@writes(Right.EDIT_FRAME)
def create(request: Request) -> HttpResponse:
    form = CommitteeForm(resume.data_of(request))
    return form_page(
        request,
        form,
        save=lambda seen: actions.add_committee(committee=form.instance, by=request.membership),
        said="L’instance est ajoutée.",
        back=reverse("seats"),
        template="setup/form.html",
        context={"title": "Ajouter une instance", "above": ABOVE, "back": reverse("seats")},
    )


@writes(Right.EDIT_FRAME, of=Committee)
def edit(request: Request, committee: Committee) -> HttpResponse:
    shown = fingerprint(committee, actions.COMMITTEE_SHOWN)
    form = CommitteeForm(resume.data_of(request), instance=committee)
    return form_page(
        request,
        form,
        save=lambda seen: actions.change_committee(
            committee=form.instance, seen=seen, changed=form.changed_data, by=request.membership
        ),
        said="L’instance est enregistrée.",
        back=reverse("seats"),
        template="setup/form.html",
        context={
            "title": "Modifier une instance",
            "above": ABOVE,
            "back": reverse("seats"),
            "retire": ""
            if committee.retired_on
            else reverse("committee_retire", args=[committee.pk]),
        },
        shown=shown,
    )


@writes(Right.EDIT_FRAME, of=Committee)
def retire(request: Request, committee: Committee) -> HttpResponse:
    form = RetireForm(resume.data_of(request), today=timezone.localdate())
    return form_page(
        request,
        form,
        save=lambda seen: actions.retire_committee(
            committee=committee, on=form.cleaned_data["on"], by=request.membership
        ),
        said=f"Retirée : {committee}.",
        back=reverse("seats"),
        template="setup/form.html",
        context={
            "title": f"Retirer {committee} ?",
            "above": ABOVE,
            "back": reverse("seats"),
            "intro": "Ses réunions passées et leurs papiers demeurent.",
            "button": "Retirer",
        },
    )


@writes(Right.EDIT_FRAME, of=Committee, confirm=False)
def restore(request: Request, committee: Committee) -> HttpResponse:
    actions.retire_committee(committee=committee, on=None, by=request.membership)
    messages.success(request, f"Reprise : {committee}.")
    return redirect("seats")


@writes(Right.EDIT_FRAME, of=Committee, confirm=False)
def move_up(request: Request, committee: Committee) -> HttpResponse:
    return _shift(request, committee, up=True)


@writes(Right.EDIT_FRAME, of=Committee, confirm=False)
def move_down(request: Request, committee: Committee) -> HttpResponse:
    return _shift(request, committee, up=False)


def _shift(request: Request, committee: Committee, *, up: bool) -> HttpResponse:
    actions.shift_committee(
        committee=committee, up=up, today=timezone.localdate(), by=request.membership
    )
    return redirect("seats")
