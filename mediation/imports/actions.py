"""An import on its way, from the file to the activities: each step is saved, so that a process that
dies loses nothing but the step it was at. Keyword-only, `by=` the membership that acts."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Act, Membership, User, record
from governance.rights import Right
from mediation.frame.models import Frame

from .engine import Checked, Engine
from .fields import LEAVE_EMPTY, Columns, Vocabulary, fingerprint, workers
from .models import MOST_FAULTS, ActivityImport, ColumnMapping, ImportState
from .questions import Question, left_out, missing, questions
from .rows import BadRow, Fault
from .tables import MOST_BYTES, TOO_HEAVY, Table, Unreadable, inspect, open_table
from .texts import LABELS

CHUNK = 2500  # rows checked at a time: a second or two
WAITS = timedelta(days=30)  # a file that is not imported; then it goes when the next one comes
MOST_UNKNOWN = 300  # values of one field that are told apart
OTHERS = ""  # stands for the values beyond these
GONE = "Le fichier n’est plus sur le serveur : déposez-le de nouveau."
NO_ROOM = "Le fichier n’a pas pu être écrit sur le serveur : réessayez plus tard."
CHANGED = "Les listes ont changé depuis la vérification : le fichier est vérifié de nouveau."
CROSSED = "Un autre import enregistrait les mêmes lignes : rien n’est enregistré, recommencez."
UNSURE = "Dites d’abord comment lire les accents du fichier."
NOTHING_CHOSEN = "Associez au moins une valeur."


class MovedMeanwhile(Exception):
    """The import is not where the page showed it: somebody else, or another tab, moved it."""


@contextmanager
def engine_of(job: ActivityImport) -> Iterator[Engine]:
    """The import's file, open and ready to be read. Raises Unreadable."""
    try:
        opened = job.file.open("rb")
    except (FileNotFoundError, ValueError) as error:
        raise Unreadable(GONE) from error
    with opened as file:
        table = open_table(
            file, job.sheet, job.reading.get("header", 0), job.reading.get("encoding")
        )
        yield Engine(
            table=table,
            columns=job.columns,
            values=remembered(job.programme_id, table.headers).values,
            frame=Frame(job.programme_id),
            worker=job.worker,
            today=timezone.localdate(),
            answers=job.reading.get("answers", {}),
        )


def reading_of(table: Table) -> dict[str, object]:
    """How a file is read, before anything is asked."""
    return {
        "header": table.header_number,
        "encoding": table.encoding,
        "sure": table.sure,
        "hidden": table.hidden,
        "shows_all": table.shows_all,
    }


def asked(engine: Engine, columns: dict[str, str]) -> list[Question]:
    """What the file leaves open, were its columns these."""
    return questions(engine.table, columns, engine.today)


def remembered(programme_id: int, headers: list[str]) -> ColumnMapping:
    """What was matched before for files with these headers; an empty one that is not saved."""
    mark = fingerprint(headers)
    known = ColumnMapping.objects.filter(programme=programme_id, fingerprint=mark).first()
    return known or ColumnMapping(programme_id=programme_id, fingerprint=mark)


def proposed(programme_id: int, table: Table) -> dict[str, str]:
    """Field → header: as matched before for such a file, otherwise from the headers."""
    columns = Columns(Frame(programme_id))
    before: dict[str, str] = remembered(programme_id, table.headers).columns
    return (
        before
        if before and not columns.faults_of(before, table.headers)
        else columns.propose(table.headers)
    )


# Long: what is written and what is taken back when it fails stand side by side.
def receive_import(*, upload: Any, worker: User, by: Membership) -> ActivityImport:
    """Keeps a file that can be read as a table. The same file, not imported yet, is found again.

    Raises ValidationError.
    """
    _require(by)
    if upload.size > MOST_BYTES:
        raise ValidationError(TOO_HEAVY)
    if worker not in workers(by.programme_id):
        raise PermissionDenied
    try:
        table, rows = inspect(upload)
    except Unreadable as error:
        raise ValidationError(str(error)) from error
    digest = hashlib.sha256()
    for piece in upload.chunks():
        digest.update(piece)
    job = ActivityImport(
        programme_id=by.programme_id,
        author_id=by.user_id,
        worker=worker,
        filename=str(upload.name)[:160],
        checksum=digest.hexdigest(),
        sheet=table.sheet,
        columns=proposed(by.programme_id, table),
        rows=rows,
        reading=reading_of(table),
    )
    waiting = (
        ActivityImport.objects.of_programme(by.programme_id)
        .filter(checksum=job.checksum, worker=worker)
        .exclude(state=ImportState.DONE)
    )
    if (known := waiting.first()) is not None:
        return known
    forgotten = ActivityImport.objects.of_programme(by.programme_id).exclude(state=ImportState.DONE)
    forgotten.filter(started_at__lt=timezone.now() - WAITS).delete()
    try:
        with transaction.atomic():
            job.file.save(job.filename, upload, save=False)
            job.save()
    except BaseException as error:
        if job.file:
            job.file.storage.delete(str(job.file.name))
        if isinstance(error, OSError):
            raise ValidationError(NO_ROOM) from error
        raise
    return job


