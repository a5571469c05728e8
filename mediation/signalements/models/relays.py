"""What was said in person or by phone (R70, R71)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.base import require_same_programme
from governance.models import Contact, Party, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel

from .recipients import Reply
from .signalements import Signalement


class Channel(models.TextChoices):
    """Direct relay (R70, R71); the signalement itself is the third (R72)."""

    CONTACT = "contact", "Contact direct"
    TELEPHONE = "telephone", "Téléphone"


class Relay(ScopedModel):
    """What was said to a party in person or by phone about a signalement, and what it answered."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="relays")
    signalement = models.ForeignKey(
        Signalement, models.CASCADE, related_name="relays", verbose_name="signalement"
    )
    party = models.ForeignKey(Party, models.RESTRICT, related_name="relays", verbose_name="partie")
    contact = models.ForeignKey(
        Contact,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="relays",
        verbose_name="interlocuteur",
    )
    channel = models.CharField("canal", max_length=10, choices=Channel)
    day = models.DateField("le")
    note = models.CharField("ce qui a été dit", max_length=500, blank=True)
    reply = models.CharField("réponse", max_length=8, choices=Reply, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="relays", verbose_name="auteur"
    )

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("signalement", "party", "channel", "day", "note", "reply"),
        personal=("contact", "author"),
        technical=("id", "uid", "programme"),
    )

    class Meta:
        verbose_name = "relais direct"
        verbose_name_plural = "relais directs"
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="relay_channel_known"
            )
        ]

    def clean(self) -> None:
        require_same_programme(
            self.programme_id,
            party=getattr(self, "party", None),
            signalement=getattr(self, "signalement", None),
        )
