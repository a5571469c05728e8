"""Each home says what comes next, to each reader its own."""

from datetime import date
from typing import Any

import pytest

from governance.coming.rows import coming
from governance.models import ActionItem, Contact, Invitation, Meeting

from ...pages import text_of
from ...world import TODAY, World


def meeting(world: World, *parties: str, **values: Any) -> Meeting:
    row = world.meeting("convened", **({"day": date(2026, 3, 24), "venue": "Salle verte"} | values))
    Invitation.objects.filter(meeting=row).delete()
    for key in parties:
        Invitation.objects.create(meeting=row, party=world.parties[key], function="X")
    return row


def action(world: World, party: str, day: date, **values: Any) -> ActionItem:
    item = world.item(meeting(world, day=date(2026, 2, 3)), title=f"Point {day}")
    given = {"text": f"Faire {day}", "party": world.parties[party], "due_on": day}
    return ActionItem.objects.create(item=item, **({"is_internal": False} | given | values))


def test_a_partner_reads_its_next_meeting_its_actions_and_the_phone(world: World, sign_in) -> None:
    row = meeting(world, "town-a", "owners")
    action(world, "town-a", date(2026, 3, 30))
    action(world, "town-b", date(2026, 3, 29))
    Contact.objects.create(
        party=world.parties["operator"], function="Service", email="m@example.org",
        phone="03 20 00 00 00", starts=date(2024, 1, 1),
    )  # fmt: skip
    text = text_of(sign_in(world, "town-a").get("/tableau-de-bord/")).replace("\u00a0", " ")
    assert f'href="/comites/seances/{row.pk}/calendrier/"' in text
    for said in ("Salle verte", "14h00", "Répondre", "Faire 2026-03-30", "03 20 00 00 00"):
        assert said in text, said
    assert "Faire 2026-03-29" not in text
    other = text_of(sign_in(world, "town-b").get("/tableau-de-bord/"))
    assert "Salle verte" not in other
    assert "Aucune séance convoquée" in other


def test_an_answer_that_was_given_is_not_asked_again(world: World) -> None:
    row = meeting(world, "town-a")
    assert coming(world.reader("town-a"), TODAY).meetings[0].is_asked
    Invitation.objects.filter(meeting=row).update(answer="present", answered_at=row.convened_at)
    assert not coming(world.reader("town-a"), TODAY).meetings[0].is_asked


def test_an_invited_stakeholder_reads_the_meetings_that_invite_it(world: World, sign_in) -> None:
    meeting(world, "town-a", venue="Ailleurs")
    meeting(world, "ateliers")
    text = text_of(sign_in(world, "invite").get("/"))
    assert "Salle verte" in text
    assert "Ailleurs" not in text


def test_drafts_past_and_cancelled_meetings_are_no_more_told(world: World) -> None:
    meeting(world, "town-a", day=date(2026, 3, 17))
    world.meeting(day=date(2026, 3, 25))
    cancelled = meeting(world, "town-a")
    cancelled.state, cancelled.cancel_reason = "cancelled", "Salle"
    cancelled.cancelled_at = cancelled.convened_at
    cancelled.save()
    for who in ("town-a", "mediateur"):
        assert coming(world.reader(who), TODAY).meetings == []


def test_actions_come_by_their_day_three_and_a_count(world: World) -> None:
    for day in (28, 26, 30, 27, 29):
        action(world, "town-a", date(2026, 3, day))
    action(world, "town-a", date(2026, 3, 20), is_internal=True)
    action(world, "town-a", date(2026, 3, 21), state="done", closed_on=TODAY)
    found = coming(world.reader("town-a"), TODAY)
    assert [line.day.day for line in found.first_actions] == [26, 27, 28]
    assert found.more_actions == 2


def test_the_mediateur_reads_what_is_in_force_where_he_walks(world: World, sign_in) -> None:
    for rank in range(5):
        world.news(title=f"Voirie {rank}", ends=date(2026, 3, 20 + rank))
    world.news(title="Demain", starts=date(2026, 3, 19))
    meeting(world, "town-a")
    client = sign_in(world, "mediateur")
    text = text_of(client.get("/aujourdhui/")).replace("\u00a0", " ")
    for said in ("Voirie 0", "Voirie 2", "2 autres informations", "Salle verte"):
        assert said in text, said
    for said in ("Voirie 3", "Demain"):
        assert said not in text, said
    assert "Dans le quartier" not in text_of(client.get("/aujourdhui/?jour=2026-03-17"))


@pytest.mark.parametrize("day", [9, 10])
def test_the_coordination_reads_what_to_convene_approve_and_remind(
    world: World, sign_in, clock, day: int
) -> None:
    from datetime import UTC, datetime

    clock(datetime(2026, 3, day, 9, tzinfo=UTC))
    client = sign_in(world, "coordination")
    assert ("Comité de suivi du mois" in text_of(client.get("/pilotage/"))) is (day == 10)
    meeting(world, "town-a", "owners")
    world.meeting(day=date(2026, 3, 25))
    action(world, "town-a", date(2026, 3, 2))
    text = text_of(client.get("/pilotage/")).replace("\u00a0", " ")
    for said in ("1 séance", "2 invitations", "1 action", "Comptes rendus à rédiger"):
        assert said in text, said
    assert "Comité de suivi du mois" not in text
