import statistics
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.base import is_current
from governance.models import Membership, Place, Theme
from humanicite.lib.dates import day_label, format_duration, long_day
from humanicite.lib.forms import (
    ChipsOr,
    DayInput,
    DurationField,
    KnownRow,
    KnownRows,
    grouped,
    target,
)

from . import personal
from .activities.head_counts import HeadCounts
from .frame.models import Frame
from .frame.reference import ReferenceActivity
from .models import Activity, AgeBand, Outcome, RequestOrigin
from .models.activities import LONGEST, SHORTEST

CHIP_MINUTES = (15, 30, 45, 60, 90, 120)
USUAL_PLACES = 5
USUAL_MINUTES = 30
RECENT = timedelta(hours=2)
HABIT_ROWS = 300
INCOMPLETE = "Le formulaire est incomplet : rechargez la page, puis recommencez."
MOST_THEMES = 2  # the two columns of an activity
TEXTS = ("internal_note", "summary")  # what is read for words that identify somebody


@dataclass
class Habits:
    """What an author does most: places in order, the usual duration of each type, in minutes."""

    places: list[int] = field(default_factory=list)
    minutes: dict[str, int] = field(default_factory=dict)
    recent_place: int | None = None

    @classmethod
    def of(cls, membership: Membership, now: datetime) -> "Habits":
        """From the author's last activities in this programme; one query."""
        rows = list(
            Activity.objects.visible_to(membership)
            .filter(author=membership.user_id)
            .order_by("-day", "-pk")
            .values_list("type", "minutes", "place", "created_at")[:HABIT_ROWS]
        )
        by_type: dict[str, list[int]] = {}
        for type_, minutes, _, _ in rows:
            by_type.setdefault(type_, []).append(minutes)
        latest = max(rows, key=lambda row: row[3], default=None)
        return cls(
            places=[
                place for place, _ in Counter(row[2] for row in rows).most_common(USUAL_PLACES)
            ],
            minutes={type_: round(statistics.median_low(all_)) for type_, all_ in by_type.items()},
            recent_place=latest[2] if latest and now - latest[3] <= RECENT else None,
        )


class TypeTiles(forms.RadioSelect):
    template_name = "components/type_tiles.html"

    def __init__(self) -> None:
        super().__init__()
        self.minutes: dict[str, int] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["reference"] = ReferenceActivity(value)
        if value in self.minutes:
            option["attrs"]["data-minutes"] = self.minutes[value]
        return option


