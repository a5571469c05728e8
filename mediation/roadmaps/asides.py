"""What other subjects have to say beside a roadmap: a source is a function (roadmap, reader, today) →
asides, and answers for what that reader may see. The upper floor registers its own when it starts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from governance.models import Membership

from .models import Roadmap


@dataclass(frozen=True)
class Aside:
    """One line under the axis it belongs to (its key, None: under no axis)."""

    axis_id: int | None
    label: str
    text: str
    url: str
    tag: str = ""
    is_well: bool | None = None  # None: nothing is aimed at, or nothing known


Source = Callable[[Roadmap, Membership, date], Iterable[Aside]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Adds a source under a name, once however often."""
    _sources[name] = source


def asides_of(roadmap: Roadmap, reader: Membership, today: date) -> list[Aside]:
    return [one for _, source in sorted(_sources.items()) for one in source(roadmap, reader, today)]
