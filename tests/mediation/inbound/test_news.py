"""A mail to the programme's address for news becomes a draft of its party (R83)."""

import os
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from governance.models import NewsFile, QuarterNews
from governance.news.addresses import news_address
from mediation.models import InboundMail

from ...pages import text_of
from ...world import TODAY, World
from .mails import fetch, picture


def written(world: World, sender: str, **headers: Any) -> EmailMessage:
    mail = EmailMessage()
    said = {
        "From": f"Mairie <{sender}>", "To": news_address(world.programme.pk),
        "Subject": "Coupure d’eau jeudi", "Message-ID": f"<{os.urandom(6).hex()}@example.org>",
    } | headers  # fmt: skip
    for name, value in said.items():
        mail[name] = value
    mail.set_content("L’eau est coupée allée nord de 9 h à 12 h.")
    return mail


@pytest.mark.parametrize("sender", ["contact-town-a-essai@example.org", "Town-A-essai@example.org"])
def test_a_mail_of_a_party_is_its_draft_once(world: World, imap, sign_in, sender: str) -> None:
    mail = written(world, sender)
    mail.add_attachment(picture(), "image", "jpeg", filename="rue.jpg")
    mail.add_attachment(b"%PDF-1.7 arrete", "application", "pdf", filename="arrete.pdf")
    mail.add_attachment(b"PK", "application", "zip", filename="tout.zip")
    imap.put(mail)
    imap.put(mail)
    assert fetch() == "known: 1, news: 1"
    news = QuarterNews.objects.get()
    assert (news.party, news.state, news.title) == (
        world.parties["town-a"], "draft", "Coupure d’eau jeudi",
    )  # fmt: skip
    assert (news.place, news.starts, news.ends) == (
        world.places["quartier"], TODAY, TODAY + timedelta(days=30),
    )  # fmt: skip
    assert "allée nord" in news.text
    assert set(NewsFile.objects.values_list("kind", "name")) == {
        ("picture", ""), ("document", "arrete.pdf"),
    }  # fmt: skip
    kept = InboundMail.objects.get()
    assert (kept.state, kept.recipient, "tout.zip" in kept.note, "arrete" in kept.note) == (
        "news", None, True, False,
    )  # fmt: skip
    client = sign_in(world, "town-a")
    assert client.post(f"/informations/{news.pk}/publier/").status_code == 302
    assert "Coupure d’eau jeudi" in text_of(sign_in(world, "town-b").get("/informations/"))


@pytest.mark.parametrize("who", ["inconnu@example.org", "invite-essai@example.org"])
def test_from_anybody_else_it_waits_to_be_sorted(world: World, imap, coordination, who) -> None:
    imap.put(written(world, who))
    assert fetch() == "unmatched: 1"
    assert not QuarterNews.objects.exists()
    listed = text_of(coordination.get("/signalements/courriels/"))
    assert "depuis une adresse inconnue" in listed
    page = coordination.get(f"/signalements/courriels/{InboundMail.objects.get().pk}/")
    assert page.status_code == 200


def test_who_left_passes_nothing_on(world: World, imap) -> None:
    contact = world.contact("town-a")
    contact.ends = TODAY - timedelta(days=1)
    contact.save()
    imap.put(written(world, contact.email))
    assert fetch() == "unmatched: 1"


def test_the_address_of_one_programme_is_no_others(world: World, elsewhere: World, imap) -> None:
    imap.put(written(elsewhere, world.contact("town-a").email))
    fetch()
    assert InboundMail.objects.get().programme == elsewhere.programme
    assert not QuarterNews.objects.exists()


def test_an_address_that_was_made_up_is_none(world: World, imap) -> None:
    wrong = news_address(world.programme.pk).replace("+info-", "+info-9")
    imap.put(written(world, world.contact("town-a").email, To=wrong))
    fetch()
    assert InboundMail.objects.get().note == ""
    assert not QuarterNews.objects.exists()


def test_an_absence_is_no_news(world: World, imap) -> None:
    imap.put(written(world, world.contact("town-a").email, **{"Auto-Submitted": "auto-replied"}))
    assert fetch() == "auto: 1"
    assert not QuarterNews.objects.exists()


def test_the_address_is_on_the_page_of_who_may_use_it(world: World, imap, sign_in) -> None:
    address = news_address(world.programme.pk)
    assert address in text_of(sign_in(world, "town-a").get("/informations/"))
