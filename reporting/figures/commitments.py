"""What each party has done of what all promised: a count of facts, one query each (R69, R83–R86)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q

from governance.base import in_force
from governance.models import (
    ActionItem,
    ActionState,
    Attendance,
    Contact,
    Invitation,
    MeetingState,
    Party,
    QuarterNews,
    Seat,
)
from mediation.models import Recipient, SignalementState
from reporting.periods import Period

from .disclosure import FEW_ROWS

WAS_THERE = (Attendance.PRESENT, Attendance.REPRESENTED)


@dataclass
class Share:
    """How many of how many. `hides_few`: of a few it is not told what became of them."""

    done: int = 0
    total: int = 0
    hides_few: bool = False

    @property
    def is_few(self) -> bool:
        return self.hides_few and 0 < self.total < FEW_ROWS


@dataclass
class Commitments:
    """Of one party in one period, up to a day.

    Signalements are counted across perimeters, so of confidential ones nothing is told (decision
    0024), and of fewer than FEW_ROWS their course is not: a neighbour could tell which one it was.
    """

    party: Party
    contacts: int = 0
    backups: int = 0
    seats: Share = field(default_factory=Share)
    meetings: Share = field(default_factory=Share)
    signalements: Share = field(default_factory=lambda: Share(hides_few=True))
    actions: Share = field(default_factory=Share)
    news: int = 0


def commitments(
    programme: int, parties: Iterable[Party], period: Period, on: date
) -> list[Commitments]:
    """One a party, in their order; `on`: the day up to which it is told. Six queries."""
    found = {party.pk: Commitments(party) for party in parties}
    until = min(period.last, on)
    for key, row in _by_party(_contacts(programme, until), found):
        found[key].contacts, found[key].backups = row["all"], row["backups"]
    for key, row in _by_party(_news(programme, period), found):
        found[key].news = row["all"]
    shares = {
        "seats": _seats(programme, until),
        "meetings": _meetings(programme, period),
        "signalements": _signalements(programme, period, until),
        "actions": _actions(programme, period, until),
    }
    for name, rows in shares.items():
        for key, row in _by_party(rows, found):
            share: Share = getattr(found[key], name)
            share.done, share.total = row["done"], row["all"]
    return list(found.values())


def _by_party(rows: Any, found: dict[int, Commitments]) -> Iterable[tuple[int, dict[str, int]]]:
    return ((row["party"], row) for row in rows if row["party"] in found)


def _contacts(programme: int, until: date) -> object:
    """Designated, so with an address (R84)."""
    rows = Contact.objects.of_programme(programme).filter(in_force(until)).exclude(email="")
    return (
        rows.order_by()
        .values("party")
        .annotate(all=Count("pk"), backups=Count("pk", Q(is_backup=True)))
    )


def _seats(programme: int, until: date) -> object:
    """Held by a function, of those that the agreement gives (R55, R61)."""
    rows = Seat.objects.of_programme(programme).filter(
        in_force(until), on_agenda=False, party__isnull=False
    )
    return (
        rows.order_by().values("party").annotate(all=Count("pk"), done=Count("pk", ~Q(function="")))
    )


def _meetings(programme: int, period: Period) -> object:
    """Held meetings to which the party was asked and whose attendance was noted."""
    rows = (
        Invitation.objects.of_programme(programme)
        .filter(
            meeting__state=MeetingState.HELD,
            meeting__day__gte=period.first,
            meeting__day__lte=period.last,
            party__isnull=False,
        )
        .exclude(attendance=Attendance.UNKNOWN)
    )
    there = Q(attendance__in=WAS_THERE)
    return (
        rows.order_by()
        .values("party")
        .annotate(all=Count("meeting", distinct=True), done=Count("meeting", there, distinct=True))
    )


def _signalements(programme: int, period: Period, until: date) -> object:
    """Sent to the party in the period; answered, whatever the answer."""
    rows = Recipient.objects.of_programme(programme).filter(
        signalement__sent_at__date__gte=period.first,
        signalement__sent_at__date__lte=until,
        signalement__is_confidential=False,
    )
    rows = rows.exclude(signalement__state=SignalementState.ANNULE)
    answered = Q(answered_at__isnull=False, answered_at__date__lte=until)
    return (
        rows.order_by()
        .values("party")
        .annotate(
            all=Count("signalement", distinct=True),
            done=Count("signalement", answered, distinct=True),
        )
    )


def _actions(programme: int, period: Period, until: date) -> object:
    """Decided in minutes that were sent, and due in the period up to the day, or done in it."""
    due = Q(due_on__gte=period.first, due_on__lte=until)
    closed = Q(closed_on__gte=period.first, closed_on__lte=until)
    rows = ActionItem.objects.of_programme(programme).filter(due | closed, is_internal=False)
    rows = rows.exclude(state=ActionState.DROPPED)
    return (
        rows.order_by()
        .values("party")
        .annotate(all=Count("pk"), done=Count("pk", Q(state=ActionState.DONE)))
    )


def _news(programme: int, period: Period) -> object:
    rows = QuarterNews.objects.of_programme(programme).published()
    rows = rows.filter(created_at__date__gte=period.first, created_at__date__lte=period.last)
    return rows.order_by().values("party").annotate(all=Count("pk"))
