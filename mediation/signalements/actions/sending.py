"""A draft leaves (R72)."""

import copy
from contextlib import suppress
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from governance.models import Act, Contact, Membership, Programme, record
from humanicite.lib.writes import Conflict

from ..course import add_event
from ..emails.outbox import queue_signalement
from ..emails.pdf import Drawing, draw
from ..models.course import EventKind
from ..models.recipients import Recipient
from ..models.signalements import NOTHING_SEEN, Signalement, SignalementState, retired_of
from .state import (
    as_read,
    check_nobody_named,
    contacts_today,
    due_on,
    lock_signalement,
    set_state,
)

DRAWINGS = 3  # made at most before a transaction; after these, one within it


class _DrawnOtherwise(Exception):
    """Between the drawing and the lock, another took the number, or something else changed."""


def send_signalement(
    *, signalement: Signalement, read_version: int, by: Membership, now: datetime
) -> Signalement:
    """A draft leaves: it takes its number, its recipients and its due day, and its mails are queued
    in the same transaction (R72).

    Its PDF bears the number, and takes a second: it is drawn before, with the number that would be
    next, and drawn again where somebody else took that one meanwhile (docs/decisions/0021).
    Raises Conflict for one that left meanwhile, ValidationError without a recipient or
    without anything seen.
    """
    rows = Signalement.objects.select_related("programme", "place", "theme")
    for _ in range(DRAWINGS):
        draft = as_read(rows, signalement, read_version, by)
        _contacts_to_write_to(draft, now)
        drawing = draw(as_it_leaves(draft, now))
        with suppress(_DrawnOtherwise):
            return _leave(signalement, drawing, read_version, by, now)
    return _leave(signalement, None, read_version, by, now)


@transaction.atomic
def _leave(
    signalement: Signalement,
    drawing: Drawing | None,
    read_version: int,
    by: Membership,
    now: datetime,
) -> Signalement:
    locked = lock_signalement(signalement, read_version, by)
    contacts = _contacts_to_write_to(locked, now)
    check_nobody_named(locked)
    # The programme's row is the turnstile: two that leave at once take two numbers.
    Programme.objects.select_for_update().get(pk=locked.programme_id)
    _number(locked, now)
    if drawing is not None and not drawing.is_of(locked):
        raise _DrawnOtherwise
    set_state(locked, SignalementState.ENVOYE, timezone.localtime(now).date())
    add_event(locked, EventKind.SENT, now, "Envoyé", by=by)
    files = (drawing or draw(locked)).file(locked)
    queue_signalement(add_recipients(locked, contacts), now=now, files=files)
    record(Act.CHANGE, locked, by=by, programme=by.programme_id, fields=["state"])
    return locked


def as_it_leaves(draft: Signalement, now: datetime) -> Signalement:
    """A copy of a draft with the number and the days that it would take now; never saved."""
    shown = copy.copy(draft)
    _number(shown, now)
    return shown


def _number(signalement: Signalement, now: datetime) -> None:
    """The next number of its year, and what goes with leaving; not saved."""
    today = timezone.localtime(now).date()
    taken = Signalement.objects.filter(programme_id=signalement.programme_id, year=today.year)
    signalement.year = today.year
    signalement.number = (taken.aggregate(last=Max("number"))["last"] or 0) + 1
    signalement.sent_at = now
    signalement.due_on = signalement.due_on or due_on(signalement, today)
    signalement.is_open_to_perimeter = not signalement.is_confidential


def _contacts_to_write_to(draft: Signalement, now: datetime) -> list[Contact]:
    """Raises ValidationError for a draft that reaches nobody, whose day is past, or whose place or
    theme is retired, Conflict for one that left."""
    if draft.state != SignalementState.BROUILLON:
        raise Conflict(draft)
    today = timezone.localtime(now).date()
    contacts = contacts_today(draft.chosen.select_related("party"), today)
    if not contacts:
        raise ValidationError("Choisissez au moins un destinataire qui a une adresse.")
    if draft.due_on and draft.due_on < today:
        raise ValidationError("L’échéance choisie est passée : changez-la.")
    if retired := retired_of(draft.place, draft.theme, today):
        raise ValidationError(list(retired.values()))
    if not draft.description.strip() and not draft.photos.exists():
        raise ValidationError(NOTHING_SEEN)
    return contacts


def add_recipients(
    signalement: Signalement, contacts: list[Contact], *, is_copy: bool | None = None
) -> list[Recipient]:
    """One row each, in as many queries for five as for one; who is one already is for the database
    to refuse. `is_copy`: else as the contacts are."""
    rows = [
        Recipient(
            signalement=signalement,
            party=contact.party,
            contact=contact,
            function=contact.function,
            email=contact.email,
            is_copy=contact.is_backup if is_copy is None else is_copy,
        )
        for contact in contacts
    ]
    for row in rows:
        row.clean_fields(exclude=["signalement", "party", "contact", "successor"])
        row.clean()
    made: list[Recipient] = bulk_create_with_history(rows, Recipient)
    return made
