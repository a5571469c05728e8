"""Form parts that know no app: chips with a free field beside them, durations, strict days."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from copy import deepcopy
from datetime import time
from itertools import groupby
from typing import Any, TypedDict, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from .dates import NBSP, format_duration, parse_duration, parse_time

INCOMPLETE = "Le formulaire est incomplet : rechargez la page, puis recommencez."
NO_SUCH_DAY = f"Cette date n’existe pas{NBSP}: écrivez jour/mois/année."

FieldKind = TypeVar("FieldKind", bound=forms.Field)
WidgetKind = TypeVar("WidgetKind", bound=forms.Widget)


def own_field(form: forms.BaseForm, name: str, kind: type[FieldKind]) -> FieldKind:
    """A form's field as the class that it is declared with; TypeError for another one."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is no {kind.__name__}")
    return field


def own_widget(form: forms.BaseForm, name: str, kind: type[WidgetKind]) -> WidgetKind:
    """The same of a field's widget."""
    widget = form.fields[name].widget
    if not isinstance(widget, kind):
        raise TypeError(f"{name} has no {kind.__name__}")
    return widget


Data = Mapping[str, Any] | None
Files = MultiValueDict[str, UploadedFile] | None


class FormOptions(TypedDict, total=False):
    """What every form takes by name, beside what is sent."""

    auto_id: bool | str
    prefix: str | None
    initial: MutableMapping[str, Any] | None
    label_suffix: str | None
    empty_permitted: bool
    use_required_attribute: bool | None


class ModelFormOptions(FormOptions, total=False):
    instance: Any  # a row of the form's model


class DayInput(forms.DateInput):
    """The browser's own date picker, which speaks ISO."""

    input_type = "date"

    def __init__(self, attrs: dict[str, object] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class ChipSelect(forms.RadioSelect):
    """A few choices as chips."""

    template_name = "components/choice_chips.html"


class ChipsOr(forms.Widget):
    """A few likely values as radio chips, and another widget for any other value.

    Posts `name` (the chip) and `name_other` (the free field, which wins where it is filled), so it
    works without a script. `chips` makes a list of (value, label), asked for when it is drawn.
    """

    template_name = "components/chips_or.html"
    use_fieldset = True

    def __init__(self, other: forms.Widget, other_label: str) -> None:
        super().__init__()
        self.other, self.other_label = other, other_label
        self.chips: Callable[[], list[tuple[str, str]]] = list

    def __deepcopy__(self, memo: dict[int, object]) -> "ChipsOr":
        copied = super().__deepcopy__(memo)
        copied.other = deepcopy(self.other, memo)
        return copied

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.get(f"{name}_other") or data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}_other" not in data

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, object]:
        context = super().get_context(name, value, attrs)
        id_ = (attrs or {}).get("id", f"id_{name}")
        text = "" if value is None else str(getattr(value, "pk", value))
        chips = self.chips()
        is_chip = text in {chip for chip, _ in chips}
        invalid = (attrs or {}).get("aria-invalid")
        described = (attrs or {}).get("aria-describedby")
        other_attrs = {"id": f"{id_}_other"}
        if invalid and not is_chip:
            other_attrs["aria-invalid"] = invalid
        if described:
            other_attrs["aria-describedby"] = described
        context |= {
            "chips": [
                {"id": f"{id_}_{index}", "value": chip, "label": label, "checked": chip == text}
                for index, (chip, label) in enumerate(chips)
            ],
            "name": name,
            "other": self.other.render(f"{name}_other", "" if is_chip else value, other_attrs),
            "other_id": f"{id_}_other",
            "other_label": self.other_label,
        }
        return context


