"""Forms of signalements: writing one, answering it, its course, its routing."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.base import is_current
from governance.models import Contact, Membership
from humanicite.lib import pictures
from humanicite.lib.dates import NBSP, add_working_days, long_day
from humanicite.lib.forms import (
    CHOOSE,
    NO_SUCH_DAY,
    ChipSelect,
    DayInput,
    KnownRow,
    KnownRows,
    grouped,
    named_choices,
    target,
)
from humanicite.lib.text import printable
from mediation import personal

from .activities.models import Activity
from .frame.models import Frame
from .models.signalements import (
    WORKING_DAYS,
    Channel,
    Recipient,
    Relay,
    Reply,
    SheetState,
    Signalement,
    Urgency,
)
from .routing.rules import Proposal, Routing, likely

LONGEST_COMMENT = 2000  # characters
LATEST_PROMISE = timedelta(days=730)  # beyond, a year was mistyped
TEXTS = ("title", "where", "since", "description", "expected")  # what leaves the operator
NO_ADDRESSEE = (
    "Cet interlocuteur n’est pas destinataire : adressez-lui d’abord le signalement, ou laissez "
    "« Aucune pour l’instant »."
)


def refuse_a_person(text: str, advice: str) -> str:
    """The text, if it seems to name nobody. Raises ValidationError."""
    if found := personal.find(text):
        raise ValidationError(
            f"Ce texte semble identifier quelqu’un : {personal.said(found)}. {advice}"
        )
    return text


# --- The answer -----------------------------------------------------------------------------------
class ReplyForm(forms.Form):
    """One of the four answers to a sheet, with what it needs; `uid` makes it arrive once."""

    reply = forms.ChoiceField(
        label="Votre réponse",
        choices=Reply.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez une réponse.",
            "invalid_choice": "Cette réponse n’existe pas.",
        },
    )
    promised_on = forms.DateField(
        label="Pour quand",
        required=False,
        widget=DayInput,
        help_text="Avec « Je m’en occupe ».",
        error_messages={"invalid": NO_SUCH_DAY},
    )
    redirect_to = forms.CharField(
        label="De quel ressort",
        required=False,
        max_length=160,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Avec « Pas de mon ressort » : le service ou la partie à qui l’adresser.",
    )
    uid = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, today: date, recipient: Recipient | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today
        self.initial.setdefault("uid", uuid.uuid4())
        self.fields["promised_on"].widget.attrs["min"] = today.isoformat()
        if recipient is not None:
            for name in ("reply", "promised_on", "redirect_to"):
                self.initial.setdefault(name, getattr(recipient, name))

    def clean_uid(self) -> uuid.UUID:
        return self.cleaned_data["uid"] or uuid.uuid4()

    def clean_redirect_to(self) -> str:
        text = " ".join(self.cleaned_data["redirect_to"].split())
        return refuse_a_person(text, "Nommez un service ou une partie.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reply") == Reply.EN_CHARGE:
            self._check_promise(data.get("promised_on"))
        elif "promised_on" not in self.errors:
            data["promised_on"] = None
        if data.get("reply") == Reply.AUTRE:
            if not data.get("redirect_to") and "redirect_to" not in self.errors:
                self.add_error(
                    "redirect_to", "Dites de quel ressort c’est : un service, une partie."
                )
        elif "redirect_to" not in self.errors:
            data["redirect_to"] = ""
        return data

    def _check_promise(self, day: date | None) -> None:
        if "promised_on" in self.errors:
            return
        if day is None:
            self.add_error("promised_on", "Dites pour quand.")
        elif day < self.today:
            self.add_error("promised_on", "Cette date est passée.")
        elif day > self.today + LATEST_PROMISE:
            self.add_error("promised_on", "Cette date est à plus de deux ans : vérifiez l’année.")


class AnswerForm(ReplyForm):
    """What an addressee says of a sheet, by the link of the mail or in the application.

    `cleaned_data["photo"]` is a picture made anew, for `actions_signalements.add_sheet_photo`.
    """

    comment = forms.CharField(
        label="Commentaire",
        required=False,
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_COMMENT}),
        help_text="Sans nom d’habitant.",
    )
    photo = forms.FileField(
        label="Photo",
        required=False,
        widget=forms.ClearableFileInput({"accept": pictures.ACCEPT}),
        help_text="JPEG, PNG ou WebP, 10 Mo au plus, sans visage ni plaque.",
        error_messages={"empty": pictures.EMPTY},
    )
    field_order = ["reply", "promised_on", "redirect_to", "comment", "photo"]

    def clean_photo(self) -> pictures.Picture | None:
        upload = self.cleaned_data["photo"]
        return pictures.made_anew(upload) if upload else None


# --- Writing --------------------------------------------------------------------------------------
def delay_in_words(urgency: str, today: date) -> str:
    """« 2 jours ouvrés, vendredi 20 mars »."""
    days = WORKING_DAYS[Urgency(urgency)]
    if not days:
        return "le jour même, après un appel"
    due = add_working_days(today, days)
    return f"{days}{NBSP}jours ouvrés, {long_day(due, with_year=due.year != today.year)}"


class UrgencyTiles(forms.RadioSelect):
    template_name = "components/urgency_tiles.html"
    today: date

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["delay"] = delay_in_words(value, self.today)
        option["attrs"]["data-due"] = add_working_days(
            self.today, WORKING_DAYS[Urgency(value)]
        ).isoformat()
        return option


class SheetForm(forms.ModelForm):
    """A sheet before it leaves. Five things make it: what, where, how urgent, seen when, to whom."""

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
            "urgency", "due_on", "is_confidential",
        ]  # fmt: skip
        widgets = {
            "title": forms.TextInput({"autocomplete": "off", "placeholder": "Éclairage éteint"}),
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
        *args: Any,
        membership: Membership,
        today: date,
        routing: Routing,
        activity: Activity | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.membership, self.today, self.routing, self.activity = (
            membership, today, routing, activity,
        )  # fmt: skip
        self.frame = Frame(membership.programme_id)
        saved = self.instance
        self.is_new = saved.pk is None
        saved.programme_id = membership.programme_id
        self.fields["urgency"].widget.today = today
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
        place: Any = self.fields["place"]
        place.rows = lambda: {
            key: row
            for key, row in self.frame.places.items()
            if is_current(row, self.today, kept_place)
        }
        place.choices = lambda: [
            ("", CHOOSE),
            *((key, named_choices(row)) for key, row in place.rows().items()),
        ]
        theme: Any = self.fields["theme"]
        theme.rows = lambda: {
            key: row
            for key, row in self.frame.themes.items()
            if is_current(row, self.today, kept_theme)
        }
        theme.choices = lambda: grouped(
            ((row.group, row) for row in theme.rows().values()), "Aucune"
        )
        contacts: Any = self.fields["contacts"]
        contacts.rows = lambda: {
            key: row for key, row in self.routing.contacts.items() if row.is_designated
        }

    @property
    def proposal(self) -> Proposal:
        """For the place and the theme that the form shows."""
        return self.routing.proposed(self._shown("place"), self._shown("theme"))

    def _shown(self, name: str) -> Any:
        field: Any = self.fields[name]
        value = self[name].value()
        key = str(getattr(value, "pk", value) or "")
        return field.rows().get(int(key)) if key.isdigit() and len(key) < 12 else None

    def offered(self) -> list[dict[str, Any]]:
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
        return self.activity if self.cleaned_data["takes_photos"] else None

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
        return super()._get_validation_exclusions() | set(self.fields)  # type: ignore[misc]

    def add_error(self, field: str | None, error: Any) -> None:
        # What is said of a field already is not said again by the row as a whole.
        known = set(self.errors) if getattr(error, "error_dict", None) else set()
        if known:
            left = {name: rest for name, rest in error.error_dict.items() if name not in known}
            if not left:
                return
            error = ValidationError(left)
        super().add_error(field, error)


# --- Its course -----------------------------------------------------------------------------------

# What the operator's team may decide, in the order of the page, and whether it needs a reason.
DECISIONS = (
    (SheetState.RESOLU_VERIFIE, "Résolu : vérifié sur place", False),
    ("rouvrir", "Rouvrir : ce n’est pas réglé", False),
    (SheetState.NON_RESOLU, "Non résolu : on s’arrête là", True),
    (SheetState.ANNULE, "Annuler : signalé par erreur", True),
)


class DecisionForm(forms.Form):
    """Where a sheet goes from here, and why."""

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

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(offered)

    def offer(self, offered: Iterable[tuple[str, str]]) -> None:
        """What may be chosen now; which of it needs a reason is said beside that field."""
        offered = list(offered)
        to: Any = self.fields["to"]
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

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs = {value for value, _, needed in DECISIONS if needed}
        if data.get("to") in needs and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Dites pourquoi.")
        return data


class RedirectForm(forms.Form):
    """Whom else a sheet goes to: a contact who can be written to, and who has not had it."""

    contact = KnownRow(
        label="À qui",
        widget=forms.Select,
        error_messages={
            "required": "Choisissez un interlocuteur.",
            "invalid_choice": "Cet interlocuteur n’a pas d’adresse, ou a déjà reçu ce signalement.",
        },
    )

    def __init__(
        self, *args: Any, routing: Routing, had_it: set[int], named: str = "", **kwargs: Any
    ) -> None:
        """`named`: whom those who refused named instead."""
        super().__init__(*args, **kwargs)
        rows = {
            key: row
            for key, row in routing.contacts.items()
            if row.is_designated and key not in had_it
        }
        field: Any = self.fields["contact"]
        field.rows = lambda: rows
        field.choices = [("", "Choisir…"), *_contacts_by_party(rows.values())]
        self.initial["contact"] = likely(rows.values(), named)
        self.has_choice = bool(rows)


def _contacts_by_party(rows: Iterable[Contact]) -> list[Any]:
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        label = f"{row}, suppléant" if row.is_backup else str(row)
        found.setdefault(row.party.name, []).append((row.pk, label))
    return list(found.items())


class HeardForm(ReplyForm):
    """An answer that somebody of the team heard, if there was one, and what was said besides."""

    note = forms.CharField(
        label="Ce qui a été dit",
        max_length=Relay._meta.get_field("note").max_length,
        widget=forms.Textarea({"rows": 3}),
        help_text="Reste chez l’opérateur.",
        error_messages={"required": "Dites en quelques mots ce qui a été dit."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reply: Any = self.fields["reply"]
        reply.label, reply.required = "Sa réponse", False
        reply.choices = [("", "Aucune pour l’instant"), *Reply.choices]
        self.initial.setdefault("reply", "")


class RelayForm(HeardForm):
    """What was said to a contact in person or by phone, and what they answered (R70, R71)."""

    channel = forms.ChoiceField(
        label="Comment",
        choices=Channel.choices,
        widget=ChipSelect,
        error_messages={"required": "Dites par quel canal."},
    )
    contact = KnownRow(
        label="À qui",
        widget=forms.Select,
        error_messages={
            "required": "Choisissez l’interlocuteur.",
            "invalid_choice": "Cet interlocuteur n’existe pas dans ce dispositif.",
        },
    )
    day = forms.DateField(
        label="Le",
        widget=DayInput,
        error_messages={"required": "Indiquez la date.", "invalid": NO_SUCH_DAY},
    )
    field_order = ["channel", "contact", "day", "note", "reply", "promised_on", "redirect_to"]

    def __init__(
        self, *args: Any, routing: Routing, recipients: Iterable[Recipient], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("day", self.today)
        self.fields["note"].required = False
        addressed = {row.contact_id: row.contact for row in recipients}
        rows = addressed | routing.contacts
        self.addressed = set(addressed)
        field: Any = self.fields["contact"]
        field.rows = lambda: rows
        others = [row for key, row in rows.items() if key not in addressed]
        field.choices = [
            ("", "Choisir…"),
            ("Destinataires", [(key, str(row)) for key, row in addressed.items()]),
            *_contacts_by_party(others),
        ]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        contact = data.get("contact")
        if data.get("reply") and contact is not None and contact.pk not in self.addressed:
            self.add_error("reply", NO_ADDRESSEE)
        return data


class ObservationForm(forms.Form):
    """The same thing seen again: joins the sheet's timeline, which its addressees read."""

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
