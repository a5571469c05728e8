"""People met, by audience and age band: read, compared and said in words (R8)."""

from typing import Any

from governance.models import Audience
from mediation.history.followed import NOTHING
from mediation.history.versions import Change, differences

from .models import Activity, AgeBand

HeadCounts = dict[tuple[Audience, str], int]


def counts_of(activity: Activity) -> HeadCounts:
    rows = activity.head_counts.select_related("audience")
    return {(row.audience, row.band): row.count for row in rows}


def counts_in_words(counts: HeadCounts) -> str:
    said = [
        f"{audience} ({AgeBand(band).label.lower()}) {count}"
        for (audience, band), count in sorted(
            counts.items(), key=lambda cell: (cell[0][0].rank, cell[0][1])
        )
    ]
    return ", ".join(said) or NOTHING


def differences_with_counts(saved: Activity, typed: Any, typed_counts: HeadCounts) -> list[Change]:
    """Where what somebody typed departs from what is saved, head counts too."""
    before, after = counts_in_words(counts_of(saved)), counts_in_words(typed_counts)
    changes = differences(saved, typed)
    return changes + ([Change("publics", before, after)] if before != after else [])
