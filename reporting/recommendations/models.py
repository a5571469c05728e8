"""Recommendations: what the service advises a party to do, followed until it is done (R79)."""

import uuid
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from governance.base import require_same_programme
from governance.models import Party, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet


class RecommendationKind(models.TextChoices):
    ADJUSTMENT = "ajustement", "Ajustement opérationnel"
    ACTION = "action", "Action coordonnée"


class RecommendationState(models.TextChoices):
    PROPOSED = "proposee", "Proposée"
    ACCEPTED = "acceptee", "Acceptée"
    REFUSED = "refusee", "Refusée"
    DONE = "faite", "Faite"


# What a state may become; what was refused or done may be taken up again.
TRANSITIONS: dict[str, frozenset[str]] = {
    RecommendationState.PROPOSED: frozenset({"acceptee", "refusee", "faite"}),
    RecommendationState.ACCEPTED: frozenset({"refusee", "faite"}),
    RecommendationState.REFUSED: frozenset({"acceptee"}),
    RecommendationState.DONE: frozenset({"acceptee"}),
}


class RecommendationQuerySet(ScopedQuerySet):
    def followed(self) -> Self:
        """Those that still wait for something to happen."""
        return self.filter(state__in=[RecommendationState.PROPOSED, RecommendationState.ACCEPTED])

    def newest_first(self) -> Self:
        return self.order_by("-issued_on", "-pk")


class Recommendation(ScopedModel):
    """Advice addressed to one party. A draft until the synthesis that carries it is published."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="recommendations")
    kind = models.CharField("nature", max_length=10, choices=RecommendationKind)
    title = models.CharField("intitulé", max_length=120)
    text = models.TextField("ce qui est proposé", max_length=1200, blank=True)
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="recommendations", verbose_name="adressée à"
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="+", verbose_name="thématiques")
    places = models.ManyToManyField(Place, blank=True, related_name="+", verbose_name="lieux")
    issued_on = models.DateField("émise le")
    is_draft = models.BooleanField("pas encore publiée", default=True)
    state = models.CharField(
        "état", max_length=8, choices=RecommendationState, default=RecommendationState.PROPOSED
    )
    answered_on = models.DateField("suite donnée le", null=True, blank=True)
    answer = models.CharField("suite donnée", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    shown_with = ("party",)
    objects: ClassVar = RecommendationQuerySet.as_manager()
    # A party reads what is addressed to it, and what stands in an edition of its own.
    scope = Scope(
        programme="programme",
        party="party",
        addressee="editions__perimeter__party",
        internal="is_draft",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=(
            "kind",
            "title",
            "text",
            "party",
            "themes",
            "places",
            "issued_on",
            "state",
            "answered_on",
            "answer",
        ),
        confidential=("is_draft",),
        technical=("id", "uid", "programme", "version"),
    )

    class Meta:
        verbose_name = "préconisation"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=RecommendationKind.values),
                name="recommendation_kind_known",
                violation_error_message="Cette nature n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RecommendationState.values),
                name="recommendation_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=RecommendationState.PROPOSED, answered_on__isnull=True)
                | ~Q(state=RecommendationState.PROPOSED) & Q(answered_on__isnull=False),
                name="recommendation_answered_with_a_day",
                violation_error_message="Une suite donnée a sa date.",
            ),
            models.CheckConstraint(
                condition=~Q(state=RecommendationState.REFUSED) | ~Q(answer=""),
                name="recommendation_refused_with_a_reason",
                violation_error_message="Dites pourquoi elle est refusée.",
            ),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=models.F("issued_on")),
                name="recommendation_answered_after_issued",
                violation_error_message="La suite donnée précède la préconisation.",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "state"], name="recommendation_by_state"),
        ]

    def __str__(self) -> str:
        return self.title

    def may_become(self, state: str) -> bool:
        return state in TRANSITIONS[self.state]

    def clean(self) -> None:
        require_same_programme(self.programme_id, party=getattr(self, "party", None))
        if getattr(self, "party", None) is not None and self.party.is_operator:
            raise ValidationError({"party": "Une préconisation s’adresse à une autre partie."})
