"""Recommendations as a synthesis tells them: to whom, what, and what became of it (R79)."""

from datetime import timedelta
from typing import Any

from django.db.models import Q

from governance.models import Perimeter, Place
from humanicite.templatetags.french import datefr
from reporting.naming import covered_in, outside_names, told_outside
from reporting.periods import Period

from .models import Recommendation, RecommendationState

RECOMMENDATIONS = "preconisations"
STAYS = timedelta(days=62)  # for which what was answered is still told


def of_an_edition(perimeter: Perimeter, period: Period) -> list[Recommendation]:
    """Those that an edition tells: issued up to the month, still followed or answered lately.

    What names places goes to the editions that cover them all: the root, to every one. What names
    none goes to its addressee's alone. Nothing goes where it would name something outside.
    """
    covered = covered_in(perimeter, period)
    rows = (
        Recommendation.objects.of_programme(perimeter.programme_id)
        .filter(issued_on__lte=Period.holding("mois", period.last).next.last)
        .filter(Q(is_draft=False) | Q(issued_on__gte=period.first))
        .filter(
            Q(state__in=[RecommendationState.PROPOSED, RecommendationState.ACCEPTED])
            | Q(answered_on__gte=period.first - STAYS)
        )
        .select_related("party")
        .prefetch_related("places", "themes")
        .order_by("issued_on", "pk")
    )
    names = outside_names(perimeter, period)
    return [row for row in rows if _belongs(row, perimeter, covered, names)]


def _belongs(row: Recommendation, perimeter: Perimeter, covered: set[int], names: Any) -> bool:
    places = list(row.places.all())
    if any(place.pk not in covered for place in places):
        return False
    if not places and row.party_id != perimeter.party_id and not perimeter.party.is_operator:
        return False
    return not told_outside(f"{row.title} {row.text} {row.answer}", names)


def recommendation_parts(perimeter: Perimeter, period: Period) -> list[dict[str, object]]:
    rows = of_an_edition(perimeter, period)
    if not rows:
        return []
    columns = [("Préconisation", "text"), ("À qui", "note"), ("Depuis", "note"), ("Suite", "note")]
    cells = [
        [
            {"text": _what(row)},
            {"text": row.party.short_name},
            {"text": datefr(row.issued_on)},
            {"text": _became(row)},
        ]
        for row in rows
    ]
    return [
        {
            "kind": "table",
            "name": "Préconisations",
            "caption": "Ce que le service recommande, à qui, et ce qu’il en est",
            "columns": [{"title": title, "how": how} for title, how in columns],
            "rows": cells,
            "style": "dense",
        }
    ]


def _what(row: Recommendation) -> str:
    title = row.title.rstrip(".")
    where = ", ".join(_names(row.places.all()))
    about = ", ".join(_names(row.themes.all()))
    more = " · ".join(text for text in (where, about) if text)
    return " ".join(text for text in (f"{title}.", row.text, f"({more})" if more else "") if text)


def _names(rows: Any) -> list[str]:
    return [row.name for row in rows if not (isinstance(row, Place) and row.parent_id is None)]


def _became(row: Recommendation) -> str:
    if row.answered_on is None:
        return row.get_state_display()
    said = f"{row.get_state_display()} le {datefr(row.answered_on)}"
    return f"{said}. {row.answer}" if row.answer else said
