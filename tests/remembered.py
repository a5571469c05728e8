"""A world made once by each worker, then put back as rows: most tests begin with one.

Making it saves each row with its history, some 120 queries; putting it back is one insert a table.
"""

import pickle
from dataclasses import dataclass, field
from datetime import time
from typing import Any

from django.apps import apps
from django.db import connection, transaction

from governance.models import Programme, User

from .filled import populate
from .world import World, make_world

SLUGS = ("essai", "ailleurs")


class _Undone(Exception):
    pass


@dataclass
class Remembered:
    """The rows of each slug's world by table, in the order in which they may be written."""

    rows: dict[str, list[tuple[str, list[tuple[Any, ...]]]]] = field(default_factory=dict)
    filled: dict[str, list[tuple[str, list[tuple[Any, ...]]]]] = field(default_factory=dict)
    worlds: dict[str, bytes] = field(default_factory=dict)

    def world(self, slug: str) -> World:
        """The world of a slug, in a database that holds none of its rows yet."""
        if not self.worlds:
            if Programme.objects.exists() or User.objects.exists():
                return make_world(slug)  # what is learned would begin at other keys
            self._learn()
        world: World = pickle.loads(self.worlds[slug])  # noqa: S301  # of our own making
        users = [membership.user_id for membership in world.memberships.values()]
        if (
            Programme.objects.filter(pk=world.programme.pk).exists()
            or User.objects.filter(pk__in=users).exists()
        ):
            return make_world(slug)  # a row that the test made itself has such a key
        _put_back(self.rows[slug])
        return world

    def fill(self, world: World) -> None:
        """Rows of every model in a world that has none beside itself."""
        if world.slug in self.worlds:
            remembered: World = pickle.loads(self.worlds[world.slug])  # noqa: S301
            if remembered.programme.pk == world.programme.pk:
                _put_back(self.filled[world.slug])
                return
        populate(world)

    def _learn(self) -> None:
        """Both at once, so that no key is used twice; nothing of it stays in the database."""
        try:
            with transaction.atomic():
                before = _everything()
                for slug in SLUGS:
                    self.worlds[slug] = pickle.dumps(make_world(slug))
                    after = _everything()
                    self.rows[slug] = _new(before, after)
                    before = after
                for slug in SLUGS:
                    populate(pickle.loads(self.worlds[slug]))  # noqa: S301
                    after = _everything()
                    self.filled[slug] = _new(before, after)
                    before = after
                raise _Undone
        except _Undone:
            pass


def _put_back(tables: list[tuple[str, list[tuple[Any, ...]]]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, rows in tables:
            cursor.executemany(statement, [tuple(map(_bound, row)) for row in rows])


def _bound(value: Any) -> Any:
    """SQLite takes no time of day as it is."""
    return connection.ops.adapt_timefield_value(value) if isinstance(value, time) else value


def _everything() -> dict[str, tuple[list[str], dict[Any, tuple[Any, ...]]]]:
    """Columns and rows of every table of ours, by key."""
    found = {}
    tables = {
        model._meta.db_table: model._meta
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.app_label in ("governance", "mediation", "reporting")
    }
    with connection.cursor() as cursor:
        for table, meta in tables.items():
            columns = [one.column for one in meta.concrete_fields]
            key = columns.index(meta.pk.column)
            quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
            cursor.execute(f"SELECT {quoted} FROM {connection.ops.quote_name(table)}")
            found[table] = (columns, {row[key]: tuple(row) for row in cursor.fetchall()})
    return found


def _new(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """Foreign keys are checked at the end of the transaction, on both databases."""
    statements = []
    for table, (columns, rows) in after.items():
        if made := [row for key, row in sorted(rows.items()) if key not in before[table][1]]:
            quoted = ", ".join(connection.ops.quote_name(column) for column in columns)
            places = ", ".join(["%s"] * len(columns))
            name = connection.ops.quote_name(table)
            statements.append((f"INSERT INTO {name} ({quoted}) VALUES ({places})", made))
    return statements
