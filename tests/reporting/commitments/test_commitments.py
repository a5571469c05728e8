"""What each party has done: the same facts for every reader, and no more than all may know (R69, R83–R86)."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import Contact, Convention, Invitation, Seat, Signatory
from mediation.models import Recipient
from reporting.figures.commitments import Commitments, commitments
from reporting.periods import Period

from ...pages import text_of
from ...world import TODAY, World

YEAR = Period.parse("2026")


@pytest.fixture(autouse=True)
def signed(world: World) -> None:
    convention = Convention.objects.get(programme=world.programme, starts=date(2026, 1, 1))
    for key in ("town-a", "town-b"):
        Signatory.objects.create(
            convention=convention, party=world.parties[key], represented_by="Maire"
        )


def of(world: World, key: str, on: date = TODAY) -> Commitments:
    [row] = commitments(world.programme.pk, [world.parties[key]], YEAR, on)
    return row


def answered(world: World, *, to: str = "town-a", **values: Any) -> Recipient:
    recipient = world.sent(to=to, **values).recipients.get()
    moment = datetime(2026, 3, 17, 9, tzinfo=UTC)
    recipient.reply, recipient.acknowledged_at, recipient.answered_at = "charge", moment, moment
    recipient.save()
    return recipient


def test_a_party_that_was_asked_nothing_has_nothing_amiss(world: World, sign_in) -> None:
    row = of(world, "town-b")
    assert (row.contacts, row.meetings.total, row.signalements.total, row.news) == (1, 0, 0, 0)
    text = text_of(sign_in(world, "town-a").get("/engagements/"))
    for word in ("aucun adressé", "aucune pointée", "aucune échue"):
        assert word in text


def test_signalements_without_confidential_cancelled_and_other_years(world: World) -> None:
    for _ in range(4):
        answered(world)
    world.sent()
    answered(world, is_confidential=True)
    answered(world, state="annule", closed_on=TODAY, reason="Doublon")
    answered(
        world, sent_at=datetime(2025, 12, 30, 9, tzinfo=UTC), year=2025, due_on=date(2026, 1, 9)
    )
    share = of(world, "town-a").signalements
    assert (share.done, share.total, share.is_few) == (4, 5, False)


def test_of_fewer_than_five_nobody_is_told_the_course(world: World, sign_in) -> None:
    for _ in range(4):
        answered(world)
    assert of(world, "town-a").signalements.is_few
    for who in ("town-a", "town-b", "coordination"):
        text = text_of(sign_in(world, who).get("/engagements/"))
        assert "moins de cinq" in text, who
        assert "4\u00a0sur" not in text
        assert "4 sur" not in text


def test_one_signalement_to_two_contacts_is_one(world: World) -> None:
    recipient = answered(world)
    other = Contact.objects.create(
        party=world.parties["town-a"], function="Voirie", email="v@example.org",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    Recipient.objects.create(
        signalement=recipient.signalement, party=other.party, contact=other, function="Voirie",
        email=other.email, state="remis",
    )  # fmt: skip
    share = of(world, "town-a").signalements
    assert (share.done, share.total) == (1, 1)


def test_contacts_and_seats_are_those_of_the_day(world: World) -> None:
    party = world.parties["town-a"]
    for values in (
        {"function": "Suppléant", "email": "s@example.org", "is_backup": True},
        {"function": "À désigner"},
        {"function": "Parti", "email": "p@example.org", "ends": date(2026, 3, 17)},
    ):
        Contact.objects.create(party=party, starts=date(2024, 1, 1), **values)
    Seat.objects.create(committee=world.other_committee, party=party, starts=date(2024, 1, 1))
    row = of(world, "town-a")
    assert (row.contacts, row.backups) == (2, 1)
    assert (row.seats.done, row.seats.total) == (1, 2)
    assert of(world, "town-a", on=date(2026, 3, 17)).contacts == 3


def held(world: World, day: date, **attendance: str) -> None:
    meeting = world.meeting("held", day=day)
    Invitation.objects.filter(meeting=meeting).delete()
    for key, said in attendance.items():
        party = world.parties[key.replace("_", "-")]
        Invitation.objects.create(meeting=meeting, party=party, function="X", attendance=said)


def test_meetings_that_were_held_and_noted(world: World) -> None:
    held(world, date(2026, 1, 20), town_a="present", town_b="absent")
    held(world, date(2026, 2, 17), town_a="represented", town_b="excused")
    held(world, date(2026, 3, 3), town_a="", town_b="present")
    held(world, date(2025, 12, 9), town_a="present", town_b="present")
    shares = [of(world, key).meetings for key in ("town-a", "town-b")]
    assert [(one.done, one.total) for one in shares] == [(2, 2), (1, 3)]


def test_news_that_was_published(world: World) -> None:
    world.news("hall-a", "town-a")
    world.news("hall-a", "town-a", state="draft")
    world.news("hall-b", "town-b")
    assert (of(world, "town-a").news, of(world, "town-b").news) == (1, 1)


def test_every_signatory_reads_the_same(world: World, sign_in) -> None:
    for _ in range(6):
        answered(world)
    rows = [
        [
            (one.party.pk, one.signalements.total)
            for one in sign_in(world, who).get("/engagements/").context["rows"]
        ]
        for who in ("owners", "town-a", "town-b", "mediateur", "coordination")
    ]
    assert all(row == rows[0] for row in rows)
    assert (world.parties["town-a"].pk, 6) in rows[0]
    names = [
        row.party.name for row in sign_in(world, "owners").get("/engagements/").context["rows"]
    ]
    assert names == sorted(names)
    assert sign_in(world, "invite").get("/engagements/").status_code == 403


def test_years(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    assert client.get("/engagements/?annee=2025").status_code == 200
    for wrong in ("2027", "2026-03", "x", "1999"):
        assert client.get(f"/engagements/?annee={wrong}").status_code == 404, wrong
    early = text_of(client.get("/engagements/?annee=2020"))
    assert "Aucune convention" in early


def test_as_many_queries_for_three_parties_as_for_one(world: World) -> None:
    for key in ("town-a", "town-b"):
        answered(world, to=key)
        world.news("hall-a", key)
    counts = []
    for keys in (["town-a"], ["owners", "town-a", "town-b"]):
        with CaptureQueriesContext(connection) as caught:
            commitments(world.programme.pk, [world.parties[key] for key in keys], YEAR, TODAY)
        counts.append(len(caught))
    assert counts == [6, 6]
