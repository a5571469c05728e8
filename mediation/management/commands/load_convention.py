"""`load_convention FILE`: a convention as data becomes rows (R1–R93 as far as data goes)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.conventions.schema import ConventionFileError, read
from mediation.frame.conventions import load


class Command(BaseCommand):
    help = (
        "Validates a convention file and loads it in one transaction; a second run changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="only say whether the file is valid"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = read(options["file"])
            if options["check"]:
                self.stdout.write("valid")
                return
            loaded = load(content)
        except ConventionFileError as error:
            raise CommandError(str(error)) from error
        if loaded.already_there:
            self.stdout.write(f"{loaded.convention}: already loaded, nothing changed")
            return
        made = ", ".join(f"{count} {name}" for name, count in sorted(loaded.created.items()))
        self.stdout.write(f"{loaded.convention}: {made}")
