"""The mails that remind: one a person and day, once."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from post_office.models import Email

from governance.models import Contact, JournalEntry
from mediation.followup.actions import follow_up
from mediation.models import (
    Recipient,
    Reminder,
    SignalementEvent,
)

from ...world import World, make_world
from .days import HANDED, at, backup, course, handed, run


def test_one_mail_a_person_and_day_whatever_waits(world: World) -> None:
    for _ in range(3):
        handed(world)
    handed(world, to="town-b")
    day = date(2026, 3, 19)
    assert len(run(world, day)) == 4
    sent = sorted(mail.to[0] for mail in Email.objects.all())
    assert sent == ["contact-town-a-essai@example.org", "contact-town-b-essai@example.org"]
    # One more that falls due the same day waits for the next.
    late = handed(world)
    assert not run(world, day)
    assert run(world, date(2026, 3, 20)) == [("relance", late.pk)]


def test_a_second_run_and_a_dry_run_change_nothing(
    world: World, clock: Callable[..., None]
) -> None:
    handed(world)
    clock(at(date(2026, 3, 19)))

    def tried(*options: str) -> tuple[str, int, int, int, int]:
        out = io.StringIO()
        call_command("send_reminders", *options, stdout=out)
        counts = (Reminder, Email, SignalementEvent, JournalEntry)
        return out.getvalue(), *(model.objects.count() for model in counts)

    said, *counts = tried("--dry-run")
    assert "2026-1  Relance : Interlocuteur town-a" in said.replace("\u00a0", " ")
    assert counts == [0, 0, 0, 0]
    assert tried()[1:] == (1, 1, 1, 1)
    assert tried()[1:] == (1, 1, 1, 1)


def test_the_back_up_is_in_copy_of_the_second_reminder_only(world: World) -> None:
    backup(world)
    handed(world)
    course(world, 10)
    sent = [mail.to[0] for mail in Email.objects.order_by("pk")]
    main = "contact-town-a-essai@example.org"
    assert sent == [main, main, "suppleant@example.org"]


def test_who_is_in_copy_has_one_mail_a_day_too(world: World) -> None:
    backup(world)
    other = Contact.objects.create(
        party=world.parties["town-a"], function="Voirie", email="voirie@example.org",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    handed(world)
    second = handed(world)
    Recipient.objects.filter(pk=second.pk).update(contact=other, email=other.email)
    days: dict[str, list[str]] = {}
    for n in range(12):
        day = HANDED + timedelta(days=n)
        before = set(Email.objects.values_list("pk", flat=True))
        run(world, day)
        sent = [mail.to[0] for mail in Email.objects.exclude(pk__in=before)]
        assert len(sent) == len(set(sent)), f"somebody had two mails on {day}"
        days[day.isoformat()] = sorted(sent)
    copied = [day for day, sent in days.items() if "suppleant@example.org" in sent]
    assert copied == ["2026-03-25", "2026-03-26"]


def test_a_fault_in_one_mail_leaves_the_others_and_itself_for_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediation.followup import actions

    recipient, other = handed(world), handed(world, to="town-b")
    real = actions.queue_reminders

    def broken(recipients: Any, **kwargs: Any) -> Any:
        if recipients[0].pk == recipient.pk:
            raise RuntimeError("no template")
        return real(recipients, **kwargs)

    monkeypatch.setattr(actions, "queue_reminders", broken)
    done = follow_up(programme=world.programme, now=at(date(2026, 3, 19)))
    assert [(row.pk, done.failed) for _, row in done.steps] == [(other.pk, 1)]
    assert [row.recipient for row in Reminder.objects.all()] == [other]
    assert not recipient.signalement.events.exists()
    monkeypatch.setattr(actions, "queue_reminders", real)
    assert run(world, date(2026, 3, 19)) == [("relance", recipient.pk)]


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_are_one(clock: Any) -> None:
    world = make_world()
    backup(world)
    for n in range(6):
        handed(world, to=("town-a", "town-b")[n % 2])
    start = Barrier(4)

    def one(_: int) -> int:
        try:
            start.wait()
            return len(run(world, date(2026, 3, 25)))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 6
    assert Reminder.objects.count() == 6
    assert Email.objects.count() == 2
    assert SignalementEvent.objects.filter(kind="reminded").count() == 6


def test_another_programme_is_another_run(world: World, elsewhere: World) -> None:
    handed(world)
    theirs = handed(elsewhere)
    assert len(run(world, date(2026, 3, 19))) == 1
    assert not theirs.reminders.exists()