def choose_sheet(
    *,
    job: ActivityImport,
    sheet: str = "",
    header: int = 0,
    encoding: str | None = None,
    by: Membership,
) -> None:
    """Reads another sheet of a workbook, from another row, or in other letters.

    Without a `header` or an `encoding`, they are found. Raises ValidationError, MovedMeanwhile.
    """
    _require(by)
    if encoding is not None and encoding not in LABELS:
        raise ValidationError("Choisissez dans la liste.")
    try:
        with job.file.open("rb") as file:
            table, rows = inspect(file, sheet, header, encoding)
    except (Unreadable, FileNotFoundError) as error:
        raise ValidationError(str(error) if isinstance(error, Unreadable) else GONE) from error
    _move(
        job,
        sheet=table.sheet,
        rows=rows,
        columns=proposed(job.programme_id, table),
        reading=reading_of(table),
        **_from_the_start(ImportState.UPLOADED),
    )


def set_columns(
    *,
    job: ActivityImport,
    columns: dict[str, str],
    answers: dict[str, str] | None = None,
    by: Membership,
) -> None:
    """Says which column is what and how its values are read (question → code), remembers the
    columns for such files, and starts checking.

    Raises ValidationError with every fault or question without an answer, MovedMeanwhile.
    """
    _require(by)
    answers = answers or {}
    with _told(), engine_of(job) as engine:
        faults = Columns(engine.frame).faults_of(columns, engine.table.headers)
        if not job.reading.get("sure", True):
            faults.append(UNSURE)
        if not faults:
            faults = missing(asked(engine, columns), answers)
        mapping = remembered(job.programme_id, engine.table.headers)
        out = left_out(engine.table, columns)
    if faults:
        raise ValidationError(faults)
    reading = job.reading | {"answers": answers, "left_out": out}
    with transaction.atomic():
        _remember(mapping, columns=columns)
        _move(job, columns=columns, reading=reading, **_from_the_start(ImportState.CHECKING))


def match_values(*, job: ActivityImport, values: dict[str, dict[str, str]], by: Membership) -> None:
    """Says what unknown values stand for (field → text → name, or LEAVE_EMPTY), remembers it, and
    checks again from the start. Raises ValidationError, MovedMeanwhile."""
    _require(by)
    if not any(values.values()):
        raise ValidationError(NOTHING_CHOSEN)
    with _told(), engine_of(job) as engine:
        mapping = remembered(job.programme_id, engine.table.headers)
        fields, vocabulary = Columns(engine.frame).fields, Vocabulary(engine.frame, {})
        for field, texts in values.items():
            names = {name for name, _ in vocabulary.options(field)}
            if not (fields[field].required or fields[field].filled):
                names.add(LEAVE_EMPTY)
            if set(texts.values()) - names:
                raise ValidationError("Cette valeur n’existe plus : rechargez la page.")
    merged = {field: dict(texts) for field, texts in mapping.values.items()}
    for field, texts in values.items():
        merged[field] = merged.get(field, {}) | texts
    with transaction.atomic():
        _remember(mapping, columns=job.columns, values=merged)
        _move(job, **_from_the_start(ImportState.CHECKING))


def check_again(*, job: ActivityImport, by: Membership) -> None:
    """Checks from the first row, for lists that have changed. Raises MovedMeanwhile."""
    _require(by)
    if job.state == ImportState.UPLOADED:
        raise MovedMeanwhile  # its columns are not known yet
    _move(job, **_from_the_start(ImportState.CHECKING))


def advance(*, job: ActivityImport, by: Membership, most: int = CHUNK) -> None:
    """Checks the next rows; after the last of them, counts those that are there already.

    Raises ValidationError, MovedMeanwhile.
    """
    _require(by)
    if job.state != ImportState.CHECKING:
        return
    with _told(), engine_of(job) as engine:
        _refuse_columns(engine)
        if job.checked < job.rows:
            _move(job, **_added(job, engine.check(job.checked, most), most))
            return
        known = engine.count_known()
    _move(job, known=known, state=ImportState.CHECKED)


