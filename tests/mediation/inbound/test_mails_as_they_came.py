"""What a mail does, undone and done again by the coordination; the day on which it counts."""

import base64
import imaplib
import io
import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from governance.models import Contact, JournalEntry
from humanicite.lib.mail.inbound import read
from mediation.followup.actions import follow_up
from mediation.inbound import actions
from mediation.models import (
    Delivery,
    DeliveryKind,
    EventKind,
    InboundMail,
    InboundState,
    Recipient,
    Reminder,
    SignalementPhoto,
)
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.links import link_token, reply_address

from ...conftest import NOW
from ...imap import Imap
from ...mails import HTML, PLAIN, case, made, several
from ...pages import text_of
from ...world import TODAY, World

FILE = "<fiche.1@example.org>"
AUTO = {"Auto_Submitted": "auto-generated"}


@pytest.fixture
def recipient(world: World, settings: Any) -> Recipient:
    settings.REPLY_ADDRESS = "reponses@example.org"
    row = world.sent().recipients.get()
    Delivery.objects.create(recipient=row, kind=DeliveryKind.SIGNALEMENT, message_id=FILE)
    return row


@pytest.fixture
def coordination(world: World, sign_in: Any) -> Client:
    return sign_in(world, "coordination")


def from_them(recipient: Recipient, text: str = "Nous passons mardi.", **headers: str) -> bytes:
    return made(text, **theirs(recipient, headers))


def theirs(recipient: Recipient, headers: dict[str, str] | None = None) -> dict[str, str]:
    name = f"<{os.urandom(6).hex()}@example.org>"
    said = {"From": f"ST <{recipient.email}>", "In_Reply_To": FILE, "Message_ID": name}
    return said | (headers or {})


def take(raw: bytes, now: datetime = NOW) -> InboundMail:
    mail = actions.take(read(raw), now=now)
    assert mail is not None
    return mail


def stand(recipient: Recipient) -> tuple[str, datetime | None, str]:
    recipient = Recipient.objects.get(pk=recipient.pk)
    return recipient.state, recipient.acknowledged_at, recipient.signalement.state


def press(client: Client, mail: InboundMail, act: str, **values: Any) -> Any:
    return client.post(f"/signalements/courriels/{mail.pk}/", {"acte": act, **values})


NOTHING = ("remis", None, "envoye")
COUNTED = ("accuse", NOW, "accuse")


# --- Human or automatic ---------------------------------------------------------------------------


def test_what_a_ticket_tool_sent_for_a_person_counts_in_one_press(recipient, coordination) -> None:
    raw = case("11").replace(b"contact-icl@example.org", recipient.email.encode())
    raw = raw.replace(b"sheet.dca81ac855bf4a4eaad8c232ffb0b1af", FILE[1:-13].encode())
    mail = take(raw)
    assert mail.state == InboundState.AUTO
    assert stand(recipient) == NOTHING
    page = text_of(coordination.get(f"/signalements/courriels/{mail.pk}/"))
    assert "Compter comme une réponse" in page
    for _ in range(2):
        assert press(coordination, mail, "humain").status_code == 302
    assert stand(recipient) == COUNTED
    mail.refresh_from_db()
    assert mail.state == InboundState.MATCHED
    events = recipient.signalement.events.filter(kind=EventKind.MAIL)
    assert events.count() == 2, "the mail's, and who counted it"
    assert JournalEntry.objects.filter(kind="courriel reçu").count() == 1
    press(coordination, mail, "partager")
    shared = recipient.signalement.events.get(is_internal=False)
    assert "l'équipe passe mercredi 26" in shared.text


def test_what_was_counted_and_is_automatic_is_undone(
    recipient, coordination, sign_in, world
) -> None:
    mail = take(from_them(recipient))
    assert stand(recipient) == COUNTED
    press(coordination, mail, "partager")
    assert recipient.signalement.events.filter(is_internal=False).exists()
    for _ in range(2):
        assert press(coordination, mail, "automatique").status_code == 302
    assert stand(recipient) == NOTHING
    mail.refresh_from_db()
    assert mail.state == InboundState.AUTO
    assert not recipient.signalement.events.filter(is_internal=False).exists()
    assert not recipient.signalement.events.filter(kind=EventKind.MAIL).exists()
    assert recipient.signalement.events.get(user=world.user("coordination")).title.startswith(
        "Compté"
    )
    press(coordination, mail, "humain")
    assert stand(recipient) == COUNTED


