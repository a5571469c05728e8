"""Forms of the steps by which a programme is set up."""

from datetime import date
from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance

from governance.access.models import Membership
from governance.base import current
from governance.conventions.models import Convention
from governance.parties.models import Party, PartyKind
from governance.territory import outline
from governance.territory.forms import not_later
from governance.territory.models import Place
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    FormOptions,
    KnownRow,
    ModelFormOptions,
    named_choices,
    own_field,
)

from .proposals import proposed

WHEN = {"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."}


class ProgrammeForm(forms.Form):
    name = forms.CharField(
        label="Nom du dispositif",
        max_length=120,
        help_text="Par exemple « Médiation sociale » et le nom du quartier.",
        error_messages={"required": "Donnez un nom au dispositif."},
    )

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())


class PartyForm(forms.ModelForm):
    class Meta:
        model = Party
        fields = ["name", "short_name", "kind", "address"]
        help_texts = {"short_name": "Pour les listes ; vide : le nom, abrégé."}
        error_messages = {
            "name": {"required": "Donnez le nom de la partie."},
            "short_name": {"required": "Donnez un nom court."},
            "kind": {"required": "Choisissez un type."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        by: Membership,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.instance.programme_id = by.programme_id
        self.fields["short_name"].required = False
        kind = own_field(self, "kind", forms.ChoiceField)
        kind.choices = [
            ("", "Choisir…"),
            *((k, label) for k, label in PartyKind.choices if k != PartyKind.OPERATOR),
        ]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for name in ("name", "short_name", "address"):
            data[name] = " ".join((data.get(name) or "").split())
        data["short_name"] = data["short_name"] or data["name"][:40].strip()
        return data


class PlacesForm(forms.Form):
    text = forms.CharField(
        label="Les lieux, un par ligne",
        max_length=40_000,
        strip=False,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
        help_text="Un lieu décalé de deux espaces vers la droite est dans celui qui le précède.",
        error_messages={"required": "Écrivez au moins un lieu : le quartier entier."},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        self.lines = outline.read(text)
        return text


class PerimetersForm(forms.Form):
    """One place for each party that has none yet."""

    since = forms.DateField(
        label="À partir du",
        widget=DayInput,
        help_text="Le premier jour de la convention, le plus souvent.",
        error_messages=WHEN,
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        parties: list[Party],
        by: Membership,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today, self.parties = today, {f"place_{row.pk}": row for row in parties}
        self.initial.setdefault("since", date(today.year, 1, 1))
        rows = Place.objects.visible_to(by).filter(current(today)).in_tree_order()
        places = {row.pk: row for row in rows}
        root = next((row for row in places.values() if row.parent_id is None), None)
        for name, party in self.parties.items():
            field = KnownRow(
                label=party.name,
                required=False,
                widget=forms.Select,
                initial=root if party.kind in (PartyKind.OPERATOR, PartyKind.OWNERS) else None,
            )
            field.rows = lambda: places
            field.choices = [
                ("", "Aucun : ne voit rien"),
                *((key, named_choices(row)) for key, row in places.items()),
            ]
            self.fields[name] = field

    def clean_since(self) -> date:
        return not_later(self.cleaned_data["since"], self.today)

    def places(self) -> dict[Party, Place]:
        """The place chosen for each party."""
        chosen = {party: self.cleaned_data[name] for name, party in self.parties.items()}
        return {party: place for party, place in chosen.items() if place is not None}


class FirstConventionForm(forms.ModelForm):
    class Meta:
        model = Convention
        fields = ["name", "starts", "ends", "cost", "yearly_hours", "weekly_hours", "mediators",
                  "supervision", "signed_on"]  # fmt: skip
        widgets = {"starts": DayInput(), "ends": DayInput(), "signed_on": DayInput()}
        labels = {"starts": "Du", "ends": "Au"}
        help_texts = {
            "supervision": "Par exemple « une demi-journée par semaine ».",
            "signed_on": "Vide : c’est un projet, on peut déjà travailler.",
        }
        error_messages = {
            "name": {"required": "Donnez un nom à la convention."},
            "starts": WHEN,
            "ends": {"invalid": NO_SUCH_DAY, "required": "Une convention a un terme."},
            "cost": {"required": "Dites le coût global."},
            "yearly_hours": {"required": "Dites combien d’heures par an."},
            "weekly_hours": {"required": "Dites combien d’heures par semaine."},
            "mediators": {"required": "Dites combien de médiateurs."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        operator: Party,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.instance.programme_id, self.instance.operator = operator.programme_id, operator
        self.fields["ends"].required = True
        self.initial.update(
            {
                "name": f"Convention {today.year}",
                "starts": date(today.year, 1, 1),
                "ends": date(today.year, 12, 31),
            }
        )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for name in ("starts", "ends"):
            if data.get(name) and not 2000 <= data[name].year < 2200:
                self.add_error(name, "Cette date est hors du temps d’un dispositif.")
        return data

    def _post_clean(self) -> None:
        """The action checks the row, which knows the same form sent twice."""
        construct_instance(self, self.instance, self._meta.fields)


class CommitteesForm(forms.Form):
    committees = forms.MultipleChoiceField(
        label="Instances",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une instance."},
    )
    parties = forms.ModelMultipleChoiceField(
        Party.objects.none(),
        label="Parties qui y siègent",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Un siège « à désigner » pour chacune ; vous direz ensuite qui le tient.",
    )
    since = forms.DateField(label="À partir du", widget=DayInput, error_messages=WHEN)

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        known: set[str],
        by: Membership,
        since: date,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.tables = {row.slug: row for row in proposed().committees if row.name not in known}
        committees = own_field(self, "committees", forms.MultipleChoiceField)
        committees.choices = [(slug, row.name) for slug, row in self.tables.items()]
        parties = own_field(self, "parties", forms.ModelChoiceField)
        parties.queryset = Party.objects.visible_to(by).filter(current(today))
        self.initial.update(
            {
                "committees": list(self.tables),
                "parties": list(parties.queryset.values_list("pk", flat=True)),
                "since": since,
            }
        )

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if not 2000 <= since.year < 2200:
            raise ValidationError("Cette date est hors du temps d’un dispositif.")
        return since
