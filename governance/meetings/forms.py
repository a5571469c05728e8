"""What the pages of meetings ask for."""

import uuid
from collections.abc import Iterable
from datetime import date, time
from functools import partial
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.access.models import Membership
from governance.base import current
from governance.committees.models import Committee, CommitteeKind, Seat
from governance.contacts.models import Contact
from governance.parties.models import Party
from humanicite.lib.dates import NBSP, is_public_holiday, is_weekend, long_day
from humanicite.lib.forms import (
    CHOOSE,
    NO_SUCH_DAY,
    ClockField,
    Data,
    DayInput,
    Files,
    FormOptions,
    KnownRow,
    ModelFormOptions,
    own_field,
)
from humanicite.lib.persons import AsksAboutPersons, keep_personal_field

from .models import AgendaItem, Invitation, InvitationAnswer, Meeting, MeetingKind, Slot

KINDS_OF_STEERING = (MeetingKind.LAUNCH, MeetingKind.MIDTERM, MeetingKind.YEARLY)
MOST_SLOTS = 5
CLOCK = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": 6})
ENDS_FIRST = "L’heure de fin précède l’heure de début."
KEEP = "Garder ces mots : ils ne désignent aucun habitant"


class MeetingForm(AsksAboutPersons, forms.ModelForm):
    """What is doubtful of a date is told once, and may be confirmed."""

    PERSONAL_TEXTS = ("title", "message")

    committee = KnownRow(
        label="Instance",
        widget=forms.Select,
        error_messages={"required": "Choisissez l’instance."},
    )
    starts_at = ClockField(
        label="Début", widget=CLOCK, error_messages={"required": "À quelle heure ?"}
    )
    ends_at = ClockField(
        label="Fin", widget=CLOCK, error_messages={"required": "Jusqu’à quelle heure ?"}
    )
    confirmed = forms.BooleanField(label="Enregistrer quand même", required=False)
    keep_personal = keep_personal_field(KEEP)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = Meeting
        fields = [
            "committee", "kind", "title", "day", "starts_at", "ends_at", "venue", "link", "message",
        ]  # fmt: skip
        widgets = {
            "day": DayInput(),
            "link": forms.URLInput({"autocomplete": "off"}),
            "message": forms.Textarea({"rows": 4, "maxlength": 2000}),
        }
        help_texts = {
            "title": "Si le nom de l’instance ne suffit pas.",
            "message": "Placé au début de la convocation.",
        }
        error_messages = {
            "kind": {"required": "Choisissez la nature de la séance."},
            "day": {"invalid": NO_SUCH_DAY, "required": "Choisissez la date."},
            "link": {"invalid": "Cette adresse n’est pas complète : elle commence par https://"},
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        committees: dict[int, Committee],
        today: date,
        others: Any,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.today, self.others = today, others
        self.doubts: list[str] = []
        self.initial["uid"] = self.instance.uid if self.instance.pk else uuid.uuid4()
        for name in ("starts_at", "ends_at"):
            if isinstance(at := self.initial.get(name), time):
                self.initial[name] = f"{at:%H:%M}"
        self.body: Committee | None = None
        if self.instance.pk and not self.instance.is_draft:
            # Its invited know whose meeting it is.
            self.body = committees.get(self.instance.committee_id)
            del self.fields["committee"]
            return
        committee = own_field(self, "committee", KnownRow)
        committee.rows = lambda: committees
        committee.choices = [("", CHOOSE), *((key, row.name) for key, row in committees.items())]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        committee, kind = data.get("committee") or self.body, data.get("kind")
        is_steering = committee is not None and committee.kind == CommitteeKind.STEERING
        if committee is not None and kind in KINDS_OF_STEERING and not is_steering:
            self.add_error("kind", "Cette nature est celle d’un comité de pilotage.")
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", ENDS_FIRST)
        if not self.errors:
            self.doubts = self._doubts(data)
            if self.doubts and not data.get("confirmed"):
                for doubt in self.doubts:
                    self.add_error("day", doubt)
        return data

    def _doubts(self, data: dict[str, Any]) -> list[str]:
        """What may be meant, and often is not; of a saved meeting, only where its date changed."""
        day: date = data["day"]
        moved = {"day", "starts_at", "ends_at", "venue", "committee"} & set(self.changed_data)
        if self.instance.pk and not moved:
            return []
        found = []
        if day < self.today:
            found.append(f"Cette date est passée{NBSP}: {long_day(day)}.")
        if is_public_holiday(day):
            found.append(f"Le {long_day(day)} est férié.")
        elif is_weekend(day):
            found.append(f"Le {long_day(day)} tombe en fin de semaine.")
        # Its own first sending is no other meeting.
        others = [row for row in self.others(day) if row.uid != data.get("uid")]
        return found + clashes(data | {"committee": data.get("committee") or self.body}, others)

    @property
    def asks_to_confirm(self) -> bool:
        return bool(self.doubts) or bool(self.data.get("confirmed"))

    def _get_validation_exclusions(self) -> set[str]:
        # The action checks the whole row.
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known | set(self.fields)


def clashes(data: dict[str, Any], others: Iterable[Meeting]) -> list[str]:
    """Other meetings of that day: of the same body, or at the same time in the same place or with
    the same parties."""
    found = []
    mine = {seat.party_id for seat in data["committee"].seats.all() if seat.holds(data["day"])}
    for other in others:
        hours = f"de {other.starts_at:%H:%M} à {other.ends_at:%H:%M}"
        if other.committee_id == data["committee"].pk:
            found.append(f"{other.committee} se réunit déjà ce jour-là, {hours}.")
            continue
        if other.ends_at <= data["starts_at"] or other.starts_at >= data["ends_at"]:
            continue
        if data.get("venue") and other.venue.casefold() == data["venue"].casefold():
            found.append(f"Le lieu est pris {hours}{NBSP}: {other.name}.")
        theirs = {row.party for row in other.invitations.all() if row.party_id in mine - {None}}
        if theirs:
            named = ", ".join(sorted(str(party) for party in theirs))
            found.append(f"{named} sont attendus {hours}{NBSP}: {other.name}.")
    return found


class ItemForm(AsksAboutPersons, forms.ModelForm):
    """A point, whose words go to all who are asked."""

    PERSONAL_TEXTS = ("title", "details")

    keep_personal = keep_personal_field(KEEP)
    owner = KnownRow(label="Porté par", widget=forms.Select, required=False)
    uid = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = AgendaItem
        fields = ["title", "details", "minutes", "owner", "is_confidential"]
        widgets = {
            "title": forms.TextInput({"autocomplete": "off"}),
            "details": forms.Textarea({"rows": 3, "maxlength": 2000}),
            "minutes": forms.NumberInput({"min": 1, "max": 480, "inputmode": "numeric"}),
        }
        labels = {"is_confidential": "Confidentiel : réservé aux membres, pas aux invités"}
        help_texts = {"details": "Jamais de nom d’habitant."}
        error_messages = {"title": {"required": "Dites quel est ce point."}}

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        parties: dict[int, Party],
        **options: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        self.initial["uid"] = self.instance.uid if self.instance.pk else uuid.uuid4()
        owner = own_field(self, "owner", KnownRow)
        owner.rows = lambda: parties
        owner.choices = [("", CHOOSE), *((key, str(row)) for key, row in parties.items())]

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_minutes(self) -> int | None:
        minutes: int | None = self.cleaned_data["minutes"]
        if minutes is not None and not 1 <= minutes <= 480:
            raise ValidationError("Entre 1 et 480 minutes.")
        return minutes

    def _get_validation_exclusions(self) -> set[str]:
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known | set(self.fields)


class GuestForm(forms.Form):
    """A guest: from those that the committee may invite, a contact, or typed."""

    seat = KnownRow(label="Invité selon l’ordre du jour", widget=forms.Select, required=False)
    contact = KnownRow(label="Interlocuteur connu", widget=forms.Select, required=False)
    function = forms.CharField(label="Fonction", max_length=160, required=False)
    organisation = forms.CharField(label="Organisation", max_length=160, required=False)
    email = forms.EmailField(
        label="Adresse électronique",
        required=False,
        error_messages={"invalid": "Cette adresse n’est pas complète."},
    )

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        seats: dict[int, Seat],
        contacts: dict[int, Contact],
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        for name, rows in (("seat", seats), ("contact", contacts)):
            field = own_field(self, name, KnownRow)
            field.rows = partial(dict, rows)
            field.choices = [("", CHOOSE), *((key, _named(row)) for key, row in rows.items())]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        contact, seat = data.get("contact"), data.get("seat")
        data["function"] = (
            data.get("function") or (contact and contact.function) or (seat and seat.function) or ""
        )
        data["organisation"] = data.get("organisation") or (seat and seat.label) or ""
        if "email" not in self.errors:
            data["email"] = data.get("email") or (contact and contact.email) or ""
        if not data["function"]:
            self.add_error("function", "Dites quelle fonction est invitée.")
        if contact is None and not data["organisation"]:
            self.add_error("organisation", "Dites au nom de qui cette personne vient.")
        return data

    def invitation(self, meeting: Meeting) -> Invitation:
        data = self.cleaned_data
        contact = data["contact"]
        return Invitation(
            meeting=meeting,
            seat=data["seat"],
            contact=contact,
            party=contact.party if contact else (data["seat"].party if data["seat"] else None),
            function=data["function"],
            organisation=data["organisation"],
            email=data["email"].lower(),
            is_guest=True,
        )


def _named(row: Any) -> str:
    if isinstance(row, Contact):
        return f"{row.function}, {row.party}"
    return f"{row.label or row.party}" + (f" ({row.function})" if row.function else "")


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label="Votre réponse",
        choices=[choice for choice in InvitationAnswer.choices if choice[0]],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez une réponse.",
            "invalid_choice": "Choisissez une réponse.",
        },
    )
    represented_by = forms.CharField(
        label="Représenté par (fonction)", max_length=160, required=False
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        represented = data.get("answer") == InvitationAnswer.REPRESENTED
        if represented and not (data.get("represented_by") or "").strip():
            self.add_error("represented_by", "Dites quelle fonction vous représente.")
        return data


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Motif",
        max_length=200,
        help_text="Lu par tous les invités.",
        error_messages={"required": "Dites pourquoi la séance est annulée."},
    )


