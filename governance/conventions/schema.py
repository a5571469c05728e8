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

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from governance.committees.models import CommitteeKind
from governance.conventions.models import ProvisionState
from governance.parties.models import PartyKind
from governance.territory.models import PlaceKind

# One line of text: a break or a control character would travel into mails and headings.
LINE = r"^[^\x00-\x1f\x7f]*$"


def _line(longest: int, shortest: int = 1) -> StringConstraints:
    return StringConstraints(
        strip_whitespace=True, min_length=shortest, max_length=longest, pattern=LINE
    )


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=50)]
Text = Annotated[str, _line(300)]
Name = Annotated[str, _line(120)]
LongName = Annotated[str, _line(160)]
ShortName = Annotated[str, _line(40)]
Words = Annotated[str, _line(120, shortest=0)]
LongWords = Annotated[str, _line(200, shortest=0)]
Number = Annotated[int, Field(ge=1, le=99)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Euros = Annotated[Decimal, Field(ge=0, le=99_999_999, decimal_places=2)]
ObjectiveRef = Annotated[str, StringConstraints(pattern=r"^\d{1,2}\.\d{1,2}$")]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


def _rising(days: list[int]) -> list[int]:
    if sorted(days) != days:
        raise ValueError("must rise")
    return days


Rising = Annotated[
    list[Annotated[int, Field(ge=0, le=250)]],
    Field(min_length=4, max_length=4),
    AfterValidator(_rising),
]
RisingFromOne = Annotated[
    list[Annotated[int, Field(ge=1, le=250)]],
    Field(min_length=4, max_length=4),
    AfterValidator(_rising),
]
LARGEST = 1_000_000  # bytes of a file
DEEPEST = 12  # levels of places


class ConventionFileError(ValueError):
    """The file cannot be loaded; the message lists every fault found, one a line."""


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ProgrammeTable(Table):
    slug: Slug
    name: Name


class ConventionTable(Table):
    slug: Slug
    name: LongName
    starts: Day
    ends: Day
    operator: Slug
    cost: Euros
    yearly_hours: Annotated[int, Field(gt=0, le=100_000)] = 1607
    weekly_hours: Annotated[Decimal, Field(gt=0, le=48)] = Decimal(35)
    mediators: Number = 1
    supervision: Words = ""
    norm: Words = ""
    charter: LongWords = ""
    background: Paragraph = ""
    not_replaced: Paragraph = ""
    finances_by: Slug | None = None
    finances_since: Day | None = None
    originals: Number | None = None
    signed_on: Day | None = None
    signing_place: Words = ""


class PartyTable(Table):
    slug: Slug
    name: LongName
    short_name: ShortName
    kind: PartyKind
    address: LongWords = ""


class SignatoryTable(Table):
    party: Slug
    represented_by: Name
    head_office: LongWords = ""
    deliberation: LongWords = ""


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
    label: LongWords = ""
    function: LongWords = ""
    on_agenda: bool = False


class CommitteeTable(Table):
    slug: Slug
    name: Name
    kind: CommitteeKind
    frequency: Words = ""
    purpose: str = ""
    seats: list[SeatTable] = []
    # The list that was true before the term, from a day on to its eve.
    earlier_since: Day | None = None
    earlier: list[SeatTable] = []


class InstalmentTable(Table):
    amount: Annotated[Euros, Field(gt=0)]
    due_on: Day
    paid_on: Day | None = None


class ContributionTable(Table):
    payer: Slug
    payee: Slug
    amount: Annotated[Euros, Field(gt=0)]
    paid_on: Day | None = None
    instalments: list[InstalmentTable] = []


class StateTable(Table):
    text: Text
    state: ProvisionState
    since: Day
    remark: LongWords = ""


class MeansTable(Table):
    party: Slug
    texts: list[Text]
    states: list[StateTable] = []


class CommitmentsTable(Table):
    texts: list[Text] = []


class ContactTable(Table):
    party: Slug
    function: Name
    email: Words = ""
    phone: Annotated[str, _line(30, shortest=0)] = ""
    is_backup: bool = False


class FollowUpTable(Table):
    """Working days: to an answer by urgency (the most urgent first), to each reminder."""

    answers: Rising | None = None
    ordinary: RisingFromOne | None = None
    urgent: RisingFromOne | None = None


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
    follow_up: FollowUpTable = FollowUpTable()

    def faults(self) -> list[str]:
        """What no single table can tell: references, the tree, doubles, dates."""
        return [
            *self._doubles(),
            *self._frame_faults(),
            *self._unknown_references(),
            *self._seat_faults(),
            *self._term_faults(),
            *self._money_faults(),
        ]

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
            "contributions": [f"{line.payer} → {line.payee}" for line in self.contributions],
            "means": [f"{means.party}: {text}" for means in self.means for text in means.texts],
            "commitments.texts": list(self.commitments.texts),
            "means.states": [
                f"{means.party}: {row.text}" for means in self.means for row in means.states
            ],
            "contributions.instalments": [
                f"{line.payer} → {line.payee}: {row.due_on}"
                for line in self.contributions
                for row in line.instalments
            ],
            "contacts": [
                f"{contact.party}, {contact.function}{', backup' * contact.is_backup}"
                for contact in self.contacts
            ],
            "committees.seats": [
                f"{committee.slug}: {seat.party or seat.label}, {seat.function or 'vacant'}"
                for committee in self.committees
                for seat in committee.seats
            ],
            "committees.earlier": [
                f"{committee.slug}: {seat.party or seat.label}, {seat.function or 'vacant'}"
                for committee in self.committees
                for seat in committee.earlier
            ],
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
        depths: dict[str, int] = {}
        for place in self.places:
            depths[place.slug] = depths.get(place.parent or "", 0) + 1
        if max(depths.values()) > DEEPEST:
            yield f"places: at most {DEEPEST} levels"
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
            if bool(committee.earlier) is not (committee.earlier_since is not None):
                yield f"committees.{index}: earlier and earlier_since go together"
            elif committee.earlier_since and committee.earlier_since >= self.convention.starts:
                yield f"committees.{index}.earlier_since: must be before convention.starts"
            seats = [(f"seats.{rank}", seat) for rank, seat in enumerate(committee.seats)]
            seats += [(f"earlier.{rank}", seat) for rank, seat in enumerate(committee.earlier)]
            for which, seat in seats:
                where = f"committees.{index}.{which}"
                yield from _unknown(f"{where}.party", seat.party, parties)
                if seat.party is None and not seat.label:
                    yield f"{where}: needs a party or a label"

    def _term_faults(self) -> Iterator[str]:
        table = self.convention
        parties = [party.slug for party in self.parties]
        yield from _unknown("convention.finances_by", table.finances_by, parties)
        if (table.finances_by is None) is not (table.finances_since is None):
            yield "convention.finances_since: goes together with convention.finances_by"
        if table.signing_place and table.signed_on is None:
            yield "convention.signing_place: a draft has none; needs convention.signed_on"
        for index, means in enumerate(self.means):
            for rank, row in enumerate(means.states):
                yield from _unknown(f"means.{index}.states.{rank}.text", row.text, means.texts)

    def _money_faults(self) -> Iterator[str]:
        total = sum(line.amount for line in self.contributions)
        if total > self.convention.cost:
            yield f"contributions: {total} is more than convention.cost, {self.convention.cost}"
        for index, line in enumerate(self.contributions):
            due = sum(row.amount for row in line.instalments)
            where = f"contributions.{index}.instalments"
            if line.instalments and due != line.amount:
                yield f"{where}: sum to {due}, and amount is {line.amount}"
            if line.instalments and line.paid_on:
                yield f"{where}: each says paid_on itself; the contribution may not"

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
        if path.stat().st_size > LARGEST:
            raise ConventionFileError(f"{path}: larger than {LARGEST} bytes")
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConventionFileError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConventionFileError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except ConventionFileError:
        raise
    except (ValueError, RecursionError) as error:
        # TOMLDecodeError names the line; a number or a nesting beyond reason ends here too.
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
