import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Unpack

from django import forms
from django.core.exceptions import ValidationError

from governance.base import is_current
from governance.models import Membership, Place, Theme
from humanicite.lib.dates import format_duration, long_day
from humanicite.lib.forms import (
    ChipsOr,
    Data,
    Files,
    KnownRow,
    KnownRows,
    ModelFormOptions,
    asked_day,
    asked_duration,
    grouped,
    own_field,
    own_widget,
)
from mediation import personal
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .habits import USUAL_PLACES, Habits
from .models import (
    LONGEST,
    ONLY_OF,
    PARTNER_KINDS,
    SHORTEST,
    Activity,
    ConflictForm,
    Consent,
    Outcome,
    Refusal,
    RequestOrigin,
)

CHIP_MINUTES = (15, 30, 45, 60, 90, 120)
USUAL_MINUTES = 30
MOST_THEMES = 2  # the two columns of an activity
FIRST_THEMES = 4  # chips that are seen at once
# Lists of a few words, none of which need be chosen.
LISTS = {
    "origin": RequestOrigin.choices, "outcome": Outcome.choices, "refusal": Refusal.choices,
    "conflict_form": ConflictForm.choices, "partner_kind": PARTNER_KINDS,
    "consent": Consent.choices,
}  # fmt: skip
MASCULINE = ("refusal", "partner_kind", "consent")
TEXTS = ("internal_note", "summary")  # what is read for words that identify somebody


class TypeTiles(forms.RadioSelect):
    template_name = "components/type_tiles.html"

    def __init__(self) -> None:
        super().__init__()
        self.minutes: dict[str, int] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, object]:
        option = super().create_option(name, value, *args, **kwargs)
        option["reference"] = ReferenceActivity(value)
        if value in self.minutes:
            option["attrs"]["data-minutes"] = self.minutes[value]
        return option


