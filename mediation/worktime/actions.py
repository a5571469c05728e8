"""Writes on working time: keyword-only, `by=` the membership that acts, atomic, journalled (R27–R30).

Hours are one's own: the coordination reads them and does not rewrite them.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from governance.models import Act, Membership, record
from mediation.activities.errors import DeletedMeanwhile

from .models import TimeEntry

NOT_YOURS = "Ce temps ne peut pas être enregistré : rouvrez le formulaire."


class TimeLoggedAlready(Exception):
    """The same form was sent twice; `entry` is what the first sending saved."""

    def __init__(self, entry: TimeEntry) -> None:
        super().__init__(str(entry.uid))
        self.entry = entry


class TimeChangedMeanwhile(Exception):
    """Somebody saved the row since it was read; `entry` is as it stands now."""

    def __init__(self, entry: TimeEntry) -> None:
        super().__init__(str(entry.pk))
        self.entry = entry


def log_time(*, entry: TimeEntry, by: Membership) -> TimeEntry:
    """Saves new hours of one's own once, however often their form arrives.

    Raises TimeLoggedAlready for a `uid` that is known, ValidationError for a day in no convention.
    """
    entry.programme_id = by.programme_id
    entry.user_id = by.user_id
    known = TimeEntry.objects.filter(uid=entry.uid).first()
    if known is None:
        try:
            with transaction.atomic():
                _save(entry)
                record(Act.CREATE, entry, by=by, programme=entry.programme_id)
            return entry
        except IntegrityError:
            # Two sendings crossed; the constraint let one through.
            known = TimeEntry.objects.filter(uid=entry.uid).first()
            if known is None:
                raise
    if not known.is_visible_to(by) or not known.may_be_changed_by(by):
        raise ValidationError(NOT_YOURS)
    raise TimeLoggedAlready(known)


@transaction.atomic
def change_time(
    *, entry: TimeEntry, read_version: int, by: Membership, fields: list[str]
) -> TimeEntry:
    """Saves changed hours, unless another sending did since `read_version` was shown.

    Raises TimeChangedMeanwhile, DeletedMeanwhile, PermissionDenied, ValidationError.
    """
    if not entry.may_be_changed_by(by):
        raise PermissionDenied
    taken = TimeEntry.objects.filter(pk=entry.pk, version=read_version)
    if not taken.update(version=read_version + 1):
        raise _what_happened(entry)
    entry.version = read_version + 1
    _save(entry)
    record(Act.CHANGE, entry, by=by, programme=entry.programme_id, fields=fields)
    return entry


@transaction.atomic
def delete_time(*, entry: TimeEntry, read_version: int, by: Membership) -> None:
    """Removes hours as they were shown; the history keeps what they said, the journal who did.

    Raises TimeChangedMeanwhile, DeletedMeanwhile, PermissionDenied.
    """
    if not entry.may_be_changed_by(by):
        raise PermissionDenied
    row = TimeEntry.objects.select_for_update().filter(pk=entry.pk, version=read_version).first()
    if row is None:
        raise _what_happened(entry)
    record(Act.DELETE, row, by=by, programme=row.programme_id)
    row.delete()


def _save(entry: TimeEntry) -> None:
    """The constraints are for the database to refuse: each would cost a query more."""
    entry.clean_fields(exclude=["programme", "user"])
    entry.clean()
    entry.save()


def _what_happened(entry: TimeEntry) -> Exception:
    now = TimeEntry.objects.filter(pk=entry.pk).first()
    return TimeChangedMeanwhile(now) if now else DeletedMeanwhile()
