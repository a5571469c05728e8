"""What is known of a mail that left, what is taken back, and a former address."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pypdf
import pytest
from django.db import connection, transaction
from post_office.models import STATUS, Email

from governance.models import Contact
from humanicite.lib.mail import sending as mail_sending
from mediation.followup.actions import send_again
from mediation.models import (
    Delivery,
    EventKind,
    Recipient,
    RecipientState,
    Reply,
)  # fmt: skip
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import move_signalement, reopen_signalement
from mediation.signalements.actions.succession import begin_again
from mediation.signalements.emails.deliveries import settle_deliveries
from mediation.signalements.emails.outbox import (
    queue_link,
    queue_reminders,
    queue_signalement,
    withdraw_mails,
)

from ....conftest import NOW
from ....world import TODAY, World
from .sent import kinds, later, recipient, send, workers

pytestmark = pytest.mark.django_db(transaction=True)


# --- What is known of it --------------------------------------------------------------------------


def test_what_was_handed_over_is_known_with_its_moment(world, smtp) -> None:
    signalement = send(world)
    row, delivery = recipient(signalement), Delivery.objects.get()
    assert (row.state, row.handed_at) == (RecipientState.REMIS, NOW)
    assert (delivery.handed_at, delivery.attempts, delivery.error) == (NOW, 1, "")
    assert delivery.message_id == smtp.read()["Message-ID"]
    assert kinds(signalement) == [EventKind.SENT, EventKind.HANDED]


def test_what_is_rolled_back_was_never_mailed(world, smtp) -> None:
    with transaction.atomic():
        send(world)
        transaction.set_rollback(True)
    assert not smtp.messages
    assert not Email.objects.exists()


def test_a_few_mails_leave_with_the_request_and_the_rest_by_the_worker(
    world, smtp, settings
) -> None:
    settings.MAILS_WITHIN_A_REQUEST = 4
    send(world, 6)
    assert len(smtp.messages) == 4
    assert mail_sending.send_due() == 2
    assert max(smtp.accepted().values()) == 1
    assert len(smtp.messages) == 6


def test_a_code_to_sign_in_goes_before_a_heap_of_signalements(world, smtp, settings) -> None:
    from django.core.mail import send_mail

    settings.MAILS_WITHIN_A_REQUEST = 0
    send(world, 2)
    send_mail("Votre code", "1234", None, ["quelqu-un@example.org"])
    mail_sending.send_due()
    assert smtp.messages[0].rcpt_tos == ["quelqu-un@example.org"]


def test_an_answer_that_came_first_stays(world, smtp) -> None:
    smtp.refuse = True
    signalement = send(world)
    answer_signalement(recipient=recipient(signalement), reply=Reply.RECU, now=NOW)
    smtp.refuse = False
    Email.objects.update(scheduled_time=None)
    mail_sending.send_due()
    row = recipient(signalement)
    assert (row.state, row.handed_at) == (RecipientState.ACCUSE, NOW)


# --- What is taken back ---------------------------------------------------------------------------


def test_a_mail_that_waits_is_withdrawn_and_never_leaves(world, smtp, clock) -> None:
    smtp.refuse = True
    signalement = send(world, 2)
    gone, other = recipient(signalement), recipient(signalement, 1)
    assert withdraw_mails([gone], now=NOW, why="signalement annulé") == 1
    assert withdraw_mails([gone], now=NOW, why="signalement annulé") == 0
    smtp.refuse = False
    later(clock, hours=1)
    mail_sending.send_due()
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [[other.email]]
    delivery = gone.deliveries.get()
    assert (delivery.failed_at, delivery.error) == (NOW, "Retiré\u00a0: signalement annulé")
    assert delivery.email.status == STATUS.failed
    assert settle_deliveries() == 0
    assert not signalement.events.filter(kind=EventKind.FAILED).exists()


def test_what_arrived_is_not_withdrawn(world, smtp) -> None:
    row = recipient(send(world))
    assert withdraw_mails([row], now=NOW, why="signalement annulé") == 0
    assert row.deliveries.get().failed_at is None


def test_a_mail_of_several_signalements_is_withdrawn_with_the_last_of_them(world, smtp) -> None:
    rows = [recipient(send(world, title=f"Banc {number}")) for number in range(2)]
    smtp.refuse = True
    with transaction.atomic():
        queue_reminders(rows, to=rows[0].email, copies=[], now=NOW)
    assert withdraw_mails(rows[:1], now=NOW, why="signalement annulé") == 0
    assert withdraw_mails(rows, now=NOW, why="signalement annulé") == 1


@pytest.mark.parametrize("accepts", [True, False])
def test_of_a_mail_withdrawn_while_it_is_sent_the_server_s_word_is_noted(
    world, smtp, clock, accepts
) -> None:
    """The tries go on in this process: the server's answer comes after the withdrawal."""

    def withdraw(envelope: Any) -> None:
        row = Recipient.objects.get()
        assert withdraw_mails([row], now=NOW, why="signalement annulé") == 1
        connection.close()
        smtp.refuse = not accepts

    smtp.before_accepting = withdraw
    signalement = send(world)
    delivery = Delivery.objects.get()
    assert (delivery.handed_at is not None, delivery.failed_at is not None) == (
        accepts, not accepts,
    )  # fmt: skip
    smtp.before_accepting, smtp.refuse = None, False
    later(clock, hours=1)
    mail_sending.send_due()
    assert len(smtp.messages) == accepts
    assert recipient(signalement).state == (
        RecipientState.REMIS if accepts else RecipientState.EN_FILE
    )


