"""The contacts that each party designates (R84, R85)."""

import hashlib
import json
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from governance.base import Dated
from governance.parties.models import Party, PartyKind
from governance.privacy import Privacy, Retention
from governance.scoping import Scope
from humanicite.lib.mail.addresses import refuse_quoted


class Contact(Dated):
    """A named function at a party; may have no account. Without an address: « à désigner »."""

    party = models.ForeignKey(Party, models.CASCADE, related_name="contacts")
    function = models.CharField("fonction", max_length=120)
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=30, blank=True)
    is_backup = models.BooleanField("suppléant", default=False)
    # An answer of the mail server that the address does not exist; a new address clears it.
    bounced_on = models.DateField("adresse en échec depuis le", null=True, blank=True)
    # Who takes the open signalements over, once this one's last day is past.
    successor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name="successeur",
    )

    scope = Scope(programme="party__programme", party="party")
    privacy = Privacy(
        Retention.FRAME,
        shareable=("function", "is_backup", "starts", "ends", "successor"),
        personal=("email", "phone", "bounced_on"),
        technical=("id", "party"),
    )

    class Meta(Dated.Meta):
        verbose_name = "interlocuteur"
        ordering = ["party__name", "is_backup", "function"]
        constraints = [
            *Dated.Meta.constraints,
            models.UniqueConstraint(
                fields=["party", "function", "is_backup"],
                condition=Q(ends__isnull=True),
                name="contact_once_at_a_time",
                violation_error_message="Cet interlocuteur est déjà désigné.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.function} ({self.party})"

    @classmethod
    def service_phones(cls, programme_id: int, on: date) -> Any:
        """Those of the operator's functions that gave a number, the first designated first."""
        held = cls.objects.on(on).filter(
            party__programme=programme_id, party__kind=PartyKind.OPERATOR
        )
        return held.exclude(phone="").order_by("starts", "pk")

    @property
    def is_designated(self) -> bool:
        return bool(self.email)

    @property
    def fingerprint(self) -> str:
        """Tells whether what somebody was shown is still what is saved."""
        ends = self.ends.isoformat() if self.ends else ""
        shown = json.dumps([self.function, self.email, self.phone, self.is_backup, ends])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    def clean(self) -> None:
        refuse_quoted(self.email)
        if self.successor is not None and self.successor.party_id != self.party_id:
            raise ValidationError({"successor": "Un successeur est de la même partie."})
        if self.is_backup and not self.email:
            raise ValidationError({"email": "Un suppléant a besoin d’une adresse."})
