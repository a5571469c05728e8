"""The only row rule: which rows a reader sees (R75). It knows no model: a reader says of itself what
the rule asks.

A model declares a `Scope`: the path to its programme, and the grounds on which a row is seen. A
reader sees the rows of its own programme that offer at least one ground its role uses; no common
ground, no row. A model that declares nothing raises: `None` never means everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol, Self

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q

from .rights import Ground, Right

NOTHING = Q(pk__in=[])
EVERYTHING = Q()  # of the reader’s own programme


class Area(Protocol):
    """The places of a perimeter: (first day, last day or None, keys of places)."""

    @property
    def intervals(self) -> list[tuple[date, date | None, list[int]]]: ...
    @property
    def programme_id(self) -> int: ...


class Reader(Protocol):
    """Who reads: of one programme, for one party, on the grounds of a role (see `rights`)."""

    @property
    def pk(self) -> Any: ...
    @property
    def user_id(self) -> int: ...
    @property
    def party_id(self) -> int: ...
    @property
    def programme_id(self) -> int: ...
    @property
    def grounds(self) -> frozenset[Ground]: ...
    @property
    def perimeter(self) -> Area | None: ...
    @property
    def seats(self) -> Iterable[tuple[int, date, date | None]]:
        """(key of a committee, first day, last day or None) in which its party reads papers."""

    def may(self, right: Right | str | None) -> bool: ...


@dataclass(frozen=True)
class Scope:
    """Paths from a model to what decides.

    `dated` is the path to the day on which its place, or its committee's seats, are matched;
    without one, a place that was ever covered counts. `shared` is the path to a flag without which
    a row is not seen on the ground of its place. `addressee` is the path to the parties it was sent
    to; on that ground, a row that `concerns` one party (the path to it) is seen by that one only.
    `internal` is the path to a flag of rows that stay with the operator on any ground. `owner`
    is the path to the user whose private row it is: of their own programme's rows the operator's
    people see those, and who supervises all.
    `reader` is the path to the one membership that sees the row, whatever its role and grounds.
    """

    programme: str
    frame: bool = False
    place: str | None = None
    dated: str | None = None
    party: str | None = None
    committee: str | None = None
    shared: str | None = None
    addressee: str | None = None
    concerns: str | None = None
    internal: str | None = None
    owner: str | None = None
    reader: str | None = None

    def on_ground(self, ground: Ground, reader: Reader, model: type[models.Model]) -> Q | None:
        """The rows of a model seen on one ground; None where it does not offer it."""
        if ground is Ground.PROGRAMME:
            if self.owner and not reader.may(Right.SUPERVISE):
                return Q(**{self.owner: reader.user_id})
            return EVERYTHING
        if ground is Ground.FRAME and self.frame:
            return EVERYTHING
        if ground is Ground.PARTY and self.party:
            return Q(**{self.party: reader.party_id})
        if ground is Ground.ADDRESSEE and self.addressee:
            # Through many recipients: a row is one row, however many of the party's it names.
            rows = getattr(model, "instance_type", model)._base_manager
            sent = rows.filter(**{self.addressee: reader.party_id})
            theirs = Q(id__in=sent.values("id"))
            if self.concerns:
                party = {self.concerns: reader.party_id}
                theirs &= Q(**{f"{self.concerns}__isnull": True}) | Q(**party)
            return theirs
        if ground is Ground.PLACE and self.place:
            perimeter = reader.perimeter
            if perimeter is None:
                return None
            within = self.within(perimeter)
            return within & Q(**{self.shared: True}) if self.shared else within
        if ground is Ground.SEAT and self.committee and self.dated:
            return self._seated(reader)
        return None

    def _seated(self, reader: Reader) -> Q:
        """The rows of committees in which the party had a seat on the row's own day (R55, R61)."""
        condition = NOTHING
        for committee, starts, ends in reader.seats:
            part = Q(**{self.committee or "": committee, f"{self.dated}__gte": starts})
            if ends:
                part &= Q(**{f"{self.dated}__lte": ends})
            condition |= part
        return condition

    def within(self, perimeter: Area) -> Q:
        """The rows whose place the perimeter covered on their own date."""
        if self.place is None:
            raise ImproperlyConfigured("this model has no place: no perimeter can hold its rows")
        condition = NOTHING
        for starts, ends, places in perimeter.intervals:
            part = Q(**{f"{self.place}__in": places})
            if self.dated:
                part &= Q(**{f"{self.dated}__gte": starts})
                if ends:
                    part &= Q(**{f"{self.dated}__lte": ends})
            condition |= part
        return condition


@dataclass(frozen=True)
class Closed:
    """For a model that no page reads on its own; says through what it is read instead."""

    reason: str


class ScopedQuerySet(models.QuerySet):
    def _scope(self) -> Scope:
        # A historical copy inherits the scope of its model.
        scope = getattr(getattr(self.model, "instance_type", self.model), "scope", None)
        if not isinstance(scope, Scope):
            raise ImproperlyConfigured(f"{self.model.__name__} declares no scope")
        return scope

    def of_programme(self, programme_id: int) -> Self:
        return self.filter(**{self._scope().programme: programme_id})

    def visible_to(self, reader: Reader) -> Self:
        """The rows this reader may see, and no other."""
        scope = self._scope()
        if scope.reader:
            return self.of_programme(reader.programme_id).filter(**{scope.reader: reader.pk})
        condition = NOTHING
        for ground in sorted(reader.grounds):
            part = scope.on_ground(ground, reader, self.model)
            if part == EVERYTHING:
                rows = self.of_programme(reader.programme_id)
                kept_in = scope.internal if ground is not Ground.PROGRAMME else None
                return rows.filter(**{kept_in: False}) if kept_in else rows
            if part is not None:
                condition |= part
        if scope.internal:
            condition &= Q(**{scope.internal: False})
        return self.of_programme(reader.programme_id).filter(condition)

    def within(self, perimeter: Area) -> Self:
        """The rows of a perimeter, whoever reads: what figures are counted on."""
        scope = self._scope()
        return self.of_programme(perimeter.programme_id).filter(scope.within(perimeter))


class ScopedModel(models.Model):
    """Base of every model of ours: a scope, and a class and retention for each field."""

    scope: ClassVar[Scope | Closed]
    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_visible_to(self, reader: Reader) -> bool:
        """The row rule for one object, derived from the one for lists."""
        return type(self)._default_manager.visible_to(reader).filter(pk=self.pk).exists()
