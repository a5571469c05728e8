"""Indicators as a table for a spreadsheet: every share with its two numbers, before and a year ago."""

from collections.abc import Iterable, Sequence
from typing import IO

from governance.models import Perimeter
from humanicite.lib import exports
from humanicite.lib.dates import NBSP
from humanicite.lib.exports import Column

from .models import Direction, IndicatorKind, Register, UnitName
from .values import Point, Result

_HEAD = (
    Column("Indicateur", "text", 44), Column("Clé", "label", 6), Column("Nature", "label", 12),
    Column("Registre", "label", 22), Column("Périmètre", "label", 30), Column("Unité", "label", 14),
    Column("Sens", "label", 26), Column("Période", "label", 20),
)  # fmt: skip


def _numbers(of: str) -> tuple[Column, ...]:
    return (
        Column(f"Valeur{of}", "decimal", 12), Column(f"Numérateur{of}", "decimal", 12),
        Column(f"Dénominateur{of}", "decimal", 12),
    )  # fmt: skip


LIST = (
    *_HEAD, *_numbers(""), Column("Cible", "decimal", 10), Column("Situation", "label", 24),
    *_numbers(", période précédente"), *_numbers(", un an plus tôt"),
    Column("Précision", "text", 34), Column("Écart expliqué", "text", 40),
    Column("Version", "whole", 8), Column("Validée le", "day", 12),
    Column("Filtres", "text", 34), Column("Source", "text", 30), Column("Méthode", "text", 40),
    Column("Limites connues", "text", 40),
)  # fmt: skip
ONE = (
    Column("Période", "label", 20), Column("Périmètre", "label", 30), *_numbers(""),
    Column("Cible", "decimal", 10), Column("Situation", "label", 24),
    *_numbers(", période précédente"), *_numbers(", un an plus tôt"),
    Column("Précision", "text", 34), Column("Écart expliqué", "text", 40),
    Column("Source", "text", 40),
)  # fmt: skip
HELP = (
    ("Une ligne", "Un indicateur, pour un périmètre et une période. Les périmètres ne s’additionnent "
     f"pas{NBSP}: le travail mené pour tout le quartier compte dans chacun."),
    ("Valeur", "Dans l’unité de la ligne. Un pourcentage va de 0 à 100, et vient toujours avec son "
     "numérateur et son dénominateur."),
    ("Cellule vide", "La donnée n’est pas connue (n/d)\u00a0: aucun enregistrement sur la période, un "
     "dénominateur nul, ou trop peu de lignes pour être communiquées. Un zéro est un vrai zéro."),
    ("Moins de dix cas", "Un taux calculé sur moins de dix cas ne permet pas de conclure\u00a0: lire les "
     "deux nombres."),
    ("Cible", "Celle qui valait à la fin de la période. Une cible révisée ne change pas le passé."),
    ("À la date", "Une période finie est dite telle qu’elle était à son dernier jour."),
    ("Signalements confidentiels", "Comptés parmi les envoyés\u00a0; leur suite ne l’est pas."),
    ("Contacts", "Additionnés d’une activité à l’autre\u00a0: ce ne sont pas des personnes distinctes."),
)  # fmt: skip


def _cells(point: Point | None) -> tuple[float | None, float | None, float | None]:
    if point is None or not point.amount.is_known:
        return None, None, None
    amount = point.amount
    return _short(amount.value), _short(amount.numerator), _short(amount.denominator)


def _short(value: float | None) -> float | int | None:
    if value is None:
        return None
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _target(point: Point) -> float | None:
    return _short(float(point.target)) if point.target is not None else None


def of_list(results: Iterable[Result], perimeter: Perimeter, form: str) -> IO[bytes]:
    rows = []
    for result in results:
        definition, now = result.definition, result.now
        rows.append(
            [
                definition.name, "oui" if definition.is_key else "",
                IndicatorKind(definition.kind).label,
                Register(definition.register).label if definition.register else "",
                str(perimeter), UnitName(definition.unit).label,
                Direction(definition.direction).label, now.period.label, *_cells(now),
                _target(now), now.standing_text, *_cells(result.previous),
                *_cells(result.last_year), now.cases,
                now.explanation.text if now.explanation else "", definition.number,
                definition.settled_on,
                "\u00a0; ".join(f"{what} : {which}" for what, which in definition.filters),
                definition.source, definition.method, definition.known_issues,
            ]
        )  # fmt: skip
    return _file(LIST, rows, form)


def of_one(result: Result, perimeter: Perimeter, form: str) -> IO[bytes]:
    """Each period, the newest first."""
    by_period = {point.period: point for point in result.points}
    rows = [
        [
            point.period.label, str(perimeter), *_cells(point), _target(point),
            point.standing_text, *_cells(by_period.get(point.period.previous)),
            *_cells(by_period.get(point.period.last_year)), point.cases,
            point.explanation.text if point.explanation else "",
            point.entered.source if point.entered else result.definition.source,
        ]
        for point in reversed(result.points)
    ]  # fmt: skip
    return _file(ONE, rows, form)


def _file(columns: Sequence[Column], rows: Sequence[Sequence[object]], form: str) -> IO[bytes]:
    if form == "csv":
        return exports.to_csv(columns, rows)
    return exports.to_xlsx(columns, rows, "Indicateurs", about=HELP)
