"""Pages make as many queries for a thousand rows as for ten."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediation.models import Activity, HeadCount

from .test_walk_routes import PAGES, address
from .world import TODAY, World

MOST = 15  # queries of any reading page, session and access included
MOST_OF = {"/convention/": 17}  # the agreement whole, on one page


def fill(world: World, count: int) -> None:
    """`count` activities spread over the places and the last months, with their head counts."""
    places = list(world.places.values())
    made = Activity.objects.bulk_create(
        Activity(
            programme=world.programme, place=places[n % len(places)], type="PAP", minutes=30,
            day=TODAY - timedelta(days=n % 50), author=world.user("mediateur"),
            theme=world.themes[n % 3], objective=world.objectives[n % 2],
        )
        for n in range(count)
    )  # fmt: skip
    HeadCount.objects.bulk_create(
        HeadCount(activity=activity, audience=world.audiences[0], count=2) for activity in made
    )


def queries(client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(path).status_code == 200
    return len(caught)


@pytest.mark.parametrize(
    "path",
    [
        "/aujourdhui/", "/activites/", "/activites/?q=hall&type=PAP", "/activites/nouvelle/",
        "/tableau-de-bord/?periode=2026-02", "/tableau-de-bord/?periode=2026", "/pilotage/",
        "/syntheses/", "/convention/", "/acces/", "/journal/",
    ],
)  # fmt: skip
def test_ten_rows_or_a_thousand(world: World, sign_in, path: str) -> None:
    client = sign_in(world, "coordination")
    fill(world, 10)
    few = queries(client, path)
    fill(world, 990)
    assert queries(client, path) == few
    assert few <= MOST_OF.get(path, MOST)


def test_the_partners_dashboard_makes_twelve_at_most(world: World, sign_in) -> None:
    fill(world, 100)
    assert queries(sign_in(world, "town-a"), "/tableau-de-bord/?periode=2026-02") <= 12


def test_every_page_is_measured(world: World, sign_in) -> None:
    """A page that comes later meets the same bound."""
    fill(world, 30)
    for route in PAGES:
        if not route.pattern.converters and route.name != "home":
            right = route.callback.access.right
            who = "coordination" if world.reader("coordination").may(right) else "town-a"
            path = address(route)
            most = MOST_OF.get(path, MOST)
            assert queries(sign_in(world, who), path) <= most, route.name


def test_saving_the_form_makes_few(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    data = {
        "uid": "7d1b0b6e-2f0c-4c3c-9a53-1e7a4c0a1a11", "type": "PAP", "minutes": "30",
        "place": world.places["hall-a"].pk, "day": date(2026, 3, 18).isoformat(),
        "publics-TOTAL_FORMS": "3", "publics-INITIAL_FORMS": "0",
    }  # fmt: skip
    with CaptureQueriesContext(connection) as caught:
        assert client.post("/activites/nouvelle/", data).status_code == 302
    sent = [query["sql"] for query in caught if "SAVEPOINT" not in query["sql"]]
    assert len(sent) <= 12, "\n".join(sql[:120] for sql in sent)
