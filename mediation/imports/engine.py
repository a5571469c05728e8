"""A whole file: checked piece by piece, then written at once. Rows are never all in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from uuid import UUID

from django.db import transaction

from governance.models import Membership, User
from mediation.activities import actions
from mediation.activities.models import Activity, Review
from mediation.frame.models import Frame

from .fields import Columns, Vocabulary
from .rows import BadRow, Fault, Reader, uid_of
from .tables import Row, Table

BATCH = 500  # rows written at a time
REASON = "Import"  # what the history of each activity says


@dataclass
class Checked:
    """What a piece of the file came to. `unknown`: field → value → how many rows have it."""

    rows: int = 0
    bad_rows: int = 0
    fault_count: int = 0
    to_review: int = 0
    faults: list[Fault] = field(default_factory=list)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    created: int
    known: int

    @property
    def said(self) -> str:
        """For the journal."""
        return f"importées : {self.created}, déjà là : {self.known}"


@dataclass
class Engine:
    """One file, one matching of its columns and values, one médiateur whose records they are."""

    table: Table
    columns: dict[str, str]
    values: dict[str, dict[str, str]]
    frame: Frame
    worker: User
    today: date
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def column_faults(self) -> list[str]:
        return Columns(self.frame).faults_of(self.columns, self.table.headers)

    def check(
        self,
        skip: int = 0,
        most: int | None = None,
        tell: Callable[[list[Fault]], None] | None = None,
    ) -> Checked:
        """A dry run over `most` rows after the first `skip`, or over all; nothing is written.

        Faults are told as they are found, or else gathered.
        """
        reader, done = self._reader(), Checked()
        tell = tell or done.faults.extend
        for row, known in self._told_apart(islice(self.table.rows(skip), most)):
            done.rows += 1
            if known:
                continue
            try:
                draft = reader.read(row)
            except BadRow as bad:
                done.bad_rows += 1
                done.fault_count += len(bad.faults)
                tell(bad.faults)
                for fault in bad.faults:
                    if fault.unknown:
                        done.unknown.setdefault(fault.unknown, Counter())[fault.text] += 1
            else:
                done.to_review += draft.activity.review == Review.PENDING
        return done

    def faults(self) -> Iterator[Fault]:
        """Every fault of the file, one after the other."""
        reader = self._reader()
        for row, known in self._told_apart(self.table.rows()):
            try:
                if not known:
                    reader.read(row)
            except BadRow as bad:
                yield from bad.faults

    def count_known(self) -> int:
        """How many rows are there already: imported before, this file's or another's, or with the
        identity of an activity. Raises BadRow."""
        return sum(carried + len(_known(batch)) for batch, carried in self._batches())

    @transaction.atomic
    def write(self, *, by: Membership | None) -> Written:
        """Saves the rows that are new, all or none. Raises BadRow, ValidationError, IntegrityError."""
        created = known = 0
        for batch, carried in self._batches():
            there = _known(batch)
            drafts = [draft for draft in batch if draft.activity.uid not in there]
            known += carried + len(there)
            created += len(drafts)
            if drafts:
                actions.log_activities(
                    drafts=drafts, by=by, frame=self.frame, reason=REASON, journalled=False
                )
        return Written(created, known)

    def _batches(self) -> Iterator[tuple[list[actions.Draft], int]]:
        """The new rows of each piece of the file, and how many of its rows have an identity."""
        reader, rows = self._reader(), self._told_apart(self.table.rows())
        while piece := list(islice(rows, BATCH)):
            drafts = [reader.read(row, identify=True) for row, known in piece if not known]
            yield drafts, len(piece) - len(drafts)

    def _told_apart(self, rows: Iterator[Row]) -> Iterator[tuple[Row, bool]]:
        """Rows, and whether each carries the identity of an activity of the programme: an export
        that comes back. Nothing else of such a row is read."""
        if "uid" not in self.columns:
            yield from ((row, False) for row in rows)
            return
        at = self.table.headers.index(self.columns["uid"])
        while piece := list(islice(rows, BATCH)):
            uids: list[UUID | None] = [uid_of(row.cells[at]) for row in piece]
            ours = Activity.objects.filter(programme=self.frame.programme_id)
            there = set(ours.filter(uid__in=filter(None, uids)).values_list("uid", flat=True))
            yield from ((row, uid in there) for row, uid in zip(piece, uids, strict=True))

    def _reader(self) -> Reader:
        return Reader(
            headers=self.table.headers,
            columns=self.columns,
            vocabulary=Vocabulary(self.frame, self.values),
            frame=self.frame,
            worker=self.worker,
            today=self.today,
            answers=self.answers,
            late=bool(self.table.late),
        )


def _known(batch: Iterable[actions.Draft]) -> set:
    uids = [draft.activity.uid for draft in batch]
    return set(Activity.objects.filter(uid__in=uids).values_list("uid", flat=True))
