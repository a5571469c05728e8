"""Replies by mail, from a real IMAP server to the timeline: once each, whatever goes wrong."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from datetime import date
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from governance.models import Contact, JournalEntry
from humanicite.lib import pictures
from humanicite.lib.mail import imap as mailbox
from humanicite.lib.mail.addresses import plain
from humanicite.lib.mail.inbound import Incoming
from mediation.inbound import actions
from mediation.management.commands import fetch_replies
from mediation.models import (
    Delivery,
    DeliveryKind,
    EventKind,
    InboundMail,
    InboundState,
    Recipient,
    RecipientState,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.signalements.actions.succession import begin_again
from mediation.signalements.emails.outbox import queue_reminders
from mediation.signalements.links import reply_address

from ..conftest import NOW
from ..imap import Imap
from ..pages import text_of
from ..test_inbound import QUOTED, bounce
from ..world import TODAY, World, make_world

ADDRESS = "reponses@example.org"


@pytest.fixture(scope="session")
def server() -> Iterator[Imap]:
    started = Imap()
    yield started
    started.stop()


@pytest.fixture
def imap(server: Imap, settings: Any) -> Imap:
    server.empty()
    settings.IMAP_URL, settings.REPLY_ADDRESS = server.url, ADDRESS
    return server


@pytest.fixture
def signalement(world: World) -> Signalement:
    signalement = world.sent()
    recipient = signalement.recipients.get()
    Delivery.objects.create(
        recipient=recipient, kind=DeliveryKind.SIGNALEMENT, message_id="<signalement.1@example.org>"
    )
    return signalement


@pytest.fixture
def recipient(signalement: Signalement, imap: Imap) -> Recipient:
    return signalement.recipients.get()


@pytest.fixture
def coordination(world: World, sign_in: Any) -> Client:
    return sign_in(world, "coordination")


def fetch() -> str:
    said = io.StringIO()
    call_command("fetch_replies", stdout=said)
    return said.getvalue().strip()


def reply(
    recipient: Recipient, text: str = "Bien noté, on passe mardi.", **headers: Any
) -> EmailMessage:
    """As the recipient's mail program writes it; `headers` of None are left out."""
    mail = EmailMessage()
    said = {
        "From": f"Voirie <{recipient.email}>", "To": reply_address(recipient),
        "Subject": "Re: Signalement 2026-1 : éclairage éteint",
        "Message-ID": f"<{os.urandom(6).hex()}@example.org>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    for name, value in said.items():
        if value is not None:
            mail[name] = value
    mail.set_content(f"{text}\n\nLe 16 mars 2026 à 09:12, Médiation a écrit :{QUOTED}")
    return mail


def picture(width: int = 800, height: int = 600, kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(written, kind)
    return written.getvalue()


# --- Whose answer it is ---------------------------------------------------------------------------


def test_a_reply_lands_on_the_timeline_and_acknowledges(
    world, signalement, recipient, imap
) -> None:
    imap.put(reply(recipient))
    assert imap.unread() == 1
    assert fetch() == "matched: 1"
    event = signalement.events.get()
    assert (event.kind, event.text) == (EventKind.MAIL, "Bien noté, on passe mardi.")
    assert event.recipient == recipient
    assert event.is_internal, "until somebody shares it"
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.state, recipient.reply, signalement.state) == ("accuse", "", "accuse")
    assert recipient.acknowledged_at == NOW
    mail = InboundMail.objects.get()
    assert (mail.state, mail.recipient, mail.note) == (InboundState.MATCHED, recipient, "")
    assert imap.unread() == 0
    assert fetch() == ""
    assert signalement.events.count() == 1


def test_without_the_signed_address_the_answered_mail_tells(
    world, signalement, recipient, imap
) -> None:
    imap.put(
        reply(recipient, To=ADDRESS, In_Reply_To="<signalement.1@example.org>"),
        reply(recipient, To=ADDRESS, References="<x@example.org> <signalement.1@example.org>",
              From=recipient.email.upper()),
    )  # fmt: skip
    assert fetch() == "matched: 2"
    assert signalement.events.count() == 2


def test_another_sender_who_names_our_mail_is_not_believed(
    world, signalement, recipient, imap
) -> None:
    imap.put(
        reply(
            recipient, To=ADDRESS, In_Reply_To="<signalement.1@example.org>", From="x@example.org"
        )
    )
    assert fetch() == "unmatched: 1"
    mail = InboundMail.objects.get()
    assert mail.programme == world.programme
    assert "une autre adresse" in mail.note
    assert not signalement.events.exists()


def test_another_sender_with_the_signed_address_counts_once_it_is_confirmed(
    world, signalement, recipient, imap, coordination
) -> None:
    mail = reply(recipient, From="collegue@example.org")
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="vue.jpg")
    imap.put(mail)
    assert fetch() == "unmatched: 1"
    mail = InboundMail.objects.get()
    assert "Écrit depuis une autre adresse." in mail.note
    event = signalement.events.get()
    assert (event.is_internal, event.recipient) == (True, recipient)
    assert "collegue@example.org" in event.title
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.state, recipient.acknowledged_at, signalement.state) == (
        "remis",
        None,
        "envoye",
    )
    assert not SignalementEvent.objects.visible_to(world.reader("town-a")).exists()
    assert not SignalementPhoto.objects.exists()
    path = f"/signalements/courriels/{mail.pk}/"
    assert "Compter comme sa réponse" in text_of(coordination.get(path))
    for _ in range(2):
        assert coordination.post(path, {"acte": "compter"}).status_code == 302
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.state, signalement.state) == ("accuse", "accuse")
    assert signalement.events.count() == 2
    assert signalement.events.get(user=world.user("coordination")).text == ""
    assert JournalEntry.objects.filter(kind="courriel reçu").count() == 1


