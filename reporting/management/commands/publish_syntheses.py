"""`publish_syntheses`: all that was validated, of one period or of all, drawn in parallel processes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.models import Q
from django.utils import timezone

from reporting.models import MonthlySynthesis, SynthesisKind, SynthesisState
from reporting.periods import Period
from reporting.syntheses.batch import WAITING, drawers, publish_all


class Command(BaseCommand):
    help = (
        "Publishes the syntheses and bilans of a period that somebody validated, in the name of who "
        "did; what fails is told and the others go on. A second run makes what lacks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "month", nargs="?", help="2026-11, 2026-S1 or 2026; the last month unless told"
        )
        parser.add_argument("--every-period", action="store_true", help="whatever the period")
        parser.add_argument("--programme", type=int, help="of one programme alone, by its key")
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = self._wanted(options)
        if options["processes"] > 1 and not connection.in_atomic_block:
            connections.close_all()
        failed = 0
        with drawers(options["processes"]) as draw:
            rows = MonthlySynthesis.objects.filter(wanted).exclude(state=SynthesisState.DRAFT)
            rows = rows.select_related(
                "programme", "validated_by__party__programme", "validated_by__user"
            ).order_by("month", "kind", "pk")
            for number, (row, outcome) in enumerate(publish_all(rows, draw), 1):
                if isinstance(outcome, str):
                    said, faults = outcome, 1
                else:
                    told = "; ".join(f"{where}: {reason}" for where, reason in outcome.failed)
                    faults = len(outcome.failed)
                    said = f"{len(outcome.published)} published, {faults} failed"
                    said = f"{said} ({told})" if told else said
                self.stdout.write(
                    f"[{number}/{len(rows)}] {row.programme}, {row.period.slug}: {said}"
                )
                failed += faults
        if failed:
            raise CommandError(f"{failed} edition(s) could not be published; run it again")

    def _wanted(self, options: dict[str, Any]) -> Q:
        wanted = Q(programme=options["programme"]) if options["programme"] else Q()
        if options["every_period"]:
            return wanted & WAITING
        last = Period.holding("mois", timezone.localdate()).previous
        try:
            period = Period.parse(options["month"]) if options["month"] else last
        except ValueError as error:
            raise CommandError(f"{options['month']} is no month") from error
        if period.kind not in SynthesisKind.values:
            raise CommandError(f"{options['month']} is no month, half-year or year")
        return wanted & Q(kind=period.kind, month=period.first)
