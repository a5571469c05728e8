"""A programme's first lists, from those that are proposed."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from governance.conventions.schema import ConventionFile
from governance.framework.actions import add_entry
from governance.models import Audience, Axis, Membership, Objective, Programme, Theme

from .models import DefaultObjective


@dataclass
class Added:
    axes: int = 0
    themes: int = 0
    audiences: int = 0


@transaction.atomic
def take_proposed(
    *,
    lists: ConventionFile,
    axes: Collection[str],
    groups: Collection[str],
    audiences: Collection[str],
    by: Membership,
) -> Added:
    """Adds the chosen axes with their objectives, the themes of the chosen groups, the audiences.

    What is there already, by its number or name, stays as it is.
    """
    Programme.objects.select_for_update().get(pk=by.programme_id)
    added = Added()
    added.axes = _take_axes(lists, axes, by)
    objectives = {
        f"{row.axis.number}.{row.number}": row
        for row in Objective.objects.of_programme(by.programme_id).select_related("axis")
    }
    known = set(Theme.objects.of_programme(by.programme_id).values_list("name", flat=True))
    for table in lists.themes:
        for name in table.names if table.group in groups else ():
            if name not in known:
                objective = objectives.get(table.objective or "")
                add_entry(entry=Theme(group=table.group, name=name, objective=objective), by=by)
                added.themes += 1
    known = set(Audience.objects.of_programme(by.programme_id).values_list("name", flat=True))
    for name in lists.audiences.names:
        if name in audiences and name not in known:
            add_entry(entry=Audience(name=name), by=by)
            added.audiences += 1
    return added


def _take_axes(lists: ConventionFile, axes: Collection[str], by: Membership) -> int:
    known = set(Axis.objects.of_programme(by.programme_id).values_list("number", flat=True))
    served = set(
        DefaultObjective.objects.of_programme(by.programme_id).values_list("type", flat=True)
    )
    count = 0
    for table in lists.axes:
        if str(table.number) not in axes or table.number in known:
            continue
        axis = add_entry(entry=Axis(number=table.number, name=table.name), by=by)
        count += 1
        for row in table.objectives:
            objective = add_entry(
                entry=Objective(axis=axis, number=row.number, text=row.text), by=by
            )
            DefaultObjective.objects.bulk_create(
                DefaultObjective(programme_id=by.programme_id, type=code, objective=objective)
                for code in row.activities
                if code not in served
            )
    return count
