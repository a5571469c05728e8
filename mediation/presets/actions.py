"""Writes on modèles: keyword-only, `by=`, atomic."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from governance.models import Audience, Membership
from mediation.activities.models import Activity

from .models import Preset

MOST_PRESETS = 20  # of one person


@transaction.atomic
def save_preset(*, preset: Preset, audiences: list[Audience], by: Membership) -> bool:
    """Saves a modèle with its audiences, a new one at the end; False when there are too many.

    Raises PermissionDenied, ValidationError when another of that name was just saved.
    """
    others = Preset.objects.visible_to(by).filter(author=by.user_id)
    if preset.pk is None:
        taken = list(others.filter(is_hidden=False).values_list("rank", flat=True))
        if len(taken) >= MOST_PRESETS:
            return False
        preset.rank = max(taken, default=0) + 1
    if not preset.may_be_changed_by(by):
        raise PermissionDenied
    preset.full_clean()
    preset.save()
    preset.audiences.set(audiences)
    return True


@transaction.atomic
def move_preset(*, preset: Preset, down: bool, by: Membership) -> None:
    """One place up or down among those that are shown; at the end it stays."""
    rows = list(
        Preset.objects.visible_to(by).filter(author=by.user_id, is_hidden=False).select_for_update()
    )
    if preset not in rows:
        return  # set aside, or somebody else's
    at = rows.index(preset)
    to = max(0, min(len(rows) - 1, at + (1 if down else -1)))
    rows.insert(to, rows.pop(at))
    for rank, row in enumerate(rows, start=1):
        row.rank = rank
    Preset.objects.bulk_update(rows, ["rank"])


def set_preset_aside(*, activity: Activity, by: Membership) -> None:
    """Keeps a hidden modèle of an activity, so that its like is not proposed again."""
    Preset.objects.get_or_create(
        programme_id=by.programme_id,
        author_id=by.user_id,
        name=f"Écarté {activity.pk}",
        defaults={
            "type": activity.type,
            "place_id": activity.place_id,
            "minutes": activity.minutes,
            "theme_id": activity.theme_id,
            "is_hidden": True,
        },
    )
