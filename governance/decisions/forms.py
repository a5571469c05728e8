"""What becomes of an action."""

from django import forms

from humanicite.lib.forms import NO_SUCH_DAY, DayInput

from .models import ActionState


class SettleForm(forms.Form):
    state = forms.ChoiceField(
        choices=ActionState.choices,
        error_messages={"required": "Dites si l’action est faite ou abandonnée."},
    )
    note = forms.CharField(
        label="Ce qui a été fait, ou pourquoi c’est abandonné", max_length=300, required=False
    )


class PostponeForm(forms.Form):
    due_on = forms.DateField(
        label="Nouvelle date",
        widget=DayInput(),
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites pour quand."},
    )


class DoneForm(forms.Form):
    """By the link of a mail: « C’est fait », with a word if one likes."""

    note = forms.CharField(
        label="Ce qui a été fait",
        max_length=300,
        required=False,
    )