class SlotForm(forms.Form):
    day = forms.DateField(
        label="Date", widget=DayInput(), required=False, error_messages={"invalid": NO_SUCH_DAY}
    )
    starts_at = ClockField(label="Début", widget=CLOCK, required=False)
    ends_at = ClockField(label="Fin", widget=CLOCK, required=False)

    def __init__(
        self, data: Data = None, files: Files = None, *, today: date, **options: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **options)
        self.today = today

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not any(data.get(name) for name in self.fields) or self.errors:
            return data
        for name, said in (
            ("day", "Quel jour ?"),
            ("starts_at", "À quelle heure ?"),
            ("ends_at", "Jusqu’à quelle heure ?"),
        ):
            if not data.get(name):
                self.add_error(name, said)
        if self.errors:
            return data
        if data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", ENDS_FIRST)
        day = data["day"]
        if day <= self.today:
            self.add_error("day", "Cette date est passée.")
        elif is_public_holiday(day):
            self.add_error("day", f"Le {long_day(day)} est férié.")
        elif is_weekend(day):
            self.add_error("day", f"Le {long_day(day)} tombe en fin de semaine.")
        return data

    @property
    def slot(self) -> tuple[date, time, time] | None:
        data = self.cleaned_data
        if not data.get("day"):
            return None
        return data["day"], data["starts_at"], data["ends_at"]


SlotFormSet = forms.formset_factory(SlotForm, extra=0, min_num=MOST_SLOTS, max_num=MOST_SLOTS)


def proposed_slots(slots: Iterable[Slot], meeting: Meeting) -> list[dict[str, object]]:
    """What the page of dates begins with: those proposed before, else the meeting's own first."""
    rows = [
        {
            "day": slot.day,
            "starts_at": f"{slot.starts_at:%H:%M}",
            "ends_at": f"{slot.ends_at:%H:%M}",
        }
        for slot in slots
    ]
    hours = {"starts_at": f"{meeting.starts_at:%H:%M}", "ends_at": f"{meeting.ends_at:%H:%M}"}
    rows = rows or [{"day": meeting.day, **hours}]
    return rows[:MOST_SLOTS]


def parties_of(membership: Membership, on: date, keep: int | None = None) -> dict[int, Party]:
    rows = Party.objects.visible_to(membership).filter(current(on, keep))
    return {row.pk: row for row in rows}
