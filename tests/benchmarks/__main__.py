"""`make bench`: ratios of two arms of one run, appended to docs/benchmarks.md.

Each measure alternates its arms in shuffled order for ROUNDS rounds and quotes medians. A run whose
floor wavers by more than a quarter is discarded. DATABASE_URL chooses the database; the data is an
invented programme in a test database of its own. Arguments: sizes of the table; `figures` for those alone.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django

django.setup()

from django.db import connection  # noqa: E402
from django.test.runner import DiscoverRunner  # noqa: E402
from django.utils import timezone  # noqa: E402

from governance.models import Perimeter  # noqa: E402
from humanicite.lib import pdf  # noqa: E402
from mediation.models import Activity  # noqa: E402
from reporting.demo.programme import load_demo  # noqa: E402
from reporting.figures.activities import report  # noqa: E402
from reporting.periods import Period  # noqa: E402
from reporting.syntheses import edition as synthesis  # noqa: E402
from tests.benchmarks import batch, figures, lists  # noqa: E402

SEED, ROUNDS = 2019, 11
MOST_LISTED = 100_000  # activities of one programme, which are made one by one
RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
FLOOR_SQL = (Path(__file__).parent / "year.sql").read_text()


def compare(
    name: str,
    floor: Callable[[], object],
    arm: Callable[[], object],
    before: Callable[[], None] | None = None,
) -> str:
    """One line: medians, ratio, spread of the floor (half the interquartile range / median).

    `before` is called before each round, and not measured.
    """
    draw, times = random.Random(SEED), {"floor": [], "arm": []}
    floor(), arm()
    for _ in range(ROUNDS):
        if before:
            before()
        for key in draw.sample(["floor", "arm"], 2):
            started = time.perf_counter()
            floor() if key == "floor" else arm()
            times[key].append(time.perf_counter() - started)
    low, middle, high = statistics.quantiles(times["floor"], n=4)
    spread = (high - low) / 2 / middle
    if spread > 0.25:
        return f"| {name} | discarded: the floor wavers by {spread:.0%} | | | |"
    arm_time = statistics.median(times["arm"])
    return (
        f"| {name} | {middle * 1000:.1f} ms | {arm_time * 1000:.1f} ms | "
        f"{arm_time / middle:.2f} | {spread:.0%} |"
    )


def sql_year(perimeter: Perimeter, period: Period) -> list[tuple]:
    """The same columns in one pass, by SQL that the product does not import."""
    places = [pk for _, _, keys in perimeter.intervals for pk in keys]
    marks = ", ".join(["%s"] * len(places))
    with connection.cursor() as cursor:
        cursor.execute(
            FLOOR_SQL.replace("PLACES", marks),
            [perimeter.party.programme_id, period.last_year.first, period.last, *places],
        )
        return cursor.fetchall()


def grow(programme_id: int, to: int) -> None:
    """Rows of other programmes' work, so that the table is large and the service is not."""
    from tests.world import make_world

    other, made = make_world(f"croissance-{to}"), []
    author, places = other.user("mediateur"), list(other.places.values())
    for n in range(to - Activity.objects.count()):
        made.append(
            Activity(
                programme=other.programme, place=places[n % 7], type="PAP", minutes=30,
                day=date(2024, 1, 1) + timedelta(days=n % 1000), author=author,
            )
        )  # fmt: skip
        if len(made) == 5000:
            Activity.objects.bulk_create(made)
            made = []
    Activity.objects.bulk_create(made)


def main(sizes: list[int], parts: list[str]) -> None:
    today = timezone.localdate()
    if connection.vendor == "postgresql":
        write(figures.measures(compare, sizes, sql_year), today)
        if parts == ["figures"]:
            return
    programme = load_demo(today)
    perimeter = Perimeter.objects.select_related("party__programme").get(
        party__programme=programme, party__slug="asl"
    )
    year, month = Period("annee", today.year), Period.holding("mois", today).previous
    lines = []
    for size in sizes if connection.vendor == "sqlite" else []:
        grow(programme.pk, size)
        lines.append(
            compare(
                f"year's figures, {size:,} activities in the table / one-pass SQL",
                lambda: sql_year(perimeter, year),
                lambda: report(perimeter, year),
            )
        )
    edition = synthesis.prepare(perimeter, month, timezone.now())
    html = synthesis.to_html(edition)
    lines.append(
        compare(
            "synthesis PDF, data included / WeasyPrint alone on its HTML",
            lambda: pdf.render(html),
            lambda: synthesis.to_pdf(synthesis.prepare(perimeter, month, timezone.now())),
        )
    )
    lines.append(
        compare(
            "tagged PDF / untagged",
            lambda: pdf.render(html, tagged=False),
            lambda: pdf.render(html),
        )
    )
    lines += batch.measure(SEED)
    lines += lists.measures(compare, min(max(sizes), MOST_LISTED))
    write(lines, today)


def write(lines: list[str], today: date) -> None:
    heading = f"\n## {today}, {connection.vendor}, seed {SEED}, {ROUNDS} rounds\n\n"
    table = "| measure | floor | product | ratio | floor's spread |\n|---|---|---|---|---|\n"
    text = heading + table + "\n".join(lines) + "\n"
    with RESULTS.open("a") as results:
        results.write(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    runner = DiscoverRunner(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        given = sys.argv[1:]
        many = 1_000_000 if connection.vendor == "postgresql" else 100_000
        main([int(one) for one in given if one.isdecimal()] or [10_000, many],
             [one for one in given if not one.isdecimal()])  # fmt: skip
    finally:
        runner.teardown_databases(databases)
