"""The quarter as blocks within blocks, and which perimeter covers what (R5, R75).

No map: a schema of the tree of places. Lengths are units of the drawing's own view, text is about
8 of them a character.
"""

import textwrap
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from governance.territory.models import Coverage, Place

WIDTH, PAD, GAP, LINE, MARK = 340, 10, 6, 20, 22
CHARACTER = 7.9
DEEPEST = 5  # blocks within blocks that are drawn; what lies deeper is in the list


@dataclass(frozen=True)
class Covering:
    """A party's perimeter on a day, and the number by which the plan calls it."""

    number: int
    party: str
    perimeter: str
    since: date


@dataclass(frozen=True)
class Mark:
    covering: Covering
    is_whole: bool
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Block:
    place: Place
    x: int
    y: int
    width: int
    height: int
    depth: int
    lines: list[tuple[str, int]]
    marks: list[Mark]
    words: str


@dataclass(frozen=True)
class Row:
    """A place in the list that says the same."""

    place: Place
    depth: int
    marks: list[Mark]


@dataclass(frozen=True)
class Drawing:
    name: str
    height: int
    blocks: list[Block]


@dataclass
class Plan:
    day: date
    coverings: list[Covering] = field(default_factory=list)
    drawings: list[Drawing] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def make_plan(places: Iterable[Place], coverage: Iterable[Coverage], day: date) -> Plan:
    """`places` in the order of the tree, with how many `parts` each has; `coverage` as it holds on
    the day; both as the reader may see them."""
    shown = [place for place in places if place.retired_on is None or place.retired_on > day]
    return _Maker(shown, list(coverage), day).make()


class _Maker:
    def __init__(self, places: list[Place], coverage: list[Coverage], day: date) -> None:
        self.places, self.day = places, day
        known = {place.pk for place in places}
        self.children: dict[int | None, list[Place]] = defaultdict(list)
        for place in places:
            self.children[place.parent_id if place.parent_id in known else None].append(place)
        first: dict[int, Coverage] = {}
        self.covered: dict[int, set[int]] = defaultdict(set)  # perimeter: places
        for row in coverage:
            self.covered[row.perimeter_id].add(row.place_id)
            old = first.get(row.perimeter_id)
            if old is None or row.starts < old.starts:
                first[row.perimeter_id] = row
        ordered = sorted(first.values(), key=lambda row: row.perimeter.party.short_name)
        self.coverings = {
            row.perimeter_id: Covering(
                number, row.perimeter.party.short_name, row.perimeter.name, row.starts
            )
            for number, row in enumerate(ordered, start=1)
        }

    def make(self) -> Plan:
        plan = Plan(self.day, list(self.coverings.values()))
        base = min((place.depth for place in self.places), default=0)
        plan.rows = [Row(row, min(row.depth - base, 4), self.marks(row)) for row in self.places]
        for root in self.children[None]:
            # Each side of the quarter is drawn by itself: beside the other where there is room.
            for top in self.children[root.pk] or [root]:
                blocks: list[Block] = []
                height = self.draw(top, 1, 1, WIDTH - 2, 0, blocks)
                plan.drawings.append(Drawing(top.name, height + 2, blocks))
        return plan

    def marks(self, place: Place) -> list[Mark]:
        return [
            Mark(covering, self.is_whole(place, self.covered[key]))
            for key, covering in self.coverings.items()
            if place.pk in self.covered[key]
        ]

    def is_whole(self, place: Place, covered: set[int]) -> bool:
        """Whether all that lies beneath is covered too, what the reader does not see included."""
        beneath = self.children[place.pk]
        hidden = getattr(place, "parts", len(beneath)) > len(beneath)
        return (
            place.pk in covered
            and not hidden
            and all(self.is_whole(child, covered) for child in beneath)
        )

    def draw(
        self, place: Place, x: int, y: int, width: int, depth: int, blocks: list[Block]
    ) -> int:
        """Adds the block and those within it; answers its height."""
        marks = self.marks(place)
        room = width - 2 * PAD - MARK * len(marks)
        wrapped = textwrap.wrap(place.name, max(8, int(room / CHARACTER))) or [place.name]
        lines = [(text, y + PAD + 13 + LINE * number) for number, text in enumerate(wrapped)]
        at = len(blocks)
        below = y + PAD + LINE * len(wrapped) + GAP
        for child in self.children[place.pk] if depth < DEEPEST else ():
            below += self.draw(child, x + PAD, below, width - 2 * PAD, depth + 1, blocks) + GAP
        placed = [
            Mark(mark.covering, mark.is_whole, x + width - PAD - 9 - MARK * number, y + PAD + 8)
            for number, mark in enumerate(reversed(marks))
        ]
        block = Block(
            place, x, y, width, below + 4 - y, depth, lines, placed[::-1], say(place, marks)
        )
        blocks.insert(at, block)
        return block.height


def say(place: Place, marks: list[Mark]) -> str:
    """What a block says to who does not see it."""
    whole = ", ".join(mark.covering.party for mark in marks if mark.is_whole)
    part = ", ".join(mark.covering.party for mark in marks if not mark.is_whole)
    said = [f"couvert par {whole}"] if whole else []
    said += [f"en partie par {part}"] if part else []
    return f"{place.name}\u00a0: {' ; '.join(said) or 'hors de tout périmètre'}".replace(
        " ;", "\u00a0;"
    )
