"""Themes, audiences, axes and objectives are changed in pages, and never deleted (R13, R14, R77)."""

from datetime import date
from typing import Any

import pytest

from governance.models import Audience, Axis, JournalEntry, Objective, Theme
from mediation.models import RoutingRule

from ...world import TODAY, World
from ..frame_pages import said, send

THEMES, AXES = "/parametres/thematiques/", "/parametres/axes/"


def names(model: Any, world: World) -> list[str]:
    rows = model.objects.of_programme(world.programme.pk).order_by("rank")
    return [name.removesuffix(" essai") for name in rows.values_list("name", flat=True)]


def test_a_theme_is_added_once_at_the_end(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = {"group": "Groupe", "name": "  Bruit ", "objective": ""}
    for _ in range(2):
        assert client.post(f"{THEMES}nouvelle/", data).status_code == 302
    assert names(Theme, world) == ["Éclairage", "Voirie", "Isolement", "Bruit"]
    assert JournalEntry.objects.filter(kind="thématique", act="create").count() == 1
    taken = client.post(f"{THEMES}nouvelle/", data | {"group": "Autre"})
    assert taken.status_code == 422
    assert "existe déjà" in said(taken)


def test_another_programmes_rows_are_out_of_reach(world: World, elsewhere: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    theirs = elsewhere.themes[0]
    for end in ("", "retirer/", "groupe/"):
        assert client.get(f"{THEMES}{theirs.pk}/{end}").status_code == 404
    for end in ("monter/", "reprendre/", "groupe/monter/"):
        assert client.post(f"{THEMES}{theirs.pk}/{end}").status_code == 404
    data = {"group": "G", "name": "N", "objective": elsewhere.objectives[0].pk}
    assert client.post(f"{THEMES}nouvelle/", data).status_code == 422


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_changes_the_lists(world: World, sign_in, who: str) -> None:
    client = sign_in(world, who)
    for path in (THEMES, "/parametres/publics/", AXES, "/parametres/relances/"):
        assert client.get(path).status_code == 403
    client.post(f"{THEMES}nouvelle/", {"group": "G", "name": "N"})
    client.post(f"{THEMES}{world.themes[0].pk}/retirer/", {"on": "2026-03-18"})
    assert Theme.objects.of_programme(world.programme.pk).filter(retired_on=None).count() == 3


def test_a_theme_in_use_says_so_before_it_is_retired(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    theme = world.themes[0]
    world.signalement()
    world.sent()
    world.preset(theme=theme)
    world.routing_rule(theme=theme)
    world.activity(theme=theme)
    page = said(client.get(f"{THEMES}{theme.pk}/retirer/"))
    for words in ("1 brouillon de signalement", "1 règle d’envoi", "1 modèle",
                  "1 signalement ouvert", "1 activité saisie"):  # fmt: skip
        assert words in page
    assert client.post(f"{THEMES}{theme.pk}/retirer/", {"on": "2026-03-18"}).status_code == 302
    theme.refresh_from_db()
    assert theme.retired_on == TODAY
    assert world.programme.activities.get().theme == theme, "what was recorded keeps it"
    assert "Retirés" in said(client.get(THEMES))
    client.post(f"{THEMES}{theme.pk}/reprendre/")
    theme.refresh_from_db()
    assert theme.retired_on is None


def test_order_is_moved_by_one(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    client.post(f"{THEMES}{world.themes[2].pk}/monter/")
    assert names(Theme, world) == ["Éclairage", "Isolement", "Voirie"]
    client.post(f"{THEMES}{world.themes[1].pk}/descendre/")
    assert names(Theme, world) == ["Éclairage", "Isolement", "Voirie"], "the last stays last"
    client.post(f"/parametres/publics/{world.audiences[1].pk}/monter/")
    assert names(Audience, world) == ["Étudiants", "Habitants"]


def test_groups_move_whole(world: World, sign_in) -> None:
    first = Theme.objects.create(programme=world.programme, group="Autre", name="Jets", rank=9)
    sign_in(world, "coordination").post(f"{THEMES}{first.pk}/groupe/monter/")
    assert names(Theme, world) == ["Jets", "Éclairage", "Voirie", "Isolement"]


def test_a_renamed_group_takes_its_rules_along(world: World, elsewhere: World, sign_in) -> None:
    for rows in (world, elsewhere):
        rows.routing_rule(group="Groupe")
        rows.routing_rule(group="Équipement")
    path = f"{THEMES}{world.themes[0].pk}/groupe/"
    assert send(sign_in(world, "coordination"), path, {"name": "Équipement"}).status_code == 302
    ours = RoutingRule.objects.of_programme(world.programme.pk)
    assert [rule.group for rule in ours] == ["Équipement"], "two rules that say the same are one"
    groups = Theme.objects.of_programme(world.programme.pk).values_list("group", flat=True)
    assert set(groups) == {"Équipement"}
    theirs = RoutingRule.objects.of_programme(elsewhere.programme.pk)
    assert {rule.group for rule in theirs} == {"Groupe", "Équipement"}


def test_an_axis_retires_with_its_objectives_and_keeps_its_number(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    axis, objective = world.axes[0], world.objectives[0]
    page = said(client.get(f"{AXES}{axis.pk}/retirer/"))
    assert "1 thématique qui le sert d’ordinaire" in page
    client.post(f"{AXES}{axis.pk}/retirer/", {"on": "2026-04-01"})
    assert Axis.objects.get(pk=axis.pk).retired_on == date(2026, 4, 1)
    assert Objective.objects.get(pk=objective.pk).retired_on == date(2026, 4, 1)
    answer = client.post(f"{AXES}nouveau/", {"number": 1, "name": "Autre axe"})
    assert answer.status_code == 422
    assert "Ce numéro est déjà pris" in said(answer)
    client.post(f"/parametres/objectifs/{objective.pk}/reprendre/")
    assert Objective.objects.get(pk=objective.pk).retired_on, "its axis is retired"


def test_an_objective_is_added_and_changed(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = {"axis": world.axes[0].pk, "number": 2, "text": "Un objectif\nde plus"}
    for _ in range(2):
        assert client.post("/parametres/objectifs/nouveau/", data).status_code == 302
    added = Objective.objects.get(axis=world.axes[0], number=2)
    assert added.text == "Un objectif de plus"
    path = f"/parametres/objectifs/{added.pk}/"
    assert send(client, path, data | {"text": "Mieux dit"}).status_code == 302
    assert send(client, path, data | {"number": 1}).status_code == 422
    added.refresh_from_db()
    assert (added.number, added.text) == (2, "Mieux dit")
