"""What is typed about syntheses, beside their texts."""

import uuid

from django import forms

from humanicite.lib.dates import NBSP

from .models import Comment, EditionKind


class CommentForm(forms.ModelForm):
    """A party's word on the draft of its edition (R80)."""

    uid = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Comment
        fields = ["key", "text"]
        labels = {"key": "À propos de", "text": "Votre observation"}
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        error_messages = {"text": {"required": "Écrivez votre observation."}}

    def __init__(self, *args, blocks: list[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uid"].initial = uuid.uuid4
        self.fields["key"] = forms.ChoiceField(
            label="À propos de",
            choices=[("", "L’ensemble de l’édition"), *blocks],
            required=False,
        )


class VersionForm(forms.Form):
    """What a next version of a published synthesis is."""

    kind = forms.ChoiceField(
        label="De quoi s’agit-il\u00a0?",
        choices=[
            (
                EditionKind.REVISION,
                f"Révision{NBSP}: des données sont arrivées après",
            ),
            (
                EditionKind.CORRECTION,
                f"Correction{NBSP}: une erreur est réparée",
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Dites si c’est une révision ou une correction."},
    )
    reason = forms.CharField(
        label="Ce qui change, en une phrase",
        max_length=200,
        help_text="Cette phrase est imprimée dans la nouvelle version et dans le courriel.",
        error_messages={"required": "Dites en une phrase ce qui change."},
    )
    is_substantial = forms.BooleanField(
        label="Ce changement touche aux conclusions",
        required=False,
        help_text="Ceux qui ont téléchargé la version précédente sont prévenus.",
    )
