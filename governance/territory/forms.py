"""Forms of places, and of the places that a party sees."""

from datetime import date
from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from governance.base import current
from governance.parties.models import Party
from governance.scoping import Reader
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    ModelFormOptions,
    named_choices,
    own_field,
)

from .models import Perimeter, Place, PlaceKind


class PlaceChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: object) -> str:
        return named_choices(obj)


class PlaceChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: object) -> str:
        return named_choices(obj)


class PlaceForm(forms.ModelForm):
    """A place: new ones and moved ones count for the parties from a day on."""

    since = forms.DateField(
        label="À partir du",
        widget=DayInput,
        help_text="Une partie dont le périmètre contient ce lieu y voit le travail à partir de ce jour.",
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."},
    )

    class Meta:
        model = Place
        fields = ["name", "kind", "parent", "to_confirm"]
        labels = {"parent": "Dans", "to_confirm": "À confirmer avec les parties"}
        error_messages = {
            "name": {"required": "Donnez le nom du lieu."},
            "kind": {"required": "Choisissez un type."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        by: Reader,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today
        kind = own_field(self, "kind", forms.ChoiceField)
        kind.choices = [("", "Choisir…"), *PlaceKind.choices]
        place = self.instance
        self.initial.setdefault("since", today)
        places = Place.objects.visible_to(by).in_tree_order()
        if place.pk is None:
            place.programme_id = by.programme_id
        else:
            self.fields["since"].help_text = (
                "Si le lieu change de place : les parties le voient selon son nouvel endroit à partir "
                "de ce jour ; ce qu’elles y voyaient avant demeure."
            )
            places = places.exclude(path__startswith=place.path)
        if place.parent_id is None and (place.pk is not None or not places.exists()):
            del self.fields["parent"], self.fields["since"]
            return
        self.fields["parent"] = PlaceChoice(
            places.filter(current(today, place.parent_id)),
            label="Dans",
            empty_label="Choisir…",
            error_messages={
                "required": "Dites dans quel lieu il se trouve.",
                "invalid_choice": "Ce lieu n’existe pas, ou dépend de celui-ci : un lieu ne peut pas "
                "dépendre de lui-même.",
            },
        )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_since(self) -> date:
        return not_later(self.cleaned_data["since"], self.today)


def not_later(day: date, today: date) -> date:
    """What is covered is written up to today: a change to come would be undone by the next one."""
    if day > today:
        raise ValidationError("Au plus tard aujourd’hui : ce changement se fait le jour venu.")
    if day.year < 2000:
        raise ValidationError("Cette date est trop ancienne.")
    return day


class PerimeterForm(forms.ModelForm):
    """The places that a party sees, from a day on."""

    since = forms.DateField(
        label="À partir du",
        widget=DayInput,
        help_text="Ce que la partie voyait avant ce jour demeure.",
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."},
    )

    class Meta:
        model = Perimeter
        fields = ["name", "places"]
        labels = {"name": "Nom du périmètre"}
        error_messages = {
            "name": {"required": "Donnez un nom au périmètre."},
            "places": {"required": "Cochez un lieu."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        party: Party,
        by: Reader,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today
        self.instance.party = party
        self.initial.setdefault("since", today)
        if self.instance.pk is None:
            self.initial.setdefault("name", party.short_name)
        kept = Perimeter.objects.filter(party=party).values("places")
        self.fields["places"] = PlaceChoices(
            Place.objects.visible_to(by).in_tree_order().filter(current(today) | Q(pk__in=kept)),
            label="Lieux",
            required=False,
            help_text="Cocher un lieu prend tout ce qu’il contient. Aucun : la partie ne voit plus rien.",
            error_messages={"invalid_choice": "Ce lieu n’existe pas dans ce dispositif."},
        )

    def clean_since(self) -> date:
        return not_later(self.cleaned_data["since"], self.today)