def test_the_signed_address_of_a_mail_that_went_elsewhere_is_void(
    world, signalement, recipient, imap
) -> None:
    former = reply_address(recipient)
    begin_again(recipient, recipient.contact)
    imap.put(
        reply(recipient, To=former, From="inconnu@example.org"),
        reply(recipient, To=former, In_Reply_To="<signalement.1@example.org>"),
    )
    assert fetch() == "matched: 1, unmatched: 1"
    assert signalement.events.count() == 1, "the recipient's own address still counts"
    assert InboundMail.objects.get(state="unmatched").recipient is None


def test_the_backup_in_copy_answers_for_the_party(world, signalement, recipient, imap) -> None:
    backup = Contact.objects.create(
        party=recipient.party, function="Suppléance", email="suppleance@example.org",
        is_backup=True, starts=date(2024, 1, 1),
    )  # fmt: skip
    queue_reminders([recipient], to=recipient.email, copies=[backup.email], now=NOW)
    imap.put(reply(recipient, From=backup.email))
    assert fetch() == "matched: 1"


@pytest.mark.parametrize("change", ["other key", "cut", "other word"])
def test_an_address_that_is_not_as_we_signed_it_matches_nothing(
    world, signalement, recipient, imap, change
) -> None:
    signed = reply_address(recipient)
    other = {
        "other key": signed.replace(f"+{recipient.pk}-", f"+{recipient.pk + 1}-"),
        "cut": signed[:-14] + "@example.org",
        "other word": signed.replace("reponses", "autres"),
    }[change]
    imap.put(reply(recipient, To=other))
    assert fetch() == "unmatched: 1"
    assert not signalement.events.exists()


def test_a_reply_to_a_reminder_of_several_signalements_waits_for_somebody(
    world, signalement, recipient, imap
) -> None:
    other = world.sent("ilot-a").recipients.get()
    for row in (recipient, other):
        Delivery.objects.create(recipient=row, kind="reminder", message_id="<rappel@example.org>")
    imap.put(reply(recipient, To=ADDRESS, In_Reply_To="<rappel@example.org>"))
    assert fetch() == "unmatched: 1"
    assert InboundMail.objects.get().note == "Répond à un rappel de 2 signalements."


def test_a_mail_changes_no_answer_and_reopens_nothing(world, signalement, recipient, imap) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(
        reply="charge", state="repondu", acknowledged_at=NOW, answered_at=NOW
    )
    Signalement.objects.filter(pk=signalement.pk).update(state="verifie", closed_on=TODAY)
    imap.put(reply(recipient))
    fetch()
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.reply, recipient.state, signalement.state) == ("charge", "repondu", "verifie")
    assert signalement.events.count() == 1


