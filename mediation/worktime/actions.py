"""Writes on working time: keyword-only, `by=` the membership that acts, atomic, journalled (R27–R30).

Hours are one's own: the coordination reads them and does not rewrite them.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from governance.models import Act, Membership, record
from humanicite.lib.writes import lock_version, save_once, take_version

from .models import TimeEntry

NOT_YOURS = "Ce temps ne peut pas être enregistré : rouvrez le formulaire."


def log_time(*, entry: TimeEntry, by: Membership) -> TimeEntry:
    """Saves new hours of one's own once, however often their form arrives.

    Raises Done for a `uid` that is known, ValidationError for a day in no convention.
    """
    entry.programme_id = by.programme_id
    entry.user_id = by.user_id

    def save() -> None:
        _save(entry)
        record(Act.CREATE, entry, by=by, programme=entry.programme_id)

    return save_once(
        entry,
        save,
        is_theirs=lambda row: row.is_visible_to(by) and row.may_be_changed_by(by),
        refusal=NOT_YOURS,
    )


@transaction.atomic
def change_time(
    *, entry: TimeEntry, read_version: int, by: Membership, fields: list[str]
) -> TimeEntry:
    """Saves changed hours, unless another sending did since `read_version` was shown.

    Raises Conflict, PermissionDenied, ValidationError.
    """
    if not entry.may_be_changed_by(by):
        raise PermissionDenied
    take_version(entry, read_version)
    _save(entry)
    record(Act.CHANGE, entry, by=by, programme=entry.programme_id, fields=fields)
    return entry


@transaction.atomic
def delete_time(*, entry: TimeEntry, read_version: int, by: Membership) -> None:
    """Removes hours as they were shown; the history keeps what they said, the journal who did.

    Raises Conflict, PermissionDenied.
    """
    if not entry.may_be_changed_by(by):
        raise PermissionDenied
    row = lock_version(entry, read_version)
    record(Act.DELETE, row, by=by, programme=row.programme_id)
    row.delete()


def _save(entry: TimeEntry) -> None:
    """The constraints are for the database to refuse: each would cost a query more."""
    entry.clean_fields(exclude=["programme", "user"])
    entry.clean()
    entry.save()
