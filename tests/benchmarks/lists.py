"""The list of activities: its page, its last page, a rare word, and the files made of it."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import QueryDict
from django.test import Client, override_settings

from governance.models import Membership
from mediation.activities import exports
from mediation.activities.filters import ActivityFilter
from mediation.activities.views.list import OPERATOR_ORDER, PAGE
from mediation.frame.vocabulary import Vocabulary
from mediation.models import Activity, HeadCount
from tests.world import World, make_world

SEED = 2019
RARE = "girouette"
FIRST, DAYS = date(2024, 1, 1), 1000
FEW, MANY = 10_000, 100_000  # rows of a file, for its memory
Compare = Callable[[str, Callable[[], object], Callable[[], object]], str]


def fill(size: int) -> World:
    """A programme of `size` activities with texts of a vocabulary as uneven as ours."""
    world, draw = make_world("listes"), random.Random(SEED)
    vocabulary = [f"mot{n}" for n in range(3000)]
    weights = [1 / (n + 1) for n in range(3000)]
    author, places = world.user("mediateur"), list(world.places.values())
    for start in range(0, size, 5000):
        made = []
        for n in range(start, min(start + 5000, size)):
            note = " ".join(draw.choices(vocabulary, weights, k=12))
            activity = Activity(
                programme=world.programme, place=places[n % 7], type=("PAP", "CONF", "VEIL")[n % 3],
                minutes=5 * (1 + n % 20), day=FIRST + timedelta(days=n % DAYS), author=author,
                theme=world.themes[n % 3], objective=world.objectives[n % 2],
                internal_note=f"{note} {RARE}" if n % 30_000 == 7 else note,
                summary=" ".join(draw.choices(vocabulary, weights, k=6)),
            )  # fmt: skip
            activity.keep_words()
            made.append(activity)
        Activity.objects.bulk_create(made)
        HeadCount.objects.bulk_create(
            HeadCount(activity=row, audience=world.audiences[0], count=3) for row in made[::2]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return world


def measures(compare: Compare, size: int) -> list[str]:
    world = fill(size)
    reader = world.reader("coordination")
    lines = _pages(compare, world, f"{size:,} activities of one programme")
    if connection.vendor == "postgresql":
        lines += _search(compare, reader, size)
        lines += _files(compare, world, size)
    return lines + _memory(world, size)


def _pages(compare: Compare, world: World, where: str) -> list[str]:
    last = Activity.objects.of_programme(world.programme.pk).order_by("day", "pk")[PAGE - 5]
    end = f"/activites/?avant={OPERATOR_ORDER.position(last)}"
    with override_settings(ROOT_URLCONF="tests.benchmarks.bare"):
        client = Client()
        client.force_login(world.user("coordination"), backend=settings.AUTHENTICATION_BACKENDS[0])

        def get(path: str) -> Callable[[], object]:
            def ask() -> object:
                answer = client.get(path)
                assert answer.status_code == 200
                assert answer.content.count(b'href="/activites/') >= PAGE - 5
                return answer

            return ask

        return [
            compare(f"list page / the same rows in a bare template, {where}", get("/bare/"),
                    get("/activites/")),
            compare(f"last page / first page, {where}", get("/activites/"), get(end)),
        ]  # fmt: skip


def _filtered(
    reader: Membership, query: str, names: Vocabulary | None = None
) -> tuple[ActivityFilter, Any]:
    found = ActivityFilter(QueryDict(query), membership=reader, today=FIRST, vocabulary=names)
    rows = found.narrow(Activity.objects.visible_to(reader))
    return found, rows


def _search(compare: Compare, reader: Membership, size: int) -> list[str]:
    names = Vocabulary(reader)

    def sought() -> object:
        _, rows = _filtered(reader, f"q={RARE}", names)
        found = OPERATOR_ORDER.page(rows.for_pages(own=True), PAGE).rows
        assert len(found) == len(range(7, size, 30_000))
        return found

    def unindexed() -> object:
        texts = Q(summary__icontains=RARE) | Q(internal_note__icontains=RARE)
        rows = Activity.objects.visible_to(reader).filter(texts)
        return list(OPERATOR_ORDER.order(rows)[: PAGE + 1])

    return [compare(f"search of a rare word / unindexed icontains, {size:,}", unindexed, sought)]


# What makes the same file without Python: names joined, days and hours written, people pivoted.
SHARED_SELECT = """
    SELECT to_char(a.day, 'DD/MM/YYYY'), a.type, p.name, a.minutes,
        replace(round(a.minutes / 60.0, 2)::text, '.', ','), t.name, s.name, x.number || '. ' || x.name,
        x.number || '.' || o.number || ' ' || o.text, a.outcome,
        CASE WHEN a.review = 'pending' THEN '' ELSE a.summary END {own}
    FROM mediation_activity a JOIN governance_place p ON p.id = a.place_id
    LEFT JOIN governance_theme t ON t.id = a.theme_id
    LEFT JOIN governance_theme s ON s.id = a.second_theme_id
    LEFT JOIN governance_objective o ON o.id = a.objective_id
    LEFT JOIN governance_axis x ON x.id = o.axis_id {joined}
    WHERE a.programme_id = {programme} AND a.day >= '{since}'
    ORDER BY a.day DESC, a.starts_at DESC NULLS LAST, a.id DESC
