"""The page of a mail that came in, in a browser."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from humanicite.lib.mail.inbound import read
from mediation.inbound import actions
from mediation.models import Delivery, DeliveryKind, InboundMail

from ..mails import made
from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

FILE = "<fiche.1@example.org>"


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_ticket_tools_answer_counts_in_one_press_and_its_whole_is_there(
    visit: Any, world: World, size: Any
) -> None:
    recipient = world.sent().recipients.get()
    Delivery.objects.create(recipient=recipient, kind=DeliveryKind.SIGNALEMENT, message_id=FILE)
    quoted = "\n\nDe : M <m@example.org>\nEnvoyé : lundi\nObjet : x\n\nQuand ?\n[ST] Mardi."
    headers = {"From": recipient.email, "In_Reply_To": FILE}
    first = made(
        "Passage mercredi.", Auto_Submitted="auto-generated", Message_ID="<1@x>", **headers
    )
    for raw in (first, made(f"C’est noté.{quoted}", Message_ID="<2@x>", **headers)):
        actions.take(read(raw), now=timezone.now())
    ticket, answer = InboundMail.objects.order_by("pk")
    page = visit("coordination", size)
    page.goto(f"/signalements/courriels/{ticket.pk}/")
    check(page)
    page.get_by_role("button", name="Compter comme une réponse").click()
    expect(page.get_by_text("Compté comme une réponse")).to_be_visible()
    page.get_by_role("button", name="C’est automatique").click()
    expect(page.get_by_text("Compté comme automatique")).to_be_visible()
    page.goto(f"/signalements/courriels/{answer.pk}/")
    expect(page.get_by_text("[ST] Mardi.")).to_be_hidden()
    page.get_by_text("Une partie est coupée").click()
    expect(page.get_by_text("[ST] Mardi.")).to_be_visible()
    check(page)
