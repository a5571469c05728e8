"""Places are added, renamed, moved and retired in pages; the parties follow (R5, R75)."""

from datetime import date
from typing import Any

import pytest

from governance.models import Coverage, JournalEntry, Perimeter, Place
from governance.territory import outline
from mediation.models import Activity

from ...world import TODAY, World
from ..frame_pages import said, send

LIST = "/parametres/lieux/"


def new(world: World, **more: Any) -> dict[str, Any]:
    return {"name": "Hall C", "kind": "spot", "parent": world.places["ilot-a"].pk,
            "since": "2026-03-01"} | more  # fmt: skip


def test_a_new_place_is_reached_by_those_who_see_what_contains_it(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    for _ in range(2):
        assert client.post(f"{LIST}nouveau/", new(world)).status_code == 302
    place = Place.objects.get(name="Hall C")
    assert (place.slug, place.parent) == ("hall-c", world.places["ilot-a"])
    reached = Coverage.objects.filter(place=place).values_list("perimeter__party__slug", "starts")
    assert set(reached) == {(key, date(2026, 3, 1)) for key in ("operator", "owners", "town-a")}
    entry = JournalEntry.objects.get(kind="lieu")
    assert (entry.act, entry.row) == ("create", str(place.pk))
    taken = client.post(f"{LIST}nouveau/", new(world, kind="block"))
    assert taken.status_code == 422
    assert "existe déjà à cet endroit" in said(taken)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": " "}, "Donnez le nom du lieu"),
        ({"parent": ""}, "Dites dans quel lieu"),
        ({"since": "2026-03-19"}, "Au plus tard aujourd’hui"),
        ({"since": "31/02/2026"}, "n’existe pas"),
    ],
)
def test_bad_input_is_told_and_kept(world: World, sign_in, changes, told) -> None:
    answer = sign_in(world, "coordination").post(
        f"{LIST}nouveau/", new(world, name="Hall C") | changes
    )
    assert answer.status_code == 422
    assert told in said(answer)
    assert Place.objects.of_programme(world.programme.pk).count() == 7


def test_a_place_of_another_programme_contains_none_of_ours(
    world: World, elsewhere: World, sign_in
) -> None:
    answer = sign_in(world, "coordination").post(
        f"{LIST}nouveau/", new(world, parent=elsewhere.places["ilot-a"].pk)
    )
    assert answer.status_code == 422
    assert not Place.objects.filter(name="Hall C").exists()


def test_a_move_says_what_each_party_gains_and_loses_then_asks(world: World, sign_in) -> None:
    before = world.activity("hall-a", day=date(2026, 2, 10))
    after = world.activity("hall-a", day=date(2026, 3, 10))
    world.sent("hall-a", observed_on=date(2026, 3, 5))
    client = sign_in(world, "coordination")
    path = f"{LIST}{world.places['ilot-a'].pk}/"
    data = new(world, name="Lieu ilot-a essai", kind="block", parent=world.places["cote-b"].pk)
    asked = send(client, path, data)
    assert asked.status_code == 200
    text = said(asked)
    assert (
        "town-a</strong> gagne 0 activité passée et 0 signalement, perd 1 activité passée" in text
    )
    assert "town-b</strong> gagne 1 activité passée et 1 signalement, perd 0 activité" in text
    world.places["ilot-a"].refresh_from_db()
    assert world.places["ilot-a"].parent == world.places["cote-a"], "asked, not done"
    assert send(client, path, data, confirm=True).status_code == 302
    assert set(Activity.objects.visible_to(world.reader("town-a"))) == {before}
    assert set(Activity.objects.visible_to(world.reader("town-b"))) == {after}


