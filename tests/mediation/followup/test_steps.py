"""When a silence is followed by what."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from post_office.models import Email

from governance.models import Contact
from mediation.followup import steps as followup
from mediation.followup.actions import follow_up
from mediation.models import (
    Recipient,
    Reminder,
    Signalement,
    SignalementEvent,
)
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import reopen_signalement

from ...pages import text_of
from ...world import World
from .days import HANDED, at, backup, course, handed, run


def test_a_silence_is_followed_in_working_days(world: World) -> None:
    recipient = handed(world)
    # Easter Monday, 6 April, is no working day: D+15 is Tuesday 7 April.
    assert course(world, 30) == {
        "2026-03-19": ["relance"], "2026-03-25": ["suppleant"],
        "2026-03-30": ["appel"], "2026-04-07": ["comite"],
    }  # fmt: skip
    recipient.refresh_from_db()
    assert recipient.state == "silence"
    said = recipient.signalement.events.order_by("pk").values_list("kind", "is_internal")
    assert list(said) == [
        ("reminded", False), ("reminded", False), ("silent", False), ("call", True),
        ("committee", True),
    ]  # fmt: skip


@pytest.mark.parametrize("urgency", ["immediate", "haute"])
def test_what_is_urgent_is_followed_from_day_to_day(world: World, urgency: str) -> None:
    handed(world, urgency=urgency)
    assert course(world, 30) == {
        "2026-03-17": ["relance"], "2026-03-18": ["suppleant"],
        "2026-03-19": ["appel"], "2026-04-07": ["comite"],
    }  # fmt: skip


@pytest.mark.parametrize("day", [date(2026, 3, 21), date(2026, 3, 22), date(2026, 4, 6)])
def test_days_off_are_quiet(world: World, day: date, clock: Callable[..., None]) -> None:
    handed(world)
    clock(at(day))
    out = io.StringIO()
    call_command("send_reminders", stdout=out)
    assert "Jour non ouvré" in out.getvalue()
    assert not Reminder.objects.exists()
    assert not Email.objects.exists()
    assert not run(world, day)


def test_the_days_are_a_setting(world: World, settings: Any) -> None:
    settings.FOLLOW_UP_DAYS = [1, 2, 4, 5]
    handed(world)
    assert list(course(world, 9)) == ["2026-03-17", "2026-03-18", "2026-03-20", "2026-03-23"]
    settings.FOLLOW_UP_DAYS = [5, 3, 4, 9]
    with pytest.raises(ImproperlyConfigured):
        followup.defaults(urgent=False)


def test_after_two_weeks_without_a_run_nobody_is_accused_before_being_reminded(
    world: World,
) -> None:
    handed(world)
    assert course(world, 8, first=date(2026, 4, 13)) == {
        "2026-04-13": ["relance"], "2026-04-14": ["suppleant"], "2026-04-15": ["appel"],
        "2026-04-16": ["comite"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        {"acknowledged_at": at(HANDED, 15), "state": "accuse", "reply": "recu"},
        {"handed_at": None, "state": "file"},
    ],
    ids=["who acknowledged", "whose mail is still on its way"],
)
def test_left_alone(world: World, values: dict[str, Any]) -> None:
    recipient = handed(world)
    Recipient.objects.filter(pk=recipient.pk).update(**values)
    assert not course(world, 12)


@pytest.mark.parametrize(
    ("state", "reason"), [("declare", ""), ("verifie", ""), ("annule", "Erreur"), ("reoriente", "")]
)
def test_what_waits_for_nobody_reminds_nobody(world: World, state: str, reason: str) -> None:
    recipient = handed(world)
    closed = None if state == "declare" else HANDED
    Signalement.objects.filter(pk=recipient.signalement_id).update(
        state=state, reason=reason, closed_on=closed
    )
    assert not course(world, 12)


def test_one_answer_is_its_partys(world: World) -> None:
    handed(world)
    signalement = Signalement.objects.get()
    contact = backup(world)
    Recipient.objects.create(
        signalement=signalement, party=contact.party, contact=contact, function="x", is_copy=True,
        email=contact.email, state="remis", handed_at=at(HANDED),
    )  # fmt: skip
    assert course(world, 4) == {"2026-03-19": ["relance"]}, "who is in copy is not waited for"
    signalement.recipients.filter(is_copy=True).update(
        state="accuse", reply="recu", acknowledged_at=at(date(2026, 3, 20))
    )
    assert not course(world, 12, first=date(2026, 3, 20))


def test_a_promise_that_passed_is_recalled_then_called_then_proposed(world: World) -> None:
    recipient = handed(world, due_on=date(2026, 3, 24), state="pris")
    Recipient.objects.filter(pk=recipient.pk).update(
        acknowledged_at=at(HANDED, 15), answered_at=at(HANDED, 15), state="repondu",
        reply="charge", promised_on=date(2026, 3, 20),
    )  # fmt: skip
    assert course(world, 40) == {
        "2026-03-23": ["promesse"], "2026-04-01": ["appel"], "2026-04-09": ["comite"],
    }  # fmt: skip
    recipient.refresh_from_db()
    assert recipient.state == "repondu", "who spoke is not said to be silent"
    assert not SignalementEvent.objects.filter(kind="silent").exists()


def test_another_promise_begins_another_round(world: World, sign_in: Any) -> None:
    recipient = handed(world, due_on=date(2026, 3, 24))
    answer_signalement(
        recipient=recipient, reply="charge", promised_on=date(2026, 3, 20), now=at(HANDED, 15)
    )
    assert course(world, 18)  # recalled, then called
    assert followup.calls(world.programme.pk)
    answer_signalement(
        recipient=recipient, reply="charge", promised_on=date(2026, 4, 17), now=at(date(2026, 4, 3))
    )
    assert not followup.calls(world.programme.pk)
    assert course(world, 30, date(2026, 4, 3)) == {
        "2026-04-20": ["promesse"], "2026-04-29": ["appel"],
    }  # fmt: skip


def test_a_refusal_waits_for_somebody_and_the_committee(world: World, sign_in: Any) -> None:
    """Also where the party's back-up, in copy, says nothing."""
    copy = backup(world)
    recipient = handed(world, title="Banc cassé")
    signalement = recipient.signalement
    Recipient.objects.create(
        signalement=signalement, party=recipient.party, contact=copy, function=copy.function,
        email=copy.email, is_copy=True, state="remis",
    )  # fmt: skip
    answer_signalement(
        recipient=recipient, reply="autre", redirect_to="La Métropole", now=at(HANDED, 15)
    )
    signalement.refresh_from_db()
    assert signalement.state == "reoriente"
    client = sign_in(world, "coordination")
    assert "À réorienter</a>" in text_of(client.get("/pilotage/"))
    copied = text_of(client.get("/signalements/comite/")).split("<textarea")[1]
    assert "Banc cassé (Lieu hall-a essai). Refusé par ses destinataires." in copied
    end = {
        "to": "non_resolu",
        "reason": "Relève d’un autre service",
        "version": signalement.version,
    }
    assert client.post(f"/signalements/{signalement.pk}/suite/", end).status_code == 302
    assert "À réorienter</a>" not in text_of(client.get("/pilotage/"))


