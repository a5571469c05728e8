"""Forms of the convention page. A page's form goes with a `SendingForm`, which says over what it was
typed and, for a signed text, what the amendment says."""

import uuid
from datetime import date
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.http import QueryDict

from governance.parties.models import Party
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    ChipSelect,
    Data,
    DayInput,
    Files,
    FormOptions,
    ModelFormOptions,
    own_field,
)

from .actions import Amendment, Sending
from .models import (
    Contribution,
    Convention,
    Instalment,
    Provision,
    ProvisionKind,
    ProvisionState,
    Signatory,
    beyond_cost,
)

NOT_A_NUMBER = "Écrivez un nombre."
MOST_ROWS = 60


class PartyForm(forms.ModelForm):
    class Meta:
        model = Party
        fields = ["name", "short_name", "address"]
        error_messages = {
            "name": {"required": "Donnez le nom de la partie."},
            "short_name": {"required": "Donnez un nom court, pour les listes."},
        }


class SendingForm(forms.Form):
    """Which sending this is; of a signed text, the amendment."""

    uid = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    amendment_text = forms.CharField(
        label="Ce que change l’avenant",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )
    amendment_day = forms.DateField(
        label="Date de l’avenant",
        required=False,
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY},
    )

    def __init__(
        self, data: QueryDict | None, *, convention: Convention, amends: bool = True
    ) -> None:
        super().__init__(data, initial={"uid": uuid.uuid4(), "version": convention.version})
        self.asks_amendment = amends and convention.signed_on is not None
        if not self.asks_amendment:
            del self.fields["amendment_text"], self.fields["amendment_day"]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        text, day = cleaned.get("amendment_text"), cleaned.get("amendment_day")
        if text and not day and "amendment_day" not in self.errors:
            self.add_error("amendment_day", "Dites la date de l’avenant.")
        if day and not text:
            self.add_error("amendment_text", "Dites ce que change l’avenant.")
        return cleaned

    @property
    def amendment(self) -> Amendment | None:
        text = self.cleaned_data.get("amendment_text")
        return Amendment(text, self.cleaned_data["amendment_day"]) if text else None

    @property
    def sending(self) -> Sending:
        return Sending(self.cleaned_data["uid"], self.cleaned_data["version"])


