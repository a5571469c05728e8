"""All that partners read of people met, alone or together, added and subtracted: no few rows come out.

Three perimeters on two sides of a quarter: the owners read all of it, each town its side and what was
done for the whole quarter. Everybody is taken to have shown everybody else pages, files and editions.
"""

import csv
import io
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.models import Audience
from mediation.models import HeadCount
from reporting.figures.disclosure import FEW_ROWS, ROUND, Row, decide
from reporting.figures.people import settle, settle_month
from reporting.models import SettledPeople
from reporting.periods import Period
from reporting.syntheses import edition
from tests.pages import text_of
from tests.world import TODAY, World

PARTNERS = ("owners", "town-a", "town-b")
MONTHS = [Period("mois", 2025, number) for number in range(1, 13)]
QUARTERS = [Period("trimestre", 2025, number) for number in range(1, 5)]
YEAR = Period("annee", 2025)
ALL = "contacts"
SIDES = {
    "quartier": PARTNERS, "hall-a": ("owners", "town-a"), "hall-b": ("owners", "town-b"),
}  # fmt: skip
# Activities of a month by place: many, few for the whole quarter, few on one side, none, few at all.
SHAPES = [
    (40, 40, 20), (40, 30, 3), (25, 3, 12), (3, 25, 6), (0, 0, 0), (2, 1, 1), (30, 30, 0), (12, 12, 12),
    (60, 4, 4), (9, 30, 1), (30, 30, 30), (5, 5, 5),
]  # fmt: skip

Told = dict[tuple[str, Period, str], int]  # (partner, period, audience or ALL) → people
Truth = dict[
    tuple[Period, str, str], list[int]
]  # (month, place, audience or ALL) → of each activity


@pytest.fixture
def truth(world: World) -> Truth:
    """A year of activities with 20 to 60 people each, so that a single one is never near nothing."""
    draw = random.Random(11)
    for rank, name in enumerate(("Élèves", "Salariés", "Aînés"), 2):
        world.audiences.append(
            Audience.objects.create(programme=world.programme, name=name, rank=rank)
        )
    found: Truth = defaultdict(list)
    for month, counts in zip(MONTHS, SHAPES, strict=True):
        for place, many in zip(("hall-a", "hall-b", "quartier"), counts, strict=True):
            for _ in range(many):
                day = month.first.replace(day=draw.randint(1, 28))
                row, met = world.activity(place, day=day, starts_at="10:00"), 0
                for at in set(draw.choices(range(5), (9, 5, 3, 1, 1), k=draw.choice((1, 1, 2)))):
                    people = draw.randint(20, 60)
                    world.counted(row, at, people)
                    found[month, place, world.audiences[at].name].append(people)
                    met += people
                found[month, place, ALL].append(met)
    for month in MONTHS:
        settle_month(programme=world.programme, month=month, today=TODAY)
    return found


