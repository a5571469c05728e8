"""The bodies: what comes, what was, what is missing (R47–R68)."""

from datetime import date

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Membership
from governance.access.requests import Request
from governance.base import current, in_force
from governance.committees.models import Committee, CommitteeKind, Seat
from governance.conventions.models import Convention
from governance.meetings import rhythm
from governance.meetings.actions import drafts
from governance.meetings.links import feed_token
from governance.meetings.models import InvitationAnswer, Meeting, MeetingKind
from governance.rights import Right
from humanicite.lib.dates import MONTHS, long_day
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.params import number_in

PAGE = 12  # past meetings
AHEAD = 3  # monthly meetings that propose themselves


@reads(Right.READ_MEETINGS)
def committees(request: Request) -> HttpResponse:
    """Next and past meetings as the reader may see them; to who convenes, what is missing."""
    membership = request.membership
    today = timezone.localdate()
    rows = Meeting.objects.visible_to(membership).select_related("committee")
    coming = list(rows.to_come(today).annotate(**_counts()))
    page = page_of(rows.past(today), request.GET.get("page"), PAGE)
    context = {
        "coming": [(row, _own_answer(membership, row)) for row in coming],
        "page": page,
        "may_convene": membership.may(Right.CONVENE),
        "vacant": _vacant(membership, today),
        "feed": request.build_absolute_uri(reverse("meeting_feed", args=[feed_token(membership)])),
        **(_to_prepare(membership, today) if membership.may(Right.CONVENE) else {}),
    }
    return render(request, "meetings/committees.html", context)


@writes(Right.CONVENE, confirm=False)
def accept_rhythm(request: Request) -> HttpResponse:
    """One tap: a meeting that proposed itself becomes a draft."""
    membership = request.membership
    today = timezone.localdate()
    committees = Committee.objects.visible_to(membership).filter(current(today))
    committee = committees.filter(pk=number_in(request.POST.get("instance"))).first()
    if committee is None:
        return redirect("committees")
    for proposal in _proposals(committee, _of(committee, membership), today):
        if proposal.day.isoformat() == request.POST.get("jour"):
            meeting = drafts.accept_rhythm(committee=committee, proposal=proposal, by=membership)
            messages.success(
                request, f"Séance préparée : {long_day(meeting.day)}. Rien n’est envoyé."
            )
            return redirect("meeting", pk=meeting.pk)
    messages.info(request, "Cette séance est déjà préparée, ou sa date n’est plus proposée.")
    return redirect("committees")


def _counts() -> dict[str, object]:
    answered = ~Q(invitations__answer=InvitationAnswer.NONE)
    return {
        "asked": Count("invitations", distinct=True),
        "answered": Count("invitations", filter=answered, distinct=True),
    }


def _own_answer(membership: Membership, meeting: Meeting) -> bool:
    """Whether an answer of its party is missing is asked on the meeting's own page."""
    return meeting.is_convened and not membership.is_operator


def _vacant(membership: Membership, today: date) -> list[Seat]:
    """Seats « à désigner » (R55, R61): all of them to the operator, its own to a party."""
    if not membership.may(Right.READ_FRAME):
        return []
    seats = Seat.objects.visible_to(membership).filter(
        in_force(today), current(today, prefix="committee__"), function="", on_agenda=False
    )
    if not membership.is_operator:
        seats = seats.filter(party=membership.party_id)
    return list(seats.select_related("committee", "party").order_by("committee__rank", "rank"))


def _to_prepare(membership: Membership, today: date) -> dict[str, object]:
    """What proposes itself, and what is missing, in as many queries for ten bodies as for one."""
    found = Committee.objects.visible_to(membership).filter(current(today))
    bodies = list(found.filter(kind__in=(CommitteeKind.FOLLOW_UP, CommitteeKind.STEERING)))
    of_body: dict[int, list[Meeting]] = {row.pk: [] for row in bodies}
    meetings = Meeting.objects.visible_to(membership).filter(committee__in=bodies)
    for meeting in meetings.order_by("day"):
        of_body[meeting.committee_id].append(meeting)
    term = Convention.objects.visible_to(membership).on(today).order_by("-starts").first()
    proposed, missing = [], []
    for body in bodies:
        if body.kind == CommitteeKind.FOLLOW_UP:
            proposed.append((body, _proposals(body, of_body[body.pk], today)))
            if rhythm.is_month_missing(of_body[body.pk], today):
                missing.append(
                    (body, f"aucune séance tenue ni convoquée en {MONTHS[today.month - 1]}")
                )
        elif term is not None:
            kinds = rhythm.missing_of_term(of_body[body.pk], term.starts, term.ends, today)
            missing += [(body, f"{MISSING[kind]} ({term.name})") for kind in kinds]
    return {"proposed": [pair for pair in proposed if pair[1]], "missing": missing}


MISSING = {
    MeetingKind.LAUNCH: "pas de séance de lancement",
    MeetingKind.MIDTERM: "pas de séance à mi-parcours",
    MeetingKind.YEARLY: "pas de séance de bilan annuel",
}


def _of(committee: Committee, membership: Membership) -> list[Meeting]:
    rows = Meeting.objects.visible_to(membership).filter(committee=committee)
    return list(rows.order_by("day"))


def _proposals(committee: Committee, meetings: list[Meeting], today: date) -> list[rhythm.Proposal]:
    if committee.kind != CommitteeKind.FOLLOW_UP:
        return []
    return rhythm.next_meetings(meetings, today, count=AHEAD)
