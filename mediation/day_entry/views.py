"""A day's activities on one page, for a keyboard (R35, R36)."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from governance.access.requests import Request
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import writes
from humanicite.lib.params import day_in
from mediation.worktime import rows
from mediation.worktime.hours import sums, term_on

from .lines import EMPTY_ROWS, MOST_ROWS, DayEntry


@writes(Right.LOG_ACTIVITIES)
def day_entry(request: Request) -> HttpResponse:
    membership = request.membership
    now = timezone.localtime()
    today = now.date()
    data = resume.data_of(request)
    asked = (request.GET if data is None else data).get("jour")
    day = day_in(asked, latest=today)
    if day is None and request.method == "POST":
        messages.error(
            request, "Cette journée n’existe pas ou n’est pas encore venue : rien n’est enregistré."
        )
        return redirect("day_entry")
    saves = request.method == "POST" and "ajouter" not in request.POST
    entry = DayEntry(
        day=day or today, membership=membership, now=now, data=data, more=0 if saves else EMPTY_ROWS
    )
    if saves:
        entry.save()
        if not entry.faulty:
            _tell(request, entry)
            return redirect(f"{reverse('day_entry')}?{urlencode({'jour': entry.day.isoformat()})}")
    status = 422 if saves else 200
    return render(request, "day_entry/day_entry.html", _context(request, entry), status=status)


def _tell(request: Request, entry: DayEntry) -> None:
    said = entry.outcome.said()
    if said:
        messages.success(request, f"{said[0].upper()}{said[1:]}.")
    else:
        messages.info(request, "Rien à enregistrer.")
    if entry.outcome.to_review:
        messages.warning(
            request, "Un texte semble identifier quelqu’un : la coordination le relira."
        )


def _context(request: Request, entry: DayEntry) -> dict[str, object]:
    membership = request.membership
    today, day = entry.now.date(), entry.day
    found = rows.week_around(membership, membership.user_id, day)
    term = term_on(rows.terms(membership), day)
    beside = sums(stint for stint in found if stint.day == day)
    expected = round(term.usual_day) if term else None
    return {
        "entry": entry,
        "day": day,
        "is_today": day == today,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1) if day < today else None,
        "beside": beside.other,
        "total": entry.minutes + beside.other,
        "expected": expected,
        "alerts": rows.alerts_of(found, day),
        "outcome": entry.outcome.said(len(entry.faulty)),
        "most": MOST_ROWS,
        "usual": entry.habits.minutes,
        "resumed": hasattr(request, "resumed"),
    }
