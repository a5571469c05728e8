"""The list of indicators: its tabs, its filters, the month and the perimeter that it is told for."""

from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef
from django.http import QueryDict

from governance.models import Axis, Membership, Perimeter
from humanicite.lib.forms import own_field
from humanicite.lib.narrowing import Choice, Flag, Narrowing, OneRow, Search, Tab
from reporting.asked import own_perimeter, seen_perimeters
from reporting.periods import Period

from .models import Definition, DefinitionState, Indicator, IndicatorKind, Register

HELD, WAITING, RETIRED = "", "proposes", "retires"
TABS = ((HELD, "En vigueur"), (WAITING, "À valider"), (RETIRED, "Retirés"))
MONTHS = 24  # that the list may be told for


class IndicatorFilter(Narrowing):
    ROUTE = "indicators"

    q = Search("Mot de l’intitulé", method="by_words")
    etat = Tab("État", TABS, method="by_state")
    nature = Choice("Nature", IndicatorKind.choices, every="Toutes", field_name="current__kind")
    registre = Choice("Utilité sociale", Register.choices, field_name="current__register")
    axe = OneRow("Axe éclairé", "current__serves__axis")
    perimetre = OneRow("Périmètre", method="as_they_are")
    mois = Choice("Jusqu’à la fin de", every="Le dernier mois fini", method="as_they_are")
    cles = Flag("Indicateurs clés", "les clés seulement", field_name="current__is_key")

    class Meta:
        model = Indicator
        fields: ClassVar[list[str]] = []

    def __init__(self, data: QueryDict | None, *, membership: Membership, today: date) -> None:
        super().__init__(data, membership=membership, today=today)
        last = Period.holding("mois", today).previous
        self.months = last.months_until_end(MONTHS)[::-1]

    @cached_property
    def perimeters(self) -> dict[int, Perimeter]:
        return {row.pk: row for row in seen_perimeters(self.membership)}

    def make_offers(self) -> None:
        axes = {row.pk: row for row in Axis.objects.visible_to(self.membership)}
        self.offer("axe", axes, [("", "Tous"), *((key, str(row)) for key, row in axes.items())])
        shown = [(key, f"{row} ({row.party})") for key, row in self.perimeters.items()]
        self.offer("perimetre", self.perimeters, [("", "Le mien"), *shown])
        if len(self.perimeters) < 2:
            self.hide("perimetre")
        months = own_field(self._form, "mois", forms.ChoiceField)
        every = [("", "Le dernier mois fini")]
        months.choices = [*every, *((one.slug, one.label.capitalize()) for one in self.months)]

    @property
    def perimeter(self) -> Perimeter | None:
        """The one that is asked for; otherwise one's own, or the first."""
        if not self.is_valid():
            return None
        asked: Perimeter | None = self.cleaned_data.get("perimetre")
        return asked or own_perimeter(self.membership, list(self.perimeters.values()))

    @property
    def month(self) -> Period:
        asked = self.cleaned_data.get("mois") if self.is_valid() else ""
        return Period.parse(asked) if asked else self.months[0]

    def as_they_are(self, rows: Any, name: str, value: object) -> Any:
        """Of whom and until when values are told narrows nothing."""
        return rows

    def by_words(self, rows: Any, name: str, words: list[str]) -> Any:
        for word in words:
            rows = rows.filter(current__name__icontains=word)
        return rows

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        if value == RETIRED:
            return rows.filter(retired_on__isnull=False)
        rows = rows.followed()
        if value == WAITING:
            waiting = Definition.objects.visible_to(self.membership).filter(
                indicator=OuterRef("pk"), state=DefinitionState.PROPOSED
            )
            return rows.filter(Exists(waiting))
        return rows.filter(current__state=DefinitionState.VALIDATED)
