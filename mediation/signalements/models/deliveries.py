"""A mail about a signalement to one recipient, and what became of it."""

from django.db import models
from django.db.models import Q

from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel

from .recipients import Recipient


class DeliveryKind(models.TextChoices):
    SIGNALEMENT = "sheet", "Fiche"  # as it is stored
    REMINDER = "reminder", "Relance"
    LINK = "link", "Nouveau lien"
    NOTICE = "notice", "Réouverture"


class Delivery(ScopedModel):
    """A mail to a recipient, as it stands with the server; a row each, of the same transaction.

    `email` is post_office's row, with its own attempts; `message_id` is stable over all of them, so
    that a mail that was accepted twice is recognised as one. A grouped reminder is one mail and a
    row for each of its signalements.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="deliveries")
    kind = models.CharField("nature", max_length=10, choices=DeliveryKind)
    email = models.ForeignKey(
        "post_office.Email",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name="courriel",
    )
    message_id = models.CharField("identifiant", max_length=250, db_index=True)
    queued_at = models.DateTimeField("mis en file le", auto_now_add=True)
    handed_at = models.DateTimeField("remis le", null=True, blank=True)
    failed_at = models.DateTimeField("échoué le", null=True, blank=True)
    attempts = models.PositiveIntegerField("essais", default=0)
    error = models.CharField("erreur", max_length=500, blank=True)

    scope = Scope(programme="recipient__signalement__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("kind", "queued_at", "handed_at", "failed_at", "attempts", "error"),
        personal=("email", "message_id"),
        technical=("id", "recipient"),
    )

    class Meta:
        verbose_name = "envoi"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_at__isnull=True) | Q(failed_at__isnull=True),
                name="delivery_handed_or_failed",
            ),
            models.UniqueConstraint(
                fields=["recipient", "message_id"], name="delivery_once_a_mail"
            ),
        ]
