"""Forms of axes, objectives, themes and audiences."""

from datetime import date
from typing import Any, Unpack

from django import forms
from django.db.models import Max
from django.forms.models import construct_instance

from governance.base import current
from governance.scoping import Reader
from humanicite.lib.forms import Data, Files, ModelFormOptions, own_field

from .models import Audience, Axis, Objective, Theme

TAKEN = "Ce numéro est déjà pris."


class EntryForm(forms.ModelForm):
    """Of an entry of one programme; `label` is the field that names it, kept on one line."""

    label = "name"

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
        self.by, self.today = by, today
        if self.instance.pk is None and not isinstance(self.instance, Objective):
            self.instance.programme_id = by.programme_id
        self.prepare()

    def prepare(self) -> None:
        """What the form offers of the programme's rows."""

    def _post_clean(self) -> None:
        """The action checks the row, which knows the same form sent twice."""
        construct_instance(self, self.instance, self._meta.fields)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in (self.label, "group"):
            if data.get(name):
                data[name] = " ".join(data[name].split())
        return data


class ThemeForm(EntryForm):
    class Meta:
        model = Theme
        fields = ["group", "name", "objective"]
        widgets = {"group": forms.TextInput({"list": "groups", "autocomplete": "off"})}
        help_texts = {
            "group": "Un groupe qui existe, ou un nouveau.",
            "objective": "L’objectif qu’une activité de cette thématique sert, sauf choix contraire.",
        }
        error_messages = {
            "group": {"required": "Dites dans quel groupe."},
            "name": {"required": "Donnez le nom de la thématique."},
        }

    def prepare(self) -> None:
        objectives = Objective.objects.visible_to(self.by).select_related("axis")
        field = own_field(self, "objective", forms.ModelChoiceField)
        field.queryset = objectives.filter(current(self.today, self.instance.objective_id))
        field.empty_label = "Aucun"
        rows = Theme.objects.visible_to(self.by).order_by("rank").values_list("group", flat=True)
        self.groups = list(dict.fromkeys(rows))


class AudienceForm(EntryForm):
    class Meta:
        model = Audience
        fields = ["name"]
        error_messages = {"name": {"required": "Donnez le nom du public."}}


class AxisForm(EntryForm):
    class Meta:
        model = Axis
        fields = ["number", "name"]
        error_messages = {
            "number": {"required": "Donnez un numéro."},
            "name": {"required": "Donnez l’intitulé de l’axe."},
        }

    def prepare(self) -> None:
        if self.instance.pk is None:
            last = Axis.objects.of_programme(self.by.programme_id).aggregate(n=Max("number"))["n"]
            self.initial.setdefault("number", (last or 0) + 1)

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if number < 1:
            raise forms.ValidationError("Les numéros commencent à 1.")
        rows = Axis.objects.of_programme(self.by.programme_id).filter(number=number)
        name = " ".join(str(self.data.get("name", "")).split())
        if rows.exclude(pk=self.instance.pk).exclude(name=name).exists():
            raise forms.ValidationError(TAKEN)
        return number


class ObjectiveForm(EntryForm):
    label = "text"

    class Meta:
        model = Objective
        fields = ["axis", "number", "text"]
        labels = {"axis": "Axe"}
        widgets = {"text": forms.Textarea({"rows": 3})}
        error_messages = {
            "axis": {"required": "Choisissez un axe."},
            "number": {"required": "Donnez un numéro."},
            "text": {"required": "Donnez l’intitulé de l’objectif."},
        }

    def prepare(self) -> None:
        field = own_field(self, "axis", forms.ModelChoiceField)
        axes = Axis.objects.visible_to(self.by)
        field.queryset = axes.filter(current(self.today, self.instance.axis_id))
        field.empty_label = "Choisir…"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        axis, number = data.get("axis"), data.get("number")
        if number is not None and number < 1:
            self.add_error("number", "Les numéros commencent à 1.")
        elif axis is not None and number is not None:
            rows = Objective.objects.filter(axis=axis, number=number).exclude(pk=self.instance.pk)
            if rows.exclude(text=data.get("text")).exists():
                self.add_error("number", TAKEN)
        return data
