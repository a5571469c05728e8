"""Who reads a line that a committee is given."""

from collections.abc import Iterable
from datetime import date

from governance.models import Committee, PartyKind, Seat

from .models import AgendaLine


def with_readers(lines: list[AgendaLine]) -> list[tuple[AgendaLine, list[str]]]:
    """Each line with the parties that had, or will have, a seat in its committee on its day."""
    seats = seats_of({line.committee_id for line in lines}) if lines else []
    return [(line, readers_of(seats, line.committee_id, line.day)) for line in lines]


def seats_of(committees: Iterable[int]) -> list[Seat]:
    """Those of parties that read what a committee is shown (see scoping: Ground.SEAT)."""
    rows = Seat.objects.filter(committee__in=committees, party__isnull=False, on_agenda=False)
    return list(rows.exclude(party__kind=PartyKind.OPERATOR).select_related("party"))


def readers_of(seats: list[Seat], committee: int, day: date) -> list[str]:
    return sorted(
        {str(seat.party) for seat in seats if seat.committee_id == committee and seat.holds(day)}
    )


def committee_label(committee: Committee, readers: list[str]) -> str:
    read_by = f"lue par {', '.join(readers)}" if readers else "aucune partie n’y siège"
    return f"{committee} ({read_by})"
