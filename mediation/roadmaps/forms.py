"""What the pages of roadmaps ask for."""

import uuid
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from governance.base import is_current
from governance.models import CommitteeKind, Meeting, MeetingState, Membership
from humanicite.lib.dates import NBSP
from humanicite.lib.forms import (
    CHOOSE,
    NO_SUCH_DAY,
    DayInput,
    KnownRow,
    named_choices,
    own_field,
    target,
)
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .models import PlannedAction, PlannedState, Roadmap, RoadmapState

GIVEN_UP = (PlannedState.CARRIED, PlannedState.DROPPED)


class Faults(forms.BaseForm):
    @property
    def faults(self) -> list[tuple[str, str]]:
        """(id of the control, message) of every fault, in the order of the page."""
        found = [("", str(message)) for message in self.non_field_errors()]
        for bound in self:
            found += [(target(bound), str(error)) for error in bound.errors]
        return found


class YearForm(Faults, forms.Form):
    year = forms.IntegerField(
        label="Année",
        error_messages={
            "required": "Indiquez l’année.",
            "invalid": f"Écrivez une année{NBSP}: 2027.",
        },
    )

    def __init__(self, data: QueryDict | None, *, today: date) -> None:
        super().__init__(data, initial={"year": today.year})
        self.today = today

    def clean_year(self) -> int:
        year: int = self.cleaned_data["year"]
        if not self.today.year - 5 <= year <= self.today.year + 2:
            raise ValidationError(
                f"Une feuille de route est de {self.today.year - 5} à {self.today.year + 2}."
            )
        return year


class RoadmapForm(Faults, forms.Form):
    goals = forms.CharField(
        label="Objectifs généraux",
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 6, "maxlength": 4000}),
        help_text="Ce que les parties attendent de la période, en quelques phrases.",
    )
    state = forms.ChoiceField(
        label="État",
        choices=RoadmapState.choices,
        error_messages={"required": "Dites où en est cette feuille de route."},
    )
    meeting = KnownRow(label="Validée en séance", required=False)
    validated_on = forms.DateField(
        label="Validée le",
        required=False,
        widget=DayInput,
        error_messages={"invalid": NO_SUCH_DAY},
    )

    def __init__(
        self, data: QueryDict | None, *, roadmap: Roadmap, membership: Membership, today: date
    ) -> None:
        super().__init__(
            data,
            initial={
                "goals": roadmap.goals,
                "state": roadmap.state,
                "meeting": roadmap.meeting_id,
                "validated_on": roadmap.validated_on,
            },
        )
        self.today = today
        found = Meeting.objects.visible_to(membership).filter(
            committee__kind=CommitteeKind.STEERING, day__year__gte=roadmap.year - 1
        )
        kept = found.exclude(state__in=(MeetingState.CANCELLED, MeetingState.DRAFT))
        rows = {row.pk: row for row in kept.select_related("committee").order_by("-day")[:20]}
        field = own_field(self, "meeting", KnownRow)
        field.rows = lambda: rows
        field.choices = [("", "Aucune"), *((key, str(row)) for key, row in rows.items())]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("state") == RoadmapState.VALIDATED and "validated_on" not in self.errors:
            meeting = data.get("meeting")
            data["validated_on"] = data.get("validated_on") or getattr(meeting, "day", None)
            day = data["validated_on"]
            if day is None:
                self.add_error("validated_on", "Dites quel jour elle a été validée, ou la séance.")
            elif isinstance(day, date) and day > self.today:
                self.add_error("validated_on", "Cette date est dans le futur.")
        return data


class PlannedActionForm(Faults, forms.ModelForm):
    objective = KnownRow(
        label="Objectif de la convention",
        error_messages={"required": "Choisissez l’objectif que l’action sert."},
    )
    place = KnownRow(label="Lieu", required=False)
    type = forms.ChoiceField(
        label="Activité de référence",
        required=False,
        choices=[("", "À préciser"), *ReferenceActivity.choices],
    )
    uid = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = PlannedAction
        fields = ("title", "objective", "type", "place", "starts", "ends", "expected", "quantity")
        widgets = {"starts": DayInput(), "ends": DayInput()}
        help_texts = {
            "title": f"Ce qui sera fait{NBSP}: «{NBSP}Café des voisins du mardi{NBSP}».",
            "expected": "À quoi l’on verra que c’est réussi.",
            "quantity": "L’avancement se compte sur les activités saisies pour cette action.",
        }
        error_messages = {
            "title": {"required": "Dites ce qui est prévu."},
            "starts": {"required": "Indiquez le début.", "invalid": NO_SUCH_DAY},
            "ends": {"required": "Indiquez la fin.", "invalid": NO_SUCH_DAY},
            "quantity": {
                "invalid": "Écrivez un nombre entier.",
                "min_value": "Prévoyez au moins une activité, ou laissez vide.",
            },
        }

    def __init__(
        self, data: QueryDict | None, *, action: PlannedAction, frame: Frame, today: date
    ) -> None:
        super().__init__(data, instance=action)
        if action.pk is None:
            self.initial |= {
                "uid": uuid.uuid4(),
                "starts": action.roadmap.first,
                "ends": action.roadmap.last,
            }
        else:
            self.initial["uid"] = action.uid
        self._offer("objective", frame.objectives, action.objective_id, today, CHOOSE)
        self._offer(
            "place", frame.places, action.place_id, today, "Tout le quartier, ou à préciser"
        )

    def _offer(
        self, name: str, rows: dict[int, Any], kept: int | None, today: date, blank: str
    ) -> None:
        field = own_field(self, name, KnownRow)
        offered = {key: row for key, row in rows.items() if is_current(row, today, kept)}
        said = named_choices if name == "place" else str
        field.rows = lambda: offered
        field.choices = [("", blank), *((key, said(row)) for key, row in offered.items())]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        starts, ends = data.get("starts"), data.get("ends")
        if starts and ends and ends < starts:
            self.add_error("ends", "La fin précède le début.")
        return data

    @property
    def changed(self) -> list[str]:
        return [name for name in self.changed_data if name != "uid"]


class SettleForm(Faults, forms.Form):
    state = forms.ChoiceField(
        label="Ce qu’elle devient",
        choices=PlannedState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Dites ce qu’elle devient."},
    )
    reason = forms.CharField(
        label="Motif",
        required=False,
        max_length=200,
        help_text="Pour une action reportée ou abandonnée.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("state") in GIVEN_UP and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Dites pourquoi, en quelques mots.")
        return data
