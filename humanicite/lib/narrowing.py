"""The filters of a list, read from the address: what each narrows, what it says in words, what is wrong.

The page, its links and its files share them. On django-filter, with filters of our own: an invalid
value shows nothing, rows to choose from are those at hand, and nothing is asked of the database to
read the address.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django_filters import FilterSet
from django_filters.filters import Filter

from humanicite.lib.dates import NBSP
from humanicite.lib.forms import NO_SUCH_DAY, DayInput, KnownRow, own_field
from humanicite.templatetags.french import datefr

from .text import words_of

NONE = "sans"  # a row without axis, or without theme
LONGEST_SEARCH = 100  # characters
MOST_WORDS = 8
EARLIEST = date(1900, 1, 1)  # before, no clock of Paris can be told as one of Greenwich
GONE = "Ce choix n’existe plus, ou n’est pas de ceux que vous voyez."


Rows = TypeVar("Rows", bound=QuerySet)


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


# --- Fields ---------------------------------------------------------------------------------------


class LeanSelect(forms.Select):
    """The same control in one template: a page of lists has hundreds of options."""

    template_name = "components/select.html"


class RowOrNone(KnownRow):
    """A row, or none of them: the rows that lack one."""

    def to_python(self, value: object) -> object:
        return NONE if value == NONE else super().to_python(value)


class Words(forms.CharField):
    """The words to seek, the first few."""

    def clean(self, value: object) -> list[str]:
        text = super().clean(value)
        words = words_of(text)
        if text and not words:
            raise ValidationError("Cherchez au moins un mot ou un nombre.")
        return words[:MOST_WORDS]


# --- Filters --------------------------------------------------------------------------------------


class Search(Filter):
    """Words, sought by the method that is named."""

    field_class = Words

    def __init__(self, placeholder: str, *, method: str) -> None:
        super().__init__(
            label="Recherche",
            method=method,
            max_length=LONGEST_SEARCH,
            widget=forms.TextInput(
                {"type": "search", "maxlength": LONGEST_SEARCH, "placeholder": placeholder}
            ),
            error_messages={"max_length": f"Cherchez avec {LONGEST_SEARCH} caractères au plus."},
        )


class Choice(Filter):
    """One value among a few that do not depend on the reader."""

    field_class = forms.ChoiceField

    def __init__(
        self, label: str, choices: Any = (), *, every: str = "Tous", **more: object
    ) -> None:
        self.values = {str(value): str(said) for value, said in choices}
        more.setdefault("widget", LeanSelect)
        super().__init__(label=label, choices=[("", every), *choices], **more)


class Tab(Choice):
    """A choice that always holds: nothing said is its first value, which narrows as well.

    The page shows it as tabs, not among what can be let go.
    """

    def __init__(self, label: str, choices: Any, *, method: str) -> None:
        super().__init__(label, choices, widget=forms.HiddenInput)
        self.extra["choices"] = [*choices]
        self.of_list = method  # django-filter's own `method` is not asked about an empty value

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        return getattr(self.parent, self.of_list)(qs, self.field_name, value)


class OneRow(Filter):
    """One row among those that the reader may see; the list offers them (`Narrowing.offer`)."""

    field_class: type[KnownRow] = KnownRow

    def __init__(self, label: str, field_name: str | None = None, **more: object) -> None:
        more.setdefault("widget", LeanSelect)
        error_messages = {"invalid_choice": GONE}
        super().__init__(field_name, label=label, error_messages=error_messages, **more)


class OneRowOrNone(OneRow):
    field_class = RowOrNone

    def filter(self, qs: QuerySet, value: object) -> QuerySet:
        if value == NONE:
            return qs.filter(**{f"{self.field_name}__isnull": True})
        return super().filter(qs, value)


class OneName(Filter):
    """One name among those that the list offers (`Narrowing.offer_names`)."""

    field_class = forms.ChoiceField

    def __init__(self, label: str, field_name: str, *, every: str = "Tous") -> None:
        super().__init__(field_name, label=label, widget=LeanSelect)
        self.every = every


class OfDays(Filter):
    """On the days of a column; `of_moments`: a column of moments, told at the clock of Paris."""

    def __init__(self, label: str, field_name: str, *, of_moments: bool, **more: object) -> None:
        super().__init__(field_name, label=label, **more)
        self.of_moments = of_moments

    def between(self, rows: QuerySet, first: date | None, last: date | None) -> QuerySet:
        # Moments are compared as they are stored: a column made a day is found by no index.
        if first:
            rows = rows.filter(**{f"{self.field_name}__gte": self._edge(first, time.min)})
        if last:
            rows = rows.filter(**{f"{self.field_name}__lte": self._edge(last, time.max)})
        return rows

    def _edge(self, day: date, clock: time) -> date:
        if not self.of_moments:
            return day
        return timezone.make_aware(datetime.combine(max(day, EARLIEST), clock))


class _Day(OfDays):
    field_class = forms.DateField

    def __init__(self, label: str, field_name: str, *, of_moments: bool = False) -> None:
        super().__init__(
            label,
            field_name,
            of_moments=of_moments,
            widget=DayInput,
            error_messages={"invalid": NO_SUCH_DAY},
        )


class FromDay(_Day):
    def filter(self, qs: QuerySet, value: date) -> QuerySet:
        return self.between(qs, value, None)


class UntilDay(_Day):
    def filter(self, qs: QuerySet, value: date) -> QuerySet:
        return self.between(qs, None, value)


class AsOf(Filter):
    """The day as of which a list is told: it narrows nothing, and the others are meant of it."""

    field_class = forms.DateField

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label,
            widget=forms.HiddenInput,
            error_messages={"invalid": NO_SUCH_DAY},
        )

    def filter(self, qs: QuerySet, value: date) -> QuerySet:
        return qs


class Span(OfDays):
    """A period that moves with the day."""

    field_class = forms.ChoiceField

    def __init__(
        self, label: str, field_name: str, *, every: str, of_moments: bool = False
    ) -> None:
        super().__init__(label, field_name, of_moments=of_moments, widget=LeanSelect)
        self.every = every

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        _, first, last = self.parent.spans[value]
        return self.between(qs, first, last)


class Flag(Filter):
    """A box to tick. `said` of the rows that it leaves."""

    field_class = forms.BooleanField

    def __init__(
        self, label: str, said: str = "", *, method: str | None = None, **options: object
    ) -> None:
        super().__init__(label=label, help_text=said, method=method, **options)


# --- The filters of a list ------------------------------------------------------------------------


@dataclass(frozen=True)
class Active:
    """A filter that is set: what it says, and the page without it."""

    label: str
    text: str
    without: str


class FiltersForm(forms.Form):
    def clean(self) -> dict[str, object]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("du"), given.get("au")
        if first and last and first > last:
            self.add_error("au", "La fin précède le début.")
        return given


class Narrowing(FilterSet):
    """The filters of one list.

    `ROUTE`: the page. `QUALIFIES`: a parameter that only says how another is meant. `BESIDE`: what
    the page reads besides its filters, such as its tab, and the values it takes.
    """

    ROUTE: ClassVar[str]
    QUALIFIES: ClassVar[dict[str, str]] = {}
    BESIDE: ClassVar[dict[str, tuple[str, ...]]] = {}
    of_route: ClassVar[dict[str, type["Narrowing"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.of_route[cls.ROUTE] = cls

    def __init__(self, data: QueryDict | None, *, membership: Any, today: date) -> None:
        super().__init__(data, self._meta.model._default_manager.none())
        self.membership, self.today = membership, today
        self.spans = spans(today)
        self.kept: dict[str, str] = {}  # what every link of the page says besides

    # --- Reading the address ----------------------------------------------------------------------

    def get_form_class(self) -> type[forms.Form]:
        return _form_class(self.ROUTE, tuple(self.filters))

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            form: forms.Form = super().form
            for name, one in self.filters.items():
                if isinstance(one, Span):
                    field = own_field(form, name, forms.ChoiceField)
                    offered = [(key, label) for key, (label, _, _) in self.spans.items()]
                    field.choices = [("", one.every), *offered]
            self.make_offers()
        return self._form

    def make_offers(self) -> None:
        """What depends on the reader: a subclass offers its rows here."""

    def offer(self, name: str, rows: Mapping[int, Any], choices: list[Any]) -> None:
        """The rows that a filter may take, by key, and how its control lists them."""
        if name in self.filters:
            field = own_field(self._form, name, KnownRow)
            field.rows = lambda: rows
            field.choices = choices

    def offer_names(self, name: str, names: Iterable[str]) -> None:
        field = own_field(self._form, name, forms.ChoiceField)
        every = self.filters[name].every
        field.choices = [("", every), *((one, one[:1].upper() + one[1:]) for one in names)]

    def withhold(self, name: str, value: str) -> None:
        """A value of a fixed choice that this reader has not."""
        field = own_field(self._form, name, forms.ChoiceField)
        choices: Any = field.choices
        field.choices = [(key, label) for key, label in choices if key != value]

    def hide(self, name: str) -> None:
        """Of a filter that would offer one choice: read and said, but without a control."""
        self._form.fields[name].widget = forms.HiddenInput()

    @property
    def cleaned_data(self) -> dict[str, Any]:
        return self.form.cleaned_data

    @property
    def set_names(self) -> list[str]:
        """The filters that are set and right; tabs aside."""
        return [
            name
            for name, one in self.filters.items()
            if name not in self.QUALIFIES
            and not isinstance(one, Tab)
            and self.cleaned_data.get(name) not in (None, "", [], False)
        ]

    # --- Narrowing --------------------------------------------------------------------------------

    def narrow(self, rows: Rows) -> Rows:
        """Nothing while a filter is wrong: a list that ignored it would mislead."""
        return self.filter_queryset(rows) if self.is_valid() else rows.none()

    def filter_queryset(self, queryset: Rows) -> Rows:
        tabs = [name for name, one in self.filters.items() if isinstance(one, Tab)]
        # Words come last: they are sought in what the others leave.
        for name in sorted([*tabs, *self.set_names], key=lambda name: name == "q"):
            queryset = self.filters[name].filter(queryset, self.cleaned_data[name])
        return queryset

    # --- What is said -----------------------------------------------------------------------------

    @property
    def faults(self) -> list[tuple[str, str]]:
        """(control, message) of every filter that is wrong, hidden ones included."""
        form = self.form
        return [
            (
                "" if form[name].is_hidden else form[name].id_for_label,
                f"{form[name].label}{NBSP}: {message}",
            )
            for name, messages in form.errors.items()
            for message in messages
        ]

    @cached_property
    def given(self) -> dict[str, str]:
        """The parameters that mean something, as they were given; in the form's order."""
        found = {name: str(self.data.get(name, "")).strip() for name in self.filters}
        return self._meant(found)

    def query(self, **changes: str) -> str:
        """The filters as a query string, some of them changed; an empty one is left out."""
        return urlencode(self._meant(self.given | changes) | self.kept)

    @property
    def nothing(self) -> str:
        """The page without any filter."""
        return f"?{urlencode(self.kept)}"

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
            Active(
                str(self.form.fields[name].label),
                self.said(name),
                f"?{self.query(**{name: ''})}",
            )
            for name in self.given
            if name not in self.QUALIFIES and not isinstance(self.filters[name], Tab)
        ]

    def said(self, name: str) -> str:
        """What a filter that is set says, in words."""
        field = self.form.fields[name]
        if name in self.errors:
            return "choix inconnu" if isinstance(field, KnownRow) else self.given[name][:30]
        value = self.cleaned_data[name]
        if isinstance(value, list):
            return " ".join(value)
        if isinstance(field, forms.BooleanField):
            return str(field.help_text)
        if isinstance(value, date):
            return datefr(value)
        if value == NONE:
            return "sans"
        choices = getattr(field, "choices", ())
        return str(value) if isinstance(field, KnownRow) else str(dict(choices)[value])

    def tabs(self, name: str) -> list[tuple[str, str, str, bool]]:
        """(value, label, address, whether it is the one shown) of each tab."""
        shown = self.given.get(name, "")
        return [
            (value, label, f"?{self.query(**{name: value})}", value == shown)
            for value, label in self.filters[name].values.items()
        ]

    # --- Links from elsewhere ---------------------------------------------------------------------

    @classmethod
    def address(cls, **given: object) -> str:
        """The page narrowed so: rows, days, values, or True for a box.

        Raises TypeError for what is no filter of this list, ValueError for a value it does not have.
        """
        for name, value in given.items():
            one = cls.base_filters.get(name)
            if one is None and name not in cls.BESIDE:
                raise TypeError(f"{cls.__name__} has no filter {name!r}")
            known = one.values if isinstance(one, Choice) else cls.BESIDE.get(name)
            if known is not None and value and str(value) not in known:
                raise ValueError(f"{cls.__name__}: {name} is never {value!r}")
        query = urlencode({name: _written(value) for name, value in given.items() if value})
        return f"{reverse(cls.ROUTE)}?{query}" if query else reverse(cls.ROUTE)


@cache
def _form_class(route: str, names: tuple[str, ...]) -> type[forms.Form]:
    """Made once for each list and kind of reader: a class costs more than its form."""
    # Copies: a filter keeps the field that it made, and each request copies the filters.
    filters = Narrowing.of_route[route].base_filters
    fields = {name: deepcopy(filters[name]).field for name in names}
    return type("FormOfList", (FiltersForm,), fields)


def _written(value: object) -> str:
    if value is True:
        return "on"
    return str(value.pk if isinstance(value, Model) else value)
