"""Who takes a signalement over, when its contact leaves, comes back, or hands on to somebody who left."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.text import slugify
from post_office.models import Email

from governance.models import Contact
from mediation.answers.actions import ask_for_a_link
from mediation.followup import actions
from mediation.followup.actions import hand_over, send_again
from mediation.models import Recipient
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import redirect_signalement
from mediation.signalements.actions.succession import succeed
from mediation.signalements.links import link_holds

from ...world import TODAY, World

YESTERDAY = TODAY - timedelta(days=1)


def colleague(world: World, function: str, **values: Any) -> Contact:
    given = {
        "party": world.parties["town-a"], "function": function, "starts": date(2024, 1, 1),
        "email": f"{slugify(function)}@example.org",
    }  # fmt: skip
    return Contact.objects.create(**(given | values))


def leaves(contact: Contact, heir: Contact | None, day: date = YESTERDAY) -> int:
    Contact.objects.filter(pk=contact.pk).update(ends=day, successor=heir)
    contact.refresh_from_db()
    return succeed(contact=contact, by=None, now=timezone.now())


def current(signalement: Any) -> list[str]:
    return [row.contact.function for row in signalement.recipients.filter(successor=None)]


def test_who_comes_back_receives_the_signalement_again(world: World) -> None:
    """A hands to B, who hands back to A: the signalement is A's, with another link."""
    signalement, first = world.sent(), world.contact()
    row = signalement.recipients.get()
    nonce, second = row.nonce, colleague(world, "Voirie")
    assert leaves(first, second) == 1
    Contact.objects.filter(pk=first.pk).update(ends=None)
    assert leaves(second, first) == 1
    assert current(signalement) == [first.function]
    row.refresh_from_db()
    assert row.nonce != nonce
    assert Email.objects.order_by("pk").last().to == [first.email]
    assert link_holds(row, TODAY)


def test_it_goes_to_whoever_is_there_now(world: World) -> None:
    """Not to an heir who left as well; and none is there: it waits."""
    signalement, first = world.sent(), world.contact()
    third = colleague(world, "Troisième", starts=TODAY + timedelta(days=10))
    second = colleague(world, "Deuxième", ends=YESTERDAY, successor=third)
    assert leaves(first, second, TODAY - timedelta(days=5)) == 0
    assert current(signalement) == [first.function]
    assert not Email.objects.exists()
    Contact.objects.filter(pk=third.pk).update(starts=TODAY)
    assert hand_over(programme=world.programme, now=timezone.now()) == 1
    assert current(signalement) == ["Troisième"]
    assert [mail.to for mail in Email.objects.all()] == [["troisieme@example.org"]]


def test_two_who_name_each_other_keep_the_signalement_where_it_is(world: World) -> None:
    signalement, first = world.sent(), world.contact()
    second = colleague(world, "Voirie", ends=YESTERDAY, successor=first)
    assert leaves(first, second) == 0
    assert current(signalement) == [first.function]


def test_the_new_one_is_waited_for_and_the_signalement_says_so(world: World) -> None:
    signalement, first = world.sent(), world.contact()
    answer_signalement(
        recipient=signalement.recipients.get(),
        reply="charge",
        promised_on=TODAY,
        now=timezone.now(),
    )
    leaves(first, colleague(world, "Voirie"))
    signalement.refresh_from_db()
    assert signalement.state == "envoye"
    heir = signalement.recipients.get(successor=None)
    answer_signalement(recipient=heir, reply="recu", now=timezone.now())
    signalement.refresh_from_db()
    assert signalement.state == "accuse"


@pytest.mark.parametrize(("days", "renews"), [(1, True), (30, True), (31, False), (700, False)])
def test_who_left_renews_the_link_for_thirty_days_and_no_more(
    world: World, days: int, renews: bool
) -> None:
    row = world.sent(is_confidential=True).recipients.get()
    Contact.objects.filter(pk=row.contact_id).update(ends=TODAY - timedelta(days=days))
    row.refresh_from_db()
    assert not link_holds(row, TODAY)
    assert ask_for_a_link(recipient=row, now=timezone.now()) is renews
    row.refresh_from_db()
    assert link_holds(row, TODAY) is renews
    assert not link_holds(row, TODAY + timedelta(days=31))


def test_what_was_sent_to_the_wrong_address_is_taken_back_and_answers_stay(world: World) -> None:
    """Sent again: what waits for the former address does not leave, and an answer is kept."""
    answered, silent = world.sent(), world.sent()
    contact = world.contact()
    Contact.objects.filter(pk=contact.pk).update(email="corrigee@example.org")
    row = answered.recipients.get()
    answer_signalement(recipient=row, reply="charge", promised_on=TODAY, now=timezone.now())
    contact.refresh_from_db()
    by = world.reader("coordination")
    assert send_again(contact=contact, by=by, now=timezone.now()) == 2
    row.refresh_from_db()
    assert (row.reply, row.state, row.email) == ("charge", "repondu", "corrigee@example.org")
    assert send_again(contact=contact, by=by, now=timezone.now()) == 0
    first = Email.objects.get(deliveries__recipient=silent.recipients.get())
    Contact.objects.filter(pk=contact.pk).update(email="encore@example.org")
    contact.refresh_from_db()
    assert send_again(contact=contact, by=by, now=timezone.now()) == 2
    first.refresh_from_db()
    assert first.status == 1, "withdrawn"
    mine = Recipient.objects.get(signalement=silent)
    assert [row.error.split("\xa0")[0] for row in mine.deliveries.order_by("pk")] == ["Retiré", ""]


def test_an_answer_that_comes_while_signalements_are_sent_again_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = world.contact()
    row = world.sent().recipients.get()
    Recipient.objects.filter(pk=row.pk).update(state="echec")
    read = actions.to_send_again(contact)

    def meanwhile(contact: Contact) -> list[Recipient]:
        answer_signalement(recipient=row, reply="recu", now=timezone.now())
        return read

    monkeypatch.setattr(actions, "to_send_again", meanwhile)
    assert send_again(contact=contact, by=world.reader("coordination"), now=timezone.now()) == 0
    row.refresh_from_db()
    assert (row.reply, row.state) == ("recu", "accuse")
    assert row.acknowledged_at is not None


def test_what_a_contact_refused_is_not_handed_on(world: World) -> None:
    signalement, first = world.sent(), world.contact()
    other = world.contact("town-b")
    answer_signalement(
        recipient=signalement.recipients.get(), reply="autre", redirect_to="La Métropole",
        now=timezone.now(),
    )  # fmt: skip
    signalement.refresh_from_db()
    redirect_signalement(
        signalement=signalement, contact=other, by=world.reader("mediateur"), now=timezone.now(),
        read_version=signalement.version,
    )  # fmt: skip
    assert leaves(first, colleague(world, "Voirie")) == 0
    assert current(signalement) == [first.function, other.function]
