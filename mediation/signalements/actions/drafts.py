"""Writes on signalements: keyword-only, atomic, journalled; the course of a signalement is decided here.

`by` is the membership that acts; None where the addressee acts by the link of the mail, where a
mail came in, or where a command follows up. `now` comes from outside.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from governance.base import in_force
from governance.models import Act, Contact, Membership, record

from ..models.signalements import Signalement, SignalementState
from .state import SignalementChanged, check_texts, lock_signalement

NOT_YOURS = "Ce signalement ne peut pas être enregistré : rouvrez le formulaire."


class AlreadyWritten(Exception):
    """The same form was sent twice; `signalement` is what the first sending saved."""

    def __init__(self, signalement: Signalement) -> None:
        super().__init__(str(signalement.uid))
        self.signalement = signalement


def write_signalement(
    *, signalement: Signalement, contacts: list[Contact], by: Membership
) -> Signalement:
    """Saves a new draft, once however often its form arrives.

    Raises AlreadyWritten for a `uid` that is known, ValidationError for a text that seems to
    identify somebody or what contradicts the frame.
    """
    signalement.programme_id, signalement.author_id = by.programme_id, by.user_id
    known = Signalement.objects.filter(uid=signalement.uid).first()
    if known is None:
        try:
            with transaction.atomic():
                check_texts(signalement)
                signalement.save()
                signalement.chosen.set(contacts)
                record(Act.CREATE, signalement, by=by, programme=by.programme_id)
            return signalement
        except IntegrityError:
            known = Signalement.objects.filter(uid=signalement.uid).first()
            if known is None:
                raise
    if not known.is_visible_to(by) or known.author_id != by.user_id:
        raise ValidationError(NOT_YOURS)
    raise AlreadyWritten(known)


@transaction.atomic
def change_draft(
    *,
    signalement: Signalement,
    contacts: list[Contact],
    read_version: int,
    by: Membership,
    fields: list[str],
) -> Signalement:
    """Saves a changed draft; what was sent stays as it was sent. Raises SignalementChanged."""
    saved = lock_signalement(signalement, read_version, by)
    if saved.state != SignalementState.BROUILLON:
        raise SignalementChanged(saved)
    check_texts(signalement)
    signalement.version = read_version + 1
    signalement.save()
    signalement.chosen.set(contacts)
    record(Act.CHANGE, signalement, by=by, programme=by.programme_id, fields=fields)
    return signalement


@transaction.atomic
def discard_draft(*, signalement: Signalement, read_version: int, by: Membership) -> None:
    """Removes what never left; the history keeps what it said. Raises SignalementChanged."""
    saved = lock_signalement(signalement, read_version, by)
    if saved.state != SignalementState.BROUILLON:
        raise SignalementChanged(saved)
    record(Act.DELETE, saved, by=by, programme=by.programme_id)
    saved.delete()


def holding(today: date) -> Any:
    return in_force(today)
