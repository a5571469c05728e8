"""The monthly synthesis and the bilan: one text, one frozen edition a perimeter and version (R76–R82)."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from governance.models import Contact, Membership, Party, Perimeter, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from reporting.periods import Period
from reporting.recommendations.models import Recommendation

from . import titles

SILENT_BATCH = timedelta(minutes=3)  # after which a batch without a sign is taken for dead


class SynthesisState(models.TextChoices):
    DRAFT = "brouillon", "En rédaction"
    VALIDATED = "validee", "Validée"
    PUBLISHED = "publiee", "Publiée"


class EditionKind(models.TextChoices):
    FIRST = "premiere", "Première version"
    REVISION = "revision", "Révision"
    CORRECTION = "correction", "Correction"


class SynthesisKind(models.TextChoices):
    """What a text is of, by its period's kind."""

    MONTHLY = "mois", "Synthèse mensuelle"
    MIDTERM = "semestre", "Bilan à mi-parcours"
    YEARLY = "annee", "Bilan annuel"


class SynthesisQuerySet(ScopedQuerySet):
    def of_period(self, period: Period) -> Self:
        return self.filter(kind=period.kind, month=period.first)

    def monthly(self) -> Self:
        return self.filter(kind=SynthesisKind.MONTHLY)

    def reviews(self) -> Self:
        return self.exclude(kind=SynthesisKind.MONTHLY)


