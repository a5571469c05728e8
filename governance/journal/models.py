"""Who did what, to which row, on which fields: append-only, no values, no foreign keys."""

from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn

from django.db import models

from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet


class AppendOnly(TypeError):
    """An entry of the journal was about to be changed or removed."""


class JournalQuerySet(ScopedQuerySet):
    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly("the journal is only ever added to")

    def delete(self) -> NoReturn:
        raise AppendOnly("the journal is only ever added to")

    def purge_demo(self, programme_id: int) -> None:
        """Removes the entries of an invented programme: the one exception."""
        super().filter(programme=programme_id)._raw_delete(self.db)


class Act(models.TextChoices):
    CREATE = "create", "Création"
    CHANGE = "change", "Modification"
    DELETE = "delete", "Suppression"
    GRANT = "grant", "Accès ouvert"
    END = "end", "Accès clos"
    PRODUCE = "produce", "Document produit"
    IMPORT = "import", "Import"
    UNDO = "undo", "Retour à une version"


class JournalEntry(ScopedModel):
    at = models.DateTimeField("quand", auto_now_add=True, db_index=True)
    programme = models.BigIntegerField("dispositif")
    actor = models.CharField("qui", max_length=254)
    role = models.CharField("rôle", max_length=12, blank=True)
    act = models.CharField("acte", max_length=10, choices=Act)
    kind = models.CharField("objet", max_length=40)
    row = models.CharField("numéro", max_length=40)
    fields = models.JSONField("champs", default=list)

    objects: ClassVar = JournalQuerySet.as_manager()
    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.JOURNAL,
        personal=("actor", "role"),
        confidential=("at", "act", "kind", "row", "fields"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "entrée du journal"
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["programme", "-at", "-id"], name="journal_by_programme")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("the journal is only ever added to")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> NoReturn:
        raise AppendOnly("the journal is only ever added to")


def record(
    act: Act, row: models.Model, *, by: object, programme: int, fields: list[str] | None = None
) -> None:
    """Adds an entry. `by` is the membership that acts, or None for a command."""
    _entry(act, row, by, programme, fields).save()


def record_each(act: Act, rows: Iterable[models.Model], *, by: object, programme: int) -> None:
    """Adds an entry for each row, in one go."""
    JournalEntry.objects.bulk_create(
        (_entry(act, row, by, programme, None) for row in rows), batch_size=500
    )


def _entry(
    act: Act, row: models.Model, by: Any, programme: int, fields: list[str] | None
) -> JournalEntry:
    return JournalEntry(
        act=act,
        kind=str(row._meta.verbose_name),
        row=str(row.pk),
        programme=programme,
        actor=by.user.email if by else "commande",
        role=by.role if by else "",
        fields=fields or [],
    )
