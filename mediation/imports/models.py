"""Past records brought in from a file, checked whole before any is written."""

from django.conf import settings
from django.db import models
from django.db.models.signals import post_delete

from governance.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from humanicite.lib.files import remove_file

MOST_FAULTS = 200  # kept of one file, in the order of its rows; the report to download has all


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "Colonnes à associer"
    CHECKING = "checking", "Vérification en cours"
    CHECKED = "checked", "Vérifié, prêt à importer"
    REFUSED = "refused", "Refusé : lignes à corriger"
    DONE = "done", "Importé"


class ColumnMapping(ScopedModel):
    """Which column of a file is which field; remembered for files with the same headers."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="column_mappings")
    fingerprint = models.CharField("empreinte des en-têtes", max_length=64)
    columns = models.JSONField("colonnes", default=dict)  # field → header
    values = models.JSONField("valeurs", default=dict)  # field → {text of the file: key}

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("columns", "values"),
        technical=("id", "programme", "fingerprint"),
    )

    class Meta:
        verbose_name = "association de colonnes"
        constraints = [
            models.UniqueConstraint(fields=["programme", "fingerprint"], name="column_mapping_once")
        ]


def path_of(job: "ActivityImport", filename: str) -> str:
    suffix = filename.lower().rpartition(".")[2]
    suffix = suffix if suffix in ("xlsx", "ods", "xls") else "csv"
    return f"imports/{job.checksum[:32]}-{job.programme_id}.{suffix}"


class ActivityImport(ScopedModel):
    """One file on its way in: what was read, what is wrong, how far it is."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="imports")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="imports", verbose_name="par"
    )
    # Whose records these are: the médiateur who did the work.
    worker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="+", verbose_name="médiateur"
    )
    file = models.FileField("fichier", upload_to=path_of, max_length=140)
    filename = models.CharField("nom du fichier", max_length=160)
    checksum = models.CharField("empreinte", max_length=64)
    state = models.CharField(
        "état", max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )
    sheet = models.CharField("feuille", max_length=255, blank=True)
    # How the file is read, by `actions.reading_of`: the row of its headers, its encoding,
    # what was answered to its questions, what it hides and what is left out of it.
    reading = models.JSONField("lecture", default=dict)
    columns = models.JSONField("colonnes", default=dict)  # field → header
    rows = models.PositiveIntegerField("lignes", default=0)
    checked = models.PositiveIntegerField("lignes vérifiées", default=0)
    bad_rows = models.PositiveIntegerField("nombre de lignes à corriger", default=0)
    faults = models.JSONField("lignes à corriger", default=list)  # the first MOST_FAULTS
    fault_count = models.PositiveIntegerField("nombre de fautes", default=0)
    # field → value that its list does not have → how many rows have it
    unknown = models.JSONField("valeurs à associer", default=dict)
    to_review = models.PositiveIntegerField("textes qui seront à relire", default=0)
    known = models.PositiveIntegerField("déjà importées", default=0)
    created = models.PositiveIntegerField("importées", default=0)
    started_at = models.DateTimeField("déposé le", auto_now_add=True)
    finished_at = models.DateTimeField("importé le", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=(
            "file",
            "filename",
            "state",
            "sheet",
            "reading",
            "columns",
            "rows",
            "checked",
            "bad_rows",
            "faults",
            "fault_count",
            "unknown",
            "to_review",
            "known",
            "created",
            "started_at",
            "finished_at",
        ),
        personal=("author", "worker"),
        technical=("id", "programme", "checksum", "version"),
    )

    class Meta:
        verbose_name = "import d’activités"
        verbose_name_plural = "imports d’activités"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="import_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.filename


post_delete.connect(remove_file, sender=ActivityImport)
