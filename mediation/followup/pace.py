"""The days of a programme's reminders: read and changed."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.models import Act, Membership, Programme, record
from governance.rights import Right

from .models import ReminderDays
from .steps import defaults


def days_of(programme_id: int) -> dict[str, list[int]]:
    """Working days to each step, « ordinary » and « urgent »: the programme's or the settings'."""
    own = {row.is_urgent: row.days for row in ReminderDays.objects.of_programme(programme_id)}
    return {
        "ordinary": own.get(False) or defaults(urgent=False),
        "urgent": own.get(True) or defaults(urgent=True),
    }


@transaction.atomic
def set_days(*, ordinary: list[int], urgent: list[int], seen: str, by: Membership) -> None:
    """Sets the days from now on; steps already taken stay taken.

    `seen` is what was shown, `str` of `days_of`. Raises ValidationError when somebody changed them
    meanwhile, or they do not rise.
    """
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)
    now = days_of(by.programme_id)
    wanted = {"ordinary": ordinary, "urgent": urgent}
    if now == wanted:
        return
    if str(now) != seen:
        told = " ; ".join(", ".join(str(day) for day in days) for days in now.values())
        raise ValidationError(
            f"Les jours ont été modifiés entre-temps : {told}. Votre saisie est conservée : "
            "enregistrez de nouveau pour les remplacer."
        )
    for is_urgent, days in ((False, ordinary), (True, urgent)):
        row = ReminderDays.objects.filter(programme=by.programme_id, is_urgent=is_urgent).first()
        row = row or ReminderDays(programme_id=by.programme_id, is_urgent=is_urgent)
        row.first, row.second, row.call, row.committee = days
        row.full_clean()
        row.save()
        record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=["days"])
