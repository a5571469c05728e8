"""A tree of places from a text: one place a line, indented beneath what contains it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from .models import Place, PlaceKind

TAB = 4
DEEPEST = 12  # levels
MOST = 500  # lines
# What a place is called by its depth, to be mended on its page.
KINDS = (PlaceKind.QUARTER, PlaceKind.SIDE, PlaceKind.BLOCK, PlaceKind.SPOT)
BULLETS = "-–•*·"


@dataclass(frozen=True)
class Line:
    depth: int
    name: str

    @property
    def kind(self) -> PlaceKind:
        return KINDS[min(self.depth, len(KINDS) - 1)]


def read(text: str) -> list[Line]:
    """The lines that name a place; raises ValidationError with every fault, by its line's number."""
    lines: list[Line] = []
    faults: list[str] = []
    widths: list[int] = []  # of the line's ancestors
    known: dict[tuple[str, ...], int] = {}
    path: list[str] = []
    for number, raw in enumerate(text.splitlines()[: MOST + 1], start=1):
        bare = raw.expandtabs(TAB)
        name = " ".join(bare.strip().lstrip(BULLETS).split())
        if not name:
            continue
        width = len(bare) - len(bare.lstrip())
        while widths and width <= widths[-1]:
            widths.pop()
        depth = len(widths)
        widths.append(width)
        path = [*path[:depth], name.casefold()]
        faults += _faults(number, name, depth, bool(lines), known.get(tuple(path)))
        known.setdefault(tuple(path), number)
        lines.append(Line(depth, name))
    if len(text.splitlines()) > MOST:
        faults.append(f"Au plus {MOST} lignes à la fois.")
    if not lines and not faults:
        faults.append("Écrivez au moins un lieu : le quartier entier.")
    if faults:
        raise ValidationError(faults[:20])
    return lines


def _faults(number: int, name: str, depth: int, follows: bool, first: int | None) -> Iterable[str]:
    if len(name) > 120:
        yield f"Ligne {number} : un nom a 120 caractères au plus."
    if depth >= DEEPEST:
        yield f"Ligne {number} : au plus {DEEPEST} niveaux."
    if depth == 0 and follows:
        yield (
            f"Ligne {number} : « {name[:40]} » n’est dans aucun lieu. Le premier contient tous les "
            "autres : décalez cette ligne vers la droite."
        )
    if first is not None:
        yield f"Ligne {number} : « {name[:40]} » figure déjà au même endroit, ligne {first}."


def write(places: Iterable[Place]) -> str:
    """The text of a tree, in its order."""
    return "\n".join("  " * place.depth + place.name for place in places)
