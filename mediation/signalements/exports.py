"""Files of exactly the signalements that a list shows, in the columns that its reader may read."""

from collections.abc import Iterator
from typing import IO, Any

from django.db.models import Prefetch

from humanicite.lib.exports import WRITERS, Column

from .filters import SignalementFilter
from .models.recipients import Recipient
from .past import set_back

CHUNK = 500  # rows fetched at a time, with their recipients

COLUMNS = (
    Column("Numéro", "label", 12), Column("Quoi", width=36), Column("Lieu", "label", 26),
    Column("Précision du lieu", width=28), Column("Depuis quand", width=18),
    Column("Thématique", "label", 22), Column("Urgence", "label", 12),
    Column("Constaté le", "day", 12), Column("Envoyé le", "day", 12),
    Column("Réponse attendue le", "day", 14), Column("État", "label", 22),
    Column("Clos le", "day", 12), Column("Motif", width=30), Column("Confidentiel", "label", 12),
    Column("Constat", width=60), Column("Ce qui est attendu", width=40),
    Column("Destinataires", width=40), Column("Réponses", width=50),
)  # fmt: skip
OWN_COLUMNS = (Column("Accord recueilli", "label", 12), Column("Auteur", "label", 24))


def write(rows: Any, found: SignalementFilter, form: str) -> IO[bytes]:
    """The file, at its beginning. `form`: csv or xlsx. Raises TooManyRows."""
    columns = [*COLUMNS, *(OWN_COLUMNS if found.is_team else ())]
    return WRITERS[form](columns, _cells(rows, found), "Signalements")


def _cells(rows: Any, found: SignalementFilter) -> Iterator[list[Any]]:
    seen = Recipient.objects.visible_to(found.membership).select_related("party")
    whole = rows.select_related("place", "theme").prefetch_related(
        Prefetch("recipients", seen, to_attr="seen")
    )
    for row in whole.iterator(chunk_size=CHUNK):
        set_back(row)
        cells = [
            row.reference,
            row.title,
            row.place.name,
            row.where,
            row.since,
            row.theme.name if row.theme else "",
            row.get_urgency_display(),
            row.observed_on,
            row.sent_on,
            row.due_on,
            row.get_state_display(),
            row.closed_on if row.has_ended else None,
            "" if found.then else row.reason,
            "oui" if row.is_confidential else "",
            row.description,
            row.expected,
            ", ".join(str(one) for one in row.seen if one.is_current),
            ", ".join(_answer(one) for one in row.seen if one.reply and not found.then),
        ]  # fmt: skip
        own = [row.get_consent_display(), str(found.membership.people[row.author_id])]
        yield cells + (own if found.is_team else [])


def _answer(row: Recipient) -> str:
    when = f" pour le {row.promised_on:%d/%m/%Y}" if row.promised_on else ""
    whose = f" ({row.redirect_to})" if row.redirect_to else ""
    return f"{row.party} : {row.get_reply_display()}{when}{whose}"
