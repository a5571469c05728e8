"""The list of activities by day: filters in the address, columns by reader, pages by position."""

import re
from datetime import date, time
from html import unescape

import pytest

from mediation.activities.views import list as activity_list
from mediation.models import Activity, Review

from ...pages import text_of, total_of
from ...world import TODAY, World


@pytest.fixture
def rows(world: World) -> World:
    world.activity("hall-a", type="PAP", day=date(2026, 3, 2), theme=world.themes[0],
                   summary="Tournée au pied du hall")  # fmt: skip
    world.activity("hall-a", type="CONF", day=date(2026, 2, 20), minutes=60, outcome="resolu",
                   objective=world.objectives[1])  # fmt: skip
    world.activity("hall-b", type="VEIL", day=date(2026, 3, 5), second_theme=world.themes[1],
                   theme=world.themes[2], internal_note="échelle oubliée",
                   objective=world.objectives[0], author=world.user("autre-mediateur"))  # fmt: skip
    return world


def page(client, query: str = "") -> str:
    return text_of(client.get(f"/activites/{query}")).replace("\u00a0", " ")


def total(client, query: str = "") -> str:
    return total_of(page(client, query))


def shown(text: str) -> list[int]:
    return [int(key) for key in re.findall(r'href="/activites/(\d+)/"', text)]


def turn(text: str, way: str) -> str | None:
    """The query of the pager's link, `next` or `prev`."""
    found = re.search(rf'rel="{way}" href="([^"]+)"', text)
    return unescape(found[1]) if found else None


# --- Filters --------------------------------------------------------------------------------------


def test_a_mediateur_sums_no_colleagues_hours(rows: World, sign_in) -> None:
    client = sign_in(rows, "mediateur")
    colleague, own = rows.user("autre-mediateur").pk, rows.user("mediateur").pk
    assert total(client, f"?mediateur={colleague}") == "0 activité · 0 h"
    assert total(client, f"?mediateur={own}") != "0 activité · 0 h"


def test_filters_narrow_the_list_and_its_sums(rows: World, sign_in) -> None:
    client = sign_in(rows, "coordination")
    rows.counted(Activity.objects.get(type="CONF"), audience=1)
    expected = {
        "": "3 activités · 2 h",
        "?type=CONF": "1 activité · 1 h",
        "?du=2026-03-01": "2 activités · 1 h",
        "?du=01/03/2026": "2 activités · 1 h",
        "?du=2026-03-01&au=2026-03-02": "1 activité · 0,5 h",
        f"?theme={rows.themes[0].pk}": "1 activité · 0,5 h",
        f"?theme={rows.themes[1].pk}": "1 activité · 0,5 h",
        "?theme=sans": "1 activité · 1 h",
        f"?axe={rows.axes[1].pk}": "1 activité · 1 h",
        "?axe=sans": "1 activité · 0,5 h",
        "?completer=on": "2 activités · 1,5 h",
        f"?lieu={rows.places['cote-a'].pk}": "2 activités · 1,5 h",
        f"?lieu={rows.places['cote-a'].pk}&seul=on": "0 activité · 0 h",
        f"?lieu={rows.places['hall-a'].pk}&seul=on": "2 activités · 1,5 h",
        "?seul=on": "3 activités · 2 h",
        "?suite=resolu": "1 activité · 1 h",
        f"?public={rows.audiences[1].pk}": "1 activité · 1 h",
        f"?public={rows.audiences[0].pk}": "0 activité · 0 h",
        f"?mediateur={rows.user('autre-mediateur').pk}": "1 activité · 0,5 h",
        f"?perimetre={rows.perimeters['town-b'].pk}": "1 activité · 0,5 h",
        f"?type=PAP&lieu={rows.places['cote-a'].pk}&q=hall": "1 activité · 0,5 h",
        "?page=7&tri=minutes&inconnu=1": "3 activités · 2 h",
    }
    assert {query: total(client, query) for query in expected} == expected


def test_periods_that_move_with_the_day(world: World, sign_in) -> None:
    for day in (TODAY, date(2026, 3, 12), date(2026, 3, 11), date(2026, 2, 28), date(2026, 1, 31)):
        world.activity(day=day)
    client = sign_in(world, "mediateur")
    expected = {"aujourdhui": 1, "7-jours": 2, "mois": 3, "mois-dernier": 1}
    for span, count in expected.items():
        assert total(client, f"?periode={span}").startswith(f"{count} activité"), span
    assert total(client, "?periode=mois&au=2026-03-11") == "1 activité · 0,5 h"


