"""Each measure of the catalogue against a count made by hand, on a small world."""

from datetime import UTC, date, datetime, time

import pytest

from mediation.models import PlannedAction, SignalementState
from reporting.figures.facts import UNKNOWN_AMOUNT, WITHHELD, Aggregation, Ask, Filters
from reporting.figures.measures import MEASURES, measured
from reporting.figures.people import settle_month
from reporting.periods import Period

from ...world import TODAY, World

FEBRUARY, MARCH = Period("mois", 2026, 2), Period("mois", 2026, 3)
QUARTER = Period("trimestre", 2026, 1)


def value(world: World, code: str, period: Period = FEBRUARY, of: str = "town-a", on: date = TODAY,
          aggregation: str = "", reads_rows: bool = True, **filters: object):  # fmt: skip
    chosen = Aggregation(aggregation) if aggregation else MEASURES[code].aggregations[0]
    ask = Ask(code, period, Filters(**filters), chosen)  # type: ignore[arg-type]
    return measured(world.perimeters[of], [ask], on, reads_rows=reads_rows)[ask]


def parts(amount) -> tuple[float | None, float | None, float | None]:
    return amount.value, amount.numerator, amount.denominator


@pytest.fixture
def february(world: World) -> World:
    """On side A: 60 + 90 + 30 + 120 minutes; one of 45 on side B; one of 15 in March."""
    themes, goals = world.themes, world.objectives
    day = date(2026, 2, 10)  # a Tuesday
    made = world.activity(
        "hall-a", day=day, minutes=60, type="PAP", theme=themes[0], objective=goals[0],
        starts_at=time(20), origin="habitant",
    )  # fmt: skip
    world.counted(made, 0, 3)
    made = world.activity(
        "hall-a", day=date(2026, 2, 14), minutes=90, type="CONF", theme=themes[1],
        second_theme=themes[0], objective=goals[1], outcome="resolu", origin="mediateur",
        starts_at=time(10),
    )  # fmt: skip
    world.counted(made, 1, 4)
    world.activity("cote-a", day=day, minutes=30, type="CONF", outcome="echec", origin="ville")
    made = world.activity("quartier", day=day, minutes=120, type="PROJ", theme=themes[2])
    world.counted(made, 0, 10)
    world.activity("hall-b", day=day, minutes=45, type="PAP", theme=themes[0])
    world.activity("hall-a", day=date(2026, 3, 10), minutes=15, type="INFO")
    return world


@pytest.mark.parametrize(
    ("code", "filters", "expected"),
    [
        ("R1", {}, (5, None, None)),
        ("R1", {"type": "CONF"}, (2, None, None)),
        ("R2", {"type": "CONF"}, (40, 2, 5)),
        ("R3", {}, (1, None, None)),
        ("R4", {}, (17, None, None)),
        ("R5", {"type": "CONF"}, (2, None, None)),
        ("R6", {}, (50, 2.5, 5)),  # 20 h on a Tuesday, and a Saturday
        ("R8", {}, (0, None, None)),
        ("R9", {}, (1, None, None)),
        ("R13", {}, (100 * 2 / 3, 2, 3)),
        ("R16", {}, (0, None, None)),
        ("R17", {}, (100 * 2 / 21, 2, 21)),
        ("S1", {}, (50, 1, 2)),
        ("S7", {}, (None, 0, 0)),
    ],
)
def test_activities_are_counted(february: World, code, filters, expected) -> None:
    assert parts(value(february, code, **filters)) == pytest.approx(expected)


def test_filters_narrow_and_a_second_theme_counts(february: World) -> None:
    theme, goal, audience = february.themes[0].pk, february.objectives[1], february.audiences[0].pk
    assert value(february, "R5", theme=theme).value == 2
    assert value(february, "R5", theme=theme, of="operator").value == 3
    assert value(february, "R1", axis=goal.axis_id).value == 1.5
    assert value(february, "R1", objective=goal.pk).value == 1.5
    assert value(february, "R5", places=frozenset({february.places["hall-a"].pk})).value == 2
    assert value(february, "R4", audience=audience).value == 13
    assert value(february, "R5", audience=audience).value == 2
    assert parts(value(february, "I3", audience=audience)) == (100, 1, 1)


