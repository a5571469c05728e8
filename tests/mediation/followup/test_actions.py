"""Actions that committees decided, reminded of in the same mail as signalements."""

from datetime import date
from typing import Any

import pytest
from post_office.models import Email

from governance.decisions.links import action_link
from governance.models import ActionReminder, Contact
from mediation.followup.actions import follow_up

from .days import at, backup, handed

MAIN = "contact-town-a-essai@example.org"


@pytest.fixture
def action(world) -> Any:
    """Due on Wednesday 18 March, given to town A by a meeting of February."""
    item = world.item(world.held(day="2026-02-18"))
    return world.action(item, due_on=date(2026, 3, 18))


def steps(world: Any, day: date, **options: Any) -> list[str]:
    done = follow_up(programme=world.programme, now=at(day), **options)
    return [str(step) for step, _ in done.actions]


def test_its_steps_by_working_days(world, action) -> None:
    found = {}
    for day in (*range(9, 32),):
        if taken := steps(world, date(2026, 3, day)):
            found[day] = taken
    assert steps(world, date(2026, 4, 1)) == ["comite"]
    # Two working days before, the day after, five after.
    assert found == {16: ["bientot"], 19: ["relance"], 25: ["suppleant"]}
    assert [mail.to for mail in Email.objects.order_by("pk")] == [[MAIN]] * 3
    assert not steps(world, date(2026, 4, 2))


def test_one_mail_tells_of_signalements_and_of_actions(world, action) -> None:
    handed(world)
    assert steps(world, date(2026, 3, 19)) == ["relance"]
    sent = Email.objects.get()
    assert sent.to == [MAIN]
    assert "1 signalement et 1 action" in sent.subject.replace("\u00a0", " ")
    for text in (sent.message, sent.html_message):
        assert "Éclairage éteint" in text
        assert "Chiffrer le remplacement" in text
        assert action_link(action) in text
    # The next run of the day writes to nobody again.
    assert not steps(world, date(2026, 3, 19))
    assert Email.objects.count() == 1


def test_the_back_up_is_in_copy_of_the_second_reminder(world, action) -> None:
    backup(world)
    for day in (19, 25):
        steps(world, date(2026, 3, day))
    sent = [mail.to[0] for mail in Email.objects.order_by("pk")]
    assert sent == [MAIN, MAIN, "suppleant@example.org"]


def test_done_it_is_left_alone_and_another_date_begins_anew(world, action) -> None:
    steps(world, date(2026, 3, 19))
    action.due_on = date(2026, 4, 15)
    action.save()
    assert not steps(world, date(2026, 3, 27))
    assert steps(world, date(2026, 4, 13)) == ["bientot"]
    action.refresh_from_db()
    action.state, action.closed_on = "done", date(2026, 4, 14)
    action.save()
    assert not steps(world, date(2026, 4, 16))


def test_a_party_that_nobody_reaches_comes_to_the_committee(world, action) -> None:
    Contact.objects.filter(party=world.parties["town-a"]).update(email="")
    assert not steps(world, date(2026, 3, 19))
    assert steps(world, date(2026, 4, 1)) == ["comite"]
    assert not Email.objects.exists()
    assert ActionReminder.objects.get().email == ""


def test_a_dry_run_writes_nothing(world, action) -> None:
    assert steps(world, date(2026, 3, 19), dry_run=True) == ["relance"]
    assert not Email.objects.exists()
    assert not ActionReminder.objects.exists()


def test_what_is_still_in_project_reminds_nobody(world, action) -> None:
    action.is_internal = True
    action.save()
    assert not steps(world, date(2026, 3, 19))
