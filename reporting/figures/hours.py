"""The hours of a programme, of all its people together."""

from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Sum, Value

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
    programme = convention.programme_id
    mediateurs = Membership.objects.of_programme(programme).filter(role=Role.MEDIATEUR)
    activities = (
        Activity.objects.of_programme(programme)
        .between(year.first, until)
        .order_by()
        .annotate(what=Value(TERRAIN, output_field=CharField()))
        .values("what")
        .annotate(total=Sum("minutes"))
        .values_list("what", "total")
    )
    entries = (
        TimeEntry.objects.of_programme(programme)
        .between(year.first, until)
        .filter(user__in=mediateurs.values("user"))
        .order_by()
        .values("kind")
        .annotate(total=Sum("minutes"))
        .values_list("kind", "total")
    )
    by_kind = {kind: total or 0 for kind, total in activities.union(entries, all=True)}
    supervision = by_kind.pop(SUPERVISION, 0)
    return ProgrammeHours(year, until, sum(by_kind.values()), supervision)