def test_what_it_says_stays_with_the_operator_until_it_is_shared(
    world, signalement, recipient, imap, coordination
) -> None:
    """A bare name follows no pattern: somebody reads it first."""
    imap.put(reply(recipient, "La lampe est commandée, voyez Camille."))
    fetch()
    readers = [world.reader(who) for who in ("town-a", "owners")]
    for reader in readers:
        assert not SignalementEvent.objects.visible_to(reader).exists()
    assert SignalementEvent.objects.visible_to(world.reader("mediateur")).exists()
    path = f"/signalements/courriels/{InboundMail.objects.get().pk}/"
    assert "Partager" in text_of(coordination.get(path))
    for _ in range(2):
        assert coordination.post(path, {"acte": "partager"}).status_code == 302
    for reader in readers:
        assert "Camille" in SignalementEvent.objects.visible_to(reader).get().text
    # One moment for all, at the hour at which the mail came.
    moment = SignalementEvent.objects.get(kind="mail")
    assert moment.at == InboundMail.objects.get().received_at
    assert 'value="partager"' not in text_of(coordination.get(path))


def test_words_that_seem_to_name_somebody_are_not_shared(
    world, signalement, recipient, imap, coordination
) -> None:
    imap.put(reply(recipient, "Voyez Mme Durand au 06 12 34 56 78."))
    fetch()
    path = f"/signalements/courriels/{InboundMail.objects.get().pk}/"
    answer = coordination.post(path, {"acte": "partager"})
    assert answer.status_code == 422
    assert "Mme Durand" in text_of(answer)
    assert not SignalementEvent.objects.visible_to(world.reader("town-a")).exists()


def test_an_international_domain_is_one_address_however_it_is_written(
    world, signalement, recipient, imap
) -> None:
    address, wire = "Voirie@mairie-é.example.org", "voirie@xn--mairie--hya.example.org"
    assert plain(address) == wire
    Contact.objects.filter(pk=recipient.contact_id).update(email=address)
    Recipient.objects.filter(pk=recipient.pk).update(email=address)
    imap.put(reply(recipient, To=ADDRESS, In_Reply_To="<signalement.1@example.org>", From=wire))
    assert fetch() == "matched: 1"
    imap.put(bounce().replace(b"Voirie@Example.org", wire.encode()))
    assert fetch() == "bounce: 1"
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on == TODAY


def test_each_programme_reads_its_own_mails(
    world, elsewhere, signalement, recipient, imap, settings
) -> None:
    theirs = elsewhere.sent().recipients.get()
    Delivery.objects.create(
        recipient=theirs, kind=DeliveryKind.SIGNALEMENT, message_id="<signalement.2@example.org>"
    )
    unknown = {"To": ADDRESS, "From": "inconnu@example.org"}
    imap.put(
        reply(theirs, **unknown, In_Reply_To="<signalement.2@example.org>"),
        reply(theirs, To=ADDRESS, Subject="Sans lien"),
        reply(theirs, **unknown, Subject="De personne"),
    )
    assert fetch() == "of no programme: 1, unmatched: 2"
    assert not InboundMail.objects.visible_to(world.reader("coordination")).exists()
    assert InboundMail.objects.visible_to(elsewhere.reader("coordination")).count() == 2
    settings.MAILS_PROGRAMME = world.programme.slug
    imap.put(reply(theirs, **unknown, Subject="De personne encore"))
    assert fetch() == "unmatched: 1"
    assert InboundMail.objects.visible_to(world.reader("coordination")).count() == 1


# --- Files ----------------------------------------------------------------------------------------


def test_three_pictures_are_kept_made_anew_and_the_rest_is_named(
    world, signalement, recipient, imap
) -> None:
    mail = reply(recipient)
    mail.add_attachment(picture(90, 30), maintype="image", subtype="jpeg", filename="logo.jpg")
    mail.add_attachment(b"MZ", maintype="image", subtype="png", filename="virus.png")
    for n in range(4):
        mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename=f"vue{n}.jpg")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="devis.pdf")
    imap.put(mail)
    assert fetch() == "matched: 1"
    assert signalement.photos.filter(recipient=recipient).count() == 3
    note = InboundMail.objects.get().note
    for words in ("devis.pdf", "logo.jpg (trop petite)", "virus.png (illisible)",
                  "vue3.jpg (3 photos au plus)"):  # fmt: skip
        assert words in note.replace("\N{NO-BREAK SPACE}", " "), note


