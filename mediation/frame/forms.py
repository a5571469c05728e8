from typing import Any, Unpack

from django import forms

from governance.conventions.schema import ConventionFile
from humanicite.lib.forms import Data, Files, FormOptions


class ProposedForm(forms.Form):
    """Which of the proposed axes, themes and audiences a programme begins with."""

    axes = forms.MultipleChoiceField(
        label="Axes, avec leurs objectifs", required=False, widget=forms.CheckboxSelectMultiple
    )
    groups = forms.MultipleChoiceField(
        label="Thématiques, par groupes", required=False, widget=forms.CheckboxSelectMultiple
    )
    audiences = forms.MultipleChoiceField(
        label="Publics", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        lists: ConventionFile,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        fields: dict[str, Any] = self.fields
        fields["axes"].choices = [
            (str(row.number), f"{row.number}. {row.name}") for row in lists.axes
        ]
        fields["groups"].choices = [
            (row.group, f"{row.group} : {', '.join(row.names).lower()}") for row in lists.themes
        ]
        fields["audiences"].choices = [(name, name) for name in lists.audiences.names]
        self.initial.update({name: [key for key, _ in fields[name].choices] for name in fields})
