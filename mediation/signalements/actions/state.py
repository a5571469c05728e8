"""Locks, versions and states of a signalement: what every write on one goes through."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from governance.models import Contact, Membership
from humanicite.lib.dates import add_working_days
from mediation import personal

from ..models.signalements import OPEN, WORKING_DAYS, Signalement, Urgency


class SignalementChanged(Exception):
    """Somebody moved or saved the sheet since it was read; `signalement` is as it stands now."""

    def __init__(self, signalement: Signalement) -> None:
        super().__init__(str(signalement.pk))
        self.signalement = signalement


def due_on(urgency: str, sent: date) -> date:
    """The day by which an answer is expected, in working days after the sending."""
    return add_working_days(sent, WORKING_DAYS[Urgency(urgency)])


def lock_signalement(signalement: Signalement, read_version: int, by: Membership) -> Signalement:
    sheet = Signalement.objects.select_for_update().filter(pk=signalement.pk).first()
    if sheet is None or not sheet.may_be_changed_by(by):
        raise PermissionDenied
    if sheet.version != read_version:
        raise SignalementChanged(sheet)
    return sheet


def set_state(sheet: Signalement, to: str, today: date) -> None:
    sheet.state = to
    sheet.closed_on = None if to in OPEN else sheet.closed_on or today
    save_next_version(sheet)


def save_next_version(sheet: Signalement) -> None:
    sheet.version += 1
    sheet.full_clean(validate_unique=False)
    sheet.save()


def check_texts(sheet: Signalement) -> None:
    """What leaves the operator names nobody (R25)."""
    texts = ("title", "where", "since", "description", "expected")
    wrong: dict[str, Any] = {}
    for name in texts:
        if found := personal.find(getattr(sheet, name)):
            wrong[name] = f"Ce texte semble identifier quelqu’un : {personal.said(found)}."
    if wrong:
        raise ValidationError(wrong)
    sheet.full_clean(validate_unique=False)


def contacts_today(rows: Iterable[Contact], today: date) -> list[Contact]:
    """Those who hold their function on a day and can be written to."""
    return [row for row in rows if row.email and row.holds(today)]
