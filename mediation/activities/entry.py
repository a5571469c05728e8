"""An activity's form and its head counts, filled in and checked together."""

from datetime import date, datetime
from typing import Any, Unpack

from django import forms
from django.http import QueryDict

from governance.base import is_current
from governance.models import Membership
from humanicite.lib.dates import day_label, format_duration
from humanicite.lib.forms import (
    INCOMPLETE,
    Data,
    Files,
    FormOptions,
    KnownRow,
    ReadRows,
    own_field,
    target,
)
from mediation.frame.models import Frame
from mediation.frame.reference import ReferenceActivity

from .forms import ActivityForm
from .head_counts import HeadCounts
from .models import Activity, AgeBand


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

    def __init__(
        self,
        data: Data = None,
        files: Files = None,
        *,
        audiences: Any,
        **options: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **options)
        field = own_field(self, "audience", KnownRow)
        field.rows = audiences
        field.choices = lambda: [
            ("", "Public…"),
            *[(row.pk, str(row)) for row in audiences().values()],
        ]

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if data.get("count") and not data.get("audience") and "audience" not in self.errors:
            self.add_error("audience", "Choisissez le public de ces personnes.")
        if data.get("audience") and data.get("count") is None and "count" not in self.errors:
            self.add_error("count", "Indiquez le nombre de personnes.")
        return data


class BaseHeadCountFormSet(ReadRows):
    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            cell = (data.get("audience"), data.get("band") or AgeBand.NON_PRECISE.value)
            if data.get("count") and cell[0]:
                if cell in seen:
                    form.add_error("audience", "Ce public et cet âge sont déjà comptés.")
                seen.add(cell)

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

    # Long for its signature, of which each form takes a part.
    def __init__(
        self,
        data: QueryDict | None,
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
    def in_words(self) -> list[str]:
        """« Veille », « Hall A », « 45 min »: what the form is opened with; nothing without a type."""
        given = self.form.initial
        if self.form.is_bound or not given.get("type"):
            return []
        place, minutes = self.form.frame.places.get(given.get("place") or 0), given["minutes"]
        return [
            ReferenceActivity(given["type"]).short,
            *([place.name] if place else []),
            format_duration(minutes) if isinstance(minutes, int) else minutes,
        ]

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
            {
                "field": bound.html_name if bound else "",
                "label": str(bound.label) if bound else "",
                "message": message,
            }
            for bound, message in found
        ]

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
            "starts_at", "themes", "objective", "origin", "outcome", "refusal", "conflict_form",
            "partner_kind", "consent", "situation", "planned_action", "internal_note", "summary",
        ]  # fmt: skip
        if not self.form.is_bound:
            return self.form.instance.pk is not None or any(
                self.form.initial.get(name) for name in ("situation", "planned_action")
            )
        return any(self.form[name].errors or self.form[name].value() for name in folded) or bool(
            self.head_counts.total_error_count() or self.head_counts.has_changed()
        )
