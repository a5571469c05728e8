"""What was done of an action: told by the floors above, which register what they know (a link to an
activity, to a signalement). This one imports nothing of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from governance.access.models import Membership

from .models import ActionItem


@dataclass(frozen=True)
class Proof:
    """`label` says what it is, `text` which one; `url` where the reader may open it."""

    label: str
    text: str
    url: str = ""


Source = Callable[[ActionItem, Membership], Iterable[Proof]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Once for a name, however often an app is made ready."""
    _sources[name] = source


def proofs_of(action: ActionItem, reader: Membership) -> list[Proof]:
    return [proof for _, source in sorted(_sources.items()) for proof in source(action, reader)]
