"""What the parties pass on of the quarter and its changes (R11, R83)."""

import uuid
from datetime import date
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.signals import post_delete
from simple_history.models import HistoricalRecords

from governance.access.models import Membership
from governance.base import require_same_programme
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.rights import Right
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from governance.territory.models import Place
from humanicite.lib.files import remove_file


class NewsKind(models.TextChoices):
    WORKS = "works", "Travaux"
    ARRIVAL = "arrival", "Arrivée ou départ"
    EVENT = "event", "Événement"
    OTHER = "other", "Autre information"


class NewsState(models.TextChoices):
    """A draft came by mail, and waits for a press."""

    DRAFT = "draft", "À publier"
    PUBLISHED = "published", "Publiée"
    WITHDRAWN = "withdrawn", "Retirée"


class NewsQuerySet(ScopedQuerySet):
    def published(self) -> Self:
        return self.filter(state=NewsState.PUBLISHED)

    def in_force(self, on: date) -> Self:
        return self.published().filter(starts__lte=on, ends__gte=on)

    def not_over(self, on: date) -> Self:
        return self.published().filter(ends__gte=on)

    def in_force_first(self, on: date) -> Self:
        """In force, the next to end first; then to come, the next to begin first; then the others,
        the last to end first."""
        rank = Case(
            When(starts__lte=on, ends__gte=on, then=Value(0)),
            When(starts__gt=on, then=Value(1)),
            default=Value(2),
        )
        end = Case(When(ends__gte=on, starts__lte=on, then=F("ends")))
        start = Case(When(starts__gt=on, then=F("starts")))
        return self.alias(rank=rank, end=end, start=start).order_by(
            "rank", F("end").asc(nulls_last=True), F("start").asc(nulls_last=True), "-ends", "-pk"
        )


class QuarterNews(ScopedModel):
    """Works, an arrival, an event: where, and from which day to which; it ends by itself.

    A partner reads what concerns a place of its perimeter, its party what it passed on itself.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="news")
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="news", verbose_name="transmise par"
    )
    kind = models.CharField("nature", max_length=8, choices=NewsKind)
    title = models.CharField("titre", max_length=120)
    text = models.TextField("texte", max_length=4000, blank=True)
    place = models.ForeignKey(Place, models.RESTRICT, related_name="news", verbose_name="lieu")
    starts = models.DateField("à partir du")
    ends = models.DateField("jusqu’au")
    state = models.CharField(
        "état", max_length=10, choices=NewsState, default=NewsState.PUBLISHED, editable=False
    )
    # Kept beside the state, since a scope reads a flag.
    is_published = models.BooleanField(default=True, editable=False)
    # Of the mail that it came by; null where somebody filled the form in.
    message_id = models.CharField(
        "courriel", max_length=250, null=True, unique=True, editable=False
    )
    author = models.ForeignKey(
        "governance.User", models.SET_NULL, null=True, related_name="+", editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("transmise le", auto_now_add=True)
    history = HistoricalRecords(bases=[ScopedModel])

    objects: ClassVar = NewsQuerySet.as_manager()
    shown_with = ("party", "place")
    scope = Scope(
        programme="programme", place="place", dated="starts", shared="is_published", party="party"
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "party",
            "kind",
            "title",
            "text",
            "place",
            "starts",
            "ends",
            "state",
            "created_at",
        ),
        personal=("author",),
        technical=("id", "uid", "programme", "is_published", "message_id", "version"),
    )

    class Meta:
        verbose_name = "information du quartier"
        verbose_name_plural = "informations du quartier"
        ordering = ["-starts", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends__gte=F("starts")),
                name="news_ends_after_start",
                violation_error_message="La date de fin précède la date de début.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="news_has_a_title",
                violation_error_message="Donnez un titre.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=NewsKind.values),
                name="news_kind_known",
                violation_error_message="Cette nature n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=NewsState.PUBLISHED, is_published=True)
                | Q(state__in=[NewsState.DRAFT, NewsState.WITHDRAWN], is_published=False),
                name="news_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
        ]
        indexes = [models.Index(fields=["programme", "ends"], name="news_by_end")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_published = self.state == NewsState.PUBLISHED
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.is_published = self.state == NewsState.PUBLISHED
        require_same_programme(
            self.programme_id,
            party=getattr(self, "party", None),
            place=getattr(self, "place", None),
        )
        if self.starts and self.ends and self.ends < self.starts:
            raise ValidationError({"ends": "La date de fin précède la date de début."})

    @property
    def is_draft(self) -> bool:
        return self.state == NewsState.DRAFT

    @property
    def is_withdrawn(self) -> bool:
        return self.state == NewsState.WITHDRAWN

    def is_over(self, on: date) -> bool:
        return self.ends < on

    def is_to_come(self, on: date) -> bool:
        return self.starts > on

    def may_be_changed_by(self, membership: Membership) -> bool:
        """Its words are its party's; what came by mail, the coordination completes as well."""
        if not membership.may(Right.POST_NEWS) or membership.programme_id != self.programme_id:
            return False
        return self.party_id == membership.party_id or (
            self.is_draft and membership.may(Right.MODERATE_NEWS)
        )

    def may_be_withdrawn_by(self, membership: Membership) -> bool:
        """Its party, or the coordination."""
        if not membership.may(Right.POST_NEWS) or membership.programme_id != self.programme_id:
            return False
        return self.party_id == membership.party_id or membership.may(Right.MODERATE_NEWS)


class FileKind(models.TextChoices):
    PICTURE = "picture", "Photo"
    DOCUMENT = "document", "Document"


def path_of(row: "NewsFile", filename: str) -> str:
    """Where the file lies: nothing of the name that it came with."""
    end = "jpg" if row.kind == FileKind.PICTURE else "pdf"
    return f"news/{row.uid.hex[:2]}/{row.uid.hex}.{end}"


class NewsFile(ScopedModel):
    """The picture of a news, made anew without metadata, or its document, a PDF; one of each."""

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    news = models.ForeignKey(QuarterNews, models.CASCADE, related_name="files")
    kind = models.CharField("nature", max_length=8, choices=FileKind)
    file = models.FileField("fichier", upload_to=path_of, max_length=100)
    name = models.CharField("nom", max_length=120, blank=True)
    size = models.PositiveIntegerField("taille")  # bytes

    scope = Scope(
        programme="news__programme",
        place="news__place",
        dated="news__starts",
        shared="news__is_published",
        party="news__party",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=("kind", "file", "name", "size"),
        technical=("id", "uid", "news"),
    )

    class Meta:
        verbose_name = "fichier d’une information"
        verbose_name_plural = "fichiers d’informations"
        ordering = ["kind", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=FileKind.values), name="news_file_kind_known"
            ),
            models.UniqueConstraint(
                fields=["news", "kind"],
                name="news_file_once_by_kind",
                violation_error_message="Une photo et un document au plus.",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()

    @property
    def is_picture(self) -> bool:
        return self.kind == FileKind.PICTURE


post_delete.connect(remove_file, sender=NewsFile)