def rows_of(client: Client, table: str, period: Period) -> list[list[str]]:
    path = f"/tableau-de-bord/tableau/?tableau={table}&format=csv&periode={period.slug}"
    body = b"".join(client.get(path).streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


def whole(text: str) -> int | None:
    bare = re.sub(r"\s", "", text)
    return int(bare) if bare.isdecimal() else None


def read(world: World, sign_in: Any) -> Told:
    """Every number of people that a partner finds in the files of its pages and in its editions."""
    told: Told = {}
    for who in PARTNERS:
        client = sign_in(world, who)
        for period in (*MONTHS, *QUARTERS, YEAR):
            contacts = next(
                row[1] for row in rows_of(client, "chiffres", period) if row[0] == "Contacts"
            )
            if (people := whole(contacts)) is not None:
                told[who, period, ALL] = people
            for name, count, _ in rows_of(client, "publics", period)[1:]:
                told[who, period, name] = int(count)
        for month in MONTHS:
            made = edition.prepare(world.perimeters[who], month, timezone.now())
            for section, name, _, _, people in made.document["data"]:
                if section == "public":
                    assert told[who, month, name] == people, "an edition says what the page says"
    return told


def leaks(told: Told, truth: Truth) -> list[tuple[Any, ...]]:
    """Combinations of what the partners read that come near what fewer than FEW_ROWS activities met."""
    found = []
    names = {key[2] for key in truth}
    for month, name in product(MONTHS, names):
        shown = [who for who in PARTNERS if (who, month, ALL) in told]
        for factors in product((-2, -1, 0, 1, 2), repeat=len(shown)):
            weight = {
                place: sum(f for f, who in zip(factors, shown, strict=True) if who in holds)
                for place, holds in SIDES.items()
            }
            rows = [
                (weight[place], people)
                for place in SIDES
                if weight[place]
                for people in truth[month, place, name]
            ]
            used = [who for f, who in zip(factors, shown, strict=True) if f]
            is_told = any((who, month, name) in told for who in used)
            if not is_told or not 0 < len(rows) < FEW_ROWS:
                continue
            value = sum(
                f * told.get((who, month, name), 0) for f, who in zip(factors, shown, strict=True)
            )
            if abs(value - sum(w * people for w, people in rows)) <= ROUND:
                found.append((month.slug, name, factors, value))
    return found


def test_nothing_that_three_partners_read_gives_few_rows_back(
    world: World, truth: Truth, sign_in: Any
) -> None:
    told = read(world, sign_in)
    assert not leaks(told, truth)
    # The attack sees a leak where there is one: the same sums, told plainly, give rows back.
    plain: Told = {
        (who, month, name): sum(
            sum(truth[month, place, name]) for place, holds in SIDES.items() if who in holds
        )
        for who, month, name in product(PARTNERS, MONTHS, {key[2] for key in truth})
    }
    assert leaks(plain, truth)
    # And it is not because nothing is told.
    assert len([key for key in told if key[1] in MONTHS and key[2] == ALL]) > len(MONTHS)
    assert len({key[:2] for key in told if key[2] != ALL}) >= len(MONTHS)


def test_quarters_and_years_are_the_sums_of_their_months_or_nothing(
    world: World, truth: Truth, sign_in: Any
) -> None:
    told = read(world, sign_in)
    worked = {month for (month, _, name), rows in truth.items() if name == ALL and rows}
    for who, period in product(PARTNERS, (*QUARTERS, YEAR)):
        holds = [month for month in MONTHS if period.holds(month.first) and month in worked]
        parts = [told.get((who, month, ALL)) for month in holds]
        if (who, period, ALL) not in told:
            assert None in parts, (who, period)
        else:
            assert told[who, period, ALL] == sum(part or 0 for part in parts)
    assert all(value % ROUND == 0 for value in told.values())


def test_a_correction_changes_nothing_that_a_partner_reads(
    world: World, truth: Truth, sign_in: Any
) -> None:
    before = read(world, sign_in)
    row = HeadCount.objects.filter(activity__day__month=1).order_by("pk").first()
    assert row is not None
    row.count += 200
    row.save()
    world.counted(world.activity("hall-a", day=date(2025, 1, 9)), count=77)
    settle(programme=world.programme, today=date(2026, 6, 1))
    assert read(world, sign_in) == before
    reader = sign_in(world, "coordination")
    path = f"/tableau-de-bord/?periode=2025-01&perimetre={world.perimeters['town-a'].pk}"
    assert "public=" in text_of(reader.get(path)), "the operator reads what is true today"


def test_pages_and_editions_say_no_more_than_the_files(
    world: World, truth: Truth, sign_in: Any
) -> None:
    """No number of people but the rounded ones; a masked cell opens nothing."""
    for slug in ("2025-01", "2025-06", "2025-T1", "2025"):
        page = text_of(sign_in(world, "town-b").get(f"/tableau-de-bord/?periode={slug}"))
        assert "public=" not in page
        assert 'data-measure="people"' not in page
    masked = text_of(sign_in(world, "town-b").get("/tableau-de-bord/?periode=2025-06"))
    assert "Connus quelques jours après la fin du mois" in masked


CLOSED: list[dict[str, Any]] = [
    {"measure": "R6", "unit": "%", "aggregation": "rapport"},
    {"measure": "R13", "unit": "%", "aggregation": "rapport"},
    {"measure": "R16"},
    {"measure": "R17", "unit": "%", "aggregation": "rapport"},
    {"measure": "R4", "type": "PAP"},
]


def test_indicators_say_what_the_dashboard_says_or_nothing(
    world: World, truth: Truth, sign_in: Any
) -> None:
    """Pages, files and editions: a month, a quarter and a year of contacts are the settled ones; what else
    counts people, hours of the day or origins has no number."""
    told = read(world, sign_in)
    contacts = [world.indicator(name=f"Contacts {kind}", measure="R4", period=kind)
                for kind in ("mois", "trimestre", "annee")]  # fmt: skip
    of_audience = {"audience": world.audiences[0]}
    closed = [
        world.indicator(name=f"Fermé {number}", **more)
        for number, more in enumerate(
            [*CLOSED, {"measure": "R5"} | of_audience, {"measure": "R1"} | of_audience]
        )
    ]
    met = 0
    for who in PARTNERS:
        client = sign_in(world, who)
        for row in contacts:
            page = client.get(f"/indicateurs/{row.pk}/")
            points = [
                point for point, _ in page.context["points"] if point.period.first.year == 2025
            ]
            for point in points:
                # A month without any record is n/d here, none there.
                known = told.get((who, point.period, ALL)) or None
                assert point.amount.value == known, (who, point.period)
                met += point.amount.is_known
            file = cells(client.get(f"/indicateurs/{row.pk}/?_export=csv"))
            values = {line[0]: whole(line[2]) for line in file[1:]}
            for point in points:
                assert values[point.period.label] == point.amount.value
        for row in closed:
            page = client.get(f"/indicateurs/{row.pk}/")
            assert not any(point.amount.is_known for point, _ in page.context["points"])
            assert page.context["result"].year.text == "n/d"
            assert any(point.is_masked for point, _ in page.context["points"])
            assert not any(links for _, links in page.context["points"])
        of_list = cells(client.get("/indicateurs/?mois=2025-09&_export=csv"))
        for month in MONTHS:
            made = edition.prepare(world.perimeters[who], month, timezone.now())
            for name, value in key_values(made.document):
                if name == f"Contacts mois ({month.label})":
                    assert value == (told.get((who, month, ALL)) or None), (who, month)
                assert not name.startswith("Fermé") or value is None, name
        at = of_list[0].index("Valeur")
        assert {line[at] for line in of_list if line[0].startswith("Fermé")} == {""}
    assert met > len(MONTHS)


def cells(answer: Any) -> list[list[str]]:
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body), delimiter=";"))