def test_a_mail_of_thirty_megabytes_is_noted_and_read_at_its_beginning(
    world, signalement, recipient, imap
) -> None:
    heavy = reply(recipient)
    heavy.add_attachment(
        os.urandom(22 * 1024 * 1024), maintype="image", subtype="jpeg", filename="film.jpg"
    )
    assert len(heavy.as_bytes()) > 29 * 1024 * 1024
    imap.put(heavy, reply(recipient, "Après le lourd"))
    assert fetch() == "matched: 2"
    mail = InboundMail.objects.order_by("pk").first()
    assert "plus de 25" in mail.note
    assert "film.jpg" in mail.note
    assert mail.text == "Bien noté, on passe mardi."
    assert not SignalementPhoto.objects.exists()
    assert imap.unread() == 0


def test_pictures_of_what_is_no_answer_are_not_opened(
    world, signalement, recipient, imap, monkeypatch
) -> None:
    mail = reply(recipient, To=ADDRESS, From="inconnu@example.org")
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="vue.jpg")
    imap.put(mail)
    monkeypatch.setattr(pictures, "made_anew", lambda *files: 1 / 0)
    assert fetch() == "unmatched: 1"
    assert InboundMail.objects.get().note == "Non gardé\N{NO-BREAK SPACE}: vue.jpg."


# --- Machines -------------------------------------------------------------------------------------


def test_an_automatic_answer_acknowledges_nothing_and_is_shown_as_such(
    world, signalement, recipient, imap
) -> None:
    imap.put(
        reply(recipient, "Absent, voyez Mme Petit", Auto_Submitted="auto-replied"),
        reply(recipient, Subject="Absence : congés jusqu’au 30"),
    )
    assert fetch() == "auto: 2"
    assert {event.kind for event in signalement.events.all()} == {EventKind.AUTO}
    assert all(event.is_internal for event in signalement.events.all())
    recipient.refresh_from_db()
    assert (recipient.state, recipient.acknowledged_at) == ("remis", None)


def of(recipient: Recipient, raw: bytes) -> bytes:
    return raw.replace(b"Voirie@Example.org", recipient.email.encode())


def test_a_mail_that_came_back_for_good_flags_the_address(
    world, signalement, recipient, imap
) -> None:
    imap.put(of(recipient, bounce()))
    assert fetch() == "bounce: 1"
    event = signalement.events.get()
    assert (event.kind, event.is_internal) == (EventKind.BOUNCED, True)
    assert "550 5.1.1" in event.text
    recipient.refresh_from_db()
    assert recipient.state == RecipientState.ECHEC
    assert recipient.contact.bounced_on == TODAY


@pytest.mark.parametrize(
    ("action", "status", "state", "kind"),
    [
        ("failed", "4.4.7", "echec", "bounced"),  # given up after days: not the address's fault
        ("failed", "5.2.2", "echec", "bounced"),  # a full box
        ("failed", "5.7.1", "echec", "bounced"),  # a policy
        ("delayed", "4.4.1", "remis", "auto"),
        ("delivered", "2.0.0", "remis", "auto"),
    ],
)
def test_a_mail_that_is_late_flags_nobody(
    world, signalement, recipient, imap, action, status, state, kind
) -> None:
    imap.put(of(recipient, bounce(action, status)))
    assert fetch() == "bounce: 1"
    recipient.refresh_from_db()
    assert (recipient.state, recipient.contact.bounced_on) == (state, None)
    assert signalement.events.get().kind == kind


def test_who_answered_already_stays_so_when_a_reminder_comes_back(
    world, signalement, recipient, imap
) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(state="accuse", acknowledged_at=NOW)
    imap.put(of(recipient, bounce()))
    fetch()
    recipient.refresh_from_db()
    assert recipient.state == "accuse"
    assert recipient.contact.bounced_on == TODAY


