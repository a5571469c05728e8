"""Signalements on their way, and the clock that goes on."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from governance.models import Contact
from humanicite.lib.mail import sending as mail_sending
from mediation.models import (
    Recipient,
    Signalement,
)  # fmt: skip
from mediation.signalements.actions.sending import send_signalement

from ....conftest import LONG, NOW
from ....world import World

MINUTE = timedelta(minutes=1)
SIGNALEMENTS = 1000 if LONG else 30


def contacts(world: World, count: int = 1) -> list[Contact]:
    """Of town A, the first one and as many more."""
    first = world.contact()
    others = [
        Contact.objects.get_or_create(
            party=first.party, function=f"Service {number}", email=f"service-{number}@example.org",
            starts=date(2024, 1, 1),
        )[0]
        for number in range(1, count)
    ]  # fmt: skip
    return [first, *others]


def send(world: World, count: int = 1, **values: Any) -> Signalement:
    signalement = world.signalement(**values)
    signalement.chosen.set(contacts(world, count))
    return send_signalement(
        signalement=signalement, read_version=1, by=world.reader("mediateur"), now=NOW
    )


def later(clock: Callable[[datetime], None], **delta: float) -> None:
    clock(NOW + timedelta(**delta))


def recipient(signalement: Signalement, number: int = 0) -> Recipient:
    return signalement.recipients.order_by("pk")[number]


def kinds(signalement: Signalement) -> list[str]:
    return list(signalement.events.order_by("at", "pk").values_list("kind", flat=True))


def workers(count: int) -> None:
    def one(_: int) -> None:
        try:
            mail_sending.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))
