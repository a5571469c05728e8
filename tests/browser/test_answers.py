"""From the e-mail to « accusé » in two clicks, with a script and without; every state of the page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.models import Contact
from humanicite.lib import human
from humanicite.lib.limits import Limit
from mediation.answers import views
from mediation.models import InboundMail, Recipient, Signalement
from mediation.signalements.actions.sending import send_signalement
from mediation.signalements.links import link_token

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


@pytest.fixture
def mail(world: World, smtp: Any, settings: Any, live_server: Any) -> Any:
    """A signalement as its recipient's mail program received it."""
    from email import message_from_bytes, policy

    cache.clear()  # what an earlier test asked too often
    settings.SITE_URL = live_server.url
    signalement = world.signalement(
        where="Allée nord", since="depuis lundi", description="Deux candélabres sont éteints.",
        expected="Une remise en service.", observed_on=timezone.localdate(),
    )  # fmt: skip
    world.signalement_photo(signalement)
    signalement.chosen.set([Contact.objects.get(party=world.parties["town-a"])])
    send_signalement(
        signalement=signalement, read_version=1, by=world.reader("mediateur"), now=timezone.now()
    )
    [envelope] = smtp.messages
    return message_from_bytes(envelope.content, policy=policy.default)


def read_mail(page: Page, mail: Any) -> None:
    """Shows the mail's own HTML, as a mail program does."""
    html = mail.get_body(("html",)).get_content()
    # A mail program opens links in a browser: another origin than the mail's.
    page.route("https://courriel.example.org/", lambda route: route.fulfill(
        body=html, content_type="text/html; charset=utf-8"))  # fmt: skip
    page.goto("https://courriel.example.org/")


def pause(page: Page) -> None:
    """The time a person takes to find the button."""
    page.wait_for_timeout(2100)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_from_the_mail_to_acknowledged_in_two_clicks(
    visit: Any, mail: Any, size: Any, javascript: bool
) -> None:
    page = visit(None, size, java_script_enabled=javascript)
    read_mail(page, mail)
    page.get_by_role("link", name="Bien reçu").click()  # one
    expect(page.get_by_role("radio", name="Bien reçu")).to_be_checked()
    button = page.get_by_role("button", name="Confirmer")
    expect(button).to_be_in_viewport()
    expect(page.get_by_label("Je confirme")).to_have_count(0)
    assert Recipient.objects.get().acknowledged_at is None
    pause(page)
    button.click()  # two
    expect(page.get_by_text("Votre réponse est enregistrée")).to_be_visible()
    recipient = Recipient.objects.select_related("signalement").get()
    assert (recipient.reply, recipient.signalement.state) == ("recu", "accuse")
    assert page.context.cookies() == []


def test_every_answer_and_changing_it(
    visit: Any, mail: Any, world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(human, "SOONEST", timedelta(0))
    page = visit(None)
    read_mail(page, mail)
    page.get_by_role("link", name="Je m’en occupe").click()
    check(page)
    page.get_by_label("Choisir une date").fill(
        (timezone.localdate() + timedelta(days=3)).isoformat()
    )
    page.get_by_label("Commentaire").fill("Équipe prévenue.")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status").filter(has_text="Je m’en occupe")).to_be_visible()
    check(page)
    expect(page.get_by_role("button", name="Confirmer")).to_be_hidden()
    page.get_by_text("Changer votre réponse").click()
    page.get_by_role("radio", name="Pas de mon ressort").check()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)
    page.get_by_label("De quel ressort").fill("La métropole")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status").filter(has_text="La métropole")).to_be_visible()
    assert Signalement.objects.get().state == "reoriente"
    page.get_by_text("Changer votre réponse").click()
    page.get_by_role("radio", name="Résolu").check()
    picture = world.signalement_photo(Signalement.objects.get()).file.path
    page.get_by_label(re.compile("^Photo")).set_input_files(picture)
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Vos photos")).to_be_visible()
    check(page)
    Signalement.objects.update(state="verifie", closed_on=timezone.localdate())
    page.reload()
    expect(page.get_by_text("Ce signalement est clos")).to_be_visible()
    expect(page.get_by_role("button", name="Confirmer")).to_have_count(0)
    check(page)


