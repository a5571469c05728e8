"""Signalements by mail, against a real server: what arrives, what fails, what is known of it."""

import io
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import page as pdf_checker
import pypdf
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from post_office.models import STATUS, Email, Log

from governance.models import Contact
from humanicite.lib.mail import sending as mail_sending
from humanicite.lib.mail import verdicts
from humanicite.lib.pdf import PdfUnavailable
from mediation.followup.actions import send_again
from mediation.models import (
    Delivery,
    EventKind,
    Recipient,
    RecipientState,
    Reply,
    Signalement,
    SignalementPhoto,
)  # fmt: skip
from mediation.signalements import links
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import move_signalement, reopen_signalement
from mediation.signalements.actions.sending import send_signalement
from mediation.signalements.actions.succession import begin_again
from mediation.signalements.emails import deliveries, pdf
from mediation.signalements.emails.deliveries import settle_deliveries
from mediation.signalements.emails.outbox import (
    queue_link,
    queue_reminders,
    queue_signalement,
    withdraw_mails,
)
from mediation.signalements.emails.pdf import signalement_pdf
from mediation.signalements.links import recipient_of, recipient_of_address, reply_address

from ..conftest import LONG, NOW
from ..world import TODAY, World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

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


# --- What arrives ---------------------------------------------------------------------------------


def test_a_signalement_arrives_as_text_html_and_pdf_with_three_links(world, smtp, settings) -> None:
    settings.SITE_URL = "https://mediation.example.org"
    signalement = send(
        world, title="Éclairage éteint", where="Allée nord", since="lundi soir",
        description="Trois lampes sur quatre.", expected="Remplacer les lampes",
    )  # fmt: skip
    message = smtp.read()
    assert smtp.subject() == (
        "Signalement 2026-1 : éclairage éteint, allée nord (réponse au plus tard le 1er avril)"
    )
    assert message["To"] == recipient(signalement).email
    assert message["Cc"] is message["Bcc"] is None
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for said in ("Lieu hall-a", "Allée nord", "lundi soir", "Trois lampes", "Remplacer les lampes",
                 "mercredi 1er\u00a0avril 2026", "Interlocuteur town-a"):  # fmt: skip
        assert said in text
        assert said in html
    for choice in ("recu", "charge", "autre"):
        assert text.count(f"/?choix={choice}") == html.count(f"/?choix={choice}") == 1
    link = text[text.index("https://mediation.example.org/repondre/") :].split("/?")[0]
    assert recipient_of(link.rsplit("/", 1)[1], TODAY) == (recipient(signalement), True)
    (file,) = message.iter_attachments()
    assert file.get_filename() == "signalement-2026-1.pdf"
    assert file.get_content().startswith(b"%PDF")


def test_it_says_that_a_program_wrote_it(world, smtp) -> None:
    send(world)
    message = smtp.read()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "<signalements.essai.example.org>"
    assert "OOF" in message["X-Auto-Response-Suppress"]
    assert "NDR" not in message["X-Auto-Response-Suppress"]


def test_it_names_no_other_addressee_no_author_and_no_note(world, smtp) -> None:
    activity = world.activity(internal_note="chez les voisins du deuxième")
    send(world, 3, activity=activity)
    assert len(smtp.messages) == 3
    addresses = {envelope.rcpt_tos[0] for envelope in smtp.messages}
    for envelope in smtp.messages:
        whole = str(smtp.read(smtp.messages.index(envelope)))
        (own,) = envelope.rcpt_tos
        assert not [other for other in addresses - {own} if other in whole]
        assert world.user("mediateur").email not in whole
        assert "deuxième" not in whole
    (content,) = {  # one file for all
        next(smtp.read(n).iter_attachments()).get_content() for n in range(3)
    }
    paper = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert not [known for known in (*addresses, "deuxième") if known in paper]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title": "VMC arrêtée"}, ": VMC arrêtée, Lieu hall-a"),
        ({"title": "Banc cassé.", "where": "Capinghem, arrêt de bus"}, ": banc cassé, Capinghem"),
        ({"urgency": "immediate"}, "(urgent, réponse le 18 mars)"),
        ({"due_on": date(2027, 1, 4)}, "(réponse au plus tard le 4 janvier 2027)"),
    ],
)
def test_the_subject_is_french_whatever_the_words(world, smtp, values, said) -> None:
    send(world, **values)
    assert said in smtp.subject()


def test_a_template_within_a_text_is_text(world, smtp) -> None:
    send(world, title="Affiche {% load x %} {{ settings.SECRET_KEY }} {# #} & <b>")
    message = smtp.read()
    assert "{% load x %} {{ settings.SECRET_KEY }} {# #} & <b>" in smtp.subject()
    assert "&amp; &lt;b&gt;" in message.get_body(("html",)).get_content()


