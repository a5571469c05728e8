"""Forms of signalements: writing one, answering it, its course, its routing."""

import uuid
from datetime import date
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.base import is_current
from governance.models import Contact, Membership
from humanicite.lib.dates import NBSP, add_working_days, long_day
from humanicite.lib.forms import (
    CHOOSE,
    NO_SUCH_DAY,
    Data,
    DayInput,
    Files,
    KnownRow,
    KnownRows,
    ModelFormOptions,
    grouped,
    named_choices,
    own_field,
    target,
)
from humanicite.lib.text import printable
from mediation.activities.models import Activity, Consent
from mediation.frame.models import Frame
from mediation.routing.rules import Proposal, Routing

from ..delays import answer_days
from ..models.signalements import NOTHING_SEEN, Signalement, Urgency, retired_of
from .reply import LATEST_PROMISE, refuse_a_person

TEXTS = ("title", "where", "since", "description", "expected")  # what leaves the operator


def delay_in_words(days: int, today: date) -> str:
    """« 2 jours ouvrés, vendredi 20 mars »."""
    if not days:
        return "le jour même, après un appel"
    due = add_working_days(today, days)
    words = "jour ouvré" if days == 1 else "jours ouvrés"
    return f"{days}{NBSP}{words}, {long_day(due, with_year=due.year != today.year)}"


class UrgencyTiles(forms.RadioSelect):
    template_name = "components/urgency_tiles.html"
    today: date
    days: dict[Urgency, int]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, object]:
        option = super().create_option(name, value, *args, **kwargs)
        days = self.days[Urgency(value)]
        option["delay"] = delay_in_words(days, self.today)
        option["attrs"]["data-due"] = add_working_days(self.today, days).isoformat()
        return option


