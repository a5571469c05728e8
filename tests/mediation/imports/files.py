"""Files to import, made and handed in."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from mediation.imports import actions
from mediation.models import (
    ActivityImport,
    ImportState,
)

from ...world import World

HEADERS = ["Date", "Type", "Lieu", "Durée", "Début", "Thématiques", "Objectif", "Suite", "Origine",
           "Note interne", "Résumé", "Publics : Habitants essai"]  # fmt: skip
GOOD = ["10/03/2026", "PAP", "Lieu hall-a essai", "1h30", "14h30", "Éclairage essai", "1.1",
        "Résolu", "Habitant", "Une note", "Un résumé", "12"]  # fmt: skip


def row(**values: Any) -> list[Any]:
    """A good row, but for what is given by header (its first word)."""
    names = {header.split()[0].lower(): number for number, header in enumerate(HEADERS)}
    made: list[Any] = list(GOOD)
    for name, value in values.items():
        made[names[name]] = value
    return made


def a_csv(
    rows: Iterable[list[Any]], headers: list[str] = HEADERS, sep: str = ";", encoding: str = "utf-8"
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sep)
    writer.writerows([headers, *rows])
    return text.getvalue().encode(encoding)


def an_xlsx(rows: Iterable[list[Any]], headers: list[str] = HEADERS, title: str = "Suivi") -> bytes:
    book = Workbook()
    book.active.title = title
    for line in [headers, *rows]:
        book.active.append(line)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(content: bytes, name: str = "suivi.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def receive(
    world: World, content: bytes, name: str = "suivi.csv", **options: Any
) -> ActivityImport:
    given = {"worker": world.user("mediateur"), "by": world.reader("coordination")}
    return actions.receive_import(upload=upload(content, name), **(given | options))


def check(world: World, job: ActivityImport, **options: Any) -> ActivityImport:
    """From the columns to the end of checking."""
    by = world.reader("coordination")
    if job.state == ImportState.UPLOADED:
        actions.set_columns(job=job, columns=job.columns, by=by)
    while job.state == ImportState.CHECKING:
        actions.advance(job=job, by=by, **options)
    return job


def imported(world: World, content: bytes, name: str = "suivi.csv") -> ActivityImport:
    job = check(world, receive(world, content, name))
    assert job.state == ImportState.CHECKED, job.faults
    return actions.write_import(job=job, by=world.reader("coordination"))


def refused(world: World, content: bytes, name: str = "suivi.csv") -> str:
    with pytest.raises(ValidationError) as error:
        receive(world, content, name)
    return error.value.messages[0]


def faults(world: World, *rows: list[Any]) -> list[list[Any]]:
    job = check(world, receive(world, a_csv(rows)))
    assert job.state == ImportState.REFUSED
    return job.faults
