"""Whose answer a mail is, and what becomes of what it says and holds."""

import os
from datetime import date

import pytest

from governance.models import Contact, JournalEntry
from humanicite.lib import pictures
from humanicite.lib.mail.addresses import plain
from mediation.models import (
    Delivery,
    DeliveryKind,
    EventKind,
    InboundMail,
    InboundState,
    Recipient,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.signalements.actions.succession import begin_again
from mediation.signalements.emails.outbox import queue_reminders
from mediation.signalements.links import reply_address

from ...conftest import NOW
from ...lib.test_inbound import bounce
from ...pages import text_of
from ...world import TODAY
from .mails import ADDRESS, fetch, picture, reply

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
