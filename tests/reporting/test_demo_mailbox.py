"""The demonstration's mailbox: a newcomer opens a mail and answers, without an account."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from post_office.models import STATUS, Email

from mediation.models import Recipient, Signalement
from reporting.demo.programme import load_demo, remove_demo

from ..pages import text_of

TODAY = date(2026, 3, 18)
pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings: Any) -> Any:
    settings.DEMO = True
    return load_demo(TODAY)


def test_it_holds_the_mails_of_the_open_signalements_each_to_be_answered(demo, client) -> None:
    still_open = {row.pk for row in Signalement.objects.all() if row.is_open and row.sent_at}
    told = set()
    for email in Email.objects.filter(deliveries__isnull=False):
        delivery = email.deliveries.select_related("recipient__signalement").get()
        assert email.to == [delivery.recipient.email]
        assert email.message_id == delivery.message_id
        assert email.status == STATUS.sent
        assert abs((email.created - delivery.handed_at).total_seconds()) < 1
        told.add(delivery.recipient.signalement_id)
    handed = Recipient.objects.filter(signalement__in=still_open, handed_at__isnull=False)
    assert told == set(handed.values_list("signalement_id", flat=True))
    assert len(told) > 5
    assert not mail.outbox
    assert Email.objects.first().subject in text_of(client.get("/demo/courriels/"))
    _answer_each(client)
    remove_demo()
    assert not Email.objects.exists()


def _answer_each(client: Any) -> None:
    """Every mail's link opens the page of the answer, to somebody who is not signed in."""
    for email in Email.objects.filter(deliveries__isnull=False):
        links = re.findall(r"https?://[^/\s]+(/repondre/[^\s?#]+)", email.message)
        assert links, email.message
        answer = client.get(links[0])
        assert answer.status_code == 200
        assert email.deliveries.get().recipient.signalement.title in text_of(answer)
