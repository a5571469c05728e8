"""The list of situations: its tabs by state, each in the order that serves it."""

from typing import ClassVar

from humanicite.lib.narrowing import Narrowing, Tab

from .models import Situation, SituationQuerySet, SituationState

OPEN, ALL = "", "toutes"
# The states by their own names.
STATES = (
    (OPEN, "En cours"),
    (SituationState.OUVERTE, "Ouvertes"),
    (SituationState.SUIVIE, "Suivies"),
    (SituationState.EN_ATTENTE, "En attente"),
    (SituationState.CLOSE, "Closes"),
    (ALL, "Toutes"),
)


class SituationFilter(Narrowing):
    ROUTE = "situations"

    etat = Tab("État", STATES, method="by_state")

    class Meta:
        model = Situation
        fields: ClassVar[list[str]] = []

    def by_state(self, rows: SituationQuerySet, name: str, value: str) -> SituationQuerySet:
        if value == ALL:
            return rows.order_by("-opened_on", "-pk")
        if value == SituationState.CLOSE:
            return rows.filter(state=value).order_by("-closed_on", "-pk")
        rows = rows.open() if value == OPEN else rows.filter(state=value)
        return rows.most_pressing_first()
