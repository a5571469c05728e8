import uuid
from datetime import date
from functools import cached_property
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from governance.base import is_current
from governance.models import Committee, Membership, Party
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    FormOptions,
    KnownRow,
    ModelFormOptions,
    ReadRows,
    own_field,
)
from humanicite.lib.persons import AsksAboutPersons, keep_personal_field
from mediation import personal
from mediation.frame.models import Frame
from mediation.history.followed import NOTHING
from mediation.history.versions import Change, differences

from .actions import Involvements, involvements_of
from .models import AgendaLine, Situation, SituationOutcome, SituationState

TEXTS = ("description", "next_step", "closing_note")  # what is read for words on a person
KEEP = "Garder ces mots : ils restent chez l’opérateur"
MOST_PARTIES = 20


class SituationForm(AsksAboutPersons, forms.ModelForm):
    """A situation's own fields; its title is read in lists and menus, so it never names anybody."""

    PERSONAL_TEXTS = TEXTS

    place = KnownRow(
        label="Lieu",
        widget=forms.Select,
        error_messages={
            "required": "Choisissez un lieu.",
            "invalid_choice": "Ce lieu n’existe pas dans ce dispositif.",
        },
    )
    state = forms.ChoiceField(
        label="État",
        error_messages={"required": "Choisissez l’état de la situation."},
        choices=[choice for choice in SituationState.choices if choice[0] != SituationState.CLOSE],
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)
    keep_personal = keep_personal_field(KEEP)

    class Meta:
        model = Situation
        fields = ["title", "place", "state", "description", "next_step", "next_on", "opened_on"]
        widgets = {
            "description": forms.Textarea({"rows": 4, "maxlength": 4000}),
            "next_on": DayInput(),
            "opened_on": DayInput(),
        }
        help_texts = {
            "title": "Court et sans nom : « Nuisances répétées la nuit ».",
            "description": "Ne quitte jamais l’opérateur.",
        }
        error_messages = {
            "title": {"required": "Donnez un intitulé à la situation."},
            "next_on": {"invalid": NO_SUCH_DAY},
            "opened_on": {"invalid": NO_SUCH_DAY, "required": "Indiquez la date d’ouverture."},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        frame: Frame,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today
        saved = self.instance
        self.is_new = saved.pk is None
        saved.programme_id = membership.programme_id
        if self.is_new:
            saved.author_id = membership.user_id
            del self.fields["state"]
            self.initial.setdefault("uid", uuid.uuid4())
            self.initial["opened_on"] = self.initial.get("opened_on") or today
        else:
            self.initial["uid"] = saved.uid
        kept = saved.place_id
        place = own_field(self, "place", KnownRow)
        place.rows = lambda: {
            key: row for key, row in frame.places.items() if is_current(row, today, kept)
        }
        place.choices = lambda: [
            ("", "Choisir dans la liste…"),
            *((key, "\u2003" * row.depth + row.name) for key, row in place.rows().items()),
        ]

    def clean_title(self) -> str:
        title = " ".join(self.cleaned_data["title"].split())
        found = personal.find(title)
        if found:
            raise ValidationError(
                f"L’intitulé semble identifier quelqu’un : {personal.said(found)}. "
                "Dites le sujet, sans la personne."
            )
        return title

    def clean_opened_on(self) -> date:
        day: date = self.cleaned_data["opened_on"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        return day

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("next_on") and not data.get("next_step") and "next_step" not in self.errors:
            self.add_error("next_step", "Une échéance est celle d’une étape : dites laquelle.")
        return data

    def _get_validation_exclusions(self) -> set[str]:
        # Said beside its field above; the action checks the whole row again.
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known | set(self.fields)


class InvolvementForm(forms.Form):
    party = KnownRow(label="Partie", required=False)
    part = forms.CharField(
        label="Ce qui est attendu d’elle",
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    removed = forms.BooleanField(label="Retirer", required=False)

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        parties: Any,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        field = own_field(self, "party", KnownRow)
        field.rows = parties
        field.choices = lambda: [
            ("", "Choisir…"),
            *((key, row.name) for key, row in parties().items()),
        ]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("part") and not data.get("party") and "party" not in self.errors:
            self.add_error("party", "Choisissez la partie dont il s’agit.")
        found = personal.find(data.get("part") or "")
        if found:
            self.add_error(
                "part",
                f"Ce texte semble identifier quelqu’un : {personal.said(found)}. "
                "Dites la fonction, sans la personne.",
            )
        return data


class BaseInvolvementFormSet(ReadRows):
    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            party = data.get("party")
            if party and not data.get("removed"):
                if party in seen:
                    form.add_error("party", "Cette partie est déjà citée.")
                seen.add(party)

    def involvements(self) -> Involvements:
        return {
            data["party"]: " ".join(data["part"].split())
            for data in self.cleaned_data
            if data.get("party") and not data.get("removed")
        }


InvolvementFormSet = forms.formset_factory(
    InvolvementForm,
    formset=BaseInvolvementFormSet,
    extra=2,
    max_num=MOST_PARTIES,
    absolute_max=2 * MOST_PARTIES,
)


class SituationEntry:
    """The whole form: the situation and the parties involved, valid together or not at all."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        membership: Membership,
        today: date,
        situation: Situation | None = None,
        initial: dict[str, object] | None = None,
    ) -> None:
        self.membership, self.today = membership, today
        self.form = SituationForm(
            data,
            instance=situation,
            initial=initial or {},
            membership=membership,
            today=today,
            frame=Frame(membership.programme_id),
        )
        self.saved: Involvements = involvements_of(situation) if situation else {}
        self.involvements: Any = InvolvementFormSet(
            data,
            initial=[{"party": party.pk, "part": part} for party, part in self.saved.items()],
            prefix="parties",
            form_kwargs={"parties": lambda: self.parties},
        )

    @cached_property
    def parties(self) -> dict[int, Party]:
        """All but the operator, whose situation it is, and those retired; those involved stay."""
        kept = set(self.saved)
        rows = Party.objects.visible_to(self.membership)
        return {
            row.pk: row
            for row in rows
            if row in kept or (not row.is_operator and is_current(row, self.today))
        }

    def is_valid(self) -> bool:
        # Both are asked, so that every fault is shown at once.
        return all([self.form.is_valid(), self.involvements.is_valid()])

    @property
    def changed_fields(self) -> list[str]:
        own = ("uid", "keep_personal")
        names = [name for name in self.form.changed_data if name not in own]
        return names + (["involvements"] if self.wanted != self.saved else [])

    @property
    def wanted(self) -> Involvements:
        found: Involvements = self.involvements.involvements()
        return found

    def differences(self, saved: Situation) -> list[Change]:
        """Where a valid entry departs from what is saved, the parties included."""
        found = differences(saved, self.form.instance)
        before, after = _in_words(involvements_of(saved)), _in_words(self.wanted)
        return found + ([Change("parties concernées", before, after)] if before != after else [])

    def errors(self) -> list[tuple[str, str]]:
        """(id of the field, message) of every fault, in the order of the page."""
        found = [("", str(message)) for message in self.form.non_field_errors()]
        found += [("", str(message)) for message in self.involvements.non_form_errors()]
        for form in [self.form, *self.involvements.forms]:
            for bound in form:
                found += [(bound.auto_id, str(error)) for error in bound.errors]
        return found


def _in_words(involvements: Involvements) -> str:
    said = [f"{party} ({part})" if part else str(party) for party, part in involvements.items()]
    return ", ".join(sorted(said)) or NOTHING


class CloseForm(AsksAboutPersons, forms.Form):
    """How a situation ended."""

    PERSONAL_TEXTS = TEXTS

    outcome = forms.ChoiceField(
        label="Issue",
        choices=SituationOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites comment elle se termine."},
    )
    closing_note = forms.CharField(
        label="Bilan de clôture",
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4, "maxlength": 2000}),
        help_text="Ce qui a été fait, ce qui a changé. Ne quitte jamais l’opérateur.",
    )
    closed_on = forms.DateField(
        label="Close le",
        widget=DayInput,
        error_messages={"required": "Indiquez la date.", "invalid": NO_SUCH_DAY},
    )
    keep_personal = keep_personal_field(KEEP)

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        situation: Situation,
        today: date,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.situation, self.today = situation, today
        self.initial["closed_on"] = today

    def clean_closed_on(self) -> date:
        day: date = self.cleaned_data["closed_on"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        if day < self.situation.opened_on:
            raise ValidationError(
                f"Elle a été ouverte le {self.situation.opened_on:%d/%m/%Y} : "
                "la clôture ne peut pas précéder."
            )
        return day


class AgendaForm(forms.Form):
    """One line for a committee's agenda; the action says what it may not tell."""

    committee = KnownRow(
        label="Instance",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez une instance.",
            "invalid_choice": "Cette instance n’existe pas dans ce dispositif.",
        },
    )
    day = forms.DateField(
        label="Séance du",
        widget=DayInput,
        error_messages={"required": "Indiquez la date de la séance.", "invalid": NO_SUCH_DAY},
    )
    line = forms.CharField(
        label="Ce que l’instance lira",
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Une ligne, sans nom et sans lieu : « Un conflit de voisinage qui dure ».",
        error_messages={"required": "Écrivez ce que les partenaires liront."},
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        committees: dict[int, Committee],
        labels: dict[int, str],
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        field = own_field(self, "committee", KnownRow)
        field.rows = lambda: committees
        field.choices = [(key, labels[key]) for key in committees]

    @classmethod
    def next_session(
        cls, situation: Situation, membership: Membership, today: date
    ) -> dict[str, object]:
        """The nearest session on which another situation is put already: the likely one."""
        rows = AgendaLine.objects.visible_to(membership).filter(day__gte=today)
        own = set(situation.agenda_lines.values_list("committee", "day"))
        for found in rows.order_by("day", "pk").values_list("committee", "day"):
            if found not in own:
                return {"committee": found[0], "day": found[1]}
        return {}


class ThreadForm(forms.Form):
    """The open situation whose thread an activity joins, or none."""

    situation = KnownRow(label="Situation", required=False, widget=forms.Select)

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        frame: Frame,
        current: Situation | None,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.initial["situation"] = current.pk if current else None
        field = own_field(self, "situation", KnownRow)
        field.rows = lambda: frame.open_situations | ({current.pk: current} if current else {})
        field.choices = lambda: [
            ("", "Aucune"),
            *(
                (key, f"{row.title} ({frame.places[row.place_id]})")
                for key, row in field.rows().items()
            ),
        ]
