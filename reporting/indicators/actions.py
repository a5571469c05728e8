"""Writes on indicators: keyword-only, `by=` the membership that acts, atomic, journalled (R52, R57)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.models import Act, Meeting, Membership, Perimeter, record
from governance.rights import Right
from humanicite.lib.dates import NBSP
from humanicite.lib.writes import save_once, take_version
from mediation import personal
from reporting.naming import outside_names, told_outside
from reporting.periods import Period

from .models import (
    Definition,
    DefinitionState,
    Explanation,
    HandValue,
    Indicator,
    period_error,
)

NOT_YOURS = f"Cet indicateur ne peut pas être enregistré{NBSP}: rouvrez le formulaire."
READ_BY_ALL = (
    "name", "proposed_by", "change", "baseline_comment", "target_comment", "justification", "source",
    "method", "responsible", "known_issues",
)  # fmt: skip


def _may(by: Membership) -> None:
    if not by.may(Right.DEFINE_INDICATORS):
        raise PermissionDenied


def refuse_persons(row: Any, names: Iterable[str]) -> None:
    """Raises ValidationError on each text that seems to identify somebody."""
    errors = {
        name: f"Ce texte semble identifier quelqu’un{NBSP}: {personal.said(found)}. Dites la fonction, "
        "sans la personne."
        for name in names
        if (found := personal.find(getattr(row, name)))
    }
    if errors:
        raise ValidationError(errors)


def create(
    *, indicator: Indicator, definition: Definition, today: date, by: Membership
) -> Indicator:
    """A new indicator with its first version, once however often its form arrives.

    Raises Done, PermissionDenied, ValidationError.
    """
    indicator.programme_id = by.programme_id

    def save() -> None:
        _may(by)
        indicator.place = definition.place
        indicator.save()
        definition.indicator, definition.number, definition.proposed_on = indicator, 1, today
        _check(definition)
        definition.save()
        indicator.current = definition
        indicator.save(update_fields=["current"])
        record(Act.CREATE, indicator, by=by, programme=indicator.programme_id)

    return save_once(
        indicator, save, is_theirs=lambda row: row.is_visible_to(by), refusal=NOT_YOURS
    )


def _check(definition: Definition) -> None:
    refuse_persons(definition, READ_BY_ALL)
    definition.full_clean(exclude=["indicator", "indicator_id"])


@transaction.atomic
def propose(
    *,
    indicator: Indicator,
    definition: Definition,
    read_version: int,
    today: date,
    by: Membership,
    fields: Sequence[str],
) -> Definition:
    """Another version, or a change of the one that waits. What is validated is not touched.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    _may(by)
    take_version(indicator, read_version, Indicator.objects.select_related("current"))
    waiting = indicator.definitions.filter(state=DefinitionState.PROPOSED).first()
    if waiting is not None:
        definition.pk, definition.number = waiting.pk, waiting.number
        definition._state.adding = False
    else:
        last = indicator.definitions.order_by("-number").values_list("number", flat=True).first()
        definition.pk, definition.number = None, (last or 0) + 1
        definition._state.adding = True
    definition.indicator, definition.state = indicator, DefinitionState.PROPOSED
    definition.proposed_on, definition.settled_on, definition.meeting = today, None, None
    if definition.number > 1 and not definition.change:
        raise ValidationError({"change": "Dites ce qui change, et pourquoi."})
    _check(definition)
    definition.save()
    if indicator.current_id == definition.pk and indicator.place_id != definition.place_id:
        indicator.place = definition.place
        indicator.save(update_fields=["place"])
    record(
        Act.CHANGE, indicator, by=by, programme=indicator.programme_id, fields=sorted(set(fields))
    )
    return definition


@transaction.atomic
def settle(
    *,
    indicator: Indicator,
    state: str,
    meeting: Meeting | None,
    on: date,
    read_version: int,
    by: Membership,
) -> Definition:
    """What the comité de pilotage made of the version that waited. A first version that is set aside
    takes its indicator with it.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    _may(by)
    take_version(indicator, read_version, Indicator.objects.select_related("current"))
    definition = indicator.definitions.filter(state=DefinitionState.PROPOSED).first()
    if definition is None:
        raise ValidationError("Aucune version n’attend de validation.")
    if on < definition.proposed_on:
        raise ValidationError(
            {"on": f"Cette version a été proposée le {definition.proposed_on:%d/%m/%Y}."}
        )
    definition.state, definition.meeting, definition.settled_on = state, meeting, on
    definition.full_clean(exclude=["indicator"])
    definition.save()
    if state == DefinitionState.VALIDATED:
        indicator.current, indicator.place_id = definition, definition.place_id
    elif definition.number == 1:
        indicator.retired_on, indicator.retired_reason = on, "Écarté avant validation"
    indicator.save()
    record(Act.CHANGE, indicator, by=by, programme=indicator.programme_id, fields=["state"])
    return definition


@transaction.atomic
def retire(
    *, indicator: Indicator, on: date | None, reason: str, read_version: int, by: Membership
) -> Indicator:
    """Retires an indicator from a day on, or takes it up again (no day). Its values stay.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    _may(by)
    take_version(indicator, read_version, Indicator.objects.select_related("current"))
    indicator.retired_on, indicator.retired_reason = on, reason if on else ""
    refuse_persons(indicator, ["retired_reason"])
    indicator.full_clean(exclude=["uid", "place", "current"])
    indicator.save()
    record(Act.CHANGE, indicator, by=by, programme=indicator.programme_id, fields=["retired_on"])
    return indicator


