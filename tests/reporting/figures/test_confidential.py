"""Figures tell how many confidential signalements were sent, and nothing of their course."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from mediation.models import Signalement
from reporting.periods import Period
from reporting.syntheses import edition
from tests.pages import text_of
from tests.world import World

SENT = datetime(2026, 2, 3, 9, tzinfo=ZoneInfo("Europe/Paris"))
SEEN = datetime(2026, 2, 5, 9, tzinfo=ZoneInfo("Europe/Paris"))
COURSES: list[dict[str, Any]] = [
    {"state": "accuse"}, {"state": "pris"}, {"state": "declare"},
    {"state": "reoriente", "closed_on": date(2026, 2, 9)},
    {"state": "verifie", "closed_on": date(2026, 2, 9)},
    {"state": "non_resolu", "closed_on": date(2026, 2, 9), "reason": "Motif"},
    {"state": "annule", "closed_on": date(2026, 2, 9), "reason": "Motif"},
]  # fmt: skip


@pytest.fixture
def hidden(world: World) -> Signalement:
    """One confidential, sent to the other town; beside it, one open to all."""
    sent = {"sent_at": SENT, "due_on": date(2026, 2, 17), "observed_on": SENT.date()}
    world.sent("hall-a", theme=world.themes[0], **sent)
    # At its place and on its theme, later: it would count as a return.
    world.sent("hall-a", theme=world.themes[1], **sent | {"sent_at": SENT.replace(day=20)})
    row = world.sent("hall-a", theme=world.themes[1], is_confidential=True, to="town-b", **sent)
    assert isinstance(row, Signalement)
    return row


def told(world: World, sign_in: Any) -> list[str]:
    """All that is told of the perimeter, to a partner and to the coordination."""
    perimeter = world.perimeters["town-a"]
    query = f"?periode=2026-02&perimetre={perimeter.pk}"
    cards = [
        text_of(sign_in(world, who).get(f"/tableau-de-bord/{query}"))
        .split('id="signalements"')[1]
        .split("</section>")[0]
        for who in ("town-a", "coordination")
    ]
    made = edition.prepare(perimeter, Period.parse("2026-02"), timezone.now())
    return [
        *cards,
        edition.to_html(made),
        *(file.content.decode() for file in edition.attached_to(made)),
    ]


@pytest.mark.parametrize("course", COURSES, ids=lambda course: str(course["state"]))
def test_the_course_of_a_confidential_one_shows_nowhere(
    world: World, hidden: Signalement, sign_in: Any, course: dict[str, Any]
) -> None:
    before = told(world, sign_in)
    assert all("1 confidentiel" in text.replace("\u00a0", " ") for text in before[:3])
    Signalement.objects.filter(pk=hidden.pk).update(**course)
    hidden.recipients.update(acknowledged_at=SEEN, answered_at=SEEN, reply="charge")
    assert told(world, sign_in) == before


def test_that_one_was_sent_does_show(world: World, hidden: Signalement, sign_in: Any) -> None:
    before = told(world, sign_in)
    Signalement.objects.filter(pk=hidden.pk).delete()
    after = told(world, sign_in)
    assert [one != other for one, other in zip(before, after, strict=True)][:3] == [True] * 3
