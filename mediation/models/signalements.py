"""Signalements: from the street to an answer that holds (R70–R72, R84, R85)."""

import uuid
from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import Contact, Membership, Party, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.rights import Right
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.files import remove_file
from humanicite.lib.text import fold
from mediation.activities.models import Activity
from mediation.situations.models import Situation


class Urgency(models.TextChoices):
    """How soon an answer is expected; `WORKING_DAYS` says the days."""

    IMMEDIATE = "immediate", "Immédiate"
    HAUTE = "haute", "Haute"
    NORMALE = "normale", "Normale"
    FAIBLE = "faible", "Faible"


WORKING_DAYS = {
    Urgency.IMMEDIATE: 0,
    Urgency.HAUTE: 2,
    Urgency.NORMALE: 10,
    Urgency.FAIBLE: 30,
}


class SheetState(models.TextChoices):
    BROUILLON = "brouillon", "Brouillon"
    ENVOYE = "envoye", "Envoyé"
    ACCUSE = "accuse", "Accusé de réception"
    PRIS_EN_CHARGE = "pris", "Pris en charge"
    RESOLU_DECLARE = "declare", "Résolu (déclaré)"
    RESOLU_VERIFIE = "verifie", "Résolu (vérifié)"
    NON_RESOLU = "non_resolu", "Non résolu"
    REORIENTE = "reoriente", "Réorienté"
    ANNULE = "annule", "Annulé"


OPEN = frozenset(
    {SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE, SheetState.RESOLU_DECLARE}
)
# No answer is taken any more. What each addressee refused is closed to them, and still ours to send on.
ENDED = frozenset({SheetState.RESOLU_VERIFIE, SheetState.NON_RESOLU, SheetState.ANNULE})
# Where a sheet may go from where it stands; whoever moves it, by whatever path.
TRANSITIONS: dict[str, frozenset[SheetState]] = {
    SheetState.BROUILLON: frozenset({SheetState.ENVOYE, SheetState.ANNULE}),
    SheetState.ENVOYE: frozenset(
        {
            SheetState.ACCUSE,
            SheetState.PRIS_EN_CHARGE,
            SheetState.RESOLU_DECLARE,
            SheetState.RESOLU_VERIFIE,
            SheetState.NON_RESOLU,
            SheetState.REORIENTE,
            SheetState.ANNULE,
        }
    ),
    SheetState.ACCUSE: frozenset(
        {
            SheetState.ENVOYE,
            SheetState.PRIS_EN_CHARGE,
            SheetState.RESOLU_DECLARE,
            SheetState.RESOLU_VERIFIE,
            SheetState.NON_RESOLU,
            SheetState.REORIENTE,
            SheetState.ANNULE,
        }
    ),
    SheetState.PRIS_EN_CHARGE: frozenset(
        {
            SheetState.ENVOYE,
            SheetState.ACCUSE,
            SheetState.RESOLU_DECLARE,
            SheetState.RESOLU_VERIFIE,
            SheetState.NON_RESOLU,
            SheetState.REORIENTE,
            SheetState.ANNULE,
        }
    ),
    # Declared done: seen on site it holds, otherwise it goes back to who had it.
    SheetState.RESOLU_DECLARE: frozenset(
        {
            SheetState.ENVOYE,
            SheetState.ACCUSE,
            SheetState.PRIS_EN_CHARGE,
            SheetState.RESOLU_VERIFIE,
            SheetState.NON_RESOLU,
            SheetState.REORIENTE,
        }
    ),
    SheetState.RESOLU_VERIFIE: frozenset(
        {SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE}
    ),
    SheetState.NON_RESOLU: frozenset(
        {SheetState.ENVOYE, SheetState.ACCUSE, SheetState.PRIS_EN_CHARGE}
    ),
    # Who said that it is not theirs may say otherwise the day after.
    SheetState.REORIENTE: frozenset(
        {
            SheetState.ENVOYE,
            SheetState.ACCUSE,
            SheetState.PRIS_EN_CHARGE,
            SheetState.RESOLU_DECLARE,
            SheetState.NON_RESOLU,
            SheetState.ANNULE,
        }
    ),
    SheetState.ANNULE: frozenset(),
}


class SignalementQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, on: date) -> Self:
        """Open, past the day an answer was due; what is declared done waits for us, not for them."""
        return self.open().exclude(state=SheetState.RESOLU_DECLARE).filter(due_on__lt=on)

    def newest_first(self) -> Self:
        return self.order_by("-sent_at", "-pk")

    def for_lists(self) -> Self:
        return self.select_related("place", "theme", "author")


