"""Sends what is queued; takes the place of post_office's command, which claims no mail."""

import logging
import signal
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from humanicite.lib.mail.sending import send_due
from mediation.signalements.emails.deliveries import settle_deliveries

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Sends the mails that are due, each once, and notes what the server said. Several may run "
        "at once. With --forever it goes on until SIGTERM, and ends the mail in hand first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true", help="a worker rather than a round")
        parser.add_argument(
            "--every", type=float, default=10.0, help="seconds between a worker's rounds (10)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        if not options["forever"]:
            self._round(stop)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.is_set():
            try:
                self._round(stop)
            except DatabaseError:
                # The database is away: the worker outlives that, as the site does.
                log.exception("the database did not answer")
                connection.close()
            close_old_connections()
            stop.wait(options["every"])

    def _round(self, stop: Event) -> None:
        if count := send_due(stop.is_set):
            self.stdout.write(f"{count} mails settled")
        if count := settle_deliveries():
            self.stdout.write(f"{count} deliveries mended")
