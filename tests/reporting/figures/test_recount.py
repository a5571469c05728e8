"""After any history, every figure is what the rows give, counted by SQL of its own (recount.py)."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.models import Place
from mediation.models import Activity, HeadCount, Signalement
from reporting.figures import activities
from reporting.figures.activities import report
from reporting.figures.recount import differences
from reporting.figures.signalements import evening_of, signalement_figures
from reporting.periods import Period

from ...conftest import LONG
from ...world import TODAY, World

PARIS = ZoneInfo("Europe/Paris")
PERIODS = [Period.parse(slug) for slug in ("2026-03", "2026-02", "2025-T4", "2025")]
FIRST = date(2024, 11, 1)


class History:
    """What happens to a programme's rows, drawn one step at a time."""

    def __init__(self, world: World, draw: random.Random, clock: Any) -> None:
        self.world, self.draw, self.clock = world, draw, clock
        self.now = datetime(2025, 1, 2, 10, tzinfo=PARIS)

    def step(self) -> None:
        days = (TODAY - self.now.date()).days
        self.now += timedelta(days=self.draw.randint(0, max(0, min(40, days - 1))))
        self.clock(self.now)
        self.draw.choice(
            [self.log, self.log, self.log, self.edit, self.delete, self.reach, self.move, self.signal,
             self.signal, self.answer, self.close, self.reopen]
        )()  # fmt: skip

    def _one(self, rows: Any) -> Any:
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.draw.choice(keys)) if keys else None

    def _values(self) -> dict[str, Any]:
        first, second = self.draw.sample(self.world.themes, 2)
        theme = self.draw.choice([None, first])
        return {
            "day": FIRST + timedelta(self.draw.randrange((TODAY - FIRST).days)),
            "minutes": self.draw.choice([5, 35, 60, 480]),
            "type": self.draw.choice(["PAP", "CONF", "VEIL", "RELA"]),
            "theme": theme, "second_theme": self.draw.choice([None, second]) if theme else None,
            "objective": self.draw.choice([None, *self.world.objectives]),
            "starts_at": self.draw.choice([None, time(8), time(18, 59), time(19), time(23)]),
        }  # fmt: skip

    def log(self) -> None:
        made = self.world.activity(self.draw.choice(list(self.world.places)), **self._values())
        for rank in (0, 1):
            if self.draw.random() < 0.5:
                self.world.counted(made, rank, self.draw.randint(1, 20))

    def edit(self) -> None:
        row = self._one(Activity.objects.filter(programme=self.world.programme))
        if row:
            for name, value in self._values().items():
                setattr(row, name, value)
            row.place = self.world.places[self.draw.choice(list(self.world.places))]
            row.save()
            HeadCount.objects.filter(activity=row).delete()

    def delete(self) -> None:
        row = self._one(Activity.objects.filter(programme=self.world.programme))
        if row:
            row.delete()

    def reach(self) -> None:
        """A perimeter is given, or loses, a place from a day on."""
        perimeter = self.world.perimeters[self.draw.choice(["town-a", "town-b", "owners"])]
        place = self.world.places[self.draw.choice(["hall-a", "ilot-b", "cote-a"])]
        if perimeter.places.filter(pk=place.pk).exists() and perimeter.places.count() > 1:
            perimeter.places.remove(place)
        else:
            perimeter.places.add(place)
        perimeter.refresh_coverage(since=self.now.date())

    def move(self) -> None:
        """A hall goes to the other block; perimeters follow from that day on."""
        hall = Place.objects.get(pk=self.world.places["hall-a"].pk)
        hall.parent = self.world.places[self.draw.choice(["ilot-a", "ilot-b"])]
        hall.save()
        for perimeter in self.world.perimeters.values():
            perimeter.refresh_coverage(since=self.now.date())

    def signal(self) -> None:
        self.world.sent(
            self.draw.choice(["hall-a", "hall-b", "ilot-a"]), self.draw.choice(["town-a", "town-b"]),
            sent_at=self.now, due_on=self.now.date() + timedelta(days=10), year=self.now.year,
            observed_on=self.now.date(), is_confidential=self.draw.random() < 0.2,
            theme=self.draw.choice(self.world.themes[:2]),
        )  # fmt: skip

    def answer(self) -> None:
        row = self._one(self._of({"envoye", "accuse"}))
        if row:
            one = row.recipients.get()
            one.acknowledged_at = one.acknowledged_at or self.now
            says = self.draw.choice(["", "resolu", "charge", "autre"])
            one.reply, one.answered_at = says, self.now if says else None
            one.save()
            states = {"": "accuse", "resolu": "declare", "charge": "pris", "autre": "reoriente"}
            row.state = states[says]
            row.closed_on = self.now.date() if says == "autre" else None
            row.save()

    def close(self) -> None:
        row = self._one(self._of({"accuse", "declare", "pris", "envoye"}))
        if row:
            row.state = self.draw.choice(["verifie", "non_resolu", "annule"])
            row.closed_on = self.now.date()
            row.reason = "Sans suite"
            row.save()

    def reopen(self) -> None:
        row = self._one(self._of({"verifie", "non_resolu"}))
        if row:
            row.state, row.closed_on = "accuse", None
            row.save()
            one = row.recipients.get()
            one.reply, one.answered_at = "", None
            one.save()

    def _of(self, states: set[str]) -> Any:
        return Signalement.objects.filter(programme=self.world.programme, state__in=states)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Each example has the rows of the fixture and no other's."""
    place = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(place)


