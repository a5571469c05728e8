"""The thread of a situation: what was done and what was decided, as one line of time (R59)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from itertools import islice, pairwise
from typing import Any

from django.urls import reverse
from django.utils import timezone

from governance.models import Committee, Membership
from humanicite.lib.dates import format_duration, long_day
from mediation.activities.models import Activity
from mediation.history.versions import Record
from mediation.signalements.models.course import EventKind, SignalementEvent
from mediation.signalements.moments import moment_of
from mediation.timeline import Moment

from .models import AgendaLine, Situation, SituationState

Source = Callable[[Situation, Membership, Record, int], Iterable[Moment]]


def of_activities(
    situation: Situation, membership: Membership, record: Record, most: int
) -> Iterable[Moment]:
    rows = Activity.objects.visible_to(membership).filter(situation=situation).for_lists()
    for row in rows.newest_first()[:most]:
        about = (str(row.place), format_duration(row.minutes), row.get_outcome_display())
        yield Moment(
            day=row.day,
            at=row.starts_at,
            icon=row.reference.value,
            title=row.reference.short,
            about=" · ".join(
                part for part in (*about, str(membership.people[row.author_id])) if part
            ),
            text=row.internal_note or row.summary,
            url=reverse("activity", args=[row.pk]),
        )


def of_states(
    situation: Situation, membership: Membership, record: Record, most: int
) -> Iterable[Moment]:
    """Opened, followed, waiting, closed, reopened: from the situation's own history."""
    rows = [state.row for state in record.states]
    for older, row in reversed(list(pairwise([None, *rows]))):
        if older is None:
            day, at = _when(row.history_date, row.opened_on)
            yield Moment(day, at, "plus", "Situation ouverte", record.who(row))
        elif row.state != older.state:
            yield _of_a_change(older, row, record.who(row))


def _of_a_change(older: Any, row: Any, who: str) -> Moment:
    if row.state == SituationState.CLOSE:
        day, at = _when(row.history_date, row.closed_on)
        title = f"Close : {row.get_outcome_display().lower()}"
        return Moment(day, at, "ok", title, who, row.closing_note, ends_its_day=True)
    day, at = _when(row.history_date)
    if older.state == SituationState.CLOSE:
        return Moment(day, at, "again", "Rouverte", who)
    return Moment(day, at, "edit", row.get_state_display(), who)


def of_agendas(
    situation: Situation, membership: Membership, record: Record, most: int
) -> Iterable[Moment]:
    """Put on an agenda, taken off it: from the lines' own history."""
    for row in reversed(record.rows_of(AgendaLine)):
        day, at = _when(row.history_date)
        session = f"{record.name(Committee, row.committee_id)}, {long_day(row.day)}"
        gone = row.history_type == "-"
        title = "Retirée de l’ordre du jour" if gone else "Inscrite à l’ordre du jour"
        text = "" if gone else row.line
        yield Moment(day, at, "people", f"{title} : {session}", record.who(row), text)


# What a thread tells of a signalement; its own page tells the rest.
TOLD = (
    EventKind.SENT, EventKind.REPLIED, EventKind.MAIL, EventKind.STATE, EventKind.REDIRECTED,
    EventKind.RELAY, EventKind.REOPENED, EventKind.JOINED,
)  # fmt: skip


def of_signalements(
    situation: Situation, membership: Membership, record: Record, most: int
) -> Iterable[Moment]:
    """The situation's signalements: when they left, and what was answered."""
    rows = SignalementEvent.objects.visible_to(membership).filter(
        signalement__situation=situation, kind__in=TOLD
    )
    for row in rows.select_related("signalement", "recipient__party")[:most]:
        by = membership.people[row.user_id] if row.user_id else None
        who_said = row.recipient or by
        yield moment_of(
            row,
            icon="flag",
            title=f"Signalement {row.signalement.reference} : {row.title}",
            about=[row.signalement.title, *([str(who_said)] if who_said else [])],
            url=reverse("signalement", args=[row.signalement_id]),
        )


SOURCES: list[Source] = [of_activities, of_states, of_agendas, of_signalements]


def timeline(
    situation: Situation, membership: Membership, record: Record, most: int
) -> tuple[list[Moment], bool]:
    """The `most` newest moments, and whether there are older ones."""
    found = [
        moment
        for source in reversed(SOURCES)
        for moment in islice(source(situation, membership, record, most + 1), most + 1)
    ]
    # Among equals the first source comes below: what was decided follows what was done.
    found.sort(key=lambda moment: moment.order, reverse=True)
    return found[:most], len(found) > most


def _when(moment: datetime, stated: date | None = None) -> tuple[date, time | None]:
    """The day somebody stated, with the hour of the entry when it was made that day."""
    local = timezone.localtime(moment)
    if stated is None or stated == local.date():
        return local.date(), local.time()
    return stated, None
