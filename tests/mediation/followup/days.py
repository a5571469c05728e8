"""A signalement handed over on a Monday, and the days after it."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from governance.models import Contact
from mediation.followup.actions import follow_up
from mediation.models import (
    Recipient,
)

from ...world import World

PARIS = ZoneInfo("Europe/Paris")
HANDED = date(2026, 3, 16)  # a Monday; no public holiday before Easter Monday, 6 April


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)


def handed(world: World, **values: Any) -> Recipient:
    """A recipient whose mail was handed over on Monday 16 March at nine."""
    signalement = world.sent(**values)
    recipient = signalement.recipients.get()
    recipient.handed_at = at(HANDED, 9)
    recipient.save()
    return recipient


def backup(world: World, party: str = "town-a") -> Contact:
    return Contact.objects.create(
        party=world.parties[party], function="Suppléance", email="suppleant@example.org",
        is_backup=True, starts=date(2024, 1, 1),
    )  # fmt: skip


def run(world: World, day: date, **options: Any) -> list[tuple[str, int]]:
    done = follow_up(programme=world.programme, now=at(day), **options)
    return [(str(step), row.pk) for step, row in done.steps]


def course(world: World, days: int, first: date = HANDED) -> dict[str, list[str]]:
    """Runs every morning for some days: day → the steps taken."""
    found = {}
    for n in range(days):
        day = first + timedelta(days=n)
        if steps := [step for step, _ in run(world, day)]:
            found[day.isoformat()] = steps
    return found
