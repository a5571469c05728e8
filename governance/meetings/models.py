"""Meetings of the bodies: when, who, and what they talk about (R47–R49, R54, R56, R62–R68)."""

import uuid
from datetime import date, datetime, time
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from post_office.models import Email
from simple_history.models import HistoricalRecords

from governance.base import Freezable, require_same_programme
from governance.committees.models import Committee, Seat
from governance.contacts.models import Contact
from governance.parties.models import Party
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel, ScopedQuerySet
from humanicite.lib.mail.addresses import refuse_quoted


class MeetingKind(models.TextChoices):
    """What a meeting is for; a comité de pilotage has three by the agreement (R47–R49)."""

    ORDINARY = "ordinary", "Séance ordinaire"
    LAUNCH = "launch", "Lancement"
    MIDTERM = "midterm", "Mi-parcours"
    YEARLY = "yearly", "Bilan annuel"


class MeetingState(models.TextChoices):
    """A draft sends nothing and stays with the operator."""

    DRAFT = "draft", "En préparation"
    POLL = "poll", "Date à trouver"
    CONVENED = "convened", "Convoquée"
    HELD = "held", "Tenue"
    CANCELLED = "cancelled", "Annulée"


APPROVED = "approved"  # the stage of minutes that freezes what they tell


class MeetingQuerySet(ScopedQuerySet):
    def to_come(self, on: date) -> Self:
        ended = (MeetingState.HELD, MeetingState.CANCELLED)
        return self.filter(day__gte=on).exclude(state__in=ended).order_by("day", "starts_at", "pk")

    def past(self, on: date) -> Self:
        return self.filter(Q(day__lt=on) | Q(state=MeetingState.HELD)).order_by("-day", "-pk")


class Meeting(ScopedModel):
    """A séance. `uid` is its name in everybody's calendar for life; `sequence` rises with every
    update that was sent, and with its cancellation (RFC 5545)."""

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    committee = models.ForeignKey(
        Committee, models.RESTRICT, related_name="meetings", verbose_name="instance"
    )
    kind = models.CharField(
        "nature", max_length=10, choices=MeetingKind, default=MeetingKind.ORDINARY
    )
    title = models.CharField("objet", max_length=120, blank=True)
    state = models.CharField(
        "état", max_length=10, choices=MeetingState, default=MeetingState.DRAFT
    )
    # While a date is looked for: the first day proposed.
    day = models.DateField("date")
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")
    venue = models.CharField("lieu", max_length=160, blank=True)
    link = models.URLField("lien de visioconférence", max_length=300, blank=True)
    message = models.TextField("mot d’accompagnement", max_length=2000, blank=True)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    # The sequence that first told of the day and the hours as they are: an answer to an earlier one
    # is none.
    asked_sequence = models.PositiveIntegerField(default=0, editable=False)
    convened_at = models.DateTimeField("convoquée le", null=True, editable=False)
    cancelled_at = models.DateTimeField("annulée le", null=True, editable=False)
    cancel_reason = models.CharField("motif de l’annulation", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField("créée le", auto_now_add=True)
    history = HistoricalRecords(bases=[ScopedModel])

    objects: ClassVar = MeetingQuerySet.as_manager()
    scope = Scope(
        programme="committee__programme",
        committee="committee",
        dated="day",
        addressee="invitations__party",
        internal="is_internal",
    )
    # Kept beside the state, since a scope reads a flag: nobody outside sees a draft.
    is_internal = models.BooleanField(default=True, editable=False)
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "committee",
            "kind",
            "title",
            "state",
            "day",
            "starts_at",
            "ends_at",
            "venue",
            "link",
            "message",
            "convened_at",
            "cancelled_at",
            "cancel_reason",
            "created_at",
        ),
        technical=("id", "uid", "sequence", "asked_sequence", "version", "is_internal"),
    )

    class Meta:
        verbose_name = "séance"
        ordering = ["-day", "-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MeetingState.values),
                name="meeting_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message="L’heure de fin précède l’heure de début.",
            ),
            models.CheckConstraint(
                condition=Q(is_internal=Q(state=MeetingState.DRAFT)),
                name="meeting_draft_is_internal",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=False) | ~Q(state=MeetingState.CANCELLED),
                name="meeting_cancelled_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["committee", "day"], name="meeting_by_committee")]

    def __str__(self) -> str:
        return f"{self.title or self.committee}, {self.day:%d/%m/%Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.is_internal = self.state == MeetingState.DRAFT
        super().save(*args, **kwargs)

    @property
    def programme_id(self) -> int:
        return self.committee.programme_id

    @property
    def is_draft(self) -> bool:
        return self.state == MeetingState.DRAFT

    @property
    def is_polled(self) -> bool:
        return self.state == MeetingState.POLL

    @property
    def is_convened(self) -> bool:
        return self.state == MeetingState.CONVENED

    @property
    def is_cancelled(self) -> bool:
        return self.state == MeetingState.CANCELLED

    @property
    def has_ended(self) -> bool:
        return self.state in (MeetingState.HELD, MeetingState.CANCELLED)

    @property
    def name(self) -> str:
        """What it is called where its date stands beside it."""
        return self.title or str(self.committee)

    @property
    def minutes_long(self) -> int:
        return (self.ends_at.hour - self.starts_at.hour) * 60 + (
            self.ends_at.minute - self.starts_at.minute
        )

    def takes_answers(self, now: datetime) -> bool:
        """Until it begins."""
        return self.state == MeetingState.CONVENED and now < self.begins()

    def clean(self) -> None:
        self.is_internal = self.state == MeetingState.DRAFT
        if self.state == MeetingState.CANCELLED and not self.cancel_reason.strip():
            raise ValidationError({"cancel_reason": "Dites pourquoi la séance est annulée."})

    def begins(self) -> datetime:
        """In the time of the quarter (`TIME_ZONE`)."""
        return _moment(self.day, self.starts_at)

    def finishes(self) -> datetime:
        return _moment(self.day, self.ends_at)


