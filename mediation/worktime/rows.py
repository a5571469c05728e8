"""One person's hours, as far as the reader sees them: rows fetched here, counted by `worktime`."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO

from governance.models import Convention, Membership, User
from governance.rights import Right
from humanicite.lib.dates import monday_of
from humanicite.lib.exports import WRITERS, Column
from mediation.activities.models import Activity
from mediation.frame.reference import ReferenceActivity

from .hours import TERRAIN, WORK, Alert, Stint, Term, alerts
from .models import TimeEntry, TimeKind

DAY = timedelta(days=1)
SUNDAY = 6
COLUMNS = (
    Column("Date", "day", 12), Column("Nature", "text", 22), Column("Activité", "text", 32),
    Column("Durée (min)", "whole", 12), Column("Durée (h)", "decimal", 10),
    Column("Début", "time", 8), Column("Objet", "text", 50),
)  # fmt: skip


def people(membership: Membership) -> list[User]:
    """Whose hours the reader may ask for, in alphabetical order: one's own, or for who supervises
    those of everybody who works or worked for the operator (R31)."""
    if not membership.may(Right.SUPERVISE):
        return [membership.people[membership.user_id]]
    return membership.people.of_operator


def terms(membership: Membership) -> list[Term]:
    return [Term.of(row) for row in Convention.objects.visible_to(membership)]


def stints(membership: Membership, person: int, first: date, last: date) -> list[Stint]:
    """Everything a person noted from one day to another, both included; two queries."""
    activities = Activity.objects.visible_to(membership).filter(author=person)
    entries = TimeEntry.objects.visible_to(membership).filter(user=person)
    return [
        Stint(day=day, minutes=minutes, starts_at=starts_at, type=type_)
        for day, minutes, starts_at, type_ in activities.between(first, last).values_list(
            "day", "minutes", "starts_at", "type"
        )
    ] + [
        Stint(day, minutes, kind, starts_at)
        for day, minutes, kind, starts_at in entries.between(first, last)
        .order_by()
        .values_list("day", "minutes", "kind", "starts_at")
    ]


def week_around(membership: Membership, person: int, day: date) -> list[Stint]:
    """A day's week, and the days whose nights it shares."""
    monday = monday_of(day)
    return stints(membership, person, monday - DAY, monday + 7 * DAY)


def alerts_of(found: list[Stint], day: date) -> list[Alert]:
    """What is to be told about a day: itself, the nights on either side, its week."""
    near = alerts(found, day)
    if day.weekday() == SUNDAY:  # the night to come lies in the next week
        near += [alert for alert in alerts(found, day + DAY) if alert.is_rest]
    return [alert for alert in near if alert.concerns(day)]


def alerts_around(membership: Membership, day: date) -> list[Alert]:
    """The same for one's own day that was just saved."""
    return alerts_of(week_around(membership, membership.user_id, day), day)


def write(membership: Membership, person: int, first: date, last: date, form: str) -> IO[bytes]:
    """A person's hours from one day to another as a file, a line an entry. `form`: csv or xlsx."""
    return WRITERS[form](COLUMNS, _lines(membership, person, first, last))


def _lines(membership: Membership, person: int, first: date, last: date) -> Iterator[list[object]]:
    activities = Activity.objects.visible_to(membership).filter(author=person).between(first, last)
    entries = TimeEntry.objects.visible_to(membership).filter(user=person).between(first, last)
    rows = [
        (day, starts_at, WORK[TERRAIN], ReferenceActivity(type_).label, minutes, "")
        for day, starts_at, type_, minutes in activities.values_list(
            "day", "starts_at", "type", "minutes"
        )
    ] + [
        (day, starts_at, TimeKind(kind).label, "", minutes, note)
        for day, starts_at, kind, minutes, note in entries.order_by().values_list(
            "day", "starts_at", "kind", "minutes", "note"
        )
    ]
    rows.sort(key=lambda row: (row[0], row[1] is not None, row[1] or 0, row[2]))
    for day, starts_at, kind, type_, minutes, note in rows:
        yield [day, kind, type_, minutes, round(minutes / 60, 2), starts_at, note]