@pytest.mark.parametrize(
    "query",
    [
        "?du=31/02/2026", "?du=hier", "?type=RIEN", "?lieu=abc", "?lieu=999999", "?theme=999999",
        "?axe=²", "?suite=x", "?periode=demain", "?public=0", "?mediateur=-1", "?perimetre=7e9",
        "?du=2026-03-02&au=2026-03-01", "?q=%3F%21", f"?q={'a' * 101}",
    ],
)  # fmt: skip
def test_a_wrong_filter_is_said_and_shows_nothing(rows: World, sign_in, query) -> None:
    client = sign_in(rows, "mediateur")
    assert total(client, query) == "0 activité · 0 h"
    text = page(client, query)
    assert "1 point à corriger" in text
    assert "(retirer)" in text
    assert client.get(f"/activites/{query}&_export=csv")["Content-Type"].startswith("text/html")


def test_active_filters_are_told_and_removed_one_by_one(rows: World, sign_in) -> None:
    client = sign_in(rows, "mediateur")
    place = rows.places["hall-a"].pk
    query = f"?q=L’éclairage&du=2026-03-01&type=CONF&lieu={place}&seul=on&theme=sans&completer=on"
    text = page(client, query)
    told = re.findall(r'pill--on" href="([^"]+)">\s*<span>([^<]+)<', text)
    assert [unescape(words).strip() for _, words in told] == [
        "Recherche : eclairage", "Du : 1er mars 2026", "Type : Conflits",
        "Lieu : Lieu hall-a essai, seul", "Thématique : sans",
        "À compléter : sans thématique ou sans objectif",
    ]  # fmt: skip
    without_place = unescape(told[3][0])
    assert "lieu" not in without_place
    assert "seul" not in without_place
    for address, words in told:
        left = re.findall(
            r'pill--on" href="[^"]+">\s*<span>([^<]+)<', page(client, unescape(address))
        )
        assert len(left) == 5
        assert words not in left


# --- By reader ------------------------------------------------------------------------------------


def test_partners_read_shareable_columns_only(rows: World, sign_in) -> None:
    text = page(sign_in(rows, "town-b"))
    assert "Veille" in text
    for word in ("échelle", "Fonction mediateur", "Fonction autre-mediateur", "à compléter",
                 'name="public"', 'name="mediateur"', 'name="completer"', "Refaire"):  # fmt: skip
        assert word not in text


def test_what_waits_to_be_read_again_is_not_shown(world: World, sign_in) -> None:
    world.activity("hall-b", summary="Monsieur Dupont", review=Review.PENDING)
    world.activity("hall-b", summary="Un habitant", review=Review.ACCEPTED)
    text = page(sign_in(world, "town-b"))
    assert "Un habitant" in text
    assert "Dupont" not in text
    assert "Dupont" in page(sign_in(world, "mediateur"))


def test_a_partner_cannot_filter_by_what_it_does_not_see(rows: World, sign_in) -> None:
    rows.counted(rows.activity("hall-b", day=date(2026, 3, 6)))
    client = sign_in(rows, "town-b")
    for query in (f"?public={rows.audiences[1].pk}", f"?mediateur={rows.user('mediateur').pk}",
                  "?completer=on"):  # fmt: skip
        assert total(client, query) == total(client)


def test_the_order_of_a_partners_rows_tells_no_start_time(world: World, sign_in) -> None:
    day = date(2026, 3, 3)
    made = [world.activity(day=day, starts_at=at).pk for at in (time(20), time(8), None, time(14))]
    partner, operator = sign_in(world, "town-a"), sign_in(world, "mediateur")
    assert shown(page(partner)) == made[::-1]
    assert shown(page(operator)) == [made[0], made[3], made[1], made[2]]
    # Nor does a position that says a time.
    assert shown(page(partner, f"?avant=2026-03-03_1300_{made[3]}")) == made[::-1]


def test_who_logs_can_do_it_again(rows: World, sign_in) -> None:
    key = Activity.objects.get(type="CONF").pk
    assert f'href="/activites/nouvelle/?refaire={key}"' in page(sign_in(rows, "mediateur"))


