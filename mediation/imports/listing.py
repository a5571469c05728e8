"""Imports, and the faults of one, as tables; the same columns make the report to download."""

from typing import ClassVar

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from humanicite.lib.narrowing import Choice, Narrowing
from humanicite.lib.tables import Column, Table

from .models import ActivityImport, ImportState

TAGS = {ImportState.REFUSED: "tag tag--warn", ImportState.DONE: "tag"}


class ImportFilter(Narrowing):
    ROUTE = "imports"

    etat = Choice("État", ImportState.choices, field_name="state")

    class Meta:
        model = ActivityImport
        fields: ClassVar[list[str]] = []


class ImportTable(Table):
    caption = "Imports"
    first_order = "-depose"
    size = 30

    fichier = Column("Fichier", "filename", css="c-title")
    etat = Column("État", "state")
    lignes = Column("Lignes", "rows", kind="whole")
    mediateur = Column("Médiateur", "worker_called")
    par = Column("Par", "author_called")
    depose = Column("Déposé le", "started_at", kind="moment", initial_sort_descending=True)

    def render_fichier(self, record: ActivityImport) -> SafeString:
        address = reverse("import_job", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record.filename)

    def render_etat(self, record: ActivityImport) -> SafeString:
        css = TAGS.get(ImportState(record.state), "tag tag--quiet")
        return format_html('<div><span class="{}">{}</span></div>', css, record.get_state_display())


class FaultTable(Table):
    """In the order of the file's rows."""

    caption = "Points à corriger"

    line = Column("Ligne", kind="whole", width=8)
    column = Column("Colonne", default="—")
    value = Column("Valeur", width=30, default="(vide)")
    expected = Column("Attendu", width=60)

    def render_line(self, value: int) -> str:
        return str(value)  # which one, as a spreadsheet writes it; not how many

    def render_expected(self, value: str) -> str:
        return value[:1].upper() + value[1:]