class Signalement(ScopedModel):
    """A *fiche de signalement*: what, where, since when, what is expected of whom, by when (R72).

    What it says leaves the operator: no resident's identity. `is_open_to_perimeter` is the flag by
    which partners in whose perimeter it lies read it: once sent, and not confidential.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="signalements")
    # Given when it leaves, so that numbers follow one another without a gap.
    year = models.PositiveSmallIntegerField("année", null=True, blank=True)
    number = models.PositiveIntegerField("numéro", null=True, blank=True)
    title = models.CharField("quoi", max_length=120)
    place = models.ForeignKey(
        Place, models.RESTRICT, related_name="signalements", verbose_name="où"
    )
    where = models.CharField("précision du lieu", max_length=160, blank=True)
    since = models.CharField("depuis quand", max_length=80, blank=True)
    theme = models.ForeignKey(
        Theme, models.RESTRICT, null=True, blank=True, related_name="signalements",
        verbose_name="thématique",
    )  # fmt: skip
    description = models.TextField("constat", max_length=2000, blank=True)
    expected = models.CharField("ce qui est attendu", max_length=300, blank=True)
    urgency = models.CharField("urgence", max_length=10, choices=Urgency, default=Urgency.NORMALE)
    observed_on = models.DateField("constaté le")
    due_on = models.DateField("réponse attendue le", null=True, blank=True)
    is_confidential = models.BooleanField("confidentiel", default=False)
    is_open_to_perimeter = models.BooleanField(default=False, editable=False)
    # Whom a draft is meant for; once sent, `recipients` says it.
    chosen = models.ManyToManyField(
        Contact, blank=True, related_name="+", verbose_name="destinataires"
    )
    state = models.CharField(
        "état", max_length=10, choices=SheetState, default=SheetState.BROUILLON
    )
    reason = models.CharField("motif", max_length=300, blank=True)  # of what is not resolved
    activity = models.ForeignKey(
        Activity, models.SET_NULL, null=True, blank=True, related_name="signalements",
        verbose_name="activité",
    )  # fmt: skip
    situation = models.ForeignKey(
        Situation, models.SET_NULL, null=True, blank=True, related_name="signalements",
        verbose_name="situation",
    )  # fmt: skip
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, related_name="signalements",
        verbose_name="auteur",
    )  # fmt: skip
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    closed_on = models.DateField("clos le", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    # The texts above, folded: what is searched.
    words = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(bases=[ScopedModel], excluded_fields=["words"])
    objects: ClassVar[Any] = SignalementQuerySet.as_manager()
    scope = Scope(
        programme="programme",
        place="place",
        dated="observed_on",
        shared="is_open_to_perimeter",
        addressee="recipients__party",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=(
            "year", "number", "title", "place", "where", "since", "theme", "description",
            "expected", "urgency", "observed_on", "due_on", "is_confidential", "state", "reason",
            "sent_at", "closed_on", "words",
        ),
        confidential=("activity", "situation", "created_at", "updated_at", "chosen"),
        personal=("author",),
        technical=("id", "uid", "programme", "is_open_to_perimeter", "version"),
    )  # fmt: skip

    class Meta:
        verbose_name = "signalement"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "number"], name="signalement_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SheetState.values),
                name="signalement_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=Urgency.values),
                name="signalement_urgency_known",
                violation_error_message="Cette urgence n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[SheetState.BROUILLON, SheetState.ANNULE])
                | Q(sent_at__isnull=False, due_on__isnull=False, number__isnull=False),
                name="signalement_sent_with_its_days",
                violation_error_message="Un signalement envoyé a un numéro, une date et une "
                "échéance.",
            ),
            models.CheckConstraint(
                condition=~Q(is_open_to_perimeter=True, is_confidential=True)
                & ~Q(is_open_to_perimeter=True, sent_at__isnull=True),
                name="signalement_open_once_sent",
                violation_error_message="Un signalement confidentiel n’est lu que de ses "
                "destinataires.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[SheetState.NON_RESOLU, SheetState.ANNULE]) | ~Q(reason=""),
                name="signalement_unresolved_with_a_reason",
                violation_error_message="Dites pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True, state__in=[SheetState.BROUILLON, *sorted(OPEN)])
                | Q(closed_on__isnull=False) & ~Q(state__in=[SheetState.BROUILLON, *sorted(OPEN)]),
                name="signalement_closed_on_a_day",
                violation_error_message="Un signalement clos l’est à une date.",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "state", "due_on"], name="signalement_by_state"),
            models.Index(fields=["place", "theme", "state"], name="signalement_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.reference}, {self.title}"

    @property
    def reference(self) -> str:
        """« 2026-142 »; a draft has none yet."""
        return f"{self.year}-{self.number}" if self.number else "brouillon"

    @property
    def sent_on(self) -> date | None:
        """The day it left, at the clock of Paris."""
        return timezone.localtime(self.sent_at).date() if self.sent_at else None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    def is_overdue(self, on: date) -> bool:
        waits = self.is_open and self.state != SheetState.RESOLU_DECLARE
        return waits and self.due_on is not None and self.due_on < on

    def may_become(self, state: str) -> bool:
        return state in TRANSITIONS[self.state]

    def clean(self) -> None:
        require_same_programme(
            self.programme_id,
            place=getattr(self, "place", None),
            theme=self.theme,
            activity=self.activity,
            situation=self.situation,
        )
        if not self.title.strip():
            raise ValidationError({"title": "Dites en quelques mots ce qui est signalé."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.keep_words()
        super().save(*args, **kwargs)

    def keep_words(self) -> None:
        """What is searched, kept with the row; who saves in bulk calls it for each."""
        texts = (self.title, self.where, self.since, self.description, self.expected)
        self.words = fold(" ".join(texts))

    def may_be_changed_by(self, membership: Membership) -> bool:
        """The operator's team; once sent, what it said stays and only its course goes on."""
        return membership.may(Right.WRITE_SHEETS)