class ActivityForm(forms.ModelForm):
    """One activity. Four fields are required; day, place and duration come filled in."""

    type = forms.ChoiceField(
        label="Type d’activité",
        choices=ReferenceActivity.choices,
        widget=TypeTiles,
        error_messages={"required": "Choisissez le type d’activité."},
    )
    place = KnownRow(
        label="Lieu",
        widget=ChipsOr(forms.Select(), "Autre lieu"),
        error_messages={
            "required": "Choisissez un lieu.",
            "invalid_choice": "Ce lieu n’existe pas dans ce dispositif.",
        },
    )
    minutes = DurationField(
        label="Durée",
        shortest=SHORTEST,
        longest=LONGEST,
        widget=ChipsOr(
            forms.TextInput({"placeholder": "1h30", "autocomplete": "off", "maxlength": 20}),
            "Autre durée",
        ),
        error_messages={"required": "Indiquez la durée."},
    )
    day = forms.DateField(
        label="Date",
        widget=ChipsOr(DayInput(), "Autre date"),
        error_messages={
            "required": "Indiquez la date.",
            "invalid": "Cette date n’existe pas : écrivez jour/mois/année.",
        },
    )
    themes = KnownRows(
        label="Thématiques",
        required=False,
        help_text="Deux au plus : décochez-en une pour changer.",
    )
    objective = KnownRow(label="Axe et objectif", required=False)
    situation = KnownRow(label="Situation complexe", required=False)
    uid = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    keep_personal = forms.BooleanField(
        label="Garder ces mots : la coordination les relira", required=False
    )

    class Meta:
        model = Activity
        fields = [
            "type", "place", "minutes", "day", "starts_at", "objective", "origin", "outcome",
            "situation", "internal_note", "summary",
        ]  # fmt: skip
        widgets = {
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "internal_note": forms.Textarea({"rows": 3, "maxlength": 4000}),
            "summary": forms.Textarea({"rows": 2, "maxlength": 1000}),
        }
        help_texts = {
            "internal_note": "Ne quitte jamais l’opérateur.",
            "summary": "Ce que les partenaires peuvent lire. Jamais de nom.",
        }

    def __init__(
        self,
        *args: Any,
        membership: Membership,
        now: datetime,
        frame: Frame | None = None,
        asks: bool = True,
        **kwargs: Any,
    ) -> None:
        """`asks`: whether somebody is there to say what becomes of a text that seems to identify
        a person; otherwise it is saved, for the coordination to reread."""
        super().__init__(*args, **kwargs)
        self.asks = asks
        self.membership, self.now, self.today = membership, now, now.date()
        self.frame = frame or Frame(membership.programme_id)
        self.instance.programme_id = membership.programme_id
        self.instance.checked_against = self.frame
        self.is_new = self.instance.pk is None
        for name, choices in (("origin", RequestOrigin.choices), ("outcome", Outcome.choices)):
            self.fields[name].choices = [("", "Non précisée"), *choices]  # type: ignore[attr-defined]
        self._offer_places()
        self._offer_frame()
        self._offer_days_and_durations()
        self.initial["version"] = self.instance.version
        if self.is_new:
            self._fill_in()
        else:
            self.initial["uid"] = self.instance.uid
            self.initial["themes"] = [theme.pk for theme in self.instance.themes]
            # Chips match on text; a duration that is no chip reads as people write it.
            if self.instance.minutes not in CHIP_MINUTES:
                self.initial["minutes"] = format_duration(self.instance.minutes)

    @cached_property
    def habits(self) -> Habits:
        return Habits.of(self.membership, self.now)

    def _fill_in(self) -> None:
        self.initial.setdefault("uid", uuid.uuid4())
        self.initial["day"] = self.initial.get("day") or self.today
        if not self.is_bound:
            tiles: Any = self.fields["type"].widget
            tiles.minutes = self.habits.minutes
            usual = self.habits.recent_place or next(iter(self.habits.places), None)
            for name, value in (("place", usual), ("minutes", USUAL_MINUTES)):
                self.initial[name] = self.initial.get(name) or value
            if self.initial["minutes"] not in CHIP_MINUTES:
                self.initial["minutes"] = format_duration(self.initial["minutes"])

    # Choices are fetched when the form is drawn, not when it is read: saving asks for none.

    def _offered(self, rows: dict[int, Any], *keep: int | None) -> dict[int, Any]:
        """Those in use today, and what the record already says."""
        return {key: row for key, row in rows.items() if key in keep or is_current(row, self.today)}

    def _offer_places(self) -> None:
        field: Any = self.fields["place"]
        field.rows = lambda: self._offered(self.frame.places, self.instance.place_id)
        field.widget.other.choices = lambda: grouped(
            ((self._side(row), row) for row in self._places), "Choisir dans la liste…"
        )
        field.widget.chips = self._usual_places

    @cached_property
    def _places(self) -> list[Place]:
        return list(self.fields["place"].rows().values())  # type: ignore[attr-defined]

    def _usual_places(self) -> list[tuple[str, str]]:
        by_key = {row.pk: row for row in self._places}
        usual = [key for key in self.habits.places if key in by_key] or list(by_key)[:USUAL_PLACES]
        return [(str(key), by_key[key].name) for key in usual]

    def _side(self, place: Place) -> str:
        """The commune side a place lies on, the name of its group in the list."""
        keys = [*place.ancestor_ids, place.pk]
        side = keys[1] if len(keys) > 1 else keys[0]
        return next((row.name for row in self._places if row.pk == side), "")

    def _offer_frame(self) -> None:
        saved, frame = self.instance, self.frame
        themes: Any = self.fields["themes"]
        kept = (saved.theme_id, saved.second_theme_id)
        themes.rows = lambda: self._offered(frame.themes, *kept)
        themes.choices = lambda: grouped((row.group, row) for row in themes.rows().values())
        objectives: Any = self.fields["objective"]
        objective = saved.objective_id
        objectives.rows = lambda: self._offered(frame.objectives, objective)
        objectives.choices = lambda: grouped(
            ((f"Axe {row.axis}", row) for row in objectives.rows().values()),
            "Selon le type et la thématique",
        )
        situations: Any = self.fields["situation"]
        situation = saved.situation
        situations.rows = lambda: (
            frame.open_situations | ({situation.pk: situation} if situation else {})
        )
        situations.choices = lambda: [
            ("", "Aucune"),
            *((row.pk, str(row)) for row in situations.rows().values()),
        ]

    def _offer_days_and_durations(self) -> None:
        minutes: Any = self.fields["minutes"].widget
        minutes.chips = lambda: [(str(chip), format_duration(chip)) for chip in CHIP_MINUTES]
        yesterday = self.today - timedelta(days=1)
        days: Any = self.fields["day"].widget
        days.chips = lambda: [
            (self.today.isoformat(), f"Aujourd’hui, {long_day(self.today, with_year=False)}"),
            (yesterday.isoformat(), f"Hier, {long_day(yesterday, with_year=False)}"),
        ]

    def _get_validation_exclusions(self) -> set[str]:
        """The fields above have checked their values; the model adds its rules across tables.

        Checking each constraint again before the database does would cost a query apiece.
        """
        return super()._get_validation_exclusions() | set(self.fields)  # type: ignore[misc]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError("Cette date est dans le futur : notez l’activité une fois faite.")
        return day

    def clean_themes(self) -> list[Theme]:
        themes = list(self.cleaned_data["themes"])
        if len(themes) > MOST_THEMES:
            raise ValidationError("Choisissez deux thématiques au plus.")
        self.instance.theme, self.instance.second_theme = (*themes, None, None)[:MOST_THEMES]
        return themes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.asks and not data.get("keep_personal"):
            for name in TEXTS:
                found = personal.find(data.get(name) or "") if name in self.changed_data else []
                if found:
                    self.add_error(
                        name,
                        f"Ce texte semble identifier quelqu’un : {personal.said(found)}. Remplacez "
                        "ces mots, ou gardez-les et la coordination les relira.",
                    )
        return data

    @property
    def asks_about_persons(self) -> bool:
        """Whether the page must offer to replace or to keep what it found."""
        return bool(self.data.get("keep_personal")) or any(
            "semble identifier" in str(error) for name in TEXTS for error in self[name].errors
        )


