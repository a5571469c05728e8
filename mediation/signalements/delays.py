"""Within how many working days a programme expects an answer: read and changed (R72, R85)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from governance.models import Act, Membership, Programme, record
from governance.rights import Right

from .models.delays import AnswerDays
from .models.signalements import WORKING_DAYS, Urgency


def answer_days(programme_id: int) -> dict[Urgency, int]:
    """The programme's own, or those that hold where it said nothing."""
    row = AnswerDays.objects.of_programme(programme_id).first()
    return row.days if row else dict(WORKING_DAYS)


@transaction.atomic
def set_answer_days(*, days: dict[Urgency, int], seen: str, by: Membership) -> None:
    """From now on: what was sent keeps the day that it was given.

    `seen` is what was shown, `str` of `answer_days`. Raises PermissionDenied, ValidationError when
    somebody changed them meanwhile, or they do not rise.
    """
    if not by.may(Right.EDIT_FRAME):
        raise PermissionDenied
    Programme.objects.select_for_update().get(pk=by.programme_id)
    now = answer_days(by.programme_id)
    if now == days:
        return
    if str(now) != seen:
        told = ", ".join(f"{urgency.label} {count}" for urgency, count in now.items())
        raise ValidationError(
            f"Les délais ont été modifiés entre-temps : {told}. Votre saisie est conservée : "
            "enregistrez de nouveau pour les remplacer."
        )
    row = save_answer_days(by.programme_id, days)
    record(Act.CHANGE, row, by=by, programme=by.programme_id, fields=["days"])


def save_answer_days(programme_id: int, days: dict[Urgency, int]) -> AnswerDays:
    """Raises ValidationError."""
    row = AnswerDays.objects.of_programme(programme_id).first()
    row = row or AnswerDays(programme_id=programme_id)
    for urgency, count in days.items():
        setattr(row, urgency.value, count)
    row.full_clean()
    row.save()
    return row
