"""Calendars that answer a convocation by mail, as they do, forged, late, or by a machine."""

import os
from datetime import timedelta
from email.message import EmailMessage
from email.mime.text import MIMEText
from typing import Any

import pytest

from governance.meetings.links import reply_address
from governance.models import Invitation
from mediation.models import InboundMail

from ...conftest import NOW
from .mails import fetch


@pytest.fixture
def invitation(world: Any, imap: Any) -> Invitation:
    return world.meeting("convened").invitations.get(party__slug="town-a")


def answer(invitation: Invitation, partstat: str = "ACCEPTED", **values: Any) -> Any:
    """As a calendar sends it: a text, and the event with the one attendee."""
    said = {
        "method": "REPLY", "uid": f"seance-{invitation.meeting.uid.hex}@humanicite", "sequence": 0,
        "attendee": invitation.email, "From": invitation.email, "To": reply_address(invitation),
        "auto": None,
    } | values  # fmt: skip
    mail = EmailMessage()
    mail["From"], mail["To"] = said["From"], said["To"]
    mail["Subject"] = "Accepté : Comité de suivi"
    mail["Message-ID"] = f"<{os.urandom(6).hex()}@example.org>"
    if said["auto"]:
        mail["Auto-Submitted"] = said["auto"]
    mail.set_content("Accepté.")
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "PRODID:-//Calendrier//FR", "VERSION:2.0", f"METHOD:{said['method']}",
        "BEGIN:VEVENT", f"UID:{said['uid']}", f"SEQUENCE:{said['sequence']}",
        "DTSTAMP:20260317T090000Z", "DTSTART:20260330T120000Z",
        f"ATTENDEE;PARTSTAT={partstat};CN=Mairie:mailto:{said['attendee']}",
        "END:VEVENT", "END:VCALENDAR", "",
    ])  # fmt: skip
    mail.make_alternative()
    part = MIMEText(text, "calendar", "utf-8")
    part.set_param("method", said["method"])
    mail.attach(part)
    return mail


@pytest.mark.parametrize(
    ("partstat", "counted"),
    [("ACCEPTED", "present"), ("DECLINED", "excused"), ("DELEGATED", "represented"),
     ("TENTATIVE", ""), ("NEEDS-ACTION", "")],
)  # fmt: skip
def test_a_calendar_answers(partstat, counted, invitation, imap, mailoutbox) -> None:
    imap.put(answer(invitation, partstat))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == counted
    assert mailoutbox == [], "a reply causes no mail"


def test_it_says_which_convocation_it_answers_and_counts_once(invitation, imap) -> None:
    mail = answer(invitation, auto="auto-generated")
    imap.put(mail, mail)
    assert fetch() == "known: 1, matched: 1"
    assert "Réponse à une convocation, présent" in InboundMail.objects.get().note


def test_without_the_signed_address_the_sender_must_be_the_attendee(invitation, imap) -> None:
    plain = {"To": "reponses@example.org"}
    imap.put(answer(invitation, **plain, From="x@example.org"))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == ""
    imap.put(answer(invitation, **plain))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == "present"


@pytest.mark.parametrize(
    "values",
    [
        {"uid": "seance-00000000000000000000000000000000@humanicite"},
        {"uid": "autre@example.org"},
        {"method": "REQUEST"},
        {"auto": "auto-replied"},
        {"To": "reponses+s1-00000000000000000000@example.org", "From": "x@example.org"},
    ],
)
def test_what_is_forged_or_automatic_changes_nothing(values, invitation, imap) -> None:
    imap.put(answer(invitation, **values))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_an_answer_to_an_earlier_date_is_none(invitation, imap) -> None:
    meeting = invitation.meeting
    meeting.sequence = meeting.asked_sequence = 2
    meeting.save()
    imap.put(answer(invitation, sequence=1))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == ""
    assert "non comptée" in InboundMail.objects.get().note


def test_after_it_began_nothing_counts(invitation, imap, clock) -> None:
    clock(NOW + timedelta(days=20))
    imap.put(answer(invitation))
    fetch()
    invitation.refresh_from_db()
    assert invitation.answer == ""


def test_words_wait_for_the_coordination(world, invitation, imap) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"] = invitation.email, reply_address(invitation)
    mail["Subject"], mail["Message-ID"] = "Re: convocation", "<mots@example.org>"
    mail.set_content("Peut-on commencer à 15 h ?")
    imap.put(mail)
    assert fetch() == "unmatched: 1"
    kept = InboundMail.objects.get()
    assert kept.programme == world.programme
    assert "Répond à une convocation" in kept.note
