"""What may stand on an agenda: a proposer is a class that a subject declares; the agenda knows none.

A subject registers an instance when its app is ready (`apps.py`); the agenda asks each for what it
has to propose to a meeting, and remembers of each proposal its `source` alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from governance.scoping import Reader

from .models import AgendaItem, DeclinedProposal, Meeting


@dataclass(frozen=True)
class Proposed:
    """A point that a subject proposes. `source` names it for ever (« action:12 »); `title` is what
    the members will read, `why` what whoever prepares reads beside it; `owner_id` a party's key."""

    source: str
    title: str
    details: str = ""
    why: str = ""
    url: str = ""
    minutes: int = 10
    owner_id: int | None = None
    is_confidential: bool = False


class Proposer(Protocol):
    label: str  # « Signalements sans suite »: the heading of what it proposes
    icon: str  # see templatetags/icons.py

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> Iterable[Proposed]:
        """What it has for a meeting, as its reader may see it; in a constant number of queries."""


_PROPOSERS: list[Proposer] = []


def register(proposer: Proposer) -> None:
    """Once for each class, however often the app is made ready."""
    if not any(type(one) is type(proposer) for one in _PROPOSERS):
        _PROPOSERS.append(proposer)


def proposals_for(
    meeting: Meeting, reader: Reader, today: date
) -> list[tuple[Proposer, list[Proposed]]]:
    """By proposer, what is neither on the agenda nor declined for this meeting."""
    settled = set(AgendaItem.objects.filter(meeting=meeting).values_list("source", flat=True))
    settled |= set(
        DeclinedProposal.objects.filter(meeting=meeting).values_list("source", flat=True)
    )
    found = []
    for proposer in _PROPOSERS:
        rows = [
            row for row in proposer.propose(meeting, reader, today) if row.source not in settled
        ]
        if rows:
            found.append((proposer, rows))
    return found


def proposed(meeting: Meeting, reader: Reader, today: date, source: str) -> Proposed | None:
    """The proposal of that name, if it still stands."""
    for _, rows in proposals_for(meeting, reader, today):
        for row in rows:
            if row.source == source:
                return row
    return None
