"""Changes of the frame's rows: once however often a form arrives, over what was shown, journalled."""

import hashlib
import json
from collections.abc import Sequence
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.forms.models import model_to_dict

from governance.scoping import Reader
from humanicite.lib.writes import Done

from .models import Act, record

Row = TypeVar("Row", bound=models.Model)


def fingerprint(row: models.Model, fields: Sequence[str]) -> str:
    """Tells whether what somebody was shown of a row is still what is saved."""
    values = model_to_dict(row, fields)
    shown = json.dumps([values[name] for name in fields], default=str)
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


@transaction.atomic
def add_row(row: Row, *, twins: models.QuerySet, by: Reader, unchecked: Sequence[str] = ()) -> Row:
    """Saves a new row, unless `twins`, rows that say the same, hold one.

    Raises Done for a twin, ValidationError for a row that may not be.
    """
    if (twin := twins.first()) is not None:
        raise Done(twin)
    row.full_clean(exclude=unchecked)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        # Two sendings crossed; the constraint let one through.
        if (twin := twins.first()) is not None:
            raise Done(twin) from error
        raise ValidationError(
            "Une ligne pareille vient d’être enregistrée par ailleurs."
        ) from error
    record(Act.CREATE, row, by=by, programme=by.programme_id)
    return row


@transaction.atomic
def change_row(
    row: Row,
    *,
    seen: str,
    shown: Sequence[str],
    changed: Sequence[str],
    by: Reader,
    unchecked: Sequence[str] = (),
) -> Row:
    """Saves a changed row. `seen` is the fingerprint of its fields `shown` as they were read.

    Raises ValidationError when somebody saved another one meanwhile, or for a row that may not be.
    """
    saved = type(row)._default_manager.select_for_update(of=("self",)).get(pk=row.pk)
    now = fingerprint(saved, shown)
    if now != seen:
        if now == fingerprint(row, shown):
            return row  # the same form, twice
        raise ValidationError(_meanwhile(saved, shown))
    row.full_clean(exclude=unchecked)
    row.save()
    record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=list(changed))
    return row


def _meanwhile(saved: models.Model, shown: Sequence[str]) -> str:
    parts = []
    for name in shown:
        said = getattr(saved, f"get_{name}_display", lambda name=name: getattr(saved, name))()
        label = str(getattr(saved._meta.get_field(name), "verbose_name", name))
        if said not in (None, "", False):
            parts.append(f"{label} « {'oui' if said is True else said} »")
    return (
        f"Modifié entre-temps par quelqu’un d’autre : {', '.join(parts)}. Votre saisie est "
        "conservée : enregistrez de nouveau pour la remplacer."
    )
