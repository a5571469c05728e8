"""What each field is, and how long its rows are kept; a test fails for a field left out.

PUBLIC: could be printed on a poster. SHAREABLE: partners in whose perimeter the row lies.
CONFIDENTIAL: stays with the operator (R25). PERSONAL: says something of an identified person;
stays with the operator and, for its own people, with the party they act for.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Retention(StrEnum):
    """How long, from the row's date. The agreement leaves it open; docs/security.md discusses it."""

    FRAME = "the programme's life"  # the agreement and its institutions
    RECORDS = "three years after the convention's term"  # activities and their history
    ACCESS = "one year after the access ended"
    JOURNAL = "one year"


@dataclass(frozen=True)
class Privacy:
    retention: Retention
    public: tuple[str, ...] = ()
    shareable: tuple[str, ...] = ()
    confidential: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    # Keys and technical columns follow the row they identify.
    technical: tuple[str, ...] = field(default=("id",))

    def classified(self) -> list[str]:
        return [
            *self.public,
            *self.shareable,
            *self.confidential,
            *self.personal,
            *self.technical,
        ]

    @property
    def never_shared(self) -> frozenset[str]:
        return frozenset(self.confidential + self.personal)
