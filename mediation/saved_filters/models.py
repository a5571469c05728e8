"""Filters of the list of activities kept under a name."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from governance.models import Membership
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet

NAME_TAKEN = "Vous avez déjà un filtre de ce nom."
LONGEST_QUERY = 500  # characters, as an address writes them


class SavedFilterQuerySet(ScopedQuerySet):
    def keep(self, *, name: str, query: str, by: Membership) -> "SavedFilter":
        """Keeps filters under a name; the same ones under the same name are kept already.

        Raises ValidationError for a name that is taken, for a search that is too long to keep, and
        beyond `SavedFilter.MOST`.
        """
        if len(query) > LONGEST_QUERY:
            raise ValidationError(
                "La recherche est trop longue pour être gardée : raccourcissez-la."
            )
        mine = self.visible_to(by)
        known: Any = mine.filter(name=name).first()
        if known and known.query == query:
            return known
        if mine.count() >= SavedFilter.MOST:
            raise ValidationError(
                f"Vous avez déjà {SavedFilter.MOST} filtres : supprimez-en un d’abord."
            )
        kept = SavedFilter(membership=by, name=name, query=query)
        kept.write()
        return kept


class SavedFilter(ScopedModel):
    """A query string of the list that one reader kept; nobody else sees it."""

    MOST = 20  # of one reader

    membership = models.ForeignKey(Membership, models.CASCADE, related_name="saved_filters")
    name = models.CharField("nom", max_length=60)
    query = models.CharField("filtres", max_length=LONGEST_QUERY)

    objects: ClassVar = SavedFilterQuerySet.as_manager()
    scope = Scope(programme="membership__party__programme", reader="membership")
    privacy = Privacy(Retention.ACCESS, personal=("name", "query"), technical=("id", "membership"))

    class Meta:
        verbose_name = "filtre enregistré"
        verbose_name_plural = "filtres enregistrés"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "name"],
                name="saved_filter_name_once",
                violation_error_message=NAME_TAKEN,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def write(self) -> None:
        """Saves; ValidationError where the name is taken, also by a sending that crossed this."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError as error:
            raise ValidationError({"name": NAME_TAKEN}) from error
