from typing import Any

from django import forms

from mediation.signalements.forms.reply import HeardForm

from .steps import Call


class CallForm(HeardForm):
    """What was said on the phone, and about which of the signalements; the answer is each one's (R71)."""

    signalements = forms.MultipleChoiceField(
        label="Signalements évoqués",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un signalement évoqué."},
    )
    field_order = ["signalements", "note", "reply", "promised_on", "redirect_to"]

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        signalements: Any = self.fields["signalements"]
        signalements.choices = [(str(row.pk), str(row.signalement)) for row in call.recipients]
        self.initial.setdefault("signalements", [str(row.pk) for row in call.recipients])
        self.fields["note"].help_text += " « Message laissé » suffit."
