"""When an open action is reminded of, by the rules of signalements: working days, one step a day, in
their order, each once for a date (R57, R85). Another date begins anew.

Two working days before, then one and five after the day, with the back-up in copy of the last; after
ten it is proposed for the committee's next agenda.
"""

from collections.abc import Mapping
from datetime import date

from django.db import models
from django.db.models import Prefetch

from humanicite.lib.dates import is_day_off, working_days_between

from .models import ActionItem, ActionReminder, ActionState


class Step(models.TextChoices):
    """What an `ActionReminder` row says was done."""

    SOON = "bientot", "Bientôt à faire"
    FIRST = "relance", "Relance"
    SECOND = "suppleant", "Relance, suppléant en copie"
    AGENDA = "comite", "Proposée au comité"


BY_MAIL = frozenset({Step.SOON, Step.FIRST, Step.SECOND})
DAYS_BEFORE = 2  # working days
DAYS_AFTER = {Step.FIRST: 1, Step.SECOND: 5, Step.AGENDA: 10}


def due_step(
    action: ActionItem, taken: Mapping[str, date], today: date, *, reachable: bool
) -> Step | None:
    """The step that an open action calls for on a day, if any; `taken` are those behind it."""
    if not action.is_open or action.is_internal or is_day_off(today) or today in taken.values():
        return None
    if today <= action.due_on:
        is_near = working_days_between(today, action.due_on) <= DAYS_BEFORE
        return Step.SOON if is_near and reachable and Step.SOON not in taken else None
    late = working_days_between(action.due_on, today)
    for step, after in DAYS_AFTER.items():
        if step in taken or (step in BY_MAIL and not reachable):
            continue
        return step if late >= after else None
    return None


def awaited(programme_id: int) -> models.QuerySet[ActionItem]:
    """Open actions that those concerned see, with what `due_step` reads of them."""
    rows = ActionItem.objects.of_programme(programme_id)
    rows = rows.filter(state=ActionState.TO_DO, is_internal=False)
    reminders = Prefetch("reminders", ActionReminder.objects.order_by("pk"))
    found: models.QuerySet[ActionItem] = (
        rows.select_related("party", "contact", "item__meeting__committee__programme")
        .prefetch_related(reminders)
        .order_by("due_on", "pk")
    )
    return found


def steps_taken(action: ActionItem) -> dict[str, date]:
    """Of the date that stands; those of an earlier one under names that are no step's."""
    return {
        row.step if row.due_on == action.due_on else f"{row.step} {row.pk}": row.day
        for row in action.reminders.all()
    }
