"""The list of recommendations: its tabs by state."""

from typing import ClassVar

from humanicite.lib.narrowing import Narrowing, Tab

from .models import Recommendation, RecommendationQuerySet, RecommendationState

FOLLOWED, ALL = "", "toutes"
STATES = (
    (FOLLOWED, "À suivre"),
    (RecommendationState.PROPOSED, "Proposées"),
    (RecommendationState.ACCEPTED, "Acceptées"),
    (RecommendationState.DONE, "Faites"),
    (RecommendationState.REFUSED, "Refusées"),
    (ALL, "Toutes"),
)


class RecommendationFilter(Narrowing):
    ROUTE = "recommendations"

    etat = Tab("État", STATES, method="by_state")

    class Meta:
        model = Recommendation
        fields: ClassVar[list[str]] = []

    def by_state(
        self, rows: RecommendationQuerySet, name: str, value: str
    ) -> RecommendationQuerySet:
        if value == ALL:
            return rows.newest_first()
        rows = rows.followed() if value == FOLLOWED else rows.filter(state=value)
        return rows.newest_first()
