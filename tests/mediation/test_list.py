"""The journal of activities: filters in the URL, columns by reader, search without leaks."""

from datetime import date, time

import pytest

from ..world import World


@pytest.fixture
def rows(world: World) -> World:
    world.activity("hall-a", type="PAP", day=date(2026, 3, 2), theme=world.themes[0],
                   summary="Tournée au pied du hall")  # fmt: skip
    world.activity("hall-a", type="CONF", day=date(2026, 2, 20), minutes=60, outcome="resolu",
                   objective=world.objectives[1])  # fmt: skip
    world.activity("hall-b", type="VEIL", day=date(2026, 3, 5), second_theme=world.themes[1],
                   theme=world.themes[2], internal_note="échelle oubliée")  # fmt: skip
    return world


def total(client, query: str) -> str:
    text = client.get(f"/activites/{query}").content.decode().replace("\u00a0", " ")
    return text.split('id="total">')[1].split("<")[0]


def test_filters_narrow_the_list_and_its_sums(rows: World, sign_in) -> None:
    client = sign_in(rows, "mediateur")
    expected = {
        "": "3 activités · 2 h",
        "?type=CONF": "1 activité · 1 h",
        "?du=2026-03-01": "2 activités · 1 h",
        "?du=2026-03-01&au=2026-03-02": "1 activité · 0,5 h",
        f"?theme={rows.themes[0].pk}": "1 activité · 0,5 h",
        f"?theme={rows.themes[1].pk}": "1 activité · 0,5 h",
        "?theme=sans": "1 activité · 1 h",
        f"?axe={rows.axes[1].pk}": "1 activité · 1 h",
        "?axe=sans": "2 activités · 1 h",
        f"?lieu={rows.places['cote-a'].pk}": "2 activités · 1,5 h",
        f"?lieu={rows.places['cote-a'].pk}&seul=on": "0 activité · 0 h",
        "?suite=resolu": "1 activité · 1 h",
        f"?perimetre={rows.perimeters['town-b'].pk}": "1 activité · 0,5 h",
        "?q=échelle": "1 activité · 0,5 h",
        "?q=tournée+hall": "1 activité · 0,5 h",
        "?q=rien+de+tel": "0 activité · 0 h",
    }
    assert {query: total(client, query) for query in expected} == expected


@pytest.mark.parametrize("query", ["?du=31/02/2026", "?type=RIEN", "?lieu=abc", "?theme=999999"])
def test_a_wrong_filter_is_said_and_shows_nothing(rows: World, sign_in, query) -> None:
    client = sign_in(rows, "mediateur")
    assert total(client, query) == "0 activité · 0 h"
    assert "à corriger" in client.get(f"/activites/{query}").content.decode()


def test_partners_read_shareable_columns_only(rows: World, sign_in) -> None:
    text = sign_in(rows, "town-b").get("/activites/").content.decode()
    assert "Veille" in text
    assert "échelle" not in text
    assert "Fonction mediateur" not in text
    assert "Note interne" not in text
    assert 'name="public"' not in text


def test_a_partner_searching_the_note_finds_nothing(rows: World, sign_in) -> None:
    assert total(sign_in(rows, "town-b"), "?q=échelle") == "0 activité · 0 h"


def test_a_partner_cannot_filter_by_audience(rows: World, sign_in) -> None:
    rows.counted(rows.activity("hall-b", day=date(2026, 3, 6)))
    client = sign_in(rows, "town-b")
    assert total(client, f"?public={rows.audiences[0].pk}") == total(client, "")


def test_pages_turn_without_losing_or_doubling_rows(world: World, sign_in) -> None:
    made = {world.activity(day=date(2026, 3, 3)).pk for _ in range(60)}
    client = sign_in(world, "mediateur")
    seen: list[int] = []
    for page in (1, 2, 3):
        text = client.get(f"/activites/?page={page}&type=PAP").content.decode()
        seen += [int(part.split("/")[0]) for part in text.split('href="/activites/')[1:]
                 if part.split("/")[0].isdigit()]  # fmt: skip
    assert len(seen) == 60
    assert set(seen) == made
    assert "type=PAP&amp;page=2" in client.get("/activites/?type=PAP").content.decode()


@pytest.mark.parametrize("page", ["0", "-1", "9999", "abc"])
def test_a_page_that_is_none_is_no_error(rows: World, sign_in, page) -> None:
    assert sign_in(rows, "mediateur").get(f"/activites/?page={page}").status_code == 200


@pytest.mark.parametrize("order", ["day", "-day", "minutes", "-place", "author", "inconnu"])
def test_any_order_is_total(rows: World, sign_in, order) -> None:
    assert sign_in(rows, "mediateur").get(f"/activites/?tri={order}").status_code == 200


def test_nothing_yet(world: World, sign_in) -> None:
    text = sign_in(world, "town-a").get("/activites/").content.decode()
    assert "Aucune activité pour l’instant." in text


def test_the_order_of_a_partners_rows_tells_no_start_time(world: World, sign_in) -> None:
    day = date(2026, 3, 3)
    made = [world.activity(day=day, starts_at=at).pk for at in (time(20), time(8), None, time(14))]
    for query in ("", "?tri=-day"):
        text = sign_in(world, "town-a").get(f"/activites/{query}").content.decode()
        shown = [int(part.split("/")[0]) for part in text.split('href="/activites/')[1:]
                 if part.split("/")[0].isdigit()]  # fmt: skip
        assert shown == made[::-1]
