"""What the filters of every list hold to: each is found by walking, so a list that comes later is too."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model
from django.db.models.expressions import BaseExpression, Col, OuterRef, ResolvedOuterRef
from django.db.models.lookups import Exact, Lookup
from django.db.models.sql import Query
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import WhereNode
from django.http import QueryDict

import humanicite.urls  # noqa: F401  # every list is there once its page is
from governance.models import Coverage
from governance.scoping import ScopedQuerySet
from humanicite.lib import narrowing
from humanicite.lib.narrowing import NONE, Narrowing

from .world import TODAY, World

LISTS = sorted(Narrowing.of_route.items())
LISTED = pytest.mark.parametrize(
    "filters", [one for _, one in LISTS], ids=[name for name, _ in LISTS]
)


def test_the_lists_are_found() -> None:
    assert {"activities", "signalements", "situations", "mails", "journal", "access", "contacts",
            "imports", "news"} <= {name for name, _ in LISTS}  # fmt: skip


@LISTED
def test_filters_are_of_the_house(filters: type[Narrowing]) -> None:
    """django-filter's own ask the database for their choices, or skip a filter that is ticked whole."""
    for name, one in filters.base_filters.items():
        assert type(one).__module__ == narrowing.__name__, name


# --- Scope ----------------------------------------------------------------------------------------


def within(node: Any) -> Iterator[Query]:
    """The queries inside a query or an expression, however deep."""
    if isinstance(node, Query):
        for part in (node.where, *node.annotations.values(), *node.combined_queries):
            yield from _queries(part)
    elif isinstance(node, WhereNode):
        for child in node.children:
            yield from _queries(child)
    elif isinstance(node, Lookup):
        yield from _queries(node.lhs)
        yield from _queries(node.rhs)
    elif isinstance(node, BaseExpression):
        if isinstance(query := getattr(node, "query", None), Query):
            yield from _queries(query)
        for part in node.get_source_expressions():
            yield from _queries(part)


def _queries(node: Any) -> Iterator[Query]:
    if isinstance(node, Query):
        yield node
    yield from within(node)


def many(query: Query) -> list[str]:
    """Joins to other rows, many of them to one."""
    fields = [getattr(join, "join_field", None) for join in query.alias_map.values()]
    return [str(one) for one in fields if one and (one.one_to_many or one.many_to_many)]


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What `visible_to` answers is marked, with all that the rule itself asks; listed: what else is read."""
    rule, run, unscoped = ScopedQuerySet.visible_to, SQLCompiler.execute_sql, []

    def visible_to(self: Any, reader: Any) -> Any:
        rows = rule(self, reader)
        for query in (rows.query, *within(rows.query)):
            query.is_scoped = True
        return rows

    def execute_sql(self: SQLCompiler, *args: Any, **options: Any) -> Any:
        if not getattr(self.query, "is_scoped", False) and self.query.model is not Coverage:
            unscoped.append(str(self.query.model.__name__))
        return run(self, *args, **options)

    monkeypatch.setattr(ScopedQuerySet, "visible_to", visible_to)
    monkeypatch.setattr(SQLCompiler, "execute_sql", execute_sql)
    return unscoped


def made(filters: type[Narrowing], query: str, world: World, who: str) -> Narrowing:
    more = {}
    if "people" in inspect.signature(filters).parameters:
        more["people"] = {row.user_id: row.user for row in world.memberships.values()}
    reader = world.reader(who)
    return filters(QueryDict(query), membership=reader, today=TODAY, **more)


def values(found: Narrowing) -> Iterator[tuple[str, str]]:
    """(name, value) of every choice that each filter offers, or of one that it takes."""
    for name, one in found.filters.items():
        field: Any = found.form.fields[name]
        match one:
            case narrowing.Search():
                yield name, "hall 12"
            case narrowing.FromDay() | narrowing.UntilDay() | narrowing.AsOf():
                yield name, "2026-03-01"
            case narrowing.Flag():
                yield name, "on"
            case narrowing.OneRow():
                yield from ((name, str(key)) for key in [*field.rows()][:2])
                if isinstance(one, narrowing.OneRowOrNone):
                    yield name, NONE
            case _:
                yield from ((name, str(key)) for key, _ in field.choices)


def of_the_row_itself(query: Query) -> bool:
    """Former versions of the one row that the query around it reads: they tell nothing of another."""
    return hasattr(query.model, "instance_type") and any(
        isinstance(child, Exact)
        and getattr(child.lhs, "target", None) is query.model._meta.get_field("id")
        and isinstance(child.rhs, OuterRef | ResolvedOuterRef | Col)
        for child in query.where.children
    )


@LISTED
@pytest.mark.parametrize("who", ["coordination", "town-a", "invite"])
def test_a_filter_reads_only_rows_that_its_reader_sees(
    filters: type[Narrowing], who: str, world: World, marked: list[str]
) -> None:
    model: type[Model] = filters._meta.model
    offered = list(values(made(filters, "", world, who)))
    assert offered
    for name, value in offered:
        query = QueryDict(mutable=True)
        query[name] = value
        found = made(filters, query.urlencode(), world, who)
        seen = model._default_manager.visible_to(found.membership)
        marked.clear()
        narrowed = found.narrow(seen)
        assert found.is_valid(), (name, value, found.errors)
        assert not marked, f"{name}={value} reads all of {marked}"
        inner = [
            one
            for one in within(narrowed.query)
            if not getattr(one, "is_scoped", False) and not of_the_row_itself(one)
        ]
        assert not inner, f"{name}={value} asks all of {[one.model.__name__ for one in inner]}"
        assert not many(narrowed.query), f"{name}={value} joins {many(narrowed.query)}"


def test_the_walk_finds_an_unscoped_filter(world: World, marked: list[str]) -> None:
    """The three ways in which rows of another model were, or could be, read past the rule."""
    from mediation.models import Activity, HeadCount, Recipient, Signalement

    reader = world.reader("town-a")
    everybody = Recipient.objects.filter(acknowledged_at=None)
    nested = Signalement.objects.visible_to(reader).filter(pk__in=everybody.values("signalement"))
    assert [one for one in within(nested.query) if not getattr(one, "is_scoped", False)]
    joined = Activity.objects.visible_to(reader).filter(head_counts__count=2)
    assert many(joined.query)
    marked.clear()
    list(HeadCount.objects.values_list("pk"))
    assert marked == ["HeadCount"]


# --- Links ----------------------------------------------------------------------------------------


def test_a_link_is_made_by_the_filters_that_read_it(world: World) -> None:
    from mediation.activities.filters import ActivityFilter
    from mediation.signalements.filters import SignalementFilter

    place = world.places["hall-a"]
    assert ActivityFilter.address() == "/activites/"
    found = ActivityFilter.address(lieu=place, seul=True, du=TODAY, type="PAP", theme=NONE, q="")
    assert found == f"/activites/?lieu={place.pk}&seul=on&du=2026-03-18&type=PAP&theme=sans"
    found = SignalementFilter.address(onglet="tous", retard=True)
    assert found == "/signalements/?onglet=tous&retard=on"


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"lieux": 3}, TypeError), ({"onglet": "tout"}, ValueError), ({"etat": "perdu"}, ValueError),
        ({"page": 2}, TypeError),
    ],
)  # fmt: skip
def test_a_misspelt_link_fails(given: dict[str, Any], refused: type[Exception]) -> None:
    from mediation.signalements.filters import SignalementFilter

    with pytest.raises(refused):
        SignalementFilter.address(**given)
