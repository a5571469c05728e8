"""What may be told of people met: one decision a programme and month, for all its perimeters at once.

Who reads a sum also reads its neighbours: other months, the quarter, a perimeter inside another, the
one of a party that lends its page. So the cells of a month are decided together:

1. In the rows that the same perimeters hold, groups that fewer than `FEW_ROWS` activities met are told
   among « autres », the same for all.
2. A cell is a perimeter and a group of people. Each is a sum over the *atoms* of the month: the rows
   that the same perimeters hold, by group. What all cells together give by adding and subtracting
   is worked out (linear algebra, not trials): if that can leave fewer than `FEW_ROWS` activities
   alone, groups are joined or cells masked, until nothing can.
3. A perimeter, or what one has beyond another, whose people are all of one group is not told by group:
   « all of them » says it of each row.
4. What is left is rounded to `ROUND`. A total is the sum of its rounded cells, a quarter or a year that
   of its months, so that no sum tells more than its parts.

Rates and medians of people are made from these cells or not at all (docs/decisions/0033).
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

FEW_ROWS = 5  # activities, under which a sum says too much of one of them
ROUND = 5
SMALL_PART = (
    4  # a perimeter under this part of the programme loses its detail before all join groups
)
OTHERS = "autres"
_PRIME = (
    1 << 61
) - 1  # ranks are computed modulo it: exact for tables of zeros and ones this small

Key = int | str


@dataclass(frozen=True)
class Row:
    """An activity that counted people: which perimeters hold it, and how many of each group."""

    key: Hashable
    held_by: frozenset[int]
    people: dict[Key, int]


@dataclass
class Cells:
    """What is told of one perimeter and month: people in all, and by group where that may be."""

    total: int
    groups: dict[Key, int] | None = None


@dataclass
class _Table:
    """The month's rows by atom: (perimeters that hold it, group) → keys of activities, and people."""

    rows: dict[tuple[frozenset[int], Key], set[Hashable]] = field(
        default_factory=lambda: defaultdict(set)
    )
    people: Counter[tuple[frozenset[int], Key]] = field(default_factory=Counter)

    def joined(self, group_of: dict[Key, Key]) -> "_Table":
        made = _Table()
        for (atom, group), keys in self.rows.items():
            to = atom, group_of[group]
            made.rows[to] |= keys
            made.people[to] += self.people[atom, group]
        return made

    def folded(self) -> "_Table":
        """Each atom's groups of few rows joined as its OTHERS, with as many more as make these many."""
        by_atom: dict[frozenset[int], dict[Key, set[Hashable]]] = defaultdict(dict)
        for (atom, group), keys in self.rows.items():
            by_atom[atom][group] = keys
        made = _Table()
        for atom, found in by_atom.items():
            others: set[Hashable] = set()
            for group in sorted(found, key=lambda one: (len(found[one]), str(one))):
                keys = found[group]
                is_few = len(keys) < FEW_ROWS or 0 < len(others) < FEW_ROWS
                to: Key = OTHERS if is_few else group
                if is_few:
                    others |= keys
                made.rows[atom, to] |= keys
                made.people[atom, to] += self.people[atom, group]
        return made

    def within(self, perimeter: int) -> set[Hashable]:
        found: set[Hashable] = set()
        for (atom, _), keys in self.rows.items():
            if perimeter in atom:
                found |= keys
        return found


