"""The agreement as the parties read it (I, IV–VII)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.base import in_force
from governance.committees.models import Committee, Seat
from governance.contacts.models import Contact
from governance.framework.models import Axis
from governance.parties.models import Party
from governance.rights import Right
from governance.territory.models import Perimeter
from humanicite.lib import resume
from humanicite.lib.http import reads, writes

from .actions import save_party
from .forms import PartyForm
from .models import Convention, ProvisionKind


@reads(Right.READ_FRAME)
def convention(request: Request) -> HttpResponse:
    """One convention of the programme: the one in force, or the one asked for (`?convention=`)."""
    membership = request.membership
    today = timezone.localdate()
    conventions = list(Convention.objects.visible_to(membership).select_related("operator"))
    wanted = request.GET.get("convention")
    shown = next((row for row in conventions if row.slug == wanted), None) or next(
        (row for row in conventions if row.holds(today)), conventions[0] if conventions else None
    )
    if shown is None:
        return render(request, "conventions/convention.html", {"convention": None})
    day = min(max(today, shown.starts), shown.ends or today)
    committees = Committee.objects.visible_to(membership).prefetch_related(
        Prefetch("seats", Seat.objects.select_related("party"))
    )
    provisions = list(shown.provisions.select_related("party"))
    context = {
        "convention": shown,
        "conventions": conventions,
        "may_edit": membership.may(Right.EDIT_FRAME),
        "may_designate": membership.may(Right.DESIGNATE_CONTACTS),
        "parties": Party.objects.visible_to(membership),
        "signatories": shown.signatories.select_related("party"),
        "financing": shown.financing(),
        "means": [row for row in provisions if row.kind == ProvisionKind.MEANS],
        "commitments": [row for row in provisions if row.kind == ProvisionKind.COMMITMENT],
        "committees": [
            (row, [seat for seat in row.seats.all() if seat.holds(day)]) for row in committees
        ],
        "axes": Axis.objects.visible_to(membership).prefetch_related("objectives"),
        "perimeters": Perimeter.objects.visible_to(membership)
        .select_related("party")
        .prefetch_related("places"),
        "contacts": Contact.objects.visible_to(membership)
        .filter(in_force(day))
        .select_related("party"),
    }
    return render(request, "conventions/convention.html", context)


@writes(Right.EDIT_FRAME, of=Party)
def edit_party(request: Request, party: Party) -> HttpResponse:
    saved = party.fingerprint
    data = resume.data_of(request)
    form = PartyForm(data, instance=party)
    if request.method == "POST" and form.is_valid():
        try:
            save_party(
                party=form.instance,
                seen=request.POST.get("seen", ""),
                fields=form.changed_data,
                by=request.membership,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "La partie est enregistrée.")
            return redirect("convention")
        seen = saved
    else:
        # A form that is wrong keeps what it was shown: only the notice hands out a newer one.
        seen = saved if data is None else data.get("seen", "")
    context = {"form": form, "party": party, "seen": seen}
    return render(request, "conventions/form.html", context)
