"""What was done about a silence: a reminder, a call, a proposal to the committee."""

from django.db import models
from django.db.models import Q

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
