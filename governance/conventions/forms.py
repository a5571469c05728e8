"""Forms of the convention page."""

from django import forms

from governance.parties.models import Party


class PartyForm(forms.ModelForm):
    class Meta:
        model = Party
        fields = ["name", "short_name", "address"]
