from datetime import date
from typing import Any, Unpack

from django import forms

from governance.base import current
from governance.parties.models import Party
from governance.rights import OPERATOR_ROLES, Role
from humanicite.lib.forms import NO_SUCH_DAY, Data, DayInput, Files, FormOptions, own_field

from .models import Membership

PARTNER_ROLES = (Role.PARTENAIRE, Role.INVITE)
OPERATOR_ONLY = (Role.MEDIATEUR, Role.COORDINATION)


class PartyChoice(forms.ModelChoiceField):
    """Each party with the perimeter that its partners read."""

    def label_from_instance(self, party: Any) -> str:
        if party.is_operator:
            return f"{party.name} (opérateur)"
        perimeter = getattr(party, "perimeter", None)
        return f"{party.name} ({perimeter.name if perimeter else 'sans périmètre'})"


class InvitationForm(forms.Form):
    """Who is invited, for which party and in which role; the action checks that they fit."""

    email = forms.EmailField(
        label="Adresse électronique",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Écrivez l’adresse de la personne à inviter."},
    )
    function = forms.CharField(
        label="Fonction",
        max_length=120,
        help_text="Par exemple « Maire » ; jamais un nom.",
        error_messages={"required": "Dites la fonction de la personne."},
    )
    party = PartyChoice(
        label="Partie",
        queryset=Party.objects.none(),
        empty_label="Choisir…",
        error_messages={"required": "Choisissez une partie."},
    )
    role = forms.ChoiceField(
        label="Rôle",
        error_messages={"required": "Choisissez un rôle."},
        choices=[
            ("", "Choisir…"),
            *((role.value, role.label) for role in (*PARTNER_ROLES, *OPERATOR_ONLY)),
        ],
        help_text="Un partenaire lit le périmètre de sa partie, un invité ses réunions ; médiateur "
        "et coordination lisent tout le dispositif, notes internes comprises.",
    )
    starts = forms.DateField(
        label="À partir du",
        widget=DayInput,
        error_messages={"required": "Dites à partir de quand."},
    )
    ends = forms.DateField(
        label="Jusqu’au", widget=DayInput, required=False, help_text="Vide : sans terme."
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        party = own_field(self, "party", PartyChoice)
        parties = Party.objects.visible_to(membership).filter(current(today))
        party.queryset = parties.select_related("perimeter")
        self.fields["starts"].initial = today
        self.today = today

    def clean_starts(self) -> date:
        starts: date = self.cleaned_data["starts"]
        if starts < self.today:
            raise forms.ValidationError(
                "Un accès ne s’ouvre pas dans le passé : aujourd’hui au plus tôt."
            )
        return starts

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        party, role = data.get("party"), data.get("role")
        if party and role and party.is_operator != (role in OPERATOR_ROLES):
            self.add_error(
                "role",
                "L’opérateur a des médiateurs et une coordination ; les autres parties, des "
                "partenaires et des invités.",
            )
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", "La date de fin précède la date de début.")
        return data


class AccessForm(forms.Form):
    """What changes of an access that is open; its party and its account do not."""

    role = forms.ChoiceField(
        label="Rôle", error_messages={"required": "Choisissez un rôle."}, choices=()
    )
    function = forms.CharField(
        label="Fonction",
        max_length=120,
        help_text="Par exemple « Maire » ; jamais un nom.",
        error_messages={"required": "Dites la fonction de la personne."},
    )
    ends = forms.DateField(
        label="Jusqu’au",
        widget=DayInput,
        required=False,
        help_text="Dernier jour compris ; vide : sans terme.",
        error_messages={"invalid": NO_SUCH_DAY},
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        access: Membership,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today
        roles = OPERATOR_ONLY if access.party.is_operator else PARTNER_ROLES
        role = own_field(self, "role", forms.ChoiceField)
        role.choices = [(one.value, one.label) for one in roles]
        self.initial = {"role": access.role, "function": access.function, "ends": access.ends}
        self.starts = access.starts

    def clean_function(self) -> str:
        return " ".join(self.cleaned_data["function"].split())

    def clean_ends(self) -> date | None:
        ends: date | None = self.cleaned_data["ends"]
        if ends and ends < self.starts:
            raise forms.ValidationError("La date de fin précède la date de début.")
        if ends and ends < self.today:
            raise forms.ValidationError("Un accès ne se clôt pas dans le passé.")
        return ends


class EndAccessForm(forms.Form):
    on = forms.DateField(
        label="Clos à partir du",
        widget=DayInput,
        error_messages={"required": "Dites à partir de quand."},
    )

    def __init__(
        self, data: Data = None, files: Files = None, *, today: date, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today
        self.fields["on"].initial = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on < self.today:
            raise forms.ValidationError("Un accès ne se clôt pas dans le passé.")
        return on
