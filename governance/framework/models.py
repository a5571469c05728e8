"""Axes, objectives, themes and audiences: what work is counted by (R8, R13, R14, R77)."""

from django.db import models

from governance.base import Retirable, require_same_programme
from governance.parties.models import Programme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope


class Axis(Retirable):
    """One of the agreement's axes (R13)."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="axes")
    number = models.PositiveSmallIntegerField("numéro")
    name = models.CharField("intitulé", max_length=160)

    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME, public=("number", "name", "retired_on"), technical=("id", "programme")
    )

    class Meta:
        verbose_name = "axe"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "number"], name="axis_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"


class Objective(Retirable):
    """One of the agreement's objectives, numbered within its axis (R14)."""

    axis = models.ForeignKey(Axis, models.CASCADE, related_name="objectives")
    number = models.PositiveSmallIntegerField("numéro")
    text = models.CharField("intitulé", max_length=300)

    shown_with = ("axis",)
    scope = Scope(programme="axis__programme", frame=True)
    privacy = Privacy(
        Retention.FRAME, public=("number", "text", "retired_on"), technical=("id", "axis")
    )

    class Meta:
        verbose_name = "objectif"
        ordering = ["axis__number", "number"]
        constraints = [
            models.UniqueConstraint(fields=["axis", "number"], name="objective_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.axis.number}.{self.number} {self.text}"

    @property
    def programme_id(self) -> int:
        return self.axis.programme_id


class Theme(Retirable):
    """What a piece of work was about; defined with the parties beforehand (R77)."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="themes")
    group = models.CharField("groupe", max_length=60)
    name = models.CharField("nom", max_length=80)
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    objective = models.ForeignKey(
        Objective,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="themes",
        verbose_name="objectif servi d’ordinaire",
    )

    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME,
        public=("group", "name", "rank", "objective", "retired_on"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "thématique"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="theme_name_once",
                violation_error_message="Cette thématique existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        require_same_programme(self.programme_id, objective=self.objective)


class Audience(Retirable):
    """A public that the service meets (R8); always head counts, never people."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="audiences")
    name = models.CharField("nom", max_length=80)
    rank = models.PositiveSmallIntegerField("ordre", default=0)

    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(
        Retention.FRAME, public=("name", "rank", "retired_on"), technical=("id", "programme")
    )

    class Meta:
        verbose_name = "public"
        verbose_name_plural = "publics"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"],
                name="audience_name_once",
                violation_error_message="Ce public existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return self.name