def test_what_comes_back_of_another_address_flags_nobody(
    world, signalement, recipient, imap
) -> None:
    """The address leads to several others; or somebody made the report."""
    imap.put(bounce())
    assert fetch() == "bounce: 1"
    recipient.refresh_from_db()
    assert (recipient.state, recipient.contact.bounced_on) == ("remis", None)
    assert signalement.events.get().kind == EventKind.BOUNCED


def test_a_reply_from_an_address_says_that_it_is_good(world, signalement, recipient, imap) -> None:
    Contact.objects.filter(pk=recipient.contact_id).update(bounced_on=TODAY)
    imap.put(reply(recipient, From="collegue@example.org"))
    fetch()
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on == TODAY
    imap.put(reply(recipient))
    fetch()
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on is None


def test_a_reminder_of_several_signalements_that_comes_back_is_told_on_each(
    world, signalement, recipient, imap
) -> None:
    other = world.sent("ilot-a").recipients.get()
    for row in (recipient, other):
        Delivery.objects.create(recipient=row, kind="reminder", message_id="<rappel@example.org>")
    imap.put(
        of(recipient, bounce().replace(b"<signalement.1@example.org>", b"<rappel@example.org>"))
    )
    assert fetch() == "bounce: 1"
    for row in (recipient, other):
        row.refresh_from_db()
        assert row.state == RecipientState.ECHEC
        assert row.signalement.events.get().kind == EventKind.BOUNCED
    assert recipient.contact.bounced_on == TODAY


def test_a_copy_that_comes_back_flags_the_backup_and_nobody_else(
    world, signalement, recipient, imap
) -> None:
    backup = Contact.objects.create(
        party=recipient.party, function="Suppléance", email="voirie@example.org", is_backup=True,
        starts=date(2024, 1, 1),
    )  # fmt: skip
    queue_reminders([recipient], to=recipient.email, copies=[backup.email], now=NOW)
    copy = Delivery.objects.order_by("pk").last().message_id
    imap.put(bounce().replace(b"<signalement.1@example.org>", copy.encode()))
    assert fetch() == "bounce: 1"
    backup.refresh_from_db()
    recipient.refresh_from_db()
    assert (backup.bounced_on, recipient.contact.bounced_on) == (TODAY, None)
    assert recipient.state == "remis"
    assert signalement.events.get().kind == EventKind.BOUNCED


# --- Faults ---------------------------------------------------------------------------------------


def test_one_bad_mail_stops_no_other_and_each_is_noted(
    world, signalement, recipient, imap, monkeypatch
) -> None:
    kept = actions._match
    monkeypatch.setattr(
        actions,
        "_match",
        lambda mail, today: 1 / 0 if "piège" in mail.subject else kept(mail, today),
    )
    imap.put(
        reply(recipient, "Avant"),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nreste",
        b"From: x@example.org\r\nSubject: =?utf-8?b?%%?=\r\n\r\n\xff\xfe\x00",
        reply(recipient, Subject="un piège"),
        reply(recipient, "Après"),
    )
    assert fetch() == "matched: 2, unmatched: 3"
    assert [event.text for event in signalement.events.order_by("pk")] == ["Avant", "Après"]
    notes = list(InboundMail.objects.filter(state="unmatched").values_list("note", flat=True))
    assert any("mal formé" in note for note in notes)
    assert any("dans la boîte elle-même" in note for note in notes)
    assert imap.unread() == 0
    assert fetch() == ""


def test_a_mail_without_a_message_id_comes_once(world, signalement, recipient, imap) -> None:
    mail = reply(recipient, Message_ID=None)
    imap.put(mail, mail)
    assert fetch() == "known: 1, matched: 1"
    assert signalement.events.count() == 1


def test_two_mails_of_one_name_are_two(world, signalement, recipient, imap) -> None:
    """Some machines give all their mails the same Message-ID."""
    imap.put(
        reply(recipient, "Un", Message_ID="<1@example.org>"),
        reply(recipient, "Un", Message_ID="<1@example.org>"),
        reply(recipient, "Deux", Message_ID="<1@example.org>", Subject="Autre objet"),
    )
    assert fetch() == "known: 1, matched: 2"
    assert {event.text for event in signalement.events.all()} == {"Un", "Deux"}


