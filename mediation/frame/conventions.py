"""Loads a convention file whole: the frame, then what it says of the reference activities."""

from django.db import transaction

from governance.conventions import loader
from governance.conventions.schema import ConventionFile, ConventionFileError

from .models import DefaultObjective
from .reference import ReferenceActivity


@transaction.atomic
def load(
    content: ConventionFile, *, programme_slug: str | None = None, is_demo: bool = False
) -> loader.Loaded:
    """See `governance.conventions.loader.load`; also raises for an activity not in the norm."""
    wanted: dict[str, str] = {}
    for index, axis in enumerate(content.axes):
        for rank, objective in enumerate(axis.objectives):
            for code in objective.activities:
                where = f"axes.{index}.objectives.{rank}.activities"
                if code not in ReferenceActivity.values:
                    allowed = ", ".join(ReferenceActivity.values)
                    raise ConventionFileError(f"{where}: {code!r} is unknown; allowed: {allowed}")
                if code in wanted:
                    raise ConventionFileError(f"{where}: {code!r} already serves {wanted[code]}")
                wanted[code] = f"{axis.number}.{objective.number}"
    loaded = loader.load(content, programme_slug=programme_slug, is_demo=is_demo)
    for code, reference in wanted.items():
        if not loaded.already_there:
            DefaultObjective.objects.get_or_create(
                programme=loaded.programme,
                type=code,
                defaults={"objective": loaded.objectives[reference]},
            )
    return loaded