def found(world: World, today: date) -> list[Any]:
    every = []
    for perimeter in world.perimeters.values():
        perimeter.__dict__.pop("intervals", None)
        for period in PERIODS:
            past = evening_of(period, today)
            every += differences(
                report(perimeter, period, until=today),
                signalement_figures(perimeter, period, today, past),
                today,
            )
    return every


# A history begins with work enough to have something to change. Failing ones shrink to few steps.
@settings(
    max_examples=60 if LONG else 6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), steps=st.integers(0, 120 if LONG else 40))
def test_after_any_history_the_rows_give_every_figure(
    world: World, elsewhere: World, clock: Any, seed: int, steps: int
) -> None:
    with rolled_back():
        draw = random.Random(seed)
        history, other = History(world, draw, clock), History(elsewhere, draw, clock)
        for _ in range(12):
            history.log()
            other.log()
        for _ in range(steps):
            history.step()
            if draw.random() < 0.2:
                other.step()
        clock(datetime.combine(TODAY, time(14, 32), PARIS))
        assert found(world, TODAY) == []


@pytest.fixture
def counted(world: World, clock: Any) -> World:
    history = History(world, random.Random(3), clock)
    for _ in range(30):
        history.log()
    history.signal()
    clock(datetime.combine(TODAY, time(14, 32), PARIS))
    return world


def checked(*given: str) -> str:
    said = StringIO()
    call_command("check_figures", *given, stdout=said)
    return said.getvalue()


def test_the_command_finds_nothing_where_nothing_differs(counted: World) -> None:
    assert checked("--programme", counted.slug) == "12 vérifiés, aucun écart.\n"
    assert "aucun écart" in checked("--programme", counted.slug, "--period", "2025")


def test_the_command_finds_a_planted_difference(counted: World, monkeypatch: Any) -> None:
    real = activities.grouped.groups

    def lying(*given: Any) -> Any:
        rows = real(*given)
        at = next(n for n, row in enumerate(rows) if row[0] == activities.grouped.BY_TYPE)
        rows[at] = (*rows[at][:7], rows[at][7] + 5)
        return rows

    monkeypatch.setattr(activities.grouped, "groups", lying)
    with pytest.raises(CommandError, match="diffèrent de leurs lignes"):
        checked("--programme", counted.slug, "--period", "2025")


def test_the_command_says_what_it_does_not_know(counted: World) -> None:
    with pytest.raises(CommandError, match="Aucun périmètre"):
        checked("--programme", "inconnu")
    with pytest.raises(CommandError, match="Période inconnue"):
        checked("--period", "hier")
