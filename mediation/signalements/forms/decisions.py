"""Forms of what the team decides of a signalement."""

from collections.abc import Iterable
from typing import Unpack

from django import forms

from humanicite.lib.forms import Data, Files, FormOptions, KnownRow, own_field
from mediation.routing.rules import Routing, likely

from ..models.signalements import SignalementState
from .reply import contacts_by_party, refuse_a_person

# What the operator's team may decide, in the order of the page, and whether it needs a reason.
DECISIONS = (
    (SignalementState.RESOLU_VERIFIE, "Résolu : vérifié sur place", False),
    ("rouvrir", "Rouvrir : ce n’est pas réglé", False),
    (SignalementState.NON_RESOLU, "Non résolu : on s’arrête là", True),
    (SignalementState.ANNULE, "Annuler : signalé par erreur", True),
)


class DecisionForm(forms.Form):
    """Where a signalement goes from here, and why."""

    to = forms.ChoiceField(
        label="Décision",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez ce qu’il devient.",
            "invalid_choice": "Ce changement n’est plus possible : voici ceux qui le sont.",
        },
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        offered: Iterable[tuple[str, str]],
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.offer(offered)

    def offer(self, offered: Iterable[tuple[str, str]]) -> None:
        """What may be chosen now; which of it needs a reason is said beside that field."""
        offered = list(offered)
        to = own_field(self, "to", forms.ChoiceField)
        to.choices = offered
        reasoned = {value for value, _, asks in DECISIONS if asks}
        asked = [label.partition(" :")[0] for value, label in offered if value in reasoned]
        named = " et ".join(f"« {label} »" for label in asked)
        needed = f"Nécessaire pour {named}. " if asked else ""
        self.fields["reason"].help_text = f"{needed}Les destinataires le lisent."
        if len(offered) == 1:
            self.initial["to"] = offered[0][0]

    def clean_reason(self) -> str:
        return refuse_a_person(
            " ".join(self.cleaned_data["reason"].split()), "Reformulez ce motif."
        )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        needs = {value for value, _, needed in DECISIONS if needed}
        if data.get("to") in needs and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Dites pourquoi.")
        return data


class RedirectForm(forms.Form):
    """Whom else a signalement goes to: a contact who can be written to, and who has not had it."""

    contact = KnownRow(
        label="À qui",
        widget=forms.Select,
        error_messages={
            "required": "Choisissez un interlocuteur.",
            "invalid_choice": "Cet interlocuteur n’a pas d’adresse, ou a déjà reçu ce signalement.",
        },
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        routing: Routing,
        had_it: set[int],
        named: str = "",
        **options: Unpack[FormOptions],
    ) -> None:
        """`named`: whom those who refused named instead."""
        super().__init__(data, files, **options)
        rows = {
            key: row
            for key, row in routing.contacts.items()
            if row.is_designated and key not in had_it
        }
        field = own_field(self, "contact", KnownRow)
        field.rows = lambda: rows
        field.choices = [("", "Choisir…"), *contacts_by_party(rows.values())]
        self.initial["contact"] = likely(rows.values(), named)
        self.has_choice = bool(rows)


class ObservationForm(forms.Form):
    """The same thing seen again: joins the signalement's timeline, which its addressees read."""

    text = forms.CharField(
        label="Ce qui a été constaté",
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
        help_text="Les destinataires le lisent : sans nom d’habitant.",
    )

    def clean_text(self) -> str:
        return refuse_a_person(
            self.cleaned_data["text"].strip(), "Reformulez : il quitte l’opérateur."
        )


GOES_BACK = "rouvrir"
