"""Forms of committees and of their seats."""

from datetime import date
from typing import Unpack

from django import forms

from governance.base import current
from governance.parties.models import Party
from governance.scoping import Reader
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    FormOptions,
    ModelFormOptions,
    own_field,
)

from .actions import rivals
from .models import Committee, CommitteeKind, Seat

FUNCTION = "Par exemple « Maire » ; jamais un nom. Vide : le siège est « à désigner »."
WHEN = {"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."}


def one_line(text: str) -> str:
    return " ".join(text.split())


class CommitteeForm(forms.ModelForm):
    class Meta:
        model = Committee
        fields = ["name", "kind", "frequency", "purpose"]
        widgets = {"purpose": forms.Textarea({"rows": 3})}
        help_texts = {
            "frequency": "Par exemple « mensuelle ».",
            "purpose": "Ce qu’elle décide ou suit.",
        }
        error_messages = {
            "name": {"required": "Donnez le nom de l’instance."},
            "kind": {"required": "Choisissez un type."},
        }

    def __init__(
        self, data: Data = None, files: Files = None, **options: Unpack[ModelFormOptions]
    ) -> None:
        super().__init__(data, files, **options)
        kind = own_field(self, "kind", forms.ChoiceField)
        kind.choices = [("", "Choisir…"), *CommitteeKind.choices]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class SeatForm(forms.ModelForm):
    """A new seat at a committee's table; a party's second one is asked about."""

    second = forms.BooleanField(label="Oui, cette partie a plusieurs sièges ici", required=False)

    class Meta:
        model = Seat
        fields = ["party", "label", "function", "on_agenda", "starts"]
        labels = {"label": "Invités", "on_agenda": "Selon l’ordre du jour seulement"}
        help_texts = {
            "label": "Pour un groupe qui n’est pas une partie, comme « Bailleurs ».",
            "function": FUNCTION,
        }
        widgets = {"starts": DayInput()}
        error_messages = {"starts": WHEN}

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        committee: Committee,
        by: Reader,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.instance.committee = committee
        party = own_field(self, "party", forms.ModelChoiceField)
        party.queryset = Party.objects.visible_to(by).filter(current(today))
        party.empty_label = "Aucune : des invités"
        self.initial.setdefault("starts", today)
        if not self.data.get("party"):
            del self.fields["second"]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        for name in ("label", "function"):
            data[name] = one_line(data.get(name) or "")
        if data.get("party") is None and not data["label"] and "party" not in self.errors:
            self.add_error("party", "Choisissez une partie, ou dites quels invités.")
        return data

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # not in django-stubs
        seat = self.instance
        if "second" not in self.fields or self.data.get("second"):
            return
        others = [] if self.errors or seat.party is None else rivals(seat)
        same = (seat.function, seat.starts, seat.label, seat.on_agenda)
        others = [r for r in others if (r.function, r.starts, r.label, r.on_agenda) != same]
        if not others:
            del self.fields["second"]
            return
        said = ", ".join(row.function or "à désigner" for row in others)
        self.add_error(
            "second",
            f"{seat.party} a déjà un siège ici ({said}) : cochez pour en ajouter un autre, ou "
            "désignez son titulaire.",
        )


class FillForm(forms.Form):
    """Who holds a seat, from a day on."""

    label = forms.CharField(
        label="Invités", max_length=160, error_messages={"required": "Dites quels invités."}
    )
    function = forms.CharField(
        label="Fonction du titulaire", max_length=160, required=False, help_text=FUNCTION
    )
    since = forms.DateField(
        label="À partir du",
        widget=DayInput,
        help_text="Le titulaire précédent garde les jours d’avant.",
        error_messages=WHEN,
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        seat: Seat,
        by_coordination: bool,
        today: date,
        **options: Unpack[FormOptions],
    ):
        super().__init__(data, files, **options)
        self.initial.update(
            {
                "label": seat.label,
                "function": seat.function,
                "since": max(today, seat.starts) if seat.ends is None else seat.starts,
            }
        )
        if seat.party_id is not None or not by_coordination:
            del self.fields["label"]

    def clean_function(self) -> str:
        return one_line(self.cleaned_data["function"])

    def clean_label(self) -> str:
        return one_line(self.cleaned_data["label"])


class EndSeatForm(forms.Form):
    on = forms.DateField(
        label="Dernier jour",
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites jusqu’à quand."},
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        seat: Seat,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.initial["on"] = seat.ends or today
