"""Filters of a list read from the address: what each narrows, what it says in words, what is wrong."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError

from humanicite.lib.dates import NBSP
from humanicite.lib.forms import NO_SUCH_DAY, DayInput, KnownRow
from humanicite.templatetags.french import datefr

from .text import words_of

NONE = "sans"  # a row without axis, or without theme
LONGEST_SEARCH = 100  # characters


def spans(today: date) -> dict[str, tuple[str, date, date]]:
    """Periods that move with the day: label, first day, last day."""
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    return {
        "aujourdhui": ("Aujourd’hui", today, today),
        "7-jours": (f"7{NBSP}jours", today - timedelta(days=6), today),
        "mois": ("Ce mois-ci", this_month, today),
        "mois-dernier": ("Mois dernier", last_month, this_month - timedelta(days=1)),
    }


class RowOrNone(KnownRow):
    """A row, or none of them: the rows that lack one."""

    def to_python(self, value: Any) -> Any:
        return NONE if value == NONE else super().to_python(value)


class LeanSelect(forms.Select):
    """The same control in one template: a page of lists has hundreds of options."""

    template_name = "components/select.html"


def choice_field(label: str, field: type[KnownRow] = KnownRow) -> Any:
    gone = {"invalid_choice": "Ce choix n’existe plus, ou n’est pas de ceux que vous voyez."}
    return field(label=label, required=False, widget=LeanSelect, error_messages=gone)


def day_field(label: str) -> Any:
    wrong = {"invalid": NO_SUCH_DAY}
    return forms.DateField(label=label, required=False, widget=DayInput, error_messages=wrong)


@dataclass(frozen=True)
class Active:
    """A filter that is set: what it says, and the page without it."""

    label: str
    text: str
    without: str


class Narrowing(forms.Form):
    """Filters read from the address; a list, its page of links and its files share them.

    A subclass answers how each narrows by `_by_<name>(rows, value)`. `QUALIFIES`: a parameter that
    only says how another is meant.
    """

    QUALIFIES: ClassVar[dict[str, str]] = {}

    def clean_q(self) -> list[str]:
        """The words to seek, the first few."""
        text = self.cleaned_data["q"]
        words = words_of(text)
        if text and not words:
            raise ValidationError("Cherchez au moins un mot ou un nombre.")
        return words[:MOST_WORDS]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("du"), given.get("au")
        if first and last and first > last:
            self.add_error("au", "La fin précède le début.")
        return given

    def narrow(self, rows: Any) -> Any:
        """Nothing while a filter is wrong: a list that ignored it would mislead."""
        if not self.is_valid():
            return rows.none()
        # Words come last: they are sought in what the others leave.
        for name in sorted(self.set_names, key=lambda name: name == "q"):
            rows = getattr(self, f"_by_{name}")(rows, self.cleaned_data[name])
        return rows

    @property
    def set_names(self) -> list[str]:
        """The filters that are set and right."""
        return [
            name
            for name in self.fields
            if name not in self.QUALIFIES
            and self.cleaned_data.get(name) not in (None, "", [], False)
        ]

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(control, message) of every filter that is wrong, hidden ones included."""
        return [
            (
                "" if self[name].is_hidden else self[name].id_for_label,
                f"{self[name].label}{NBSP}: {message}",
            )
            for name, messages in self.errors.items()
            for message in messages
        ]

    @cached_property
    def given(self) -> dict[str, str]:
        """The parameters that mean something, as they were given; in the form's order."""
        found = {name: str(self.data.get(name, "")).strip() for name in self.fields}
        return self._meant(found)

    def query(self, **changes: str) -> str:
        """The filters as a query string, some of them changed; an empty one is left out."""
        return urlencode(self._meant(self.given | changes))

    def _meant(self, given: dict[str, str]) -> dict[str, str]:
        return {
            name: text
            for name, text in given.items()
            if text and (name not in self.QUALIFIES or given.get(self.QUALIFIES[name]))
        }

    @cached_property
    def active(self) -> list[Active]:
        """The filters that are set, in words, wrong ones included; each with the page without."""
        return [
            Active(str(self.fields[name].label), self._said(name), f"?{self.query(**{name: ''})}")
            for name in self.given
            if name not in self.QUALIFIES
        ]

    def _said(self, name: str) -> str:
        field: Any = self.fields[name]
        if name in self.errors:
            return "choix inconnu" if isinstance(field, KnownRow) else self.given[name][:30]
        value = self.cleaned_data[name]
        if name == "q":
            return " ".join(value)
        if isinstance(field, forms.BooleanField):
            return str(field.help_text)
        if isinstance(value, date):
            return datefr(value)
        if value == NONE:
            return "sans"
        choices: Any = getattr(field, "choices", ())
        return str(value) if isinstance(field, KnownRow) else str(dict(choices)[value])


MOST_WORDS = 8
