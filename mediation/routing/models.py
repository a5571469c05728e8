"""Which party a signalement of a place and theme is proposed to (R72)."""

from django.db import models
from django.db.models import Q

from governance.base import require_same_programme
from governance.models import Party, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel


class RoutingRule(ScopedModel):
    """Whom a signalement is proposed to, by its place and its theme; the nearest rule speaks first.

    `theme` and `group` (of themes) left empty: whatever the theme.
    """

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="routing_rules")
    place = models.ForeignKey(
        Place, models.CASCADE, related_name="routing_rules", verbose_name="lieu"
    )
    theme = models.ForeignKey(
        Theme,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="routing_rules",
        verbose_name="thématique",
    )
    group = models.CharField("groupe de thématiques", max_length=60, blank=True)
    party = models.ForeignKey(
        Party, models.CASCADE, related_name="routing_rules", verbose_name="partie"
    )

    scope = Scope(programme="programme")
    privacy = Privacy(
        Retention.FRAME,
        confidential=("place", "theme", "group", "party"),
        technical=("id", "programme"),
    )

    class Meta:
        verbose_name = "règle d’envoi"
        verbose_name_plural = "règles d’envoi"
        ordering = ["place__path", "group", "theme__rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "theme", "party"],
                condition=Q(theme__isnull=False),
                name="routing_rule_of_a_theme_once",
                violation_error_message="Cette règle existe déjà.",
            ),
            models.UniqueConstraint(
                fields=["place", "group", "party"],
                condition=Q(theme__isnull=True),
                name="routing_rule_of_a_group_once",
                violation_error_message="Cette règle existe déjà.",
            ),
            models.CheckConstraint(
                condition=Q(theme__isnull=True) | Q(group=""),
                name="routing_rule_theme_or_group",
                violation_error_message="Une thématique ou un groupe, pas les deux.",
            ),
        ]

    def clean(self) -> None:
        require_same_programme(
            self.programme_id, place=self.place, theme=self.theme, party=self.party
        )
