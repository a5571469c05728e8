"""What the bodies decide, and who does what by when (R50–R52, R57–R59)."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from governance.base import Freezable, FreezableQuerySet, require_same_programme
from governance.contacts.models import Contact
from governance.meetings.models import APPROVED, AgendaItem, has_approved_minutes
from governance.parties.models import Party
from governance.privacy import Privacy, Retention
from governance.rights import Ground
from governance.scoping import EVERYTHING, Reader, Scope, ScopedModel


class OfPointQuerySet(FreezableQuerySet):
    """Rows under a point. What is confidential stays among those who sit there: a guest of the
    meeting does not read it, the party that has something to do reads that."""

    def visible_to(self, reader: Reader) -> Self:
        rows = super().visible_to(reader)
        if Ground.PROGRAMME in reader.grounds:
            return rows
        scope = self._scope()
        open_ones = Q(item__is_confidential=False)
        for ground in (Ground.SEAT, Ground.PARTY):
            part = scope.on_ground(ground, reader, self.model) if ground in reader.grounds else None
            if part is not None and part != EVERYTHING:
                open_ones |= part
        return rows.filter(open_ones)


class Decision(Freezable):
    """A decision of a meeting, under the point that it settles.

    Until the minutes are sent (`is_internal`) it stays with the operator; then `year` and `number`
    name it, without gaps within a programme and a year.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    item = models.ForeignKey(AgendaItem, models.RESTRICT, related_name="decisions")
    text = models.TextField("décision", max_length=2000)
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    year = models.PositiveSmallIntegerField("année", null=True, editable=False)
    number = models.PositiveIntegerField("numéro", null=True, editable=False)
    is_internal = models.BooleanField(default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(bases=[ScopedModel])

    FROZEN_WHEN = {"item__meeting__minutes__stage": APPROVED}
    objects: ClassVar = OfPointQuerySet.as_manager()
    shown_with = ("item__meeting__committee__programme",)
    scope = Scope(
        programme="item__meeting__committee__programme",
        committee="item__meeting__committee",
        dated="item__meeting__day",
        addressee="item__meeting__invitations__party",
        internal="is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=("text", "rank", "year", "number"),
        technical=("id", "uid", "item", "is_internal", "version"),
    )

    class Meta:
        verbose_name = "décision"
        ordering = ["-year", "-number", "rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="decision_has_a_text",
                violation_error_message="Écrivez la décision.",
            ),
            models.CheckConstraint(
                condition=Q(year__isnull=True, number__isnull=True)
                | Q(year__isnull=False, number__isnull=False),
                name="decision_number_of_a_year",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def programme_id(self) -> int:
        return self.item.programme_id

    @property
    def reference(self) -> str:
        """« 2026-14 »; '' until the minutes are approved."""
        return f"{self.year}-{self.number}" if self.number else ""

    def is_under_frozen(self) -> bool:
        return has_approved_minutes(self.item.meeting_id)


class ActionState(models.TextChoices):
    TO_DO = "to_do", "À faire"
    DONE = "done", "Faite"
    DROPPED = "dropped", "Abandonnée"


class ActionQuerySet(OfPointQuerySet):
    def open(self) -> Self:
        return self.filter(state=ActionState.TO_DO)

    def late(self, on: date) -> Self:
        return self.open().filter(due_on__lt=on)


class ActionItem(Freezable):
    """Who does what by when, under the point of a meeting that asked for it.

    The party sees its own even where it had no seat; who does it is a function, not a person.
    """

    uid = models.UUIDField("identifiant de saisie", unique=True, default=uuid.uuid4)
    item = models.ForeignKey(AgendaItem, models.RESTRICT, related_name="actions")
    text = models.CharField("action", max_length=300)
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    party = models.ForeignKey(
        Party, models.RESTRICT, related_name="action_items", verbose_name="partie"
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="action_items",
        verbose_name="interlocuteur",
    )
    due_on = models.DateField("échéance")
    state = models.CharField("état", max_length=8, choices=ActionState, default=ActionState.TO_DO)
    closed_on = models.DateField("faite ou abandonnée le", null=True, blank=True)
    closing_note = models.CharField("ce qui a été fait", max_length=300, blank=True)
    is_internal = models.BooleanField(default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    history = HistoricalRecords(bases=[ScopedModel])

    FROZEN_WHEN = {"item__meeting__minutes__stage": APPROVED}
    STILL_CHANGES = frozenset(
        {"contact", "due_on", "state", "closed_on", "closing_note", "version"}
    )
    objects: ClassVar = ActionQuerySet.as_manager()
    shown_with = ("item__meeting__committee__programme", "party", "contact")
    scope = Scope(
        programme="item__meeting__committee__programme",
        committee="item__meeting__committee",
        dated="item__meeting__day",
        party="party",
        addressee="item__meeting__invitations__party",
        internal="is_internal",
    )
    privacy = Privacy(
        Retention.FRAME,
        shareable=("text", "rank", "party", "due_on", "state", "closed_on", "closing_note"),
        personal=("contact",),
        technical=("id", "uid", "item", "is_internal", "version"),
    )

    class Meta:
        verbose_name = "action décidée"
        verbose_name_plural = "actions décidées"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(text=""),
                name="action_item_has_a_text",
                violation_error_message="Dites ce qui est à faire.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ActionState.values),
                name="action_item_state_known",
                violation_error_message="Cet état n’existe pas.",
            ),
            models.CheckConstraint(
                condition=Q(state=ActionState.TO_DO, closed_on__isnull=True)
                | ~Q(state=ActionState.TO_DO) & Q(closed_on__isnull=False),
                name="action_item_closed_on_a_day",
                violation_error_message="Dites quel jour l’action a été faite ou abandonnée.",
            ),
        ]
        indexes = [models.Index(fields=["party", "state", "due_on"], name="action_by_party")]

    def __str__(self) -> str:
        return self.text

    @property
    def programme_id(self) -> int:
        return self.item.programme_id

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.TO_DO

    def is_under_frozen(self) -> bool:
        return has_approved_minutes(self.item.meeting_id)

    def is_late(self, on: date) -> bool:
        return self.is_open and self.due_on < on

    def clean(self) -> None:
        require_same_programme(self.programme_id, party=getattr(self, "party", None))
        if self.contact is not None and self.contact.party_id != self.party_id:
            raise ValidationError({"contact": "Cet interlocuteur est d’une autre partie."})


class ActionReminder(ScopedModel):
    """That a day's mail reminded of an action; one a person and day at most (R57)."""

    action = models.ForeignKey(ActionItem, models.CASCADE, related_name="reminders")
    step = models.CharField("étape", max_length=12)
    day = models.DateField("jour")
    email = models.EmailField("adresse", blank=True)
    # Another date begins anew.
    due_on = models.DateField("échéance dont il s’agit")

    scope = Scope(programme="action__item__meeting__committee__programme")
    privacy = Privacy(
        Retention.FRAME,
        confidential=("step", "day", "due_on"),
        personal=("email",),
        technical=("id", "action"),
    )

    class Meta:
        verbose_name = "rappel d’une action"
        ordering = ["day", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["action", "step", "due_on"], name="action_reminded_once"
            )
        ]