def rounded(value: int) -> int:
    return ROUND * ((value + ROUND // 2) // ROUND)


def decide(
    perimeters: Iterable[int], rows: Iterable[Row], *, folds: bool = True
) -> dict[int, Cells]:
    """The cells that may be told of a month, by perimeter; one that is not here is masked.

    `folds`: the few of a group in an atom are told among OTHERS, for all perimeters alike, so that most
    groups stay; without it a group is told whole or not at all.
    """
    table = _Table()
    for row in rows:
        for group, people in row.people.items():
            if people > 0 and row.held_by:
                table.rows[row.held_by, group].add(row.key)
                table.people[row.held_by, group] += people
    sizes = {perimeter: len(table.within(perimeter)) for perimeter in perimeters}
    totals = _totals(table, sizes)
    table = table.folded() if folds else table
    groups, detailed = _details(table, totals, sizes)
    joined = table.joined(groups)
    detailed = _without_all_in_one(joined, detailed)
    return {
        perimeter: _cells(joined, perimeter, by_group=perimeter in detailed) for perimeter in totals
    }


def _cells(table: _Table, perimeter: int, *, by_group: bool) -> Cells:
    sums: Counter[Key] = Counter()
    for (atom, group), people in table.people.items():
        if perimeter in atom:
            sums[group] += people
    if not by_group:
        return Cells(rounded(sums.total()))
    told = {group: rounded(people) for group, people in sums.items()}
    return Cells(sum(told.values()), told)


def _totals(table: _Table, sizes: dict[int, int]) -> set[int]:
    """Perimeters whose sum of all groups may be told."""
    alone = table.joined(dict.fromkeys({group for _, group in table.rows}, OTHERS))
    told = set(sizes)
    while left := _left_alone(alone, [(perimeter, None) for perimeter in sorted(told)]):
        told.discard(_smallest(left, told, sizes))
    return told


def _details(
    table: _Table, totals: set[int], sizes: dict[int, int]
) -> tuple[dict[Key, Key], set[int]]:
    """How groups are joined, the same for all perimeters, and which of these are told by group."""
    every: set[Hashable] = set()
    weights: Counter[Key] = Counter()
    for (_, group), keys in table.rows.items():
        every |= keys
        weights[group] += len(keys)
    groups: dict[Key, Key] = {
        group: group if count >= FEW_ROWS else OTHERS for group, count in weights.items()
    }
    detailed = {perimeter for perimeter in totals if sizes[perimeter] >= 2 * FEW_ROWS}
    while detailed and len(set(groups.values())) > 1:
        joined = table.joined(groups)
        names = sorted(set(groups.values()), key=str)
        told: list[tuple[int, Key | None]] = [(one, None) for one in sorted(totals)]
        told += [(one, name) for one in sorted(detailed) for name in names]
        left = _left_alone(joined, told)
        if not left:
            return groups, detailed
        smallest = _smallest(left, detailed, sizes)
        if sizes[smallest] * SMALL_PART < len(every):
            detailed.discard(smallest)
            continue
        named = {group for _, group in left if group != OTHERS} or set(names) - {OTHERS}
        least = min(named, key=lambda name: (weights[name], str(name)))
        groups[least] = OTHERS
    return dict.fromkeys(groups, OTHERS), set()


def _smallest(
    left: Iterable[tuple[frozenset[int], Key]], among: set[int], sizes: dict[int, int]
) -> int:
    """Of the perimeters that hold what was left alone, the one that loses least by being masked."""
    touching = {one for atom, _ in left for one in atom if one in among} or among
    return min(touching, key=lambda one: (sizes[one], -one))


def _without_all_in_one(table: _Table, detailed: set[int]) -> set[int]:
    """Those that are told by group without saying that all people of some rows were of one."""
    kept = set(detailed)
    for one in sorted(detailed):
        for other in sorted(detailed):
            # What `one` holds and `other` does not; all that it holds, for itself.
            found = {
                group
                for (atom, group), people in table.people.items()
                if people and one in atom and (one == other or other not in atom)
            }
            inside = all(one in atom for atom, _ in table.rows if other in atom)
            if (one == other or inside) and len(found) == 1:
                kept.discard(other if one != other else one)
    return kept


def _left_alone(
    table: _Table, told: Sequence[tuple[int, Key | None]]
) -> list[tuple[frozenset[int], Key]]:
    """Atoms of fewer than FEW_ROWS activities that what is told gives back alone; none if it does not.

    A combination of what is told is zero everywhere but on a set of atoms exactly if these columns
    of the parity check (of all vectors orthogonal to what is told) depend on each other. Only atoms
    of few rows that take part in such a combination are tried, in sets of few rows.
    """
    atoms = sorted(table.rows, key=lambda atom: (sorted(atom[0]), str(atom[1])))
    matrix = [
        [int(one in atom and name in (None, group)) for atom, group in atoms] for one, name in told
    ]
    checks = _orthogonal(matrix, len(atoms))
    few = [at for at, atom in enumerate(atoms) if len(table.rows[atom]) < FEW_ROWS]
    combined = _orthogonal([[row[at] for at in few] for row in checks], len(few))
    columns = {
        at: [row[at] for row in checks]
        for n, at in enumerate(few)
        if any(vector[n] for vector in combined)
    }
    rows = {at: table.rows[atoms[at]] for at in columns}
    for size in range(1, FEW_ROWS):
        for chosen in combinations(columns, size):
            keys: set[Hashable] = set().union(*(rows[at] for at in chosen))
            if len(keys) >= FEW_ROWS:
                continue
            closed = [at for at in columns if rows[at] <= keys]
            if _rank([columns[at] for at in closed]) < len(closed):
                return [atoms[at] for at in closed]
    return []


def _reduced(matrix: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[int]]:
    """The matrix in reduced echelon form, and the columns of its pivots."""
    rows = [list(row) for row in matrix]
    pivots: list[int] = []
    for column in range(len(rows[0]) if rows else 0):
        at = len(pivots)
        found = next((n for n in range(at, len(rows)) if rows[n][column]), None)
        if found is None:
            continue
        rows[at], rows[found] = rows[found], rows[at]
        inverse = pow(rows[at][column], -1, _PRIME)
        rows[at] = [value * inverse % _PRIME for value in rows[at]]
        for n, row in enumerate(rows):
            if n != at and row[column]:
                times = row[column]
                rows[n] = [(a - times * b) % _PRIME for a, b in zip(row, rows[at], strict=True)]
        pivots.append(column)
    return rows[: len(pivots)], pivots


def _rank(matrix: Sequence[Sequence[int]]) -> int:
    return len(_reduced(matrix)[1])


def _orthogonal(matrix: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """A basis of the vectors orthogonal to each row."""
    rows, pivots = _reduced(matrix)
    basis = []
    for free in (column for column in range(width) if column not in set(pivots)):
        vector = [0] * width
        vector[free] = 1
        for row, pivot in zip(rows, pivots, strict=True):
            vector[pivot] = -row[free] % _PRIME
        basis.append(vector)
    return basis
