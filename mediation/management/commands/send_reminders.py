"""`send_reminders`: the day's reminders, calls and proposals to the committee; see `followup`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.models import Programme
from humanicite.lib.dates import is_day_off
from mediation.followup.actions import follow_up


class Command(BaseCommand):
    help = (
        "Reminds recipients who gave no sign, makes the coordination's call list, proposes what "
        "stays silent to the committee. Run it once on working days; a second run does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what is due, do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if is_day_off(timezone.localtime(now).date()):
            self.stdout.write("Jour non ouvré : rien n’est envoyé.")
            return
        dry_run: bool = options["dry_run"]
        failed = 0
        for programme in Programme.objects.order_by("pk"):
            done = follow_up(programme=programme, now=now, dry_run=dry_run)
            for step, row in done.steps:
                self.stdout.write(f"{row.signalement.reference}  {step.label} : {row}")
            for action_step, action in done.actions:
                self.stdout.write(f"action  {action_step.label} : {action.party}, {action}")
            self.stdout.write(
                f"{programme} : {len(done.steps) + len(done.actions)} étape(s), {done.mails} courriel(s), "
                f"{done.put_off} remis au lendemain, {done.handed_over} repris par un successeur"
                f"{' (rien n’a été fait)' if dry_run else ''}"
            )
            failed += done.failed
        if failed:
            raise CommandError(f"{failed} people could not be followed up; see the log")
