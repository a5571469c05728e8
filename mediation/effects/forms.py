"""Forms of changes whose effects are told first."""

from django import forms


class GroupForm(forms.Form):
    name = forms.CharField(
        label="Nom du groupe",
        max_length=60,
        error_messages={"required": "Donnez un nom au groupe."},
    )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())
