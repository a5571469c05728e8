"""(perimeter, period, as of) → the values of indicators, with targets and history."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from governance.models import Perimeter, Place
from reporting.figures.facts import UNKNOWN_AMOUNT, Aggregation, Amount, Ask, Filters
from reporting.figures.measures import measured, median_of
from reporting.periods import Period

from . import words
from .models import (
    Definition,
    DefinitionState,
    Explanation,
    HandValue,
    Indicator,
)
from .words import Standing

HISTORY = {"mois": 13, "trimestre": 6, "annee": 4}
MASKED = "non communiqué\u00a0: ce chiffre désignerait des activités, ou son mois n’est pas encore arrêté"


@dataclass(frozen=True)
class Point:
    """The value of one period, its target at that time, and why it is off."""

    definition: Definition
    period: Period
    amount: Amount
    target: Decimal | None
    entered: HandValue | None = None
    explanation: Explanation | None = None

    @property
    def is_masked(self) -> bool:
        """Known to the operator, and told to nobody else."""
        return not self.amount.is_told

    @property
    def text(self) -> str:
        return words.said(self.definition, self.amount)

    @property
    def cases(self) -> str:
        return MASKED if self.is_masked else words.cases(self.definition, self.amount)

    @property
    def target_text(self) -> str:
        return self.definition.said_target(self.target)

    @property
    def standing(self) -> Standing:
        return words.standing(self.definition, self.amount, self.target)

    @property
    def standing_text(self) -> str:
        if self.is_masked:
            return "Non communiquée"
        return words.standing_said(self.definition, self.standing)

    @property
    def is_off(self) -> bool:
        return self.standing == Standing.OFF


@dataclass
class Result:
    """An indicator at the last period that is over, and the periods before it, the oldest first."""

    indicator: Indicator
    definition: Definition
    points: list[Point]
    year: Point | None = None  # of the whole calendar year so far, where it was asked for
    targets: list[Definition] = field(default_factory=list)  # validated, the oldest first

    @property
    def now(self) -> Point:
        return self.points[-1]

    @property
    def previous(self) -> Point:
        return self.points[-2]

    @property
    def last_year(self) -> Point | None:
        wanted = self.now.period.last_year
        return next((point for point in self.points if point.period == wanted), None)

    @property
    def trend(self) -> str:
        label = self.previous.period.label
        return words.trend(self.definition, self.now.amount, self.previous.amount, label)

    @property
    def is_pending(self) -> bool:
        """Not validated yet: its values are told with that said."""
        return self.definition.state == DefinitionState.PROPOSED


def shown_period(kind: str, period: Period, as_of: date) -> Period:
    """The last period of a kind that is over by the end of another one, and on a day."""
    found = Period.holding(kind, period.last)
    while found.last > period.last or found.last >= as_of:
        found = found.previous
    return found


def key_indicators(
    perimeter: Perimeter, period: Period, as_of: date, *, reads_rows: bool = False
) -> list[Result]:
    """The key indicators of a perimeter, validated and not retired, for the period that ends last
    within `period`. `reads_rows`: for the operator alone; otherwise what a partner's rows would not
    tell is « n/d ». A constant number of queries."""
    rows = (
        Indicator.objects.within(perimeter)
        .followed()
        .filter(current__is_key=True, current__state=DefinitionState.VALIDATED)
        .select_related(*Indicator.shown_with)
        .in_order()
    )
    return results(perimeter, list(rows), period, as_of, reads_rows=reads_rows)


def results(
    perimeter: Perimeter,
    indicators: Sequence[Indicator],
    period: Period,
    as_of: date,
    *,
    reads_rows: bool,
    with_year: bool = False,
) -> list[Result]:
    """Each indicator that has a definition, by its current one; what they ask is read together."""
    kept = [(row, row.current) for row in indicators if row.current is not None]
    if not kept:
        return []
    keys = [row.pk for row, _ in kept]
    places = _places(definition for _, definition in kept)
    periods: dict[int, list[Period]] = {}
    asks: dict[tuple[int, Period], Ask] = {}
    for row, definition in kept:
        last = shown_period(definition.period, period, as_of)
        history = [last]
        while len(history) < HISTORY[definition.period]:
            history.append(history[-1].previous)
        periods[row.pk] = history[::-1]
        if not definition.by_hand:
            filters = filters_of(definition, places)
            yearly = [Period.holding("annee", last.last)] if with_year else []
            for one in [*history, *yearly]:
                asks[row.pk, one] = Ask(
                    definition.measure, one, filters, Aggregation(definition.aggregation)
                )
    amounts = measured(perimeter, asks.values(), as_of, reads_rows=reads_rows) if asks else {}
    entered = _by_period(HandValue, perimeter, keys)
    explained = _by_period(Explanation, perimeter, keys)
    validated = _validated(keys)

    def point(row: Indicator, definition: Definition, one: Period) -> Point:
        hand = entered.get((row.pk, one.slug)) if definition.by_hand else None
        amount = of_hand(hand) if definition.by_hand else amounts[asks[row.pk, one]]
        target = (
            target_of(validated.get(row.pk, []), definition, one)
            if one.kind == definition.period
            else None
        )
        return Point(definition, one, amount, target, hand, explained.get((row.pk, one.slug)))

    made = []
    for row, definition in kept:
        points = [point(row, definition, one) for one in periods[row.pk]]
        result = Result(row, definition, points, targets=validated.get(row.pk, []))
        if with_year:
            year = Period.holding("annee", result.now.period.last)
            result.year = (
                _year_by_hand(result, year) if definition.by_hand else point(row, definition, year)
            )
        made.append(result)
    return made


def filters_of(definition: Definition, places: dict[int, str]) -> Filters:
    """The measure's own filters alone: another that a former measure had means nothing."""
    measure = definition.catalogued
    known = measure.filters if measure else frozenset()
    wanted = None
    if "place" in known and definition.place.parent_id is not None:
        wanted = frozenset(
            key for key, path in places.items() if path.startswith(definition.place.path)
        )
    return Filters(
        type=definition.type if "type" in known else "",
        axis=definition.axis_id if "axis" in known else None,
        objective=definition.objective_id if "objective" in known else None,
        theme=definition.theme_id if "theme" in known else None,
        audience=definition.audience_id if "audience" in known else None,
        places=wanted,
    )