class KnownRow(forms.ChoiceField):
    """One row among those at hand: reading the field asks the database for nothing.

    `rows` answers them by key; `choices`, what the control offers, is set apart.
    """

    default_error_messages = {"invalid_choice": "Ce choix n’existe pas dans ce dispositif."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows: Callable[[], Mapping[int, Any]] = dict

    def prepare_value(self, value: object) -> object:
        return getattr(value, "pk", value)

    def to_python(self, value: object) -> object:
        if value in self.empty_values:
            return None
        row = self._row(value)
        if row is None:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return row

    def _row(self, value: object) -> object:
        text = str(getattr(value, "pk", value))
        # No key of a database has more digits; a longer number costs time, or is refused by Python.
        is_key = text.isascii() and text.isdigit() and len(text) < 19
        return self.rows().get(int(text)) if is_key else None

    def validate(self, value: object) -> None:
        forms.Field.validate(self, value)

    def has_changed(self, initial: object, data: object) -> bool:
        return str(self.prepare_value(initial) or "") != str(self.prepare_value(data) or "")


class KnownRows(KnownRow):
    """Several of them."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [getattr(row, "pk", row) for row in value]
        return value

    def to_python(self, value: Any) -> list[Any]:
        rows = [self._row(key) for key in value or []]
        if None in rows:
            raise ValidationError(self.error_messages["invalid_choice"], "invalid_choice")
        return list(dict.fromkeys(rows))

    def has_changed(self, initial: object, data: object) -> bool:
        def keys(value: object) -> list[str]:
            return [str(key) for key in self.prepare_value(value or [])]

        return sorted(keys(initial)) != sorted(keys(data))


class DurationField(forms.Field):
    """Whole minutes, from what people type: `45`, `45 min`, `1h30`, `1:30`, `1,5 h`."""

    def __init__(self, *, shortest: int, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shortest, self.longest = shortest, longest

    def to_python(self, value: object) -> int | None:
        if value in self.empty_values:
            return None
        try:
            minutes = parse_duration(str(value))
        except ValueError:
            raise ValidationError(
                f"« {str(value)[:20]} » n’est pas une durée : écrivez 45, 45 min, 1h30 ou 1,5 h."
            ) from None
        if not self.shortest <= minutes <= self.longest:
            raise ValidationError(
                f"La durée doit être comprise entre {format_duration(self.shortest)} "
                f"et {format_duration(self.longest)}."
            )
        return minutes

    def has_changed(self, initial: object, data: object) -> bool:
        """« 1 h 20 » and 80 are the same duration."""
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


def asked_duration(shortest: int, longest: int) -> DurationField:
    """How long something lasted: usual lengths as chips, and any other one."""
    typed = {"placeholder": f"ex.{NBSP}1h30", "autocomplete": "off", "maxlength": 20}
    return DurationField(
        label="Durée",
        shortest=shortest,
        longest=longest,
        widget=ChipsOr(forms.TextInput(typed), "Autre durée"),
        error_messages={"required": "Indiquez la durée."},
    )


def asked_day() -> forms.DateField:
    """On which day: the last ones as chips, and any other one."""
    return forms.DateField(
        label="Date",
        widget=ChipsOr(DayInput(), "Autre date"),
        error_messages={"required": "Indiquez la date.", "invalid": NO_SUCH_DAY},
    )


class ReadRows(forms.BaseFormSet):
    """Rows of which every one is read: one that equals what is saved would otherwise count as absent."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": INCOMPLETE,
    }

    def _construct_form(self, i: int, **kwargs: object) -> forms.BaseForm:
        form: forms.BaseForm = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # not in django-stubs
        form.empty_permitted = False
        return form


class ClockField(forms.TimeField):
    """A time of day, from what people type: `9h30`, `9:30`, `1405`, `9 h`, or the hour alone."""

    default_error_messages = {"invalid": "Écrivez l’heure comme 9h30."}

    def to_python(self, value: Any) -> time | None:
        if value in self.empty_values or isinstance(value, time):
            return value or None
        typed = str(value).strip()
        try:
            return parse_time(f"{typed}h" if len(typed) < 3 and typed.isdigit() else typed)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], "invalid") from None


def grouped(rows: Iterable[tuple[str, Any]], blank: str | None = None) -> list[Any]:
    """Choices of a model field in groups, from (group, row) in order, after an optional blank."""
    choices: list[object] = [("", blank)] if blank is not None else []
    for name, members in groupby(rows, key=lambda pair: pair[0]):
        choices.append((name, [(row.pk, str(row)) for _, row in members]))
    return choices


def target(bound: Any) -> str:
    """The id of the control that a fault's link leads to: of a group of choices, the first one."""
    return str(bound.id_for_label or f"{bound.auto_id}_0")


def add_errors(form: forms.BaseForm, error: ValidationError) -> None:
    """What an action refused: beside the field where the form has it, otherwise above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, problems in error.error_dict.items():
        form.add_error(name if name in form.fields else None, problems)


CHOOSE = "Choisir dans la liste…"


def named_choices(row: Any) -> str:
    return "\u2003" * row.depth + row.name
