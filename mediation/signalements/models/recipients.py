"""Recipients of a signalement: each has its own state (R72)."""

import uuid
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import Contact, Party
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet

from .signalements import OPEN, Signalement


class RecipientState(models.TextChoices):
    EN_FILE = "file", "En file d’envoi"
    REMIS = "remis", "Remis au serveur"
    ECHEC = "echec", "Échec de l’envoi"
    ACCUSE = "accuse", "Accusé de réception"
    REPONDU = "repondu", "Répondu"
    SILENCIEUX = "silence", "Silencieux"


class Reply(models.TextChoices):
    """What a recipient may say of a signalement."""

    RECU = "recu", "Bien reçu"
    EN_CHARGE = "charge", "Je m’en occupe"
    RESOLU = "resolu", "Résolu"
    AUTRE = "autre", "Pas de mon ressort"


class RecipientQuerySet(ScopedQuerySet):
    def in_hand(self) -> Self:
        """Of open signalements, those whose addressee has them to see to: nobody took over, and they did
        not say that it is not theirs."""
        rows = self.filter(successor__isnull=True, signalement__state__in=OPEN)
        return rows.exclude(reply=Reply.AUTRE)

    def held(self, key: int) -> "Recipient":
        """One row, locked until the end of the transaction; its signalement first, as every write does,
        so that two never wait for each other. `no_key` lets rows that refer to it be written."""
        signalements: Any = Signalement.objects.select_for_update(of=("self",), no_key=True)
        signalement = signalements.get(recipients=key)
        held: Any = self.select_for_update(of=("self",), no_key=True)
        rows = held.select_related("contact", "party")
        row: Recipient = rows.get(pk=key)
        row.signalement = signalement
        return row


class Recipient(ScopedModel):
    """One addressee of one signalement, and where it stands with them.

    Address and function are as they were when the signalement left; a successor is another row, which
    this one names.
    """

    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="recipients")
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="received_signalements", verbose_name="partie"
    )
    contact = models.ForeignKey(
        Contact, models.RESTRICT, related_name="received_signalements", verbose_name="interlocuteur"
    )
    function = models.CharField("fonction", max_length=120)
    email = models.EmailField("adresse électronique")
    is_copy = models.BooleanField("en copie", default=False)  # the back-up contact
    state = models.CharField(
        "état", max_length=8, choices=RecipientState, default=RecipientState.EN_FILE
    )
    reply = models.CharField("réponse", max_length=8, choices=Reply, blank=True)
    promised_on = models.DateField("annoncé pour le", null=True, blank=True)
    redirect_to = models.CharField("de quel ressort", max_length=160, blank=True)
    # What the link of the mail is made of; another one makes the former void.
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    handed_at = models.DateTimeField("remis le", null=True, blank=True)
    acknowledged_at = models.DateTimeField("accusé le", null=True, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="repris par",
    )
    added_at = models.DateTimeField("ajouté le", auto_now_add=True)

    history = HistoricalRecords(bases=[ScopedModel])
    objects: ClassVar = RecipientQuerySet.as_manager()
    scope = Scope(
        programme="signalement__programme",
        place="signalement__place",
        dated="signalement__observed_on",
        shared="signalement__is_open_to_perimeter",
        party="party",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=(
            "party",
            "function",
            "is_copy",
            "state",
            "reply",
            "promised_on",
            "redirect_to",
            "handed_at",
            "acknowledged_at",
            "answered_at",
            "added_at",
        ),
        personal=("contact", "email"),
        technical=("id", "signalement", "nonce", "successor"),
    )

    class Meta:
        verbose_name = "destinataire"
        ordering = ["is_copy", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signalement", "contact"],
                name="recipient_once",
                violation_error_message="Cet interlocuteur est déjà destinataire.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RecipientState.values), name="recipient_state_known"
            ),
            models.CheckConstraint(
                condition=Q(reply__in=["", *Reply.values]),
                name="recipient_reply_known",
                violation_error_message="Cette réponse n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(reply="", answered_at__isnull=True)
                | ~Q(reply="") & Q(acknowledged_at__isnull=False),
                name="recipient_replied_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function} ({self.party})"

    @property
    def is_current(self) -> bool:
        """Still the one who is waited for: nobody took over."""
        return self.successor_id is None

    def clean(self) -> None:
        require_same_programme(self.signalement.programme_id, party=getattr(self, "party", None))
        if self.contact_id and self.contact.party_id != self.party_id:
            raise ValidationError({"contact": "Cet interlocuteur est celui d’une autre partie."})
