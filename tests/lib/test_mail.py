"""Sending, against a real server that is slow, and a database that is not there for a moment."""

import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import OperationalError
from post_office.models import STATUS, Email, Log

from governance.access.actions import grant_access
from governance.rights import Role
from humanicite.lib.mail import outbox, sending, verdicts

from ..conftest import NOW
from ..world import TODAY, World


def queued(to: str = "voirie@example.org") -> Email:
    mail = outbox.Mail(
        to=to, subject="Essai", text="Bonjour", html="<p>Bonjour</p>",
        message_id="<essai@example.org>", headers={},
    )  # fmt: skip
    return outbox.queue([mail])[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("within_a_request", [True, False])
def test_a_server_that_takes_its_time_is_sent_a_mail_once(
    smtp: Any, settings: Any, within_a_request: bool
) -> None:
    """RFC 5321, 4.5.3.2.6: it may need minutes after it has the mail, and has it by then."""
    settings.EMAIL_TIMEOUT = 0.4
    settings.MAILS_WITHIN_A_REQUEST = int(within_a_request)
    taken: list[Any] = []

    def slowly(envelope: Any) -> None:
        taken.append(envelope)
        time.sleep(1.0)

    smtp.before_accepting = slowly
    queued()
    sending.send_due()
    assert Email.objects.get().status == STATUS.sent
    sending.send_due()
    assert len(taken) == 1


@pytest.mark.django_db(transaction=True)
def test_a_server_too_slow_for_a_request_is_left_to_the_worker(
    smtp: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one mail that showed it may arrive twice; those after it do not."""
    settings.EMAIL_TIMEOUT, settings.MAILS_WITHIN_A_REQUEST = 0.3, 1
    monkeypatch.setattr(outbox, "PATIENCE_IN_A_REQUEST", 0.5)
    taken: list[str] = []

    def slowly(envelope: Any) -> None:
        taken.append(envelope.rcpt_tos[0])
        time.sleep(0.8)

    smtp.before_accepting = slowly
    queued("premier@example.org")
    assert outbox._down_until > time.monotonic() + outbox.DOWN_FOR
    queued("second@example.org")
    assert taken == ["premier@example.org"]
    Email.objects.update(scheduled_time=None)
    sending.send_due()
    assert sorted(taken) == ["premier@example.org", "premier@example.org", "second@example.org"]
    assert set(Email.objects.values_list("status", flat=True)) == {STATUS.sent}


@pytest.mark.django_db(transaction=True)
def test_a_server_that_was_slow_and_took_the_mail_is_left_to_the_worker_too(
    smtp: Any, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT, settings.MAILS_WITHIN_A_REQUEST = 0.2, 1
    smtp.before_accepting = lambda envelope: time.sleep(0.5)
    queued()
    queued()
    assert len(smtp.messages) == 1


def test_a_mail_belongs_to_who_sends_it_for_as_long_as_that_may_take() -> None:
    """The mail on its way, the answer, and what comes before."""
    assert sending.LEASE.total_seconds() > 2 * sending.PATIENCE + 60


@pytest.mark.django_db(transaction=True)
def test_a_server_that_never_asks_for_the_mail_is_left_soon(smtp: Any, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    settings.MAILS_WITHIN_A_REQUEST = 1
    smtp.down()
    import socket

    with socket.socket() as mute:
        mute.bind(("127.0.0.1", smtp.port))
        mute.listen()
        started = time.monotonic()
        queued()
        assert time.monotonic() - started < 5
    assert Email.objects.get().status == STATUS.requeued


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("faults", [2, 99])
def test_what_became_of_a_mail_is_noted_once_the_database_is_back(
    smtp: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, faults: int
) -> None:
    """And who waits for the page is not told of it."""
    settings.MAILS_WITHIN_A_REQUEST = 1
    monkeypatch.setattr(sending, "NOTE_AGAIN", (0.0, 0.0, 0.0))
    noted, left = sending._note, [faults]

    def locked(*args: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise OperationalError("database is locked")
        noted(*args)

    monkeypatch.setattr(sending, "_note", locked)
    queued()
    assert len(smtp.messages) == 1
    expected = STATUS.sent if faults < 4 else STATUS.queued
    assert Email.objects.get().status == expected


@pytest.mark.parametrize(
    "to", ["", "a@example.org,b@example.org", '"a,b@example.org,c"@example.org']
)
@pytest.mark.django_db
def test_a_mail_goes_to_one_address(to: str) -> None:
    with pytest.raises(ValueError, match="not one address"):
        queued(to)
    assert not Email.objects.exists()


def test_nobody_is_designated_or_invited_by_a_quoted_address(world: World) -> None:
    quoted = '"a,victime@example.org,b"@example.org'
    contact = world.contact()
    contact.email = quoted
    with pytest.raises(ValidationError, match="une seule adresse"):
        contact.full_clean()
    with pytest.raises(ValidationError, match="une seule adresse"):
        grant_access(
            email=quoted, function="Maire", party=contact.party, role=Role.PARTENAIRE,
            starts=TODAY, by=world.reader("coordination"),
        )  # fmt: skip


@pytest.mark.django_db
def test_what_others_send_goes_to_one_address_as_well(smtp: Any) -> None:
    with pytest.raises(ValueError, match="not one address"):
        send_mail("Code", "1234", None, ['"a,victime@example.org,b"@example.org'])
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("said", "unknown"),
    [
        ("550 5.1.1 no such user", True), ("550 5.7.1 refused", False), ("550 5.2.2 full", False),
        ("550 User unknown", True), ("550 Adresse inconnue ou boîte inconnue", True),
        ("550 blocked: your IP is listed by a blocklist", False), ("550 denied", False),
        ("550 sender address does not exist", False), ("550 mailbox unavailable", True),
        ("550 <client@example.org>: Recipient address rejected: User unknown", True),
        ("550 mailbox unavailable, see our spam policy", False), ("550 5.1.8 bad sender", False),
    ],
)  # fmt: skip
def test_only_an_address_that_does_not_exist_is_said_not_to(said: str, unknown: bool) -> None:
    import smtplib

    error = smtplib.SMTPRecipientsRefused({"x@example.org": (550, said[4:].encode())})
    code, text = verdicts._answer(error)
    assert verdicts._says_unknown(error, code, text) is unknown


@pytest.mark.django_db
def test_who_comes_back_after_its_lease_notes_nothing_on_another_s_mail(
    clock: Any, settings: Any
) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 0
    queued()
    first = Email.objects.get()
    assert sending._claim(first)
    clock(NOW + sending.LEASE)
    second = Email.objects.get()
    assert sending._claim(second)
    sending._settle(first, None)
    mail = Email.objects.get()
    assert (mail.status, mail.number_of_retries) == (STATUS.queued, None)
    assert not Log.objects.exists()
    sending._settle(second, None)
    mail.refresh_from_db()
    assert (mail.status, mail.number_of_retries) == (STATUS.sent, 1)
    assert Log.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "unknown"),
    [(550, True), (551, True), (553, True), (552, False), (554, False), (450, False)],
)
def test_only_some_refusals_may_say_that_an_address_does_not_exist(
    code: int, unknown: bool
) -> None:
    import smtplib

    error = smtplib.SMTPRecipientsRefused({"x@example.org": (code, b"User unknown")})
    assert verdicts._says_unknown(error, *verdicts._answer(error)) is unknown