"""
OWN = """, a.internal_note, a.review, to_char(a.starts_at, 'HH24:MI'), a.origin, u.function,
        c.first, c.second"""
JOINED = """JOIN governance_user u ON u.id = a.author_id
    LEFT JOIN (SELECT activity_id, sum(count) FILTER (WHERE audience_id = {}) AS first,
        sum(count) FILTER (WHERE audience_id = {}) AS second
        FROM mediation_headcount GROUP BY activity_id) c ON c.activity_id = a.id"""


def _files(compare: Compare, world: World, size: int) -> list[str]:
    """Of a fifth of the rows, so that eleven rounds end."""
    since, count = FIRST + timedelta(days=DAYS * 4 // 5), size // 5
    audiences = [one.pk for one in world.audiences]
    lines = []
    for who, what in (("owners", "a partner's"), ("coordination", "the operator's")):
        own = who == "coordination"
        select = SHARED_SELECT.format(
            programme=world.programme.pk, since=since, own=OWN if own else "",
            joined=JOINED.format(*audiences) if own else "",
        )  # fmt: skip
        for form, most in (("csv", 2.22), ("xlsx", 8.33)):
            name = f"{what} {form}, {count:,} rows / COPY of the same columns (≤ {most})"
            lines.append(
                compare(name, partial(_copied, select), partial(_written, world, who, since, form))
            )
    return lines


def _copied(select: str) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as rows,
    ):
        for _ in rows:
            pass


def _written(world: World, who: str, since: date, form: str) -> None:
    found, rows = _filtered(world.reader(who), f"du={since}")
    with exports.write(OPERATOR_ORDER.order(rows), found, form) as file:
        assert file.read(3)


def _memory(world: World, size: int) -> list[str]:
    """Peak memory of a process that makes one file, few rows against many."""
    lines = []
    many = min(size, MANY)
    for form in ("csv", "xlsx"):
        peaks = {}
        for count in (FEW, many):
            until = FIRST + timedelta(days=DAYS * count // size - 1)
            done = subprocess.run(
                [sys.executable, "-m", "tests.benchmarks.peak", form, str(until), world.slug],
                env=os.environ | {"DATABASE_URL": _address()}, check=True, capture_output=True,
                text=True,
            )  # fmt: skip
            peaks[count] = json.loads(done.stdout)["peak"] / 1024
        few, most = peaks[FEW], peaks[many]
        lines.append(
            f"| peak memory of a process that makes the {form}, {many:,} rows / {FEW:,} "
            f"| {few:.0f} MiB | {most:.0f} MiB |"
            f" {most / few:.2f} | one run |"
        )
    return lines


def _address() -> str:
    """The test database, for a process of its own."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{quote(str(given['NAME']))}"))