def test_a_place_is_never_beneath_itself(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    path = f"{LIST}{world.places['cote-a'].pk}/"
    for parent in ("cote-a", "hall-a"):
        data = new(world, name="Côté", kind="side", parent=world.places[parent].pk)
        answer = send(client, path, data, confirm=True)
        assert answer.status_code == 422
        assert "ne peut pas dépendre de lui-même" in said(answer)


def test_the_root_stays_the_only_one(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    root = world.places["quartier"]
    assert 'name="parent"' not in said(client.get(f"{LIST}{root.pk}/"))
    answer = client.post(f"{LIST}{root.pk}/retirer/", {"on": "2026-03-18"})
    assert answer.status_code == 422
    assert "Le lieu racine porte tous les autres" in said(answer)


def test_two_who_rename_do_not_overwrite_each_other(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    place = world.places["hall-a"]
    path = f"{LIST}{place.pk}/"
    data = {
        "name": "Hall du nord",
        "kind": "spot",
        "parent": place.parent_id,
        "since": "2026-03-18",
    }
    page = client.get(path)
    Place.objects.filter(pk=place.pk).update(name="Hall du sud")
    seen = page.content.decode().split('name="seen" value="')[1].split('"')[0]
    answer = client.post(path, data | {"seen": seen})
    assert answer.status_code == 422
    assert "Hall du sud" in said(answer)
    assert 'value="Hall du nord"' in said(answer), "what was typed is kept"
    again = answer.content.decode().split('name="seen" value="')[1].split('"')[0]
    assert client.post(path, data | {"seen": again}).status_code == 302
    place.refresh_from_db()
    assert place.name == "Hall du nord"


def test_a_retired_place_takes_what_it_contains_along_and_back_comes_from_above(
    world: World, sign_in
) -> None:
    client = sign_in(world, "coordination")
    block, hall = world.places["ilot-a"], world.places["hall-a"]
    world.signalement("hall-a")
    world.routing_rule("ilot-a")
    page = said(client.get(f"{LIST}{block.pk}/retirer/"))
    for words in ("1 lieu qu’il contient", "1 brouillon de signalement", "1 règle d’envoi"):
        assert words in page
    assert client.post(f"{LIST}{block.pk}/retirer/", {"on": "2026-03-18"}).status_code == 302
    assert set(Place.objects.filter(retired_on=TODAY)) == {block, hall}
    client.post(f"{LIST}{hall.pk}/reprendre/")
    hall.refresh_from_db()
    assert hall.retired_on == TODAY, "what contains it is retired"
    client.post(f"{LIST}{block.pk}/reprendre/")
    client.post(f"{LIST}{hall.pk}/reprendre/")
    assert not Place.objects.filter(retired_on=TODAY).exists()


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_changes_the_tree(world: World, sign_in, who: str) -> None:
    client = sign_in(world, who)
    paths = [LIST, f"{LIST}nouveau/", "/parametres/", "/parametres/perimetres/"]
    for path in paths:
        assert client.get(path).status_code == 403
    data = new(world)
    assert client.post(f"{LIST}nouveau/", data).status_code == 403
    assert Place.objects.of_programme(world.programme.pk).count() == 7


# --- A perimeter's coverage -----------------------------------------------------------------------


def spans(perimeter: Perimeter, place: Place) -> list[tuple[date, date | None]]:
    rows = Coverage.objects.filter(perimeter=perimeter, place=place).order_by("starts")
    return list(rows.values_list("starts", "ends"))


def test_a_change_that_is_dated_back_replaces_what_came_after(world: World) -> None:
    perimeter, hall_b = world.perimeters["town-a"], world.places["hall-b"]
    perimeter.places.add(world.places["cote-b"])
    perimeter.refresh_coverage(since=date(2026, 3, 1))
    assert spans(perimeter, hall_b) == [(date(2026, 3, 1), None)]
    perimeter.refresh_coverage(since=date(2026, 2, 1))
    assert spans(perimeter, hall_b) == [(date(2026, 2, 1), None)]
    perimeter.places.remove(world.places["cote-b"])
    perimeter.refresh_coverage(since=date(2026, 3, 10))
    assert spans(perimeter, hall_b) == [(date(2026, 2, 1), date(2026, 3, 9))]
    perimeter.places.add(world.places["cote-b"])
    perimeter.refresh_coverage(since=date(2026, 3, 10))
    assert spans(perimeter, hall_b) == [(date(2026, 2, 1), None)], "as if nothing had been"


# --- The tree as a text ---------------------------------------------------------------------------


def test_an_outline_is_read_by_its_indentation() -> None:
    lines = outline.read("Quartier\n\tNord\n\t\t- Îlot  A\n\n\t\t\tHall 1\n  Sud")
    assert [(line.depth, line.name, line.kind.value) for line in lines] == [
        (0, "Quartier", "quarter"), (1, "Nord", "side"), (2, "Îlot A", "block"),
        (3, "Hall 1", "spot"), (1, "Sud", "side"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Quartier\nAutre", "Ligne 2"),
        ("Quartier\n  Nord\n  nord", "ligne 2"),
        ("Quartier\n  " + "x" * 121, "120 caractères"),
        ("\n".join(" " * n + f"n{n}" for n in range(13)), "12 niveaux"),
        ("\n".join(["Q", *(f" p{n}" for n in range(500))]), "500 lignes"),
        ("  \n", "au moins un lieu"),
    ],
)
def test_a_wrong_outline_names_its_line(text: str, told: str) -> None:
    with pytest.raises(outline.ValidationError) as caught:
        outline.read(text)
    assert told in " ".join(caught.value.messages).replace("\u00a0", " ")
