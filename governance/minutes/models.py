"""Minutes as they were sent: frozen, numbered, corrected only by a new version (R57–R59)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from governance.access.models import Membership
from governance.base import Freezable
from governance.meetings.models import APPROVED, AgendaItem, Invitation, Meeting
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel


class MinutesStage(models.TextChoices):
    """Projet, observations of those present, then approved: what is approved no longer changes."""

    DRAFT = "draft", "Projet"
    REVIEW = "review", "Soumis aux observations"
    APPROVED = "approved", "Approuvé"


class Minutes(Freezable):
    """One version of a meeting's minutes.

    A draft is written in the meeting's own points, decisions and actions; what is submitted or
    approved holds its `content` (a document's data, see `content.py`), its PDF and the checksums.
    """

    meeting = models.ForeignKey(Meeting, models.RESTRICT, related_name="minutes")
    number = models.PositiveSmallIntegerField("version", default=1)
    stage = models.CharField(
        "étape", max_length=8, choices=MinutesStage, default=MinutesStage.DRAFT
    )
    content = models.JSONField("contenu", default=dict, editable=False)
    pdf = models.FileField(
        "PDF", upload_to="comptes-rendus/%Y/", null=True, blank=True, max_length=200
    )
    shared_pdf = models.FileField(
        "PDF sans ce qui est confidentiel",
        upload_to="comptes-rendus/%Y/",
        null=True,
        blank=True,
        max_length=200,
    )
    checksum = models.CharField("empreinte", max_length=64, blank=True)
    shared_checksum = models.CharField("empreinte sans le confidentiel", max_length=64, blank=True)
    submitted_at = models.DateTimeField("soumis le", null=True, editable=False)
    observations_until = models.DateField("observations jusqu’au", null=True, blank=True)
    approved_at = models.DateTimeField("approuvé le", null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.RESTRICT, null=True, related_name="+", editable=False
    )
    reason = models.CharField("ce qui change", max_length=300, blank=True)
    is_internal = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField("créé le", auto_now_add=True)

    FROZEN_WHEN = {"stage": APPROVED}
    shown_with = ("meeting__committee__programme",)
    scope = Scope(
        programme="meeting__committee__programme",
        committee="meeting__committee",
        dated="meeting__day",
        addressee="meeting__invitations__party",
        internal="is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "number",
            "stage",
            "content",
            "pdf",
            "shared_pdf",
            "checksum",
            "shared_checksum",
            "submitted_at",
            "observations_until",
            "approved_at",
            "reason",
            "created_at",
        ),
        personal=("approved_by",),
        technical=("id", "meeting", "is_internal"),
    )

    class Meta:
        verbose_name = "compte rendu"
        verbose_name_plural = "comptes rendus"
        ordering = ["meeting", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="minutes_version_once"),
            models.UniqueConstraint(
                fields=["meeting"],
                condition=~Q(stage=MinutesStage.APPROVED),
                name="minutes_one_in_progress",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=MinutesStage.values), name="minutes_stage_known"
            ),
            models.CheckConstraint(
                condition=Q(stage=MinutesStage.APPROVED, approved_at__isnull=False)
                | ~Q(stage=MinutesStage.APPROVED) & Q(approved_at__isnull=True),
                name="minutes_approved_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=Q(stage=MinutesStage.DRAFT)),
                name="minutes_draft_is_internal",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="minutes_correction_says_what",
                violation_error_message="Dites ce que cette version change.",
            ),
        ]

    def __str__(self) -> str:
        return f"Compte rendu, {self.meeting}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.is_internal = self.stage == MinutesStage.DRAFT
        super().save(*args, **kwargs)

    @property
    def programme_id(self) -> int:
        return self.meeting.programme_id

    @property
    def is_approved(self) -> bool:
        return self.stage == MinutesStage.APPROVED

    @property
    def is_under_review(self) -> bool:
        return self.stage == MinutesStage.REVIEW


class Observation(ScopedModel):
    """What somebody present remarks on minutes that were submitted."""

    minutes = models.ForeignKey(Minutes, models.CASCADE, related_name="observations")
    invitation = models.ForeignKey(
        Invitation, models.SET_NULL, null=True, related_name="observations"
    )
    function = models.CharField("fonction", max_length=160)
    text = models.TextField("observation", max_length=4000)
    at = models.DateTimeField("reçue le")
    is_treated = models.BooleanField("traitée", default=False)

    scope = Scope(
        programme="minutes__meeting__committee__programme",
        committee="minutes__meeting__committee",
        dated="minutes__meeting__day",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=("function", "text", "at", "is_treated"),
        technical=("id", "minutes", "invitation"),
    )

    class Meta:
        verbose_name = "observation"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="observation_has_a_text",
                violation_error_message="Écrivez votre observation.",
            )
        ]


class Writer(ScopedModel):
    """Who is writing a meeting's minutes just now, and on which point: seen by the others."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="writers")
    membership = models.ForeignKey(Membership, models.CASCADE, related_name="+")
    item = models.ForeignKey(AgendaItem, models.SET_NULL, null=True, related_name="+")
    seen_at = models.DateTimeField("vu à")

    scope = Scope(programme="meeting__committee__programme")
    privacy = Privacy(
        Retention.FRAME,
        personal=("membership", "seen_at"),
        technical=("id", "meeting", "item"),
    )

    class Meta:
        verbose_name = "rédacteur présent"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "membership"], name="writer_once")
        ]
