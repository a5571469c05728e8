"""What a text must not name in an edition: places and signalements of other perimeters (R75)."""

import re
from dataclasses import dataclass

from governance.models import Perimeter, Place
from humanicite.lib.text import fold
from mediation.models import Signalement
from reporting.periods import Period

_REFERENCE = re.compile(r"\b(20\d\d)-(\d{1,5})\b")


@dataclass(frozen=True)
class OutsideNames:
    """Names as they are folded. `inside` ones are looked for first: « Parc nord » is no « Parc »."""

    inside: tuple[str, ...]
    outside: dict[str, str]  # folded → as it is written
    references: frozenset[tuple[int, int]]  # of signalements that the perimeter does not hold


def covered_in(perimeter: Perimeter, period: Period) -> set[int]:
    """Keys of the places that a perimeter held on some day of a period."""
    return {
        key
        for starts, ends, places in perimeter.intervals
        if starts <= period.last and (ends is None or ends >= period.first)
        for key in places
    }


def outside_names(perimeter: Perimeter, period: Period) -> OutsideNames:
    """Three queries."""
    covered = covered_in(perimeter, period)
    programme = perimeter.programme_id
    places = Place.objects.of_programme(programme).values_list("pk", "name")
    inside = {fold(name) for key, name in places if key in covered}
    outside = {fold(name): name for key, name in places if key not in covered}
    sent = Signalement.objects.of_programme(programme).filter(number__isnull=False)
    held = sent.within(perimeter).filter(is_confidential=False).values("pk")
    others = sent.exclude(pk__in=held).values_list("year", "number")
    return OutsideNames(
        inside=tuple(sorted(inside, key=len, reverse=True)),
        outside={name: said for name, said in outside.items() if name not in inside},
        references=frozenset((year or 0, number or 0) for year, number in others),
    )


def told_outside(text: str, names: OutsideNames) -> list[str]:
    """What in a text names something outside, as it is written there or on its own page."""
    said = fold(text)
    for name in names.inside:
        said = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "·", said)
    found = [
        shown
        for name, shown in names.outside.items()
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said)
    ]
    for match in _REFERENCE.finditer(text):
        if (int(match[1]), int(match[2])) in names.references:
            found.append(f"signalement {match[0]}")
    return found
