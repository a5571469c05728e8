"""A perimeter's year and its dashboard, in a table of few rows and of many (PostgreSQL).

Before each read a random row changes, and every cell is compared with a recount: what lies shows.
"""

import random
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.test import Client, override_settings

from governance.models import Perimeter
from mediation.models import Activity
from reporting.figures.activities import report
from reporting.figures.recount import count_activities, told_activities
from reporting.periods import Period
from tests.benchmarks import services
from tests.world import World

SEED = 2019
YEAR, MONTH = Period("annee", 2025), Period("mois", 2025, 11)
FIGURE = re.compile(r'data-figure="(\d+)" data-measure="(\w+)"')
Nothing = Callable[[], None]


class Compare(Protocol):
    def __call__(
        self, name: str, floor: Callable[[], object], arm: Callable[[], object],
        before: Nothing | None = None,
    ) -> str: ...  # fmt: skip


def measures(
    compare: Compare, sizes: list[int], floor: Callable[[Perimeter, Period], object]
) -> list[str]:
    world, lines = services.service(), []
    services.settle()
    for size in sizes:
        services.crowd(world, size)
        lines += _figures(compare, world, floor, f"{size:,} activities in the table")
        lines += _page(compare, world, f"{size:,} activities in the table")
    return lines


def _figures(
    compare: Compare, world: World, floor: Callable[[Perimeter, Period], object], where: str
) -> list[str]:
    perimeter = world.perimeters["owners"]
    lines = []
    for name, period in (("year", YEAR), ("month", MONTH)):

        def checked(period: Period = period) -> None:
            _change(world, period)
            told = told_activities(report(perimeter, period).current)
            counted = count_activities(perimeter, period)
            assert {k: v for k, v in told.items() if v} == {k: v for k, v in counted.items() if v}

        lines.append(
            compare(
                f"{name}'s figures, {where} / one-pass SQL",
                lambda period=period: floor(perimeter, period),
                lambda period=period: report(perimeter, period),
                checked,
            )
        )
    return lines


def _page(compare: Compare, world: World, where: str) -> list[str]:
    lines = []
    with override_settings(ROOT_URLCONF="tests.benchmarks.bare"):
        client = Client()
        client.force_login(world.user("owners"), backend=settings.AUTHENTICATION_BACKENDS[0])
        for name, period in (("year", YEAR), ("month", MONTH)):
            address = f"/tableau-de-bord/?periode={period.slug}"

            def checked(address: str = address, period: Period = period) -> None:
                _change(world, period)
                shown = FIGURE.findall(client.get(address).content.decode())
                counted = count_activities(world.perimeters["owners"], period)
                count, minutes = counted["total"]
                assert shown[:2] == [(str(minutes), "minutes"), (str(count), "count")]

            lines.append(
                compare(
                    f"dashboard of a {name}, {where} / signed-in hello through all middleware (≤ 12.5)",
                    lambda: client.get("/bonjour/"),
                    lambda address=address: client.get(address),
                    checked,
                )
            )
    return lines


DRAW = random.Random(SEED)


def _change(world: World, period: Period) -> None:
    """A row of the period more, less or otherwise."""
    rows = Activity.objects.of_programme(world.programme.pk).between(period.first, period.last)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    row = rows.get(pk=DRAW.choice(keys))
    kind = DRAW.choice(["edit", "delete", "add"])
    if kind == "delete":
        row.delete()
    elif kind == "edit":
        row.minutes, row.theme = DRAW.randint(5, 200), DRAW.choice(world.themes)
        row.second_theme = None
        row.save()
    else:
        day = period.first + timedelta(days=DRAW.randrange(28))
        place = DRAW.choice(list(world.places))
        world.activity(place, day=day, minutes=DRAW.randint(5, 200))
