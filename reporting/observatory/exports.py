"""The table of places and themes as a file."""

from collections.abc import Iterable
from typing import IO

from humanicite.lib.exports import WRITERS, Column

from .counts import CALMS, RECURS, RISES, STABLE, UNKNOWN, Cell
from .window import Window

TRENDS = {
    RISES: "en hausse", CALMS: "se calme", RECURS: "revient", STABLE: "stable", UNKNOWN: "n/d",
}  # fmt: skip


def write(window: Window, cells: Iterable[Cell], form: str) -> IO[bytes]:
    """`form`: csv or xlsx."""
    months = [Column(f"{one.index:02d}/{one.year}", "whole", 9) for one in window.months]
    columns = [
        Column("Lieu", "label", 30), Column("Thématique", "label", 26), *months,
        Column("Activités", "whole", 10), Column("Six premiers mois", "whole", 14),
        Column("Six derniers mois", "whole", 14), Column("Mois concernés", "whole", 12),
        Column("Signalements", "whole", 12), Column("Constat", "label", 14),
    ]  # fmt: skip
    rows = (
        [
            cell.place_name, cell.theme.name, *cell.by_month, cell.total, cell.before, cell.after,
            cell.months, cell.signalements, TRENDS[cell.trend],
        ]
        for cell in cells
    )  # fmt: skip
    return WRITERS[form](columns, rows, "Observatoire")
