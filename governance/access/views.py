"""Who sees what, since when; invite, end (R74)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.rights import Right, Role
from humanicite.lib import resume
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import datefr

from . import actions
from .actions import change_access, end_access, grant_access
from .emails import send_invitation
from .filters import AccessFilter
from .forms import AccessForm, EndAccessForm, InvitationForm
from .models import Membership
from .requests import Request
from .tables import AccessTable


@reads(Right.MANAGE_ACCESS)
def access_list(request: Request) -> HttpResponse:
    membership = request.membership
    now = timezone.now()
    today = timezone.localtime(now).date()
    found = AccessFilter(request.GET, membership=membership, today=today)
    rows = found.narrow(Membership.objects.visible_to(membership))
    table = AccessTable(
        rows.select_related("user", "party__perimeter"),
        asked=request.GET,
        own=membership,
        now=now,
    )
    found.kept = table.kept
    context = {"filter": found, "tabs": found.tabs("etat"), "table": table}
    return render(request, "access/access.html", context)


@writes(Right.MANAGE_ACCESS)
def invite(request: Request) -> HttpResponse:
    by = request.membership
    form = InvitationForm(resume.data_of(request), membership=by, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                granted = grant_access(**form.cleaned_data, by=by)
                send_invitation(granted, request)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(
                request, f"{granted.user.email} est invité : un message lui donne l’accès."
            )
            _warn_of_no_perimeter(request, granted)
            return redirect("access")
    return render(request, "access/invite_form.html", {"form": form})


def _warn_of_no_perimeter(request: Request, access: Membership) -> None:
    """A partner reads activities and figures by its party's perimeter; without one, none (R75)."""
    if access.role == Role.PARTENAIRE and access.perimeter is None:
        messages.warning(
            request,
            f"{access.party.name} n’a pas encore de périmètre : cet accès ne montre ni activités "
            "ni chiffres tant que la convention ne lui en donne pas.",
        )


@writes(Right.MANAGE_ACCESS, of=Membership)
def edit(request: Request, membership: Membership) -> HttpResponse:
    """Another role, function or last day; never of one's own access."""
    today, data = timezone.localdate(), resume.data_of(request)
    form = AccessForm(data, access=membership, today=today)
    seen = membership.fingerprint if data is None else data.get("seen", "")
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_access(
                membership=membership,
                **form.cleaned_data,
                seen=seen,
                today=today,
                by=request.membership,
            )
        except ValidationError as error:
            add_errors(form, error)
            seen = Membership.objects.get(pk=membership.pk).fingerprint
        else:
            messages.success(request, f"Enregistré : {changed}.")
            _warn_of_no_perimeter(request, changed)
            return redirect("access")
    context = {"form": form, "access": membership, "seen": seen}
    status = 422 if request.method == "POST" else 200
    return render(request, "access/edit.html", context, status=status)


@writes(Right.MANAGE_ACCESS, of=Membership)
def end(request: Request, membership: Membership) -> HttpResponse:
    form = EndAccessForm(resume.data_of(request), today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            end_access(
                membership=membership,
                on=form.cleaned_data["on"],
                today=timezone.localdate(),
                by=request.membership,
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            last = membership.ends
            messages.success(
                request,
                f"L’accès prend fin le {datefr(last)} au soir." if last else "L’accès est clos.",
            )
            return redirect("access")
    return render(request, "access/end.html", {"form": form, "access": membership})


@writes(Right.MANAGE_ACCESS, of=Membership, confirm=False)
def invite_again(request: Request, membership: Membership) -> HttpResponse:
    """A new link for somebody who never set a password, or lost the message."""
    try:
        with transaction.atomic():
            actions.invite_again(membership=membership, now=timezone.now(), by=request.membership)
            send_invitation(membership, request)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"Un nouveau message part vers {membership.user.email}.")
    return redirect("access")
