"""What a convention file holds, and what is wrong with one.

Errors name the place in the file and what is allowed there: a line for broken TOML, a dotted key
(`places.3.parent`, counted from 0) for a value.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ..models import CommitteeKind, PartyKind, PlaceKind

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Number = Annotated[int, Field(ge=1, le=99)]
ObjectiveRef = Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{1,2}$")]


class ConventionFileError(ValueError):
    """The file cannot be loaded; the message lists every fault found, one a line."""


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProgrammeTable(Table):
    slug: Slug
    name: Name


class ConventionTable(Table):
    slug: Slug
    name: Name
    starts: date
    ends: date
    operator: Slug
    cost: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    yearly_hours: Annotated[int, Field(gt=0)] = 1607
    weekly_hours: Annotated[Decimal, Field(gt=0, le=48)] = Decimal(35)
    mediators: Number = 1
    supervision: str = ""
    signed_on: date | None = None


class PartyTable(Table):
    slug: Slug
    name: Name
    short_name: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    kind: PartyKind
    address: str = ""


class SignatoryTable(Table):
    party: Slug
    represented_by: Name
    deliberation: str = ""


class PlaceTable(Table):
    slug: Slug
    name: Name
    kind: PlaceKind
    parent: Slug | None = None
    to_confirm: bool = False


class PerimeterTable(Table):
    party: Slug
    name: Name
    places: Annotated[list[Slug], Field(min_length=1)]


class ObjectiveTable(Table):
    number: Number
    text: Text
    activities: list[str] = []


class AxisTable(Table):
    number: Number
    name: Name
    objectives: list[ObjectiveTable] = []


class ThemeTable(Table):
    group: Name
    objective: ObjectiveRef | None = None
    names: Annotated[list[Name], Field(min_length=1)]


class NamesTable(Table):
    names: list[Name] = []


class SeatTable(Table):
    party: Slug | None = None
    label: str = ""
    function: str = ""
    on_agenda: bool = False


class CommitteeTable(Table):
    slug: Slug
    name: Name
    kind: CommitteeKind
    frequency: str = ""
    purpose: str = ""
    seats: list[SeatTable] = []


class ContributionTable(Table):
    payer: Slug
    payee: Slug
    amount: Annotated[Decimal, Field(gt=0, decimal_places=2)]


class MeansTable(Table):
    party: Slug
    texts: list[Text]


class CommitmentsTable(Table):
    texts: list[Text] = []


class ContactTable(Table):
    party: Slug
    function: Name
    email: str = ""
    phone: str = ""
    is_backup: bool = False


class ConventionFile(Table):
    programme: ProgrammeTable
    convention: ConventionTable
    parties: Annotated[list[PartyTable], Field(min_length=1)]
    signatories: list[SignatoryTable] = []
    places: Annotated[list[PlaceTable], Field(min_length=1)]
    perimeters: list[PerimeterTable] = []
    axes: list[AxisTable] = []
    themes: list[ThemeTable] = []
    audiences: NamesTable = NamesTable()
    committees: list[CommitteeTable] = []
    contributions: list[ContributionTable] = []
    means: list[MeansTable] = []
    commitments: CommitmentsTable = CommitmentsTable()
    contacts: list[ContactTable] = []

    def faults(self) -> list[str]:
        """What no single table can tell: references, the tree, doubles, dates."""
        return [
            *self._doubles(), *self._frame_faults(), *self._unknown_references(), *self._seat_faults(),
        ]  # fmt: skip

    def _doubles(self) -> Iterator[str]:
        unique = {
            "parties.slug": [party.slug for party in self.parties],
            "places.slug": [place.slug for place in self.places],
            "axes.number": [str(axis.number) for axis in self.axes],
            "axes.objectives.number": self._objectives(),
            "themes.names": [name for theme in self.themes for name in theme.names],
            "audiences.names": list(self.audiences.names),
            "committees.slug": [committee.slug for committee in self.committees],
            "perimeters.party": [perimeter.party for perimeter in self.perimeters],
            "signatories.party": [signatory.party for signatory in self.signatories],
        }
        for where, values in unique.items():
            for value in sorted({v for v in values if values.count(v) > 1}):
                yield f"{where}: {value!r} appears more than once"

    def _frame_faults(self) -> Iterator[str]:
        if self.convention.ends < self.convention.starts:
            yield "convention.ends: must not be before convention.starts"
        operators = [party.slug for party in self.parties if party.kind == PartyKind.OPERATOR]
        if operators != [self.convention.operator]:
            yield (
                "convention.operator: must be the one party of kind 'operator'; "
                f"found: {', '.join(operators) or 'none'}"
            )
        roots = [place.slug for place in self.places if place.parent is None]
        if len(roots) != 1:
            yield f"places: exactly one has no parent; found: {', '.join(roots) or 'none'}"

    def _unknown_references(self) -> Iterator[str]:
        parties = [party.slug for party in self.parties]
        places = [place.slug for place in self.places]
        for index, place in enumerate(self.places):
            # Parents come first, so the file reads as a tree and cannot hold a cycle.
            yield from _unknown(f"places.{index}.parent", place.parent, places[:index])
        for name in ("signatories", "means", "contacts", "perimeters"):
            for index, row in enumerate(getattr(self, name)):
                yield from _unknown(f"{name}.{index}.party", row.party, parties)
        for index, perimeter in enumerate(self.perimeters):
            for rank, slug in enumerate(perimeter.places):
                yield from _unknown(f"perimeters.{index}.places.{rank}", slug, places)
        for index, theme in enumerate(self.themes):
            yield from _unknown(f"themes.{index}.objective", theme.objective, self._objectives())
        for index, line in enumerate(self.contributions):
            yield from _unknown(f"contributions.{index}.payer", line.payer, parties)
            yield from _unknown(f"contributions.{index}.payee", line.payee, parties)
            if line.payer == line.payee:
                yield f"contributions.{index}.payee: must differ from payer"

    def _seat_faults(self) -> Iterator[str]:
        parties = [party.slug for party in self.parties]
        for index, committee in enumerate(self.committees):
            for rank, seat in enumerate(committee.seats):
                where = f"committees.{index}.seats.{rank}"
                yield from _unknown(f"{where}.party", seat.party, parties)
                if seat.party is None and not seat.label:
                    yield f"{where}: needs a party or a label"

    def _objectives(self) -> list[str]:
        return [
            f"{axis.number}.{objective.number}"
            for axis in self.axes
            for objective in axis.objectives
        ]


def _unknown(where: str, value: str | None, allowed: list[str]) -> Iterator[str]:
    if value is not None and value not in allowed:
        yield f"{where}: {value!r} is unknown; allowed: {', '.join(allowed)}"


def read(path: Path) -> ConventionFile:
    """The file's content, checked; raises ConventionFileError with every fault."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConventionFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConventionFileError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConventionFileError(f"{path.name}: {error}") from error
    return check(raw, path.name)


def check(raw: dict[str, object], name: str = "file") -> ConventionFile:
    try:
        content = ConventionFile.model_validate(raw)
    except ValidationError as error:
        raise ConventionFileError(
            "\n".join(
                f"{name}: {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
                for fault in error.errors()
            )
        ) from error
    if faults := content.faults():
        raise ConventionFileError("\n".join(f"{name}: {fault}" for fault in faults))
    return content
