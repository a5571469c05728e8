from django.core.management.base import BaseCommand

from reporting.demo.programme import remove_demo


class Command(BaseCommand):
    help = "Removes the invented data whole: programme, records, accounts, history, journal."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write("removed" if remove_demo() else "nothing to remove")
