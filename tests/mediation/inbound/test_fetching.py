"""Mails fetched once each, whatever fails."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import OperationalError, connection

from humanicite.lib.mail import imap as mailbox
from mediation.inbound import actions
from mediation.management.commands import fetch_replies
from mediation.models import (
    InboundMail,
    SignalementPhoto,
)

from ...imap import Imap
from ...world import make_world
from .mails import fetch, picture, reply


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
