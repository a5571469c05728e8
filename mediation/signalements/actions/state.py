"""Locks, versions and states of a signalement: what every write on one goes through."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError

from governance.models import Contact, Membership
from humanicite.lib.dates import add_working_days
from humanicite.lib.writes import Conflict
from mediation import personal

from ..delays import answer_days
from ..models.signalements import OPEN, Signalement, SignalementQuerySet, Urgency


def due_on(signalement: Signalement, sent: date) -> date:
    """The day by which an answer is expected, in its programme's working days after the sending."""
    days = answer_days(signalement.programme_id)
    return add_working_days(sent, days[Urgency(signalement.urgency)])


def lock_signalement(signalement: Signalement, read_version: int, by: Membership) -> Signalement:
    return as_read(Signalement.objects.select_for_update(), signalement, read_version, by)


def as_read(
    rows: SignalementQuerySet, signalement: Signalement, read_version: int, by: Membership
) -> Signalement:
    """The row as `by` read it. Raises PermissionDenied, Conflict."""
    row: Signalement | None = rows.filter(pk=signalement.pk).first()
    if row is None or not row.may_be_changed_by(by):
        raise PermissionDenied
    if row.version != read_version:
        raise Conflict(row)
    return row


def set_state(signalement: Signalement, to: str, today: date) -> None:
    signalement.state = to
    signalement.closed_on = None if to in OPEN else signalement.closed_on or today
    save_next_version(signalement)


def save_next_version(signalement: Signalement) -> None:
    signalement.version += 1
    signalement.full_clean(validate_unique=False)
    signalement.save()


def check_texts(signalement: Signalement) -> None:
    """Before a draft is saved: it names nobody, and fits the frame."""
    check_nobody_named(signalement)
    signalement.full_clean(validate_unique=False)


def check_nobody_named(signalement: Signalement) -> None:
    """What leaves the operator names nobody (R25)."""
    texts = ("title", "where", "since", "description", "expected")
    wrong: dict[str, str] = {}
    for name in texts:
        if found := personal.find(getattr(signalement, name)):
            wrong[name] = f"Ce texte semble identifier quelqu’un : {personal.said(found)}."
    if wrong:
        raise ValidationError(wrong)


def contacts_today(rows: Iterable[Contact], today: date) -> list[Contact]:
    """Those who hold their function on a day and can be written to."""
    return [row for row in rows if row.email and row.holds(today)]
