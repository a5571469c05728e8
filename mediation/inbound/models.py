"""Mails that came in, each kept once (R72)."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from governance.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from mediation.signalements.models.recipients import Recipient


class InboundState(models.TextChoices):
    MATCHED = "matched", "Rattaché"
    UNMATCHED = "unmatched", "À rattacher"
    AUTO = "auto", "Réponse automatique"
    BOUNCE = "bounce", "Retour d’erreur"
    DISMISSED = "dismissed", "Classé"
    NEWS = "news", "Information du quartier"


class InboundMailQuerySet(ScopedQuerySet):
    def waiting(self) -> Self:
        """Those that somebody has to say whose they are, a server's reports of no mail of ours included."""
        is_lost = Q(state=InboundState.BOUNCE, recipient__isnull=True)
        return self.filter(Q(state=InboundState.UNMATCHED) | is_lost)


class InboundMail(ScopedModel):
    """A mail that came in, once, whatever it was; those that match nothing wait for somebody.

    One that waits and has a recipient was written to them from an address that nobody knows, or its
    words are where nobody reads them here. `received_at` is when the mail server had it. `whole` is the
    text as it came, where `text` leaves out some of it.
    """

    programme = models.ForeignKey(
        Programme, models.CASCADE, null=True, blank=True, related_name="inbound_mails"
    )
    message_id = models.CharField("identifiant", max_length=250, unique=True)
    received_at = models.DateTimeField("reçu le")
    sender = models.EmailField("de", blank=True)
    # The Message-ID of the mail of ours that it answers, if any.
    answers = models.CharField("répond à", max_length=250, blank=True)
    subject = models.CharField("objet", max_length=300, blank=True)
    text = models.TextField("texte", max_length=20000, blank=True)
    whole = models.TextField("texte entier", max_length=100000, blank=True)
    # Of a server's report: [address, action, status, diagnostic], each.
    failures = models.JSONField("échecs", default=list, blank=True, editable=False)
    # Digests of what pictures came with it: one that comes again is a signature's.
    pictures = models.JSONField("images", default=list, blank=True, editable=False)
    note = models.CharField("remarque", max_length=300, blank=True)  # what was left out, and why
    state = models.CharField("état", max_length=10, choices=InboundState)
    recipient = models.ForeignKey(
        Recipient,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name="destinataire",
    )

    objects: ClassVar = InboundMailQuerySet.as_manager()
    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("received_at", "subject", "text", "whole", "note", "state"),
        personal=("sender", "recipient", "failures"),
        technical=("id", "programme", "message_id", "answers", "pictures"),
    )

    class Meta:
        verbose_name = "courriel reçu"
        verbose_name_plural = "courriels reçus"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=InboundState.values), name="inbound_mail_state_known"
            )
        ]

    def __str__(self) -> str:
        return self.subject or "(sans objet)"

    @property
    def waits(self) -> bool:
        is_lost = self.state == InboundState.BOUNCE and self.recipient_id is None
        return self.state == InboundState.UNMATCHED or is_lost
