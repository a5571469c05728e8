"""Programmes and their parties (R1, R5)."""

import hashlib
import json

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.base import Retirable
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel


class Programme(ScopedModel):
    """The mediation service of one quarter; it outlives its conventions (R6, R9)."""

    slug = models.SlugField("identifiant", unique=True)
    name = models.CharField("nom", max_length=120)
    is_demo = models.BooleanField("données inventées", default=False)

    scope = Scope(programme="id", frame=True)
    privacy = Privacy(Retention.FRAME, public=("slug", "name", "is_demo"))

    class Meta:
        verbose_name = "dispositif"

    def __str__(self) -> str:
        return self.name


class PartyKind(models.TextChoices):
    OPERATOR = "operator", "Opérateur de médiation"
    OWNERS = "owners", "Association de propriétaires"
    TOWN = "town", "Ville"
    METROPOLIS = "metropolis", "Métropole"
    UNIVERSITY = "university", "Université"
    ATELIERS = "ateliers", "Ateliers"
    LANDLORD = "landlord", "Bailleur social"
    SYNDIC = "syndic", "Syndic ou copropriété"
    HEALTH = "health", "Structure sanitaire"
    MEDICO_SOCIAL = "medico_social", "Structure médico-sociale"
    TRAINING = "training", "Centre de formation"
    POLICE = "police", "Services de police"
    OTHER = "other", "Autre acteur"


class Party(Retirable):
    """An organisation within one programme (R1, R2, R8); retired, it is chosen no more and keeps
    what it holds."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="parties")
    slug = models.SlugField("identifiant")
    name = models.CharField("nom", max_length=160)
    short_name = models.CharField("nom court", max_length=40)
    kind = models.CharField("type", max_length=16, choices=PartyKind)
    address = models.CharField("siège", max_length=200, blank=True)
    history = HistoricalRecords(bases=[ScopedModel])

    scope = Scope(programme="programme", frame=True, party="id")
    privacy = Privacy(
        Retention.FRAME,
        public=("slug", "name", "short_name", "kind", "address", "retired_on"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "partie"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="party_slug_once"),
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="party_name_once",
                violation_error_message="Une partie de ce dispositif porte déjà ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=PartyKind.values),
                name="party_kind_known",
                violation_error_message="Ce type de partie n’existe pas.",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def fingerprint(self) -> str:
        """Tells whether what somebody was shown is still what is saved."""
        shown = json.dumps([self.name, self.short_name, self.address])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    @property
    def is_operator(self) -> bool:
        return self.kind == PartyKind.OPERATOR