def test_reopened_its_addressee_is_told_and_followed_from_the_beginning(
    world: World, clock: Any
) -> None:
    recipient = handed(world, due_on=date(2026, 3, 20))
    signalement = recipient.signalement
    answer_signalement(
        recipient=recipient, reply="charge", promised_on=date(2026, 3, 18), now=at(HANDED, 15)
    )
    assert course(world, 5) == {"2026-03-19": ["promesse"]}
    answer_signalement(recipient=recipient, reply="resolu", now=at(date(2026, 3, 20), 15))
    signalement.refresh_from_db()
    clock(at(date(2026, 3, 23), 10))
    reopen_signalement(
        signalement=signalement, by=world.reader("mediateur"), now=at(date(2026, 3, 23), 10),
        read_version=signalement.version, text="La lampe clignote toujours.",
    )  # fmt: skip
    mail = Email.objects.order_by("pk").last()
    assert mail.to == [recipient.email]
    assert mail.subject.startswith("Rouvert, signalement 2026-1")
    assert "«\xa0La lampe clignote toujours.\xa0»" in mail.message
    # As long again as at its sending: ten working days, Easter Monday apart.
    signalement.refresh_from_db()
    assert signalement.due_on == date(2026, 4, 7)
    assert course(world, 30, date(2026, 3, 24)) == {
        "2026-04-08": ["promesse"], "2026-04-17": ["appel"],
    }  # fmt: skip


def test_who_only_acknowledged_owes_an_answer_by_the_signalements_own_day(world: World) -> None:
    recipient = handed(world, due_on=date(2026, 3, 24), state="accuse")
    Recipient.objects.filter(pk=recipient.pk).update(
        acknowledged_at=at(HANDED, 15), state="accuse", reply="recu"
    )
    assert course(world, 16) == {"2026-03-25": ["promesse"]}


def test_an_address_that_failed_is_called_at_once_and_never_called_silent(world: World) -> None:
    recipient = handed(world)
    Recipient.objects.filter(pk=recipient.pk).update(state="echec", handed_at=None)
    assert run(world, HANDED + timedelta(days=2)) == [("appel", recipient.pk)]
    recipient.refresh_from_db()
    assert recipient.state == "echec"
    assert not SignalementEvent.objects.filter(kind="silent").exists()
    assert not Email.objects.exists()


def test_who_left_without_a_successor_is_for_the_coordination(world: World) -> None:
    recipient = handed(world)
    Contact.objects.filter(pk=recipient.contact_id).update(ends=date(2026, 3, 17))
    assert run(world, date(2026, 3, 18)) == [("appel", recipient.pk)]


def test_a_successor_takes_over_the_day_after_the_last(world: World) -> None:
    recipient = handed(world)
    heir = Contact.objects.create(
        party=world.parties["town-a"], function="Direction", email="direction@example.org",
        starts=date(2026, 3, 19),
    )  # fmt: skip
    Contact.objects.filter(pk=recipient.contact_id).update(ends=date(2026, 3, 18), successor=heir)
    assert follow_up(programme=world.programme, now=at(date(2026, 3, 18))).handed_over == 0
    for moved in (1, 0):
        done = follow_up(programme=world.programme, now=at(date(2026, 3, 19)))
        assert done.handed_over == moved
    recipient.refresh_from_db()
    assert recipient.successor.contact == heir
    assert [mail.to for mail in Email.objects.all()] == [["direction@example.org"]]
