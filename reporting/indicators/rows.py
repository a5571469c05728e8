"""The addresses of the rows behind a value: exactly those that its numerator, or it, counts."""

from datetime import date
from typing import Any

from governance.models import Perimeter
from mediation.activities.filters import ActivityFilter
from mediation.activities.models import Outcome
from mediation.models import SignalementState
from mediation.signalements import filters as signalements

from .models import Definition
from .values import Point

_OF_TYPE = {"R3": "PAP", "R8": "RELA", "R9": "PROJ", "R16": "INFO"}
_PLAIN = ("R1", "R2", "R4", "R5", "I1")
_OF_SENT: dict[str, dict[str, object]] = {
    "R7": {},
    "S2": {"etat": SignalementState.RESOLU_VERIFIE, "sans_confidentiels": True},
    "S3": {"suite": signalements.SIGNED, "sans_confidentiels": True},
    "S4": {"suite": signalements.SIGNED, "sans_confidentiels": True},
    "S5": {"suite": signalements.CLOSED, "sans_confidentiels": True},
    "S6": {"retard": True, "sans_confidentiels": True},
    "S13": {"etat": SignalementState.REORIENTE, "sans_confidentiels": True},
}
_OUTCOMES = {
    "S1": (Outcome.RESOLU, Outcome.AMELIORE),
    "S7": (Outcome.ORIENTE, Outcome.RESOLU, Outcome.AMELIORE),
}


def rows_of(
    point: Point, perimeter: Perimeter, as_of: date, *, reads_rows: bool
) -> list[tuple[str, str]]:
    """(words, address) of the lists that a value counts; none where no list shows just that, or where
    the reader's rows do not carry what it is narrowed by."""
    definition, period = point.definition, point.period
    if point.is_masked or not point.amount.is_known or definition.by_hand:
        return []
    if definition.aggregation == "derniere" and period.kind != "mois":
        return []
    code, last = definition.measure, min(period.last, as_of)
    known = definition.catalogued.filters if definition.catalogued else frozenset()
    shared: dict[str, Any] = {"perimetre": perimeter, "du": period.first, "au": last}
    if definition.place.parent_id is not None and "place" in known:
        shared["lieu"] = definition.place
    if definition.theme and "theme" in known:
        shared["theme"] = definition.theme
    if code == "R7" and point.amount.note and not reads_rows:
        return []  # some are confidential: counted for all, opened by the operator
    if code in _OF_SENT:
        of_sent = {"onglet": signalements.ALL, "tels_au": last, **shared, **_OF_SENT[code]}
        return [("Les signalements", signalements.SignalementFilter.address(**of_sent))]
    narrowed = _of_activities(definition, known, shared, reads_rows=reads_rows)
    if narrowed is None:
        return []
    if code in _OUTCOMES:
        kind = "CONF" if code == "S1" else "RELA"
        return [
            (f"« {one.label} »", ActivityFilter.address(**narrowed | {"type": kind, "suite": one}))
            for one in _OUTCOMES[code]
        ]
    if code in _OF_TYPE:
        narrowed["type"] = _OF_TYPE[code]
    elif code not in _PLAIN:
        return []
    return [("Les activités", ActivityFilter.address(**narrowed))]


def _of_activities(
    definition: Definition, known: frozenset[str], shared: dict[str, Any], *, reads_rows: bool
) -> dict[str, Any] | None:
    narrowed = dict(shared)
    if definition.objective_id and "objective" in known:
        return None  # the list is not narrowed to one objective
    if definition.audience and "audience" in known:
        if not reads_rows:
            return None
        narrowed["public"] = definition.audience
    if definition.axis and "axis" in known:
        narrowed["axe"] = definition.axis
    if definition.type and "type" in known:
        narrowed["type"] = definition.type
    return narrowed
