"""Figures for a perimeter and a period, and the coordination's own page."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from governance.access.requests import Request
from governance.base import in_force
from governance.coming.rows import Coming, coming
from governance.meetings.rhythm import LATE_FROM
from governance.models import (
    ActionItem,
    Committee,
    CommitteeKind,
    Contact,
    Convention,
    Invitation,
    InvitationAnswer,
    Meeting,
    MeetingState,
    Membership,
    Minutes,
    MinutesStage,
    Perimeter,
    Programme,
    Seat,
)
from governance.rights import Right
from humanicite.lib.dates import is_day_off, long_day
from humanicite.lib.exports import FORMATS, WRITERS
from humanicite.lib.http import reads
from humanicite.templatetags.french import datefr, plural
from mediation.followup import steps
from mediation.models import Activity, InboundMail, Review, Signalement
from mediation.signalements.models.signalements import SignalementQuerySet
from reporting.asked import chosen_perimeter, chosen_period, seen_perimeters
from reporting.figures.activities import Report, report
from reporting.figures.hours import programme_hours
from reporting.figures.signalements import evening_of
from reporting.periods import Period
from reporting.syntheses.latest import LatestEdition, latest_edition

from . import sections
from .beginnings import beginnings
from .board import dashboard, hours_bullet, pace_in_words
from .sections import Page
from .signalements import SignalementBoard, figures_and_awaited, signalements_link
from .steering import month_so_far, steering_figures, steering_to_do, steering_words
from .tables import TABLES

SOON = timedelta(days=14)  # before its day an action is told
CONVENED_BEFORE = timedelta(days=21)  # a meeting that is still a draft by then is told


def chosen_report(
    text: str | None, perimeter: Perimeter, reader: Membership, today: date
) -> Report:
    """Of the period asked for; of the running month while none is over since the first record."""

    def of(period: Period) -> Report:
        return report(perimeter, period, until=today)

    found = of(chosen_period(text, today))
    if text or (found.recorded_since or reader.starts) <= found.period.last:
        return found
    return of(Period.holding("mois", today))


COMPARED = {"precedent": False, "an": True}  # with the same period a year ago
MOST_TO_DO = 3


@dataclass(frozen=True)
class ToDo:
    """One thing that waits for the reader, and where it is done. `act` is what the button says."""

    text: str
    url: str
    act: str
    about: str = ""


@reads(Right.READ_FIGURES)
def perimeter_dashboard(request: Request) -> HttpResponse:
    membership = request.membership
    today = timezone.localdate()
    perimeters = seen_perimeters(membership)
    perimeter = chosen_perimeter(membership, perimeters, request.GET.get("perimetre"))
    asked = request.GET.get("periode")
    if perimeter is None:
        context = {
            "perimeter": None,
            "period": chosen_period(asked, today),
            "coming": coming(membership, today),
            **_answering(list(_awaited(membership).values_list("pk", flat=True))),
        }
        return render(request, "dashboards/dashboard.html", context)
    page, begins, awaited = _page(request, perimeter, today)
    period = page.period
    ahead = None if membership.is_operator else coming(membership, today)
    year = _hours(membership, min(period.last, Period.holding("mois", today).previous.last))
    page.hours, page.pace = year["hours"], year["pace"]
    context = {
        "page": page,
        "perimeter": perimeter,
        "perimeters": perimeters,
        "period": period,
        "kinds": [
            (label, Period.holding(kind, min(period.last, max(today, period.first))))
            for kind, label in (("mois", "Mois"), ("trimestre", "Trimestre"), ("annee", "Année"))
        ],
        "previous": period.previous if begins <= period.previous.last else None,
        "next": period.next if period.next.first <= today else None,
        "board": page.board,
        "coming": ahead,
        "to_do": _to_do(awaited, ahead, today),
        **year,
        "signalement_board": page.signalements,
        "signalement_steps": page.signalements.steps,
        "sections": sections.shown(page),
    }
    return render(request, "dashboards/dashboard.html", context)


@reads(Right.READ_FIGURES)
def table_file(request: Request) -> HttpResponse:
    """One table of the dashboard as CSV or XLSX, of the same perimeter and period."""
    membership, today = request.membership, timezone.localdate()
    perimeter = chosen_perimeter(
        membership, seen_perimeters(membership), request.GET.get("perimetre")
    )
    make = TABLES.get(request.GET.get("tableau", "chiffres"))
    form = request.GET.get("format", "csv")
    if perimeter is None or make is None or form not in WRITERS:
        raise Http404
    page, _, _ = _page(request, perimeter, today)
    table = make(page)
    name = slugify(f"{table.name} {perimeter.party.slug} {page.period.slug}")
    answer: Any = FileResponse(
        WRITERS[form](table.columns, table.rows, table.name),
        as_attachment=True,
        filename=f"{name}.{form}",
        content_type=FORMATS[form],
    )
    return answer


def _page(request: Request, perimeter: Perimeter, today: date) -> tuple[Page, date, list[int]]:
    """The page of what was asked for, since when there is something to tell, and the signalements
    that wait for the reader's party."""
    membership = request.membership
    comparison = request.GET.get("comparaison", "precedent")
    if comparison not in COMPARED:
        raise Http404
    found = chosen_report(request.GET.get("periode"), perimeter, membership, today)
    period, begins = found.period, found.recorded_since or membership.starts
    then = evening_of(period, today)
    signalements, awaited = figures_and_awaited(
        perimeter, period, today, _awaited(membership), then
    )
    board = dashboard(
        perimeter,
        found,
        today,
        links=True,
        reads_rows=membership.may(Right.READ_OPERATOR_FIELDS),
        compares_year=COMPARED[comparison],
    )
    signalement_board = SignalementBoard(
        signalements,
        signalements_link(perimeter, period, then),
        reads_all=membership.is_operator,
        now_url=signalements_link(perimeter, period)() if then else "",
    )
    return Page(perimeter, period, today, board, signalement_board), begins, awaited


