"""Every table of a perimeter's dashboard as rows for a file: what is on the page, unrounded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from humanicite.lib.exports import Column

from .board import Line
from .sections import Page

Row = Sequence[object]
_LINES = (
    Column("Activités", "whole", 12), Column("Minutes", "whole", 12), Column("Heures", "decimal", 12),
    Column("Minutes de toutes les lignes", "whole", 16),
    Column("Activités, période précédente", "whole", 16), Column("Activités, un an avant", "whole", 16),
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """`name` is a sheet's; `rows` are read once."""

    name: str
    columns: Sequence[Column]
    rows: list[Row]


def _lines(first: str, lines: list[Line], whole: int) -> Table:
    rows: list[Row] = [
        (
            line.label, line.count, line.minutes, round(line.minutes / 60, 2), whole, line.previous,
            line.year_ago,
        )
        for line in lines
    ]  # fmt: skip
    return Table(first, [Column(first, "text", 44), *_LINES], rows)


def _months(page: Page) -> Table:
    report = page.board.report
    axes = page.board.axis_lines
    columns = [
        Column("Mois", "text", 18), Column("Activités", "whole", 12), Column("Minutes", "whole", 12),
        *(Column(f"Activités, {axis.label}", "whole", 24) for axis in axes),
    ]  # fmt: skip
    rows: list[Row] = [
        (
            month.slug,
            tally.count if tally else None,
            tally.minutes if tally else None,
            *(axis.values[at] for axis in axes),
        )
        for at, (month, tally) in enumerate(zip(report.months, report.curve, strict=True))
    ]
    return Table("Treize mois", columns, rows)


def _figures(page: Page) -> Table:
    board = page.board
    columns = [
        Column("Chiffre", "text", 24), Column("Valeur", "text", 12),
        Column("Sur la période précédente", "text", 20), Column("Sur un an", "text", 20),
    ]  # fmt: skip
    rows: list[Row] = [
        (key.label, key.value, key.previous, key.last_year) for key in board.key_figures
    ]
    return Table("Chiffres", columns, rows)


def _matrix(page: Page) -> Table:
    matrix = page.board.matrix
    columns = [
        Column("Lieu", "text", 30),
        *(Column(name, "whole", 16) for name in matrix["themes"]),
    ]
    rows: list[Row] = [
        (place, *(count for count, _, _ in cells)) for place, cells in matrix["rows"]
    ]
    return Table("Lieux et thématiques", columns, rows)


def _people(page: Page) -> Table:
    columns = [
        Column("Public", "text", 30), Column("Contacts", "whole", 12), Column("Sur", "whole", 12)
    ]  # fmt: skip
    whole = page.board.told.contacts
    rows: list[Row] = [(bar.label, int(bar.value), whole) for bar in page.board.audiences]
    return Table("Publics", columns, rows)


def _signalements(page: Page) -> Table:
    columns = [
        Column("Mesure", "text", 36),
        Column("Valeur", "text", 16),
        Column("Précision", "text", 60),
    ]
    rows: list[Row] = [(line.label, line.value, line.note) for line in page.signalements.lines]
    return Table("Signalements", columns, rows)


TABLES: dict[str, Callable[[Page], Table]] = {
    "chiffres": _figures,
    "mois": _months,
    "activites": lambda page: _lines(
        "Activité de référence", page.board.types, page.board.figures.total.minutes
    ),
    "axes": lambda page: _lines("Axe", page.board.axes, page.board.figures.total.minutes),
    "thematiques": lambda page: _lines(
        "Thématique", page.board.themes, page.board.figures.total.minutes
    ),
    "lieux": lambda page: _lines("Lieu", page.board.places, page.board.figures.total.minutes),
    "croisement": _matrix,
    "publics": _people,
    "signalements": _signalements,
}
