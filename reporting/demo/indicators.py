"""Invented indicators: most of them validated, one below its target, one from a survey, one whose target
was revised, one that waits for the comité de pilotage."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

from governance.models import (
    CommitteeKind,
    Meeting,
    MeetingState,
    Objective,
    Perimeter,
    Place,
    Programme,
    Theme,
)
from reporting.figures.measures import MEASURES
from reporting.indicators.catalogue import BY_KEY, Ready
from reporting.indicators.models import (
    Definition,
    DefinitionState,
    Direction,
    Explanation,
    HandValue,
    Indicator,
)
from reporting.indicators.values import key_indicators
from reporting.periods import Period

# Of the catalogue: key, target (its own where empty), whether it is a key one, objective that it lights.
CHOSEN = (
    ("heures", "", True, "1.1"), ("presence", "25", True, "1.1"), ("conflits", "95", True, "1.2"),
    ("accuses", "75", True, "2.1"), ("delai", "4", False, "2.1"), ("contacts", "", False, "3.1"),
    ("decalees", "20", False, "1.1"), ("orientations", "8", False, "4.1"),
    ("bruit", "", False, "1.1"), ("utiles", "75", True, "3.1"),
)  # fmt: skip
REVISED = ("tournees", "60", "45", "1.1")
WAITING = "preconisations"
SURVEY = (
    # Years ago, favourable, answers, asked.
    (1, 96, 141, 420), (0, 118, 152, 450),
)  # fmt: skip
QUESTION = "Diriez-vous que la médiation est utile à la vie du quartier ?"


def make_indicators(programme: Programme, today: date) -> None:
    root = Place.objects.get(programme=programme, parent=None)
    objectives = {
        f"{row.axis.number}.{row.number}": row
        for row in Objective.objects.of_programme(programme.pk).select_related("axis")
    }
    begun = today - timedelta(days=400)
    first = _met(programme, begun)
    for key, target, is_key, number in CHOSEN:
        row, definition = _define(programme, BY_KEY[key], root, target, begun)
        definition.is_key, definition.serves = is_key, objectives.get(number)
        _validate(definition, first, begun)
        if key == "utiles":
            _survey(row, programme, today)
    _revised(programme, root, objectives, begun, today)
    _define(programme, BY_KEY[WAITING], root, "", today - timedelta(days=9))
    _explain(programme, today)


def _define(
    programme: Programme, ready: Ready, root: Place, target: str, on: date
) -> tuple[Indicator, Definition]:
    measure = MEASURES[ready.measure]
    aimed = target or ready.target
    row = Indicator.objects.create(uid=uuid.uuid4(), programme=programme, place=root)
    theme = Theme.objects.filter(programme=programme, name=ready.theme or "·").first()
    frequency = {"mois": "Mensuelle", "trimestre": "Trimestrielle", "annee": "Annuelle"}
    definition = Definition.objects.create(
        indicator=row, number=1, proposed_by="Coordination", proposed_on=on, name=ready.name,
        kind=ready.kind, register=ready.register, measure=ready.measure, type=ready.type,
        theme=theme, place=root, unit=measure.unit.value, direction=ready.direction,
        period=ready.period, aggregation="rapport" if measure.by_hand
        else measure.aggregations[0].value,
        target=Decimal(aimed.replace(",", ".")) if ready.direction != Direction.WATCH else None,
        justification=ready.justification, source=measure.source, method=measure.method,
        known_issues=ready.known_issues, frequency=frequency[ready.period],
        responsible="Coordination du service",
    )  # fmt: skip
    row.current = definition
    row.save()
    return row, definition


def _met(programme: Programme, since: date) -> Meeting | None:
    rows = Meeting.objects.filter(
        committee__programme=programme, committee__kind=CommitteeKind.STEERING,
        state=MeetingState.HELD, day__gte=since,
    )  # fmt: skip
    return rows.order_by("day").first()


def _validate(definition: Definition, meeting: Meeting | None, on: date) -> None:
    definition.state = DefinitionState.VALIDATED
    definition.meeting = meeting
    definition.settled_on = meeting.day if meeting else on
    definition.proposed_on = min(definition.proposed_on, definition.settled_on)
    definition.save()


def _revised(
    programme: Programme, root: Place, objectives: dict[str, Objective], begun: date, today: date
) -> None:
    """Aimed too high at first; revised by a later séance, with its reason."""
    key, former, target, number = REVISED
    row, definition = _define(programme, BY_KEY[key], root, former, begun)
    definition.serves, definition.is_key = objectives.get(number), True
    _validate(definition, _met(programme, begun), begun)
    revised_on = today - timedelta(days=150)
    later = Definition.objects.get(pk=definition.pk)
    later.pk, later.number, later.target = None, 2, Decimal(target)
    later.proposed_on, later.change = (
        revised_on - timedelta(days=20),
        (
            "La cible passe de 60 à 45 tournées : les tournées du soir sont plus longues et se font à deux."
        ),
    )
    _validate(later, None, revised_on)
    row.current = later
    row.save()


def _survey(row: Indicator, programme: Programme, today: date) -> None:
    perimeters = list(Perimeter.objects.of_programme(programme.pk))
    last = Period.holding("annee", today).previous
    for ago, good, answers, asked in SURVEY:
        year = last if ago == 0 else last.previous
        for perimeter in perimeters:
            HandValue.objects.create(
                indicator=row, perimeter=perimeter, period=year.slug, numerator=good,
                denominator=answers, value=round(Decimal(100 * good) / answers, 2), asked=asked,
                wording=QUESTION, first_day=date(year.year, 10, 6), last_day=date(year.year, 10, 31),
                source="Enquête en porte-à-porte et en ligne, faite par l’opérateur",
            )  # fmt: skip


def _explain(programme: Programme, today: date) -> None:
    """Why a key indicator is off, for the perimeter of the operator."""
    operator = Perimeter.objects.select_related("party__programme").filter(
        party__programme=programme, party__kind="operator"
    )
    for perimeter in operator:
        found = key_indicators(perimeter, Period.holding("mois", today).previous, today)
        off = next((one for one in found if one.now.is_off), None)
        if off is not None:
            Explanation.objects.create(
                indicator=off.indicator, perimeter=perimeter, period=off.now.period.slug,
                text="Deux situations longues étaient encore ouvertes à la fin de la période.",
                said_by="Coordination", said_on=today,
            )  # fmt: skip


def remove_indicator_histories(indicators: list[int]) -> None:
    HandValue.history.filter(indicator_id__in=indicators).delete()
    Explanation.history.filter(indicator_id__in=indicators).delete()
