"""`prepare_synthesis`: people met are settled, each month's draft begins by itself, and a reminder says
what it still lacks."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance.models import Programme
from reporting.figures.people import settle
from reporting.syntheses.timer import prepare_last_month


class Command(BaseCommand):
    help = (
        "Settles what is told of people met, begins the synthesis of the month that is over, and tells "
        "the coordination what lacks on the fifth working day. Run it once a day; a second run does "
        "nothing."
    )

    def handle(self, *args: object, **options: object) -> None:
        now = timezone.now()
        for programme in Programme.objects.order_by("pk"):
            for month in settle(programme=programme, today=timezone.localdate(now)):
                self.stdout.write(f"{programme}: people met in {month.slug} are settled")
            done = prepare_last_month(programme=programme, now=now)
            if done is None:
                self.stdout.write(f"{programme}: nothing was recorded in the month that is over")
                continue
            began = "begun" if done.is_new else "there"
            self.stdout.write(
                f"{programme}: {done.synthesis.period.slug} is {began}, {done.mails} reminder(s)"
            )
