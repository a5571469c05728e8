"""The filters of the list of accesses: in force or ended, which party, which role."""

from typing import ClassVar

from django.db.models import Q, QuerySet

from governance.parties.models import Party
from governance.rights import Role
from humanicite.lib.narrowing import Choice, Narrowing, OneRow, Tab

from .models import Membership

OPEN, INVITED, ENDED, ALL = "", "invites", "clos", "tous"

STATES = (
    (OPEN, "Ouverts"),
    (INVITED, "Invitations en attente"),
    (ENDED, "Clos"),
    (ALL, "Tous"),
)


class AccessFilter(Narrowing):
    ROUTE = "access"

    etat = Tab("État", STATES, method="by_state")
    partie = OneRow("Partie", "party")
    role = Choice("Rôle", Role.choices, field_name="role")

    class Meta:
        model = Membership
        fields: ClassVar[list[str]] = []

    def make_offers(self) -> None:
        rows = Party.objects.visible_to(self.membership).order_by("name", "pk")
        parties = {row.pk: row for row in rows}
        self.offer(
            "partie", parties, [("", "Toutes"), *((pk, p.name) for pk, p in parties.items())]
        )

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """An access holds through its last day; one that has not begun is open."""
        if value == ALL:
            return rows
        if value == ENDED:
            return rows.filter(ends__lt=self.today)
        rows = rows.filter(Q(ends__isnull=True) | Q(ends__gte=self.today))
        if value == INVITED:
            return rows.filter(invited_at__isnull=False, last_used_on=None)
        return rows
