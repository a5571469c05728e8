from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from governance.models import Audience, Axis, Membership, Perimeter, Place, Theme
from governance.rights import Right
from humanicite.lib.forms import DayInput

from .models import Activity, Outcome
from .reference import ReferenceActivity

MOST_WORDS = 8


class ActivityFilter(filters.FilterSet):
    """The journal's filters, in the URL; every figure of a dashboard links to one of these.

    Choices are limited to what the reader may see. Partners have no filter on what their rows do
    not show (audience, origin, note): a filter would tell it.
    """

    perimetre = filters.ModelChoiceFilter(
        label="Périmètre", queryset=Perimeter.objects.none(), method="in_perimeter",
        empty_label="Tout ce que vous voyez",
    )  # fmt: skip
    du = filters.DateFilter(label="Du", field_name="day", lookup_expr="gte", widget=DayInput)
    au = filters.DateFilter(label="Au", field_name="day", lookup_expr="lte", widget=DayInput)
    type = filters.ChoiceFilter(
        label="Type", choices=ReferenceActivity.choices, empty_label="Tous les types"
    )
    axe = filters.ModelChoiceFilter(
        label="Axe", queryset=Axis.objects.none(), field_name="objective__axis",
        empty_label="Tous les axes", null_label="Sans axe", null_value="sans",
    )  # fmt: skip
    theme = filters.ModelChoiceFilter(
        label="Thématique", queryset=Theme.objects.none(), method="with_theme",
        empty_label="Toutes les thématiques", null_label="Sans thématique", null_value="sans",
    )  # fmt: skip
    lieu = filters.ModelChoiceFilter(
        label="Lieu", queryset=Place.objects.none(), method="at_place", empty_label="Tous les lieux"
    )
    suite = filters.ChoiceFilter(
        label="Suite donnée", field_name="outcome", choices=Outcome.choices,
        empty_label="Toutes les suites",
    )  # fmt: skip
    public = filters.ModelChoiceFilter(
        label="Public", queryset=Audience.objects.none(), method="with_audience",
        empty_label="Tous les publics",
    )  # fmt: skip
    seul = filters.BooleanFilter(
        label="Ce lieu seulement, sans ceux qu’il contient",
        method="ignored",
        widget=forms.CheckboxInput,
    )
    q = filters.CharFilter(
        label="Recherche", method="containing", max_length=100,
        widget=forms.TextInput({"type": "search", "maxlength": 100}),
    )  # fmt: skip

    class Meta:
        model = Activity
        fields: list[str] = []

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        self.reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
        super().__init__(*args, **kwargs)
        choices = {
            "perimetre": Perimeter.objects.visible_to(membership).select_related("party"),
            "axe": Axis.objects.visible_to(membership),
            "theme": Theme.objects.visible_to(membership),
            "lieu": Place.objects.visible_to(membership).in_tree_order(),
            "public": Audience.objects.visible_to(membership),
        }
        if not self.reads_all:
            del self.filters["public"]
        for name, rows in choices.items():
            if name in self.filters:
                self.filters[name].queryset = rows
                self.filters[name].field.queryset = rows
        if "lieu" in self.filters:
            self.filters["lieu"].field.label_from_instance = _indented

    @property
    def qs(self) -> QuerySet[Activity]:
        """Nothing while a filter is wrong: a list that ignored it would mislead."""
        if self.is_bound and not self.form.is_valid():
            return self.queryset.none()
        return super().qs

    @property
    def active(self) -> int:
        """How many filters are set."""
        return sum(1 for name in self.filters if self.data.get(name))

    def ignored(self, rows: QuerySet, name: str, value: Any) -> QuerySet:
        return rows  # read together with `lieu`

    def in_perimeter(self, rows: Any, name: str, value: Perimeter) -> QuerySet:
        return rows.within(value)

    def at_place(self, rows: QuerySet, name: str, value: Place) -> QuerySet:
        if self.form.cleaned_data.get("seul"):
            return rows.filter(place=value)
        return rows.filter(place__path__startswith=value.path)

    def with_theme(self, rows: Any, name: str, value: Theme | str) -> QuerySet:
        return rows.filter(theme=None) if value == "sans" else rows.with_theme(value)

    def with_audience(self, rows: QuerySet, name: str, value: Audience) -> QuerySet:
        return rows.filter(pk__in=value.head_counts.values("activity"))

    def containing(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Every word, of the first few, in what the reader may read of a row."""
        for word in value.split()[:MOST_WORDS]:
            found = Q(summary__icontains=word) | Q(place__name__icontains=word)
            found |= Q(theme__name__icontains=word) | Q(second_theme__name__icontains=word)
            found |= Q(type__in=[t for t in ReferenceActivity if word.lower() in t.label.lower()])
            if self.reads_all:
                found |= Q(internal_note__icontains=word)
            rows = rows.filter(found)
        return rows


def _indented(place: Place) -> str:
    return "\u2003" * place.depth + place.name
