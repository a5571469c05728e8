"""The names that one reader may see, each list asked for once."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from governance.models import Audience, Axis, Membership, Party, Perimeter, Place, Theme, User
from governance.rights import Right


class Vocabulary:
    """The names that one reader may see, by key; each list is asked for once."""

    def __init__(self, membership: Membership) -> None:
        self.membership = membership

    @cached_property
    def places(self) -> dict[int, Place]:
        """In the order of the tree, retired ones included."""
        return _by_key(Place.objects.visible_to(self.membership).in_tree_order())

    @cached_property
    def themes(self) -> dict[int, Theme]:
        return _by_key(Theme.objects.visible_to(self.membership))

    @cached_property
    def axes(self) -> dict[int, Axis]:
        return _by_key(Axis.objects.visible_to(self.membership))

    @cached_property
    def audiences(self) -> dict[int, Audience]:
        return _by_key(Audience.objects.visible_to(self.membership))

    def place(self, key: int) -> str:
        known = self.places.get(key)
        return known.name if known else ""

    def author(self, key: int) -> str:
        return str(self.membership.people[key])

    def theme(self, key: int | None) -> str:
        known = self.themes.get(key or 0)
        return known.name if known else ""

    @cached_property
    def perimeters(self) -> dict[int, Perimeter]:
        return _by_key(Perimeter.objects.visible_to(self.membership).select_related("party"))

    @cached_property
    def parties(self) -> dict[int, Party]:
        """All but the operator, to whom nobody reports."""
        rows = Party.objects.visible_to(self.membership)
        return {pk: row for pk, row in _by_key(rows).items() if not row.is_operator}

    @cached_property
    def authors(self) -> dict[int, User]:
        """The operator's people, those who left included; for who does not supervise, oneself:
        the sums of a colleague's entries are that colleague's hours (R31)."""
        found = _by_key(self.membership.people.of_operator)
        if self.membership.may(Right.SUPERVISE):
            return found
        return {key: user for key, user in found.items() if key == self.membership.user_id}


def _by_key(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.pk: row for row in rows}


def options(rows: Iterable[Any]) -> list[tuple[int, str]]:
    return [(row.pk, str(row)) for row in rows]


def indented(places: Iterable[Place]) -> list[tuple[int, str]]:
    return [(place.pk, "\u2003" * place.depth + place.name) for place in places]