def key_values(part: Any) -> Iterator[tuple[str, float | None]]:
    """(name, value) of the key indicators of an edition, wherever its document keeps them."""
    if isinstance(part, dict):
        if part.get("name") == "Indicateurs clés":
            for name, value, *_ in part["rows"]:
                yield name["text"], value.get("value")
        for inner in part.values():
            yield from key_values(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from key_values(inner)


def test_the_observatory_tells_partners_settled_evenings_or_nothing(
    world: World, truth: Truth, sign_in: Any
) -> None:
    for who in PARTNERS:
        client = sign_in(world, who)
        for end in ("2025-12", "2026-01", "2026-02"):
            answer = client.get(f"/observatoire/?fin={end}")
            assert answer.context["hours"] is None
            evenings = answer.context["evenings"]
            assert evenings is None or evenings % ROUND == 0
            assert "10 h" not in text_of(answer)
            file = client.get(f"/observatoire/?fin={end}&_export=csv")
            assert "soir" not in b"".join(file.streaming_content).decode().lower()


def test_all_of_one_audience_is_not_told_by_audience() -> None:
    rows = [Row(n, frozenset({1, 2}), {7: 10}) for n in range(30)]
    assert decide([1, 2], rows)[1].groups is None
    mixed = [*rows, *(Row(n, frozenset({1}), {8: 10}) for n in range(30, 60))]
    cells = decide([1, 2], mixed)
    assert cells[2].groups is None, "all that the second holds is of one"


@pytest.mark.parametrize(("many", "shown"), [(4, False), (5, True), (6, True)])
def test_a_total_is_told_from_five_activities_on(many: int, shown: bool) -> None:
    rows = [Row(n, frozenset({1}), {7: 10}) for n in range(many)]
    assert (1 in decide([1], rows)) is shown


def test_what_one_perimeter_has_beyond_another_is_many_or_masked() -> None:
    inside = [Row(n, frozenset({1, 2}), {7: 10}) for n in range(20)]
    beyond = [Row(n, frozenset({1}), {7: 10}) for n in range(20, 23)]
    assert len(decide([1, 2], [*inside, *beyond])) == 1
    assert len(decide([1, 2], inside)) == 2


def test_two_sides_less_the_whole_are_the_quarter_itself() -> None:
    sides = [Row(n, frozenset({1, 2 + n % 2}), {7: 10}) for n in range(40)]
    common = [Row(n, frozenset({1, 2, 3}), {7: 10}) for n in range(40, 42)]
    assert len(decide([1, 2, 3], [*sides, *common])) == 2


def test_months_are_settled_once_they_are_quiet(world: World) -> None:
    row = world.activity(day=date(2026, 2, 10))
    type(row).objects.filter(pk=row.pk).update(updated_at=timezone.make_aware(at(2026, 3, 2)))
    assert settle(programme=world.programme, today=date(2026, 2, 28)) == []
    assert settle(programme=world.programme, today=date(2026, 3, 4)) == []
    assert settle(programme=world.programme, today=date(2026, 3, 5)) == [Period.parse("2026-02")]
    assert settle(programme=world.programme, today=date(2026, 3, 6)) == []
    assert SettledPeople.objects.get().settled_on == date(2026, 3, 5)


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12)  # noqa: DTZ001  # made aware by its caller