def test_a_withdrawal_does_not_wait_for_who_notes_a_try(world, smtp, settings) -> None:
    """Who notes has the mail's row and waits for the signalement's, which the withdrawal holds."""
    if connection.vendor != "postgresql":
        pytest.skip("the other database has one writer at a time")
    settings.MAILS_WITHIN_A_REQUEST = 0
    row = recipient(send(world))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Recipient.objects.held(row.pk)
            sending = pool.submit(workers, 1)
            while not smtp.messages:
                time.sleep(0.02)
            time.sleep(0.5)
            assert withdraw_mails([row], now=NOW, why="signalement annulé") == 0
        sending.result(timeout=30)
    assert Email.objects.get().status == STATUS.sent
    assert recipient(row.signalement).state == RecipientState.REMIS


# --- A former address -----------------------------------------------------------------------------


def corrected(world: World, smtp: Any) -> tuple[Recipient, Email]:
    """A mail to a mistyped address that is put off, then one more to the right one."""
    contact = world.contact()
    smtp.greylisted.add(contact.email)
    signalement = send(world, is_confidential=True)
    old = Email.objects.get()
    row = recipient(signalement)
    Contact.objects.filter(pk=contact.pk).update(email="juste@example.org")
    begin_again(row, Contact.objects.get(pk=contact.pk))
    return row, old


@pytest.mark.parametrize("accepts", [True, False])
def test_what_becomes_of_a_mail_to_a_former_address_is_not_the_new_one_s(
    world, smtp, clock, accepts
) -> None:
    row, old = corrected(world, smtp)
    former = old.to[0]
    if not accepts:
        smtp.refused[former] = "550 5.1.1 no such user"
        with transaction.atomic():
            queue_signalement(row, now=NOW)
    later(clock, hours=1)
    mail_sending.send_due()
    row = Recipient.objects.get(pk=row.pk)
    assert row.contact.bounced_on is None
    if accepts:
        assert (row.state, row.handed_at) == (RecipientState.EN_FILE, None)
        event = row.signalement.events.get(kind=EventKind.HANDED)
        assert event.is_internal, "the team knows where it went"
        assert former in event.title
    else:
        assert row.state == RecipientState.REMIS
        assert not row.signalement.events.filter(kind=EventKind.FAILED).exists()


def test_sending_again_takes_the_former_mail_back(world, smtp, clock) -> None:
    contact = world.contact()
    smtp.greylisted.add(contact.email)
    send(world, is_confidential=True)
    Contact.objects.filter(pk=contact.pk).update(email="juste@example.org")
    contact.refresh_from_db()
    assert send_again(contact=contact, by=world.reader("coordination"), now=NOW) == 1
    later(clock, hours=1)
    mail_sending.send_due()
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [["juste@example.org"]]


def test_a_mail_that_a_server_took_proves_no_mailbox(world, smtp) -> None:
    """A relay takes all of them: the flag stays until somebody, or that address itself, says so."""
    Contact.objects.filter(pk=world.contact().pk).update(bounced_on=TODAY)
    signalement = send(world)
    assert len(smtp.messages) == 1
    assert signalement.recipients.get().state == RecipientState.REMIS
    assert world.contact().bounced_on == TODAY


def test_another_link_of_a_signalement_that_is_over_asks_for_nothing(world, smtp) -> None:
    signalement = world.sent(state="verifie", closed_on=TODAY)
    queue_link(signalement.recipients.get(), now=NOW)
    mail_sending.send_due()
    message = smtp.read()
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content().replace("\xa0", " ")
        assert "pour relire ce signalement, clos depuis le 18 mars 2026 : résolu (vérifié)" in text
        assert "choix=" not in text
        assert "au plus tard" not in text
        assert "Pas de mon ressort" not in text
    assert "au plus tard" not in smtp.subject()


def test_reopened_it_is_waited_for_until_another_day_and_its_file_says_so(world, smtp) -> None:
    signalement = send(world)
    by = world.reader("mediateur")
    before = signalement.due_on
    signalement.refresh_from_db()
    for to in ("non_resolu", "rouvrir"):
        signalement.refresh_from_db()
        common = {"signalement": signalement, "by": by, "read_version": signalement.version}
        if to == "rouvrir":
            reopen_signalement(now=NOW + timedelta(days=21), **common)
        else:
            move_signalement(to=to, reason="Sans suite", now=NOW + timedelta(days=1), **common)
    signalement.refresh_from_db()
    assert signalement.due_on == date(2026, 4, 22) > before
    mail_sending.send_due()
    closed, again = smtp.read(-2), smtp.read(-1)
    assert not list(closed.iter_attachments())
    text = again.get_body(("plain",)).get_content().replace("\xa0", " ")
    assert "est rouvert : ce n’est pas réglé. Merci" in text
    assert "constaté de nouveau" not in text
    assert "au plus tard le : mercredi 22 avril 2026" in text
    [file] = again.iter_attachments()
    page = pypdf.PdfReader(io.BytesIO(file.get_content())).pages[0].extract_text()
    assert "22 avril 2026" in page.replace("\xa0", " ")
