"""Lines on agendas: put there, taken off, and read by those who have a seat."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.base import current
from governance.models import Committee
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import long_day
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.params import number_in
from humanicite.lib.writes import Done

from .. import actions
from ..forms import AgendaForm
from ..models import AgendaLine, Situation
from ..readers import committee_label, readers_of, seats_of

AGENDA_SHOWN = 60  # lines of sessions that took place


# Long for the layout of its calls: access, form, action, redirect.
@writes(Right.HANDLE_SITUATIONS, of=Situation)
def put_on_agenda(request: Request, situation: Situation) -> HttpResponse:
    """One anonymous line for a committee: who will read it is said before it is sent."""
    membership = request.membership
    if situation.is_closed:
        messages.info(request, "Cette situation est close : rouvrez-la pour l’inscrire.")
        return redirect("situation", pk=situation.pk)
    today = timezone.localdate()
    data = resume.data_of(request)
    rows = Committee.objects.visible_to(membership).filter(current(today))
    committees = {row.pk: row for row in rows}
    seats = seats_of(committees)
    form = AgendaForm(
        data,
        initial=AgendaForm.next_session(situation, membership, today) if data is None else {},
        committees=committees,
        labels={
            key: committee_label(row, readers_of(seats, key, today))
            for key, row in committees.items()
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            line = actions.put_on_agenda(
                situation=situation,
                committee=form.cleaned_data["committee"],
                day=form.cleaned_data["day"],
                line=form.cleaned_data["line"],
                today=today,
                by=membership,
            )
        except Done:
            messages.info(request, "Déjà à l’ordre du jour de cette séance, avec les mêmes mots.")
            return redirect("situation", pk=situation.pk)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, f"À l’ordre du jour : {line.committee}, {long_day(line.day)}."
            )
            return redirect("situation", pk=situation.pk)
    context = {
        "situation": situation,
        "form": form,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "situations/agenda.html", context, status=status)


@writes(Right.HANDLE_SITUATIONS, of=Situation, confirm=False)
def take_off_agenda(request: Request, situation: Situation) -> HttpResponse:
    line = actions.take_off_agenda(
        situation=situation,
        key=number_in(request.POST.get("ligne")),
        by=request.membership,
    )
    if line is None:
        messages.info(request, "Cette ligne n’est plus à l’ordre du jour.")
    else:
        messages.success(
            request, f"Retirée de l’ordre du jour : {line.committee}, {long_day(line.day)}."
        )
    return redirect("situation", pk=situation.pk)


@reads(Right.READ_AGENDA_LINES)
def agenda_lines(request: Request) -> HttpResponse:
    """What the committees in which the party sits read of situations, and nothing else of them."""
    membership = request.membership
    today = timezone.localdate()
    lines = AgendaLine.objects.visible_to(membership).select_related("committee")
    coming = lines.filter(day__gte=today).order_by("day", "committee__rank", "pk")
    past = lines.filter(day__lt=today).order_by("-day", "committee__rank", "pk")
    context = {
        "coming": _by_session(coming),
        "past": _by_session(past[:AGENDA_SHOWN]),
    }
    return render(request, "situations/agenda_lines.html", context)


def _by_session(lines: Any) -> list[tuple[date, str, list[str]]]:
    """(day, committee, what it reads): of each line its words alone."""
    found: dict[tuple[date, str], list[str]] = {}
    for line in lines:
        found.setdefault((line.day, str(line.committee)), []).append(line.line)
    return [(day, committee, said) for (day, committee), said in found.items()]
