"""Signalements: from the street to an answer that holds (R70–R72, R84, R85)."""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar, Protocol, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, Q, Value
from django.utils import timezone
from simple_history.models import HistoricalRecords

from governance.base import require_same_programme
from governance.models import Contact, Membership, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.rights import Right
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.text import fold
from mediation.activities.models import Activity, Consent
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


class SignalementState(models.TextChoices):
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
    {
        SignalementState.ENVOYE,
        SignalementState.ACCUSE,
        SignalementState.PRIS_EN_CHARGE,
        SignalementState.RESOLU_DECLARE,
    }
)
# On which somebody else's turn it is; what is declared done waits for us.
AWAITED = frozenset(
    {SignalementState.ENVOYE, SignalementState.ACCUSE, SignalementState.PRIS_EN_CHARGE}
)
# No answer is taken any more. What each addressee refused is closed to them, and still ours to send on.
ENDED = frozenset(
    {SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU, SignalementState.ANNULE}
)
# Where a signalement may go from where it stands; whoever moves it, by whatever path.
TRANSITIONS: dict[str, frozenset[SignalementState]] = {
    SignalementState.BROUILLON: frozenset({SignalementState.ENVOYE, SignalementState.ANNULE}),
    SignalementState.ENVOYE: frozenset(
        {
            SignalementState.ACCUSE,
            SignalementState.PRIS_EN_CHARGE,
            SignalementState.RESOLU_DECLARE,
            SignalementState.RESOLU_VERIFIE,
            SignalementState.NON_RESOLU,
            SignalementState.REORIENTE,
            SignalementState.ANNULE,
        }
    ),
    SignalementState.ACCUSE: frozenset(
        {
            SignalementState.ENVOYE,
            SignalementState.PRIS_EN_CHARGE,
            SignalementState.RESOLU_DECLARE,
            SignalementState.RESOLU_VERIFIE,
            SignalementState.NON_RESOLU,
            SignalementState.REORIENTE,
            SignalementState.ANNULE,
        }
    ),
    SignalementState.PRIS_EN_CHARGE: frozenset(
        {
            SignalementState.ENVOYE,
            SignalementState.ACCUSE,
            SignalementState.RESOLU_DECLARE,
            SignalementState.RESOLU_VERIFIE,
            SignalementState.NON_RESOLU,
            SignalementState.REORIENTE,
            SignalementState.ANNULE,
        }
    ),
    # Declared done: seen on site it holds, otherwise it goes back to who had it.
    SignalementState.RESOLU_DECLARE: frozenset(
        {
            SignalementState.ENVOYE,
            SignalementState.ACCUSE,
            SignalementState.PRIS_EN_CHARGE,
            SignalementState.RESOLU_VERIFIE,
            SignalementState.NON_RESOLU,
            SignalementState.REORIENTE,
        }
    ),
    SignalementState.RESOLU_VERIFIE: frozenset(
        {SignalementState.ENVOYE, SignalementState.ACCUSE, SignalementState.PRIS_EN_CHARGE}
    ),
    SignalementState.NON_RESOLU: frozenset(
        {SignalementState.ENVOYE, SignalementState.ACCUSE, SignalementState.PRIS_EN_CHARGE}
    ),
    # Who said that it is not theirs may say otherwise the day after.
    SignalementState.REORIENTE: frozenset(
        {
            SignalementState.ENVOYE,
            SignalementState.ACCUSE,
            SignalementState.PRIS_EN_CHARGE,
            SignalementState.RESOLU_DECLARE,
            SignalementState.NON_RESOLU,
            SignalementState.ANNULE,
        }
    ),
    SignalementState.ANNULE: frozenset(),
}


class Addressee(Protocol):
    """What the rule on who is waited for asks of a recipient's row."""

    party_id: int
    reply: Any

    @property
    def is_current(self) -> bool: ...


def past_due(on: date, of: str = "") -> Q:
    """Those that wait for somebody else, past the day an answer was due; as `is_overdue`.

    `of`: "then_" for how they stood at the end of a day (`past.stood`).
    """
    return Q(**{f"{of}state__in": AWAITED, f"{of}due_on__lt": on})


class SignalementQuerySet(ScopedQuerySet):
    def open(self) -> Self:
        return self.filter(state__in=OPEN)

    def overdue(self, on: date) -> Self:
        return self.filter(past_due(on))

    def awaiting(self, party_id: int) -> Self:
        """Those that wait for a party: it is an addressee and has not answered yet; as `awaits`."""
        return self.filter(self._awaits(party_id))

    def with_awaited(self, party_id: int | None) -> Self:
        """Each with `is_awaited`: whether it waits for a party; for None, none does."""
        waits = Value(value=False) if party_id is None else self._awaits(party_id)
        return self.annotate(is_awaited=ExpressionWrapper(waits, models.BooleanField()))

    def _awaits(self, party_id: int) -> Q:
        recipients: Any = Signalement._meta.get_field("recipients").related_model
        theirs = recipients.objects.filter(signalement=OuterRef("pk"), party=party_id)
        return (
            Q(state__in=AWAITED)
            & Q(Exists(theirs.filter(successor=None)))
            & ~Q(Exists(theirs.exclude(reply="")))
        )

    def newest_first(self) -> Self:
        return self.order_by("-sent_at", "-pk")

    def for_lists(self) -> Self:
        return self.select_related("place", "theme", "author")