class TermsForm(forms.ModelForm):
    class Meta:
        model = Convention
        fields = [
            "name", "starts", "ends", "background", "norm", "charter", "not_replaced",
            "mediators", "yearly_hours", "weekly_hours", "supervision", "cost", "finances_by",
            "finances_since", "originals",
        ]  # fmt: skip
        labels = {
            "starts": "Du",
            "ends": "Au",
            "finances_by": "Qui porte les finances",
            "finances_since": "Depuis le",
        }
        help_texts = {"charter": "Telle que les personnels de l’opérateur l’acceptent."}
        widgets = {
            "starts": DayInput(),
            "ends": DayInput(),
            "finances_since": DayInput(),
            "background": forms.Textarea({"rows": 6}),
            "not_replaced": forms.Textarea({"rows": 4}),
        }
        error_messages = {
            "name": {"required": "Donnez le nom de la convention."},
            "starts": {"required": "Dites le premier jour.", "invalid": NO_SUCH_DAY},
            "ends": {"required": "Dites le dernier jour.", "invalid": NO_SUCH_DAY},
            "finances_since": {"invalid": NO_SUCH_DAY},
            "cost": {"required": "Dites le coût.", "invalid": NOT_A_NUMBER},
            "mediators": {"required": "Dites combien de médiateurs.", "invalid": NOT_A_NUMBER},
            "yearly_hours": {"required": "Dites les heures par an.", "invalid": NOT_A_NUMBER},
            "weekly_hours": {"required": "Dites les heures par semaine.", "invalid": NOT_A_NUMBER},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        parties: list[Party],
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.fields["ends"].required = True
        _offer(self.fields["finances_by"], parties, "Personne n’est désigné")

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        carrier, since = cleaned.get("finances_by"), cleaned.get("finances_since")
        if carrier and not since and "finances_since" not in self.errors:
            self.add_error("finances_since", "Dites depuis quand.")
        if since and not carrier and "finances_by" not in self.errors:
            self.add_error("finances_by", "Dites qui porte les finances.")
        return cleaned


def _offer(field: Any, parties: list[Party], empty: str = "Choisir…") -> None:
    """One look at the parties serves all rows of a page."""
    field.queryset = Party.objects.filter(pk__in=[row.pk for row in parties])
    field.choices = [("", empty), *((row.pk, row.short_name) for row in parties)]
    field.error_messages["invalid_choice"] = "Cette partie n’est pas de ce dispositif."


class RowForm(forms.ModelForm):
    """A row among others: what holds across rows is looked at once all are known."""

    parties: tuple[tuple[str, str], ...] = ()

    def _post_clean(self) -> None:
        options = self._meta
        self.instance = construct_instance(self, self.instance, options.fields, options.exclude)


class SignatoryForm(RowForm):
    parties = (("party", "Choisir…"),)

    class Meta:
        model = Signatory
        fields = ["party", "represented_by", "head_office", "deliberation"]
        labels = {
            "party": "Partie",
            "represented_by": "Représentée par, en qualité de",
            "head_office": "Siège",
            "deliberation": "En vertu des délibérations",
        }
        help_texts = {
            "represented_by": "Une fonction, jamais un nom.",
            "head_office": "Vide : l’adresse de la partie.",
        }
        error_messages = {
            "party": {"required": "Choisissez une partie."},
            "represented_by": {"required": "Dites la fonction de qui signe."},
        }


class ContributionForm(RowForm):
    parties = (("payer", "Choisir…"), ("payee", "Choisir…"))

    class Meta:
        model = Contribution
        fields = ["payer", "payee", "amount"]
        labels = {"payer": "Verse", "payee": "Reçoit", "amount": "Subvention (€)"}
        help_texts = {"amount": "Une différence va à la dernière échéance non versée."}
        error_messages = {
            "payer": {"required": "Choisissez qui verse."},
            "payee": {"required": "Choisissez qui reçoit."},
            "amount": {"required": "Dites le montant.", "invalid": NOT_A_NUMBER},
        }

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("payer") and cleaned.get("payer") == cleaned.get("payee"):
            self.add_error("payee", "Une partie ne se verse rien à elle-même.")
        amount = cleaned.get("amount")
        if amount is not None and amount <= 0:
            self.add_error("amount", "Le montant doit être positif.")
        return cleaned


class ProvisionForm(RowForm):
    parties = (("party", "Tous les signataires"),)

    class Meta:
        model = Provision
        fields = ["kind", "party", "text"]
        labels = {"kind": "Nature", "party": "Partie", "text": "Texte"}
        error_messages = {
            "kind": {"required": "Dites s’il s’agit d’un moyen ou d’un engagement."},
            "text": {"required": "Dites de quoi il s’agit."},
        }

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == ProvisionKind.MEANS and not cleaned.get("party"):
            self.add_error("party", "Dites qui fournit ce moyen.")
        if cleaned.get("kind") == ProvisionKind.COMMITMENT and self.instance.state:
            self.add_error("kind", "Ce moyen a un état : il ne devient pas un engagement.")
        return cleaned


class RowSet(forms.BaseInlineFormSet):
    """Rows of one convention, changed together."""

    once: tuple[str, ...] = ()  # the fields that tell two rows apart
    twice = ""

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        members: list[Party],
        **options: Unpack[FormOptions],
    ) -> None:
        self.members = members
        super().__init__(data, files, **options)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Retirer cette ligne"
        for name, empty in form.parties:
            _offer(form.fields[name], self.members, empty)

    def kept(self) -> list[Any]:
        """The rows as they will be, those taken away left out."""
        gone = set(map(id, self.deleted_forms))
        return [
            form
            for form in self.forms
            if id(form) not in gone and (form.instance.pk or form.has_changed())
        ]

    def clean(self) -> None:
        if any(self.errors):
            return
        seen: dict[object, object] = {}
        for form in self.kept():
            key = tuple(form.cleaned_data.get(name) for name in self.once)
            if key in seen:
                form.add_error(self.once[-1], self.twice)
            seen[key] = form

    def apply(self, convention: Convention) -> list[str]:
        """Writes what changed; answers the names of what did. Raises ValidationError."""
        deleted = [form.instance for form in self.deleted_forms if form.instance.pk]
        for row in deleted:
            row.delete()
        written = [form for form in self.kept() if form.has_changed()]
        # Less first: money may move from one line to another without passing the cost.
        written.sort(key=self._growth)
        for form in written:
            form.instance.convention = convention
            if form.instance.pk is None and hasattr(form.instance, "rank"):
                form.instance.rank = self.forms.index(form)
            form.instance.full_clean()
            form.instance.save()
        names = {name for form in written for name in form.changed_data}
        return sorted(names | ({"deleted"} if deleted else set()))

    def _growth(self, form: Any) -> Any:
        return 0


class SignatorySet(RowSet):
    once = ("party",)
    twice = "Cette partie signe déjà la convention."