def _added(job: ActivityImport, piece: Checked, most: int) -> dict[str, object]:
    checked, bad = job.checked + piece.rows, job.bad_rows + piece.bad_rows
    over = checked >= job.rows or piece.rows < most
    return {
        "checked": checked,
        "rows": checked if over else job.rows,
        "bad_rows": bad,
        "faults": _first_faults(job.faults, piece.faults),
        "fault_count": job.fault_count + piece.fault_count,
        "unknown": _counted(job.unknown, piece.unknown),
        "to_review": job.to_review + piece.to_review,
        "state": ImportState.REFUSED if over and bad else ImportState.CHECKING,
    }


def _first_faults(kept: list[list[Any]], found: list[Fault]) -> list[list[Any]]:
    """The first ones, in the order of the rows; unknown values, which are counted beside, only
    where there is room."""
    faults = kept + [
        [fault.line, fault.column, fault.value, fault.expected, bool(fault.unknown)]
        for fault in found
    ]
    if len(faults) > MOST_FAULTS:
        # A stable sort: plain ones first, each kind in its order.
        faults = sorted(sorted(faults, key=lambda fault: fault[4])[:MOST_FAULTS])
    return faults


def _counted(
    kept: dict[str, dict[str, int]], found: dict[str, Counter[str]]
) -> dict[str, dict[str, int]]:
    """Rows by unknown value; those beyond the first `MOST_UNKNOWN` values under OTHERS."""
    counted = {field: dict(texts) for field, texts in kept.items()}
    for field, texts in found.items():
        counts = counted.setdefault(field, {})
        for text, rows in texts.items():
            name = text if text in counts or len(counts) < MOST_UNKNOWN else OTHERS
            counts[name] = counts.get(name, 0) + rows
    return counted


def write_import(*, job: ActivityImport, by: Membership) -> ActivityImport:
    """Saves every new row in one transaction, and forgets the file. A second press does nothing.

    Raises ValidationError where something changed since the file was checked: it is then checked
    again. Raises MovedMeanwhile.
    """
    _require(by)
    try:
        with transaction.atomic():
            locked = ActivityImport.objects.select_for_update().get(pk=job.pk)
            if locked.state == ImportState.DONE:
                return locked
            if locked.state != ImportState.CHECKED:
                raise MovedMeanwhile
            with _told(), engine_of(locked) as engine:
                _refuse_columns(engine)
                written = engine.write(by=by)
            locked.created, locked.known = written.created, written.known
            locked.state, locked.finished_at = ImportState.DONE, timezone.now()
            storage, name = locked.file.storage, str(locked.file.name)
            locked.file, locked.faults, locked.unknown = "", [], {}
            locked.version += 1
            locked.save()
            record(Act.IMPORT, locked, by=by, programme=locked.programme_id, fields=[written.said])
            transaction.on_commit(lambda: storage.delete(name), robust=True)
            return locked
    except BadRow as error:
        check_again(job=job, by=by)
        raise ValidationError(CHANGED) from error
    except IntegrityError as error:
        raise ValidationError(CROSSED) from error


def abandon_import(*, job: ActivityImport, by: Membership) -> None:
    """Forgets a file that was not imported. Raises MovedMeanwhile for one that was."""
    _require(by)
    with transaction.atomic():
        locked = ActivityImport.objects.select_for_update().filter(pk=job.pk).first()
        if locked is None:
            return
        if locked.state == ImportState.DONE:
            raise MovedMeanwhile
        locked.delete()


def _refuse_columns(engine: Engine) -> None:
    """A list may have changed since they were matched."""
    if engine.column_faults:
        raise ValidationError(engine.column_faults)


def _require(by: Membership) -> None:
    if not by.may(Right.IMPORT_ACTIVITIES):
        raise PermissionDenied


def _from_the_start(state: ImportState) -> dict[str, object]:
    return {
        "state": state,
        "checked": 0,
        "bad_rows": 0,
        "faults": [],
        "fault_count": 0,
        "unknown": {},
        "to_review": 0,
        "known": 0,
    }


def _move(job: ActivityImport, **values: object) -> None:
    """Saves a step, unless another was taken since the import was read."""
    rows = ActivityImport.objects.filter(pk=job.pk, version=job.version)
    if not rows.exclude(state=ImportState.DONE).update(version=job.version + 1, **values):
        raise MovedMeanwhile
    job.refresh_from_db()


def _remember(mapping: ColumnMapping, **values: object) -> None:
    ColumnMapping.objects.update_or_create(
        programme_id=mapping.programme_id, fingerprint=mapping.fingerprint, defaults=values
    )


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except Unreadable as error:
        raise ValidationError(str(error)) from error