def test_a_month_without_data_is_unknown_and_a_longer_one_is_whole(february: World) -> None:
    january = Period("mois", 2026, 1)
    for code in ("R1", "R3", "R4", "R7", "R10", "R12", "R15"):
        assert value(february, code, january).value is None, code
    assert value(february, "R1", QUARTER).value == 5.25
    assert value(february, "R1", QUARTER, aggregation="derniere").value == 0.25
    assert value(february, "R1", MARCH, on=date(2026, 3, 1)).value is None
    assert value(february, "R1", Period("mois", 2026, 4)).value is None


def test_signalements_are_told_as_of_the_end_of_the_period(world: World) -> None:
    at = datetime(2026, 2, 2, 9, tzinfo=UTC)  # a Monday
    world.activity(day=date(2026, 2, 2))
    done = world.sent(
        sent_at=at,
        state=SignalementState.RESOLU_VERIFIE,
        closed_on=date(2026, 2, 12),
        due_on=date(2026, 2, 16),
    )
    done.recipients.update(
        acknowledged_at=datetime(2026, 2, 3, 9, tzinfo=UTC),
        answered_at=datetime(2026, 2, 4, 9, tzinfo=UTC),
        reply="charge",
    )
    late = world.sent(sent_at=at, due_on=date(2026, 2, 6), theme=world.themes[1])
    world.sent(sent_at=at, state=SignalementState.ANNULE, reason="Vu", closed_on=date(2026, 2, 5))
    world.sent(sent_at=at, state=SignalementState.REORIENTE, closed_on=date(2026, 2, 6))
    world.sent(sent_at=at, is_confidential=True)
    world.sent("hall-b", "town-b", sent_at=at)
    late.events.create(at=datetime(2026, 2, 9, 9, tzinfo=UTC), kind="reminded")
    late.events.create(at=datetime(2026, 3, 9, 9, tzinfo=UTC), kind="committee")
    expected = {
        "R7": (5, None, None), "S2": (50, 1, 2), "S3": (100 / 3, 1, 3), "S4": (1, None, None),
        "S5": (10, None, None), "S6": (100, 1, 1), "S8": (0, 0, 1), "S11": (100 / 3, 1, 3),
        "S12": (25, 1, 4),
    }  # fmt: skip
    for code, wanted in expected.items():
        assert parts(value(world, code)) == pytest.approx(wanted), code
    assert parts(value(world, "S13", theme=world.themes[0].pk)) == pytest.approx((100 / 3, 1, 3))
    assert value(world, "S12").note == "1\u00a0relancé"
    assert value(world, "R7").note == "dont 1\u00a0confidentiel"


def test_what_the_frame_decided_is_counted(world: World) -> None:
    world.activity(day=date(2026, 2, 2), minutes=120)
    roadmap = world.roadmap(month=2)
    done = world.planned_action(roadmap, state="done", type="PROJ")
    world.planned_action(roadmap)
    world.planned_action(roadmap, state="dropped", reason="Faute de salle")
    PlannedAction.history.update(history_date=datetime(2026, 2, 20, tzinfo=UTC))
    world.activity(day=date(2026, 2, 3), planned_action=done, minutes=60)
    assert parts(value(world, "R11")) == (50, 1, 2)
    assert value(world, "R15").value == 1
    item = world.item(world.held(day=date(2026, 2, 4), state="held"))
    world.action(item, due_on=date(2026, 2, 10), state="done", closed_on=date(2026, 2, 9))
    world.action(item, due_on=date(2026, 2, 11), state="done", closed_on=date(2026, 2, 12))
    world.action(item, due_on=date(2026, 2, 12))
    world.action(item, due_on=date(2026, 2, 12), state="dropped", closed_on=date(2026, 2, 9))
    world.action(item, "owners", due_on=date(2026, 2, 12))
    assert parts(value(world, "S9")) == pytest.approx((100 / 3, 1, 3))
    assert parts(value(world, "S9", of="operator")) == pytest.approx((25, 1, 4))
    assert (value(world, "R10").value, value(world, "R10", of="town-b").value) == (1, None)
    issued = date(2026, 2, 5)
    world.recommendation(issued_on=issued, state="acceptee", answered_on=date(2026, 2, 20))
    world.recommendation(issued_on=issued, state="faite", answered_on=date(2026, 3, 2))
    world.recommendation("town-b", issued_on=issued)
    assert parts(value(world, "S10")) == (50, 1, 2)
    assert parts(value(world, "S10", of="operator")) == pytest.approx((100 / 3, 1, 3))
    world.time_entry(day=date(2026, 2, 6), minutes=60)
    world.time_entry(day=date(2026, 2, 6), minutes=60, kind="encadrement")
    assert parts(value(world, "R12")) == pytest.approx((100 * 4 / 1607, 4, 1607))


