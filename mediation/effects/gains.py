"""What parties gain and lose of past records when the places they see change (R75)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from governance.models import Party, Perimeter
from governance.scoping import Area
from mediation.activities.models import Activity
from mediation.signalements.models.signalements import Signalement


@dataclass(frozen=True)
class Gain:
    """Rows that a party would see and does not, or sees and would not."""

    party: Party
    activities_gained: int
    activities_lost: int
    signalements_gained: int
    signalements_lost: int


@dataclass(frozen=True)
class _Reach:
    """The intervals of a perimeter at a moment."""

    programme_id: int
    intervals: list[tuple[date, date | None, list[int]]]


def _reaches(programme_id: int) -> dict[Party, _Reach]:
    rows = Perimeter.objects.of_programme(programme_id).select_related("party")
    return {
        row.party: _Reach(programme_id, row.intervals) for row in rows.order_by("party__name", "pk")
    }


def rehearse(change: Callable[[], object], programme_id: int) -> list[Gain]:
    """Carries a change out, counts, and undoes it: what is told is what would be.

    Only parties whose places change are listed. Raises what the change raises.
    """
    was = _reaches(programme_id)
    with transaction.atomic():
        change()
        found = [
            _gain(party, was.get(party, _Reach(programme_id, [])), reach)
            for party, reach in _reaches(programme_id).items()
            if was.get(party) != reach
        ]
        transaction.set_rollback(True)
    return found


def _gain(party: Party, old: Area, new: Area) -> Gain:
    counts = []
    for rows in (Activity.objects.all(), Signalement.objects.filter(is_open_to_perimeter=True)):
        seen, would = rows.within(old), rows.within(new)
        counts += [_beyond(would, seen.values("pk")), _beyond(seen, would.values("pk"))]
    return Gain(party, *counts)


def _beyond(rows: QuerySet, others: QuerySet) -> int:
    return rows.exclude(pk__in=others).count()
