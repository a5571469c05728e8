"""What was done about a silence: a reminder, a call, a proposal to the committee."""

from django.db import models
from django.db.models import F, Q

from governance.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from mediation.signalements.models.recipients import Recipient


class Reminder(ScopedModel):
    """A step of the follow-up that was taken for a recipient; each step once in a round.

    A round ends with what the recipient says, or when they are waited for anew: its steps are past.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="reminders")
    step = models.CharField("étape", max_length=12)  # see `followup.STEPS`
    day = models.DateField("le")
    # A call that was made, or a signalement taken off the committee's list by hand.
    done_on = models.DateField("fait le", null=True, blank=True)
    is_past = models.BooleanField("d’un tour précédent", default=False)

    scope = Scope(programme="recipient__signalement__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("step", "day", "done_on", "is_past"),
        technical=("id", "recipient"),
    )

    class Meta:
        verbose_name = "relance"
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "step"],
                condition=Q(is_past=False),
                name="reminder_step_once_a_round",
            )
        ]


class ReminderDays(ScopedModel):
    """A programme's working days to each step of the follow-up, of urgent signalements or of others.

    Without a row, the settings' days hold (see `followup.steps`).
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="reminder_days")
    is_urgent = models.BooleanField("urgents")
    first = models.PositiveSmallIntegerField("relance")
    second = models.PositiveSmallIntegerField("relance, suppléant en copie")
    call = models.PositiveSmallIntegerField("à appeler")
    committee = models.PositiveSmallIntegerField("proposé au comité")

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.FRAME,
        confidential=("is_urgent", "first", "second", "call", "committee"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "jours de relance"
        verbose_name_plural = "jours de relance"
        ordering = ["is_urgent"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "is_urgent"], name="reminder_days_once_a_programme"
            ),
            models.CheckConstraint(
                condition=Q(
                    first__gte=1,
                    second__gte=F("first"),
                    call__gte=F("second"),
                    committee__gte=F("call"),
                    committee__lte=250,
                ),
                name="reminder_days_rise",
                violation_error_message="Les jours vont en croissant, de 1 à 250.",
            ),
        ]

    @property
    def days(self) -> list[int]:
        """In the order of the steps."""
        return [self.first, self.second, self.call, self.committee]
