"""What a filter may tell: no more than the rows it leaves."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mediation.models import Recipient

from ...world import World

ANSWERED = datetime(2026, 3, 17, 9, tzinfo=UTC)


def titles(client: Any, query: str) -> list[str]:
    answer = client.get(f"/signalements/?onglet=tous&{query}")
    return [row.title for row, _ in answer.context["lines"]]


@pytest.fixture
def answered_by_another(world: World) -> World:
    """A confidential signalement to two towns, of which town B has answered."""
    row = world.sent("quartier", to="town-a", title="secret", is_confidential=True)
    contact = world.contact("town-b")
    Recipient.objects.create(
        signalement=row, party=contact.party, contact=contact, function=contact.function,
        email=contact.email, state="remis", acknowledged_at=ANSWERED, answered_at=ANSWERED,
        reply="charge",
    )  # fmt: skip
    return world


@pytest.mark.parametrize("query", ["suite=repondu", "suite=accuse", "partie={town-b}"])
def test_the_answer_of_another_addressee_is_not_told_by_a_filter(
    answered_by_another: World, sign_in: Any, query: str
) -> None:
    world = answered_by_another
    query = query.replace("{town-b}", str(world.parties["town-b"].pk))
    assert titles(sign_in(world, "town-a"), "") == ["secret"]
    assert titles(sign_in(world, "town-a"), query) == []
    assert titles(sign_in(world, "town-b"), query) == ["secret"]
    assert titles(sign_in(world, "coordination"), query) == ["secret"]


def test_days_are_those_of_paris(world: World, sign_in: Any) -> None:
    """23:30 in Greenwich is the next day in Paris; the last instant of a day is of that day."""
    world.sent(title="soir", sent_at=datetime(2026, 3, 16, 22, 59, 59, 999999, tzinfo=UTC))
    world.sent(title="nuit", sent_at=datetime(2026, 3, 16, 23, 0, tzinfo=UTC))
    client = sign_in(world, "mediateur")
    assert titles(client, "au=2026-03-16") == ["soir"]
    assert titles(client, "du=2026-03-17") == ["nuit"]
    assert set(titles(client, "du=0001-01-01&au=9999-12-31")) == {"soir", "nuit"}
    assert titles(client, "periode=aujourdhui") == []
