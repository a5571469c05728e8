"""Mails of a séance that come back: the server's own refusal, and its report in the mailbox."""

from typing import Any

import pytest
from post_office.models import Email

from governance.meetings.actions.convening import convene
from governance.models import Contact, Invitation, Meeting
from mediation.models import InboundMail
from tests.conftest import NOW
from tests.mediation.inbound.conftest import imap, server  # noqa: F401
from tests.mediation.inbound.mails import fetch
from tests.pages import text_of
from tests.world import TODAY, World

TOWN = "contact-town-a-essai@example.org"


@pytest.fixture
def convened(world: World, smtp: Any, django_capture_on_commit_callbacks: Any) -> Meeting:
    meeting = world.meeting()
    world.item(meeting)
    smtp.refused = {}
    with django_capture_on_commit_callbacks(execute=True):
        return convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)


def report(message_id: str, status: str = "5.1.1", action: str = "failed") -> bytes:
    """As a server writes one (RFC 3464)."""
    lines = [
        "From: MAILER-DAEMON@example.org", "To: reponses@example.org", "Subject: Undelivered Mail",
        f"Message-ID: <retour.{status}@example.org>", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"', "",
        "--B", "Content-Type: text/plain", "", "Votre message.", "--B",
        "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mail.example.org", "",
        f"Final-Recipient: rfc822; {TOWN}", f"Action: {action}", f"Status: {status}", "", "--B",
        "Content-Type: text/rfc822-headers", "", f"Message-ID: {message_id}", f"To: {TOWN}", "",
        "--B--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


def test_a_refused_address_is_flagged_at_once(
    world: World, smtp: Any, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    meeting = world.meeting()
    world.item(meeting)
    smtp.refused = {TOWN: "550 5.1.1 no such user"}
    with django_capture_on_commit_callbacks(execute=True):
        convene(meeting=meeting, read_version=1, by=world.reader("coordination"), now=NOW)
    assert Contact.objects.get(email=TOWN).bounced_on == TODAY
    assert Invitation.objects.get(email=TOWN).bounced_on == TODAY
    page = sign_in(world, "coordination").get(f"/comites/seances/{meeting.pk}/")
    assert "Courriel revenu" in text_of(page)
    partner = sign_in(world, "owners").get(f"/comites/seances/{meeting.pk}/")
    assert "Courriel revenu" not in text_of(partner)


def test_a_report_in_the_mailbox_flags_who_it_names(convened: Meeting, imap: Any) -> None:  # noqa: F811
    sent = Email.objects.get(to=[TOWN])
    imap.put(report(str(sent.message_id)))
    fetch()
    assert Contact.objects.get(email=TOWN).bounced_on == TODAY
    assert Invitation.objects.get(email=TOWN).bounced_on == TODAY
    mail = InboundMail.objects.get()
    assert not mail.waits, "nobody has to sort it"
    assert mail.note.startswith(f"Courriel revenu\u00a0: {TOWN}")


def test_what_is_only_late_flags_nobody(convened: Meeting, imap: Any) -> None:  # noqa: F811
    sent = Email.objects.get(to=[TOWN])
    imap.put(report(str(sent.message_id), "4.4.1", "delayed"))
    fetch()
    assert Contact.objects.get(email=TOWN).bounced_on is None
    assert InboundMail.objects.get().note.startswith("Remise retardée")
