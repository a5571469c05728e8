"""The blocks of a synthesis and of a bilan. Each subject registers its own: the editor knows none.

A block is made of figures, for one perimeter and one period, and may have a text beside them. What it
makes is frozen: it holds nothing that the perimeter does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from governance.models import Convention, Perimeter
from reporting.dashboards.board import Dashboard
from reporting.dashboards.signalements import LongOpen, SignalementBoard
from reporting.periods import Period

from .models import MonthlySynthesis
from .parts import Part

MONTHS, REVIEWS = frozenset({"mois"}), frozenset({"semestre", "annee"})


@dataclass(frozen=True)
class Matter:
    """What the blocks of an edition are made of: one perimeter, one period, as things are `on` a day."""

    perimeter: Perimeter
    period: Period
    on: date
    synthesis: MonthlySynthesis | None
    convention: Convention | None
    board: Dashboard
    signalements: SignalementBoard
    long_open: LongOpen

    @property
    def has_data(self) -> bool:
        return self.board.figures.has_data


@dataclass(frozen=True)
class Block:
    """`make` answers the block's parts, none for a block that has nothing to say this month.

    `is_analysed`: a text is expected beside it. `asks_for_data`: left out of a period without any.
    `is_followed`: tells what goes on by itself after the period (who has what to do by when), which
    no validation holds fast. `asks`: what it needs typed, (key, label) of a whole number each.
    `kinds`: the periods whose document has it; REVIEWS alone for a chapter of bilans.
    """

    key: str
    title: str
    make: Callable[[Matter], list[Part]]
    is_analysed: bool = True
    asks_for_data: bool = True
    kinds: frozenset[str] = MONTHS | REVIEWS
    is_followed: bool = False
    asks: tuple[tuple[str, str], ...] = ()


_BLOCKS: list[tuple[int, Block]] = []


def register(block: Block, *, rank: int) -> None:
    """Adds a block; `rank` says where it stands among the others. A second of a key replaces the first."""
    _BLOCKS[:] = [(at, known) for at, known in _BLOCKS if known.key != block.key]
    _BLOCKS.append((rank, block))
    _BLOCKS.sort(key=lambda entry: (entry[0], entry[1].key))


def all_blocks(period: Period) -> list[Block]:
    return [block for _, block in _BLOCKS if period.kind in block.kinds]


def made(matter: Matter) -> list[tuple[Block, list[Part]]]:
    """The blocks that have something to say, with their parts."""
    found = []
    for block in all_blocks(matter.period):
        if block.asks_for_data and not matter.has_data:
            continue
        parts = block.make(matter)
        if parts:
            found.append((block, parts))
    return found