def test_the_follow_up_goes_on_where_it_stood(recipient) -> None:
    """Its steps before the mail count again, so that nobody is reminded twice of one thing."""
    Recipient.objects.filter(pk=recipient.pk).update(handed_at=NOW - timedelta(days=20))
    follow_up(programme=recipient.signalement.programme, now=NOW)
    before = list(Reminder.objects.filter(is_past=False).values_list("step", "day"))
    assert before
    mail = take(from_them(recipient), NOW + timedelta(minutes=5))
    assert not Reminder.objects.filter(is_past=False).exists()
    Reminder.objects.create(recipient=recipient, step="promesse", day=TODAY)
    by = _coordination(recipient)
    actions.mark_automatic(mail=mail, by=by)
    assert list(Reminder.objects.filter(is_past=False).values_list("step", "day")) == before
    actions.count_as_answer(mail=mail, by=by)
    assert not Reminder.objects.filter(is_past=False).exists()


def _coordination(recipient: Recipient) -> Any:
    from governance.models import Membership

    rows = Membership.objects.filter(party__programme=recipient.signalement.programme)
    return rows.get(role="coordination")


def test_another_sign_still_counts_when_one_does_not(recipient) -> None:
    by = _coordination(recipient)
    first, second = take(from_them(recipient)), take(from_them(recipient), NOW + timedelta(hours=1))
    actions.mark_automatic(mail=first, by=by)
    assert stand(recipient) == ("accuse", NOW + timedelta(hours=1), "accuse")
    actions.mark_automatic(mail=second, by=by)
    assert stand(recipient) == NOTHING


def test_an_answer_by_the_link_is_not_undone_with_a_mail(recipient) -> None:
    mail = take(from_them(recipient))
    later = NOW + timedelta(hours=2)
    answer_signalement(recipient=recipient, reply="charge", now=later)
    actions.mark_automatic(mail=mail, by=_coordination(recipient))
    assert stand(recipient) == ("repondu", later, "pris")
    closed = take(from_them(recipient), later)
    type(recipient.signalement).objects.update(state="verifie", closed_on=TODAY)
    actions.mark_automatic(mail=closed, by=_coordination(recipient))
    assert stand(recipient)[2] == "verifie"


def test_pictures_of_what_is_no_answer_go_with_it(recipient) -> None:
    photo = (picture_part(picture(), "vue.jpg"),)
    mail = take(several("multipart/mixed", (PLAIN, "Fait."), *photo, **theirs(recipient)))
    assert SignalementPhoto.objects.count() == 1
    actions.mark_automatic(mail=mail, by=_coordination(recipient))
    assert not SignalementPhoto.objects.exists()


def test_a_machine_without_header_is_automatic_and_it_can_be_undone(
    recipient, coordination
) -> None:
    mail = take(
        from_them(recipient, "Bonjour.", Subject="Accusé de réception : votre demande n° 4512")
    )
    assert (mail.state, stand(recipient)) == (InboundState.AUTO, NOTHING)
    press(coordination, mail, "humain")
    assert stand(recipient) == COUNTED


def test_a_tool_that_answers_from_its_own_address_is_told(recipient, coordination) -> None:
    tool = {"From": "GLPI <noreply@tickets.example.org>", "In_Reply_To": FILE}
    mail = take(made("Bonjour, passage mardi.", **tool))
    assert (mail.state, mail.recipient, stand(recipient)) == (InboundState.AUTO, recipient, NOTHING)
    assert recipient.signalement.events.get().kind == EventKind.AUTO
    press(coordination, mail, "humain")
    assert stand(recipient) == COUNTED


def test_what_is_of_nobody_waits_once_it_is_no_machines(recipient, coordination) -> None:
    mail = take(made("Passage mardi.", From="inconnu@example.org", **AUTO))
    assert mail.state == InboundState.AUTO
    press(coordination, mail, "humain")
    mail.refresh_from_db()
    assert mail.state == InboundState.UNMATCHED
    press(coordination, mail, "rattacher", recipient=recipient.pk)
    assert stand(recipient) == COUNTED


