"""The page of a month that is over tells nothing of what happened after its last evening."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict

from mediation.models import Signalement
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import move_signalement, reopen_signalement
from mediation.signalements.filters import SignalementFilter
from mediation.signalements.models.signalements import SignalementState
from reporting.dashboards.signalements import SignalementBoard, long_open, signalements_link
from reporting.figures.signalements import signalement_figures
from reporting.periods import Period

from ...pages import text_of
from ...world import TODAY, World

FEBRUARY = Period.parse("2026-02")
Turn = Callable[[datetime], None]


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 10, tzinfo=ZoneInfo("Europe/Paris"))


def answer(world: World, row: Signalement, reply: str, now: datetime) -> None:
    answer_signalement(
        recipient=row.recipients.get(), reply=reply, promised_on=None, redirect_to="", now=now,
        by=world.reader("coordination"), how="par téléphone",
    )  # fmt: skip


def close(world: World, row: Signalement, to: str, now: datetime) -> None:
    row.refresh_from_db()
    move_signalement(
        signalement=row, to=to, by=world.reader("mediateur"), now=now, read_version=row.version,
        reason="Le banc est retiré" if to == SignalementState.NON_RESOLU else "",
    )  # fmt: skip


@pytest.fixture
def february(world: World, clock: Turn) -> dict[str, Signalement]:
    """Four sent in February; on its last evening one is solved, one in hand, two without a sign."""
    rows: dict[str, Signalement] = {}
    for number, name in enumerate(("solved", "in-hand", "silent", "cancelled"), 1):
        clock(at(2, number + 1))
        rows[name] = world.sent(
            "hall-a", title=name, sent_at=at(2, number + 1), due_on=date(2026, 2, 20), number=number,
            observed_on=date(2026, 2, 1),
        )  # fmt: skip
    clock(at(2, 10))
    answer(world, rows["solved"], "resolu", at(2, 10))
    answer(world, rows["in-hand"], "charge", at(2, 10))
    clock(at(2, 20))
    close(world, rows["solved"], SignalementState.RESOLU_VERIFIE, at(2, 20))
    return rows


def card(world: World, sign_in: Any, who: str) -> list[str]:
    """The figures of February's signalements on the dashboard, and what each opens, in words."""
    client = sign_in(world, who)
    page = text_of(client.get("/tableau-de-bord/?periode=2026-02"))
    found = page.split('id="signalements"')[1].split("</section>")[0]
    lists = re.findall(r'<a href="(/signalements/\?[^"]+tels_au[^"]+)"', found)
    assert len(lists) >= 6
    told = re.sub(r"<[^>]+>", " ", found).split()
    for url in lists:
        opened = text_of(client.get(url.replace("&amp;", "&")))
        told += re.sub(r"<[^>]+>", " ", opened.split("<tbody>")[-1].split("</tbody>")[0]).split()
    return told


def go_on(world: World, rows: dict[str, Signalement], clock: Turn) -> None:
    """March: what was solved does not hold, what was in hand is given up, silence ends."""
    clock(at(3, 5))
    rows["solved"].refresh_from_db()
    reopen_signalement(
        signalement=rows["solved"], by=world.reader("mediateur"), now=at(3, 5),
        read_version=rows["solved"].version,
    )  # fmt: skip
    close(world, rows["in-hand"], SignalementState.NON_RESOLU, at(3, 5))
    answer(world, rows["silent"], "resolu", at(3, 5))
    close(world, rows["silent"], SignalementState.RESOLU_VERIFIE, at(3, 5))
    rows["cancelled"].refresh_from_db()
    move_signalement(
        signalement=rows["cancelled"], to=SignalementState.ANNULE, by=world.reader("mediateur"),
        now=at(3, 6), read_version=rows["cancelled"].version, reason="Doublon",
    )  # fmt: skip
    clock(at(3, 18))


@pytest.mark.parametrize("who", ["town-a", "coordination"])
def test_what_happens_in_march_changes_nothing_of_february(
    who: str, world: World, february: dict[str, Signalement], sign_in: Any, clock: Turn, smtp: Any
) -> None:
    clock(at(3, 1))
    before = card(world, sign_in, who)
    go_on(world, february, clock)
    assert card(world, sign_in, who) == before
    now = signalement_figures(world.perimeters["town-a"], FEBRUARY, TODAY)
    assert (now.resolved, now.cancelled, now.closed) == (1, 1, 2), "today, it has gone on"


def test_each_figure_of_a_past_evening_opens_its_rows(
    world: World, february: dict[str, Signalement], clock: Turn, smtp: Any
) -> None:
    go_on(world, february, clock)
    perimeter = world.perimeters["town-a"]
    found = signalement_figures(perimeter, FEBRUARY, TODAY, FEBRUARY.last)
    assert (found.sent, found.acknowledged, found.answered, found.resolved) == (4, 2, 2, 1)
    assert (found.closed, found.open, found.overdue, found.open_long) == (1, 3, 3, 3)
    assert (found.cancelled, found.days_to_closure, sorted(found.days_to_sign)) == (0, [18], [5, 6])
    board = SignalementBoard(found, signalements_link(perimeter, FEBRUARY, FEBRUARY.last))
    reader = world.reader("coordination")
    opened = {}
    for line in board.lines:
        if line.url:
            query = QueryDict(urlsplit(line.url).query)
            asked = SignalementFilter(query, membership=reader, today=TODAY)
            rows = asked.narrow(Signalement.objects.visible_to(reader))
            assert asked.is_valid(), asked.errors
            opened[line.label.split()[0]] = rows.count()
    assert opened == {
        "Envoyés": 4, "Accusés": 2, "Répondus": 2, "Résolus,": 1, "Délai": 1, "En": 3, "Ouverts": 3,
    }  # fmt: skip
    late = long_open(perimeter, FEBRUARY, TODAY, FEBRUARY.last)
    assert [(row.title, row.state) for row in late.rows] == [
        ("in-hand", "pris"), ("silent", "envoye"), ("cancelled", "envoye"),
    ]  # fmt: skip


def test_a_day_to_come_is_today(world: World, february: dict[str, Signalement]) -> None:
    reader = world.reader("coordination")
    for day, shown in (("2030-01-01", None), ("2026-02-10", date(2026, 2, 10))):
        asked = SignalementFilter(QueryDict(f"tels_au={day}"), membership=reader, today=TODAY)
        assert asked.then == shown
    wrong = SignalementFilter(QueryDict("tels_au=demain"), membership=reader, today=TODAY)
    assert not wrong.narrow(Signalement.objects.visible_to(reader)).exists()
    assert "n’existe pas" in str(wrong.faults) or "date" in str(wrong.faults).lower()
