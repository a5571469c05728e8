"""What is told of people met, kept as it was settled."""

from typing import ClassVar

from django.db import models

from governance.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet


class SettledPeople(ScopedModel):
    """The cells of one month that partners may read, decided once for all perimeters, then kept:
    told anew after a correction of one row, they would tell that row (docs/decisions/0033).

    `cells`: key of a perimeter → {"total": people, "groups": {key of an audience or « autres »: people}
    or null, "evenings": activities or null}; a perimeter that is not there is masked.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="settled_people")
    month = models.DateField("mois")
    settled_on = models.DateField("arrêtés le")
    cells = models.JSONField("chiffres", default=dict)

    objects: ClassVar = ScopedQuerySet.as_manager()
    # Of all perimeters together: nobody but the operator reads the row, figures read their cell.
    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("cells",),
        shareable=("month", "settled_on"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "publics arrêtés d’un mois"
        verbose_name_plural = "publics arrêtés"
        ordering = ["month"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "month"], name="settled_people_once"),
            models.CheckConstraint(
                condition=models.Q(month__day=1),
                name="settled_people_month_by_its_first_day",
                violation_error_message="Un mois se dit par son premier jour.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
