"""From a checked convention file to rows, in one transaction.

A convention that is already there is left as it is, with all that was edited since. For a renewal,
parties, places, axes, themes and audiences are found by their slug, number or name and only the
missing ones are added; seats follow the file from the new term's first day.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction

from governance.committees.models import Committee, Seat
from governance.contacts.models import Contact
from governance.framework.models import Audience, Axis, Objective, Theme
from governance.parties.models import Party, Programme
from governance.territory.models import Perimeter, Place

from .actions import keep_signed_text
from .models import (
    Contribution,
    Convention,
    Instalment,
    Provision,
    ProvisionKind,
    ProvisionState,
    Signatory,
)
from .schema import (
    CommitteeTable,
    ContributionTable,
    ConventionFile,
    ConventionFileError,
    StateTable,
)

Row = TypeVar("Row", bound=models.Model)


@dataclass
class Loaded:
    programme: Programme
    convention: Convention
    already_there: bool = False
    objectives: dict[str, Objective] = field(default_factory=dict)
    created: Counter[str] = field(default_factory=Counter)


@transaction.atomic
def load(
    content: ConventionFile, *, programme_slug: str | None = None, is_demo: bool = False
) -> Loaded:
    """Loads a convention; raises ConventionFileError when a row contradicts what is there."""
    slug = programme_slug or content.programme.slug
    conventions = Convention.objects.filter(programme__slug=slug)
    known = conventions.filter(slug=content.convention.slug).first()
    if known:
        return Loaded(known.programme, known, already_there=True)
    later = conventions.filter(starts__gt=content.convention.ends).first()
    if later:
        # Perimeters and seats follow a file from its first day on: the past cannot come last.
        raise ConventionFileError(
            f"convention.starts: {later}, which starts on {later.starts}, is already loaded; "
            "load conventions in the order of their terms"
        )
    return _Load(content, slug, is_demo).run()


class _Load:
    """One run; remembers the rows by the names the file gives them."""

    def __init__(self, content: ConventionFile, slug: str, is_demo: bool) -> None:
        self.content, self.slug, self.is_demo = content, slug, is_demo
        self.created: Counter[str] = Counter()
        self.parties: dict[str, Party] = {}
        self.places: dict[str, Place] = {}
        self.objectives: dict[str, Objective] = {}

    def ensure(
        self, model: type[Row], where: str, find: dict[str, object], **values: object
    ) -> Row:
        """The row that `find` names, made with `values` when it is missing."""
        row = model._default_manager.filter(**find).first()
        if row is None:
            row = model(**find, **values)
            try:
                # `path` of a place is known once the place has a key.
                row.full_clean(exclude=["path"])
            except ValidationError as error:
                messages = "; ".join(
                    f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items()
                )
                raise ConventionFileError(f"{where}: {messages}") from error
            row.save()
            self.created[str(model._meta.verbose_name)] += 1
        return row

    def agree(self, where: str, known: object, wanted: object) -> None:
        """What a row that is there already may not be contradicted in, silently or otherwise."""
        if known != wanted:
            raise ConventionFileError(
                f"{where}: {wanted!r} contradicts {known!r}, which is loaded; change it in the "
                "application, or give the row another slug"
            )

    def run(self) -> Loaded:
        table = self.content.programme
        self.programme = self.ensure(
            Programme, "programme", {"slug": self.slug}, name=table.name, is_demo=self.is_demo
        )
        self.load_parties()
        self.load_convention()
        self.load_territory()
        self.load_framework()
        for rank, committee in enumerate(self.content.committees):
            self.load_committee(rank, committee)
        return Loaded(
            self.programme, self.convention, objectives=self.objectives, created=self.created
        )

    def load_parties(self) -> None:
        for index, table in enumerate(self.content.parties):
            self.parties[table.slug] = self.ensure(
                Party,
                f"parties.{index}",
                {"programme": self.programme, "slug": table.slug},
                name=table.name,
                short_name=table.short_name,
                kind=table.kind,
                address=table.address,
            )
            self.agree(f"parties.{index}.kind", self.parties[table.slug].kind, table.kind)

    def load_convention(self) -> None:
        table = self.content.convention
        values = table.model_dump(exclude={"slug", "operator", "finances_by"})
        self.convention = self.ensure(
            Convention,
            "convention",
            {"programme": self.programme, "slug": table.slug},
            operator=self.parties[table.operator],
            finances_by=self.parties[table.finances_by] if table.finances_by else None,
            **values,
        )
        self._load_parties_to_it({"convention": self.convention})
        self._load_provisions({"convention": self.convention})
        self._load_contacts()
        keep_signed_text(self.convention)

    def _load_parties_to_it(self, of_convention: dict[str, Convention]) -> None:
        for index, signatory in enumerate(self.content.signatories):
            self.ensure(
                Signatory,
                f"signatories.{index}",
                of_convention | {"party": self.parties[signatory.party]},
                represented_by=signatory.represented_by,
                head_office=signatory.head_office,
                deliberation=signatory.deliberation,
                rank=index,
            )
        for index, line in enumerate(self.content.contributions):
            contribution = self.ensure(
                Contribution,
                f"contributions.{index}",
                of_convention
                | {"payer": self.parties[line.payer], "payee": self.parties[line.payee]},
                amount=line.amount,
                paid_on=line.paid_on,
            )
            self._load_instalments(index, contribution, line)

    def _load_instalments(
        self, index: int, contribution: Contribution, line: ContributionTable
    ) -> None:
        for rank, row in enumerate(line.instalments):
            self.ensure(
                Instalment,
                f"contributions.{index}.instalments.{rank}",
                {"contribution": contribution, "due_on": row.due_on},
                amount=row.amount,
                paid_on=row.paid_on,
            )

    def _load_provisions(self, of_convention: dict[str, Convention]) -> None:
        provisions = [
            (ProvisionKind.MEANS, self.parties[means.party], text)
            for means in self.content.means
            for text in means.texts
        ] + [(ProvisionKind.COMMITMENT, None, text) for text in self.content.commitments.texts]
        states = {
            (self.parties[means.party], row.text): row
            for means in self.content.means
            for row in means.states
        }
        for rank, (kind, party, text) in enumerate(provisions):
            self.ensure(
                Provision,
                f"{kind}.{rank}",
                of_convention | {"kind": kind, "text": text, "party": party},
                rank=rank,
                **_state(states.get((party, text)) if party else None),
            )

    def _load_contacts(self) -> None:
        for index, contact in enumerate(self.content.contacts):
            self.ensure(
                Contact,
                f"contacts.{index}",
                {
                    "party": self.parties[contact.party],
                    "function": contact.function,
                    "is_backup": contact.is_backup,
                    "ends": None,
                },
                email=contact.email,
                phone=contact.phone,
                starts=self.convention.starts,
            )

    def load_territory(self) -> None:
        for index, table in enumerate(self.content.places):
            self.places[table.slug] = self.ensure(
                Place,
                f"places.{index}",
                {"programme": self.programme, "slug": table.slug},
                parent=self.places.get(table.parent or ""),
                name=table.name,
                kind=table.kind,
                to_confirm=table.to_confirm,
            )
            parent = self.places[table.slug].parent
            self.agree(f"places.{index}.parent", parent.slug if parent else None, table.parent)
        declared = set()
        for index, perimeter_table in enumerate(self.content.perimeters):
            party = self.parties[perimeter_table.party]
            perimeter = self.ensure(
                Perimeter, f"perimeters.{index}", {"party": party}, name=perimeter_table.name
            )
            perimeter.places.set([self.places[slug] for slug in perimeter_table.places])
            perimeter.refresh_coverage(since=self.convention.starts)
            declared.add(perimeter.pk)
        # A renewal may add a place below those of a perimeter that the file does not repeat.
        others = Perimeter.objects.filter(party__programme=self.programme).exclude(pk__in=declared)
        for perimeter in others:
            perimeter.refresh_coverage(since=self.convention.starts)

    def load_framework(self) -> None:
        of_programme = {"programme": self.programme}
        for index, axis_table in enumerate(self.content.axes):
            axis = self.ensure(
                Axis,
                f"axes.{index}",
                of_programme | {"number": axis_table.number},
                name=axis_table.name,
            )
            for rank, table in enumerate(axis_table.objectives):
                self.objectives[f"{axis.number}.{table.number}"] = self.ensure(
                    Objective,
                    f"axes.{index}.objectives.{rank}",
                    {"axis": axis, "number": table.number},
                    text=table.text,
                )
        rank = 0
        for index, theme_table in enumerate(self.content.themes):
            for name in theme_table.names:
                self.ensure(
                    Theme,
                    f"themes.{index}",
                    of_programme | {"name": name},
                    group=theme_table.group,
                    rank=rank,
                    objective=self.objectives.get(theme_table.objective or ""),
                )
                rank += 1
        for rank, name in enumerate(self.content.audiences.names):
            self.ensure(Audience, f"audiences.{rank}", of_programme | {"name": name}, rank=rank)

    def load_committee(self, rank: int, table: CommitteeTable) -> None:
        committee = self.ensure(
            Committee,
            f"committees.{rank}",
            {"programme": self.programme, "slug": table.slug},
            name=table.name,
            kind=table.kind,
            frequency=table.frequency,
            purpose=table.purpose,
            rank=rank,
        )
        since = self.convention.starts
        kept = []
        for index, seat in enumerate(table.seats):
            kept.append(
                self.ensure(
                    Seat,
                    f"committees.{rank}.seats.{index}",
                    {
                        "committee": committee,
                        "label": seat.label,
                        "function": seat.function,
                        "party": self.parties[seat.party] if seat.party else None,
                        "ends": None,
                    },
                    on_agenda=seat.on_agenda,
                    rank=index,
                    starts=since,
                ).pk
            )
        if table.earlier_since:
            self._load_earlier_seats(rank, committee, table)
        left = Seat.objects.filter(committee=committee, ends=None, starts__lt=since)
        left.exclude(pk__in=kept).update(ends=since - timedelta(days=1))

    def _load_earlier_seats(self, rank: int, committee: Committee, table: CommitteeTable) -> None:
        """The list of before: found by its seats, so that a renewal's file may repeat it (R53, R60)."""
        for index, seat in enumerate(table.earlier):
            self.ensure(
                Seat,
                f"committees.{rank}.earlier.{index}",
                {
                    "committee": committee,
                    "label": seat.label,
                    "function": seat.function,
                    "party": self.parties[seat.party] if seat.party else None,
                    "starts": table.earlier_since,
                },
                on_agenda=seat.on_agenda,
                rank=index,
                ends=self.convention.starts - timedelta(days=1),
            )


def _state(table: StateTable | None) -> dict[str, object]:
    if table is None:
        return {}
    return {
        "state": ProvisionState(table.state),
        "state_since": table.since,
        "remark": table.remark,
    }
