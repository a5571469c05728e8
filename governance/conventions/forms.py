"""Forms of the convention page."""

from django import forms

from governance.parties.models import Party


class PartyForm(forms.ModelForm):
    class Meta:
        model = Party
        fields = ["name", "short_name", "address"]
        error_messages = {
            "name": {"required": "Donnez le nom de la partie."},
            "short_name": {"required": "Donnez un nom court, pour les listes."},
        }
