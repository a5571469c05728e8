import uuid
from datetime import date
from typing import Any

from django import forms

from humanicite.lib.forms import DayInput

from .followup import Call
from .forms_signalements import refuse_a_person
from .models import Relay, Reply

NOTHING_SAID = ""
PROMISE_WITHOUT_DAY = "Dites pour quand c’est annoncé."


class CallForm(forms.Form):
    """What was said on the phone, and about which of the sheets."""

    sheets = forms.MultipleChoiceField(
        label="Signalements évoqués",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins un signalement évoqué."},
    )
    note = forms.CharField(
        label="Ce qui a été dit",
        max_length=Relay._meta.get_field("note").max_length,
        widget=forms.Textarea({"rows": 3}),
        help_text="Reste chez l’opérateur. « Message laissé » suffit.",
        error_messages={"required": "Dites en quelques mots ce qui a été dit."},
    )
    reply = forms.ChoiceField(
        label="Réponse obtenue",
        choices=[(NOTHING_SAID, "Aucune"), *Reply.choices],
        required=False,
        help_text="Elle vaut pour chaque signalement coché, comme une réponse par courriel.",
    )
    promised_on = forms.DateField(
        label="Annoncé pour le",
        widget=DayInput,
        required=False,
        error_messages={"invalid": "Cette date n’existe pas : écrivez jour/mois/année."},
    )
    redirect_to = forms.CharField(label="De quel ressort", max_length=160, required=False)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, call: Call, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        sheets: Any = self.fields["sheets"]
        sheets.choices = [(str(row.pk), str(row.signalement)) for row in call.recipients]
        self.initial.setdefault("sheets", [str(row.pk) for row in call.recipients])
        self.initial.setdefault("uid", uuid.uuid4())

    def clean_redirect_to(self) -> str:
        return refuse_a_person(self.cleaned_data["redirect_to"], "Nommez un service ou une partie.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        reply, day = data.get("reply"), data.get("promised_on")
        if reply == Reply.EN_CHARGE and not day and "promised_on" not in self.errors:
            self.add_error("promised_on", PROMISE_WITHOUT_DAY)
        if reply == Reply.EN_CHARGE and day and day < self.today:
            self.add_error("promised_on", "Cette date est passée.")
        return data
