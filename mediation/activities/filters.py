"""The filters of the list of activities: read from the address, said in words, kept under a name."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import Q
from django.http import QueryDict

from governance.models import Audience, Membership, Objective, Perimeter, Place, Theme
from governance.rights import Right
from humanicite.lib.forms import grouped
from humanicite.lib.narrowing import (
    NONE,
    Choice,
    Flag,
    FromDay,
    Narrowing,
    OneRow,
    OneRowOrNone,
    Search,
    Span,
    UntilDay,
)
from mediation.frame.reference import ReferenceActivity
from mediation.frame.vocabulary import Vocabulary, indented, options

from .models import (
    PARTNER_KINDS,
    Activity,
    ActivityQuerySet,
    ConflictForm,
    Consent,
    HeadCount,
    Outcome,
    Refusal,
)
from .search import Searched

OPERATOR_ONLY = ("public", "mediateur", "completer", "motif", "partenaire", "accord")


class ActivityFilter(Narrowing):
    """What a list of activities is narrowed to; every figure of a dashboard links to one of these.

    Choices are limited to what the reader may see. Partners have no filter on what their rows do
    not show (audience, author, origin, note): a filter would tell it.
    """

    ROUTE = "activities"
    QUALIFIES: ClassVar[dict[str, str]] = {"seul": "lieu"}

    q = Search("Mot, lieu, thématique", method="by_words")
    periode = Span("Période", "day", every="Toutes")
    du = FromDay("Du", "day")
    au = UntilDay("Au", "day")
    type = Choice("Type", [(one.value, one.short) for one in ReferenceActivity], field_name="type")
    lieu = OneRow("Lieu", method="by_place")
    theme = OneRowOrNone("Thématique", method="by_theme")
    axe = OneRowOrNone("Axe", method="by_axis")
    suite = Choice("Suite donnée", Outcome.choices, every="Toutes", field_name="outcome")
    motif = Choice("Motif du refus", Refusal.choices, field_name="refusal")
    forme = Choice(
        "Forme du conflit", ConflictForm.choices, every="Toutes", field_name="conflict_form"
    )
    partenaire = Choice("Type de partenaire", PARTNER_KINDS, field_name="partner_kind")
    accord = Choice("Accord recueilli", Consent.choices, field_name="consent")
    public = OneRow("Public", method="by_audience")
    mediateur = OneRow("Médiateur", "author")
    perimetre = OneRow("Périmètre", method="by_perimeter")
    seul = Flag("Le lieu choisi seulement, sans ceux qu’il contient")
    completer = Flag("À compléter", "sans thématique ou sans objectif", method="by_missing")

    class Meta:
        model = Activity
        fields: ClassVar[list[str]] = []

    def __init__(
        self,
        data: QueryDict | None,
        *,
        membership: Membership,
        today: date,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        super().__init__(data, membership=membership, today=today)
        self.names = vocabulary or Vocabulary(membership)
        self.reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
        if not self.reads_all:
            for name in OPERATOR_ONLY:
                del self.filters[name]

    def make_offers(self) -> None:
        names = self.names
        every, without = ("", "Tous"), (NONE, "Sans thématique")
        themes = grouped((theme.group, theme) for theme in names.themes.values())
        self.offer("lieu", names.places, [every, *indented(names.places.values())])
        self.offer("theme", names.themes, [("", "Toutes"), without, *themes])
        self.offer("axe", names.axes, [every, (NONE, "Sans axe"), *options(names.axes.values())])
        self.offer("perimetre", names.perimeters, [every, *options(names.perimeters.values())])
        if self.reads_all:
            self.offer("public", names.audiences, [every, *options(names.audiences.values())])
            self.offer("mediateur", names.authors, [every, *options(names.authors.values())])
        if len(names.perimeters) < 2:
            self.hide("perimetre")

    @property
    def bounds(self) -> tuple[date | None, date | None]:
        """First and last day that the filters leave; None where they leave it open."""
        given = self.cleaned_data
        firsts, lasts = [given.get("du")], [given.get("au")]
        if given.get("periode"):
            _, first, last = self.spans[given["periode"]]
            firsts.append(first)
            lasts.append(last)
        return (
            max((day for day in firsts if day), default=None),
            min((day for day in lasts if day), default=None),
        )

    def by_words(self, rows: ActivityQuerySet, name: str, words: list[str]) -> ActivityQuerySet:
        searched = Searched(own=self.reads_all, places=self.names.places, themes=self.names.themes)
        return searched.narrow(rows, words)

    def by_place(self, rows: ActivityQuerySet, name: str, place: Place) -> ActivityQuerySet:
        if self.cleaned_data.get("seul"):
            return rows.filter(place=place)
        beneath = [pk for pk, one in self.names.places.items() if one.path.startswith(place.path)]
        return rows.filter(place__in=beneath)

    def by_theme(self, rows: ActivityQuerySet, name: str, theme: Theme | str) -> ActivityQuerySet:
        return rows.filter(theme=None) if isinstance(theme, str) else rows.with_theme(theme)

    def by_axis(self, rows: ActivityQuerySet, name: str, axis: Any) -> ActivityQuerySet:
        if axis == NONE:
            return rows.filter(objective=None)
        objectives = Objective.objects.visible_to(self.membership).filter(axis=axis)
        return rows.filter(objective__in=list(objectives.values_list("pk", flat=True)))

    def by_audience(
        self, rows: ActivityQuerySet, name: str, audience: Audience
    ) -> ActivityQuerySet:
        met = HeadCount.objects.visible_to(self.membership).filter(audience=audience)
        return rows.filter(pk__in=met.values("activity"))

    def by_perimeter(
        self, rows: ActivityQuerySet, name: str, perimeter: Perimeter
    ) -> ActivityQuerySet:
        return rows.within(perimeter)

    def by_missing(self, rows: ActivityQuerySet, name: str, value: bool) -> ActivityQuerySet:
        return rows.filter(Q(theme=None) | Q(objective=None))

    def said(self, name: str) -> str:
        if name == "lieu" and name not in self.errors and self.cleaned_data.get("seul"):
            return f"{self.cleaned_data[name]}, seul"
        return super().said(name)
