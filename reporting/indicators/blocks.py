"""Key indicators as a synthesis tells them: value, target, trend, and the definition that each was made
with, which is frozen with the edition. The roadmap follows in the same block (`syntheses/bodies.py`)."""

from datetime import date
from typing import Any

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from reporting.periods import Period

from . import words
from .models import Definition
from .values import Result, key_indicators

INDICATORS = "indicateurs"
TITLE = "Indicateurs et feuille de route"
Part = dict[str, Any]


def indicator_parts(perimeter: Perimeter, period: Period, on: date) -> list[Part]:
    """As a partner reads them; nothing where there is no key indicator."""
    found = key_indicators(perimeter, period, on)
    if not found:
        return []
    # Four columns: what a page of paper holds.
    columns = (
        ("Indicateur", "text"), ("Valeur", "value"), ("Tendance", "note"),
        ("Cible et situation", "note"),
    )  # fmt: skip
    explained = [one for one in found if one.now.explanation]
    parts: list[Part] = [
        {
            "kind": "table",
            "name": "Indicateurs clés",
            "caption": "Les indicateurs clés, à la dernière période finie",
            "columns": [{"title": title, "how": how} for title, how in columns],
            "rows": [_row(one) for one in found],
            "style": "dense",
            "made_with": [frozen(one.definition) for one in found],
        }
    ]
    if explained:
        entries = [
            [f"Écart expliqué, {one.definition.name}", one.now.explanation.text]
            for one in explained
            if one.now.explanation
        ]
        parts.append({"kind": "definitions", "entries": entries})
    versions = "\u00a0; ".join(_version(one.definition) for one in found)
    parts.append({"kind": "paragraph", "text": f"Définitions{NBSP}: {versions}.", "quiet": True})
    return parts


def _row(one: Result) -> list[dict[str, Any]]:
    now = one.now
    made_of = "" if now.is_masked else words.fraction(one.definition, now.amount)
    told = now.text if not made_of or made_of == now.text else f"{now.text} ({made_of})"
    value: dict[str, Any] = {"text": told}
    if now.amount.value is not None:
        value["value"] = round(now.amount.value, 2)
    target = f"{now.target_text[0].upper()}{now.target_text[1:]}"
    stands = f"{target}. {now.standing_text}." if now.target is not None else f"{target}."
    return [
        {"text": f"{one.definition.name} ({now.period.label})"}, value,
        {"text": one.trend or now.cases}, {"text": stands},
    ]  # fmt: skip


def _version(definition: Definition) -> str:
    on = f", validée le {definition.settled_on:%d/%m/%Y}" if definition.settled_on else ""
    return f"{definition.name}, version {definition.number}{on}"


def frozen(definition: Definition) -> dict[str, Any]:
    """All that says how a value was made, as it stood: kept with the edition, whatever comes later."""
    return {
        "indicator": definition.indicator_id,
        "version": definition.number,
        "name": definition.name,
        "measure": definition.measure,
        "filters": [list(pair) for pair in definition.filters],
        "unit": definition.unit,
        "period": definition.period,
        "aggregation": definition.aggregation,
        "direction": definition.direction,
        "target": None if definition.target is None else str(definition.target),
        "source": definition.source,
        "method": definition.method,
        "known_issues": definition.known_issues,
        "settled_on": definition.settled_on.isoformat() if definition.settled_on else None,
    }
