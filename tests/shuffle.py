"""What has no order comes in any: a queryset whose order leaves two rows equal is shuffled.

Databases give rows mostly as they were written, and a test would rely on it. The order follows from
HUMANICITE_SHUFFLE and the test's name; a test that fails prints it.
"""

import os
import random
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.db.models import OrderBy
from django.db.models.expressions import Col
from django.db.models.functions import Random
from django.db.models.sql.compiler import SQLCompiler

SEED = os.environ.setdefault("HUMANICITE_SHUFFLE", str(random.randrange(10**6)))


class Shuffled(Random):
    """Of a grouped query no column: it makes no groups of its own."""

    def get_group_by_cols(self) -> list[Any]:
        return []


def _is_total(compiler: SQLCompiler, order: list[Any]) -> bool:
    query = compiler.query
    base = query.base_table
    keys = [entry[0].expression for entry in order if isinstance(entry[0].expression, Col)]
    return query.group_by is None and any(
        key.target.unique and not key.target.null and key.alias == base for key in keys
    )


def _may_be_shuffled(query: Any) -> bool:
    if query.combinator or query.distinct or getattr(query, "is_a_part", False):
        return False  # SQL knows no such order there
    return query.is_sliced or not query.subquery


def install() -> None:
    order_of, combined = SQLCompiler.get_order_by, SQLCompiler.get_combinator_sql

    def get_order_by(self: SQLCompiler) -> list[Any]:
        order = order_of(self)
        if (
            type(self) is SQLCompiler
            and _may_be_shuffled(self.query)
            and not _is_total(self, order)
        ):
            by = OrderBy(Shuffled())
            order = [*order, (by, (*self.compile(by), False))]
        return order

    def get_combinator_sql(self: SQLCompiler, *args: Any) -> Any:
        for part in self.query.combined_queries:
            part.is_a_part = True
        return combined(self, *args)

    SQLCompiler.get_order_by = get_order_by
    SQLCompiler.get_combinator_sql = get_combinator_sql
    connection_created.connect(_seed_of_a_connection)


def seed(name: str) -> None:
    """SQLite asks `random`; PostgreSQL has numbers of its own, of each connection."""
    random.seed(f"{SEED} {name}")
    if connection.connection is not None:
        _seed_of_a_connection(connection=connection)


def _seed_of_a_connection(connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql" and not connection.connection.closed:
        with connection.connection.cursor() as cursor:
            cursor.execute("SELECT setseed(%s)", [random.random()])
