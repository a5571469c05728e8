"""The convention's plan of the quarter, shaded by how often something lies at each place."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from governance.conventions.plan import Block, make_plan
from governance.models import Place
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import plural


@dataclass(frozen=True)
class Shaded:
    """A block and its count: the activities of the place itself, not of those within it."""

    block: Block
    count: int
    shade: int
    words: str


@dataclass(frozen=True)
class Sheet:
    name: str
    height: int
    blocks: list[Shaded]


@dataclass(frozen=True)
class PlaceRow:
    place: Place
    depth: int
    count: int
    shade: int


@dataclass(frozen=True)
class ShadedPlan:
    sheets: list[Sheet]
    rows: list[PlaceRow]
    peak: int


def shaded(places: Iterable[Place], counts: Counter[int], day: date) -> ShadedPlan:
    plan = make_plan(places, [], day)
    peak = max(counts.values(), default=0)

    def shade(place: Place) -> int:
        return -(-4 * counts[place.pk] // peak) if peak else 0

    def words(place: Place) -> str:
        return f"{place.name}{NBSP}: {plural(counts[place.pk], 'activité,activités')}"

    return ShadedPlan(
        [
            Sheet(
                drawing.name,
                drawing.height,
                [
                    Shaded(one, counts[one.place.pk], shade(one.place), words(one.place))
                    for one in drawing.blocks
                ],
            )
            for drawing in plan.drawings
        ],
        [
            PlaceRow(row.place, row.depth, counts[row.place.pk], shade(row.place))
            for row in plan.rows
        ],
        peak,
    )