def test_killed_between_the_commit_and_the_mark_it_comes_once(
    world, signalement, recipient, imap, monkeypatch
) -> None:
    imap.put(reply(recipient), reply(recipient, "Le second"))

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mailbox, "mark_seen", killed)
        with pytest.raises(KeyboardInterrupt):
            fetch()
    assert signalement.events.count() == 1
    assert imap.unread() == 2
    assert fetch() == "known: 1, matched: 1"
    assert signalement.events.count() == 2
    assert imap.unread() == 0


def test_a_mark_is_set_only_after_the_commit(
    world, signalement, recipient, imap, monkeypatch
) -> None:
    """What the database cannot take now stays unread, and the next run takes it."""
    imap.put(reply(recipient, "Plus tard"), reply(recipient, "Maintenant"))
    kept, calls = fetch_replies.take, []

    def locked_once(incoming: Any, **options: Any) -> Any:
        calls.append(incoming)
        if len(calls) == 1:
            raise OperationalError("database is locked")
        return kept(incoming, **options)

    with monkeypatch.context() as patch:
        patch.setattr(fetch_replies, "take", locked_once)
        assert fetch() == "matched: 1, postponed: 1"
    assert imap.unread() == 1
    assert fetch() == "matched: 1"
    assert signalement.events.count() == 2


def test_of_what_fails_no_file_stays_behind(
    world, signalement, recipient, imap, monkeypatch, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    mail = reply(recipient)
    mail.add_attachment(picture(), maintype="image", subtype="jpeg", filename="vue.jpg")
    imap.put(mail)
    monkeypatch.setattr(actions, "_note", lambda *rows: 1 / 0)
    assert fetch() == "unmatched: 1"
    assert not SignalementPhoto.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: "", "IMAP_URL is not set"),
        (lambda url: url.replace("secret", "faux"), "refuses this user"),
        (lambda url: "imap://reponses:secret@127.0.0.1:9/INBOX", "127.0.0.1"),
        (lambda url: "pop3://x", "is not of the form"),
        (lambda url: url.replace("INBOX", "Nulle-part"), "127.0.0.1"),
    ],
)
def test_a_mailbox_that_does_not_open_is_told_without_its_password(
    world, imap, settings, change: Callable[[str], str], said: str
) -> None:
    settings.IMAP_URL = change(imap.url)
    with pytest.raises(CommandError, match=said) as caught:
        fetch()
    assert "secret" not in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_two_that_fetch_at_once_take_each_mail_once(imap: Imap, clock: Any) -> None:
    world = make_world()
    signalement = world.sent()
    recipient = signalement.recipients.get()
    imap.put(*(reply(recipient, f"Numéro {n}") for n in range(12)))
    gate, faults = threading.Barrier(3), []

    def run() -> None:
        try:
            gate.wait(10)
            fetch()
        except BaseException as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert InboundMail.objects.count() == 12
    assert {event.text for event in signalement.events.all()} == {f"Numéro {n}" for n in range(12)}
    assert signalement.events.count() == 12
    assert imap.unread() == 0


# --- The list of the coordination -----------------------------------------------------------------


@pytest.fixture
def lost(world: World, signalement: Signalement, recipient: Recipient, imap: Imap) -> InboundMail:
    imap.put(reply(recipient, "C’est réparé.", To=ADDRESS, From="service@example.org"))
    fetch()
    return InboundMail.objects.get()


def test_what_matched_nothing_is_listed_and_attached(
    world, signalement, recipient, lost, coordination
) -> None:
    page = text_of(coordination.get("/signalements/courriels/"))
    assert "service@example.org" in page
    path = f"/signalements/courriels/{lost.pk}/"
    assert "C’est réparé." in text_of(coordination.get(path))
    shown = text_of(coordination.get(path, {"signalement": signalement.reference}))
    assert recipient.function in shown
    assert "Aucun signalement" in text_of(coordination.get(path, {"signalement": "2026-999"}))
    answer = coordination.post(path, {"acte": "rattacher", "recipient": recipient.pk})
    assert answer.status_code == 302
    lost.refresh_from_db()
    assert (lost.state, lost.recipient) == (InboundState.MATCHED, recipient)
    event = signalement.events.get()
    assert (event.kind, event.text) == (EventKind.MAIL, "C’est réparé.")
    recipient.refresh_from_db()
    assert recipient.state == RecipientState.ACCUSE
    # Twice, or by somebody else meanwhile: once.
    coordination.post(path, {"acte": "rattacher", "recipient": recipient.pk})
    coordination.post(path, {"acte": "classer"})
    lost.refresh_from_db()
    assert lost.state == InboundState.MATCHED
    assert signalement.events.count() == 1
    assert JournalEntry.objects.filter(kind="courriel reçu").count() == 1