def test_a_theme_is_compared_with_the_year_before(world: World) -> None:
    theme = world.themes[0]
    for _ in range(20):
        world.activity(day=date(2026, 2, 3), theme=theme)
    for _ in range(5):
        world.activity(day=date(2025, 2, 3), theme=theme)
    found = value(world, "I1", theme=theme.pk)
    assert parts(found) == (300, 20, 5)
    assert found.note == ""
    world.activity(day=date(2025, 2, 3), theme=world.themes[1])
    world.activity(day=date(2026, 2, 3), theme=world.themes[1])
    assert "hasard" in value(world, "I1", theme=world.themes[1].pk).note


def test_people_hours_of_the_day_and_origins_stay_with_the_operator(world: World) -> None:
    for day in range(1, 11):
        row = world.activity(day=date(2026, 2, day), starts_at=time(20), origin="habitant")
        world.counted(row, 0, 7)

    def told(code: str, period: Period = FEBRUARY, **filters: object):
        return value(world, code, period, reads_rows=False, **filters)

    assert told("R4") == WITHHELD, "its month is not settled"
    settle_month(programme=world.programme, month=FEBRUARY, today=TODAY)
    assert (told("R4").value, told("R4").note) == (70, "arrondi à\u00a05")
    world.counted(world.activity(day=date(2026, 2, 20)), 0, 50)
    assert (told("R4").value, value(world, "R4").value) == (70, 120), "settled once"
    for code, filters in (
        ("R4", {"type": "PAP"}), ("R5", {"audience": world.audiences[0].pk}), ("R6", {}),
        ("R13", {}), ("R17", {}), ("R16", {}), ("I3", {"audience": world.audiences[0].pk}),
    ):  # fmt: skip
        assert told(code, **filters) == WITHHELD, code
    assert told("R1").value == value(world, "R1").value
    assert told("R4", Period("mois", 2025, 11)) == UNKNOWN_AMOUNT, "no record is no secret"


def test_the_whole_catalogue_makes_as_many_queries_for_a_year_as_for_a_month(
    february: World, django_assert_max_num_queries
) -> None:
    theme, audience = february.themes[0].pk, february.audiences[0].pk
    everything = {"theme": theme, "audience": audience, "type": "PAP"}

    def asks(months: list[Period]) -> list[Ask]:
        return [
            Ask(
                code, month,
                Filters(**{n: everything[n] for n in one.needs & set(everything)}),  # type: ignore[arg-type]
                one.aggregations[0],
            )
            for code, one in MEASURES.items() if not one.by_hand for month in months
        ]  # fmt: skip

    with django_assert_max_num_queries(13):
        found = measured(
            february.perimeters["town-a"],
            asks(FEBRUARY.months_until_end(13)),
            TODAY,
            reads_rows=True,
        )
    assert len(found) == 13 * sum(not one.by_hand for one in MEASURES.values())


def test_the_catalogue_is_the_designs() -> None:
    codes = [f"R{n}" for n in range(1, 18)] + [f"S{n}" for n in range(1, 14)]
    assert set(MEASURES) == {*codes, *(f"I{n}" for n in range(1, 6))}
