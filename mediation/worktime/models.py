"""Working time that is no activity, and supervision (R27–R30)."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from governance.models import Membership, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.dates import format_duration
from mediation.activities.models import LONGEST, SHORTEST, must_be_in_term
from mediation.frame.models import Frame
from mediation.history.followed import Followed


class TimeKind(models.TextChoices):
    """*Terrain* is the activities themselves: it has no entry of its own."""

    REUNION = "reunion", "Réunion"
    PREPARATION = "preparation", "Préparation et saisie"
    FORMATION = "formation", "Formation"
    DEPLACEMENT = "deplacement", "Déplacement"
    ANALYSE = "analyse", "Analyse de la pratique"
    ENCADREMENT = "encadrement", "Encadrement"


class TimeEntryQuerySet(ScopedQuerySet):
    def between(self, first: date, last: date) -> Self:
        return self.filter(day__gte=first, day__lte=last)

    def in_order(self) -> Self:
        """By day and hour, those without an hour first, whatever the database."""
        return self.order_by("day", F("starts_at").asc(nulls_first=True), "pk")


class TimeEntry(ScopedModel):
    """Hours of one person on one day. Private to that person and to the coordination."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="time_entries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="time_entries", verbose_name="qui"
    )
    kind = models.CharField("nature", max_length=12, choices=TimeKind)
    day = models.DateField("date")
    minutes = models.PositiveSmallIntegerField(
        "durée",
        validators=[
            MinValueValidator(SHORTEST, "Comptez au moins 5 minutes."),
            MaxValueValidator(LONGEST, "Un jour compte au plus 24 heures."),
        ],
    )
    starts_at = models.TimeField("heure de début", null=True, blank=True)
    note = models.CharField("objet", max_length=160, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)

    history = HistoricalRecords(bases=[ScopedModel])
    objects: ClassVar = TimeEntryQuerySet.as_manager()
    followed = Followed(
        fields=("kind", "day", "minutes", "starts_at", "note"), texts={"minutes": format_duration}
    )
    scope = Scope(programme="programme", owner="user")
    privacy = Privacy(
        Retention.RECORDS,
        personal=("user", "kind", "day", "minutes", "starts_at", "note", "created_at"),
        technical=("id", "uid", "programme", "version"),
    )

    class Meta:
        verbose_name = "temps de travail"
        verbose_name_plural = "temps de travail"
        ordering = ["day", "starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST),
                name="time_entry_lasts_5_min_to_24_h",
                violation_error_message="Comptez entre 5 minutes et 24 heures.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TimeKind.values),
                name="time_entry_kind_known",
                violation_error_message="Cette nature de temps n’existe pas.",
            ),
        ]
        indexes = [models.Index(fields=["user", "day"], name="time_entry_by_user")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.day:%d/%m/%Y}"

    def clean(self) -> None:
        must_be_in_term(Frame(self.programme_id), self.day)

    def may_be_changed_by(self, membership: Membership) -> bool:
        """One's own; the coordination reads them and does not rewrite them."""
        return self.user_id == membership.user_id
