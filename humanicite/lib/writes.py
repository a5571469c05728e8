"""Forms that come twice, and rows that somebody else saved since they were read."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

Row = TypeVar("Row", bound=models.Model)


class Done(Exception):
    """The same form was sent twice; `row` is what the first sending saved."""

    def __init__(self, row: Any) -> None:
        super().__init__(str(row.pk))
        self.row = row


class Conflict(Exception):
    """Somebody wrote the row since it was read; `row` is as it stands now, None when it is gone."""

    def __init__(self, row: Any) -> None:
        super().__init__(str(row.pk) if row is not None else "gone")
        self.row = row


def save_once(
    row: Row, save: Callable[[], None], *, is_theirs: Callable[[Row], bool], refusal: str
) -> Row:
    """Saves a new row that has a `uid`, once however often its form arrives; `save` in one
    transaction.

    Raises Done for a `uid` that is known, ValidationError (`refusal`) where that one is not theirs
    who ask; what `save` raises.
    """
    rows = type(row)._default_manager.filter(uid=row.uid)  # type: ignore[attr-defined]  # a model’s
    known = rows.first()
    if known is None:
        try:
            with transaction.atomic():
                save()
            return row
        except IntegrityError:
            # Two sendings crossed; the constraint let one through.
            known = rows.first()
            if known is None:
                raise
    if not is_theirs(known):
        raise ValidationError(refusal)
    raise Done(known)


def take_version(row: Any, read_version: int, shown: models.QuerySet | None = None) -> None:
    """Makes this writer's version the next one, in a transaction of the caller's.

    Raises Conflict for who was not first; `shown` are the rows as its page shows them.
    """
    rows = type(row)._default_manager
    if not rows.filter(pk=row.pk, version=read_version).update(version=read_version + 1):
        raise Conflict((rows if shown is None else shown).filter(pk=row.pk).first())
    row.version = read_version + 1


def lock_version(row: Any, read_version: int) -> Any:
    """The row as it was read, locked until the end of the transaction. Raises Conflict."""
    locked = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if locked is None or locked.version != read_version:
        raise Conflict(locked)
    return locked
