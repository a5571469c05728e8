"""Places of the quarter, and the perimeter that each party may see (R5, R75)."""

from collections import defaultdict
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.base import Dated, require_same_programme
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet

SEPARATOR = " › "


class PlaceKind(models.TextChoices):
    QUARTER = "quarter", "Quartier"
    SIDE = "side", "Côté communal"
    BLOCK = "block", "Îlot"
    SPOT = "spot", "Bâtiment ou équipement"


class PlaceQuerySet(ScopedQuerySet):
    def in_tree_order(self) -> Self:
        return self.order_by("path")

    def beneath(self, place: "Place") -> Self:
        """The place and all its descendants."""
        return self.filter(programme_id=place.programme_id, path__startswith=place.path)


class Place(ScopedModel):
    """A node of the programme's tree: quarter → commune side → îlot → building or facility.

    `path` holds the keys from the root down, so that a subtree is one range of an index. It is
    derived from `parent` whenever a place is saved.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="places")
    parent = models.ForeignKey(
        "self", models.RESTRICT, null=True, blank=True, related_name="children"
    )
    slug = models.SlugField("identifiant", max_length=60)
    name = models.CharField("nom", max_length=120)
    kind = models.CharField("type", max_length=10, choices=PlaceKind)
    to_confirm = models.BooleanField("à confirmer", default=False)
    retired_on = models.DateField("retiré le", null=True, blank=True)
    path = models.CharField(max_length=200, editable=False, db_index=True)

    objects: ClassVar = PlaceQuerySet.as_manager()
    scope = Scope(programme="programme", place="id")
    privacy = Privacy(
        Retention.FRAME,
        shareable=("slug", "name", "kind", "to_confirm", "retired_on"),
        technical=("id", "programme", "parent", "path"),
    )

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="place_slug_once"),
            models.UniqueConstraint(
                fields=["programme"],
                condition=Q(parent__isnull=True),
                name="place_one_root",
                violation_error_message="Un dispositif n’a qu’un lieu racine.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        require_same_programme(self.programme_id, parent=self.parent)
        if self.parent and self.pk and self.parent.path.startswith(self.path):
            raise ValidationError({"parent": "Un lieu ne peut pas dépendre de lui-même."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves, and keeps the paths of the place and of all beneath it true."""
        with transaction.atomic():
            old = self.path
            super().save(*args, **kwargs)
            self.path = f"{self.parent.path if self.parent else ''}{self.pk:06d}."
            if self.path != old:
                Place.objects.filter(pk=self.pk).update(path=self.path)
                if old:
                    for below in Place.objects.filter(path__startswith=old).exclude(pk=self.pk):
                        Place.objects.filter(pk=below.pk).update(
                            path=self.path + below.path.removeprefix(old)
                        )

    @property
    def depth(self) -> int:
        return self.path.count(".") - 1

    @property
    def ancestor_ids(self) -> list[int]:
        return [int(key) for key in self.path.split(".")[:-2]]


class Perimeter(ScopedModel):
    """The places that one party may see, in words and as dated coverage rows."""

    party = models.OneToOneField(Party, models.CASCADE, related_name="perimeter")
    name = models.CharField("nom", max_length=120)
    places = models.ManyToManyField(Place, verbose_name="lieux", related_name="+")
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="party__programme", party="party")
    privacy = Privacy(Retention.FRAME, shareable=("name", "places"), technical=("id", "party"))

    class Meta:
        verbose_name = "périmètre d’intervention"
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def programme_id(self) -> int:
        return self.party.programme_id

    @cached_property
    def intervals(self) -> list[tuple[date, date | None, list[int]]]:
        """Coverage as (first day, last day or None, keys of places), one query for an instance."""
        grouped: dict[tuple[date, date | None], list[int]] = defaultdict(list)
        rows = Coverage.objects.filter(perimeter=self).order_by("starts", "place_id")
        for starts, ends, place_id in rows.values_list("starts", "ends", "place_id"):
            grouped[starts, ends].append(place_id)
        return [(starts, ends, places) for (starts, ends), places in grouped.items()]

    def place_ids(self) -> set[int]:
        """The places it reaches as the tree now stands: its own, all beneath, their ancestors."""
        reached: set[int] = set()
        for place in self.places.all():
            reached.update(place.ancestor_ids)
            reached.update(Place.objects.beneath(place).values_list("pk", flat=True))
        return reached

    @transaction.atomic
    def refresh_coverage(self, *, since: date) -> None:
        """Makes the coverage true from a day on; what was covered before stays covered."""
        wanted = self.place_ids()
        rows = Coverage.objects.filter(perimeter=self)
        # What began that day or later is written anew; what ran until then goes on, or ends the day
        # before. A place has one row at most that runs.
        rows.filter(starts__gte=since).delete()
        running = rows.filter(Q(ends__isnull=True) | Q(ends__gte=since - timedelta(days=1)))
        running.filter(place__in=wanted).update(ends=None)
        running.exclude(place__in=wanted).update(ends=since - timedelta(days=1))
        known = set(
            rows.filter(ends__isnull=True, place__in=wanted).values_list("place_id", flat=True)
        )
        Coverage.objects.bulk_create(
            Coverage(perimeter=self, place_id=place_id, starts=since)
            for place_id in sorted(wanted - known)
        )
        self.__dict__.pop("intervals", None)


class Coverage(Dated):
    """A place that a perimeter reached from a day to a day; derived, and kept for its dates."""

    perimeter = models.ForeignKey(Perimeter, models.CASCADE, related_name="coverage")
    place = models.ForeignKey(Place, models.CASCADE, related_name="coverage")

    scope = Scope(programme="perimeter__party__programme", party="perimeter__party")
    privacy = Privacy(
        Retention.FRAME,
        shareable=("place", "starts", "ends"),
        technical=("id", "perimeter"),
    )

    class Meta(Dated.Meta):
        verbose_name = "couverture"
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["perimeter", "place"],
                condition=Q(ends__isnull=True),
                name="coverage_open_once",
            ),
        ]
