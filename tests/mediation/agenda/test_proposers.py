"""What mediation and decisions propose to an agenda, and to which body."""

from datetime import date
from typing import Any

import pytest

from governance.models import ActionItem
from mediation.followup.models import Reminder
from tests.pages import text_of
from tests.world import World


def agenda(client: Any, meeting: Any) -> str:
    return text_of(client.get(f"/comites/seances/{meeting.pk}/ordre-du-jour/"))


@pytest.fixture
def coordination(world: World, sign_in: Any) -> Any:
    return sign_in(world, "coordination")


def stuck(world: World, **values: Any) -> Any:
    signalement = world.sent(**values)
    Reminder.objects.create(
        recipient=signalement.recipients.get(), step="comite", day=date(2026, 3, 17)
    )
    return signalement


def test_a_stuck_signalement_is_taken_by_one_tap_and_not_proposed_again(
    world, coordination
) -> None:
    signalement = stuck(world)
    meeting = world.meeting()
    assert "Éclairage éteint" in agenda(coordination, meeting)
    source = f"signalement:{signalement.pk}"
    path = f"/comites/seances/{meeting.pk}/ordre-du-jour/propositions/"
    for _ in range(2):
        coordination.post(path, {"retenir": source})
    item = meeting.items.get()
    assert (item.source, item.owner) == (source, world.parties["town-a"])
    assert "Rien à proposer" in agenda(coordination, meeting)


def test_of_a_confidential_one_nothing_but_its_number(world, coordination) -> None:
    signalement = stuck(world, is_confidential=True)
    meeting = world.meeting()
    page = agenda(coordination, meeting)
    assert signalement.reference in page
    assert "Éclairage éteint" not in page
    path = f"/comites/seances/{meeting.pk}/ordre-du-jour/propositions/"
    coordination.post(path, {"retenir": f"signalement:{signalement.pk}"})
    assert meeting.items.get().is_confidential


def test_signalements_are_for_the_monthly_body(world, coordination) -> None:
    stuck(world)
    assert "Rien à proposer" in agenda(coordination, world.meeting(committee=world.other_committee))


def test_a_situation_is_its_anonymous_line(world, coordination) -> None:
    situation = world.situation(title="titre-interne")
    world.agenda_line(situation, line="Un conflit qui dure", day=date(2026, 3, 30))
    world.agenda_line(situation, line="d’une autre instance", committee=world.other_committee)
    page = agenda(coordination, world.meeting())
    assert "Un conflit qui dure" in page
    assert "titre-interne" not in page
    assert "d’une autre instance" not in page


def test_a_late_action_of_the_same_body(world, coordination) -> None:
    item = world.item(world.meeting("held", day=date(2026, 2, 24)), outcome="treated")
    given = {"item": item, "party": world.parties["town-a"], "is_internal": False}
    ActionItem.objects.create(**given, text="Poser un panneau", due_on=date(2026, 3, 1))
    ActionItem.objects.create(**given, text="Pas encore échue", due_on=date(2026, 4, 1))
    page = agenda(coordination, world.meeting())
    assert "Poser un panneau" in page
    assert "Pas encore échue" not in page


def test_a_programme_proposes_nothing_of_another(world, elsewhere, coordination) -> None:
    stuck(elsewhere)
    elsewhere.agenda_line(elsewhere.situation(), line="ligne-ailleurs", day=date(2026, 3, 30))
    page = agenda(coordination, world.meeting())
    assert "Rien à proposer" in page