def test_what_was_set_aside_or_waits_is_marked_too(recipient, coordination) -> None:
    mail = take(made("Passage mardi.", From="inconnu@example.org"))
    press(coordination, mail, "classer")
    press(coordination, mail, "reprendre")
    mail.refresh_from_db()
    assert mail.state == InboundState.UNMATCHED
    press(coordination, mail, "automatique")
    mail.refresh_from_db()
    assert mail.state == InboundState.AUTO
    assert "Aucun courriel" in text_of(coordination.get("/signalements/courriels/"))


def test_nobody_else_marks_a_mail(recipient, world, elsewhere) -> None:
    mail = take(from_them(recipient))
    for reader in (
        world.reader("mediateur"),
        world.reader("town-a"),
        elsewhere.reader("coordination"),
    ):
        for act in (actions.mark_automatic, actions.count_as_answer, actions.take_up_mail):
            with pytest.raises(PermissionDenied):
                act(mail=mail, by=reader)
    assert stand(recipient) == COUNTED


# --- Words that are sealed, cut, or elsewhere --------------------------------------------------------


def test_words_that_nobody_reads_here_count_as_nothing_and_wait(recipient, coordination) -> None:
    winmail = ('application/ms-tnef; name="winmail.dat"\r\nContent-Disposition: attachment', "eJ8+")
    raw = several("multipart/mixed", (PLAIN, " "), winmail, **theirs(recipient))
    mail = take(raw)
    assert (mail.state, mail.recipient) == (InboundState.UNMATCHED, recipient)
    assert stand(recipient) == NOTHING
    assert "la réponse est dans la boîte" in mail.note
    event = recipient.signalement.events.get()
    assert "dans la boîte elle-même" in event.title
    assert event.is_internal
    assert "winmail.dat" in text_of(coordination.get("/signalements/courriels/"))
    press(coordination, mail, "compter")
    assert stand(recipient) == COUNTED


QUOTED = (
    "\n\nDe : Médiation <m@example.org>\nEnvoyé : lundi\nÀ : ST\nObjet : x\n\nQuand ?\n[ST] Mardi."
)


def test_the_whole_text_is_one_press_away_for_the_team(recipient, world, sign_in) -> None:
    text = f"Bonjour,{QUOTED}\nhttps://example.org/repondre/{link_token(recipient)}/\n"
    mail = take(from_them(recipient, text + reply_address(recipient)))
    assert mail.text == "Bonjour,"
    assert "[ST] Mardi." in mail.whole
    assert link_token(recipient) not in mail.whole, "it answers in their name"
    assert reply_address(recipient) not in mail.whole
    page = f"/signalements/{recipient.signalement_id}/"
    for who in ("coordination", "mediateur"):
        shown = text_of(sign_in(world, who).get(page))
        assert "Une partie est coupée" in shown
        assert "[ST] Mardi." in shown
    actions.share_mail(mail=mail, by=_coordination(recipient))
    shown = text_of(sign_in(world, "town-a").get(page))
    assert "Bonjour," in shown
    assert "[ST] Mardi." not in shown
    shown = text_of(sign_in(world, "coordination").get(f"/signalements/courriels/{mail.pk}/"))
    assert "Une partie est coupée" in shown
    assert "[ST] Mardi." in shown


def test_where_a_cut_leaves_nothing_it_says_so(recipient, world, sign_in) -> None:
    mail = take(from_them(recipient, QUOTED.strip()))
    assert (mail.text, mail.note) == ("", "Sans autre texte que le message cité.")
    shown = text_of(sign_in(world, "mediateur").get(f"/signalements/{recipient.signalement_id}/"))
    assert "Tout est coupé" in shown
    assert "[ST] Mardi." in shown


def test_a_long_answer_is_not_cut_in_silence(recipient, world, sign_in) -> None:
    mail = take(from_them(recipient, "Mot " * 6000 + "fin-du-texte"))
    assert "Texte coupé" in mail.note
    shown = text_of(sign_in(world, "mediateur").get(f"/signalements/{recipient.signalement_id}/"))
    assert "fin-du-texte" in shown
    assert "Une partie est coupée" in shown