class SignalementForm(forms.ModelForm):
    """A signalement before it leaves. Five things make it: what, where, how urgent, seen when, to whom."""

    place = KnownRow(
        label="Où",
        widget=forms.Select,
        error_messages={"required": "Choisissez un lieu."},
    )
    theme = KnownRow(label="Thématique", required=False, widget=forms.Select)
    urgency = forms.ChoiceField(
        label="Urgence",
        choices=Urgency.choices,
        widget=UrgencyTiles,
        error_messages={"required": "Choisissez une urgence."},
    )
    contacts = KnownRows(
        label="Destinataires",
        required=False,
        error_messages={
            "invalid_choice": "Un interlocuteur choisi n’est plus en fonction, ou n’a pas d’adresse."
        },
    )
    # Never ticked beforehand: an activity's photos are the operator's until somebody says otherwise.
    takes_photos = forms.BooleanField(label="Joindre les photos de l’activité", required=False)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Signalement
        fields = [
            "title", "place", "where", "theme", "since", "observed_on", "description", "expected",
            "urgency", "due_on", "is_confidential", "consent",
        ]  # fmt: skip
        widgets = {
            "title": forms.TextInput(
                {"autocomplete": "off", "placeholder": f"ex.{NBSP}: Éclairage éteint"}
            ),
            "where": forms.TextInput({"autocomplete": "off"}),
            "since": forms.TextInput({"autocomplete": "off"}),
            "observed_on": DayInput(),
            "due_on": DayInput(),
            "description": forms.Textarea({"rows": 4, "maxlength": 2000}),
        }
        labels = {"title": "Quoi", "due_on": "Autre échéance", "is_confidential": "Confidentiel"}
        help_texts = {
            "title": "En quelques mots, sans nom : c’est l’objet du courriel.",
            "where": "« Devant le hall nord, second candélabre ».",
            "since": "« Depuis lundi », « depuis deux semaines ».",
            "consent": "Si le signalement vient d’une personne : accepte-t-elle qu’il parte ? Reste "
            "chez l’opérateur.",
            "description": "Ce qui se voit, sans nom d’habitant : ce texte quitte l’opérateur.",
            "due_on": "Vide : celle de l’urgence, comptée du jour de l’envoi.",
        }
        error_messages = {
            "title": {
                "required": "Dites en quelques mots ce qui est signalé.",
                "max_length": "120 caractères au plus : le reste va dans le constat.",
            },
            "observed_on": {"invalid": NO_SUCH_DAY, "required": "Indiquez la date du constat."},
            "due_on": {"invalid": NO_SUCH_DAY},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        today: date,
        routing: Routing,
        activity: Activity | None = None,
        has_photos: bool = False,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.membership, self.today, self.routing, self.activity = (
            membership,
            today,
            routing,
            activity,
        )
        self.has_photos = has_photos  # kept, or sent with the form
        self.fields["description"].instead = "ou une photo"  # type: ignore[attr-defined]  # of our templates
        self.frame = Frame(membership.programme_id)
        saved = self.instance
        self.is_new = saved.pk is None
        saved.programme_id = membership.programme_id
        self.fields["urgency"].widget.today = today
        self.fields["urgency"].widget.days = answer_days(membership.programme_id)
        consent = own_field(self, "consent", forms.ChoiceField)
        consent.choices = [("", "Non précisé"), *Consent.choices]
        self.fields["observed_on"].widget.attrs["max"] = today.isoformat()
        self.fields["due_on"].widget.attrs["min"] = today.isoformat()
        self._offer()
        if self.is_new:
            saved.author_id = membership.user_id
            self.initial.setdefault("uid", uuid.uuid4())
            self.initial["observed_on"] = self.initial.get("observed_on") or today
            self.initial["urgency"] = Urgency.NORMALE
            if "contacts" not in self.initial:
                self.initial["contacts"] = [row.pk for row in self.proposal.main]
        else:
            self.initial["uid"] = saved.uid
            self.initial["contacts"] = list(saved.chosen.values_list("pk", flat=True))

    def _offer(self) -> None:
        kept_place, kept_theme = self.instance.place_id, self.instance.theme_id
        place = own_field(self, "place", KnownRow)
        place.rows = lambda: {
            key: row
            for key, row in self.frame.places.items()
            if is_current(row, self.today, kept_place)
        }
        place.choices = lambda: [
            ("", CHOOSE),
            *((key, named_choices(row)) for key, row in place.rows().items()),
        ]
        theme = own_field(self, "theme", KnownRow)
        theme.rows = lambda: {
            key: row
            for key, row in self.frame.themes.items()
            if is_current(row, self.today, kept_theme)
        }
        theme.choices = lambda: grouped(
            ((row.group, row) for row in theme.rows().values()), "Aucune"
        )
        contacts = own_field(self, "contacts", KnownRows)
        contacts.rows = lambda: {
            key: row for key, row in self.routing.contacts.items() if row.is_designated
        }

    @property
    def proposal(self) -> Proposal:
        """For the place and the theme that the form shows."""
        return self.routing.proposed(self._shown("place"), self._shown("theme"))

    def _shown(self, name: str) -> Any:
        field = own_field(self, name, KnownRow)
        value = self[name].value()
        key = str(getattr(value, "pk", value) or "")
        return field.rows().get(int(key)) if key.isdigit() and len(key) < 12 else None

    def offered(self) -> list[dict[str, object]]:
        """Contacts by party, as the page shows them: those proposed first."""
        ticked = {str(key) for key in self["contacts"].value() or []}
        proposal = self.proposal
        main = {row.pk for row in proposal.main}
        backups = {row.pk for row in proposal.backups}
        parties = []
        for name, rows in self.routing.by_party():
            lines = [
                {
                    "contact": row,
                    "id": f"id_contacts_{row.pk}",
                    "is_ticked": str(row.pk) in ticked,
                    "is_proposed": row.pk in main,
                    "is_backup": row.pk in backups,
                }
                for row in rows
            ]
            reached = any(line["is_proposed"] or line["is_backup"] for line in lines)
            shown = reached or any(line["is_ticked"] for line in lines)
            parties.append({"name": name, "lines": lines, "is_shown": shown})
        parties.sort(key=lambda party: not party["is_shown"])
        return parties

    def _clean_text(self, name: str) -> str:
        text = printable(self.cleaned_data[name])
        text = text.strip() if name == "description" else " ".join(text.split())
        return refuse_a_person(text, "Reformulez : ce texte quitte l’opérateur.")

    def clean_title(self) -> str:
        return self._clean_text("title")

    def clean_where(self) -> str:
        return self._clean_text("where")

    def clean_since(self) -> str:
        return self._clean_text("since")

    def clean_description(self) -> str:
        return self._clean_text("description")

    def clean_expected(self) -> str:
        return self._clean_text("expected")

    def clean_observed_on(self) -> date:
        day: date = self.cleaned_data["observed_on"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        if day < self.today - LATEST_PROMISE:
            raise ValidationError("Ce constat a plus de deux ans : vérifiez l’année.")
        return day

    def clean_due_on(self) -> date | None:
        day: date | None = self.cleaned_data["due_on"]
        if day and day < self.today:
            raise ValidationError("Cette échéance est passée.")
        if day and day > self.today + LATEST_PROMISE:
            raise ValidationError("Cette échéance est à plus de deux ans : vérifiez l’année.")
        return day

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        photos = self.has_photos or (self.photos_from and self.photos_from.photos.exists())
        if not data.get("description") and "description" not in self.errors and not photos:
            self.add_error("description", NOTHING_SEEN)
        for name, text in retired_of(data.get("place"), data.get("theme"), self.today).items():
            self.add_error(name, text)
        return data

    @property
    def recipients(self) -> list[Contact]:
        """Those who were ticked; nobody ticked: those that the rules propose."""
        chosen: list[Contact] = self.cleaned_data["contacts"]
        if chosen:
            return chosen
        proposal = self.routing.proposed(self.cleaned_data["place"], self.cleaned_data["theme"])
        return list(proposal.main)

    @property
    def photos_from(self) -> Activity | None:
        """The activity whose photos go along, if somebody ticked it."""
        return self.activity if self.cleaned_data.get("takes_photos") else None

    @property
    def changed_fields(self) -> list[str]:
        return [name for name in self.changed_data if name not in ("uid", "takes_photos")]

    def faults(self) -> list[tuple[str, str]]:
        """(id of the field, message) of every fault, in the order of the page."""
        found = [("", str(message)) for message in self.non_field_errors()]
        for bound in self:
            # Recipients are boxes by party, in a group of their own.
            where = bound.auto_id if bound.name == "contacts" else target(bound)
            found += [(where, f"{bound.label} : {error}") for error in bound.errors]
        return found

    def _get_validation_exclusions(self) -> set[str]:
        # Said beside its field above; the action checks the whole row again.
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known | set(self.fields)

    def add_error(self, field: str | None, error: Any) -> None:
        # What is said of a field already is not said again by the row as a whole.
        known = set(self.errors) if getattr(error, "error_dict", None) else set()
        if known:
            left = {name: rest for name, rest in error.error_dict.items() if name not in known}
            if not left:
                return
            error = ValidationError(left)
        super().add_error(field, error)
