"""Who is waited for, and what is late: one rule for lists, pages and figures."""

from datetime import date, timedelta
from typing import Any

import pytest

from mediation.models import Recipient, Reply, Signalement, SignalementState
from mediation.signalements.models.signalements import TRANSITIONS
from reporting.figures.signalements import signalement_figures
from reporting.periods import Period

from ...world import TODAY, World

WAITING = {SignalementState.ENVOYE, SignalementState.ACCUSE, SignalementState.PRIS_EN_CHARGE}
CLOSED = {SignalementState.REORIENTE, SignalementState.RESOLU_VERIFIE, SignalementState.NON_RESOLU,
          SignalementState.ANNULE}  # fmt: skip


def in_state(world: World, state: str, **values: Any) -> Signalement:
    given: dict[str, Any] = {"state": state}
    if state in CLOSED:
        given |= {"closed_on": TODAY, "reason": "Sans objet"}
    return world.sent(**(given | values))


def answered(recipient: Recipient, reply: str) -> None:
    recipient.reply, recipient.acknowledged_at = reply, recipient.added_at
    recipient.answered_at = None if reply == Reply.RECU else recipient.added_at
    recipient.save()


@pytest.mark.parametrize("state", sorted(set(TRANSITIONS) - {SignalementState.BROUILLON}))
@pytest.mark.parametrize("said", ["nothing", "recu", "charge", "autre", "succeeded", "both"])
def test_list_and_page_agree_on_who_is_waited_for(world: World, state: str, said: str) -> None:
    signalement = in_state(world, state)
    first = signalement.recipients.get()
    if said in Reply.values:
        answered(first, said)
    if said in ("succeeded", "both"):
        heir = Recipient.objects.create(
            signalement=signalement, party=first.party, function="Suite", email="suite@example.org",
            contact=world.parties["town-a"].contacts.create(
                function="Suite", email="suite@example.org", starts=date(2024, 1, 1)
            ),
        )  # fmt: skip
        if said == "both":
            answered(heir, Reply.RECU)
        first.successor = heir
        first.save()
    expected = state in WAITING and said in ("nothing", "succeeded")
    party = world.parties["town-a"].pk
    rows = list(signalement.recipients.all())
    assert signalement.awaits(party, rows) is expected
    assert Signalement.objects.awaiting(party).filter(pk=signalement.pk).exists() is expected
    assert Signalement.objects.with_awaited(party).get().is_awaited == expected
    other = world.parties["town-b"].pk
    assert signalement.awaits(other, rows) is False
    assert not Signalement.objects.awaiting(other).exists()
    assert not Signalement.objects.with_awaited(None).get().is_awaited


def test_a_party_whose_only_rows_were_taken_over_by_another_is_not_waited_for(world: World) -> None:
    signalement = world.sent()
    first = signalement.recipients.get()
    contact = world.contact("town-b")
    first.successor = Recipient.objects.create(
        signalement=signalement, party=contact.party, contact=contact, function="Suite",
        email=contact.email,
    )  # fmt: skip
    first.save()
    party = world.parties["town-a"].pk
    assert signalement.awaits(party, signalement.recipients.all()) is False
    assert not Signalement.objects.awaiting(party).exists()


@pytest.mark.parametrize("state", sorted(set(TRANSITIONS) - {SignalementState.BROUILLON}))
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_list_page_and_figure_agree_on_what_is_late(world: World, state: str, days: int) -> None:
    signalement = in_state(world, state, due_on=TODAY + timedelta(days=days))
    expected = state in WAITING and days < 0
    assert signalement.is_overdue(TODAY) is expected
    assert Signalement.objects.overdue(TODAY).exists() is expected
    figures = signalement_figures(world.perimeters["owners"], Period.parse("2026-03"), TODAY)
    assert (figures.sent, figures.overdue) == (1, expected)


def test_a_draft_is_neither(world: World) -> None:
    draft = world.signalement(due_on=TODAY - timedelta(days=9))
    assert draft.is_overdue(TODAY) is False
    assert not Signalement.objects.overdue(TODAY).exists()
    assert not Signalement.objects.awaiting(world.parties["town-a"].pk).exists()
