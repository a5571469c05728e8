"""The list of recommendations: its tabs by state, and to whom they are addressed."""

from typing import Any, ClassVar

from governance.models import Party
from humanicite.lib.narrowing import Narrowing, OneRow, Tab

from .models import Recommendation, RecommendationState

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
    partie = OneRow("Adressée à", "party")

    class Meta:
        model = Recommendation
        fields: ClassVar[list[str]] = []

    def make_offers(self) -> dict[str, Any]:
        rows = Party.objects.visible_to(self.membership)
        return {"partie": [(row.pk, row.short_name) for row in rows if not row.is_operator]}

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        if value == ALL:
            return rows.newest_first()
        rows = rows.followed() if value == FOLLOWED else rows.filter(state=value)
        return rows.newest_first()
