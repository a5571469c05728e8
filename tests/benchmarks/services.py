"""Many services' years of work, drawn from a seed and copied into PostgreSQL as fast as it takes them.

The one that is measured is a whole world of the tests, on forty places; the others are programmes
with places of their own, so that the table is large and the service is not.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from governance.models import Place, PlaceKind, Programme, Theme
from mediation.frame.reference import ReferenceActivity
from mediation.models import Activity, HeadCount
from tests.world import World, make_world

SEED = 2026
PER_SERVICE = 10_000  # activities, in four years
FIRST, DAYS = date(2022, 1, 1), 4 * 365
PLACES = 40
NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)
ACTIVITY = (
    "uid", "programme_id", "type", "place_id", "day", "minutes", "starts_at", "objective_id", "theme_id",
    "second_theme_id", "origin", "outcome", "refusal", "conflict_form", "partner_kind", "consent",
    "internal_note", "summary", "review", "author_id", "shared_words", "own_words", "version",
    "created_at", "updated_at",
)  # fmt: skip


def service(slug: str = "mesure") -> World:
    """A world with forty places, eight themes and four years of activities; about six in ten of them
    met somebody."""
    world = make_world(slug)
    for n in range(PLACES - len(world.places)):
        side = "ab"[n % 2]
        world.places[f"spot-{n}"] = Place.objects.create(
            programme=world.programme, slug=f"spot-{n}", name=f"Lieu {n}", kind=PlaceKind.SPOT,
            parent=world.places[f"ilot-{side}"],
        )  # fmt: skip
    for n in range(8 - len(world.themes)):
        world.themes.append(
            Theme.objects.create(
                programme=world.programme, group="Groupe", name=f"Thème {n}", rank=10 + n
            )
        )
    for perimeter in world.perimeters.values():
        perimeter.refresh_coverage(since=FIRST)
    _copy(
        world.programme.pk,
        [one.pk for one in world.places.values()],
        [one.pk for one in world.objectives],
        [one.pk for one in world.themes],
        world,
        PER_SERVICE,
        random.Random(SEED),
    )
    _count_people(world)
    return world


def crowd(world: World, to: int) -> None:
    """Other services, until the table holds so many activities."""
    made = Activity.objects.count()
    draw = random.Random(SEED + to)
    while made < to:
        number = Programme.objects.count()
        programme = Programme.objects.create(slug=f"autre-{number}", name=f"Service {number}")
        root = Place.objects.create(
            programme=programme, slug="quartier", name="Quartier", kind=PlaceKind.QUARTER
        )
        places = [root.pk]
        for n in range(PLACES - 1):
            spot = Place.objects.create(
                programme=programme, slug=f"spot-{n}", name=f"Lieu {n}", kind=PlaceKind.SPOT,
                parent=root,
            )  # fmt: skip
            places.append(spot.pk)
        count = min(PER_SERVICE, to - made)
        _copy(programme.pk, places, [], [one.pk for one in world.themes], world, count, draw)
        made += count
    settle()


def settle() -> None:
    """What a server does by itself in the hours after so many rows."""
    with connection.cursor() as cursor:
        for table in ("mediation_activity", "mediation_headcount"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _copy(
    programme: int,
    places: list[int],
    objectives: list[int],
    themes: list[int],
    world: World,
    count: int,
    draw: random.Random,
) -> None:
    author = world.user("mediateur").pk
    types = list(ReferenceActivity.values)

    def rows() -> Iterator[tuple[object, ...]]:
        for _ in range(count):
            theme, second = draw.sample(themes, 2)
            known = draw.random() < 0.85
            yield (
                uuid.UUID(int=draw.getrandbits(128)), programme,
                draw.choices(types, range(len(types), 0, -1))[0], draw.choice(places),
                FIRST + timedelta(days=draw.randrange(DAYS)), 5 * draw.randint(1, 24),
                time(draw.randint(9, 21)) if draw.random() < 0.7 else None,
                draw.choice(objectives) if objectives and draw.random() < 0.9 else None,
                theme if known else None, second if known and draw.random() < 0.3 else None,
                "", "", "", "", "", "", "", "Échange au pied de l’immeuble.", "", author,
                "echange pied immeuble", "echange pied immeuble", 1, NOW, NOW,
            )  # fmt: skip

    statement = f"COPY mediation_activity ({', '.join(ACTIVITY)}) FROM STDIN"
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows():
            copy.write_row(row)


def _count_people(world: World) -> None:
    draw = random.Random(SEED)
    keys = Activity.objects.of_programme(world.programme.pk).order_by("uid")
    HeadCount.objects.bulk_create(
        [
            HeadCount(
                activity_id=key, audience=draw.choice(world.audiences), count=draw.randint(1, 9)
            )
            for key in keys.values_list("pk", flat=True)
            if draw.random() < 0.6
        ],
        batch_size=2000,
    )
