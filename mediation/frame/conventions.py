"""A convention file whole, read and written: the frame, and the objectives of reference activities."""

from datetime import date
from typing import Any, Protocol

from django.db import transaction

from governance.conventions import export, loader
from governance.conventions.models import Convention
from governance.conventions.schema import ConventionFile, ConventionFileError
from governance.parties.models import Programme

from .models import DefaultObjective
from .reference import ReferenceActivity


class Part(Protocol):
    """What a subject above keeps of a programme's frame, in the same file."""

    def load(self, programme: Programme, content: ConventionFile) -> None:
        """Into a programme that is new."""

    def dump(self, programme: Programme) -> dict[str, Any]:
        """Tables of the file, by their name."""


_PARTS: list[Part] = []


def register(part: Part) -> None:
    """Once for each class, however often the app is made ready."""
    if not any(type(one) is type(part) for one in _PARTS):
        _PARTS.append(part)


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
    for part in [] if loaded.already_there else _PARTS:
        part.load(loaded.programme, content)
    return loaded


def dump(programme: Programme, convention: Convention, day: date) -> str:
    """The frame of a programme on a day as such a file.

    Raises ConventionFileError for a frame that no file may hold, as one without a place.
    """
    tables = export.frame_of(programme, convention, day)
    rows = DefaultObjective.objects.of_programme(programme.pk).select_related("objective__axis")
    served: dict[tuple[int, int], list[str]] = {}
    for row in rows.order_by("pk"):
        key = (row.objective.axis.number, row.objective.number)
        served.setdefault(key, []).append(row.type)
    for axis in tables["axes"]:
        for table in axis["objectives"]:
            if codes := served.get((axis["number"], table["number"])):
                table["activities"] = codes
    for part in _PARTS:
        tables |= part.dump(programme)
    return export.to_toml(tables)