def _to_do(awaited: list[int], ahead: Coming | None, today: date) -> list[ToDo]:
    """At most three things that wait for the reader's party, answers first."""
    found = []
    if awaited:
        waiting = _answering(awaited)
        text = plural(
            len(awaited), "signalement attend votre réponse,signalements attendent votre réponse"
        )
        found.append(ToDo(text, str(waiting["awaiting_url"]), f"Répondre ({len(awaited)})"))
    for line in ahead.meetings if ahead else ():
        if line.is_asked:
            about = "date à trouver" if line.is_polled else long_day(line.day)
            url = reverse("meeting", args=[line.key])
            found.append(ToDo(line.text, url, "Dire si vous venez", about))
    for line in ahead.actions if ahead else ():
        if line.day <= today + SOON:
            late = f"pour le {datefr(line.day)}" + (", échéance passée" if line.day < today else "")
            found.append(ToDo(line.text, reverse("action", args=[line.key]), "Voir", late))
    return found[:MOST_TO_DO]


def _awaited(membership: Membership) -> SignalementQuerySet:
    """Signalements that wait for the answer of the reader's own party; none for who answers none."""
    rows: SignalementQuerySet = Signalement.objects.visible_to(membership)
    if not membership.may(Right.ANSWER_SIGNALEMENTS):
        return rows.none()
    return rows.awaiting(membership.party_id)


def _answering(keys: list[int]) -> dict[str, object]:
    """How many wait for an answer, and where it is given."""
    alone = reverse("signalement", args=keys) if len(keys) == 1 else reverse("signalements")
    return {"awaiting": len(keys), "awaiting_url": alone}


def _hours(membership: Membership, until: date) -> dict[str, Any]:
    """The programme's hours of the convention's year, and where they lead; None when none is in
    force that day.

    The dashboard stops at the last month that is over: a total read from one day to the next would
    tell a single médiateur's days (docs/decisions/0017).
    """
    conventions = Convention.objects.visible_to(membership)
    if not membership.is_operator:
        # In the convention's query: a partner's dashboard makes few.
        conventions = conventions.annotate(latest_edition=latest_edition(membership))
    convention = conventions.in_force(until)
    found = programme_hours(convention, until) if convention else None
    latest = getattr(convention, "latest_edition", None)
    return {
        "hours": found,
        "bullet": hours_bullet(found) if found else None,
        "pace": pace_in_words(found) if found else "",
        "edition": LatestEdition.read(latest) if latest else None,
    }