class ThemeChips(forms.CheckboxSelectMultiple):
    """Themes as chips: some that go with the type of activity, those that are ticked, the others folded.

    `ranks` says of each type, and of none (""), its themes in order; asked for when it is drawn.
    """

    template_name = "components/theme_chips.html"

    def __init__(self) -> None:
        super().__init__()
        self.ranks: Callable[[], dict[str, list[int]]] = dict
        self.type: Callable[[], str] = str

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        options = [one for _, members, _ in context["widget"]["optgroups"] for one in members]
        ranks = self.ranks()
        order = {key: n for n, key in enumerate(ranks.get(self.type()) or ranks.get("", []))}
        options.sort(
            key=lambda one: (not one["selected"], order.get(int(one["value"]), len(order)))
        )
        context |= {
            "first": options[:FIRST_THEMES],
            "others": options[FIRST_THEMES:],
            "ranks": json.dumps(ranks),
        }
        return context


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
    minutes = asked_duration(SHORTEST, LONGEST)
    day = asked_day()
    themes = KnownRows(
        label="Thématiques",
        required=False,
        widget=ThemeChips,
        help_text="Deux au plus.",
    )
    objective = KnownRow(label="Axe et objectif", required=False)
    situation = KnownRow(label="Situation complexe", required=False)
    planned_action = KnownRow(label="Action de la feuille de route", required=False)
    uid = forms.UUIDField(widget=forms.HiddenInput)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    keep_personal = forms.BooleanField(
        label="Garder ces mots : la coordination les relira", required=False
    )

    class Meta:
        model = Activity
        fields = [
            "type", "place", "minutes", "day", "starts_at", "objective", "origin", "outcome",
            "refusal", "conflict_form", "partner_kind", "consent", "situation", "planned_action",
            "internal_note", "summary",
        ]  # fmt: skip
        widgets = {
            "starts_at": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "internal_note": forms.Textarea({"rows": 2, "maxlength": 4000}),
            "summary": forms.Textarea({"rows": 2, "maxlength": 1000}),
        }
        help_texts = {
            "internal_note": "Ne quitte jamais l’opérateur.",
            "summary": "Ce que les partenaires peuvent lire. Jamais de nom.",
            "refusal": "Avec la suite « Refusé ou retiré ». Ne quitte pas l’opérateur.",
            "conflict_form": "Pour un conflit.",
            "partner_kind": "Pour une mise en relation. Ne quitte pas l’opérateur.",
            "consent": "Celui de la personne dont vient la demande.",
        }

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        membership: Membership,
        now: datetime,
        frame: Frame | None = None,
        asks: bool = True,
        **options: Unpack[ModelFormOptions],
    ) -> None:
        """`asks`: whether somebody is there to say what becomes of a text that seems to identify
        a person; otherwise it is saved, for the coordination to reread."""
        super().__init__(data, files, **options)
        self.asks = asks
        self.membership, self.now, self.today = membership, now, now.date()
        self.frame = frame or Frame(membership.programme_id)
        self.instance.programme_id = membership.programme_id
        self.instance.checked_against = self.frame
        self.is_new = self.instance.pk is None
        for name, choices in LISTS.items():
            field = own_field(self, name, forms.ChoiceField)
            field.choices = [("", "Non précisé" if name in MASCULINE else "Non précisée"), *choices]
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
            tiles = own_widget(self, "type", TypeTiles)
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
        field = own_field(self, "place", KnownRow)
        field.rows = lambda: self._offered(self.frame.places, self.instance.place_id)
        field.widget.other.choices = lambda: grouped(
            ((self._side(row), row) for row in self._places), "Choisir dans la liste…"
        )
        field.widget.chips = self._usual_places

    @cached_property
    def _places(self) -> list[Place]:
        return list(own_field(self, "place", KnownRow).rows().values())

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
        themes = own_field(self, "themes", KnownRows)
        kept = (saved.theme_id, saved.second_theme_id)
        themes.rows = lambda: self._offered(frame.themes, *kept)
        themes.choices = lambda: grouped((row.group, row) for row in themes.rows().values())
        chips = own_widget(self, "themes", ThemeChips)
        chips.ranks = self._theme_ranks
        chips.type = lambda: str(self["type"].value() or "")
        objectives = own_field(self, "objective", KnownRow)
        objective = saved.objective_id
        objectives.rows = lambda: self._offered(frame.objectives, objective)
        objectives.choices = lambda: grouped(
            ((f"Axe {row.axis}", row) for row in objectives.rows().values()),
            "Selon le type et la thématique",
        )
        situations = own_field(self, "situation", KnownRow)
        situation = saved.situation
        situations.rows = lambda: (
            frame.open_situations | ({situation.pk: situation} if situation else {})
        )
        situations.choices = lambda: [
            ("", "Aucune"),
            *((row.pk, str(row)) for row in situations.rows().values()),
        ]

        planned = own_field(self, "planned_action", KnownRow)
        kept_action = saved.planned_action
        planned.rows = lambda: (
            frame.planned_actions | ({kept_action.pk: kept_action} if kept_action else {})
        )
        planned.choices = lambda: grouped(
            ((row.roadmap.label.capitalize(), row) for row in planned.rows().values()), "Aucune"
        )

    def _theme_ranks(self) -> dict[str, list[int]]:
        """What this author notes of the type, what serves its objective, and the rest."""
        themes = own_field(self, "themes", KnownRows)
        rows = list(themes.rows().values())
        found = {"": [row.pk for row in rows]}
        for type_ in ReferenceActivity:
            usual = self.habits.themes.get(type_.value, [])
            default = self.frame.default_objectives.get(type_.value)
            serving = [row.pk for row in rows if default and row.objective_id == default.pk]
            found[type_.value] = list(dict.fromkeys([*usual, *serving, *found[""]]))
        return found

    def _offer_days_and_durations(self) -> None:
        minutes = own_widget(self, "minutes", ChipsOr)
        minutes.chips = lambda: [(str(chip), format_duration(chip)) for chip in CHIP_MINUTES]
        yesterday = self.today - timedelta(days=1)
        days = own_widget(self, "day", ChipsOr)
        days.chips = lambda: [
            (self.today.isoformat(), f"Aujourd’hui, {long_day(self.today, with_year=False)}"),
            (yesterday.isoformat(), f"Hier, {long_day(yesterday, with_year=False)}"),
        ]

    def _get_validation_exclusions(self) -> set[str]:
        """The fields above have checked their values; the model adds its rules across tables.

        Checking each constraint again before the database does would cost a query apiece.
        """
        known = super()._get_validation_exclusions()  # type: ignore[misc]  # not in django-stubs
        return known | set(self.fields)

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

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("type"):
            self._leave_out_what_other_types_have(data)
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

    def _leave_out_what_other_types_have(self, data: dict[str, Any]) -> None:
        """The type was changed after: what only the former one has is folded on the page, and gone.

        A reason without its refusal likewise. The row too, where a form has not these fields.
        """
        gone = [name for name, type_ in ONLY_OF.items() if data["type"] != type_]
        if data.get("outcome", self.instance.outcome) != Outcome.REFUSE:
            gone.append("refusal")
        for name in gone:
            setattr(self.instance, name, "")
            if name in self.fields:
                data[name] = ""

    @property
    def asks_about_persons(self) -> bool:
        """Whether the page must offer to replace or to keep what it found."""
        return bool(self.data.get("keep_personal")) or any(
            "semble identifier" in str(error) for name in TEXTS for error in self[name].errors
        )
