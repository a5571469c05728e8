"""Who is proposed for a signalement: the nearest place, then the theme; and who keeps the rules."""

import json
from datetime import timedelta

from governance.models import JournalEntry
from mediation.models import (
    RoutingRule,
)
from mediation.routing.rules import Routing

from ...world import TODAY, World
from ..signalements.writing import contact, words


def proposed(world: World, place: str, theme: int | None = 0) -> list[str]:
    routing = Routing(world.reader("mediateur"), TODAY)
    row = None if theme is None else world.themes[theme]
    return [str(c.party) for c in routing.proposed(world.places[place], row).main]


def test_the_nearest_place_speaks_then_the_theme_then_its_group(world: World) -> None:
    for key in ("owners", "ateliers"):
        contact(world, key)
    world.routing_rule("quartier", "owners", theme=world.themes[0])
    assert proposed(world, "hall-a") == ["owners"]
    assert proposed(world, "hall-a", 1) == []
    world.routing_rule("cote-a", "town-a")
    assert proposed(world, "hall-a") == ["town-a"], "a nearer place is heard before a finer theme"
    assert proposed(world, "hall-b") == ["owners"]
    world.routing_rule("cote-a", "town-b", group="Groupe")
    assert proposed(world, "hall-a") == ["town-b"]
    assert proposed(world, "hall-a", None) == ["town-a"]
    world.routing_rule("cote-a", "ateliers", theme=world.themes[0])
    assert proposed(world, "hall-a") == ["ateliers"]
    assert proposed(world, "hall-a", 1) == ["town-b"]


def test_backups_are_offered_in_copy_and_who_left_is_not(world: World) -> None:
    world.routing_rule("quartier")
    backup = contact(world, "town-a", is_backup=True, function="Suppléant")
    contact(world, "town-a", function="Ancien", ends=TODAY - timedelta(days=1))
    contact(world, "town-a", function="Futur", starts=TODAY + timedelta(days=1))
    found = Routing(world.reader("mediateur"), TODAY).proposed(world.places["hall-a"], None)
    assert [row.pk for row in found.main] == [world.contact().pk]
    assert [row.pk for row in found.backups] == [backup.pk]


def test_a_rule_whose_party_has_nobody_says_so(world: World) -> None:
    world.routing_rule("quartier", "owners")
    found = Routing(world.reader("mediateur"), TODAY).proposed(world.places["hall-a"], None)
    assert (found.main, found.undesignated) == ((), ["owners"])


def test_the_page_asks_for_proposals_and_for_doubles(world: World, sign_in) -> None:
    world.routing_rule("cote-a")
    signalement = world.sent("hall-a")
    client = sign_in(world, "mediateur")
    query = {"lieu": world.places["hall-a"].pk, "theme": world.themes[0].pk}
    found = json.loads(client.get("/signalements/destinataires/", query).content)
    assert found["main"] == [world.contact().pk]
    assert [one["url"] for one in found["alike"]] == [f"/signalements/{signalement.pk}/"]
    none = json.loads(
        client.get("/signalements/destinataires/", {"lieu": "x", "theme": "-1"}).content
    )
    assert none == {"main": [], "backups": [], "undesignated": [], "alike": []}


def test_the_coordination_keeps_the_rules(world: World, elsewhere: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = {
        "place": world.places["hall-a"].pk, "about": "groupe:Groupe",
        "party": world.parties["town-a"].pk,
    }  # fmt: skip
    assert client.post("/parametres/envois/", data).status_code == 302
    again = client.post("/parametres/envois/", data)
    assert again.status_code == 422
    assert "Cette règle existe déjà" in words(again)
    any_theme = data | {"about": ""}
    assert client.post("/parametres/envois/", any_theme).status_code == 302
    assert client.post("/parametres/envois/", any_theme).status_code == 422
    foreign = data | {"place": elsewhere.places["hall-a"].pk}
    assert client.post("/parametres/envois/", foreign).status_code == 422
    trial = client.get(
        "/parametres/envois/", {"lieu": world.places["hall-a"].pk, "theme": world.themes[1].pk}
    )
    assert "Selon « Lieu hall-a essai, Groupe (toutes) »" in words(trial)
    rule = RoutingRule.objects.get(group="Groupe")
    path = f"/parametres/envois/{rule.pk}/supprimer/"
    assert "Supprimer cette règle" in words(client.get(path))
    assert RoutingRule.objects.filter(pk=rule.pk).exists(), "asked first"
    client.post(path)
    assert not RoutingRule.objects.filter(pk=rule.pk).exists()
    assert JournalEntry.objects.filter(kind="règle d’envoi").count() == 3
