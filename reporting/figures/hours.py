"""The hours of a programme, of all its people together."""

from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, DateField, F, Sum, Value

from governance.models import Convention, Membership
from governance.rights import Role
from mediation.models import Activity, TimeEntry
from mediation.worktime.hours import SUPERVISION, TERRAIN, Term, WorkYear

SOON = 1 / 12  # of the year, before which a pace says nothing


@dataclass
class ProgrammeHours:
    """What a programme worked of its convention's year, up to a day; minutes, and nobody named."""

    year: WorkYear
    until: date
    work: int  # activities, and the médiateurs' other work
    supervision: int

    @property
    def target(self) -> int:
        """The agreement's hours of each médiateur, together (R26, R27)."""
        term = self.year.term
        return (self.year.target or 0) * (term.mediators if term else 0)

    @property
    def used(self) -> float | None:
        return self.work / self.target if self.target else None

    @property
    def projected(self) -> int | None:
        """Minutes at the end of the year, at the pace so far; None while it is too early to tell."""
        return round(self.work / self.elapsed) if self.elapsed >= SOON else None

    @property
    def elapsed(self) -> float:
        return self.year.elapsed(self.until)

    @property
    def supervision_due(self) -> int | None:
        """Half a day a week for the service, however many médiateurs it has (R30)."""
        return self.year.supervision_due(self.until)


def programme_hours(convention: Convention, until: date) -> ProgrammeHours:
    """The hours of the convention's year that holds `until`, up to that day; one query.

    Every activity counts, whoever noted it: it is the service's work. Of what is no activity the
    médiateurs' hours count, not the coordination's own, so that a half-day of supervision which
    both noted counts once. It is the total that the agreement promises (R27, R76), for one médiateur
    as for several: docs/decisions/0017.
    """
    year = WorkYear.holding(until, [Term.of(convention)])
    by_kind = {
        kind: total for _, kind, total in _worked(convention.programme_id, year.first, until)
    }
    supervision = by_kind.pop(SUPERVISION, 0)
    return ProgrammeHours(year, until, sum(by_kind.values()), supervision)


def worked_by_day(programme_id: int, first: date, last: date) -> dict[date, int]:
    """Minutes of the same work by day, supervision apart; one query."""
    found: dict[date, int] = {}
    for day, kind, total in _worked(programme_id, first, last, by_day=True):
        if kind != SUPERVISION and day is not None:
            found[day] = found.get(day, 0) + total
    return found


def _worked(
    programme_id: int, first: date, last: date, *, by_day: bool = False
) -> list[tuple[date | None, str, int]]:
    """(day, kind, minutes); without `by_day` the sum of each kind, and no day."""
    mediateurs = Membership.objects.of_programme(programme_id).filter(role=Role.MEDIATEUR)
    entries = TimeEntry.objects.of_programme(programme_id).filter(
        user__in=mediateurs.values("user")
    )
    activities = Activity.objects.of_programme(programme_id)
    on = F("day") if by_day else Value(None, output_field=DateField())
    parts = [
        rows.between(first, last)
        .order_by()
        .annotate(what=what, on=on)
        .values("on", "what")
        .annotate(total=Sum("minutes"))
        .values_list("on", "what", "total")
        for rows, what in (
            (activities, Value(TERRAIN, output_field=CharField())),
            (entries, F("kind")),
        )
    ]
    return [(day, kind, total or 0) for day, kind, total in parts[0].union(parts[1], all=True)]
