"""Reminders, calls and proposals: in working days, each once, one mail a person and day."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from post_office.models import Email

from governance.models import Contact, JournalEntry
from mediation.followup import steps as followup
from mediation.followup.actions import follow_up
from mediation.followup.steps import Step
from mediation.models import (
    Recipient,
    Relay,
    Reminder,
    Signalement,
    SignalementEvent,
    SignalementState,
)
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import reopen_signalement

from ...pages import text_of
from ...world import World, make_world

PARIS = ZoneInfo("Europe/Paris")
HANDED = date(2026, 3, 16)  # a Monday; no public holiday before Easter Monday, 6 April


def at(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS)


def handed(world: World, **values: Any) -> Recipient:
    """A recipient whose mail was handed over on Monday 16 March at nine."""
    signalement = world.sent(**values)
    recipient = signalement.recipients.get()
    recipient.handed_at = at(HANDED, 9)
    recipient.save()
    return recipient


def backup(world: World, party: str = "town-a") -> Contact:
    return Contact.objects.create(
        party=world.parties[party], function="Suppléance", email="suppleant@example.org",
        is_backup=True, starts=date(2024, 1, 1),
    )  # fmt: skip


def run(world: World, day: date, **options: Any) -> list[tuple[str, int]]:
    done = follow_up(programme=world.programme, now=at(day), **options)
    return [(str(step), row.pk) for step, row in done.steps]


def course(world: World, days: int, first: date = HANDED) -> dict[str, list[str]]:
    """Runs every morning for some days: day → the steps taken."""
    found = {}
    for n in range(days):
        day = first + timedelta(days=n)
        if steps := [step for step, _ in run(world, day)]:
            found[day.isoformat()] = steps
    return found


# --- When -----------------------------------------------------------------------------------------


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
        followup.pace("normale")


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


# --- The mails ------------------------------------------------------------------------------------


def test_one_mail_a_person_and_day_whatever_waits(world: World) -> None:
    for _ in range(3):
        handed(world)
    handed(world, to="town-b")
    day = date(2026, 3, 19)
    assert len(run(world, day)) == 4
    sent = sorted(mail.to[0] for mail in Email.objects.all())
    assert sent == ["contact-town-a-essai@example.org", "contact-town-b-essai@example.org"]
    # One more that falls due the same day waits for the next.
    late = handed(world)
    assert not run(world, day)
    assert run(world, date(2026, 3, 20)) == [("relance", late.pk)]


def test_a_second_run_and_a_dry_run_change_nothing(
    world: World, clock: Callable[..., None]
) -> None:
    handed(world)
    clock(at(date(2026, 3, 19)))

    def tried(*options: str) -> tuple[str, int, int, int, int]:
        out = io.StringIO()
        call_command("send_reminders", *options, stdout=out)
        counts = (Reminder, Email, SignalementEvent, JournalEntry)
        return out.getvalue(), *(model.objects.count() for model in counts)

    said, *counts = tried("--dry-run")
    assert "2026-1  Relance : Interlocuteur town-a" in said.replace("\u00a0", " ")
    assert counts == [0, 0, 0, 0]
    assert tried()[1:] == (1, 1, 1, 1)
    assert tried()[1:] == (1, 1, 1, 1)


def test_the_back_up_is_in_copy_of_the_second_reminder_only(world: World) -> None:
    backup(world)
    handed(world)
    course(world, 10)
    sent = [mail.to[0] for mail in Email.objects.order_by("pk")]
    main = "contact-town-a-essai@example.org"
    assert sent == [main, main, "suppleant@example.org"]


def test_who_is_in_copy_has_one_mail_a_day_too(world: World) -> None:
    backup(world)
    other = Contact.objects.create(
        party=world.parties["town-a"], function="Voirie", email="voirie@example.org",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    handed(world)
    second = handed(world)
    Recipient.objects.filter(pk=second.pk).update(contact=other, email=other.email)
    days: dict[str, list[str]] = {}
    for n in range(12):
        day = HANDED + timedelta(days=n)
        before = set(Email.objects.values_list("pk", flat=True))
        run(world, day)
        sent = [mail.to[0] for mail in Email.objects.exclude(pk__in=before)]
        assert len(sent) == len(set(sent)), f"somebody had two mails on {day}"
        days[day.isoformat()] = sorted(sent)
    copied = [day for day, sent in days.items() if "suppleant@example.org" in sent]
    assert copied == ["2026-03-25", "2026-03-26"]


def test_a_fault_in_one_mail_leaves_the_others_and_itself_for_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediation.followup import actions

    recipient, other = handed(world), handed(world, to="town-b")
    real = actions.queue_reminders

    def broken(recipients: Any, **kwargs: Any) -> Any:
        if recipients[0].pk == recipient.pk:
            raise RuntimeError("no template")
        return real(recipients, **kwargs)

    monkeypatch.setattr(actions, "queue_reminders", broken)
    done = follow_up(programme=world.programme, now=at(date(2026, 3, 19)))
    assert [(row.pk, done.failed) for _, row in done.steps] == [(other.pk, 1)]
    assert [row.recipient for row in Reminder.objects.all()] == [other]
    assert not recipient.signalement.events.exists()
    monkeypatch.setattr(actions, "queue_reminders", real)
    assert run(world, date(2026, 3, 19)) == [("relance", recipient.pk)]


@pytest.mark.django_db(transaction=True)
def test_four_runs_at_once_are_one(clock: Any) -> None:
    world = make_world()
    backup(world)
    for n in range(6):
        handed(world, to=("town-a", "town-b")[n % 2])
    start = Barrier(4)

    def one(_: int) -> int:
        try:
            start.wait()
            return len(run(world, date(2026, 3, 25)))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(4))) == 6
    assert Reminder.objects.count() == 6
    assert Email.objects.count() == 2
    assert SignalementEvent.objects.filter(kind="reminded").count() == 6


def test_another_programme_is_another_run(world: World, elsewhere: World) -> None:
    handed(world)
    theirs = handed(elsewhere)
    assert len(run(world, date(2026, 3, 19))) == 1
    assert not theirs.reminders.exists()


# --- The call list and the committee --------------------------------------------------------------


@pytest.fixture
def to_call(world: World) -> Recipient:
    """Two signalements of one contact, with a call to make about each."""
    Contact.objects.filter(party=world.parties["town-a"]).update(phone="03 20 00 00 00")
    first, _ = handed(world, title="Banc cassé"), handed(world, title="Lampe éteinte")
    course(world, 16)
    assert Reminder.objects.filter(step=Step.CALL).count() == 2
    return first


def test_a_call_is_noted_once_and_done(world: World, to_call: Recipient, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    text = text_of(client.get("/signalements/a-appeler/"))
    assert text.count("Interlocuteur town-a essai</h2>") == 1
    assert "03 20 00 00 00".replace(" ", "\xa0") in text
    assert "Banc cassé" in text
    assert "Lampe éteinte" in text
    path = f"/signalements/a-appeler/{to_call.contact_id}/"
    page = text_of(client.get(path))
    data = {
        "uid": page.split('name="uid" value="')[1].split('"')[0], "signalements": [to_call.pk],
        "note": "Message laissé", "reply": "",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(path, data).status_code in (302, 422)
    relay = Relay.objects.get()
    assert (relay.channel, relay.note, relay.signalement) == (
        "telephone", "Message laissé", to_call.signalement,
    )  # fmt: skip
    assert to_call.reminders.get(step=Step.CALL).done_on == date(2026, 3, 18)
    left = text_of(client.get("/signalements/a-appeler/"))
    assert "Banc cassé" not in left
    assert "Lampe éteinte" in left


def test_what_is_said_on_the_phone_counts_as_an_answer(
    world: World, to_call: Recipient, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    rows = list(Recipient.objects.order_by("pk"))
    path = f"/signalements/a-appeler/{to_call.contact_id}/"
    data = {
        "uid": "0f5a5a3e-1c1d-4c5e-9a53-1e7a4c0a1a11", "signalements": [row.pk for row in rows],
        "note": "Les services passent vendredi", "reply": "charge",
    }  # fmt: skip
    wrong = client.post(path, data)
    assert wrong.status_code == 422
    assert "Les services passent vendredi" in text_of(wrong)
    assert client.post(path, data | {"promised_on": "2026-03-27"}).status_code == 302
    for row in rows:
        row.refresh_from_db()
        assert (row.reply, row.promised_on) == ("charge", date(2026, 3, 27))
        assert row.signalement.state == SignalementState.PRIS_EN_CHARGE
        said = row.signalement.events.get(kind="replied")
        assert said.title == "Je m’en occupe, pour le vendredi 27\xa0mars 2026, par téléphone"
        assert not said.text, "the note stays with the operator"
    assert "Personne à appeler" in text_of(client.get("/signalements/a-appeler/"))


def test_an_answer_by_mail_takes_the_call_off_the_list(
    world: World, to_call: Recipient, sign_in: Any
) -> None:
    for row in Recipient.objects.all():
        answer_signalement(recipient=row, reply="recu", now=at(date(2026, 3, 31)))
    client = sign_in(world, "coordination")
    assert "Personne à appeler" in text_of(client.get("/signalements/a-appeler/"))


def test_the_committees_list_says_of_a_confidential_signalement_its_number_only(
    world: World, sign_in: Any
) -> None:
    handed(world, title="Banc cassé")
    secret = handed(world, title="Affaire délicate", is_confidential=True)
    client = sign_in(world, "coordination")
    assert "Aucun signalement à proposer" in text_of(client.get("/signalements/comite/"))
    course(world, 30)
    text = text_of(client.get("/signalements/comite/"))
    copied = text.split("<textarea")[1].split("</textarea")[0]
    assert "Banc cassé (Lieu hall-a essai)" in copied
    assert "Affaire délicate" not in copied
    assert f"{secret.signalement.reference}" in copied
    assert "Affaire délicate" in text, "the coordination reads it in the list itself"


def test_a_line_is_taken_off_the_committees_list_and_put_back(world: World, sign_in: Any) -> None:
    row = handed(world, title="Banc cassé")
    course(world, 30)
    client = sign_in(world, "coordination")
    path, listed = f"/signalements/comite/{row.pk}/", "/signalements/comite/"
    for _ in range(2):  # a second press changes nothing
        text = text_of(client.post(path, follow=True))
        assert "Plus rien à proposer" in text
        assert "Remettre" in text
    course(world, 31)
    assert "Plus rien à proposer" in text_of(client.get(listed))
    moments = row.signalement.events.filter(kind="committee").order_by("pk")
    assert [moment.title.partition("\xa0:")[0] for moment in moments] == [
        "Proposé au comité, sans réponse", "Retiré de la liste du comité",
    ]  # fmt: skip
    assert all(moment.is_internal for moment in moments)
    text = text_of(client.post(path, {"remettre": "1"}, follow=True))
    assert "Banc cassé (Lieu hall-a essai)" in text.split("<textarea")[1]


@pytest.mark.parametrize("path", ["/signalements/a-appeler/", "/signalements/comite/"])
@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_the_lists_are_the_coordinations(world: World, sign_in: Any, who: str, path: str) -> None:
    assert sign_in(world, who).get(path).status_code == 403


def test_the_same_queries_for_one_call_and_for_thirty(
    world: World, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        handed(world)
    course(world, 30)
    client = sign_in(world, "coordination")
    for path in ("/signalements/a-appeler/", "/signalements/comite/"):
        client.get(path)
        with django_assert_max_num_queries(8):
            assert text_of(client.get(path)).count("Éclairage éteint") >= 30
