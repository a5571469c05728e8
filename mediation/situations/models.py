"""Complex situations: a thread of activities, until it is resolved (R59)."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import Committee, Membership, Party, Place, Programme
from governance.privacy import Privacy, Retention
from governance.rights import Right
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from mediation.history.followed import Followed, Parts


class SituationState(models.TextChoices):
    OUVERTE = "ouverte", "Ouverte"
    SUIVIE = "suivie", "Suivie"
    EN_ATTENTE = "attente", "En attente d’un partenaire"
    CLOSE = "close", "Close"


class SituationOutcome(models.TextChoices):
    """How a situation ended; the words of an activity's outcome, less those that do not end it."""

    RESOLU = "resolu", "Résolu"
    AMELIORE = "ameliore", "Amélioré"
    ORIENTE = "oriente", "Orienté"
    SANS_SUITE = "sans_suite", "Sans suite"
    ECHEC = "echec", "Échec"


class SituationQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.exclude(state=SituationState.CLOSE)

    def most_pressing_first(self) -> Self:
        """Open ones by the date of their next step, undated ones after; a total order."""
        return self.order_by(models.F("next_on").asc(nulls_last=True), "opened_on", "pk")


class Situation(ScopedModel):
    """Something that takes several activities and several parties. Stays with the operator (R25);
    what a committee reads of it is a line of its own, `AgendaLine`."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="situations")
    title = models.CharField("intitulé", max_length=120)
    place = models.ForeignKey(
        Place, models.RESTRICT, related_name="situations", verbose_name="lieu"
    )
    state = models.CharField(
        "état", max_length=8, choices=SituationState, default=SituationState.OUVERTE
    )
    description = models.TextField("description", max_length=4000, blank=True)
    next_step = models.CharField("prochaine étape", max_length=200, blank=True)
    next_on = models.DateField("échéance", null=True, blank=True)
    opened_on = models.DateField("ouverte le")
    closed_on = models.DateField("close le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=10, choices=SituationOutcome, blank=True)
    closing_note = models.TextField("bilan de clôture", max_length=2000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="situations", verbose_name="auteur"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    shown_with = ("place",)
    followed = Followed(
        fields=(
            "title",
            "place",
            "state",
            "opened_on",
            "description",
            "next_step",
            "next_on",
            "closed_on",
            "outcome",
            "closing_note",
        ),
        parts=(
            Parts(
                "involvements",
                ("party_id",),
                "part",
                lambda cell, name: f"partie concernée, {name(Party, cell[0])}",
                lambda part: part or "concernée",
            ),
            Parts(
                "agenda_lines",
                ("committee_id", "day"),
                "line",
                lambda cell, name: (
                    f"ordre du jour, {name(Committee, cell[0])}, séance du {cell[1]:%d/%m/%Y}"
                ),
            ),
        ),
    )
    history = HistoricalRecords(bases=[ScopedModel])
    objects: ClassVar = SituationQuerySet.as_manager()
    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=(
            "title",
            "place",
            "state",
            "description",
            "next_step",
            "next_on",
            "opened_on",
            "closed_on",
            "outcome",
            "closing_note",
            "created_at",
            "updated_at",
        ),
        personal=("author",),
        technical=("id", "uid", "programme", "version"),
    )

    class Meta:
        verbose_name = "situation complexe"
        verbose_name_plural = "situations complexes"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SituationState.values),
                name="situation_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=SituationState.CLOSE, closed_on__isnull=False)
                & Q(outcome__in=SituationOutcome.values)
                | ~Q(state=SituationState.CLOSE) & Q(closed_on__isnull=True, outcome=""),
                name="situation_closed_with_an_outcome",
                violation_error_message="Une situation se clôt avec une date et une issue.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=models.F("opened_on")),
                name="situation_closed_after_opened",
                violation_error_message="La clôture précède l’ouverture.",
            ),
            models.CheckConstraint(
                condition=Q(next_on__isnull=True) | ~Q(next_step=""),
                name="situation_date_of_a_step",
                violation_error_message="Une échéance est celle d’une étape : dites laquelle.",
            ),
        ]
        indexes = [models.Index(fields=["programme", "state"], name="situation_by_state")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_closed(self) -> bool:
        return self.state == SituationState.CLOSE

    def is_late(self, on: date) -> bool:
        return not self.is_closed and self.next_on is not None and self.next_on < on

    def clean(self) -> None:
        require_same_programme(self.programme_id, place=getattr(self, "place", None))

    def may_be_changed_by(self, membership: Membership) -> bool:
        """The whole operator's team: a situation is handed on (R25, R59)."""
        return membership.may(Right.HANDLE_SITUATIONS)


class Involvement(ScopedModel):
    """A party that has its share in a situation, and what is expected of it."""

    situation = models.ForeignKey(Situation, models.CASCADE, related_name="involvements")
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="involvements", verbose_name="partie"
    )
    part = models.CharField("rôle", max_length=160, blank=True)
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="situation__programme")
    privacy = Privacy(
        Retention.RECORDS, confidential=("party", "part"), technical=("id", "situation")
    )

    class Meta:
        verbose_name = "partie concernée"
        ordering = ["party__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["situation", "party"],
                name="involvement_once",
                violation_error_message="Cette partie est déjà citée.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.party} : {self.part}" if self.part else str(self.party)

    def clean(self) -> None:
        require_same_programme(self.situation.programme_id, party=getattr(self, "party", None))


class AgendaLine(ScopedModel):
    """What a committee reads of a situation on a day: one anonymous line (R25, R59)."""

    situation = models.ForeignKey(Situation, models.CASCADE, related_name="agenda_lines")
    committee = models.ForeignKey(
        Committee, models.RESTRICT, related_name="situation_lines", verbose_name="instance"
    )
    day = models.DateField("séance du")
    line = models.CharField("ligne à l’ordre du jour", max_length=200)
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="situation__programme", committee="committee", dated="day")
    privacy = Privacy(
        Retention.RECORDS, shareable=("committee", "day", "line"), technical=("id", "situation")
    )

    class Meta:
        verbose_name = "situation à l’ordre du jour"
        ordering = ["-day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["situation", "committee", "day"],
                name="agenda_line_once",
                violation_error_message="La situation est déjà à l’ordre du jour de cette séance.",
            )
        ]

    def __str__(self) -> str:
        return self.line

    def clean(self) -> None:
        require_same_programme(
            self.situation.programme_id, committee=getattr(self, "committee", None)
        )
        if not self.line.strip():
            raise ValidationError({"line": "Écrivez ce que les partenaires liront."})
