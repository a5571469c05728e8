"""Mails that machines write: automatic answers, and what comes back."""

from datetime import date

import pytest

from governance.models import Contact
from mediation.models import (
    Delivery,
    EventKind,
    Recipient,
    RecipientState,
)
from mediation.signalements.emails.outbox import queue_reminders

from ...conftest import NOW
from ...lib.test_inbound import bounce
from ...world import TODAY
from .mails import fetch, of, reply


def test_an_automatic_answer_acknowledges_nothing_and_is_shown_as_such(
    world, signalement, recipient, imap
) -> None:
    imap.put(
        reply(recipient, "Absent, voyez Mme Petit", Auto_Submitted="auto-replied"),
        reply(recipient, Subject="Absence : congés jusqu’au 30"),
    )
    assert fetch() == "auto: 2"
    assert {event.kind for event in signalement.events.all()} == {EventKind.AUTO}
    assert all(event.is_internal for event in signalement.events.all())
    recipient.refresh_from_db()
    assert (recipient.state, recipient.acknowledged_at) == ("remis", None)


def test_a_mail_that_came_back_for_good_flags_the_address(
    world, signalement, recipient, imap
) -> None:
    imap.put(of(recipient, bounce()))
    assert fetch() == "bounce: 1"
    event = signalement.events.get()
    assert (event.kind, event.is_internal) == (EventKind.BOUNCED, True)
    assert "550 5.1.1" in event.text
    recipient.refresh_from_db()
    assert recipient.state == RecipientState.ECHEC
    assert recipient.contact.bounced_on == TODAY


@pytest.mark.parametrize(
    ("action", "status", "state", "kind"),
    [
        ("failed", "4.4.7", "echec", "bounced"),  # given up after days: not the address's fault
        ("failed", "5.2.2", "echec", "bounced"),  # a full box
        ("failed", "5.7.1", "echec", "bounced"),  # a policy
        ("delayed", "4.4.1", "remis", "auto"),
        ("delivered", "2.0.0", "remis", "auto"),
    ],
)
def test_a_mail_that_is_late_flags_nobody(
    world, signalement, recipient, imap, action, status, state, kind
) -> None:
    imap.put(of(recipient, bounce(action, status)))
    assert fetch() == "bounce: 1"
    recipient.refresh_from_db()
    assert (recipient.state, recipient.contact.bounced_on) == (state, None)
    assert signalement.events.get().kind == kind


def test_who_answered_already_stays_so_when_a_reminder_comes_back(
    world, signalement, recipient, imap
) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(state="accuse", acknowledged_at=NOW)
    imap.put(of(recipient, bounce()))
    fetch()
    recipient.refresh_from_db()
    assert recipient.state == "accuse"
    assert recipient.contact.bounced_on == TODAY


def test_what_comes_back_of_another_address_flags_nobody(
    world, signalement, recipient, imap
) -> None:
    """The address leads to several others; or somebody made the report."""
    imap.put(bounce())
    assert fetch() == "bounce: 1"
    recipient.refresh_from_db()
    assert (recipient.state, recipient.contact.bounced_on) == ("remis", None)
    assert signalement.events.get().kind == EventKind.BOUNCED


def test_a_reply_from_an_address_says_that_it_is_good(world, signalement, recipient, imap) -> None:
    Contact.objects.filter(pk=recipient.contact_id).update(bounced_on=TODAY)
    imap.put(reply(recipient, From="collegue@example.org"))
    fetch()
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on == TODAY
    imap.put(reply(recipient))
    fetch()
    assert Contact.objects.get(pk=recipient.contact_id).bounced_on is None


def test_a_reminder_of_several_signalements_that_comes_back_is_told_on_each(
    world, signalement, recipient, imap
) -> None:
    other = world.sent("ilot-a").recipients.get()
    for row in (recipient, other):
        Delivery.objects.create(recipient=row, kind="reminder", message_id="<rappel@example.org>")
    imap.put(
        of(recipient, bounce().replace(b"<signalement.1@example.org>", b"<rappel@example.org>"))
    )
    assert fetch() == "bounce: 1"
    for row in (recipient, other):
        row.refresh_from_db()
        assert row.state == RecipientState.ECHEC
        assert row.signalement.events.get().kind == EventKind.BOUNCED
    assert recipient.contact.bounced_on == TODAY


def test_a_copy_that_comes_back_flags_the_backup_and_nobody_else(
    world, signalement, recipient, imap
) -> None:
    backup = Contact.objects.create(
        party=recipient.party, function="Suppléance", email="voirie@example.org", is_backup=True,
        starts=date(2024, 1, 1),
    )  # fmt: skip
    queue_reminders([recipient], to=recipient.email, copies=[backup.email], now=NOW)
    copy = Delivery.objects.order_by("pk").last().message_id
    imap.put(bounce().replace(b"<signalement.1@example.org>", copy.encode()))
    assert fetch() == "bounce: 1"
    backup.refresh_from_db()
    recipient.refresh_from_db()
    assert (backup.bounced_on, recipient.contact.bounced_on) == (TODAY, None)
    assert recipient.state == "remis"
    assert signalement.events.get().kind == EventKind.BOUNCED
