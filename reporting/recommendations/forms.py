"""What is typed about recommendations."""

import uuid
from datetime import date
from typing import Any, ClassVar, Unpack

from django import forms

from governance.base import current
from governance.models import Membership, Party, Place, Theme
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    ChipSelect,
    Data,
    DayInput,
    Files,
    FormOptions,
    ModelFormOptions,
)

from .models import TRANSITIONS, Recommendation, RecommendationState


class _Indented(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{chr(0x2003) * getattr(obj, 'depth', 0)}{obj.name}"


class RecommendationForm(forms.ModelForm):
    uid = forms.UUIDField(widget=forms.HiddenInput)
    themes = _Indented(
        Theme.objects.none(),
        label="Thématiques",
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
    )
    places = _Indented(
        Place.objects.none(),
        label="Lieux",
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
    )

    class Meta:
        model = Recommendation
        fields: ClassVar[list[str]] = ["kind", "title", "text", "party", "themes", "places"]
        widgets: ClassVar[dict[str, object]] = {
            "kind": ChipSelect(),
            "text": forms.Textarea({"rows": 4}),
        }
        help_texts: ClassVar[dict[str, str]] = {
            "title": "Ce qui serait à faire, en une phrase.",
        }
        error_messages: ClassVar[dict[str, object]] = {
            "kind": {"required": "Dites de quelle nature elle est."},
            "title": {"required": "Dites ce qui serait à faire."},
            "party": {"required": "Dites à qui elle s’adresse."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.initial.setdefault("uid", self.instance.uid if self.instance.pk else uuid.uuid4())
        self.instance.programme_id = membership.programme_id
        if self.instance.pk is None:
            self.instance.issued_on = today
        fields: Any = self.fields
        fields["kind"].choices = fields["kind"].choices[-2:]
        parties = Party.objects.visible_to(membership).exclude(kind="operator")
        parties = parties.filter(current(today, self.instance.party_id))
        fields["party"].queryset = parties
        fields["party"].empty_label = "Choisir dans la liste…"
        fields["themes"].queryset = Theme.objects.visible_to(membership).filter(current(today))
        fields["places"].queryset = (
            Place.objects.visible_to(membership).filter(current(today)).in_tree_order()
        )

    def _get_validation_exclusions(self) -> object:
        # Whether the `uid` is known is the action's question: a form that comes twice is no fault.
        parent: Any = super()
        return parent._get_validation_exclusions() | {"uid"}

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class AnswerForm(forms.Form):
    """What became of a recommendation."""

    state = forms.ChoiceField(
        label="Suite donnée",
        widget=ChipSelect(),
        error_messages={"required": "Choisissez la suite donnée."},
    )
    on = forms.DateField(
        label="Le",
        widget=DayInput(),
        error_messages={"invalid": NO_SUCH_DAY, "required": "Indiquez la date."},
    )
    answer = forms.CharField(
        label="En une phrase",
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text="Un refus dit pourquoi. Cette phrase est lue par les parties.",
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        recommendation: Recommendation,
        today: date,
        **options: Unpack[FormOptions],
    ):
        super().__init__(data, files, **options)
        self.today = today
        fields: Any = self.fields
        fields["state"].choices = [
            choice
            for choice in RecommendationState.choices
            if choice[0] in TRANSITIONS[recommendation.state]
        ]
        self.initial.setdefault("on", today)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError("Cette date est dans le futur.")
        return day
