"""Roadmaps: what a year and a month are meant to bring, and what came of it (R33, R34, R50, R51)."""

import uuid
from calendar import monthrange
from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import Meeting, Objective, Place, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.dates import MONTHS
from mediation.frame.reference import ReferenceActivity


class RoadmapState(models.TextChoices):
    """A draft stays with the operator; the parties read it from the moment it is put to them."""

    DRAFT = "draft", "En préparation"
    PROPOSED = "proposed", "Soumise aux parties"
    VALIDATED = "validated", "Validée"


class Roadmap(ScopedModel):
    """The plan of a calendar year, or of one of its months (`month` from 1 to 12; None: the year)."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="roadmaps")
    year = models.PositiveSmallIntegerField("année")
    month = models.PositiveSmallIntegerField("mois", null=True, blank=True)
    goals = models.TextField("objectifs généraux", max_length=4000, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=RoadmapState, default=RoadmapState.DRAFT
    )
    # The comité de pilotage that validated it (R51); a month needs none.
    meeting = models.ForeignKey(
        Meeting,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="roadmaps",
        verbose_name="validée en séance",
    )
    validated_on = models.DateField("validée le", null=True, blank=True)
    is_internal = models.BooleanField(default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="programme", frame=True, internal="is_internal")
    privacy = Privacy(
        Retention.FRAME,
        shareable=("year", "month", "goals", "state", "meeting", "validated_on"),
        technical=("id", "programme", "is_internal", "version"),
    )

    class Meta:
        verbose_name = "feuille de route"
        verbose_name_plural = "feuilles de route"
        ordering = ["-year", F("month").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year"],
                condition=Q(month__isnull=True),
                name="roadmap_once_a_year",
                violation_error_message="Cette année a déjà sa feuille de route.",
            ),
            models.UniqueConstraint(
                fields=["programme", "year", "month"],
                condition=Q(month__isnull=False),
                name="roadmap_once_a_month",
                violation_error_message="Ce mois a déjà sa feuille de route.",
            ),
            models.CheckConstraint(
                condition=Q(month__isnull=True) | Q(month__gte=1, month__lte=12),
                name="roadmap_month_of_a_year",
                violation_error_message="Ce mois n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=RoadmapState.VALIDATED, validated_on__isnull=False)
                | Q(validated_on__isnull=True)
                & Q(state__in=[RoadmapState.DRAFT, RoadmapState.PROPOSED]),
                name="roadmap_validated_on_a_day",
                violation_error_message="Dites quel jour la feuille de route a été validée.",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=Q(state=RoadmapState.DRAFT)),
                name="roadmap_draft_is_internal",
            ),
        ]

    def __str__(self) -> str:
        return f"Feuille de route {self.of_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_internal = self.state == RoadmapState.DRAFT
        super().save(*args, **kwargs)

    @property
    def is_yearly(self) -> bool:
        return self.month is None

    @property
    def label(self) -> str:
        """« 2026 », « novembre 2026 »."""
        return f"{MONTHS[self.month - 1]} {self.year}" if self.month else str(self.year)

    @property
    def of_label(self) -> str:
        """« 2026 », « de novembre 2026 », « d’avril 2026 »."""
        if not self.month:
            return self.label
        return f"d’{self.label}" if self.label[0] in "ao" else f"de {self.label}"

    @property
    def first(self) -> date:
        return date(self.year, self.month or 1, 1)

    @property
    def last(self) -> date:
        month = self.month or 12
        return date(self.year, month, monthrange(self.year, month)[1])

    def clean(self) -> None:
        self.is_internal = self.state == RoadmapState.DRAFT
        meeting = self.meeting.committee if self.meeting else None
        require_same_programme(self.programme_id, meeting=meeting)


class PlannedState(models.TextChoices):
    PLANNED = "planned", "Prévue"
    DONE = "done", "Réalisée"
    CARRIED = "carried", "Reportée"
    DROPPED = "dropped", "Abandonnée"


class PlannedActionQuerySet(ScopedQuerySet):
    def of_month(self, day: date) -> Self:
        """What the plan of a day’s month still has to do, in its order."""
        return self.open_by_month().filter(roadmap__year=day.year, roadmap__month=day.month)

    def open_by_month(self) -> Self:
        """What the plans of months still have to do, the newest month first."""
        rows = self.filter(roadmap__month__isnull=False, state=PlannedState.PLANNED)
        months = ("-roadmap__year", "-roadmap__month")
        return rows.select_related("roadmap").order_by(*months, "rank", "pk")


class PlannedAction(ScopedModel):
    """One action of a roadmap: what, for which objective, where, when, what is expected of it.

    `quantity`: how many activities it is meant to take; None: not counted so. A month's action names
    the year's that it comes from (`parent`); what was logged against it counts for both.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    roadmap = models.ForeignKey(Roadmap, models.CASCADE, related_name="planned_actions")
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name="action de l’année",
    )
    objective = models.ForeignKey(
        Objective, models.RESTRICT, related_name="planned_actions", verbose_name="objectif"
    )
    title = models.CharField("action", max_length=160)
    type = models.CharField(
        "activité de référence", max_length=4, choices=ReferenceActivity, blank=True
    )
    place = models.ForeignKey(
        Place,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="planned_actions",
        verbose_name="lieu",
    )
    starts = models.DateField("du")
    ends = models.DateField("au")
    expected = models.CharField("résultat attendu", max_length=300, blank=True)
    quantity = models.PositiveSmallIntegerField("nombre d’activités prévues", null=True, blank=True)
    state = models.CharField(
        "état", max_length=8, choices=PlannedState, default=PlannedState.PLANNED
    )
    reason = models.CharField("motif", max_length=200, blank=True)
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(bases=[ScopedModel])

    objects: ClassVar = PlannedActionQuerySet.as_manager()
    scope = Scope(programme="roadmap__programme", frame=True, internal="roadmap__is_internal")
    shown_with = ("roadmap", "objective__axis", "place")
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "objective",
            "title",
            "type",
            "place",
            "starts",
            "ends",
            "expected",
            "quantity",
            "state",
            "reason",
            "rank",
        ),
        technical=("id", "uid", "roadmap", "parent", "version"),
    )

    class Meta:
        verbose_name = "action prévue"
        verbose_name_plural = "actions prévues"
        ordering = ["objective__axis__number", "objective__number", "rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="planned_action_has_a_title",
                violation_error_message="Dites ce qui est prévu.",
            ),
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="planned_action_ends_after_start",
                violation_error_message="La fin précède le début.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PlannedState.values),
                name="planned_action_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(type__in=["", *ReferenceActivity.values]),
                name="planned_action_type_of_the_norm",
                violation_error_message="Ce type d’activité n’est pas dans le référentiel.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PlannedState.CARRIED, PlannedState.DROPPED])
                | ~Q(reason=""),
                name="planned_action_given_up_with_a_reason",
                violation_error_message="Dites pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gte=1),
                name="planned_action_of_one_or_more",
                violation_error_message="Prévoyez au moins une activité, ou laissez vide.",
            ),
            models.UniqueConstraint(
                fields=["roadmap", "parent"],
                condition=Q(parent__isnull=False),
                name="planned_action_once_a_month",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def programme_id(self) -> int:
        return self.roadmap.programme_id

    @property
    def is_open(self) -> bool:
        return self.state == PlannedState.PLANNED

    def is_late(self, on: date) -> bool:
        return self.is_open and self.ends < on

    def clean(self) -> None:
        require_same_programme(
            self.programme_id, objective=getattr(self, "objective", None), place=self.place
        )
        if self.starts and self.ends:
            first, last = self.roadmap.first, self.roadmap.last
            if not first <= self.starts <= last:
                raise ValidationError({"starts": _outside(self.roadmap)})
            if not first <= self.ends <= last:
                raise ValidationError({"ends": _outside(self.roadmap)})


def _outside(roadmap: Roadmap) -> str:
    what = "de cette année" if roadmap.is_yearly else "de ce mois"
    return f"Cette date n’est pas {what} : de {roadmap.first:%d/%m/%Y} à {roadmap.last:%d/%m/%Y}."