def test_nothing_yet_and_nothing_found(world: World, sign_in) -> None:
    client = sign_in(world, "town-a")
    assert "Aucune activité pour l’instant." in page(client)
    text = page(client, "?type=CONF")
    assert "Aucune activité sur ces filtres." in text
    assert "Effacer les filtres" in text


# --- Days and pages -------------------------------------------------------------------------------


def test_a_day_tells_its_whole_time_also_where_a_page_cuts_it(world, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(activity_list, "PAGE", 4)
    for day, count in ((date(2026, 3, 18), 3), (date(2026, 3, 17), 3), (date(2025, 3, 17), 1)):
        for _ in range(count):
            world.activity(day=day, minutes=50)
    client = sign_in(world, "mediateur")
    heads = r'day__head">\s*<span>([^<]+)</span>\s*<span class="quiet">([^<]+)<'
    first = page(client)
    second = page(client, turn(first, "next"))
    assert re.findall(heads, first) == [
        ("Aujourd’hui", "3 activités · 2 h 30"), ("Hier", "1 sur 3 activités · 2 h 30"),
    ]  # fmt: skip
    assert re.findall(heads, second) == [
        ("Hier", "2 sur 3 activités · 2 h 30"), ("Lundi 17 mars 2025", "1 activité · 50 min"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["mediateur", "town-a"])
def test_pages_lose_and_double_nothing_while_others_write(world, sign_in, monkeypatch, who) -> None:
    monkeypatch.setattr(activity_list, "PAGE", 7)
    days, hours = (date(2026, 3, 2), date(2026, 3, 3)), (time(9), None, time(9), time(20))
    made = {
        world.activity(day=days[n % 2], starts_at=hours[n % 4]).pk for n in range(40)
    }  # fmt: skip
    client = sign_in(world, who)
    world.activity(type="CONF", day=days[1])
    seen: list[int] = []
    query: str | None = "?type=PAP"
    while query:
        text = page(client, query)
        here = shown(text)
        seen += here
        query = turn(text, "next")
        # One arrives above, one below, and one that was read goes.
        world.activity(day=date(2026, 3, 4))
        world.activity(day=date(2026, 3, 1))
        Activity.objects.filter(pk=here[0]).delete()
    assert len(seen) == len(set(seen))
    assert made <= set(seen)
    back: list[int] = []
    while query := turn(text, "prev"):
        text = page(client, query)
        back = shown(text) + back
    assert len(back) == len(set(back))
    assert not set(back) & set(here)
    above = Activity.objects.filter(type="PAP", day__gte=days[0]).values_list("pk", flat=True)
    assert set(above) <= set(back) | set(here)


def test_there_and_back_shows_the_same_pages(world: World, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(activity_list, "PAGE", 10)
    for n in range(35):
        world.activity(day=date(2026, 3, 1 + n % 5), starts_at=(time(9), None)[n % 2])
    client = sign_in(world, "mediateur")
    there = [page(client)]
    while query := turn(there[-1], "next"):
        there.append(page(client, query))
    assert [len(shown(text)) for text in there] == [10, 10, 10, 5]
    back = [there[-1]]
    while query := turn(back[-1], "prev"):
        back.append(page(client, query))
    assert [shown(text) for text in back] == [shown(text) for text in there[::-1]]
    assert turn(there[0], "prev") is None


@pytest.mark.parametrize(
    "position",
    ["", "abc", "2026-03-03", "2026-03-03_x_1", "2026-13-03__1", "2026-03-03__" + "9" * 19,
     "2026-03-03_2500_1", "2026-03-03_0900+01:00_1", "2026-03-03__-1", "____", "1999-01-01__1"],
)  # fmt: skip
def test_a_position_that_is_none_shows_the_first_page(rows: World, sign_in, position) -> None:
    client = sign_in(rows, "mediateur")
    for name in ("avant", "apres"):
        assert len(shown(text_of(client.get("/activites/", {name: position})))) == 3


def test_no_page_waits_for_a_long_count(world: World, sign_in, monkeypatch) -> None:
    monkeypatch.setattr(activity_list, "MOST_COUNTED", 4)
    for _ in range(4):
        world.activity()
    client = sign_in(world, "mediateur")
    assert total(client) == "4 activités · 2 h"
    world.activity()
    assert total(client) == "plus de 4 activités"
    assert "Télécharger toutes ces activités" in page(client)
