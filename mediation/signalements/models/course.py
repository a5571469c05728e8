"""The events of a signalement's course."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from mediation.activities.models import Activity

from .recipients import Recipient
from .signalements import Signalement


class EventKind(models.TextChoices):
    CREATED = "created", "Rédigé"
    SENT = "sent", "Envoyé"
    HANDED = "handed", "Remis au serveur de courriel"
    FAILED = "failed", "Envoi en échec"
    REPLIED = "replied", "Réponse"
    MAIL = "mail", "Réponse par courriel"
    AUTO = "auto", "Réponse automatique"
    BOUNCED = "bounced", "Adresse en échec"
    REMINDED = "reminded", "Relance"
    SILENT = "silent", "Sans réponse"
    CALL = "call", "À appeler"
    RELAY = "relay", "Relais direct"
    COMMITTEE = "committee", "Proposé au comité"
    REDIRECTED = "redirected", "Réorienté"
    SUCCEEDED = "succeeded", "Repris par un successeur"
    STATE = "state", "Changement d’état"
    REOPENED = "reopened", "Rouvert"
    JOINED = "joined", "Constat ajouté"
    COMMENT = "comment", "Commentaire"


class SignalementEvent(ScopedModel):
    """One moment of a signalement's course, for its timeline; only ever added to.

    `is_internal`: stays with the operator, until somebody shares it. `message_id` is that of the
    mail it came by, so that one mail makes one moment.
    """

    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="events")
    at = models.DateTimeField("quand")
    kind = models.CharField("quoi", max_length=10, choices=EventKind)
    recipient = models.ForeignKey(
        Recipient,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name="destinataire",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="qui",
    )
    # Where it was seen again, for what became of that activity; stays with the operator.
    activity = models.ForeignKey(
        Activity,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="signalement_events",
        verbose_name="activité",
    )
    title = models.CharField("intitulé", max_length=200)
    text = models.TextField("texte", max_length=8000, blank=True)
    is_internal = models.BooleanField("interne", default=False)
    message_id = models.CharField(max_length=250, null=True, blank=True, editable=False)

    scope = Scope(
        programme="signalement__programme",
        place="signalement__place",
        dated="signalement__observed_on",
        shared="signalement__is_open_to_perimeter",
        addressee="signalement__recipients__party",
        concerns="recipient__party",
        internal="is_internal",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("at", "kind", "recipient", "title", "text"),
        confidential=("is_internal", "activity"),
        personal=("user",),
        technical=("id", "signalement", "message_id"),
    )

    class Meta:
        verbose_name = "moment d’un signalement"
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["signalement", "message_id"],
                condition=Q(message_id__isnull=False),
                name="signalement_event_once_a_mail",
            )
        ]
        indexes = [models.Index(fields=["signalement", "at"], name="signalement_events")]

    def __str__(self) -> str:
        return self.title
