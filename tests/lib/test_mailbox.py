"""The demonstration's mailbox: there to follow the links, and nowhere else."""

from typing import Any

import pytest
from django.db import transaction
from post_office.models import Attachment, Email

from mediation.signalements.emails import outbox as emails

from ..conftest import NOW
from ..pages import text_of
from ..world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed(world: World, settings: Any) -> Email:
    settings.EMAIL_BACKEND = "humanicite.lib.mail.outbox.Outbox"
    signalement = world.sent(title="Banc cassé")
    return emails.queue_signalement(signalement.recipients.get(), now=NOW)


def paths(row: Email) -> list[str]:
    file = Attachment.objects.get(emails=row)
    mine = f"/demo/courriels/{row.pk}/"
    return ["/demo/courriels/", mine, f"{mine}html/", f"{mine}{file.pk}/"]


def test_outside_the_demonstration_there_is_none(mailed, settings, client) -> None:
    assert [client.get(path).status_code for path in paths(mailed)] == [200] * 4
    settings.DEMO = False
    assert [client.get(path).status_code for path in paths(mailed)] == [404] * 4


def test_a_mail_is_read_with_its_links_and_its_file(mailed, client) -> None:
    index, page, html, file = paths(mailed)
    assert "banc cassé" in text_of(client.get(index))
    shown = text_of(client.get(page))
    assert "sandbox=" in shown
    assert "choix=recu" in shown
    framed = client.get(html)
    assert '<base target="_top">' in text_of(framed)
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "script-src 'none'" in framed["Content-Security-Policy"]
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert b"".join(client.get(file).streaming_content).startswith(b"%PDF")


def test_another_mails_file_is_not_there(mailed, client) -> None:
    other = Email.objects.create(from_email="a@example.org", to=["b@example.org"])
    file = Attachment.objects.get(emails=mailed)
    assert client.get(f"/demo/courriels/{other.pk}/{file.pk}/").status_code == 404
    assert client.get(f"/demo/courriels/{other.pk}/html/").status_code == 404


def test_an_empty_mailbox_says_so(world: World, client) -> None:
    assert "Aucun courriel" in text_of(client.get("/demo/courriels/"))


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_is_printed_counts_as_handed_over(world, settings, capsys) -> None:
    settings.EMAIL_BACKEND = "humanicite.lib.mail.outbox.Outbox"
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "humanicite.lib.mail.servers.Console"}
    }
    row = world.sent().recipients.get()
    type(row).objects.update(state="file")
    with transaction.atomic():
        emails.queue_signalement(row, now=NOW)
    row.refresh_from_db()
    assert row.state == "remis"
    printed = capsys.readouterr().out
    assert "[signalement-2026-1.pdf]" in printed
    assert "choix=recu" in printed
