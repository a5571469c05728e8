"""What dated and retired rows share."""

from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from .scoping import ScopedModel, ScopedQuerySet


def in_force(on: date, prefix: str = "") -> Q:
    """Rows whose first and last day (included) enclose `on`."""
    return Q(**{f"{prefix}starts__lte": on}) & (
        Q(**{f"{prefix}ends__isnull": True}) | Q(**{f"{prefix}ends__gte": on})
    )


class DatedQuerySet(ScopedQuerySet):
    def on(self, day: date) -> Self:
        return self.filter(in_force(day))


class Dated(ScopedModel):
    """A row that holds from a first day to a last day, both included; no last day: still holds."""

    starts = models.DateField("à partir du")
    ends = models.DateField("jusqu’au", null=True, blank=True)

    objects: ClassVar[Any] = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("starts")),
                name="%(app_label)s_%(class)s_ends_after_start",
                violation_error_message="La date de fin précède la date de début.",
            )
        ]

    def holds(self, on: date) -> bool:
        return self.starts <= on and (self.ends is None or self.ends >= on)


def current(on: date, keep: Any = None, prefix: str = "") -> Q:
    """Rows not retired on a day; `keep` is the key of one shown all the same (an old record's)."""
    kept = Q(**{f"{prefix}pk": keep or 0})
    return Q(**{f"{prefix}retired_on__isnull": True}) | Q(**{f"{prefix}retired_on__gt": on}) | kept


def is_current(row: Any, on: date, keep: int | None = None) -> bool:
    """The same for a row at hand; what cannot be retired is current."""
    retired_on = getattr(row, "retired_on", None)
    return retired_on is None or retired_on > on or row.pk == keep


class Retirable(ScopedModel):
    """An entry of a list of the programme: retired with a date, never deleted."""

    retired_on = models.DateField("retiré le", null=True, blank=True)

    class Meta:
        abstract = True


def require_same_programme(programme_id: int | None, **related: Any) -> None:
    """Raises ValidationError on each field whose row belongs to another programme."""
    errors = {
        name: "Cet élément appartient à un autre dispositif."
        for name, row in related.items()
        if row is not None and programme_id is not None and row.programme_id != programme_id
    }
    if errors:
        raise ValidationError(errors)
