"""The only row rule: which rows a membership sees (R75).

A model declares a `Scope`: the path to its programme, and the grounds on which a row is seen. A
reader sees the rows of its own programme that offer at least one ground its role uses; no common
ground, no row. A model that declares nothing raises: `None` never means everything.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Q

from .rights import Ground, Right

if TYPE_CHECKING:
    from .access.models import Membership
    from .territory.models import Perimeter

NOTHING = Q(pk__in=[])


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

    def on_ground(
        self, ground: Ground, membership: "Membership", model: type[models.Model]
    ) -> Q | None:
        """The rows of a model seen on one ground; None where it does not offer it."""
        if ground is Ground.PROGRAMME:
            if self.owner and not membership.may(Right.SUPERVISE):
                return Q(**{self.owner: membership.user_id})
            return Q()
        if ground is Ground.FRAME and self.frame:
            return Q()
        if ground is Ground.PARTY and self.party:
            return Q(**{self.party: membership.party_id})
        if ground is Ground.ADDRESSEE and self.addressee:
            # Through many recipients: a row is one row, however many of the party's it names.
            rows = getattr(model, "instance_type", model)._base_manager
            sent = rows.filter(**{self.addressee: membership.party_id})
            theirs = Q(id__in=sent.values("id"))
            if self.concerns:
                party = {self.concerns: membership.party_id}
                theirs &= Q(**{f"{self.concerns}__isnull": True}) | Q(**party)
            return theirs
        if ground is Ground.PLACE and self.place:
            perimeter = membership.perimeter
            if perimeter is None:
                return None
            within = self.within(perimeter)
            return within & Q(**{self.shared: True}) if self.shared else within
        if ground is Ground.SEAT and self.committee and self.dated:
            return self._seated(membership)
        return None

    def _seated(self, membership: "Membership") -> Q:
        """The rows of committees in which the party had a seat on the row's own day (R55, R61)."""
        seats = apps.get_model("governance", "Seat").objects.filter(
            party=membership.party_id, on_agenda=False
        )
        condition = NOTHING
        for committee, starts, ends in seats.values_list("committee", "starts", "ends"):
            part = Q(**{self.committee or "": committee, f"{self.dated}__gte": starts})
            if ends:
                part &= Q(**{f"{self.dated}__lte": ends})
            condition |= part
        return condition

    def within(self, perimeter: "Perimeter") -> Q:
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

    def visible_to(self, membership: "Membership") -> Self:
        """The rows this reader may see, and no other."""
        scope = self._scope()
        if scope.reader:
            return self.of_programme(membership.programme_id).filter(**{scope.reader: membership})
        condition = NOTHING
        for ground in sorted(membership.grounds):
            part = scope.on_ground(ground, membership, self.model)
            if part == Q():
                return self.of_programme(membership.programme_id)
            if part is not None:
                condition |= part
        if scope.internal:
            condition &= Q(**{scope.internal: False})
        return self.of_programme(membership.programme_id).filter(condition)

    def within(self, perimeter: "Perimeter") -> Self:
        """The rows of a perimeter, whoever reads: what figures are counted on."""
        scope = self._scope()
        return self.of_programme(perimeter.party.programme_id).filter(scope.within(perimeter))


class ScopedModel(models.Model):
    """Base of every model of ours: a scope, and a class and retention for each field."""

    scope: ClassVar[Scope | Closed]
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def is_visible_to(self, membership: "Membership") -> bool:
        """The row rule for one object, derived from the one for lists."""
        return type(self)._default_manager.visible_to(membership).filter(pk=self.pk).exists()
