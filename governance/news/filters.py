"""The filters of the quarter's news: which nature, where, whose, over which days."""

from typing import Any, ClassVar

from django.db.models import QuerySet

from governance.access.models import Membership
from governance.parties.models import Party
from governance.territory.models import Place
from humanicite.lib.forms import named_choices
from humanicite.lib.narrowing import Choice, FromDay, Narrowing, OneRow, Tab, UntilDay

from .models import NewsKind, NewsQuerySet, NewsState, QuarterNews

NOT_OVER, WAITING, OVER, WITHDRAWN = "", "a-publier", "terminees", "retirees"
STATES = (
    (NOT_OVER, "En cours et à venir"),
    (WAITING, "À publier"),
    (OVER, "Terminées"),
    (WITHDRAWN, "Retirées"),
)


class NewsFilter(Narrowing):
    """`du` and `au` leave the news that hold on a day between them."""

    ROUTE = "news"

    etat = Tab("État", STATES, method="by_state")
    nature = Choice("Nature", NewsKind.choices, every="Toutes", field_name="kind")
    lieu = OneRow("Lieu", method="by_place")
    partie = OneRow("Partie", "party")
    du = FromDay("Du", "ends")
    au = UntilDay("Au", "starts")

    class Meta:
        model = QuarterNews
        fields: ClassVar[list[str]] = []

    def __init__(self, data: Any, *, membership: Membership, **reader: Any) -> None:
        super().__init__(data, membership=membership, **reader)
        rows = Place.objects.visible_to(membership).in_tree_order()
        self.places: dict[int, Place] = {row.pk: row for row in rows}

    def make_offers(self) -> None:
        named = [(pk, named_choices(row)) for pk, row in self.places.items()]
        self.offer("lieu", self.places, [("", "Tous"), *named])
        rows = Party.objects.visible_to(self.membership).order_by("name", "pk")
        parties = {row.pk: row for row in rows}
        self.offer(
            "partie", parties, [("", "Toutes"), *((pk, row.name) for pk, row in parties.items())]
        )

    def by_place(self, rows: QuerySet, name: str, place: Place) -> QuerySet:
        beneath = [pk for pk, one in self.places.items() if one.path.startswith(place.path)]
        return rows.filter(place__in=beneath)

    def by_state(self, rows: NewsQuerySet, name: str, value: str) -> NewsQuerySet:
        if value == WAITING:
            return rows.filter(state=NewsState.DRAFT)
        if value == WITHDRAWN:
            return rows.filter(state=NewsState.WITHDRAWN)
        if value == OVER:
            return rows.published().filter(ends__lt=self.today)
        return rows.not_over(self.today)