def test_what_is_nothing_for_a_signalement_is_set_aside(
    world, signalement, lost, coordination
) -> None:
    assert (
        coordination.post(f"/signalements/courriels/{lost.pk}/", {"acte": "classer"}).status_code
        == 302
    )
    lost.refresh_from_db()
    assert lost.state == InboundState.DISMISSED
    assert "service@example.org" not in text_of(coordination.get("/signalements/courriels/"))
    assert "service@example.org" in text_of(
        coordination.get("/signalements/courriels/?etat=classes")
    )
    assert not signalement.events.exists()


def test_without_saying_whose_it_is_nothing_is_attached(
    world, signalement, lost, coordination, elsewhere
) -> None:
    path = f"/signalements/courriels/{lost.pk}/"
    foreign = elsewhere.sent().recipients.get()
    for key in ("", "abc", foreign.pk, 999_999):
        answer = coordination.post(path, {"acte": "rattacher", "recipient": key})
        assert answer.status_code == 422
    lost.refresh_from_db()
    assert lost.state == InboundState.UNMATCHED


def test_a_reply_to_several_signalements_is_attached_to_those_that_are_ticked(
    world, signalement, recipient, imap, coordination
) -> None:
    others = [world.sent("ilot-a").recipients.get() for _ in range(3)]
    rows = [recipient, *others[:2]]
    for row in rows:
        Delivery.objects.create(recipient=row, kind="reminder", message_id="<rappel@example.org>")
    imap.put(reply(recipient, To=ADDRESS, In_Reply_To="<rappel@example.org>"))
    fetch()
    mail = InboundMail.objects.get()
    path = f"/signalements/courriels/{mail.pk}/"
    page = text_of(coordination.get(path))
    assert page.count('type="checkbox" name="recipient"') == 3, "those of that mail"
    keys = [recipient.pk, others[0].pk]
    assert coordination.post(path, {"acte": "rattacher", "recipient": keys}).status_code == 302
    states = [Recipient.objects.get(pk=row.pk).state for row in rows]
    assert states == ["accuse", "accuse", "remis"]
    for row in rows[:2]:
        assert row.signalement.events.get().text == "Bien noté, on passe mardi."
    assert not others[1].signalement.events.exists()
    page = text_of(coordination.get(path))
    assert page.count(">Signalement ") == 2
    coordination.post(path, {"acte": "partager"})
    for row in rows[:2]:
        shown = row.signalement.events.filter(is_internal=False)
        assert shown.get().text == "Bien noté, on passe mardi."


def test_nobody_else_reads_the_list(world, elsewhere, signalement, lost, sign_in) -> None:
    for who in ("mediateur", "town-a", "invite"):
        client = sign_in(world, who)
        assert client.get("/signalements/courriels/").status_code == 403
        assert client.get(f"/signalements/courriels/{lost.pk}/").status_code in (403, 404)
    other = sign_in(elsewhere, "coordination")
    assert other.get(f"/signalements/courriels/{lost.pk}/").status_code == 404
    assert "service@" not in text_of(other.get("/signalements/courriels/"))


def test_the_coordination_goes_from_the_timeline_to_the_mail(world: World, sign_in: Any) -> None:
    recipient = world.sent().recipients.get()
    name = "<un@example.org>"
    row = Delivery.objects.create(
        recipient=recipient, kind=DeliveryKind.SIGNALEMENT, message_id="<fiche@example.org>"
    )
    incoming = Incoming(
        name, name, sender=recipient.email, references=[row.message_id], text="Vu, jeudi."
    )
    mail = actions.take(incoming, now=NOW)
    path = f'href="/signalements/courriels/{mail.pk}/"'
    page = f"/signalements/{recipient.signalement_id}/"
    assert path in text_of(sign_in(world, "coordination").get(page))
    assert path not in text_of(sign_in(world, "mediateur").get(page))