class HeadCountForm(forms.Form):
    audience = KnownRow(label="Public", required=False)
    band = forms.ChoiceField(
        label="Âge", choices=AgeBand.choices, required=False, initial=AgeBand.NON_PRECISE
    )
    count = forms.IntegerField(
        label="Personnes",
        required=False,
        min_value=0,
        max_value=2000,
        widget=forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 2000}),
        error_messages={
            "invalid": "Écrivez un nombre entier de personnes.",
            "min_value": "Le nombre de personnes ne peut pas être négatif.",
            "max_value": "Au plus 2 000 personnes.",
        },
    )

    def __init__(self, *args: Any, audiences: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["audience"]
        field.rows = audiences
        field.choices = lambda: [
            ("", "Public…"),
            *[(row.pk, str(row)) for row in audiences().values()],
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("count") and not data.get("audience") and "audience" not in self.errors:
            self.add_error("audience", "Choisissez le public de ces personnes.")
        if data.get("audience") and data.get("count") is None and "count" not in self.errors:
            self.add_error("count", "Indiquez le nombre de personnes.")
        return data


class BaseHeadCountFormSet(forms.BaseFormSet):
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": INCOMPLETE,
    }

    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            cell = (data.get("audience"), data.get("band") or AgeBand.NON_PRECISE.value)
            if data.get("count") and cell[0]:
                if cell in seen:
                    form.add_error("audience", "Ce public et cet âge sont déjà comptés.")
                seen.add(cell)

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Every row is read: one that equals what is saved would otherwise count as absent."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.empty_permitted = False
        return form

    def cells(self) -> HeadCounts:
        """People met, by audience and band; rows left at zero say nothing."""
        return {
            (data["audience"], data["band"] or AgeBand.NON_PRECISE.value): data["count"]
            for data in self.cleaned_data
            if data.get("audience") and data.get("count")
        }


HeadCountFormSet = forms.formset_factory(
    HeadCountForm, formset=BaseHeadCountFormSet, extra=3, max_num=30, absolute_max=40
)


class ActivityEntry:
    """The whole entry: the activity's form and its head counts, valid together or not at all."""

    def __init__(
        self,
        data: Any,
        *,
        membership: Membership,
        now: datetime,
        activity: Activity | None = None,
        initial: dict[str, Any] | None = None,
        frame: Frame | None = None,
        asks: bool = True,
    ) -> None:
        initial = dict(initial or {})
        audiences_met = initial.pop("audiences", [])
        frame = frame or Frame(membership.programme_id)
        self.form = ActivityForm(
            data,
            instance=activity,
            initial=initial,
            membership=membership,
            now=now,
            frame=frame,
            asks=asks,
        )
        self.saved_counts: HeadCounts = (
            {
                (row.audience, row.band): row.count
                for row in activity.head_counts.select_related("audience")
            }
            if activity
            else {}
        )
        counts = [
            {"audience": audience.pk, "band": band, "count": count}
            for (audience, band), count in self.saved_counts.items()
        ]
        # A habit names whom one meets; a row left at zero says nothing.
        usual = [{"audience": audience, "count": 0} for audience in audiences_met]
        kept = {audience.pk for audience, _ in self.saved_counts}

        def audiences() -> dict[int, Any]:
            return {
                key: row
                for key, row in frame.audiences.items()
                if key in kept or is_current(row, now.date())
            }

        self.head_counts: Any = HeadCountFormSet(
            data, initial=counts or usual, prefix="publics", form_kwargs={"audiences": audiences}
        )

    def is_valid(self) -> bool:
        # Both are asked, so that every fault is shown at once.
        valid = all([self.form.is_valid(), self.head_counts.is_valid()])
        if valid and self.head_counts.total_form_count() < len(self.saved_counts):
            self.form.add_error(None, INCOMPLETE)  # rows of counts were lost on the way
            return False
        return valid

    def says_the_same(self) -> bool:
        """Whether a valid entry for a saved activity would change nothing.

        An objective left to the software is the one that it chose.
        """
        own = [name for name in self.changed_fields if name != "head_counts"]
        if not self.form.cleaned_data["objective"]:
            own = [name for name in own if name != "objective"]
        return not own and self.head_counts.cells() == self.saved_counts

    @property
    def day_label(self) -> str:
        """The chosen day in words, for the fold that holds the field."""
        value = self.form["day"].value()
        try:
            day = value if isinstance(value, date) else date.fromisoformat(value or "")
        except ValueError:
            return "à préciser"
        return day_label(day, self.form.today)

    @property
    def changed_fields(self) -> list[str]:
        own = ("uid", "version", "keep_personal")
        names = [name for name in self.form.changed_data if name not in own]
        return names + (["head_counts"] if self.head_counts.has_changed() else [])

    def faults(self) -> list[dict[str, str]]:
        """The same for a page that shows them itself: name of the field, its label, the words."""
        found: list[tuple[Any, str]] = [
            (None, str(message)) for message in self.form.non_field_errors()
        ]
        found += [(None, str(message)) for message in self.head_counts.non_form_errors()]
        bounds = [*self.form.visible_fields(), *self.form.hidden_fields()]
        bounds += [bound for form in self.head_counts.forms for bound in form.visible_fields()]
        found += [(bound, str(error)) for bound in bounds for error in bound.errors]
        return [
            {"field": bound.html_name if bound else "", "label": str(bound.label) if bound else "",
             "message": message}
            for bound, message in found
        ]  # fmt: skip

    def errors(self) -> list[tuple[str, str]]:
        """(id of the field, message) of every fault, in the order of the page."""
        found = [("", str(message)) for message in self.form.non_field_errors()]
        found += [("", str(message)) for message in self.head_counts.non_form_errors()]
        for bound in [*self.form.visible_fields(), *self.form.hidden_fields()]:
            # A group of choices has no control of its own: its first one stands for it.
            found += [(target(bound), str(error)) for error in bound.errors]
        for form in self.head_counts.forms:
            for bound in form.visible_fields():
                found += [(target(bound), str(error)) for error in bound.errors]
        return found

    @property
    def details_are_open(self) -> bool:
        """Whether the folded part holds something to see: a fault, or a value."""
        folded = [
            "starts_at", "themes", "objective", "origin", "outcome", "situation", "internal_note",
            "summary",
        ]  # fmt: skip
        if not self.form.is_bound:
            return self.form.instance.pk is not None or bool(self.form.initial.get("situation"))
        return any(self.form[name].errors or self.form[name].value() for name in folded) or bool(
            self.head_counts.total_error_count() or self.head_counts.has_changed()
        )
