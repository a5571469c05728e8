"""The list of signalements, and its files."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Membership, record
from governance.rights import Right
from humanicite.lib.exports import FORMATS, TooManyRows
from humanicite.lib.http import reads
from humanicite.lib.pages import page_of

from .. import exports
from .. import page as signalement_page
from ..filters import (
    ALL,
    DRAFTS,
    STATES_OF,
    TABS,
    WAITING,
    SignalementFilter,
    in_order,
    tab_of,
)
from ..models.recipients import Recipient
from ..models.signalements import Signalement, SignalementState
from ..past import set_back

PAGE = 25


@reads(Right.READ_SIGNALEMENTS)
def signalements(request: Request) -> HttpResponse:
    """By tab, what waits longest first."""
    membership: Membership = request.membership
    today = timezone.localdate()
    found = SignalementFilter(request.GET, membership=membership, today=today)
    answers = membership.may(Right.ANSWER_SIGNALEMENTS)
    rows = found.narrow(Signalement.objects.visible_to(membership))
    counts = _counts(rows, found)
    tab = _tab(request, found, counts)
    found.kept = {"onglet": tab}
    shown = rows if tab == ALL else rows.filter(then_state__in=STATES_OF[tab])
    if not found.is_team:
        shown = shown.exclude(then_state=SignalementState.BROUILLON)
    shown = shown.with_awaited(membership.party_id if answers else None)
    shown = in_order(shown, tab, membership)
    wanted = request.GET.get("_export", "")
    if wanted in FORMATS and found.is_valid():
        return _file(request, found, shown, wanted, tab)
    seen = Recipient.objects.visible_to(membership).filter(successor=None).select_related("party")
    with_all = shown.for_lists().prefetch_related(Prefetch("recipients", seen, to_attr="seen"))
    page = page_of(with_all, request.GET.get("page"), PAGE)
    context = {
        "filter": found,
        "query": found.query(),
        "tab": tab,
        "tabs": [
            (value, label, counts[value])
            for value, label in (*((v, text) for v, text, _ in TABS), (ALL, "Tous"))
            if value != DRAFTS or found.is_team
        ],
        "lines": [(row, _line(row, found.then or today)) for row in page.rows],
        "then": found.then,
        "total": counts[tab],
        "writes": membership.may(Right.WRITE_SIGNALEMENTS),
        "escalates": membership.may(Right.ESCALATE_SIGNALEMENTS),
        "first_awaited": next((row for row in page.rows if row.is_awaited), None),
        "elsewhere": 0 if page.rows or tab == ALL else counts[ALL],
        "has_any": any(counts.values()),
        "page": page,
    }
    return render(request, "signalements/list.html", context)


def _counts(rows: Any, found: SignalementFilter) -> dict[str, int]:
    by_state = rows.order_by().values("then_state").annotate(count=Count("pk"))
    states = {row["then_state"]: row["count"] for row in by_state}
    if not found.is_team:
        states.pop(SignalementState.BROUILLON, None)
    counts = {value: sum(states.get(state, 0) for state in of) for value, _, of in TABS}
    return counts | {ALL: sum(states.values())}


def _tab(request: Request, found: SignalementFilter, counts: dict[str, int]) -> str:
    """The one asked for; of a link that names only filters, the one where something is."""
    wanted = request.GET.get("onglet", "")
    if wanted == ALL or (wanted in STATES_OF and (wanted != DRAFTS or found.is_team)):
        return wanted
    if found.given.get("etat") in dict(SignalementState.choices):
        tab = tab_of(found.given["etat"])
        return tab if tab != DRAFTS or found.is_team else ALL
    return ALL if found.given else WAITING


def _line(row: Signalement, day: date) -> dict[str, Any]:
    set_back(row)
    return {
        "is_overdue": row.is_overdue(day),
        "tag": signalement_page.tag_of(row),
        "standings": [(one, signalement_page.standing(one)) for one in row.seen],  # type: ignore[attr-defined]  # prefetched
    }


def _file(
    request: Request, found: SignalementFilter, rows: object, wanted: str, tab: str
) -> HttpResponse:
    membership: Membership = request.membership
    try:
        file = exports.write(rows, found, wanted)
    except TooManyRows as error:
        messages.warning(request, str(error))
        return redirect(f"{request.path}?{found.query()}")
    record(
        Act.PRODUCE,
        membership.programme,
        by=membership,
        programme=membership.programme_id,
        fields=[wanted.upper(), "signalements", tab, *found.set_names],
    )
    name = f"signalements-{membership.party.slug}-{tab}-{timezone.localdate().isoformat()}.{wanted}"
    answer: Any = FileResponse(
        file, as_attachment=True, filename=name, content_type=FORMATS[wanted]
    )
    return answer