def _places(definitions: Iterable[Definition]) -> dict[int, str]:
    """Key → path of the places of the programme; asked for where a definition is of one place."""
    for definition in definitions:
        if definition.place.parent_id is not None:
            rows = Place.objects.of_programme(definition.place.programme_id)
            return dict(rows.order_by().values_list("pk", "path"))
    return {}


def _by_period(model: Any, perimeter: Perimeter, keys: list[int]) -> dict[tuple[int, str], Any]:
    rows = model.objects.filter(perimeter=perimeter, indicator__in=keys)
    return {(row.indicator_id, row.period): row for row in rows}


def _validated(keys: list[int]) -> dict[int, list[Definition]]:
    found: dict[int, list[Definition]] = defaultdict(list)
    rows = Definition.objects.filter(indicator__in=keys, state=DefinitionState.VALIDATED)
    for row in rows.order_by("indicator", "number"):
        found[row.indicator_id].append(row)
    return dict(found)


def target_of(
    validated: Sequence[Definition], current: Definition, period: Period
) -> Decimal | None:
    """The target that held at the end of a period: a revised one does not change the past."""
    held = [row for row in validated if row.settled_on and row.settled_on <= period.last]
    found = held[-1] if held else (validated[0] if validated else current)
    return found.target if found.unit == current.unit else None


def of_hand(row: HandValue | None) -> Amount:
    if row is None:
        return UNKNOWN_AMOUNT
    return Amount(float(row.value), row.numerator, row.denominator)


def _year_by_hand(result: Result, year: Period) -> Point:
    """The year's value from those entered, as the definition says that they add up."""
    definition = result.definition
    of_year = [
        point for point in result.points if year.holds(point.period.last) and point.amount.is_known
    ]
    amounts = [point.amount for point in of_year]
    values = [amount.value for amount in amounts if amount.value is not None]
    found = UNKNOWN_AMOUNT
    if not values:
        pass
    elif definition.aggregation == Aggregation.SUM:
        found = Amount(sum(values))
    elif definition.aggregation == Aggregation.MEDIAN:
        found = Amount(median_of(values), rows=len(values))
    elif definition.aggregation == Aggregation.LAST:
        found = amounts[-1]
    else:
        part = sum(amount.numerator or 0 for amount in amounts)
        whole = sum(amount.denominator or 0 for amount in amounts)
        found = Amount(100 * part / whole if whole else None, part, whole)
    return Point(definition, year, found, None)


def former_targets(result: Result) -> list[tuple[Definition, Definition]]:
    """(former, what revised it) of each target that another replaced, the newest first."""
    pairs = zip(result.targets, result.targets[1:], strict=False)
    return [(old, new) for old, new in pairs if old.target != new.target][::-1]
