"""The filters of the list of contacts: whose, and what is amiss with them."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import QueryDict

from governance.models import Contact
from humanicite.lib.narrowing import Choice, Narrowing, OneRow

from .forms import parties_of

IN_FUNCTION, MISSING, BOUNCED, LEFT = "en-fonction", "a-designer", "en-echec", "partis"
STATES = (
    (IN_FUNCTION, "En fonction"),
    (MISSING, "À désigner"),
    (BOUNCED, "Adresse en échec"),
    (LEFT, "Partis"),
)


class ContactFilter(Narrowing):
    """A party that designates its own contacts sees no other's: it has no choice of parties."""

    ROUTE = "contacts"

    partie = OneRow("Partie", "party")
    etat = Choice("État", STATES, method="by_state")

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict | None, **reader: Any) -> None:
        super().__init__(data, **reader)
        if not self.membership.is_operator:
            del self.filters["partie"]

    def make_offers(self) -> None:
        if "partie" in self.filters:
            parties = {row.pk: row for row in parties_of(self.membership).order_by("name", "pk")}
            named = [(pk, row.name) for pk, row in parties.items()]
            self.offer("partie", parties, [("", "Toutes"), *named])

    def by_state(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        current = Q(ends__isnull=True) | Q(ends__gte=self.today)
        if value == LEFT:
            return rows.exclude(current)
        rows = rows.filter(current)
        if value == IN_FUNCTION:
            return rows.filter(starts__lte=self.today)
        return rows.filter(email="") if value == MISSING else rows.exclude(bounced_on=None)
