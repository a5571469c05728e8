"""What was done of an action that a committee decided: the activity, the signalement that did it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from governance.models import ActionItem
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from mediation.activities.models import Activity
from mediation.signalements.models.signalements import Signalement


class ActionLink(ScopedModel):
    """One of the two, once each. Who reads the action does not thereby read what did it."""

    action = models.ForeignKey(ActionItem, models.CASCADE, related_name="links")
    activity = models.ForeignKey(
        Activity, models.CASCADE, null=True, blank=True, related_name="action_links"
    )
    signalement = models.ForeignKey(
        Signalement, models.CASCADE, null=True, blank=True, related_name="action_links"
    )

    scope = Scope(programme="action__item__meeting__committee__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("activity", "signalement"),
        technical=("id", "action"),
    )

    class Meta:
        verbose_name = "lien d’une action"
        verbose_name_plural = "liens d’actions"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(activity__isnull=False, signalement__isnull=True)
                | Q(activity__isnull=True, signalement__isnull=False),
                name="action_link_to_one",
                violation_error_message="Choisissez une activité, ou un signalement.",
            ),
            models.UniqueConstraint(
                fields=["action", "activity"],
                name="action_link_activity_once",
                violation_error_message="Cette activité est déjà reliée à l’action.",
            ),
            models.UniqueConstraint(
                fields=["action", "signalement"],
                name="action_link_signalement_once",
                violation_error_message="Ce signalement est déjà relié à l’action.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.activity or self.signalement)

    @property
    def programme_id(self) -> int:
        return self.action.programme_id

    def clean(self) -> None:
        what = self.activity or self.signalement
        if what is not None and what.programme_id != self.programme_id:
            raise ValidationError("Cet élément appartient à un autre dispositif.")
