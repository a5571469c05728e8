"""`import_activities FILE`: past records from a CSV or XLSX file, all or none (R36)."""

import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import Act, Programme, User, record
from humanicite.lib.mail.addresses import same
from mediation.frame.models import Frame
from mediation.imports.actions import proposed, remembered
from mediation.imports.engine import Engine
from mediation.imports.fields import read_mapping, workers
from mediation.imports.questions import missing, questions
from mediation.imports.rows import BadRow, Fault
from mediation.imports.tables import Table, Unreadable, inspect
from mediation.imports.texts import LABELS


class Command(BaseCommand):
    help = (
        "Checks a file of past activities whole, then saves every row of it or none. Faults are "
        "told on standard error, and the exit code is 1. A second run saves nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--worker", required=True, help="address of whose records these are")
        parser.add_argument("--programme", help="slug; needed when there are several")
        parser.add_argument("--sheet", default="", help="of a workbook; the first with a table")
        parser.add_argument("--header", type=int, default=0, help="number of the row of headers")
        parser.add_argument("--encoding", choices=sorted(LABELS), help="of a file; found otherwise")
        parser.add_argument(
            "--mapping",
            type=Path,
            help='JSON: {"columns": {field: header}, "values": {field: {text: name}}, "answers": '
            "{question: code}}; otherwise what was matched on the page for such a file, or what the "
            "headers say",
        )
        parser.add_argument("--dry-run", action="store_true", help="check, and save nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        programme = self._programme(options["programme"])
        worker = self._worker(programme, options["worker"])
        try:
            with options["file"].open("rb") as file:
                table, _ = inspect(file, options["sheet"], options["header"], options["encoding"])
                if not table.sure:
                    raise CommandError("the letters of this file may be several: give --encoding")
                engine = self._engine(programme, worker, table, options["mapping"])
                if engine.column_faults:
                    raise CommandError("\n".join(engine.column_faults))
                self._ask(engine)
                self._run(engine, programme, dry=options["dry_run"])
        except Unreadable as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error

    def _run(self, engine: Engine, programme: Programme, *, dry: bool) -> None:
        checked = engine.check(tell=self._tell)
        if checked.bad_rows:
            raise CommandError(
                f"{checked.rows} rows, {checked.bad_rows} with faults: nothing was saved"
            )
        if dry:
            known = engine.count_known()
            self.stdout.write(
                f"{checked.rows} rows without fault: {checked.rows - known} to save, {known} there "
                "already; nothing was saved"
            )
            return
        try:
            with transaction.atomic():
                written = engine.write(by=None)
                record(
                    Act.IMPORT, programme, by=None, programme=programme.pk, fields=[written.said]
                )
        except (BadRow, ValidationError, IntegrityError) as error:
            raise CommandError("the lists changed meanwhile: nothing was saved") from error
        self.stdout.write(f"{written.created} saved, {written.known} there already")

    def _ask(self, engine: Engine) -> None:
        open_ones = questions(engine.table, engine.columns, engine.today)
        if missing(open_ones, engine.answers):
            told = [
                f'{one.header}: {one.text} "answers": {one.key} → '
                + "; ".join(f"{code} ({label})" for code, label in one.options)
                for one in open_ones
            ]
            raise CommandError("\n".join(told))

    def _tell(self, faults: list[Fault]) -> None:
        for fault in faults:
            where = f"ligne {fault.line} · {fault.column or '—'} · {fault.value or '(vide)'}"
            self.stderr.write(f"{where} : attendu {fault.expected}")

    def _engine(
        self, programme: Programme, worker: User, table: Table, mapping: Path | None
    ) -> Engine:
        columns, values = None, remembered(programme.pk, table.headers).values
        answers: dict[str, str] = {}
        if mapping:
            try:
                columns, values, answers = read_mapping(json.loads(mapping.read_text("utf-8")))
            except (ValueError, Unreadable) as error:
                raise CommandError(f"{mapping}: {error}") from error
        return Engine(
            table=table,
            columns=proposed(programme.pk, table) if columns is None else columns,
            values=values,
            frame=Frame(programme.pk),
            worker=worker,
            today=timezone.localdate(),
            answers=answers,
        )

    def _programme(self, slug: str | None) -> Programme:
        rows = Programme.objects.all()
        found = list(rows.filter(slug=slug) if slug else rows[:2])
        if len(found) != 1:
            raise CommandError(
                f"no programme {slug}" if slug else "say which programme: --programme SLUG"
            )
        return found[0]

    def _worker(self, programme: Programme, address: str) -> User:
        found = (user for user in workers(programme.pk) if same(user.email, address))
        worker = next(found, None)
        if worker is None:
            raise CommandError(f"{address} has no access of the operator's in {programme}")
        return worker
