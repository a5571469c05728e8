"""A programme's days of answers and reminders, in the file of its frame (decision 10)."""

from typing import Any

from governance.conventions.schema import ConventionFile
from governance.models import Programme
from mediation.signalements.delays import save_answer_days
from mediation.signalements.models.delays import AnswerDays
from mediation.signalements.models.signalements import Urgency

from .models import ReminderDays

KINDS = {False: "ordinary", True: "urgent"}


class FollowUpDays:
    """Only what a programme set itself is written down."""

    def load(self, programme: Programme, content: ConventionFile) -> None:
        table = content.follow_up
        if table.answers is not None:
            save_answer_days(programme.pk, dict(zip(Urgency, table.answers, strict=True)))
        for is_urgent, name in KINDS.items():
            days: list[int] | None = getattr(table, name)
            if days is not None:
                row = ReminderDays(programme=programme, is_urgent=is_urgent)
                row.first, row.second, row.call, row.committee = days
                row.full_clean()
                row.save()

    def dump(self, programme: Programme) -> dict[str, Any]:
        answers = AnswerDays.objects.of_programme(programme.pk).first()
        table: dict[str, list[int]] = {}
        if answers is not None:
            table["answers"] = list(answers.days.values())
        for row in ReminderDays.objects.of_programme(programme.pk):
            table[KINDS[row.is_urgent]] = row.days
        return {"follow_up": table} if table else {}
