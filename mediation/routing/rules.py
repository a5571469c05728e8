"""Whom a signalement is proposed to, by its place and its theme (R72, R84).

Rules speak from the nearest place upwards; at one place, those of the theme before those of its
group before those of any theme. The first that speak are the only ones. What they propose is the
party's contacts in force; who writes may always choose others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from governance.models import Contact, Membership, Place, Theme
from humanicite.lib.text import words_of

from .models import RoutingRule


@dataclass(frozen=True)
class Proposal:
    """`main` are ticked; `backups`, of the same parties, are offered in copy."""

    rules: tuple[RoutingRule, ...] = ()
    main: tuple[Contact, ...] = ()
    backups: tuple[Contact, ...] = ()

    @property
    def undesignated(self) -> list[str]:
        """Parties that a rule names and that nobody can be written to."""
        reached = {row.party_id for row in (*self.main, *self.backups)}
        return [str(rule.party) for rule in self.rules if rule.party_id not in reached]


class Routing:
    """A programme's rules and contacts in force on a day, each list asked for once."""

    def __init__(self, membership: Membership, today: date) -> None:
        self.membership, self.today = membership, today

    @cached_property
    def rules(self) -> list[RoutingRule]:
        """In the order of the tree, and within a place from any theme to one."""
        rows = RoutingRule.objects.visible_to(self.membership)
        return list(rows.select_related("place", "theme", "party"))

    @cached_property
    def contacts(self) -> dict[int, Contact]:
        """Those who hold their function today, without an address too, the operator's apart."""
        rows = Contact.objects.visible_to(self.membership).on(self.today).select_related("party")
        return {row.pk: row for row in rows if not row.party.is_operator}

    def by_party(self) -> list[tuple[str, list[Contact]]]:
        found: dict[str, list[Contact]] = {}
        for row in self.contacts.values():
            found.setdefault(row.party.name, []).append(row)
        return list(found.items())

    def proposed(self, place: Place | None, theme: Theme | None) -> Proposal:
        if place is None:
            return Proposal()
        for key in (place.pk, *reversed(place.ancestor_ids)):
            there = [rule for rule in self.rules if rule.place_id == key]
            spoken = _most_precise(there, theme)
            if spoken:
                return self._of(spoken)
        return Proposal()

    def _of(self, rules: list[RoutingRule]) -> Proposal:
        parties = {rule.party_id for rule in rules}
        reached = [
            row for row in self.contacts.values() if row.party_id in parties and row.is_designated
        ]
        return Proposal(
            tuple(rules),
            tuple(row for row in reached if not row.is_backup),
            tuple(row for row in reached if row.is_backup),
        )


def _most_precise(rules: Iterable[RoutingRule], theme: Theme | None) -> list[RoutingRule]:
    rules = list(rules)
    if theme is not None:
        of_theme = [rule for rule in rules if rule.theme_id == theme.pk]
        if of_theme:
            return of_theme
        of_group = [rule for rule in rules if rule.group and rule.group == theme.group]
        if of_group:
            return of_group
    return [rule for rule in rules if rule.theme_id is None and not rule.group]


def likely(rows: Iterable[Contact], text: str) -> Contact | None:
    """The contact whom words like « la Métropole, voirie » seem to name; None when none does."""
    words = {word for word in words_of(text) if len(word) > 3}
    best, most = None, 0
    for row in rows:
        named = words_of(f"{row.party.name} {row.party.short_name} {row.function}")
        found = len(words & set(named)) * 2 - row.is_backup
        if found > most:
            best, most = row, found
    return best
