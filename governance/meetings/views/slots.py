"""A date found together: proposed, seen as a table, chosen."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings.actions import slots as actions
from governance.meetings.forms import MOST_SLOTS, SlotFormSet, proposed_slots
from governance.meetings.models import Invitation, Meeting, Slot, SlotAnswer
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import long_day
from humanicite.lib.forms import target
from humanicite.lib.http import writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict

from .settled import settled


@writes(Right.CONVENE, of=Meeting)
def propose(request: Request, meeting: Meeting) -> HttpResponse:
    """Three dates or more, and what was answered to those proposed before."""
    if not (meeting.is_draft or meeting.is_polled):
        return settled(request, meeting, "Cette séance a déjà sa date.")
    data = resume.data_of(request)
    proposed = list(meeting.slots.all())
    initial = proposed_slots(proposed, meeting)
    initial += [{}] * (MOST_SLOTS - len(initial))
    forms = SlotFormSet(
        data, initial=initial, form_kwargs={"today": timezone.localdate()}, prefix="dates"
    )
    faults: list[tuple[str, str]] = []
    if request.method == "POST":
        if forms.is_valid():
            try:
                actions.propose_slots(
                    meeting=meeting,
                    read_version=version_in(request.POST.get("version")),
                    slots=[form.slot for form in forms if form.slot],
                    by=request.membership,
                    now=timezone.now(),
                )
            except Conflict:
                faults.append(("", "Cette séance a changé entre-temps : relisez, puis envoyez."))
            except ValidationError as error:
                faults.append(("id_dates-0-day", error.messages[0]))
            else:
                messages.success(request, "Dates proposées : les invités sont prévenus.")
                return redirect("meeting_slots", pk=meeting.pk)
        faults += _faults(forms)
    context: dict[str, object] = {
        "meeting": meeting,
        "forms": forms,
        "faults": faults,
        "table": table_of(meeting, proposed) if meeting.is_polled else None,
        "version": Meeting.objects.get(pk=meeting.pk).version,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "meetings/slots.html", context, status=status)


def _faults(forms: Any) -> list[tuple[str, str]]:
    return [
        (target(bound), f"{bound.label} {number} : {error}")
        for number, form in enumerate(forms, 1)
        for bound in form
        for error in bound.errors
    ]


def table_of(meeting: Meeting, slots: list[Slot]) -> dict[str, object]:
    """A line an invitation, a column a date: True, False, or None for no answer."""
    given = {
        (row.invitation_id, row.slot_id): row.suits
        for row in SlotAnswer.objects.filter(slot__in=slots)
    }
    rows = Invitation.objects.filter(meeting=meeting).select_related("party")
    lines = [(row, [(slot, given.get((row.pk, slot.pk))) for slot in slots]) for row in rows]
    counts = [
        (slot, sum(suits for (_, key), suits in given.items() if key == slot.pk)) for slot in slots
    ]
    best = max((count for _, count in counts), default=0)
    return {"slots": slots, "lines": lines, "counts": counts, "best": best}


@writes(Right.CONVENE, of=Slot, confirm=False)
def choose(request: Request, slot: Slot) -> HttpResponse:
    try:
        meeting = actions.choose_slot(slot=slot, by=request.membership)
    except Conflict:
        messages.info(request, "La date était déjà choisie.")
        return redirect("meeting", pk=slot.meeting_id)
    messages.success(request, f"Date retenue : {long_day(meeting.day)}. Il reste à convoquer.")
    return redirect("meeting", pk=meeting.pk)