@reads(Right.STEER)
def steering(request: Request) -> HttpResponse:
    """What the coordination looks at daily: signalements that stand still, hours against the year's, days
    without entry, texts to review, what is to be produced, and seats nobody holds."""
    membership = request.membership
    today = timezone.localdate()
    month = Period.holding("mois", today)
    activities = Activity.objects.visible_to(membership)
    begun = beginnings(membership, today)
    first = begun.first_day
    waiting = _standing_still(membership, today) | _waiting(membership, today)
    hours_told = _hours(membership, today)
    missing = _days_without_entry(membership, max(month.first, first), today) if first else []
    quality = month_so_far(activities, month, today)
    context = {
        "today": today,
        "month": month,
        "to_set_up": begun.steps,
        "last_month": month.previous,
        **hours_told,
        "perimeters": Perimeter.objects.visible_to(membership).select_related("party"),
        "first_day": first,
        "missing": missing,
        "recent": activities.for_lists().newest_first()[:5],
        **waiting,
        "quality": quality,
        "headline": steering_words(waiting, missing, hours_told["pace"]),
        "key_figures": steering_figures(waiting, missing, hours_told["hours"], quality),
        "to_do": [ToDo(*one) for one in steering_to_do(waiting, missing)[:MOST_TO_DO]],
        "bounced": Contact.objects.visible_to(membership)
        .on(today)
        .filter(bounced_on__isnull=False)
        .select_related("party"),
        "vacant": Seat.objects.visible_to(membership)
        .filter(in_force(today), function="", on_agenda=False)
        .exclude(committee__retired_on__lte=today)
        .select_related("committee", "party"),
    }
    return render(request, "dashboards/steering.html", context)


def _waiting(membership: Membership, today: date) -> dict[str, int]:
    """How many rows of each list wait for the coordination; one query."""
    programme = membership.programme_id
    meetings = Meeting.objects.visible_to(membership)
    ahead = meetings.filter(day__gte=today)
    approved = Minutes.objects.filter(meeting=OuterRef("pk"), stage=MinutesStage.APPROVED)
    met = (MeetingState.CONVENED, MeetingState.HELD)
    monthly = {"committee__kind": CommitteeKind.FOLLOW_UP}
    lists: dict[str, QuerySet] = {
        "to_convene": ahead.filter(state=MeetingState.DRAFT, day__lte=today + CONVENED_BEFORE),
        "unanswered": Invitation.objects.visible_to(membership).filter(
            meeting__in=ahead.filter(state=MeetingState.CONVENED), answer=InvitationAnswer.NONE
        ),
        "to_approve": meetings.filter(~Exists(approved), day__lt=today, state__in=met),
        "late_actions": ActionItem.objects.visible_to(membership).late(today),
        "monthly_bodies": Committee.objects.visible_to(membership).filter(
            kind=CommitteeKind.FOLLOW_UP
        ),
        "of_month": meetings.filter(
            day__year=today.year, day__month=today.month, state__in=met, **monthly
        ),
        "to_review": Activity.objects.visible_to(membership).filter(review=Review.PENDING),
        "to_call": steps.to_call(programme),
        "for_committee": steps.for_committee(programme),
        "to_attach": InboundMail.objects.visible_to(membership).waiting(),
    }
    counts = {name: _count_of(rows) for name, rows in lists.items()}
    found: dict[str, int] = (
        Programme.objects.filter(pk=programme).annotate(**counts).values(*counts).get()
    )
    # From the 10th on, the convocation of the month's comité is late (R56).
    bodies, of_month = found.pop("monthly_bodies"), found.pop("of_month")
    found["missing_monthly"] = int(bool(bodies) and not of_month and today.day >= LATE_FROM)
    return found


def _count_of(rows: QuerySet) -> Coalesce:
    one = rows.order_by().annotate(one=Value(1)).values("one")
    return Coalesce(Subquery(one.annotate(count=Count("pk")).values("count")), 0)


def _standing_still(membership: Membership, today: date) -> dict[str, int]:
    """How many signalements are overdue, and how many each of their addressees refused; one query."""
    signalements = Signalement.objects.visible_to(membership)
    overdue, refused = signalements.overdue(today), steps.refused(membership.programme_id)
    found: dict[str, int] = signalements.aggregate(
        overdue=Count("pk", Q(pk__in=overdue.order_by().values("pk"))),
        refused=Count("pk", Q(pk__in=refused.order_by().values("pk"))),
    )
    return found


def _days_without_entry(membership: Membership, first: date, today: date) -> list[date]:
    """Working days from the first on, up to yesterday, on which nobody logged anything."""
    logged = set(
        Activity.objects.visible_to(membership).between(first, today).values_list("day", flat=True)
    )
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    return [day for day in days if day not in logged and not is_day_off(day)]
