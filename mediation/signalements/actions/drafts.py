"""Writes on signalements: keyword-only, atomic, journalled; the course of a signalement is decided here.

`by` is the membership that acts; None where the addressee acts by the link of the mail, where a
mail came in, or where a command follows up. `now` comes from outside.
"""

from django.db import transaction

from governance.models import Act, Contact, Membership, record
from humanicite.lib.writes import Conflict, save_once

from ..models.signalements import Signalement, SignalementState
from .state import check_texts, lock_signalement

NOT_YOURS = "Ce signalement ne peut pas être enregistré : rouvrez le formulaire."


def write_signalement(
    *, signalement: Signalement, contacts: list[Contact], by: Membership
) -> Signalement:
    """Saves a new draft, once however often its form arrives.

    Raises Done for a `uid` that is known, ValidationError for a text that seems to
    identify somebody or what contradicts the frame.
    """
    signalement.programme_id, signalement.author_id = by.programme_id, by.user_id

    def save() -> None:
        check_texts(signalement)
        signalement.save()
        signalement.chosen.set(contacts)
        record(Act.CREATE, signalement, by=by, programme=by.programme_id)

    return save_once(
        signalement,
        save,
        is_theirs=lambda row: row.is_visible_to(by) and row.author_id == by.user_id,
        refusal=NOT_YOURS,
    )


@transaction.atomic
def change_draft(
    *,
    signalement: Signalement,
    contacts: list[Contact],
    read_version: int,
    by: Membership,
    fields: list[str],
) -> Signalement:
    """Saves a changed draft; what was sent stays as it was sent. Raises Conflict."""
    saved = lock_signalement(signalement, read_version, by)
    if saved.state != SignalementState.BROUILLON:
        raise Conflict(saved)
    check_texts(signalement)
    signalement.version = read_version + 1
    signalement.save()
    signalement.chosen.set(contacts)
    record(Act.CHANGE, signalement, by=by, programme=by.programme_id, fields=fields)
    return signalement


@transaction.atomic
def discard_draft(*, signalement: Signalement, read_version: int, by: Membership) -> None:
    """Removes what never left; the history keeps what it said. Raises Conflict."""
    saved = lock_signalement(signalement, read_version, by)
    if saved.state != SignalementState.BROUILLON:
        raise Conflict(saved)
    record(Act.DELETE, saved, by=by, programme=by.programme_id)
    saved.delete()
