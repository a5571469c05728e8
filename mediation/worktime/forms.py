"""Hours that are no activity: what the page of working time asks for (R27–R30)."""

import uuid
from datetime import date, timedelta
from typing import Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.models import Membership
from humanicite.lib.dates import format_duration, long_day
from humanicite.lib.forms import (
    ChipSelect,
    ChipsOr,
    Data,
    Files,
    ModelFormOptions,
    asked_day,
    asked_duration,
    own_widget,
    target,
)
from mediation.activities.forms import CHIP_MINUTES
from mediation.activities.models import LONGEST, SHORTEST

from .models import TimeEntry, TimeKind


class TimeEntryForm(forms.ModelForm):
    """Three fields are required; the day comes filled in."""

    kind = forms.ChoiceField(
        label="Nature",
        choices=TimeKind.choices,
        widget=ChipSelect,
        help_text="Le terrain se compte par les activités. L’encadrement est compté à part.",
        error_messages={"required": "Choisissez la nature de ce temps."},
    )
    minutes = asked_duration(SHORTEST, LONGEST)
    day = asked_day()
    uid = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = TimeEntry
        fields = ["kind", "minutes", "day", "starts_at", "note"]
        widgets = {"starts_at": forms.TimeInput({"type": "time"}, format="%H:%M")}
        help_texts = {
            "starts_at": "Pour compter les soirées et le repos entre deux jours.",
            "note": "Jamais de nom d’habitant.",
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
        self.today = today
        self.instance.programme_id = membership.programme_id
        self.initial["version"] = self.instance.version
        if self.instance.pk is None:
            self.initial.setdefault("uid", uuid.uuid4())
            self.initial["day"] = self.initial.get("day") or today
        else:
            self.initial["uid"] = self.instance.uid
            if self.instance.minutes not in CHIP_MINUTES:
                self.initial["minutes"] = format_duration(self.instance.minutes)
        minutes = own_widget(self, "minutes", ChipsOr)
        minutes.chips = lambda: [(str(chip), format_duration(chip)) for chip in CHIP_MINUTES]
        yesterday = today - timedelta(days=1)
        day = own_widget(self, "day", ChipsOr)
        day.chips = lambda: [
            (today.isoformat(), f"Aujourd’hui, {long_day(today, with_year=False)}"),
            (yesterday.isoformat(), f"Hier, {long_day(yesterday, with_year=False)}"),
        ]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur : notez ce temps une fois fait.")
        return day

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(id of the control, message); a group of choices has none of its own, its first does."""
        found = [("", str(message)) for message in self.non_field_errors()]
        for bound in self:
            found += [(target(bound), str(error)) for error in bound.errors]
        return found

    @property
    def said(self) -> list[str]:
        """The fields that say something of the hours, in their order."""
        return [name for name in self.fields if name not in ("uid", "version")]

    @property
    def changed(self) -> list[str]:
        return [name for name in self.said if name in self.changed_data]
