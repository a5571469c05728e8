"""The form of a name under which filters are kept."""

from django import forms

from .models import SavedFilter


class SavedFilterForm(forms.ModelForm):
    """The name under which filters are kept; they come beside it, as their address writes them."""

    filtres = forms.CharField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = SavedFilter
        fields = ["name"]
        labels = {"name": "Nom du filtre"}
        error_messages = {
            "name": {
                "required": "Donnez un nom à ce filtre.",
                "max_length": "Un nom a 60 caractères au plus.",
            }
        }
