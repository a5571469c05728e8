"""The filters of the list of activities: read from the address, said in words, kept under a name."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import Q

from governance.models import Audience, Membership, Perimeter, Place, Theme, User
from governance.rights import Right
from humanicite.lib.forms import grouped
from humanicite.lib.narrowing import (
    LONGEST_SEARCH,
    NONE,
    LeanSelect,
    Narrowing,
    RowOrNone,
    choice_field,
    day_field,
    spans,
)
from mediation.frame.reference import ReferenceActivity
from mediation.frame.vocabulary import Vocabulary, indented, options

from .models import Outcome
from .search import Searched

OPERATOR_ONLY = ("public", "mediateur", "completer")


class ActivityFilter(Narrowing):
    """What a list of activities is narrowed to; every figure of a dashboard links to one of these.

    Choices are limited to what the reader may see. Partners have no filter on what their rows do
    not show (audience, author, origin, note): a filter would tell it.
    """

    QUALIFIES: ClassVar[dict[str, str]] = {"seul": "lieu"}

    q = forms.CharField(
        label="Recherche",
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(
            {"type": "search", "maxlength": LONGEST_SEARCH, "placeholder": "Mot, lieu, thématique"}
        ),
        error_messages={"max_length": f"Cherchez avec {LONGEST_SEARCH} caractères au plus."},
    )
    periode = forms.ChoiceField(label="Période", required=False, widget=LeanSelect)
    du = day_field("Du")
    au = day_field("Au")
    type = forms.ChoiceField(
        label="Type",
        required=False,
        widget=LeanSelect,
        choices=[("", "Tous"), *((one.value, one.short) for one in ReferenceActivity)],
    )
    lieu = choice_field("Lieu")
    theme = choice_field("Thématique", RowOrNone)
    axe = choice_field("Axe", RowOrNone)
    suite = forms.ChoiceField(
        label="Suite donnée",
        required=False,
        widget=LeanSelect,
        choices=[("", "Toutes"), *Outcome.choices],
    )
    public = choice_field("Public")
    mediateur = choice_field("Médiateur")
    perimetre = choice_field("Périmètre")
    seul = forms.BooleanField(
        label="Le lieu choisi seulement, sans ceux qu’il contient", required=False
    )
    completer = forms.BooleanField(
        label="À compléter", required=False, help_text="sans thématique ou sans objectif"
    )

    def __init__(
        self,
        data: Any,
        *,
        membership: Membership,
        today: date,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        super().__init__(data)
        self.names = vocabulary or Vocabulary(membership)
        self.reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
        self.spans = spans(today)
        if not self.reads_all:
            for name in OPERATOR_ONLY:
                del self.fields[name]
        self._offer()

    def _offer(self) -> None:
        names = self.names
        self.fields["periode"].choices = [  # type: ignore[attr-defined]
            ("", "Toutes"),
            *((key, label) for key, (label, _, _) in self.spans.items()),
        ]
        offers: dict[str, tuple[dict[int, Any], list[Any]]] = {
            "lieu": (names.places, [("", "Tous"), *indented(names.places.values())]),
            "theme": (
                names.themes,
                [
                    ("", "Toutes"),
                    (NONE, "Sans thématique"),
                    *grouped((theme.group, theme) for theme in names.themes.values()),
                ],
            ),
            "axe": (
                names.axes,
                [("", "Tous"), (NONE, "Sans axe"), *options(names.axes.values())],
            ),
            "perimetre": (
                names.perimeters,
                [("", "Tous"), *options(names.perimeters.values())],
            ),
        }
        if self.reads_all:
            offers["public"] = (
                names.audiences,
                [("", "Tous"), *options(names.audiences.values())],
            )
            offers["mediateur"] = (
                names.authors,
                [("", "Tous"), *options(names.authors.values())],
            )
        for name, (rows, choices) in offers.items():
            field: Any = self.fields[name]
            field.rows, field.choices = (lambda known=rows: known), choices
        if len(names.perimeters) < 2:
            self.fields["perimetre"].widget = forms.HiddenInput()

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

    def _by_q(self, rows: Any, words: list[str]) -> Any:
        searched = Searched(own=self.reads_all, places=self.names.places, themes=self.names.themes)
        return searched.narrow(rows, words)

    def _by_periode(self, rows: Any, key: str) -> Any:
        _, first, last = self.spans[key]
        return rows.between(first, last)

    def _by_du(self, rows: Any, day: date) -> Any:
        return rows.filter(day__gte=day)

    def _by_au(self, rows: Any, day: date) -> Any:
        return rows.filter(day__lte=day)

    def _by_type(self, rows: Any, value: str) -> Any:
        return rows.filter(type=value)

    def _by_lieu(self, rows: Any, place: Place) -> Any:
        if self.cleaned_data.get("seul"):
            return rows.filter(place=place)
        beneath = [pk for pk, one in self.names.places.items() if one.path.startswith(place.path)]
        return rows.filter(place__in=beneath)

    def _by_theme(self, rows: Any, theme: Theme | str) -> Any:
        return rows.filter(theme=None) if theme == NONE else rows.with_theme(theme)

    def _by_axe(self, rows: Any, axis: Any) -> Any:
        if axis == NONE:
            return rows.filter(objective=None)
        return rows.filter(objective__in=list(axis.objectives.values_list("pk", flat=True)))

    def _by_suite(self, rows: Any, value: str) -> Any:
        return rows.filter(outcome=value)

    def _by_public(self, rows: Any, audience: Audience) -> Any:
        return rows.filter(pk__in=audience.head_counts.values("activity"))

    def _by_mediateur(self, rows: Any, author: User) -> Any:
        return rows.filter(author=author)

    def _by_perimetre(self, rows: Any, perimeter: Perimeter) -> Any:
        return rows.within(perimeter)

    def _by_completer(self, rows: Any, value: bool) -> Any:
        return rows.filter(Q(theme=None) | Q(objective=None))

    # --- What is said ----------------------------------------------------------------------------

    def _said(self, name: str) -> str:
        if name == "lieu" and name not in self.errors and self.cleaned_data.get("seul"):
            return f"{self.cleaned_data[name]}, seul"
        return super()._said(name)