NOTHING_SEEN = "Dites ce qui a été vu, ou joignez une photo."


def retired_of(place: Place | None, theme: Theme | None, today: date) -> dict[str, str]:
    """What nobody chooses any more, told by field: a draft leaves with another."""
    said = (
        ("place", place, "retiré", "choisissez un autre lieu"),
        ("theme", theme, "retirée", "choisissez une autre thématique"),
    )
    return {
        name: f"« {row} » est {retired} depuis le {row.retired_on:%d/%m/%Y} : {choose}."
        for name, row, retired, choose in said
        if row is not None and row.retired_on is not None and row.retired_on <= today
    }


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
        Theme,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="signalements",
        verbose_name="thématique",
    )
    description = models.TextField("constat", max_length=2000, blank=True)
    expected = models.CharField("ce qui est attendu", max_length=300, blank=True)
    urgency = models.CharField("urgence", max_length=10, choices=Urgency, default=Urgency.NORMALE)
    observed_on = models.DateField("constaté le")
    due_on = models.DateField("réponse attendue le", null=True, blank=True)
    is_confidential = models.BooleanField("confidentiel", default=False)
    consent = models.CharField("accord recueilli", max_length=4, choices=Consent, blank=True)
    is_open_to_perimeter = models.BooleanField(default=False, editable=False)
    # Whom a draft is meant for; once sent, `recipients` says it.
    chosen = models.ManyToManyField(
        Contact, blank=True, related_name="+", verbose_name="destinataires"
    )
    state = models.CharField(
        "état", max_length=10, choices=SignalementState, default=SignalementState.BROUILLON
    )
    reason = models.CharField("motif", max_length=300, blank=True)  # of what is not resolved
    activity = models.ForeignKey(
        Activity,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="signalements",
        verbose_name="activité",
    )
    situation = models.ForeignKey(
        Situation,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="signalements",
        verbose_name="situation",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.RESTRICT,
        related_name="signalements",
        verbose_name="auteur",
    )
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    closed_on = models.DateField("clos le", null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("enregistré le", auto_now_add=True)
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    # The texts above, folded: what is searched.
    words = models.TextField(editable=False, blank=True)

    history = HistoricalRecords(bases=[ScopedModel], excluded_fields=["words"])
    objects: ClassVar = SignalementQuerySet.as_manager()
    shown_with = ("place", "theme", "activity", "situation")
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
            "year",
            "number",
            "title",
            "place",
            "where",
            "since",
            "theme",
            "description",
            "expected",
            "urgency",
            "observed_on",
            "due_on",
            "is_confidential",
            "state",
            "reason",
            "sent_at",
            "closed_on",
            "words",
        ),
        confidential=("activity", "situation", "consent", "created_at", "updated_at", "chosen"),
        personal=("author",),
        technical=("id", "uid", "programme", "is_open_to_perimeter", "version"),
    )

    class Meta:
        verbose_name = "signalement"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "number"], name="signalement_number_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=SignalementState.values),
                name="signalement_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(urgency__in=Urgency.values),
                name="signalement_urgency_known",
                violation_error_message="Cette urgence n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(consent__in=["", *Consent.values]),
                name="signalement_consent_known",
                violation_error_message="Choisissez « oui » ou « sans objet ».",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[SignalementState.BROUILLON, SignalementState.ANNULE])
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
                condition=~Q(state__in=[SignalementState.NON_RESOLU, SignalementState.ANNULE])
                | ~Q(reason=""),
                name="signalement_unresolved_with_a_reason",
                violation_error_message="Dites pourquoi.",
            ),
            models.CheckConstraint(
                condition=Q(
                    closed_on__isnull=True, state__in=[SignalementState.BROUILLON, *sorted(OPEN)]
                )
                | Q(closed_on__isnull=False)
                & ~Q(state__in=[SignalementState.BROUILLON, *sorted(OPEN)]),
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

    @property
    def is_pending(self) -> bool:
        """It is somebody else's turn, whoever's."""
        return self.state in AWAITED

    def awaits(self, party_id: int, rows: Iterable[Addressee]) -> bool:
        """Whether it waits for a party, whose own among its recipients are in `rows`."""
        theirs = [row for row in rows if row.party_id == party_id]
        waits = self.is_pending and any(row.is_current for row in theirs)
        return waits and not any(row.reply for row in theirs)

    def is_overdue(self, on: date) -> bool:
        """Past the day an answer was due, while it waits for somebody else."""
        return self.is_pending and self.due_on is not None and self.due_on < on

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
        return membership.may(Right.WRITE_SIGNALEMENTS)


LONG_OPEN = 15  # days after the sending, from which an open signalement is told apart
