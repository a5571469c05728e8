"""The life of a meeting before it is held: dates found together, agenda, convocation, answers."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from icalendar import Calendar
from playwright.sync_api import Page, expect

from governance.models import Invitation, Meeting
from humanicite.lib.dates import add_working_days

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


@pytest.fixture
def posted(smtp: Any, settings: Any, live_server: Any) -> Any:
    cache.clear()  # what an earlier test asked too often
    settings.SITE_URL, settings.REPLY_ADDRESS = live_server.url, "reponses@example.org"
    return smtp


def link_in(smtp: Any, address: str) -> str:
    """The address of the page that the last mail to somebody leads to."""
    mails = [smtp.read(number) for number in range(len(smtp.messages))]
    mail = [one for one in mails if one["To"] == address][-1]
    words = mail.get_body(("plain",)).get_content().split()
    return next(word for word in words if "/seance/" in word)


def test_from_a_date_found_together_to_answers(visit: Any, world: World, posted: Any) -> None:
    today = timezone.localdate()
    last = world.meeting("held", day=today - timedelta(days=30))
    world.item(last, title="Éclairage du parvis", outcome="carried")
    meeting = world.meeting(day=add_working_days(today, 8))
    page: Page = visit("coordination", LAPTOP)
    page.goto(f"/comites/seances/{meeting.pk}/dates/")
    for number, later in enumerate((8, 9, 10), 1):
        group = page.get_by_role("group", name=f"Créneau {number}")
        group.get_by_label("Date").fill(add_working_days(today, later).isoformat())
        group.get_by_label("Début").fill("14h")
        group.get_by_label("Fin").fill("16h")
    page.get_by_role("button", name="Proposer ces dates").click()
    expect(page.get_by_text("Dates proposées : les invités sont prévenus")).to_be_visible()
    check(page)

    contact = f"contact-town-a-{world.slug}@example.org"
    town: Page = visit(None, PHONE)
    town.goto(link_in(posted, contact))
    for number in range(3):
        group = town.get_by_role("group").nth(number)
        group.get_by_role("radio", name="Oui" if number == 1 else "Non").check()
    check(town)
    town.wait_for_timeout(2100)
    town.get_by_role("button", name="Confirmer").click()
    expect(town.get_by_text("Vos réponses sont enregistrées")).to_be_visible()

    page.reload()
    page.locator("tfoot button.button--main").click()
    expect(page.get_by_text("Il reste à convoquer")).to_be_visible()
    page.get_by_role("link", name="Préparer l’ordre du jour").click()
    page.get_by_role("button", name="Retenir : Éclairage du parvis").click()
    page.get_by_label("Point", exact=True).fill("Bilan du mois")
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("button", name="Monter : Bilan du mois").click()
    expect(page.locator(".agenda li").first).to_contain_text("Bilan du mois")
    check(page)
    page.get_by_role("link", name="Convoquer").click()
    check(page)
    page.get_by_role("button", name="Convoquer").click()
    expect(page.get_by_text("courriels partent")).to_be_visible()
    check(page)

    meeting.refresh_from_db()
    assert meeting.day == add_working_days(today, 9)
    sent = [posted.read(number) for number in range(len(posted.messages))]
    mail = [one for one in sent if one["To"] == contact][-1]
    part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
    assert Calendar.from_ical(part.get_content()).walk("VEVENT")[0]["SEQUENCE"] == 0

    town.goto(f"{link_in(posted, contact)}?choix=excused")
    expect(town.get_by_role("radio", name="Excusé")).to_be_checked()
    check(town)
    town.wait_for_timeout(2100)
    town.get_by_role("button", name="Confirmer").click()
    expect(town.get_by_text("Votre réponse est enregistrée : excusé")).to_be_visible()
    assert Invitation.objects.get(email=contact, meeting=meeting).answer == "excused"
    assert Meeting.objects.get(pk=meeting.pk).is_convened


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("who", ["coordination", "town-a"])
def test_the_page_of_committees_is_legible(visit: Any, world: World, who: str, size: Any) -> None:
    today = timezone.localdate()
    meeting = world.meeting("convened", day=today + timedelta(days=6))
    world.item(meeting)
    world.meeting("held", day=today - timedelta(days=30))
    page = visit(who, size)
    for path in ("/comites/", f"/comites/seances/{meeting.pk}/"):
        page.goto(path)
        check(page)