class RecipientState(models.TextChoices):
    EN_FILE = "file", "En file d’envoi"
    REMIS = "remis", "Remis au serveur"
    ECHEC = "echec", "Échec de l’envoi"
    ACCUSE = "accuse", "Accusé de réception"
    REPONDU = "repondu", "Répondu"
    SILENCIEUX = "silence", "Silencieux"


class Reply(models.TextChoices):
    """What a recipient may say of a sheet."""

    RECU = "recu", "Bien reçu"
    EN_CHARGE = "charge", "Je m’en occupe"
    RESOLU = "resolu", "Résolu"
    AUTRE = "autre", "Pas de mon ressort"


class RecipientQuerySet(ScopedQuerySet):
    def in_hand(self) -> Self:
        """Of open sheets, those whose addressee has them to see to: nobody took over, and they did
        not say that it is not theirs."""
        rows = self.filter(successor__isnull=True, signalement__state__in=OPEN)
        return rows.exclude(reply=Reply.AUTRE)

    def held(self, key: int) -> "Recipient":
        """One row, locked until the end of the transaction; its sheet first, as every write does,
        so that two never wait for each other. `no_key` lets rows that refer to it be written."""
        sheets: Any = Signalement.objects.select_for_update(of=("self",), no_key=True)
        sheet = sheets.get(recipients=key)
        held: Any = self.select_for_update(of=("self",), no_key=True)
        rows = held.select_related("contact", "party")
        row: Recipient = rows.get(pk=key)
        row.signalement = sheet
        return row


class Recipient(ScopedModel):
    """One addressee of one sheet, and where it stands with them.

    Address and function are as they were when the sheet left; a successor is another row, which
    this one names.
    """

    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="recipients")
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="received_sheets", verbose_name="partie"
    )
    contact = models.ForeignKey(
        Contact, models.RESTRICT, related_name="received_sheets", verbose_name="interlocuteur"
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
        "self", models.SET_NULL, null=True, blank=True, related_name="predecessors",
        verbose_name="repris par",
    )  # fmt: skip
    added_at = models.DateTimeField("ajouté le", auto_now_add=True)

    history = HistoricalRecords(bases=[ScopedModel])
    objects: ClassVar[Any] = RecipientQuerySet.as_manager()
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
            "party", "function", "is_copy", "state", "reply", "promised_on", "redirect_to",
            "handed_at", "acknowledged_at", "answered_at", "added_at",
        ),
        personal=("contact", "email"),
        technical=("id", "signalement", "nonce", "successor"),
    )  # fmt: skip

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
    JOINED = "joined", "Constat ajouté"
    COMMENT = "comment", "Commentaire"


class SignalementEvent(ScopedModel):
    """One moment of a sheet's course, for its timeline; only ever added to.

    `is_internal`: stays with the operator, until somebody shares it. `message_id` is that of the
    mail it came by, so that one mail makes one moment.
    """

    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="events")
    at = models.DateTimeField("quand")
    kind = models.CharField("quoi", max_length=10, choices=EventKind)
    recipient = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="events",
        verbose_name="destinataire",
    )  # fmt: skip
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="qui",
    )  # fmt: skip
    # Where it was seen again, for what became of that activity; stays with the operator.
    activity = models.ForeignKey(
        Activity, models.SET_NULL, null=True, blank=True, related_name="sheet_events",
        verbose_name="activité",
    )  # fmt: skip
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