class MonthlySynthesis(ScopedModel):
    """A programme's month, or (a bilan) its half-year or year. Stays with the operator: the parties
    read editions."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="syntheses")
    kind = models.CharField(
        "nature", max_length=9, choices=SynthesisKind, default=SynthesisKind.MONTHLY
    )
    month = models.DateField("mois")  # the first day of its period
    state = models.CharField(
        "état", max_length=9, choices=SynthesisState, default=SynthesisState.DRAFT
    )
    validated_at = models.DateTimeField("validée le", null=True, blank=True)
    validated_by = models.ForeignKey(
        Membership,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="validée par",
    )
    # What each perimeter's figures were when somebody said that they are right: key → checksum.
    validated_figures = models.JSONField("chiffres validés", default=dict, blank=True)
    # What the next version is, and why, once a published one was taken up again.
    next_kind = models.CharField(
        "nature de la version", max_length=10, choices=EditionKind, default=EditionKind.FIRST
    )
    next_reason = models.CharField("motif", max_length=200, blank=True)
    next_is_substantial = models.BooleanField("change les conclusions", default=False)
    reminded_on = models.DateField("rappelée le", null=True, blank=True)
    # While a batch publishes it: when it last gave a sign, and what it could not draw.
    publishing_at = models.DateTimeField(
        "en publication depuis", null=True, blank=True, editable=False
    )
    publishing_failed = models.JSONField(
        "éditions en échec", default=list, blank=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar = SynthesisQuerySet.as_manager()
    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=(
            "kind",
            "month",
            "state",
            "validated_at",
            "validated_figures",
            "next_kind",
            "next_reason",
            "next_is_substantial",
            "reminded_on",
            "publishing_at",
            "publishing_failed",
        ),
        personal=("validated_by",),
        technical=("id", "programme", "version"),
    )

    class Meta:
        verbose_name = "synthèse mensuelle"
        verbose_name_plural = "synthèses mensuelles"
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "kind", "month"],
                name="synthesis_once_a_period",
                violation_error_message="Cette période a déjà son document.",
            ),
            models.CheckConstraint(
                condition=Q(kind=SynthesisKind.MONTHLY)
                | Q(kind=SynthesisKind.MIDTERM, month__month__in=[1, 7])
                | Q(kind=SynthesisKind.YEARLY, month__month=1),
                name="synthesis_of_a_period",
                violation_error_message="Un bilan est celui d’un semestre ou d’une année.",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1),
                name="synthesis_of_a_first_day",
                violation_error_message="Une synthèse est celle d’un mois.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SynthesisState.values),
                name="synthesis_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=SynthesisState.DRAFT, validated_at__isnull=True)
                | ~Q(state=SynthesisState.DRAFT) & Q(validated_at__isnull=False),
                name="synthesis_validated_with_a_moment",
                violation_error_message="Une synthèse validée l’est à un moment.",
            ),
            models.CheckConstraint(
                condition=Q(next_kind=EditionKind.FIRST, next_is_substantial=False)
                | Q(next_kind__in=[EditionKind.REVISION, EditionKind.CORRECTION])
                & ~Q(next_reason=""),
                name="synthesis_version_with_a_reason",
                violation_error_message="Dites ce que la nouvelle version change.",
            ),
        ]

    def __str__(self) -> str:
        return titles.said(self.period)

    @property
    def period(self) -> Period:
        return Period.holding(self.kind, self.month)

    @property
    def is_review(self) -> bool:
        return self.kind != SynthesisKind.MONTHLY

    @property
    def state_said(self) -> str:
        """« Publiée » of a synthèse, « Publié » of a bilan."""
        label = self.get_state_display()
        return label.removesuffix("e") if self.is_review and not self.is_draft else label

    @property
    def is_draft(self) -> bool:
        return self.state == SynthesisState.DRAFT

    @property
    def is_published(self) -> bool:
        return self.state == SynthesisState.PUBLISHED

    def is_publishing(self, now: datetime) -> bool:
        """Whether a batch is at it, by its last sign."""
        return self.publishing_at is not None and now - self.publishing_at < SILENT_BATCH

    def is_over(self, on: date) -> bool:
        return self.period.last < on


class Passage(ScopedModel):
    """A text of a synthesis: of all its editions, or of one perimeter's alone."""

    synthesis = models.ForeignKey(MonthlySynthesis, models.CASCADE, related_name="passages")
    key = models.CharField("rubrique", max_length=30)
    perimeter = models.ForeignKey(
        Perimeter, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="édition"
    )
    text = models.TextField("texte", max_length=4000, blank=True)
    author = models.ForeignKey(
        Membership, models.SET_NULL, null=True, related_name="+", verbose_name="auteur"
    )
    updated_at = models.DateTimeField("modifié le", auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    scope = Scope(programme="synthesis__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("key", "perimeter", "text", "updated_at"),
        personal=("author",),
        technical=("id", "synthesis", "version"),
    )

    class Meta:
        verbose_name = "texte de synthèse"
        verbose_name_plural = "textes de synthèse"
        constraints = [
            models.UniqueConstraint(
                fields=["synthesis", "key"],
                condition=Q(perimeter__isnull=True),
                name="passage_common_once",
            ),
            models.UniqueConstraint(
                fields=["synthesis", "key", "perimeter"],
                condition=Q(perimeter__isnull=False),
                name="passage_of_an_edition_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}, {self.synthesis}"

    def clean(self) -> None:
        _same_programme(self.synthesis, self.perimeter)


class Omission(ScopedModel):
    """What is kept from an edition: the common text of a block, or the whole block."""

    synthesis = models.ForeignKey(MonthlySynthesis, models.CASCADE, related_name="omissions")
    perimeter = models.ForeignKey(Perimeter, models.CASCADE, related_name="+")
    key = models.CharField("rubrique", max_length=30)
    is_whole = models.BooleanField("la rubrique entière", default=False)

    scope = Scope(programme="synthesis__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("perimeter", "key", "is_whole"),
        technical=("id", "synthesis"),
    )

    class Meta:
        verbose_name = "rubrique retenue"
        verbose_name_plural = "rubriques retenues"
        constraints = [
            models.UniqueConstraint(fields=["synthesis", "perimeter", "key"], name="omission_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}, {self.perimeter}"

    def clean(self) -> None:
        _same_programme(self.synthesis, self.perimeter)


class Suggestion(ScopedModel):
    """What was decided of a finding: taken into the text, or left."""

    synthesis = models.ForeignKey(MonthlySynthesis, models.CASCADE, related_name="suggestions")
    perimeter = models.ForeignKey(Perimeter, models.CASCADE, related_name="+")
    finding = models.CharField("constat", max_length=60)
    is_taken = models.BooleanField("repris")

    scope = Scope(programme="synthesis__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("perimeter", "finding", "is_taken"),
        technical=("id", "synthesis"),
    )

    class Meta:
        verbose_name = "suggestion"
        constraints = [
            models.UniqueConstraint(
                fields=["synthesis", "perimeter", "finding"], name="suggestion_once"
            )
        ]

    def __str__(self) -> str:
        return self.finding


class Consultation(ScopedModel):
    """A draft edition that its party may read and comment on, before it is published (R80)."""

    synthesis = models.ForeignKey(MonthlySynthesis, models.CASCADE, related_name="consultations")
    perimeter = models.ForeignKey(
        Perimeter, models.CASCADE, related_name="consultations", verbose_name="périmètre"
    )
    opened_at = models.DateTimeField("ouverte le")
    is_closed = models.BooleanField("close", default=False)

    shown_with = ("synthesis__programme", "perimeter__party")
    scope = Scope(programme="synthesis__programme", party="perimeter__party", internal="is_closed")
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("perimeter", "opened_at", "is_closed"),
        technical=("id", "synthesis"),
    )

    class Meta:
        verbose_name = "projet d’édition"
        verbose_name_plural = "projets d’édition"
        constraints = [
            models.UniqueConstraint(
                fields=["synthesis", "perimeter"],
                condition=Q(is_closed=False),
                name="consultation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"projet de {self.synthesis}, {self.perimeter}"

    def clean(self) -> None:
        _same_programme(self.synthesis, self.perimeter)


class Comment(ScopedModel):
    """What a party says of its draft edition; waits until the coordination dealt with it (R80)."""

    uid = models.UUIDField("identifiant de saisie", unique=True)
    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="comments")
    key = models.CharField("rubrique", max_length=30, blank=True)
    text = models.TextField("observation", max_length=1000)
    author = models.ForeignKey(
        Membership, models.SET_NULL, null=True, related_name="+", verbose_name="auteur"
    )
    function = models.CharField("fonction", max_length=120)
    created_at = models.DateTimeField("écrite le", auto_now_add=True)
    is_dealt_with = models.BooleanField("traitée", default=False)

    scope = Scope(
        programme="consultation__synthesis__programme",
        party="consultation__perimeter__party",
        internal="consultation__is_closed",
    )
    privacy = Privacy(
        Retention.RECORDS,
        shareable=("key", "text", "function", "created_at", "is_dealt_with"),
        personal=("author",),
        technical=("id", "uid", "consultation"),
    )

    class Meta:
        verbose_name = "observation"
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="comment_says_something",
                violation_error_message="Écrivez votre observation.",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


class EditionQuerySet(ScopedQuerySet):
    def light(self) -> Self:
        """Without what is heavy: the file and the whole document."""
        return self.defer("pdf", "document")

    def latest_versions(self) -> Self:
        return self.filter(replaced_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-synthesis__month", "perimeter__party__name", "-number")

    def monthly(self) -> Self:
        return self.filter(synthesis__kind=SynthesisKind.MONTHLY)

    def reviews(self) -> Self:
        return self.exclude(synthesis__kind=SynthesisKind.MONTHLY)


class Edition(ScopedModel):
    """What a perimeter's parties read of a month: frozen figures, text and file (see docs/decisions/0027).

    Written once. What changes afterwards is that a next version replaced it.
    """

    synthesis = models.ForeignKey(MonthlySynthesis, models.CASCADE, related_name="editions")
    perimeter = models.ForeignKey(
        Perimeter, models.RESTRICT, related_name="editions", verbose_name="périmètre"
    )
    number = models.PositiveSmallIntegerField("version")
    kind = models.CharField("nature", max_length=10, choices=EditionKind)
    reason = models.CharField("motif", max_length=200, blank=True)
    is_substantial = models.BooleanField("change les conclusions", default=False)
    published_at = models.DateTimeField("publiée le")
    published_by = models.ForeignKey(
        Membership, models.SET_NULL, null=True, related_name="+", verbose_name="publiée par"
    )
    replaced_at = models.DateTimeField("remplacée le", null=True, blank=True)
    title = models.CharField("titre", max_length=300)
    document = models.JSONField("contenu")  # all that the page and the files show
    figures = models.CharField("empreinte des chiffres", max_length=64)
    pdf = models.BinaryField("fichier")
    sha256 = models.CharField("empreinte du fichier", max_length=64)
    engine = models.CharField("moteur et police", max_length=120)
    recommendations = models.ManyToManyField(
        Recommendation, related_name="editions", verbose_name="préconisations"
    )

    shown_with = ("synthesis", "perimeter__party__programme")
    objects: ClassVar = EditionQuerySet.as_manager()
    scope = Scope(programme="synthesis__programme", party="perimeter__party")
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "perimeter",
            "number",
            "kind",
            "reason",
            "is_substantial",
            "published_at",
            "replaced_at",
            "title",
            "document",
            "figures",
            "pdf",
            "sha256",
            "engine",
            "recommendations",
        ),
        personal=("published_by",),
        technical=("id", "synthesis"),
    )

    class Meta:
        verbose_name = "édition"
        constraints = [
            models.UniqueConstraint(
                fields=["synthesis", "perimeter", "number"], name="edition_version_once"
            ),
            models.UniqueConstraint(
                fields=["synthesis", "perimeter"],
                condition=Q(replaced_at__isnull=True),
                name="edition_current_once",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1)
                & (Q(kind=EditionKind.FIRST, number=1) | Q(number__gt=1) & ~Q(reason="")),
                name="edition_version_with_a_reason",
                violation_error_message="Dites ce que la nouvelle version change.",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at__isnull=True) | Q(replaced_at__gte=F("published_at")),
                name="edition_replaced_after_published",
            ),
        ]
        indexes = [models.Index(fields=["perimeter", "-published_at"], name="edition_by_perimeter")]

    def __str__(self) -> str:
        return f"{self.synthesis}, {self.perimeter}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("an edition is written once")
        super().save(*args, **kwargs)

    @property
    def period(self) -> Period:
        return self.synthesis.period

    @property
    def published_on(self) -> date:
        return timezone.localdate(self.published_at)

    @property
    def filename(self) -> str:
        """Without its ending."""
        name = f"{titles.stem(self.period)}-{self.perimeter.party.slug}-{self.period.slug}"
        return name if self.number == 1 else f"{name}-v{self.number}"


class Reading(models.TextChoices):
    READ = "lue", "Lue"
    DOWNLOADED = "telechargee", "Téléchargée"


class EditionRead(ScopedModel):
    """That an access, or a contact by the link of its mail, read or downloaded an edition."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="readings")
    party = models.ForeignKey(Party, models.CASCADE, related_name="+", verbose_name="partie")
    membership = models.ForeignKey(
        Membership, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="accès"
    )
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="interlocuteur",
    )
    what = models.CharField("lecture", max_length=11, choices=Reading)
    at = models.DateTimeField("quand")

    scope = Scope(programme="edition__synthesis__programme")
    privacy = Privacy(
        Retention.RECORDS,
        confidential=("what", "at"),
        personal=("party", "membership", "contact"),
        technical=("id", "edition"),
    )

    class Meta:
        verbose_name = "lecture"
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "membership", "what"],
                condition=Q(membership__isnull=False),
                name="reading_of_an_access_once",
            ),
            models.UniqueConstraint(
                fields=["edition", "contact", "what"],
                condition=Q(contact__isnull=False),
                name="reading_of_a_contact_once",
            ),
            models.CheckConstraint(
                condition=Q(membership__isnull=False, contact__isnull=True)
                | Q(membership__isnull=True, contact__isnull=False),
                name="reading_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party}, {self.what}"


def _same_programme(synthesis: MonthlySynthesis, perimeter: Perimeter | None) -> None:
    if perimeter is not None and perimeter.party.programme_id != synthesis.programme_id:
        raise ValidationError({"perimeter": "Cet élément appartient à un autre dispositif."})