def _moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


class Slot(ScopedModel):
    """One of the dates proposed for a meeting whose day is looked for."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="slots")
    day = models.DateField("date")
    starts_at = models.TimeField("début")
    ends_at = models.TimeField("fin")

    scope = Scope(
        programme="meeting__committee__programme",
        committee="meeting__committee",
        dated="meeting__day",
        addressee="meeting__invitations__party",
        internal="meeting__is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=("day", "starts_at", "ends_at"),
        technical=("id", "meeting"),
    )

    class Meta:
        verbose_name = "créneau proposé"
        ordering = ["day", "starts_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="slot_ends_after_start",
                violation_error_message="L’heure de fin précède l’heure de début.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "day", "starts_at"],
                name="slot_once",
                violation_error_message="Ce créneau est déjà proposé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%d/%m/%Y} {self.starts_at:%H:%M}"


class InvitationAnswer(models.TextChoices):
    NONE = "", "Sans réponse"
    PRESENT = "present", "Présent"
    EXCUSED = "excused", "Excusé"
    REPRESENTED = "represented", "Représenté"


class Attendance(models.TextChoices):
    UNKNOWN = "", "À pointer"
    PRESENT = "present", "Présent"
    EXCUSED = "excused", "Excusé"
    REPRESENTED = "represented", "Représenté"
    ABSENT = "absent", "Absent"


class Invitation(ScopedModel):
    """A function asked to a meeting: by a seat, or as a guest that the agenda requires (R54, R62).

    It needs no account: `nonce` makes its signed link, which is void once it has another.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitations")
    seat = models.ForeignKey(
        Seat, models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    party = models.ForeignKey(
        Party,
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name="partie",
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="invitations"
    )
    # As it stood when it was asked: « Maire », « Syndic de l’îlot nord ».
    function = models.CharField("fonction", max_length=160)
    organisation = models.CharField("organisation", max_length=160, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    is_guest = models.BooleanField("invité selon l’ordre du jour", default=False)
    nonce = models.UUIDField(default=uuid.uuid4, editable=False)
    sent_sequence = models.PositiveIntegerField(null=True, editable=False)
    answer = models.CharField(
        "réponse", max_length=12, choices=InvitationAnswer, blank=True, default=""
    )
    represented_by = models.CharField("représenté par", max_length=160, blank=True)
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)
    # Nobody lives at its address, a server said.
    bounced_on = models.DateField("courriel revenu le", null=True, editable=False)
    attendance = models.CharField(
        "présence", max_length=12, choices=Attendance, blank=True, default=""
    )

    scope = Scope(
        programme="meeting__committee__programme",
        committee="meeting__committee",
        dated="meeting__day",
        addressee="meeting__invitations__party",
        internal="meeting__is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "party",
            "function",
            "organisation",
            "is_guest",
            "answer",
            "represented_by",
            "answered_at",
            "attendance",
        ),
        confidential=("bounced_on",),
        personal=("contact", "email"),
        technical=("id", "meeting", "seat", "nonce", "sent_sequence"),
    )

    class Meta:
        verbose_name = "invitation"
        ordering = ["is_guest", "seat__rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer__in=InvitationAnswer.values),
                name="invitation_answer_known",
                violation_error_message="Cette réponse n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(attendance__in=Attendance.values),
                name="invitation_attendance_known",
                violation_error_message="Cette présence n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(answer="") | Q(answered_at__isnull=False),
                name="invitation_answered_at_a_time",
            ),
            models.UniqueConstraint(fields=["meeting", "seat"], name="invitation_once_by_seat"),
        ]

    def __str__(self) -> str:
        return f"{self.function} ({self.party or self.organisation})"

    def clean(self) -> None:
        refuse_quoted(self.email)
        require_same_programme(self.meeting.programme_id, party=self.party)
        if self.party is None and not self.organisation:
            raise ValidationError({"organisation": "Dites au nom de qui cette personne vient."})


