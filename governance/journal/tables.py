"""The audit trail as a table."""

from functools import cache

from django.apps import apps

from humanicite.lib.dates import NBSP
from humanicite.lib.tables import Column, Table

from .models import JournalEntry


class JournalTable(Table):
    caption = "Traçabilité"
    first_order = "-quand"
    size = 50

    quand = Column("Quand", "at", kind="moment", initial_sort_descending=True)
    qui = Column("Qui", "actor")
    acte = Column("Acte", "get_act_display", order_by="act")
    objet = Column("Objet", "kind", order_by=("kind", "row"))
    champs = Column("Champs", "fields", orderable=False, empty_values=(None, []))

    def render_objet(self, record: JournalEntry) -> str:
        return f"{record.kind} n°{NBSP}{record.row}"

    def render_champs(self, record: JournalEntry) -> str:
        labels = _labels()
        return ", ".join(labels.get((record.kind, name), name) for name in record.fields)


@cache
def _labels() -> dict[tuple[str, str], str]:
    """(kind of row, field) → what the field is called on screens."""
    found = {("activité", "themes"): "thématiques", ("activité", "head_counts"): "publics"}
    for model in apps.get_models():
        for field in model._meta.fields:
            found[str(model._meta.verbose_name), field.name] = str(field.verbose_name)
    return found
