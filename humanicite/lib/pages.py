"""Pages by number, for lists that are short enough to count rows from the start; see keyset.py for
those without end.

One row more than a page tells whether there is another: no count, but for an address beyond the end.
"""

from dataclasses import dataclass
from typing import Any

LAST = 400  # beyond, filters find sooner


@dataclass(frozen=True)
class Page:
    """Some rows of a list; `previous` and `next` are numbers of pages, or None."""

    rows: list[Any]
    number: int
    next: int | None

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def is_only(self) -> bool:
        return self.number == 1 and self.next is None


def page_of(rows: object, asked: str | None, size: int) -> Page:
    """The page that an address asks for, or the nearest there is: the first for what is no number
    of a page, the last for one beyond the end.

    `rows`: a queryset in a total order, or anything else that is sliced and has a length.
    """
    number = _number(asked)
    found = _cut(rows, number, size)
    if not found and number > 1:
        number = min(number, LAST, max(1, -(-_count(rows) // size)))
        found = _cut(rows, number, size)
    has_next = len(found) > size and number < LAST
    return Page(found[:size], number, number + 1 if has_next else None)


def _number(asked: str | None) -> int:
    text = (asked or "").strip()
    if not (text.isascii() and text.isdecimal()):
        return 1
    # A longer number than a list has pages costs time, or is refused by Python.
    return min(LAST, max(1, int(text))) if len(text) < 10 else LAST


def _cut(rows: Any, number: int, size: int) -> list[Any]:
    return list(rows[(number - 1) * size : number * size + 1])


def _count(rows: Any) -> int:
    return len(rows) if isinstance(rows, list) else int(rows.count())
