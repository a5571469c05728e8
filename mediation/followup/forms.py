from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError

from humanicite.lib.forms import Data, Files, FormOptions, own_field
from mediation.signalements.forms.reply import HeardForm, HeardOptions
from mediation.signalements.models.signalements import Urgency

from .steps import STEPS, Call

FIRST = next(iter(Urgency))


class CallForm(HeardForm):
    """What was said on the phone, and about which of the signalements; the answer is each one's (R71)."""

    signalements = forms.MultipleChoiceField(
        label="Signalements évoqués",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un signalement évoqué."},
    )
    field_order = ["signalements", "note", "reply", "promised_on", "redirect_to"]

    def __init__(
        self, data: Data = None, files: Files = None, *, call: Call, **options: Unpack[HeardOptions]
    ) -> None:
        super().__init__(data, files, **options)
        signalements = own_field(self, "signalements", forms.ChoiceField)
        signalements.choices = [(str(row.pk), str(row.signalement)) for row in call.recipients]
        self.initial.setdefault("signalements", [str(row.pk) for row in call.recipients])
        self.fields["note"].help_text += " « Message laissé » suffit."


class AnswerDaysForm(forms.Form):
    """Within how many working days an answer is expected, by urgency."""

    def __init__(self, data: Data = None, *, days: dict[Urgency, int]) -> None:
        super().__init__(data)
        for urgency, value in days.items():
            self.fields[urgency] = forms.IntegerField(
                label=f"Urgence {urgency.label.lower()}",
                min_value=0,
                max_value=250,
                initial=value,
                help_text="0 : le jour même, après un appel." if urgency == FIRST else "",
                error_messages={
                    "required": "Donnez un nombre de jours.",
                    "invalid": "Écrivez un nombre entier de jours.",
                    "min_value": "Zéro ou plus.",
                    "max_value": "Au plus 250 jours ouvrés, soit un an.",
                },
            )

    def days(self) -> dict[Urgency, int]:
        return {urgency: self.cleaned_data[urgency] for urgency in Urgency}

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        before = 0
        for urgency in Urgency:
            value = data.get(urgency)
            if not isinstance(value, int):
                break
            if value < before:
                self.add_error(
                    urgency, f"Pas avant ce qui est plus urgent ({before} jours ouvrés)."
                )
                break
            before = value
        return data


class ReminderDaysForm(forms.Form):
    """Working days to each step, of signalements that are urgent and of others."""

    KINDS = (("ordinary", "Autres urgences"), ("urgent", "Urgence immédiate ou haute"))

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        days: dict[str, list[int]],
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        for kind, _ in self.KINDS:
            for step, value in zip(STEPS, days[kind], strict=True):
                self.fields[f"{kind}_{step}"] = forms.IntegerField(
                    label=step.label,
                    min_value=1,
                    max_value=250,
                    initial=value,
                    error_messages={
                        "required": "Donnez un nombre de jours.",
                        "invalid": "Écrivez un nombre entier de jours.",
                        "min_value": "Au moins un jour.",
                        "max_value": "Au plus 250 jours ouvrés, soit un an.",
                    },
                )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each kind, under its title."""
        return [(title, [self[f"{kind}_{step}"] for step in STEPS]) for kind, title in self.KINDS]

    def days(self, kind: str) -> list[int]:
        return [self.cleaned_data[f"{kind}_{step}"] for step in STEPS]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for kind, _ in self.KINDS:
            before = 0
            for step in STEPS:
                value = data.get(f"{kind}_{step}")
                if value is None:
                    break
                if value < before:
                    error = ValidationError(f"Pas avant l’étape précédente ({before} jours).")
                    self.add_error(f"{kind}_{step}", error)
                    break
                before = value
        return data
