"""A server that is down or says no, several workers at once, and one that dies."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as django_settings
from django.db import connection
from post_office.models import STATUS, Email, Log

from governance.models import Contact
from humanicite.lib.mail import sending as mail_sending
from humanicite.lib.mail import verdicts
from mediation.models import (
    Delivery,
    EventKind,
    Recipient,
    RecipientState,
)  # fmt: skip
from mediation.signalements.emails import deliveries
from mediation.signalements.emails.deliveries import settle_deliveries

from ....conftest import NOW
from ....world import TODAY, make_world
from .sent import MINUTE, SIGNALEMENTS, later, recipient, send, workers

pytestmark = pytest.mark.django_db(transaction=True)


# --- Faults ---------------------------------------------------------------------------------------


def test_a_server_down_for_an_hour_costs_a_delay_and_nothing_else(world, smtp, clock) -> None:
    smtp.down()
    signalement = send(world, 2)
    states = set(signalement.recipients.values_list("state", flat=True))
    assert states == {RecipientState.EN_FILE}
    for minutes in range(5, 65, 5):
        later(clock, minutes=minutes)
        assert mail_sending.send_due() == 0
    smtp.up()
    for minutes in range(65, 130, 5):
        later(clock, minutes=minutes)
        mail_sending.send_due()
    assert sorted(smtp.accepted().values()) == [1, 1]
    assert set(signalement.recipients.values_list("state", flat=True)) == {RecipientState.REMIS}
    ids = {key[1] for key in smtp.accepted()}
    assert ids == set(Delivery.objects.values_list("message_id", flat=True))
    for delivery in Delivery.objects.all():
        assert delivery.attempts == delivery.email.logs.count() > 1


def test_waits_grow_between_tries_and_end_after_two_days(world, smtp, clock) -> None:
    smtp.refuse = True
    signalement = send(world)
    waits, at = [], NOW
    while (email := Email.objects.get()).status in verdicts.WAITING:
        waits.append(round((email.scheduled_time - at) / MINUTE))
        at = email.scheduled_time
        clock(at)
        mail_sending.send_due()
    assert waits[:6] == [5, 15, 30, 60, 120, 240]
    assert timedelta(days=2) <= at - NOW < timedelta(days=2, hours=6)
    assert email.status == STATUS.failed
    assert recipient(signalement).state == RecipientState.ECHEC
    assert Delivery.objects.get().failed_at == at
    assert Log.objects.count() == len(waits) + 1
    assert Contact.objects.filter(bounced_on__isnull=False).count() == 0  # it may well exist


def test_an_unknown_address_is_said_once_and_flagged(world, smtp, clock) -> None:
    row = world.contact()
    smtp.refused[row.email] = "550 5.1.1 no such user"
    signalement = send(world, 2)
    later(clock, hours=30)
    mail_sending.send_due()
    assert smtp.tries == 2
    gone, other = recipient(signalement), recipient(signalement, 1)
    assert (gone.state, gone.handed_at) == (RecipientState.ECHEC, None)
    assert other.state == RecipientState.REMIS
    delivery = gone.deliveries.get()
    assert (delivery.failed_at, delivery.attempts) == (NOW, 1)
    assert "no such user" in delivery.error
    row.refresh_from_db()
    assert row.bounced_on == TODAY
    (event,) = signalement.events.filter(kind=EventKind.FAILED)
    assert (event.recipient, event.is_internal) == (gone, True)


@pytest.mark.parametrize(
    ("fault", "answer", "state", "flagged"),
    [
        ("rcpt", "550 mailbox unavailable", "echec", True),
        ("rcpt", "550 5.7.1 relaying denied", "echec", False),
        ("rcpt", "552 5.2.2 mailbox full", "echec", False),
        ("rcpt", "450 4.2.1 busy", "file", False),
        ("data", "554 5.7.1 looks like spam", "echec", False),
        ("data", "550 5.1.1 no such user", "echec", True),
        ("data", "452 4.3.1 disk full", "file", False),
    ],
)
def test_what_a_server_says_is_told_apart(world, smtp, fault, answer, state, flagged) -> None:
    if fault == "rcpt":
        smtp.refused[world.contact().email] = answer
    else:
        smtp.answer_to_data = answer
    signalement = send(world)
    assert recipient(signalement).state == state
    assert Contact.objects.filter(bounced_on=TODAY).exists() is flagged


def test_greylisting_is_a_delay(world, smtp, clock) -> None:
    smtp.greylisted.add(world.contact().email)
    signalement = send(world)
    assert recipient(signalement).state == RecipientState.EN_FILE
    later(clock, minutes=4)
    assert mail_sending.send_due() == 0
    later(clock, minutes=5)
    assert mail_sending.send_due() == 1
    assert recipient(signalement).state == RecipientState.REMIS
    assert Delivery.objects.get().attempts == 2
    assert list(smtp.accepted().values()) == [1]


def test_a_lost_attachment_does_not_hold_up_the_others(world, smtp, settings) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 0
    send(world)
    send(world, title="Banc")
    Email.objects.order_by("pk")[0].attachments.get().file.delete(save=False)
    mail_sending.send_due()
    assert "banc" in smtp.subject()
    assert len(smtp.messages) == 1


def test_a_timeline_that_cannot_be_written_makes_no_second_mail(
    world, smtp, clock, monkeypatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_handed", broken)
        signalement = send(world)
    assert recipient(signalement).state == RecipientState.EN_FILE
    later(clock, hours=1)
    assert mail_sending.send_due() == 0
    assert settle_deliveries() == 1
    assert settle_deliveries() == 0
    assert (recipient(signalement).state, recipient(signalement).handed_at) == (
        RecipientState.REMIS,
        NOW,
    )
    assert len(smtp.messages) == 1


def test_a_server_that_does_not_answer_is_asked_once_in_a_request(world, smtp) -> None:
    smtp.down()
    send(world, 4)
    assert sorted(Email.objects.values_list("number_of_retries", flat=True), key=str) == [
        1, None, None, None,
    ]  # fmt: skip


# --- Several at once, and one that dies -----------------------------------------------------------


def test_workers_at_once_never_take_the_same_mail(world, smtp, settings) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 0
    for _ in range(6):
        send(world, 3)
    smtp.before_accepting = lambda envelope: time.sleep(0.005)
    workers(4)
    assert len(smtp.messages) == 18
    assert set(smtp.accepted().values()) == {1}
    assert set(Recipient.objects.values_list("state", flat=True)) == {RecipientState.REMIS}
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def environment(smtp: Any) -> dict[str, str]:
    """What a worker of its own process needs to find the test's database and server."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        database = f"sqlite:///{told['NAME']}"
    else:
        who = f"{quote(told['USER'])}:{quote(told['PASSWORD'])}"
        at = f"{quote(told['HOST'], safe='')}:{told['PORT']}"
        database = f"postgres://{who}@{at}/{told['NAME']}"
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "humanicite.settings", "DATABASE_URL": database,
        "DATABASE_POOL": "0", "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "MEDIA_ROOT": str(django_settings.MEDIA_ROOT), "HUMANICITE_DEMO": "1",
    }  # fmt: skip


