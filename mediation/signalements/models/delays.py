"""How soon a programme expects an answer, by urgency (R72, R85)."""

from django.db import models
from django.db.models import F, Q

from governance.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel

from .signalements import Urgency


class AnswerDays(ScopedModel):
    """Working days within which an answer is expected; without a row, `WORKING_DAYS` hold."""

    programme = models.OneToOneField(Programme, models.CASCADE, related_name="answer_days")
    immediate = models.PositiveSmallIntegerField("immédiate")
    haute = models.PositiveSmallIntegerField("haute")
    normale = models.PositiveSmallIntegerField("normale")
    faible = models.PositiveSmallIntegerField("faible")

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.FRAME,
        confidential=("immediate", "haute", "normale", "faible"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "délais de réponse"
        verbose_name_plural = "délais de réponse"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    haute__gte=F("immediate"),
                    normale__gte=F("haute"),
                    faible__gte=F("normale"),
                    faible__lte=250,
                ),
                name="answer_days_rise",
                violation_error_message="Les délais vont en croissant, de 0 à 250 jours.",
            )
        ]

    @property
    def days(self) -> dict[Urgency, int]:
        return {urgency: getattr(self, urgency.value) for urgency in Urgency}