class SlotAnswer(ScopedModel):
    """Whether an invited function could come at a proposed date."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="answers")
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="slot_answers")
    suits = models.BooleanField("convient")

    scope = Scope(
        programme="slot__meeting__committee__programme",
        committee="slot__meeting__committee",
        dated="slot__meeting__day",
        addressee="slot__meeting__invitations__party",
        internal="slot__meeting__is_internal",
    )
    privacy = Privacy(Retention.FRAME, shareable=("suits",), technical=("id", "slot", "invitation"))

    class Meta:
        verbose_name = "réponse à un créneau"
        constraints = [
            models.UniqueConstraint(fields=["slot", "invitation"], name="slot_answer_once")
        ]


class ItemOutcome(models.TextChoices):
    """What became of a point: said in the minutes."""

    OPEN = "", "À traiter"
    TREATED = "treated", "Traité"
    NOT_REACHED = "not_reached", "Non abordé"
    CARRIED = "carried", "Reporté"


class AgendaItem(Freezable):
    """A point of a meeting's agenda, and what the minutes say of it.

    `source` names what proposed it (« signalement:12 »), so that it is not proposed again; '' for
    one that was typed.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="items")
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    title = models.CharField("point", max_length=160)
    details = models.TextField("présentation", max_length=2000, blank=True)
    minutes = models.PositiveSmallIntegerField("durée (min)", null=True, blank=True)
    owner = models.ForeignKey(
        Party,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name="porté par",
    )
    # Left out of the edition that is shared beyond the members.
    is_confidential = models.BooleanField("confidentiel", default=False)
    source = models.CharField("origine", max_length=60, blank=True, editable=False)
    carried_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="carried_to", editable=False
    )
    outcome = models.CharField("suite", max_length=12, choices=ItemOutcome, blank=True, default="")
    # What was said, as the minutes tell it; read by others only in minutes that were sent.
    notes = models.TextField("information", max_length=8000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(bases=[ScopedModel])

    FROZEN_WHEN = {"meeting__minutes__stage": APPROVED}
    scope = Scope(
        programme="meeting__committee__programme",
        committee="meeting__committee",
        dated="meeting__day",
        addressee="meeting__invitations__party",
        internal="meeting__is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=(
            "title",
            "details",
            "minutes",
            "owner",
            "is_confidential",
            "outcome",
            "notes",
            "rank",
        ),
        technical=("id", "uid", "meeting", "source", "carried_from", "version"),
    )

    class Meta:
        verbose_name = "point de l’ordre du jour"
        ordering = ["rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title=""),
                name="agenda_item_has_a_title",
                violation_error_message="Dites quel est ce point.",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=ItemOutcome.values),
                name="agenda_item_outcome_known",
                violation_error_message="Cette suite n’existe pas.",
            ),
            models.UniqueConstraint(
                fields=["meeting", "source"],
                condition=~Q(source=""),
                name="agenda_item_once_by_source",
                violation_error_message="Ce point est déjà à l’ordre du jour.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def programme_id(self) -> int:
        return self.meeting.programme_id

    def clean(self) -> None:
        require_same_programme(self.programme_id, owner=self.owner)

    def is_under_frozen(self) -> bool:
        return has_approved_minutes(self.meeting_id)


def has_approved_minutes(meeting_id: int) -> bool:
    return Meeting._base_manager.filter(pk=meeting_id, minutes__stage=APPROVED).exists()


class DeclinedProposal(ScopedModel):
    """A proposal that a meeting's agenda did not take; it comes again for the next meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="declined")
    source = models.CharField("origine", max_length=60)

    scope = Scope(programme="meeting__committee__programme")
    privacy = Privacy(Retention.FRAME, confidential=("source",), technical=("id", "meeting"))

    class Meta:
        verbose_name = "proposition écartée"
        constraints = [models.UniqueConstraint(fields=["meeting", "source"], name="declined_once")]


class MailKind(models.TextChoices):
    CONVOCATION = "convocation", "Convocation"
    UPDATE = "update", "Modification"
    CANCELLATION = "cancellation", "Annulation"
    SLOTS = "slots", "Dates proposées"


class MeetingMail(ScopedModel):
    """A mail about a meeting to one invitation, and what it told; `said` is what the next one is
    compared with, so that it tells only what changed."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="mails")
    kind = models.CharField("nature", max_length=12, choices=MailKind)
    email = models.ForeignKey(
        Email, models.SET_NULL, null=True, blank=True, related_name="meeting_mails"
    )
    message_id = models.CharField("identifiant", max_length=250, unique=True)
    sequence = models.PositiveIntegerField("numéro", default=0)
    said = models.JSONField("contenu", default=dict)
    queued_at = models.DateTimeField("mis en file le")

    scope = Scope(programme="invitation__meeting__committee__programme")
    privacy = Privacy(
        Retention.FRAME,
        confidential=("kind", "said", "queued_at"),
        technical=("id", "invitation", "email", "message_id", "sequence"),
    )

    class Meta:
        verbose_name = "courriel d’une séance"
        verbose_name_plural = "courriels d’une séance"
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=MailKind.values), name="meeting_mail_kind_known"
            )
        ]