class ContributionSet(RowSet):
    once = ("payer", "payee")
    twice = "Ces deux parties ont déjà une ligne : une seule suffit."

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        total = sum(form.cleaned_data["amount"] for form in self.kept())
        if total > self.instance.cost:
            raise ValidationError(beyond_cost(total - self.instance.cost))
        for form in self.deleted_forms:
            if form.instance.pk and form.instance.paid():
                raise ValidationError(
                    f"{form.instance}\u00a0: déjà versée en partie, cette subvention ne se retire pas."
                )
        for form in self.kept():
            if form.instance.pk and self._moved(form) and not self._takes_difference(form):
                form.add_error(
                    "amount",
                    "Aucune échéance à venir ne peut porter la différence\u00a0: changez d’abord les "
                    "échéances.",
                )

    def _moved(self, form: Any) -> Any:
        """By how much the amount of a line with instalments differs from their sum."""
        due = [row.amount for row in form.instance.instalments.all()]
        return form.cleaned_data["amount"] - sum(due) if due else 0

    def _takes_difference(self, form: Any) -> Instalment | None:
        """The last instalment that is not paid, where it would remain one."""
        row = form.instance.instalments.filter(paid_on=None).last()
        return row if row is not None and row.amount + self._moved(form) > 0 else None

    def apply(self, convention: Convention) -> list[str]:
        """The difference of an amount falls on its last instalment that is not paid."""
        for form in self.kept():
            if form.instance.pk and (difference := self._moved(form)):
                row = self._takes_difference(form)
                if row is not None:
                    row.amount += difference
                    row.save()
        return super().apply(convention)

    def _growth(self, form: Any) -> Any:
        return form.cleaned_data["amount"] - (form.initial.get("amount") or 0)


class ProvisionSet(RowSet):
    once = ("kind", "party", "text")
    twice = "Ce texte est déjà dans la convention."


def _row_set(model: type, form: type, formset: type, extra: int = 1) -> object:
    return forms.inlineformset_factory(
        Convention, model, form=form, formset=formset, extra=extra, max_num=MOST_ROWS
    )


Signatories = _row_set(Signatory, SignatoryForm, SignatorySet)
Contributions = _row_set(Contribution, ContributionForm, ContributionSet)
Provisions = _row_set(Provision, ProvisionForm, ProvisionSet)


class PaidForm(forms.Form):
    """A contribution paid at once; with instalments, each says its own day."""

    paid_on = forms.DateField(
        label="Versée en une fois le",
        required=False,
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY},
        help_text="Vide avec des échéances : chacune dit sa date.",
    )


class InstalmentForm(RowForm):
    class Meta:
        model = Instalment
        fields = ["due_on", "amount", "paid_on"]
        labels = {"due_on": "À verser le", "amount": "Montant (€)", "paid_on": "Versée le"}
        widgets = {"due_on": DayInput(), "paid_on": DayInput()}
        error_messages = {
            "due_on": {"required": "Dites pour quand.", "invalid": NO_SUCH_DAY},
            "paid_on": {"invalid": NO_SUCH_DAY},
            "amount": {"required": "Dites le montant.", "invalid": NOT_A_NUMBER},
        }

    def clean_amount(self) -> object:
        amount = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError("Le montant doit être positif.")
        return amount


class InstalmentSet(forms.BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "Retirer cette échéance"

    def clean(self) -> None:
        """Rows are checked together by `set_payments`."""

    def rows(self) -> list[Instalment]:
        gone = set(map(id, self.deleted_forms))
        return [
            form.instance
            for form in self.forms
            if id(form) not in gone and (form.instance.pk or form.has_changed())
        ]


Instalments: Any = forms.inlineformset_factory(
    Contribution, Instalment, form=InstalmentForm, formset=InstalmentSet, extra=2, max_num=24
)


class StateForm(forms.ModelForm):
    class Meta:
        model = Provision
        fields = ["state", "state_since", "remark"]
        labels = {"state": "État", "state_since": "Depuis le", "remark": "Remarque"}
        widgets = {"state_since": DayInput(), "state": ChipSelect}
        error_messages = {"state_since": {"invalid": NO_SUCH_DAY}}
        help_texts = {"remark": "Lue par toutes les parties."}

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        today: date,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        state = own_field(self, "state", forms.ChoiceField)
        state.choices = [*ProvisionState.choices, ("", "Non renseigné")]
        self.today = today

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if cleaned.get("state") and not cleaned.get("state_since"):
            if "state_since" not in self.errors:
                self.add_error("state_since", "Dites depuis quand.")
        elif not cleaned.get("state"):
            cleaned |= {"state_since": None, "remark": ""}
        return cleaned


class SignForm(forms.Form):
    signed_on = forms.DateField(
        label="Signée le",
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites la date de signature."},
    )
    signing_place = forms.CharField(
        label="Fait à",
        max_length=120,
        error_messages={"required": "Dites où la convention est signée."},
    )
    originals = forms.IntegerField(
        label="Exemplaires originaux",
        min_value=1,
        max_value=99,
        error_messages={"required": "Dites combien d’originaux.", "invalid": NOT_A_NUMBER},
    )


class RenewForm(forms.Form):
    """The term of next year's convention."""

    name = forms.CharField(
        label="Nom", max_length=160, error_messages={"required": "Donnez le nom de la convention."}
    )
    starts = forms.DateField(
        label="Du",
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites le premier jour."},
    )
    ends = forms.DateField(
        label="Au",
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites le dernier jour."},
    )
