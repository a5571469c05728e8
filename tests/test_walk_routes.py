"""Every route, those to come included: closed by default, 404 outside the scope, 403 without right.

A new view that forgets `@reads` or `@writes` fails here; so does one that takes a row's key without
saying of which model, and one whose page shows a row of another perimeter.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from governance.models import Perimeter
from governance.rights import RIGHTS, Right, Role
from humanicite.lib.http import Access

from .pages import text_of
from .world import World


def walk(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from walk(entry)
        else:
            yield entry


ROUTES = list(walk())
OWN = [route for route in ROUTES if getattr(route.callback, "access", None) and
       route.callback.access.kind in ("reads", "writes")]  # fmt: skip
OF_A_ROW = [route for route in OWN if route.callback.access.model]
PLAIN = [route for route in OWN if not route.pattern.converters]
# What else a route's address holds beside the row's key.
OTHER_PARTS = {"month": "2026-02", "token": "x", "year": 2026}


def name_of(route: URLPattern) -> str:
    return str(route.name)


# Not there for who has one programme only; tests/reporting/programmes walks it.
OF_SEVERAL = {"programmes"}


def address(route: URLPattern, pk: int | None = None) -> str:
    parts = {name: pk if name == "pk" else OTHER_PARTS[name] for name in route.pattern.converters}
    return reverse(name_of(route), kwargs=parts)


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_every_view_says_who_may_come(route: URLPattern) -> None:
    access = getattr(route.callback, "access", None)
    assert isinstance(access, Access), f"{route} declares neither @reads nor @writes"
    if access.kind in ("reads", "writes"):
        assert access.right in set(Right)
        if "pk" in route.pattern.converters:
            assert access.model, "a row's key without its model: the scope rule cannot apply"
    else:
        assert access.reason


def test_every_right_opens_something_and_somebody_has_it() -> None:
    used = {route.callback.access.right for route in OWN}
    beside_routes = {
        Right.SUPERVISE, Right.READ_OPERATOR_FIELDS, Right.CORRECT_ACTIVITIES, Right.MODERATE_NEWS,
    }  # fmt: skip
    assert used | beside_routes == set(Right)
    assert set().union(*RIGHTS.values()) == set(Right)
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize("route", OWN, ids=name_of)
def test_a_stranger_is_sent_to_sign_in(route: URLPattern, client: Any, db: None) -> None:
    for send in (client.get, client.post):
        answer = send(address(route, 1))
        assert answer.status_code in (302, 405)
        if answer.status_code == 302:
            assert answer["Location"].startswith("/connexion/")


@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a", "invite"])
@pytest.mark.parametrize("route", PLAIN, ids=name_of)
def test_a_role_without_the_right_gets_403(route, who, world: World, sign_in) -> None:
    access, client = route.callback.access, sign_in(world, who)
    # An address that only takes a POST gets an empty one, which does nothing.
    answer = (client.get if access.confirm else client.post)(address(route))
    allowed = world.reader(who).may(access.right)
    assert (answer.status_code == 403) is not allowed
    if allowed:
        expected = (200, 302) if access.confirm else (200, 302, 400, 422)
        assert answer.status_code in ((404,) if route.name in OF_SEVERAL else expected)


def rows_of(model: type[models.Model], world: World) -> Any:
    """All rows of a programme; at least one must exist, or the walk would prove nothing."""
    found = model._default_manager.of_programme(world.programme.pk)  # type: ignore[attr-defined]
    assert found.exists(), f"make a {model.__name__} in the test's world"
    return found


@pytest.mark.parametrize("who", ["mediateur", "coordination", "town-a", "town-b", "invite"])
@pytest.mark.parametrize("route", OF_A_ROW, ids=name_of)
def test_rows_outside_are_404_inside_without_right_403(
    route: URLPattern, who: str, world: World, elsewhere: World, sign_in: Any, fill: Any
) -> None:
    fill(world)
    fill(elsewhere)
    access = route.callback.access
    reader, client = world.reader(who), sign_in(world, who)
    visible = set(access.model._default_manager.visible_to(reader).values_list("pk", flat=True))
    met = 0
    for row in [*rows_of(access.model, world), *rows_of(access.model, elsewhere)]:
        path = address(route, row.pk)
        allowed = row.pk in visible and reader.may(access.right)
        # What is allowed is not carried out here: it would change the rows being walked.
        for send in (client.get,) if allowed else (client.get, client.post):
            answer = send(path)
            if answer.status_code == 405:
                continue
            if row.pk not in visible:
                assert answer.status_code == 404, path
                met += 1
            elif not allowed:
                assert answer.status_code == 403, path
            else:
                assert answer.status_code in (200, 403), path
        if row.pk in visible:
            assert row.is_visible_to(reader)
    assert met, "no row outside was tried"


def test_a_town_gets_404_on_every_row_of_the_other_side(
    world: World, sign_in: Any, fill: Any
) -> None:
    """The figure of the must-show: every address of every row of side B, as town A."""
    fill(world)
    client = sign_in(world, "town-a")
    tried = 0
    for route in OF_A_ROW:
        for row in rows_of(route.callback.access.model, world):
            of_b = "-b" in f"{getattr(row, 'place', '')} {getattr(row, 'name', '')} {row}"
            # What the agreement itself says is read by all who signed it, and changed by few.
            if of_b and not getattr(getattr(row, "scope", None), "frame", False):
                assert client.get(address(route, row.pk)).status_code in (404, 405)
                tried += 1
    assert tried >= 10


PAGES = [
    route
    for route in ROUTES
    if route.callback.access.kind == "reads" and route.name not in OF_SEVERAL
]


@pytest.mark.parametrize("who", ["town-a", "invite"])
def test_no_page_shows_a_word_of_another_perimeter(
    who: str, world: World, elsewhere: World, sign_in: Any
) -> None:
    """Every page a reader can open, with every filter: not one marked word of what is outside,
    nor of the operator's own fields of what is inside."""
    for key in world.places:
        secret = "DEDANS" if key in ("quartier", "cote-a", "ilot-a", "hall-a") else "DEHORS"
        world.activity(
            key, theme=world.themes[0], minutes=45, summary=f"résumé-{secret}",
            internal_note=f"note-secrete-{secret}", origin="police",
        )  # fmt: skip
    situation = world.situation(
        "hall-a", title="titre-secret", description="fil-secret", next_step="étape-secrète"
    )
    situation.involvements.create(party=world.parties["owners"], part="part-secrète")
    world.agenda_line(situation, line="ligne-DEDANS")
    world.agenda_line(situation, line="ligne-DEHORS", committee=world.other_committee)
    world.counted(world.activity("hall-a", minutes=50, situation=situation), count=7)
    elsewhere.activity("hall-a", summary="résumé-DEHORS")
    world.signalement(title="brouillon-secret")
    inside = world.sent(title="fiche-DEDANS", activity=world.activity(origin="police"))
    inside.events.create(at=inside.sent_at, kind="relay", title="appel-secret", is_internal=True)
    for where in ({"place": "hall-b"}, {"place": "hall-a", "is_confidential": True}):
        outside_signalement = world.sent(to="town-b", title="fiche-DEHORS", **where)
        outside_signalement.events.create(at=inside.sent_at, kind="sent", title="envoi-DEHORS")
    client = sign_in(world, who)
    queries = ["", "?q=résumé", "?q=note-secrete", "?q=lieu", "?periode=2026-03", "?periode=2026",
               "?periode=2026-T1", "?du=2026-01-01&au=2026-12-31", "?type=PAP",
               f"?theme={world.themes[0].pk}", f"?lieu={world.places['quartier'].pk}",
               "?tri=place"]  # fmt: skip
    outside = ["DEHORS", "note-secrete", "hall-b", "ilot-b", "cote-b", "Services de police",
               "Périmètre town-b", "contact-town-b", "ailleurs", "Fonction mediateur",
               "-secret", "-secrète"]  # fmt: skip
    seen = ""
    for route in PAGES:
        access = route.callback.access
        if not world.reader(who).may(access.right):
            continue
        keys: list[Any] = [None]
        if access.model:
            keys = list(access.model._default_manager.visible_to(world.reader(who)))
        for row in keys:
            for query in queries:
                answer = client.get(address(route, row.pk if row else None) + query)
                assert answer.status_code in (200, 302)
                if "text/" not in answer.get("Content-Type", "text/"):
                    break  # a file, whatever the query; its own tests read it
                if answer.status_code == 200:
                    text = text_of(answer)
                    seen += text
                    # What the reader typed is shown again in the search box and in the page's own links.
                    text = re.sub(r'(value|href)="[^"]*"', "", text)
                    for word in outside:
                        assert word not in text, f"{word!r} at {route.name}{query}"
    assert who == "invite" or "résumé-DEDANS" in seen, "the walk opened no row"
    assert who == "invite" or "fiche-DEDANS" in seen, "the walk opened no signalement"
    assert ("ligne-DEDANS" in seen) is (who == "town-a"), "the anonymous line, to who sits there"


@pytest.mark.parametrize("param", ["lieu", "perimetre"])
def test_a_filter_on_what_is_outside_is_no_oracle(param, world: World, sign_in: Any) -> None:
    """Asking for the other side's place or perimeter answers as for one that does not exist."""
    for _ in range(3):
        world.activity("hall-b")
    outside = {"lieu": world.places["hall-b"].pk, "perimetre": world.perimeters["town-b"].pk}
    client = sign_in(world, "town-a")
    for path in ("/activites/", "/tableau-de-bord/"):
        real = client.get(path, {param: outside[param]})
        none = client.get(path, {param: 999_999})
        assert real.status_code == none.status_code
        assert _words(real) == _words(none)


def _words(answer: Any) -> str:
    """The page without its tokens, and with every number alike."""
    text = re.sub(r'(csrfmiddlewaretoken|_owner)" value="[^"]+', "", text_of(answer))
    return re.sub(r"\d+", "#", text)


def test_perimeters_are_what_the_walk_thinks(world: World) -> None:
    assert Perimeter.objects.visible_to(world.reader("town-a")).count() == 1
