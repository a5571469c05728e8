"""What an activity is checked against: the programme's reference data, asked for once (R13, R22)."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models

from governance.base import require_same_programme
from governance.models import Audience, Convention, Objective, Place, Programme, Theme
from governance.privacy import Privacy, Retention
from governance.scoping import Scope, ScopedModel

from .reference import ReferenceActivity


class DefaultObjective(ScopedModel):
    """The objective that a reference activity serves unless its theme says otherwise (R13, R22)."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="default_objectives")
    type = models.CharField("activité de référence", max_length=4, choices=ReferenceActivity)
    objective = models.ForeignKey(Objective, models.CASCADE, related_name="default_for")

    scope = Scope(programme="programme", frame=True)
    privacy = Privacy(Retention.FRAME, public=("type", "objective"), technical=("id", "programme"))

    class Meta:
        verbose_name = "objectif par défaut"
        constraints = [
            models.UniqueConstraint(fields=["programme", "type"], name="default_objective_once")
        ]

    def clean(self) -> None:
        require_same_programme(self.programme_id, objective=self.objective)


class Frame:
    """One programme's reference data, each list fetched when first needed and then kept.

    Entries that are checked together share one: fifty make as many queries as one.
    """

    def __init__(self, programme_id: int) -> None:
        self.programme_id = programme_id

    @cached_property
    def places(self) -> dict[int, Place]:
        """In the order of the tree, retired ones included."""
        return _by_key(Place.objects.of_programme(self.programme_id).in_tree_order())

    @cached_property
    def themes(self) -> dict[int, Theme]:
        rows = Theme.objects.of_programme(self.programme_id)
        return _by_key(rows.select_related("objective__axis"))

    @cached_property
    def objectives(self) -> dict[int, Objective]:
        return _by_key(Objective.objects.of_programme(self.programme_id).select_related("axis"))

    @cached_property
    def audiences(self) -> dict[int, Audience]:
        return _by_key(Audience.objects.of_programme(self.programme_id))

    @cached_property
    def open_situations(self) -> dict[int, object]:
        rows = apps.get_model("mediation", "Situation").objects.of_programme(self.programme_id)
        return _by_key(rows.open().most_pressing_first())

    @cached_property
    def planned_actions(self) -> dict[int, Any]:
        """What the months' roadmaps still have to do, the newest month first."""
        rows = apps.get_model("mediation", "PlannedAction").objects.of_programme(self.programme_id)
        return _by_key(rows.open_by_month())

    @cached_property
    def terms(self) -> list[tuple[date, date]]:
        """First and last day of each convention, both included; oldest first."""
        rows = Convention.objects.of_programme(self.programme_id).order_by("starts")
        return [(starts, ends or date.max) for starts, ends in rows.values_list("starts", "ends")]

    @cached_property
    def default_objectives(self) -> dict[str, Objective]:
        rows = DefaultObjective.objects.of_programme(self.programme_id)
        return {row.type: row.objective for row in rows.select_related("objective__axis")}

    def in_term(self, day: date) -> bool:
        """Whether a convention, draft or signed, holds on a day."""
        return any(starts <= day <= ends for starts, ends in self.terms)

    def objective_for(self, type_: str, themes: Iterable[Theme]) -> Objective | None:
        """The first theme's objective, otherwise the activity type's, otherwise none."""
        for theme in themes:
            if theme.objective:
                return theme.objective
        return self.default_objectives.get(type_)


def _by_key(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.pk: row for row in rows}
