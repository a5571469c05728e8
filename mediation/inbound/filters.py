"""The list of mails that came in: its tabs by what became of them."""

from typing import ClassVar

from humanicite.lib.narrowing import Narrowing, Tab

from .models import InboundMail, InboundMailQuerySet, InboundState

WAITING = ""
# (value, label, states)
TABS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (WAITING, "À rattacher", (InboundState.UNMATCHED,)),
    ("machines", "Automatiques et retours", (InboundState.AUTO, InboundState.BOUNCE)),
    ("rattaches", "Rattachés", (InboundState.MATCHED,)),
    ("informations", "Informations du quartier", (InboundState.NEWS,)),
    ("classes", "Classés", (InboundState.DISMISSED,)),
)
STATES_OF = {value: states for value, _, states in TABS}


class MailFilter(Narrowing):
    ROUTE = "mails"

    etat = Tab("Quels courriels", [(value, label) for value, label, _ in TABS], method="by_state")

    class Meta:
        model = InboundMail
        fields: ClassVar[list[str]] = []

    def by_state(self, rows: InboundMailQuerySet, name: str, value: str) -> InboundMailQuerySet:
        return rows.filter(state__in=STATES_OF[value]) if value else rows.waiting()