def test_too_fast_is_asked_again_with_everything_kept(
    visit: Any, mail: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(human, "SOONEST", timedelta(minutes=1))
    page = visit(None)
    page.goto(f"/repondre/{link_token(Recipient.objects.get())}/?choix=recu")
    page.get_by_label("Commentaire").fill("Mot gardé")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("Confirmez, s’il vous plaît.")
    expect(page.get_by_label("Commentaire")).to_have_value("Mot gardé")
    expect(page.get_by_role("radio", name="Bien reçu")).to_be_checked()
    expect(page.get_by_label("Je confirme")).to_have_count(0)
    check(page)
    assert Recipient.objects.get().acknowledged_at is None
    monkeypatch.setattr(human, "SOONEST", timedelta(0))
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Votre réponse est enregistrée")).to_be_visible()


def test_a_browser_driven_by_a_script_is_asked_for_a_tick(visit: Any, mail: Any) -> None:
    """It waits, then presses the button without anybody's press."""
    page = visit(None)
    page.add_init_script(
        "addEventListener('load', () => setTimeout(() => {"
        " if (!document.querySelector('[role=alert]'))"
        "  document.querySelector('[name=confirmer]').click(); }, 2300))"
    )
    page.goto(f"/repondre/{link_token(Recipient.objects.get())}/?choix=recu")
    # Looking for something would count as a press: Playwright asks as a user does.
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        pass
    assert answered.value.status == 422
    tick = page.get_by_label("Je confirme ma réponse")
    expect(tick).to_be_visible()
    check(page)
    assert Recipient.objects.get().acknowledged_at is None
    pause(page)
    tick.check()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_text("Votre réponse est enregistrée")).to_be_visible()


NARROW = {"width": 320, "height": 640}


@pytest.mark.parametrize("size", [PHONE, LAPTOP, NARROW], ids=["phone", "laptop", "narrow"])
def test_links_that_do_not_hold(
    visit: Any, mail: Any, world: World, smtp: Any, size: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(human, "SOONEST", timedelta(minutes=1))
    page = visit(None, size)
    recipient = Recipient.objects.get()
    path = f"/repondre/{link_token(recipient)}/"
    page.goto(path)
    check(page)
    page.goto("/repondre/inconnu/")
    check(page)
    long_ago = timezone.localdate() - timedelta(days=31)
    Signalement.objects.update(state="non_resolu", reason="Hors périmètre", closed_on=long_ago)
    page.goto(path)
    check(page)
    page.get_by_role("button", name="Recevoir un nouveau lien").click()
    expect(page.get_by_text("Confirmez, s’il vous plaît.")).to_be_visible()
    check(page)
    monkeypatch.setattr(human, "SOONEST", timedelta(0))
    page.get_by_role("button", name="Recevoir un nouveau lien").click()
    expect(page.get_by_role("heading", name="Un nouveau lien est en route")).to_be_visible()
    check(page)
    assert [envelope.rcpt_tos for envelope in smtp.messages] == [[recipient.email]] * 2
    # A window that does not end while the test counts.
    monkeypatch.setattr(views, "WRONG_LINKS", Limit("wrong links of a day", 2, 86400))
    for _ in range(2):
        page.request.get("/repondre/inconnu/")
    page.goto("/repondre/inconnu/")
    expect(page.get_by_role("heading", name="Trop de demandes")).to_be_visible()
    check(page)


def test_by_keyboard_alone(visit: Any, mail: Any, world: World) -> None:
    page = visit(None, LAPTOP)
    page.goto(f"/repondre/{link_token(Recipient.objects.get())}/")
    page.get_by_role("radio", name="Bien reçu").focus()
    page.keyboard.press("Space")
    pause(page)
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
        if names[-1] == "confirmer":
            break
    assert "complement" not in names
    assert "accord" not in names
    page.keyboard.press("Enter")
    expect(page.get_by_text("Votre réponse est enregistrée")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_mail_that_matched_nothing_finds_its_signalement(
    visit: Any, mail: Any, world: World, size: Any
) -> None:
    world.inbound_mail(sender="inconnu@example.org")
    signalement = Signalement.objects.get()
    page = visit("coordination", size)
    page.goto("/signalements/courriels/")
    check(page)
    page.get_by_role("link", name=re.compile("Éclairage")).click()
    check(page)
    page.get_by_label("Numéro du signalement").fill(signalement.reference)
    page.get_by_role("button", name="Chercher").click()
    check(page)
    page.get_by_role("button", name="Rattacher").click()
    expect(page.get_by_text("Courriel rattaché au signalement")).to_be_visible()
    assert InboundMail.objects.get().recipient == signalement.recipients.get()
