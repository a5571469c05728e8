"""Modèles: a habit under a name, so that a routine entry is two touches."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from governance.base import require_same_programme
from governance.models import Audience, Membership, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel
from mediation.activities.models import LONGEST, SHORTEST
from mediation.frame.reference import ReferenceActivity


class Preset(ScopedModel):
    """A *modèle*: type, place, duration, themes and audiences of one person's routine.

    Audiences without counts: how many were met is asked each time.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="presets")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="presets", verbose_name="auteur"
    )
    name = models.CharField("nom", max_length=40)
    type = models.CharField("activité de référence", max_length=4, choices=ReferenceActivity)
    place = models.ForeignKey(
        Place, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="lieu"
    )
    minutes = models.PositiveSmallIntegerField(
        "durée",
        validators=[
            MinValueValidator(SHORTEST, "Une activité dure au moins 5 minutes."),
            MaxValueValidator(LONGEST, "Une activité dure au plus 24 heures."),
        ],
    )
    theme = models.ForeignKey(
        Theme, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="thématique"
    )
    second_theme = models.ForeignKey(
        Theme,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="seconde thématique",
    )
    audiences = models.ManyToManyField(
        Audience, blank=True, related_name="+", verbose_name="publics"
    )
    rank = models.PositiveSmallIntegerField("ordre", default=0)
    # Set aside: not shown, and not proposed again.
    is_hidden = models.BooleanField("écarté", default=False)

    scope = Scope(programme="programme", owner="author")
    privacy = Privacy(
        Retention.ACCESS,
        confidential=("name", "type", "place", "minutes", "theme", "second_theme", "audiences"),
        personal=("author",),
        technical=("id", "programme", "rank", "is_hidden"),
    )

    class Meta:
        verbose_name = "modèle"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "author", "name"],
                name="preset_name_once",
                violation_error_message="Vous avez déjà un modèle de ce nom.",
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=SHORTEST, minutes__lte=LONGEST),
                name="preset_lasts_5_min_to_24_h",
                violation_error_message="Une activité dure entre 5 minutes et 24 heures.",
            ),
            models.CheckConstraint(
                condition=Q(type__in=ReferenceActivity.values),
                name="preset_type_of_the_norm",
                violation_error_message="Ce type d’activité n’est pas dans le référentiel.",
            ),
            models.CheckConstraint(
                condition=Q(second_theme__isnull=True) | ~Q(theme=F("second_theme")),
                name="preset_two_different_themes",
                violation_error_message="Les deux thématiques doivent différer.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def reference(self) -> ReferenceActivity:
        return ReferenceActivity(self.type)

    def may_be_changed_by(self, membership: Membership) -> bool:
        """Its author alone: it is nobody else's habit, whoever may read it."""
        return self.author_id == membership.user_id

    def clean(self) -> None:
        require_same_programme(
            self.programme_id, place=self.place, theme=self.theme, second_theme=self.second_theme
        )
        if not self.name.strip():
            raise ValidationError({"name": "Donnez un nom au modèle."})
