"""The texts of a synthesis: which there are, how long they may be, which an edition reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from governance.models import Perimeter
from humanicite.lib.dates import NBSP
from reporting.periods import Period

from . import titles
from .blocks import all_blocks
from .models import MonthlySynthesis, Omission, Passage

TITLE, FACTS, WATCH, ASKED = "titre", ("fait-1", "fait-2", "fait-3"), "vigilance", "demande"
LONGEST_TITLE = 60  # of what is published; more can be typed, and is told
LONGEST_FACT = 230
LONGEST_TEXT = 1500
LONGEST_NUMBER = 9
MOST_TYPED = 4000
ESSENTIAL = "essentiel"


@dataclass(frozen=True)
class Slot:
    """A text that may be written. `most`: characters that may be published."""

    key: str
    label: str
    most: int
    help: str = ""
    rows: int = 3


def slots(period: Period) -> list[Slot]:
    """In the order of the page."""
    of_span = "de la période" if titles.is_review(period) else "du mois"
    head = [
        Slot(TITLE, "Titre", LONGEST_TITLE, f"Le message {of_span}, en une phrase courte.", 1),
        *(Slot(key, f"Fait {number}", LONGEST_FACT, rows=2) for number, key in enumerate(FACTS, 1)),
        Slot(WATCH, "Point de vigilance", LONGEST_FACT, rows=2),
        Slot(
            ASKED,
            "Ce qui vous est demandé",
            LONGEST_FACT,
            "Ce que les parties ont à décider ou à faire, et pour quand.",
            2,
        ),
    ]
    return [
        *head,
        *(
            Slot(key, label, LONGEST_NUMBER, "Un nombre entier, avec sa source dans l’analyse.", 1)
            for block in all_blocks(period)
            for key, label in block.asks
        ),
        *(slot_of(block.key, block.title) for block in all_blocks(period) if block.is_analysed),
    ]


def slot_of(key: str, title: str) -> Slot:
    return Slot(key, f"Analyse{NBSP}: {title}", LONGEST_TEXT, rows=4)


def slots_by_key(period: Period) -> dict[str, Slot]:
    return {slot.key: slot for slot in slots(period)}


@dataclass
class Texts:
    """All texts of a synthesis, and what is kept from which edition; two queries."""

    common: dict[str, Passage] = field(default_factory=dict)
    own: dict[tuple[int, str], Passage] = field(default_factory=dict)  # perimeter, key
    omissions: dict[tuple[int, str], bool] = field(default_factory=dict)  # whether whole

    @classmethod
    def of(cls, synthesis: MonthlySynthesis | None) -> "Texts":
        found = cls()
        if synthesis is None:
            return found
        for row in Passage.objects.filter(synthesis=synthesis).select_related("author"):
            if row.perimeter_id is None:
                found.common[row.key] = row
            else:
                found.own[row.perimeter_id, row.key] = row
        for kept in Omission.objects.filter(synthesis=synthesis):
            found.omissions[kept.perimeter_id, kept.key] = kept.is_whole
        return found

    def parts(self, key: str, perimeter: Perimeter) -> list[str]:
        """What an edition reads under a key: the common text unless it is kept from it, then its
        own."""
        read = []
        common, own = self.common.get(key), self.own.get((perimeter.pk, key))
        if common and common.text.strip() and (perimeter.pk, key) not in self.omissions:
            read.append(common.text.strip())
        if own and own.text.strip():
            read.append(own.text.strip())
        return read

    def one(self, key: str, perimeter: Perimeter) -> str:
        """Under a key that holds one sentence, an edition's own stands in place of the common."""
        return (self.parts(key, perimeter) or [""])[-1]

    def leaves_out(self, key: str, perimeter: Perimeter) -> bool:
        return self.omissions.get((perimeter.pk, key), False)

    def passages(self) -> Iterable[Passage]:
        return [*self.common.values(), *self.own.values()]


def number_in(text: str) -> int | None:
    """What was typed as a whole number, « 1 240 » too; None for anything else."""
    bare = "".join(text.split())
    return int(bare) if bare.isascii() and bare.isdigit() else None


def paragraphs(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]
