"""One statement that reads a perimeter's activities once and groups them in every way that figures
need (docs/decisions/0031).

The rows are those of the scope rule: its SQL is the subquery that is scanned. PostgreSQL groups it
with GROUPING SETS; SQLite has none, and reads the one scan again for each group.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from governance.models import Audience, Perimeter
from humanicite.lib.dates import EVENING
from mediation.models import Activity, HeadCount
from reporting.periods import Period

# What a group is of, and what its fields then hold besides the sums.
BY_DAY = 0  # day
BY_TYPE = 1  # slot, name: the type, other: a clock
BY_AXIS = 2  # slot: the rank of a month, key: an axis or None
BY_THEME = 3  # slot, key: a place, other: a theme or None
BY_SECOND_THEME = 4  # slot, key: a place, other: a theme
BY_AUDIENCE = 5  # slot, key: an audience, name: how it is called; people instead of minutes
EARLIEST = 6  # day: of the first record, whenever that was
NO_CLOCK, IN_DAYLIGHT, IN_THE_EVENING = 0, 1, 2


# (what, slot, day, name, key, other, count, minutes); a tuple, for there are thousands. `slot` is the
# rank of the period among those asked.
Group = tuple[int, int, date | None, str | None, int | None, int | None, int, int]


# Long: one statement, written from its first word to its last.
def groups(
    perimeter: Perimeter, periods: Sequence[Period], months: Sequence[Period]
) -> list[Group]:
    """Every group of a perimeter's activities; one query, and the perimeter's coverage.

    `months`: without a gap, from the first day that is read to the last. `periods`: whole months of
    those, none of which overlap.
    """
    within: QuerySet = Activity.objects.within(perimeter).order_by()
    rows = within.filter(day__gte=months[0].first, day__lte=months[-1].last)
    read = rows.values(
        "day", "minutes", "type", "objective__axis_id", "theme_id", "second_theme_id", "place_id",
        "starts_at",
    )  # fmt: skip
    earliest = within.filter(day__lte=months[-1].last).order_by("day").values("day")[:1]
    # What stands in the text is names of tables and numbers of ours; values go beside it.
    sql = _Sql()
    sql.add(
        "WITH scan AS (SELECT day, minutes, type, objective__axis_id AS axis_id, theme_id, "
        "second_theme_id, place_id, "
    )
    sql.slot(periods)
    sql.add(" AS slot, ")
    sql.month(months)
    sql.add(f" AS month, CASE WHEN starts_at IS NULL THEN {NO_CLOCK} WHEN starts_at >= %s")
    sql.values.append(connection.ops.adapt_timefield_value(EVENING))
    sql.add(f" THEN {IN_THE_EVENING} ELSE {IN_DAYLIGHT} END AS clock FROM ")
    sql.rows(read)
    sql.add(f" AS read_rows) {_GROUPED[connection.vendor]}")
    sql.add(
        f" UNION ALL SELECT {BY_AUDIENCE}, met.slot, NULL, audience.name, audience.id, NULL, 0, "  # noqa: S608  # nosec B608
        f"met.people FROM {Audience._meta.db_table} AS audience JOIN (SELECT audience_id, "
    )
    sql.slot(periods)
    sql.add(
        f" AS slot, SUM(count) AS people FROM {HeadCount._meta.db_table} AS cells "  # noqa: S608  # nosec B608
        "JOIN "
    )
    sql.rows(rows.values("pk", "day"))
    sql.add(
        " AS read_rows ON read_rows.pk = cells.activity_id GROUP BY 1, 2) AS met "
        f"ON met.audience_id = audience.id UNION ALL SELECT {EARLIEST}, 0, "
    )
    sql.rows(earliest)
    sql.add(", NULL, NULL, NULL, 0, 0")
    return sql.fetch()


# The same five groups, in either dialect; constants are ours, values are never put in here.
_GROUPED = {
    "postgresql": f"""
        SELECT CASE WHEN GROUPING(day) = 0 THEN {BY_DAY} WHEN GROUPING(type) = 0 THEN {BY_TYPE}
                WHEN GROUPING(axis_id) = 0 THEN {BY_AXIS}
                WHEN GROUPING(theme_id) = 0 THEN {BY_THEME} ELSE {BY_SECOND_THEME} END,
            COALESCE(slot, month), day, type, COALESCE(axis_id, place_id),
            COALESCE(clock, theme_id, second_theme_id), COUNT(*), SUM(minutes)
        FROM scan
        GROUP BY GROUPING SETS (
            (day), (slot, type, clock), (month, axis_id), (slot, place_id, theme_id),
            (slot, place_id, second_theme_id)
        )
        HAVING (GROUPING(slot) = 1 OR slot >= 0)
            AND (GROUPING(second_theme_id) = 1 OR second_theme_id IS NOT NULL)
    """,  # noqa: S608  # nosec B608
    "sqlite": f"""
        SELECT {BY_DAY}, 0, day, NULL, NULL, NULL, COUNT(*), SUM(minutes) FROM scan GROUP BY day
        UNION ALL SELECT {BY_TYPE}, slot, NULL, type, NULL, clock, COUNT(*), SUM(minutes)
        FROM scan WHERE slot >= 0 GROUP BY slot, type, clock
        UNION ALL SELECT {BY_AXIS}, month, NULL, NULL, axis_id, NULL, COUNT(*), SUM(minutes)
        FROM scan GROUP BY month, axis_id
        UNION ALL SELECT {BY_THEME}, slot, NULL, NULL, place_id, theme_id, COUNT(*), SUM(minutes)
        FROM scan WHERE slot >= 0 GROUP BY slot, place_id, theme_id
        UNION ALL SELECT {BY_SECOND_THEME}, slot, NULL, NULL, place_id, second_theme_id, COUNT(*),
            SUM(minutes)
        FROM scan WHERE slot >= 0 AND second_theme_id IS NOT NULL
        GROUP BY slot, place_id, second_theme_id
    """,  # noqa: S608  # nosec B608
}


class _Sql:
    """A statement and its values, in the order in which they are written."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.values: list[Any] = []

    def add(self, text: str) -> None:
        self.parts.append(text)

    def rows(self, rows: QuerySet) -> None:
        text, values = rows.query.sql_with_params()
        self.add(f"({text})")
        self.values += values

    def slot(self, periods: Sequence[Period]) -> None:
        """The rank of the period that holds the day, or -1."""
        self.add("CASE")
        for rank, period in enumerate(periods):
            self.add(f" WHEN day BETWEEN %s AND %s THEN {rank}")
            self.values += [_day(period.first), _day(period.last)]
        self.add(" ELSE -1 END")

    def month(self, months: Sequence[Period]) -> None:
        """The rank of the month that holds the day."""
        starts = [month.first for month in months[1:]]
        if connection.vendor == "postgresql":
            self.add("width_bucket(day, %s::date[])")
            self.values.append(starts)
            return
        self.add("CASE")
        for rank, start in enumerate(starts):
            self.add(f" WHEN day < %s THEN {rank}")
            self.values.append(_day(start))
        self.add(f" ELSE {len(starts)} END")

    def fetch(self) -> list[Group]:
        with connection.cursor() as cursor:
            cursor.execute("".join(self.parts), self.values)
            return cursor.fetchall()


def _day(day: date) -> object:
    return connection.ops.adapt_datefield_value(day)