# --- Values by hand -------------------------------------------------------------------------------


@transaction.atomic
def enter(
    *,
    indicator: Indicator,
    perimeters: Sequence[Perimeter],
    value: HandValue,
    today: date,
    by: Membership,
) -> list[HandValue]:
    """The same value for one or several perimeters that it describes, each its own row.

    Raises PermissionDenied, ValidationError by field: two values for one period, a period out of the
    conventions.
    """
    _may(by)
    known = HandValue.objects.filter(
        indicator=indicator, perimeter__in=perimeters, period=value.period
    ).select_related("perimeter")
    held = list(known)
    if held and all(row.uid == value.uid for row in held):
        return held  # the form came twice
    if held:
        names = ", ".join(str(row.perimeter) for row in held)
        label = value.of_period.label
        raise ValidationError(
            {"period": f"{label.capitalize()} a déjà sa valeur ({names})\u00a0: corrigez-la."}
        )
    made = []
    for perimeter in perimeters:
        row = HandValue(
            indicator=indicator,
            perimeter=perimeter,
            **{name: getattr(value, name) for name in ENTERED},
        )
        _check_value(row, today)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise ValidationError(
                {
                    "period": f"{row.of_period.label.capitalize()} a déjà sa valeur\u00a0: corrigez-la."
                }
            ) from None
        record(Act.CREATE, row, by=by, programme=indicator.programme_id)
        made.append(row)
    return made


ENTERED = (
    "uid", "period", "value", "numerator", "denominator", "source", "wording", "asked", "first_day",
    "last_day",
)  # fmt: skip


@transaction.atomic
def correct(
    *, row: HandValue, read_version: int, today: date, by: Membership, fields: Sequence[str]
) -> HandValue:
    """A corrected value; the former stays in its history. Raises Conflict, PermissionDenied,
    ValidationError."""
    _may(by)
    take_version(row, read_version, HandValue.objects.select_related("perimeter"))
    _check_value(row, today)
    row.save()
    record(Act.CHANGE, row, by=by, programme=row.programme_id, fields=list(fields))
    return row


def _check_value(row: HandValue, today: date) -> None:
    if wrong := period_error(row.programme_id, row.of_period, today):
        raise ValidationError({"period": wrong})
    refuse_persons(row, ["source", "wording"])
    row.full_clean(validate_constraints=False)


@transaction.atomic
def explain(
    *,
    indicator: Indicator,
    perimeter: Perimeter,
    period: Period,
    text: str,
    read_version: int,
    today: date,
    by: Membership,
) -> Explanation:
    """« Écart expliqué », beside the value of a period; read by the perimeter's party, so it names
    nothing outside. Raises Conflict, PermissionDenied, ValidationError."""
    _may(by)
    row = Explanation.objects.filter(
        indicator=indicator, perimeter=perimeter, period=period.slug
    ).first()
    if row is None:
        row = Explanation(indicator=indicator, perimeter=perimeter, period=period.slug)
    else:
        take_version(row, read_version)
    act = Act.CREATE if row._state.adding else Act.CHANGE
    row.text, row.said_on = " ".join(text.split()), today
    row.said_by = by.function or by.user.function or by.get_role_display()
    if wrong := period_error(indicator.programme_id, period, today):
        raise ValidationError(wrong)
    refuse_persons(row, ["text"])
    if told := told_outside(row.text, outside_names(perimeter, period)):
        raise ValidationError({"text": f"Ce texte nomme {', '.join(told)}, hors de ce périmètre."})
    row.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ValidationError(
            "Cet écart vient d’être expliqué par quelqu’un d’autre : rouvrez la page."
        ) from None
    record(act, row, by=by, programme=indicator.programme_id, fields=["text"])
    return row
