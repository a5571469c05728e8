from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.utils import timezone

from mediation.models import Activity
from reporting.demo.programme import ACCOUNTS, PASSWORD, DemoRefused, load_demo
from reporting.syntheses.batch import drawers

PUBLISHED_MONTHS = 3  # of invented syntheses; each takes some seconds to draw
DRAWERS = 2  # processes that draw them


class Command(BaseCommand):
    help = "Loads invented data and six accounts; a second run changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scale", type=int, default=1, help="multiplies the activities")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scale"] < 1:
            raise CommandError("--scale must be 1 or more")
        is_alone = connection.in_atomic_block  # as in a test: nothing is forked
        if not is_alone:
            connections.close_all()
        try:
            with drawers(1 if is_alone else DRAWERS) as draw:
                programme = load_demo(
                    timezone.localdate(),
                    scale=options["scale"],
                    published=PUBLISHED_MONTHS,
                    draw=draw,
                )
        except DemoRefused as error:
            raise CommandError(str(error)) from error
        count = Activity.objects.of_programme(programme.pk).count()
        self.stdout.write(f"{programme}: {count} activities. Accounts (password {PASSWORD}):")
        for email, function, _, role in ACCOUNTS:
            self.stdout.write(f"  {email:<26} {role.label}, {function}")
