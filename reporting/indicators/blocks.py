"""Key indicators and the roadmap as a synthesis tells them: value, target, trend, and the definition that
each was made with, which is frozen with the edition."""

from datetime import date
from typing import Any

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import plural
from mediation.models import PlannedAction, PlannedState, Roadmap
from reporting.periods import Period

from . import words
from .models import Definition
from .values import Result, key_indicators

INDICATORS = "indicateurs"
TITLE = "Indicateurs et feuille de route"
Part = dict[str, Any]


def indicator_parts(perimeter: Perimeter, period: Period, on: date) -> list[Part]:
    """As a partner reads them; nothing where there is neither key indicator nor roadmap."""
    found = key_indicators(perimeter, period, on)
    return [*_table(found), *_roadmap(perimeter, period)]


def _table(found: list[Result]) -> list[Part]:
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


def _roadmap(perimeter: Perimeter, period: Period) -> list[Part]:
    """The month's roadmap: what was planned, and what became of it. It is the agreement's, and the same
    in every edition; an action at a place is told where the perimeter holds it."""
    last = period.last
    roadmap = Roadmap.objects.of_programme(perimeter.programme_id).filter(
        is_internal=False, year=last.year, month=last.month
    )
    covered = {key for _, _, places in perimeter.intervals for key in places}
    rows = [
        row
        for row in PlannedAction.objects.filter(roadmap__in=roadmap)
        .select_related("objective__axis", "place")
        .order_by("objective__axis__number", "objective__number", "rank", "pk")
        if row.place_id is None or row.place_id in covered
    ]
    if not rows:
        return []
    done = sum(row.state == PlannedState.DONE for row in rows)
    kept = done + sum(row.state == PlannedState.PLANNED for row in rows)
    columns = (("Action prévue", "text"), ("Objectif", "note"), ("Suite", "note"))
    cells = [
        [
            {"text": row.title},
            {"text": f"{row.objective.axis.number}.{row.objective.number}"},
            {"text": f"{row.get_state_display()}{f', {row.reason}' if row.reason else ''}"},
        ]
        for row in rows
    ]
    caption = f"{done} sur {plural(kept, 'action réalisée,actions réalisées')}"
    return [
        {"kind": "heading", "text": "Feuille de route du mois"},
        {
            "kind": "table",
            "name": "Feuille de route",
            "caption": caption,
            "columns": [{"title": title, "how": how} for title, how in columns],
            "rows": cells,
            "style": "dense",
            # Told as it stands: an action that is settled since is no figure that changed.
            "is_counted": False,
        },
    ]
