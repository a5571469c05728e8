"""`publish_syntheses`: all validated syntheses of a month, a programme a process."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone

from reporting.models import MonthlySynthesis, SynthesisState
from reporting.periods import Period
from reporting.syntheses import actions


class Command(BaseCommand):
    help = (
        "Publishes the syntheses of a month that somebody validated, in the name of who did; what "
        "fails is told and the others go on. A second run makes what lacks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", nargs="?", help="2026-11; the month that is over unless told")
        parser.add_argument("--processes", type=int, default=2)

    def handle(self, *args: Any, **options: Any) -> None:
        last = Period.holding("mois", timezone.localdate()).previous
        try:
            month = Period.parse(options["month"]) if options["month"] else last
        except ValueError as error:
            raise CommandError(f"{options['month']} is no month") from error
        if month.kind != "mois":
            raise CommandError(f"{options['month']} is no month")
        rows = MonthlySynthesis.objects.filter(month=month.first).exclude(
            state=SynthesisState.DRAFT
        )
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        failed = 0
        for number, (said, faults) in enumerate(_each(keys, options["processes"]), 1):
            self.stdout.write(f"[{number}/{len(keys)}] {said}")
            failed += faults
        if failed:
            raise CommandError(f"{failed} edition(s) could not be published; run it again")


def _each(keys: list[int], processes: int) -> Any:
    if processes < 2 or len(keys) < 2:
        yield from map(publish_one, keys)
        return
    connections.close_all()  # a connection is no one's but its process's
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        yield from pool.map(publish_one, keys)


def publish_one(key: int) -> tuple[str, int]:
    """What became of one synthesis, in words, and how many of its editions failed."""
    row = MonthlySynthesis.objects.select_related(
        "programme", "validated_by__party__programme", "validated_by__user"
    ).get(pk=key)
    if row.validated_by is None:
        return f"{row.programme}: who validated it is gone", 1
    try:
        outcome = actions.publish(synthesis=row, by=row.validated_by, now=timezone.now())
    except ValidationError as error:
        return f"{row.programme}: {' '.join(error.messages)}", 1
    told = "; ".join(f"{perimeter}: {reason}" for perimeter, reason in outcome.failed)
    said = f"{row.programme}: {len(outcome.published)} published, {len(outcome.failed)} failed"
    return f"{said} ({told})" if told else said, len(outcome.failed)
