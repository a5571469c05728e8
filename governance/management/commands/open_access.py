"""The first account of an installation: nobody is there yet to invite it."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.access.accounts import password_path
from governance.access.actions import grant_access
from governance.parties.models import Party
from governance.rights import Role


class Command(BaseCommand):
    help = "Opens an access and prints the link at which the person sets a password."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--function", required=True, help="a function, never a name")
        parser.add_argument("--party", required=True, help="the party's slug")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--programme", help="its slug, where there are several")

    def handle(self, *args: Any, **options: Any) -> None:
        parties = Party.objects.filter(slug=options["party"]).select_related("programme")
        if options["programme"]:
            parties = parties.filter(programme__slug=options["programme"])
        found = list(parties[:2])
        if len(found) != 1:
            known = ", ".join(
                f"{slug} ({programme})"
                for slug, programme in Party.objects.values_list("slug", "programme__slug")
            )
            raise CommandError(f"name one party of one programme; known: {known or 'none'}")
        try:
            access = grant_access(
                email=options["email"],
                function=options["function"],
                party=found[0],
                role=options["role"],
                starts=timezone.localdate(),
                by=None,
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from error
        self.stdout.write(f"{access}: set the password at {password_path(access.user)}")
