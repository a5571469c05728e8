"""The filters of decisions and of actions, across meetings."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from governance.meetings.models import Meeting
from governance.parties.models import Party
from humanicite.lib.narrowing import Choice, FromDay, Narrowing, OneRow, Search, UntilDay

from .models import ActionItem, ActionState, Decision

MINE, THEIRS, LATE = "moi", "partie", "retard"


class _OfMeetings:
    membership: Any
    offer: Any

    def committees(self) -> dict[int, Any]:
        """Of those whose meetings the reader reads."""
        meetings = Meeting.objects.visible_to(self.membership).order_by("committee__rank")
        return {row.committee_id: row.committee for row in meetings.select_related("committee")}

    def offer_committees(self) -> None:
        rows = self.committees()
        choices = [(pk, row.name) for pk, row in rows.items()]
        self.offer("instance", rows, [("", "Toutes"), *choices])


class DecisionFilter(_OfMeetings, Narrowing):
    ROUTE = "decisions"

    q = Search("Mots de la décision", method="by_words")
    instance = OneRow("Instance", "item__meeting__committee")
    du = FromDay("Séance du", "item__meeting__day")
    au = UntilDay("Au", "item__meeting__day")

    class Meta:
        model = Decision
        fields: ClassVar[list[str]] = []

    def make_offers(self) -> None:
        self.offer_committees()

    def by_words(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        for word in words:
            rows = rows.filter(Q(text__icontains=word) | Q(item__title__icontains=word))
        return rows


class ActionFilter(_OfMeetings, Narrowing):
    ROUTE = "actions"

    q = Search("Mots de l’action", method="by_words")
    quoi = Choice(
        "Lesquelles",
        [(MINE, "Les miennes"), (THEIRS, "Celles de ma partie"), (LATE, "En retard")],
        every="Toutes",
        method="by_whose",
    )
    etat = Choice("État", ActionState.choices, field_name="state")
    partie = OneRow("Partie", "party")
    instance = OneRow("Instance", "item__meeting__committee")
    du = FromDay("Échéance du", "due_on")
    au = UntilDay("Au", "due_on")

    class Meta:
        model = ActionItem
        fields: ClassVar[list[str]] = []

    def make_offers(self) -> None:
        self.offer_committees()
        parties = Party.objects.visible_to(self.membership)
        rows = {row.pk: row for row in parties.order_by("name")}
        self.offer("partie", rows, [("", "Toutes"), *((pk, row.name) for pk, row in rows.items())])

    def by_words(self, rows: QuerySet, name: str, words: list[str]) -> QuerySet:
        for word in words:
            rows = rows.filter(Q(text__icontains=word) | Q(item__title__icontains=word))
        return rows

    def by_whose(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Mine: those of a contact of my party with my address or my function."""
        me = self.membership
        if value == LATE:
            return rows.filter(state=ActionState.TO_DO, due_on__lt=self.today)
        theirs = rows.filter(party=me.party_id)
        if value == THEIRS:
            return theirs
        own = Q(contact__email__iexact=me.user.email)
        return theirs.filter(own | Q(contact__function__iexact=me.function))
