import re
from datetime import date
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.base import current
from governance.models import Contact, Membership, Party
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    FormOptions,
    ModelFormOptions,
    own_field,
)

NEW = "nouveau"
NOBODY = ""
_PHONE = re.compile(r"\+?[\d .()-]{6,29}")


def check_phone(text: str) -> str:
    """« 03 20 00 00 00 », « +33 3 20… »; raises ValidationError."""
    text = " ".join(text.split())
    if text and not (_PHONE.fullmatch(text) and sum(c.isdigit() for c in text) >= 6):
        raise ValidationError("Écrivez un numéro de téléphone, par exemple 03 20 00 00 00.")
    if re.fullmatch(r"0\d{9}", digits := re.sub(r"[ .()-]", "", text)):
        return " ".join(digits[at : at + 2] for at in range(0, 10, 2))
    return text


def parties_of(membership: Membership) -> Any:
    """Whose contacts a reader designates: its own party's; the coordination, everybody's (R84)."""
    parties = Party.objects.visible_to(membership)
    return parties if membership.is_operator else parties.filter(pk=membership.party_id)


class ContactForm(forms.ModelForm):
    class Meta:
        model = Contact
        fields = ["party", "function", "email", "phone", "is_backup", "starts"]
        labels = {"party": "Partie", "is_backup": "Suppléant : reçoit les relances en copie"}
        help_texts = {
            "function": "Par exemple « Responsable du cadre de vie » ; jamais un nom.",
            "email": "Vide : l’interlocuteur reste « à désigner » et ne reçoit rien.",
        }
        widgets = {"starts": DayInput(), "phone": forms.TextInput({"type": "tel"})}
        error_messages = {
            "function": {"required": "Dites la fonction de l’interlocuteur."},
            "party": {"required": "Choisissez une partie."},
            "starts": {"invalid": NO_SUCH_DAY, "required": "Dites à partir de quand."},
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
        party = own_field(self, "party", forms.ModelChoiceField)
        if self.instance.pk is not None:
            del self.fields["party"], self.fields["starts"]
        elif membership.is_operator:
            party.queryset = parties_of(membership).filter(current(today))
            party.empty_label = "Choisir…"
        else:
            del self.fields["party"]
            self.instance.party = membership.party
        if "starts" in self.fields:
            self.initial.setdefault("starts", today)

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def clean_function(self) -> str:
        return " ".join(self.cleaned_data["function"].split())


class EndContactForm(forms.Form):
    """The last day of a contact, and who takes its open signalements over."""

    ends = forms.DateField(
        label="Dernier jour",
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites jusqu’à quand."},
    )
    successor = forms.ChoiceField(
        label="Successeur",
        required=False,
        help_text="Le dernier jour, les signalements ouverts lui passent ; leur suivi le note.",
    )
    function = forms.CharField(
        label="Fonction du nouvel interlocuteur", max_length=120, required=False
    )
    email = forms.EmailField(label="Son adresse électronique", required=False)
    phone = forms.CharField(
        label="Son téléphone",
        max_length=30,
        required=False,
        widget=forms.TextInput({"type": "tel"}),
    )
    alone = forms.BooleanField(
        label="Finir sans successeur : ces signalements n’auront plus de destinataire",
        required=False,
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        contact: Contact,
        heirs: list[Contact],
        waiting: int,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.contact, self.waiting = contact, waiting
        self.heirs = {str(row.pk): row for row in heirs}
        successor = own_field(self, "successor", forms.ChoiceField)
        successor.choices = [
            (NOBODY, "Aucun"),
            *((key, f"{row.function} ({row.email})") for key, row in self.heirs.items()),
            (NEW, "Un nouvel interlocuteur, ci-dessous"),
        ]
        if not waiting:
            del self.fields["alone"]
        self.initial.setdefault("function", contact.function)

    def clean_phone(self) -> str:
        return check_phone(self.cleaned_data["phone"])

    def clean_ends(self) -> date:
        ends: date = self.cleaned_data["ends"]
        if ends < self.contact.starts:
            raise ValidationError("Cette date précède son premier jour.")
        return ends

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        chosen = data.get("successor")
        if chosen == NEW:
            if not data.get("function"):
                self.add_error("function", "Dites sa fonction.")
            if not data.get("email") and "email" not in self.errors:
                self.add_error("email", "Un successeur a besoin d’une adresse.")
        elif (
            not chosen and self.waiting and not data.get("alone") and "successor" not in self.errors
        ):
            self.add_error(
                "successor",
                "Des signalements ouverts attendent cet interlocuteur : désignez un successeur, ou "
                "cochez « Finir sans successeur ».",
            )
        return data

    @property
    def heir(self) -> Contact | None:
        """Who was chosen: a known contact, or one to be made; None for nobody."""
        chosen = self.cleaned_data.get("successor")
        if chosen == NEW:
            return Contact(
                party=self.contact.party,
                function=" ".join(self.cleaned_data["function"].split()),
                email=self.cleaned_data["email"],
                phone=self.cleaned_data["phone"],
                is_backup=self.contact.is_backup,
            )
        return self.heirs.get(chosen or "")
