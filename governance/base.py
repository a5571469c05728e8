"""What dated and retired rows share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
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

    objects: ClassVar = DatedQuerySet.as_manager()

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


def current(on: date, keep: object = None, prefix: str = "") -> Q:
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


# --- What is approved no longer changes -----------------------------------------------------------
class Frozen(ValidationError):
    """What approved minutes tell was about to be changed otherwise than by a correction."""

    def __init__(self) -> None:
        super().__init__(
            "Ce compte rendu est approuvé : il ne change plus que par une correction.", "frozen"
        )


_thawed: ContextVar[bool] = ContextVar("thawed", default=False)


@contextmanager
def thawed() -> Iterator[None]:
    """Lets a correction write what is frozen; within its transaction, and nowhere else."""
    token = _thawed.set(True)
    try:
        yield
    finally:
        _thawed.reset(token)


class FreezableQuerySet(ScopedQuerySet):
    """Refuses what changes rows at a stroke where one of them is frozen."""

    model: Any

    def frozen(self) -> Self:
        return self.filter(**self.model.FROZEN_WHEN)

    def _refuse(self, fields: Iterable[str]) -> None:
        if not _thawed.get() and set(fields) - self.model.STILL_CHANGES and self.frozen().exists():
            raise Frozen

    def update(self, **values: object) -> int:
        self._refuse(values)
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse(["pk"])
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **more: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.refuse_if_frozen()
        return super().bulk_create(rows, *args, **more)


class Freezable(ScopedModel):
    """A row that approved minutes tell. `FROZEN_WHEN`: since when, as a filter; `STILL_CHANGES`: the
    fields that live on. The removal of a whole programme is not held up."""

    FROZEN_WHEN: ClassVar[dict[str, object]] = {}
    STILL_CHANGES: ClassVar[frozenset[str]] = frozenset()

    objects: ClassVar = FreezableQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_under_frozen(self) -> bool:
        """Whether a new row would join what is approved."""
        return False

    def refuse_if_frozen(self) -> None:
        """Raises Frozen for a row that may not be added, or not be changed as it is now."""
        if _thawed.get():
            return
        if self._state.adding:
            if self.is_under_frozen():
                raise Frozen
            return
        rows = type(self)._base_manager.filter(pk=self.pk)
        stored = rows.filter(**self.FROZEN_WHEN).values().first()
        if stored and any(
            stored[field.attname] != getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in self.STILL_CHANGES
        ):
            raise Frozen

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_if_frozen()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        rows = type(self)._base_manager.filter(pk=self.pk)
        if not _thawed.get() and rows.filter(**self.FROZEN_WHEN).exists():
            raise Frozen
        return super().delete(*args, **kwargs)
