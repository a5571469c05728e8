"""The filters of the journal: who, what, which days."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, ClassVar

from django.apps import apps
from django.db.models import QuerySet
from django.http import QueryDict

from governance.scoping import Reader, ScopedModel
from humanicite.lib.narrowing import (
    NONE,
    Choice,
    FromDay,
    Narrowing,
    OneName,
    OneRowOrNone,
    Span,
    UntilDay,
)

from .models import Act, JournalEntry

COMMAND = "commande"  # who acts where nobody does


class JournalFilter(Narrowing):
    """`people`: those of the programme, by key; an entry keeps an address, no key."""

    ROUTE = "journal"

    qui = OneRowOrNone("Qui", method="by_actor")
    acte = Choice("Acte", Act.choices, field_name="act")
    objet = OneName("Objet", "kind")
    periode = Span("Période", "at", every="Toutes", of_moments=True)
    du = FromDay("Du", "at", of_moments=True)
    au = UntilDay("Au", "at", of_moments=True)

    class Meta:
        model = JournalEntry
        fields: ClassVar[list[str]] = []

    def __init__(
        self, data: QueryDict | None, *, membership: Reader, today: date, people: Mapping[int, Any]
    ) -> None:
        super().__init__(data, membership=membership, today=today)
        self.people = people

    def make_offers(self) -> None:
        people = [(pk, f"{user} ({user.email})") for pk, user in self.people.items()]
        self.offer("qui", self.people, [("", "Tous"), *people, (NONE, "Une commande")])
        self.offer_names("objet", kinds())

    def by_actor(self, rows: QuerySet, name: str, user: Any) -> QuerySet:
        return rows.filter(actor=COMMAND if user == NONE else user.email)

    def said(self, name: str) -> str:
        if name == "qui" and self.given[name] == NONE:
            return "une commande"
        return super().said(name)


@cache
def kinds() -> list[str]:
    """What a row is called in the journal, of every model of ours."""
    names = {
        str(model._meta.verbose_name)
        for model in apps.get_models()
        if issubclass(model, ScopedModel) and not hasattr(model, "instance_type")
    }
    return sorted(names)
