"""Filters of the journal kept under a name."""

from django.db import models

from governance.models import Membership
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel


class SavedFilter(ScopedModel):
    """A query string of the journal that one reader kept; private to that reader."""

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="saved_filters")
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=500)

    scope = Scope(
        programme="membership__party__programme",
        party="membership__party",
        owner="membership__user",
    )
    privacy = Privacy(Retention.ACCESS, personal=("name", "query"), technical=("id", "membership"))

    class Meta:
        verbose_name = "filtre enregistré"
        verbose_name_plural = "filtres enregistrés"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "name"],
                name="saved_filter_name_once",
                violation_error_message="Vous avez déjà un filtre de ce nom.",
            )
        ]

    def __str__(self) -> str:
        return self.name
