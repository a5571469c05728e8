"""What a party fills in to pass something on."""

import uuid
from datetime import date, timedelta
from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.access.models import Membership
from governance.base import is_current
from governance.territory.models import Place
from humanicite.lib import pictures
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    ChipSelect,
    Data,
    DayInput,
    Files,
    KnownRow,
    ModelFormOptions,
    named_choices,
    own_field,
    target,
)
from humanicite.lib.persons import AsksAboutPersons, keep_personal_field

from . import files
from .models import FileKind, NewsFile, NewsKind, QuarterNews

LONGEST = timedelta(days=731)  # two years
NO_PERIMETER = (
    "Votre partie n’a pas encore de périmètre : demandez à la coordination de le définir, "
    "puis publiez votre information."
)


class NewsForm(AsksAboutPersons, forms.ModelForm):
    """A title, a nature, a place and two days are asked for; the first day comes filled in."""

    PERSONAL_TEXTS = ("title", "text")

    kind = forms.ChoiceField(
        label="Nature",
        choices=NewsKind.choices,
        widget=ChipSelect,
        error_messages={"required": "Choisissez une nature."},
    )
    place = KnownRow(
        label="Lieu",
        widget=forms.Select,
        help_text="Les partenaires de ce lieu liront l’information.",
        error_messages={"required": "Choisissez un lieu."},
    )
    picture = forms.FileField(
        label="Photo",
        required=False,
        widget=forms.FileInput({"accept": pictures.ACCEPT}),
        help_text="JPEG, PNG ou WebP, 10 Mo au plus. Sans visage reconnaissable.",
    )
    document = forms.FileField(
        label="Document",
        required=False,
        widget=forms.FileInput({"accept": "application/pdf"}),
        help_text="Un PDF, 5 Mo au plus.",
    )
    remove_picture = forms.BooleanField(label="Retirer la photo", required=False)
    remove_document = forms.BooleanField(label="Retirer le document", required=False)
    keep_personal = keep_personal_field("Publier ces mots : ils ne désignent aucun habitant")
    uid = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = QuarterNews
        fields = ["kind", "title", "place", "starts", "ends", "text"]
        widgets = {
            "starts": DayInput(),
            "ends": DayInput(),
            "text": forms.Textarea({"rows": 6}),
            "title": forms.TextInput({"autocomplete": "off"}),
        }
        help_texts = {
            "title": "En quelques mots : « Coupure d’eau », « Ouverture d’une crèche ».",
            "ends": "L’information disparaît d’elle-même après ce jour.",
            "text": "Ce que les habitants et les partenaires ont à savoir ; jamais de nom d’habitant.",
        }
        error_messages = {
            "title": {"required": "Donnez un titre."},
            "starts": {"required": "Dites à partir de quand.", "invalid": NO_SUCH_DAY},
            "ends": {"required": "Dites jusqu’à quand.", "invalid": NO_SUCH_DAY},
        }

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
        self.today = today
        is_new = self.instance.pk is None
        kept = self.instance.place_id
        rows = Place.objects.visible_to(membership).in_tree_order()
        places = {row.pk: row for row in rows if is_current(row, today, kept)}
        self.has_places = bool(places)
        place = own_field(self, "place", KnownRow)
        place.rows = lambda: places
        place.choices = [
            ("", "Choisir…"),
            *((key, named_choices(row)) for key, row in places.items()),
        ]
        if is_new:
            self.initial.setdefault("uid", uuid.uuid4())
            self.initial.setdefault("starts", today)
            self.had: dict[str, NewsFile] = {}
        else:
            self.initial["uid"] = self.instance.uid
            self.initial["version"] = self.instance.version
            self.had = {row.kind: row for row in self.instance.files.all()}
        for kind in FileKind:
            if kind not in self.had:
                del self.fields[f"remove_{kind}"]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_picture(self) -> files.Taken | None:
        upload = self.cleaned_data["picture"]
        return files.picture(upload) if upload else None

    def clean_document(self) -> files.Taken | None:
        upload = self.cleaned_data["document"]
        return files.document(upload) if upload else None

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if not self.has_places:
            raise ValidationError(NO_PERIMETER)
        starts, ends = data.get("starts"), data.get("ends")
        if ends and "ends" in self.changed_data and ends < self.today:
            self.add_error(
                "ends",
                "Cette date est passée : personne ne lirait l’information. Mettez-la plus tard.",
            )
        elif starts and ends and ends < starts:
            self.add_error("ends", "La date de fin précède la date de début.")
        elif starts and ends and ends - starts > LONGEST:
            self.add_error("ends", "Deux ans au plus : rapprochez la date de fin.")
        return data

    def _post_clean(self) -> None:
        """The model's own checks are the action's: it knows who writes."""
        if not self.errors:
            for name in self.Meta.fields:
                setattr(self.instance, name, self.cleaned_data[name])

    @property
    def taken(self) -> list[files.Taken]:
        found = [self.cleaned_data.get(kind.value) for kind in FileKind]
        return [one for one in found if one]

    @property
    def removed(self) -> list[str]:
        return [kind.value for kind in FileKind if self.cleaned_data.get(f"remove_{kind}")]

    @property
    def changed(self) -> list[str]:
        return [
            name for name in self.changed_data if name not in ("uid", "version", "keep_personal")
        ]

    @property
    def faults(self) -> list[tuple[str, str]]:
        found = [("", str(message)) for message in self.non_field_errors()]
        for bound in self:
            found += [(target(bound), str(error)) for error in bound.errors]
        return found