def test_what_is_all_there_says_nothing(recipient, world, sign_in) -> None:
    take(from_them(recipient))
    shown = text_of(sign_in(world, "mediateur").get(f"/signalements/{recipient.signalement_id}/"))
    assert "coupé" not in shown


# --- Pictures -------------------------------------------------------------------------------------


def picture(
    width: int = 800, height: int = 600, kind: str = "JPEG", *, flat: bool = False
) -> bytes:
    image = (
        Image.new("RGB", (width, height), "navy")
        if flat
        else Image.effect_noise((width, height), 40)
    )
    written = io.BytesIO()
    image.convert("RGB").save(written, kind)
    return written.getvalue()


def picture_part(content: bytes, name: str, key: str = "") -> tuple[str, bytes]:
    head = (
        f'image/jpeg; name="{name}"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: '
    )
    head += f"inline\r\nContent-ID: <{key}>" if key else "attachment"
    return head, base64.encodebytes(content)


@pytest.mark.parametrize(
    ("content", "is_inline", "kept"),
    [
        (picture(), False, 1), (picture(), True, 1),  # taken with a phone, pasted or attached
        (picture(640, 140), True, 0), (picture(400, 400), True, 0), (picture(900, 700, flat=True), True, 0),
        (picture(1200, 300), True, 0), (picture(640, 140), False, 0), (picture(200, 200), False, 0),
        (picture(900, 700, flat=True), False, 1), (picture(1600, 400), False, 1),
    ],
)  # fmt: skip
def test_decoration_is_no_evidence(recipient, content: bytes, is_inline: bool, kept: int) -> None:
    page = (HTML, "<p>Fait.</p>" + '<img src="cid:un@x">' * is_inline)
    parts = page, picture_part(content, "image001.jpg", "un@x" if is_inline else "")
    kind = "multipart/related" if is_inline else "multipart/mixed"
    mail = take(several(kind, *parts, **theirs(recipient)))
    assert SignalementPhoto.objects.count() == kept
    assert ("image001.jpg" in mail.note) is not kept, "what is left out is told"


def test_the_banner_of_the_case_is_none(recipient) -> None:
    raw = case("08").replace(b"contact-lille-lomme@example.org", recipient.email.encode())
    mail = take(raw.replace(b"sheet.cd3d7676482f4a4ba35bb922f4babbee", FILE[1:-13].encode()))
    assert mail.state == InboundState.MATCHED
    assert "image001.png" in mail.note
    assert not SignalementPhoto.objects.exists()


def test_a_picture_met_before_from_that_sender_is_none(recipient, world) -> None:
    logo, other = picture(), picture()
    first = picture_part(logo, "a.jpg")
    take(several("multipart/mixed", (PLAIN, "Absent"), first, **theirs(recipient, AUTO)))
    assert not SignalementPhoto.objects.exists()
    both = (picture_part(logo, "logo.jpg"), picture_part(other, "vue.jpg"))
    mail = take(several("multipart/mixed", (PLAIN, "Fait."), *both, **theirs(recipient)))
    assert SignalementPhoto.objects.count() == 1
    assert "logo.jpg (déjà reçue)" in mail.note.replace("\N{NO-BREAK SPACE}", " ")


def test_a_photo_that_is_called_a_stream_is_kept(recipient) -> None:
    raw = case("09").replace(b"contact-capinghem@example.org", recipient.email.encode())
    take(raw.replace(b"sheet.20b8b6440985446c902a056a438b8ee7", FILE[1:-13].encode()))
    assert SignalementPhoto.objects.count() == 1


# --- What came back ---------------------------------------------------------------------------------

SERVER = {"From": "MAILER-DAEMON@mx.example.org", "Subject": "Message non distribué"}


def test_what_came_back_in_words_flags_the_contact(recipient) -> None:
    text = f"<{recipient.email}> : utilisateur inconnu\n\n--- Copie du message\nMessage-ID: {FILE}"
    mail = take(made(text, **SERVER))
    assert (mail.state, mail.recipient) == (InboundState.BOUNCE, recipient)
    assert stand(recipient)[0] == "echec"
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on == TODAY
    assert "utilisateur inconnu" in recipient.signalement.events.get().text
    actions.count_as_answer(mail=mail, by=_coordination(recipient))
    assert stand(recipient) == COUNTED
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on is None


def test_what_came_back_of_no_mail_of_ours_is_listed_and_attached(
    recipient, coordination, world
) -> None:
    mail = take(made(f"<{recipient.email}> : utilisateur inconnu", **SERVER))
    assert (mail.state, mail.recipient) == (InboundState.BOUNCE, None)
    contact = Contact.objects.get(pk=recipient.contact_id)
    assert contact.bounced_on is None, "anybody could have written it"
    assert "Message non distribué" in text_of(coordination.get("/signalements/courriels/"))
    assert InboundMail.objects.visible_to(world.reader("coordination")).waiting().count() == 1
    page = text_of(coordination.get(f"/signalements/courriels/{mail.pk}/"))
    assert recipient.function in page, "by the address that it names"
    press(coordination, mail, "rattacher", recipient=recipient.pk)
    mail.refresh_from_db()
    assert (mail.state, mail.recipient) == (InboundState.BOUNCE, recipient)
    assert stand(recipient) == ("echec", None, "envoye")
    contact.refresh_from_db()
    assert contact.bounced_on == TODAY
    assert not InboundMail.objects.waiting().exists()
    press(coordination, mail, "rattacher", recipient=recipient.pk)
    assert recipient.signalement.events.count() == 1


def test_what_came_back_and_was_set_aside_is_still_that(recipient, coordination) -> None:
    mail = take(made("<inconnu@example.org> : utilisateur inconnu", **SERVER))
    press(coordination, mail, "classer")
    press(coordination, mail, "reprendre")
    mail.refresh_from_db()
    assert mail.state == InboundState.BOUNCE


# --- The day on which it counts ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Imap]:
    started = Imap()
    yield started
    started.stop()


def deliver(server: Imap, raw: bytes, at: datetime) -> None:
    client = server.client()
    when = imaplib.Time2Internaldate(time.localtime(at.timestamp()))
    assert client.append("INBOX", "", when, raw)[0] == "OK"  # type: ignore[arg-type]
    client.logout()


@pytest.mark.parametrize("offset", [timedelta(days=3), timedelta(minutes=1)])
def test_a_mailbox_that_is_read_late_delays_nobody(
    recipient, server, settings, clock, offset: timedelta
) -> None:
    server.empty()
    settings.IMAP_URL = server.url
    Recipient.objects.filter(pk=recipient.pk).update(handed_at=NOW - timedelta(days=8))
    type(recipient.signalement).objects.update(sent_at=NOW - timedelta(days=8))
    arrived = (NOW - offset).replace(microsecond=0)
    deliver(server, from_them(recipient, Date="Wed, 25 Nov 2026 09:00:00 +0100"), arrived)
    call_command("fetch_replies", stdout=io.StringIO())
    assert stand(recipient) == ("accuse", arrived, "accuse")
    assert InboundMail.objects.get().received_at == arrived
    assert recipient.signalement.events.get().at == arrived


def test_no_clock_makes_an_answer_older_than_its_question(
    recipient, server, settings, clock
) -> None:
    server.empty()
    settings.IMAP_URL = server.url
    sent = recipient.signalement.sent_at
    deliver(server, from_them(recipient), sent - timedelta(days=400))
    deliver(server, from_them(recipient), timezone.now() + timedelta(days=400))
    call_command("fetch_replies", stdout=io.StringIO())
    assert stand(recipient)[1] == sent
    assert sorted(recipient.signalement.events.values_list("at", flat=True)) == [sent, NOW]


def test_a_mail_that_is_read_late_may_be_the_first_sign(recipient) -> None:
    answer_signalement(recipient=recipient, reply="recu", now=NOW)
    type(recipient.signalement).objects.update(sent_at=NOW - timedelta(days=8))
    earlier = NOW - timedelta(days=2)
    take(from_them(recipient), earlier)
    assert stand(recipient)[1] == earlier
