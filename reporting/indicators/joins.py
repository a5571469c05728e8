"""Indicators elsewhere: what they propose to an agenda, and what they say beside a roadmap."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.urls import reverse

from governance.meetings.proposals import Proposed
from governance.models import CommitteeKind, Meeting, Membership, Perimeter
from governance.rights import Right
from governance.scoping import Reader
from humanicite.lib.dates import NBSP
from mediation.roadmaps.asides import Aside
from mediation.roadmaps.models import Roadmap
from reporting.dashboards.sections import Section
from reporting.periods import Period

from .models import Definition, DefinitionState, Indicator
from .values import Result, results
from .words import Standing

# Its values are read when it opens: the dashboard itself stays as quick as without.
KEY_SECTION = Section(
    "indicateurs", "Indicateurs clés", "indicators/section.html", lambda _: "valeurs, cibles et tendances",
    asks_for_data=False,
)  # fmt: skip
BODIES = (CommitteeKind.FOLLOW_UP, CommitteeKind.STEERING)


def _perimeter_of(reader: Reader) -> Perimeter | None:
    rows = Perimeter.objects.of_programme(reader.programme_id).filter(party=reader.party_id)
    return rows.select_related("party__programme").first()


class OffTarget:
    """Key indicators that are off their target over the whole quarter, and the versions that wait for
    a comité de pilotage."""

    label = "Indicateurs"
    icon = "chart"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.DEFINE_INDICATORS) or meeting.committee.kind not in BODIES:
            return []
        found = []
        if meeting.committee.kind == CommitteeKind.STEERING:
            waiting = Definition.objects.visible_to(reader).filter(state=DefinitionState.PROPOSED)
            rows = waiting.filter(indicator__retired_on__isnull=True).order_by("pk")
            found = [_to_validate(row) for row in rows]
        return [*found, *self._off(reader, today)]

    def _off(self, reader: Reader, today: date) -> list[Proposed]:
        perimeter = _perimeter_of(reader)
        if perimeter is None:
            return []
        rows = (
            Indicator.objects.visible_to(reader)
            .followed()
            .filter(current__is_key=True, current__state=DefinitionState.VALIDATED)
            .select_related(*Indicator.shown_with)
            .in_order()
        )
        last = Period.holding("mois", today).previous
        made = results(perimeter, list(rows), last, today, reads_rows=False)
        return [_off_target(one) for one in made if one.now.is_off]


def _off_target(one: Result) -> Proposed:
    now = one.now
    return Proposed(
        # Of each period anew: settled for one, it may come back with the next.
        source=f"indicator:{one.indicator.pk}:{now.period.slug}",
        title=f"Indicateur{NBSP}: {one.definition.name}"[:160],
        why=f"{now.standing_text}, {now.period.label}{NBSP}: {now.text}, cible {now.target_text}",
        url=reverse("indicator", args=[one.indicator.pk]),
    )


def _to_validate(row: Definition) -> Proposed:
    what = "nouvel indicateur" if row.number == 1 else f"version {row.number}"
    return Proposed(
        source=f"definition:{row.pk}",
        title=f"Valider un indicateur{NBSP}: {row.name}"[:160],
        details=row.change,
        why=f"{what[0].upper()}{what[1:]}, en attente depuis le {row.proposed_on:%d/%m/%Y}",
        url=reverse("indicator", args=[row.indicator_id]),
    )


def beside_a_roadmap(roadmap: Roadmap, reader: Membership, today: date) -> Iterable[Aside]:
    """The indicators that light an objective of which the roadmap has an action, for the reader’s own
    perimeter, at the end of the roadmap's period or as last known."""
    perimeter = reader.perimeter if not reader.is_operator else _perimeter_of(reader)
    if perimeter is None or not reader.may(Right.READ_FIGURES) or roadmap.first > today:
        return []
    objectives = roadmap.planned_actions.order_by().values("objective")
    rows = (
        Indicator.objects.visible_to(reader)
        .followed()
        .filter(
            Q(current__serves__in=objectives) | Q(current__objective__in=objectives),
            current__state=DefinitionState.VALIDATED,
        )
        .select_related(*Indicator.shown_with)
        .in_order()
    )
    month = Period("mois", roadmap.year, roadmap.month or 12)
    reads_rows = reader.may(Right.READ_OPERATOR_FIELDS)
    made = results(perimeter, list(rows), month, today, reads_rows=reads_rows)
    return [_aside(one) for one in made]


def _aside(one: Result) -> Aside:
    now, served = one.now, one.definition.serves
    is_well = {Standing.REACHED: True, Standing.OFF: False}.get(now.standing)
    for_what = f"Objectif {served.axis.number}.{served.number} · " if served else ""
    return Aside(
        axis_id=served.axis_id if served else None,
        label=one.definition.name,
        text=f"{for_what}{now.period.label}{NBSP}: {now.text}, cible {now.target_text}",
        url=reverse("indicator", args=[one.indicator.pk]),
        tag=now.standing_text,
        is_well=is_well,
    )
