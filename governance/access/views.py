"""Who sees what, since when; invite, end (R74)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.templatetags.french import datefr

from .actions import end_access, grant_access
from .emails import send_invitation
from .filters import AccessFilter
from .forms import EndAccessForm, InvitationForm
from .models import Membership
from .requests import Request
from .tables import AccessTable


@reads(Right.MANAGE_ACCESS)
def access_list(request: Request) -> HttpResponse:
    membership = request.membership
    found = AccessFilter(request.GET, membership=membership, today=timezone.localdate())
    rows = found.narrow(Membership.objects.visible_to(membership))
    table = AccessTable(
        rows.select_related("user", "party__perimeter"), asked=request.GET, own=membership.pk
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
            return redirect("access")
    return render(request, "access/invite_form.html", {"form": form})


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
    send_invitation(membership, request)
    messages.success(request, f"Un nouveau message part vers {membership.user.email}.")
    return redirect("access")
