"""`check_figures`: counts the figures anew, row by row, and says what differs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from governance.models import Perimeter
from reporting.figures.activities import report
from reporting.figures.recount import differences
from reporting.figures.signalements import evening_of, signalement_figures
from reporting.periods import Period


class Command(BaseCommand):
    help = (
        "Counts the figures of every perimeter anew, row by row, and says which differ from what "
        "pages show. It reads only; its exit code is 1 where something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", help="its identifier; all of them without it")
        parser.add_argument(
            "--period", help="2026, 2026-T1 or 2026-03; the running month, quarter and year without"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        periods = self._periods(options["period"], today)
        checked = differing = 0
        for perimeter in self._perimeters(options["programme"]):
            for period in periods:
                # Both counts read the same rows, whatever is saved meanwhile.
                with one_moment():
                    shown = report(perimeter, period, until=today)
                    past = evening_of(period, today)
                    signalements = signalement_figures(perimeter, period, today, past)
                    found = differences(shown, signalements, today)
                checked += 1
                differing += bool(found)
                for one in found:
                    self.stdout.write(
                        f"{perimeter.party.programme.slug}, {perimeter}, {period.slug} : {one.name}, "
                        f"affiché {one.shown}, compté {one.counted}"
                    )
        if not checked:
            raise CommandError("Aucun périmètre : vérifiez l’identifiant du dispositif.")
        if differing:
            raise CommandError(f"{differing} sur {checked} diffèrent de leurs lignes.")
        self.stdout.write(f"{checked} vérifiés, aucun écart.")

    @staticmethod
    def _periods(asked: str | None, today: date) -> list[Period]:
        if asked is None:
            return [Period.holding(kind, today) for kind in ("mois", "trimestre", "annee")]
        try:
            return [Period.parse(asked)]
        except ValueError as error:
            raise CommandError("Période inconnue : 2026, 2026-T1 ou 2026-03.") from error

    @staticmethod
    def _perimeters(programme: str | None) -> Iterator[Perimeter]:
        rows = Perimeter.objects.select_related("party__programme").order_by("pk")
        if programme:
            rows = rows.filter(party__programme__slug=programme)
        return rows.iterator()


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction whose statements all see the same rows; SQLite's do anyway."""
    begins = connection.vendor == "postgresql" and not connection.in_atomic_block
    with transaction.atomic():
        if begins:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield
