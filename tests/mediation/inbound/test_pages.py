"""The coordination's list of what matched nothing."""

from typing import Any

import pytest

from governance.models import JournalEntry
from humanicite.lib.mail.inbound import Incoming
from mediation.inbound import actions
from mediation.models import (
    Delivery,
    DeliveryKind,
    EventKind,
    InboundMail,
    InboundState,
    Recipient,
    RecipientState,
    Signalement,
)

from ...conftest import NOW
from ...imap import Imap
from ...pages import text_of
from ...world import World
from .mails import ADDRESS, fetch, reply


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