class DeliveryKind(models.TextChoices):
    SHEET = "sheet", "Fiche"
    REMINDER = "reminder", "Relance"
    LINK = "link", "Nouveau lien"
    NOTICE = "notice", "Réouverture"


class Delivery(ScopedModel):
    """A mail to a recipient, as it stands with the server; a row each, of the same transaction.

    `email` is post_office's row, with its own attempts; `message_id` is stable over all of them, so
    that a mail that was accepted twice is recognised as one. A grouped reminder is one mail and a
    row for each of its sheets.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="deliveries")
    kind = models.CharField("nature", max_length=10, choices=DeliveryKind)
    email = models.ForeignKey(
        "post_office.Email", models.SET_NULL, null=True, blank=True, related_name="deliveries",
        verbose_name="courriel",
    )  # fmt: skip
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


class Reminder(ScopedModel):
    """A step of the follow-up that was taken for a recipient; each step once in a round.

    A round ends with what the recipient says, or when they are waited for anew: its steps are past.
    """

    recipient = models.ForeignKey(Recipient, models.CASCADE, related_name="reminders")
    step = models.CharField("étape", max_length=12)  # see `followup.STEPS`
    day = models.DateField("le")
    # A call that was made, or a sheet taken off the committee's list by hand.
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


class Channel(models.TextChoices):
    """Direct relay (R70, R71); the sheet itself is the third (R72)."""

    CONTACT = "contact", "Contact direct"
    TELEPHONE = "telephone", "Téléphone"


class Relay(ScopedModel):
    """What was said to a party in person or by phone about a sheet, and what it answered."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="relays")
    signalement = models.ForeignKey(
        Signalement, models.CASCADE, related_name="relays", verbose_name="signalement"
    )
    party = models.ForeignKey(Party, models.RESTRICT, related_name="relays", verbose_name="partie")
    contact = models.ForeignKey(
        Contact, models.RESTRICT, null=True, blank=True, related_name="relays",
        verbose_name="interlocuteur",
    )  # fmt: skip
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


def sheet_photo_path(photo: "SheetPhoto", filename: str) -> str:
    return f"signalements/{photo.uid.hex[:2]}/{photo.uid.hex}.jpg"


class SheetPhoto(ScopedModel):
    """A JPEG without metadata that goes with the sheet, or came with an answer."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    signalement = models.ForeignKey(Signalement, models.CASCADE, related_name="photos")
    recipient = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="photos",
        verbose_name="reçue de",
    )  # fmt: skip
    file = models.FileField("fichier", upload_to=sheet_photo_path, max_length=100)
    width = models.PositiveIntegerField("largeur")
    height = models.PositiveIntegerField("hauteur")
    created_at = models.DateTimeField("ajoutée le", auto_now_add=True)

    scope = Scope(
        programme="signalement__programme",
        place="signalement__place",
        dated="signalement__observed_on",
        shared="signalement__is_open_to_perimeter",
        addressee="signalement__recipients__party",
        concerns="recipient__party",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("file", "width", "height", "created_at", "recipient"),
        technical=("id", "uid", "signalement"),
    )

    class Meta:
        verbose_name = "photo d’un signalement"
        ordering = ["pk"]


models.signals.post_delete.connect(remove_file, SheetPhoto)


class InboundState(models.TextChoices):
    MATCHED = "matched", "Rattaché"
    UNMATCHED = "unmatched", "À rattacher"
    AUTO = "auto", "Réponse automatique"
    BOUNCE = "bounce", "Retour d’erreur"
    DISMISSED = "dismissed", "Classé"


class InboundMail(ScopedModel):
    """A mail that came in, once, whatever it was; those that match nothing wait for somebody.

    One that waits and has a recipient was written to them from an address that nobody knows.
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
    note = models.CharField("remarque", max_length=300, blank=True)  # what was left out, and why
    state = models.CharField("état", max_length=10, choices=InboundState)
    recipient = models.ForeignKey(
        Recipient, models.SET_NULL, null=True, blank=True, related_name="mails",
        verbose_name="destinataire",
    )  # fmt: skip

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("received_at", "subject", "text", "note", "state"),
        personal=("sender", "recipient"),
        technical=("id", "programme", "message_id", "answers"),
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