def test_the_service_phone_stands_where_the_operator_gave_one(world, smtp) -> None:
    Contact.objects.create(
        party=world.parties["operator"], function="Médiateur", phone="03 00 00 00 00",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    send(world)
    assert "téléphone de service\u00a0: 03 00 00 00 00" in str(
        smtp.read().get_body(("plain",)).get_content()
    )


def test_mails_of_one_signalement_are_one_thread(world, smtp) -> None:
    signalement = send(world)
    first = smtp.read()
    with transaction.atomic():
        queue_link(recipient(signalement), now=NOW)
    second = smtp.read()
    assert second["In-Reply-To"] == first["Message-ID"]
    root = first["References"]
    assert second["References"].split() == [root, first["Message-ID"]]
    assert second["Message-ID"] != first["Message-ID"]
    assert smtp.subject().startswith("Nouveau lien, signalement 2026-1 : ")
    assert kinds(signalement) == [EventKind.SENT, EventKind.HANDED, EventKind.HANDED]


def test_a_reminder_of_several_signalements_is_one_mail_and_its_copy_another(world, smtp) -> None:
    rows = [recipient(send(world, title=f"Banc {number}")) for number in range(3)]
    smtp.messages.clear()
    with transaction.atomic():
        queue_reminders(rows, to=rows[0].email, copies=["suppleant@example.org"], now=NOW)
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [
        [rows[0].email], ["suppleant@example.org"],
    ]  # fmt: skip
    text = smtp.read(0).get_body(("plain",)).get_content()
    assert [f"Banc {number}" in text for number in range(3)] == [True] * 3
    assert text.count("choix=recu") == 3
    assert "suppleant@" not in str(smtp.read(0))
    reminders = Delivery.objects.filter(kind="reminder")
    told = list(reminders.order_by("pk").values_list("recipient", flat=True))
    assert told == [row.pk for row in rows] * 2, "the copy's as well"
    assert len(set(reminders.values_list("message_id", flat=True))) == 2
    assert not reminders.filter(handed_at=None).exists()


def test_a_reply_goes_to_a_signed_address_that_says_whose_it_is(world, smtp, settings) -> None:
    settings.REPLY_ADDRESS = "reponses@example.org"
    one, other = recipient(send(world)), recipient(send(world))
    address = smtp.read(0)["Reply-To"]
    assert address == reply_address(one)
    assert recipient_of_address(address.upper()) == one
    assert recipient_of_address(f"Service <{links.reply_address(other)}>") == other
    key, _, signature = address.partition("+")[2].partition("@")[0].partition("-")
    for forged in (
        f"reponses+{other.pk}-{signature}@example.org", f"reponses+{key}-{'0' * 20}@example.org",
        f"reponses+{key}-{signature}@127.0.0.1", "reponses@example.org", "", "reponses+@example.org",
        f"autres+{key}-{signature}@example.org", f"reponses+{'9' * 18}-{signature}@example.org",
    ):  # fmt: skip
        assert recipient_of_address(forged) is None
    settings.REPLY_ADDRESS = ""
    assert recipient_of_address(address) is None


# --- The signalement on paper ---------------------------------------------------------------------------


def test_the_pdf_is_one_archivable_accessible_page_with_its_photos(world) -> None:
    signalement = world.sent(
        title="Éclairage éteint", description="Trois lampes sur quatre.\n" * 8,
        expected="Remplacer les lampes", since="lundi soir",
    )  # fmt: skip
    picture = world.photo(world.activity()).file.read()
    for _ in range(3):
        photo = SignalementPhoto(signalement=signalement, width=64, height=48)
        photo.file.save("", ContentFile(picture))
    SignalementPhoto.objects.update(created_at=signalement.sent_at - timedelta(minutes=5))
    content = signalement_pdf(signalement)
    for profile in (
        pdf_checker.ValidationProfile.PDF_A_3A, pdf_checker.ValidationProfile.PDF_UA_1
    ):  # fmt: skip
        found = pdf_checker.validate_pdf_bytes(content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert len(reader.pages) == 1
    assert len(reader.pages[0].images) == 3
    SignalementPhoto.objects.filter(pk=photo.pk).update(
        created_at=signalement.sent_at + timedelta(days=1)
    )
    later = pypdf.PdfReader(io.BytesIO(signalement_pdf(signalement)))
    assert len(later.pages[0].images) == 2, "as it was sent"
    assert reader.trailer["/Root"]["/Lang"] == "fr"
    text = reader.pages[0].extract_text().replace("\u00a0", " ")
    assert "Remplacer les lampes" in text
    assert world.user("mediateur").email not in text


def test_a_signalement_leaves_without_its_pdf_where_nothing_draws_it(
    world, smtp, monkeypatch
) -> None:
    def missing(*args: Any, **kwargs: Any) -> bytes:
        raise PdfUnavailable("Pango")

    monkeypatch.setattr(pdf, "render", missing)
    send(world)
    message = smtp.read()
    assert not list(message.iter_attachments())
    assert "en PDF" not in message.get_body(("plain",)).get_content()


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
            queue_signalement([row], now=NOW)
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


def workers(count: int) -> None:
    def one(_: int) -> None:
        try:
            mail_sending.send_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))


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
