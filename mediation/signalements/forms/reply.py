"""Forms of answers: by the link, in the application, heard by phone or in person."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Required, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.models import Contact
from humanicite.lib import pictures
from humanicite.lib.dates import day_label
from humanicite.lib.forms import (
    NO_SUCH_DAY,
    ChipSelect,
    ChipsOr,
    Data,
    DayInput,
    Files,
    FormOptions,
    KnownRow,
    own_field,
    own_widget,
)
from mediation import personal
from mediation.routing.rules import Routing

from ..models.recipients import Recipient, Reply
from ..models.relays import Channel, Relay

LONGEST_COMMENT = 2000  # characters
LATEST_PROMISE = timedelta(days=730)  # beyond, a year was mistyped
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


class ReplyForm(forms.Form):
    """One of the four answers to a signalement, with what it needs; `uid` makes it arrive once."""

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
        widget=ChipsOr(DayInput(), "Choisir une date"),
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

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        today: date,
        recipient: Recipient | None = None,
        **options: Unpack[FormOptions],
    ):
        super().__init__(data, files, **options)
        self.today = today
        self.initial.setdefault("uid", uuid.uuid4())
        promise = own_widget(self, "promised_on", ChipsOr)
        promise.other.attrs["min"] = today.isoformat()
        promise.chips = lambda: self._days(recipient.signalement.due_on if recipient else None)
        if recipient is not None:
            for name in ("reply", "promised_on", "redirect_to"):
                self.initial.setdefault(name, getattr(recipient, name))

    def _days(self, due_on: date | None) -> list[tuple[str, str]]:
        """No day, the end of this week, the day an answer is due by: as chips."""
        friday = self.today + timedelta(days=(4 - self.today.weekday()) % 7)
        week = (
            "Cette semaine" if friday - self.today < timedelta(days=5) else "La semaine prochaine"
        )
        days = {
            "": "Pas encore de date",
            friday.isoformat(): f"{week}, {day_label(friday, self.today)}",
        }
        if due_on and due_on >= self.today:
            days[due_on.isoformat()] = f"Avant l’échéance, {day_label(due_on, self.today)}"
        return list(days.items())

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
            return  # the signalement's own day holds
        if day < self.today:
            self.add_error("promised_on", "Cette date est passée.")
        elif day > self.today + LATEST_PROMISE:
            self.add_error("promised_on", "Cette date est à plus de deux ans : vérifiez l’année.")


class AnswerForm(ReplyForm):
    """What an addressee says of a signalement, by the link of the mail or in the application.

    `cleaned_data["photo"]` is a picture made anew, for `actions_signalements.add_signalement_photo`.
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


def contacts_by_party(rows: Iterable[Contact]) -> list[Any]:
    found: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        label = f"{row}, suppléant" if row.is_backup else str(row)
        found.setdefault(row.party.name, []).append((row.pk, label))
    return list(found.items())


class HeardOptions(FormOptions, total=False):
    """What a form of an answer takes besides."""

    today: Required[date]
    recipient: Recipient | None


class HeardForm(ReplyForm):
    """An answer that somebody of the team heard, if there was one, and what was said besides."""

    note = forms.CharField(
        label="Ce qui a été dit",
        max_length=Relay._meta.get_field("note").max_length,
        widget=forms.Textarea({"rows": 3}),
        help_text="Reste chez l’opérateur.",
        error_messages={"required": "Dites en quelques mots ce qui a été dit."},
    )

    def __init__(
        self, data: Data = None, files: Files = None, **options: Unpack[HeardOptions]
    ) -> None:
        super().__init__(data, files, **options)
        reply = own_field(self, "reply", forms.ChoiceField)
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
        self,
        data: Data = None,
        files: Files = None,
        *,
        routing: Routing,
        recipients: Iterable[Recipient],
        **options: Unpack[HeardOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.initial.setdefault("day", self.today)
        self.fields["note"].required = False
        addressed = {row.contact_id: row.contact for row in recipients}
        rows = addressed | routing.contacts
        self.addressed = set(addressed)
        field = own_field(self, "contact", KnownRow)
        field.rows = lambda: rows
        others = [row for key, row in rows.items() if key not in addressed]
        field.choices = [
            ("", "Choisir…"),
            ("Destinataires", [(key, str(row)) for key, row in addressed.items()]),
            *contacts_by_party(others),
        ]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur.")
        return day

    def clean(self) -> dict[str, object]:
        data = super().clean()
        contact = data.get("contact")
        if data.get("reply") and contact is not None and contact.pk not in self.addressed:
            self.add_error("reply", NO_ADDRESSEE)
        return data
