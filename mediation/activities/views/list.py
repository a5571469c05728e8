"""The list of activities by day: filters in the address, pages by position, files of what is shown."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Membership, record
from governance.rights import Right
from humanicite.lib.exports import FORMATS, TooManyRows
from humanicite.lib.http import reads
from humanicite.lib.keyset import Keyset, Page, day_column, key_column, time_column
from mediation.saved_filters.models import SavedFilter

from .. import exports
from ..filters import ActivityFilter
from ..models import Activity, ActivityQuerySet, HeadCount
from ..rows import Day, Entry

PAGE = 50
LONGEST_COUNTED = timedelta(days=366)  # over which no people are summed
MOST_COUNTED = 5000  # two years of a service; beyond, no page waits for a count

# Partners see no start times: neither their order nor the addresses of their pages may tell them.
OPERATOR_ORDER = Keyset(day_column("day"), time_column("starts_at"), key_column())
PARTNER_ORDER = Keyset(day_column("day"), key_column())


@reads(Right.READ_ACTIVITIES)
def activity_list(request: Request) -> HttpResponse:
    membership: Membership = request.membership
    found = ActivityFilter(request.GET, membership=membership, today=timezone.localdate())
    rows = found.narrow(Activity.objects.visible_to(membership))
    order = OPERATOR_ORDER if found.reads_all else PARTNER_ORDER
    wanted = request.GET.get("_export", "")
    if wanted in FORMATS and found.is_valid():
        return _file(request, found, order.order(rows), wanted)
    page = order.page(
        rows.for_pages(own=found.reads_all),
        PAGE,
        before=request.GET.get("avant", ""),
        after=request.GET.get("apres", ""),
    )
    totals = _totals(rows, found)
    query = found.query()
    context = {
        "filter": found,
        "query": query,
        "main_search": not membership.may(Right.LOG_ACTIVITIES),
        "days": _days(page, rows, found),
        "page": page,
        "total": totals.count,
        "totals": totals,
        "most": MOST_COUNTED,
        "may_import": membership.may(Right.IMPORT_ACTIVITIES),
        "spans": [
            (label, f"?{found.query(periode=key, du='', au='')}", found.given.get("periode") == key)
            for key, (label, _, _) in found.spans.items()
        ],
        "saved": [
            (kept, kept.query == query) for kept in SavedFilter.objects.visible_to(membership)
        ],
        "most_saved": SavedFilter.MOST,
    }
    return render(request, "activities/list.html", context)


@dataclass(frozen=True)
class Totals:
    """Of all the rows of a list; None for what is not counted."""

    count: int | None
    minutes: int | None = None
    days: int | None = None
    people: int | None = None  # of an operator's list of a year at most, as figures open


def _totals(rows: ActivityQuerySet, found: ActivityFilter) -> Totals:
    """Nothing where there are more than anybody waits for. People: those that the filter on
    audiences leaves; partners read of none."""
    some = rows.order_by().values("minutes", "day")[: MOST_COUNTED + 1]
    got = some.aggregate(
        count=Count("minutes"), spent=Sum("minutes"), days=Count("day", distinct=True)
    )
    if got["count"] > MOST_COUNTED:
        return Totals(None)
    return Totals(got["count"], got["spent"] or 0, got["days"], _people(rows, found))


def _people(rows: ActivityQuerySet, found: ActivityFilter) -> int | None:
    if not (found.reads_all and found.is_valid() and _is_short(*found.bounds)):
        return None
    cells = HeadCount.objects.filter(activity__in=rows.order_by())
    audience = found.cleaned_data.get("public")
    if audience:
        cells = cells.filter(audience=audience)
    people: int = cells.aggregate(people=Sum("count"))["people"] or 0
    return people


def _is_short(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last - first <= LONGEST_COUNTED


def _days(page: Page, rows: ActivityQuerySet, found: ActivityFilter) -> list[Day]:
    """The page's rows by day, each with the whole day's figures under the filters."""
    if not page.rows:
        return []
    made = Entry.for_operator if found.reads_all else Entry.for_partner
    shown = rows.order_by().between(page.rows[-1].day, page.rows[0].day).values("day")
    sums = {
        row["day"]: (row["count"], row["spent"])
        for row in shown.annotate(count=Count("pk"), spent=Sum("minutes"))
    }
    return [
        Day(day, *sums[day], [made(row, found.names) for row in members])
        for day, members in groupby(page.rows, lambda row: row.day)
    ]


def _file(request: Request, found: ActivityFilter, rows: Any, wanted: str) -> HttpResponse:
    membership: Membership = request.membership
    try:
        file = exports.write(rows, found, wanted)
    except TooManyRows as error:
        messages.warning(request, str(error))
        return redirect(f"{request.path}?{found.query()}")
    record(
        Act.PRODUCE,
        exports.perimeter_of(found, membership) or membership.programme,
        by=membership,
        programme=membership.programme_id,
        fields=[wanted.upper(), *found.set_names],
    )
    answer: Any = FileResponse(
        file,
        as_attachment=True,
        filename=exports.file_name(found, membership, wanted),
        content_type=FORMATS[wanted],
    )
    return answer