def worker(smtp: Any, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "send_queued_mail", *options]
    return subprocess.Popen(
        command, env=environment(smtp), stdout=subprocess.DEVNULL, cwd=django_settings.BASE_DIR
    )


@pytest.mark.parametrize("accepts", [True, False], ids=["after the mail was taken", "before"])
def test_of_a_killed_worker_only_the_mail_in_flight_may_come_twice(
    world, smtp, clock, settings, accepts
) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 0
    for _ in range(2):
        send(world, 3)
    in_flight: list[str] = []

    def kill(envelope: Any) -> None:
        if len(smtp.messages) == 2 and not in_flight:
            in_flight.append(envelope.rcpt_tos[0])
            if accepts:
                smtp.messages.append(envelope)
            process.send_signal(signal.SIGKILL)
            process.wait()
            raise ConnectionAbortedError

    smtp.before_accepting = kill
    process = worker(smtp)
    assert process.wait(timeout=60) == -signal.SIGKILL
    now = datetime.now(NOW.tzinfo)
    clock(now + mail_sending.LEASE / 2)
    mail_sending.send_due()
    assert len(smtp.messages) == 5 + accepts, "the mail in flight belongs to the dead one still"
    clock(now + mail_sending.LEASE + MINUTE)
    mail_sending.send_due()
    times = smtp.accepted()
    assert len(times) == 6
    twice = [address for (address, _), count in times.items() if count == 2]
    assert twice == (in_flight if accepts else [])
    assert set(Recipient.objects.values_list("state", flat=True)) == {RecipientState.REMIS}
    assert Counter(
        Recipient.objects.filter(events__kind=EventKind.HANDED).values_list("pk", flat=True)
    ) == Counter(Recipient.objects.values_list("pk", flat=True))


def test_a_worker_told_to_stop_ends_the_mail_in_hand(world, smtp, settings) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 0
    send(world, 3)

    def stop(envelope: Any) -> None:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.1)

    smtp.before_accepting = stop
    process = worker(smtp, "--forever", "--every", "60")
    assert process.wait(timeout=60) == 0
    assert len(smtp.messages) == 1
    states = Recipient.objects.values_list("state", flat=True)
    assert sorted(states) == [RecipientState.EN_FILE, RecipientState.EN_FILE, RecipientState.REMIS]


def test_every_mail_of_many_signalements_is_accepted_exactly_once_by_a_server_that_fails_at_random(
    transactional_db, smtp, clock, settings
) -> None:
    """SIGNALEMENTS × 3 recipients; three tries in ten fail, in four ways; two workers."""
    settings.MAILS_WITHIN_A_REQUEST = 0
    world = make_world()
    rng = random.Random(72)
    started = time.monotonic()
    for number in range(SIGNALEMENTS):
        send(world, 3, place=rng.choice(["hall-a", "ilot-a"]), title=f"Lampe {number}")
    queued = time.monotonic()
    smtp.chance = 0.1
    rounds = 0
    while Email.objects.filter(status__in=verdicts.WAITING).exists():
        workers(2)
        rounds += 1
        later(clock, minutes=5 * rounds)
        assert rounds < 600
    times = smtp.accepted()
    assert len(times) == 3 * SIGNALEMENTS
    assert set(times.values()) == {1}
    ids = {message_id for _, message_id in times}
    assert ids == set(Delivery.objects.values_list("message_id", flat=True))
    assert Recipient.objects.filter(state=RecipientState.REMIS).count() == 3 * SIGNALEMENTS
    assert not Delivery.objects.filter(handed_at=None).exists()
    assert sum(smtp.failures.values()) > SIGNALEMENTS / 3
    assert len(smtp.failures) == 4
    assert Log.objects.count() == sum(Delivery.objects.values_list("attempts", flat=True))
    done = time.monotonic()
    sys.stderr.write(
        f"\n{3 * SIGNALEMENTS} mails, {smtp.tries} tries, {dict(smtp.failures)}, {rounds} rounds; queued "
        f"in {queued - started:.0f} s, sent in {done - queued:.0f} s\n"
    )
