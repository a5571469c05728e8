"""The bodies that steer, and who sits in them (R47–R68)."""

from django.db import models
from django.db.models import Q

from governance.base import Dated, Retirable, require_same_programme
from governance.parties.models import Party, Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope


class CommitteeKind(models.TextChoices):
    STEERING = "steering", "Comité de pilotage"
    FOLLOW_UP = "follow_up", "Comité de suivi"
    WATCH = "watch", "Cellule de veille"
    GROUP = "group", "Groupe thématique"
    OTHER = "other", "Autre instance"


class Committee(Retirable):
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="committees")
    slug = models.SlugField("identifiant")
    name = models.CharField("nom", max_length=120)
    kind = models.CharField("type", max_length=10, choices=CommitteeKind)
    frequency = models.CharField("fréquence", max_length=120, blank=True)
    purpose = models.TextField("objet", blank=True)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("slug", "name", "kind", "frequency", "purpose", "rank", "retired_on"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "instance"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "slug"], name="committee_slug_once")
        ]

    def __str__(self) -> str:
        return self.name


class Seat(Dated):
    """A place at the table, dated; no function yet: « à désigner » (R55, R61)."""

    committee = models.ForeignKey(Committee, models.CASCADE, related_name="seats")
    party = models.ForeignKey(
        Party, models.CASCADE, null=True, blank=True, related_name="seats", verbose_name="partie"
    )
    label = models.CharField("invités", max_length=160, blank=True)
    function = models.CharField("fonction", max_length=160, blank=True)
    on_agenda = models.BooleanField("selon l’ordre du jour", default=False)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="committee__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("party", "label", "function", "on_agenda", "rank", "starts", "ends"),
        technical=("id", "committee"),
    )

    class Meta(Dated.Meta):
        verbose_name = "siège"
        ordering = ["on_agenda", "rank"]
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                condition=Q(party__isnull=False) | ~Q(label=""),
                name="seat_of_somebody",
                violation_error_message="Un siège est celui d’une partie ou d’un groupe d’invités.",
            ),
            models.UniqueConstraint(
                fields=["committee", "party", "label", "function", "starts"], name="seat_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.party or self.label} : {self.function or 'à désigner'}"

    @property
    def is_vacant(self) -> bool:
        return not self.function and not self.on_agenda

    def clean(self) -> None:
        require_same_programme(self.committee.programme_id, party=self.party)
