"""The form of a modèle."""

from datetime import date
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.base import is_current
from governance.models import Membership, Theme
from humanicite.lib.dates import NBSP, format_duration
from humanicite.lib.forms import (
    Data,
    DurationField,
    Files,
    KnownRow,
    KnownRows,
    ModelFormOptions,
    grouped,
)
from mediation.activities.forms import MOST_THEMES
from mediation.activities.models import LONGEST, SHORTEST
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .models import Preset


class PresetForm(forms.ModelForm):
    """A *modèle*: what a routine entry starts from."""

    type = forms.ChoiceField(
        label="Type d’activité",
        choices=[("", "Choisir…"), *((kind.value, kind.label) for kind in ReferenceActivity)],
        error_messages={"required": "Choisissez le type d’activité."},
    )
    place = KnownRow(
        label="Lieu", required=False, help_text="Vide : le dernier lieu noté, à chaque fois."
    )
    minutes = DurationField(
        label="Durée",
        shortest=SHORTEST,
        longest=LONGEST,
        widget=forms.TextInput(
            {"placeholder": f"ex.{NBSP}1h30", "autocomplete": "off", "maxlength": 20}
        ),
        error_messages={"required": "Indiquez la durée."},
    )
    themes = KnownRows(label="Thématiques", required=False, help_text="Deux au plus.")
    audiences = KnownRows(
        label="Publics", required=False, help_text="Leur nombre se note à chaque fois."
    )

    class Meta:
        model = Preset
        fields = ["name", "type", "place", "minutes"]
        error_messages = {"name": {"required": "Donnez un nom au modèle."}}

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
        if self.instance.pk is None:
            self.instance.programme_id = membership.programme_id
            self.instance.author_id = membership.user_id
        frame = Frame(membership.programme_id)
        saved = self.instance
        if saved.pk:
            self.initial["themes"] = [k for k in (saved.theme_id, saved.second_theme_id) if k]
            self.initial["audiences"] = list(saved.audiences.values_list("pk", flat=True))
        if isinstance(self.initial.get("minutes"), int):
            self.initial["minutes"] = format_duration(self.initial["minutes"])

        def in_use(rows: dict[int, Any], *keep: int) -> dict[int, Any]:
            return {k: row for k, row in rows.items() if k in keep or is_current(row, today)}

        fields: dict[str, Any] = self.fields
        kept = self.initial.get("audiences", ())
        fields["place"].rows = lambda: in_use(frame.places, saved.place_id or 0)
        fields["place"].choices = lambda: [
            ("", "Le dernier lieu noté"),
            *((k, "\u2003" * row.depth + row.name) for k, row in fields["place"].rows().items()),
        ]
        fields["themes"].rows = lambda: in_use(frame.themes, *self.initial.get("themes", ()))
        fields["themes"].choices = lambda: grouped(
            (row.group, row) for row in fields["themes"].rows().values()
        )
        fields["audiences"].rows = lambda: in_use(frame.audiences, *kept)
        fields["audiences"].choices = lambda: [
            (row.pk, row.name) for row in fields["audiences"].rows().values()
        ]

    def _get_validation_exclusions(self) -> set[str]:
        # The name is checked against one's other modèles, though their author is not on the form.
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known - {"programme", "author"}

    def clean_themes(self) -> list[Theme]:
        themes = list(self.cleaned_data["themes"])
        if len(themes) > MOST_THEMES:
            raise ValidationError("Choisissez deux thématiques au plus.")
        self.instance.theme, self.instance.second_theme = (*themes, None, None)[:MOST_THEMES]
        return themes
