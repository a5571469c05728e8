"""Modèles: what a routine entry starts from; private, ordered, twenty at most."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from mediation.models import Preset
from mediation.presets.actions import MOST_PRESETS
from mediation.presets.habits import SUGGESTED, Prefill

from ...pages import text_of
from ...world import TODAY, World


def made(world: World, **changes: Any) -> dict[str, Any]:
    return {"name": "Ronde", "type": "VEIL", "minutes": "1h15", "place": ""} | changes


def test_eight_are_suggested_until_one_has_ones_own(world: World, mediateur: Client) -> None:
    assert len(SUGGESTED) == 8
    text = text_of(mediateur.get("/aujourdhui/"))
    assert text.count("data-preset") == 8
    mediateur.post("/modeles/nouveau/", made(world))
    text = text_of(mediateur.get("/aujourdhui/"))
    assert text.count("data-preset") == 1
    assert "Ronde" in text


def test_a_modele_without_place_takes_the_last_one_noted(world: World, mediateur: Client) -> None:
    world.activity("hall-b")
    mediateur.post("/modeles/nouveau/", made(world, themes=[world.themes[1].pk]))
    preset = Preset.objects.get()
    text = text_of(mediateur.get(Prefill.of(preset).url))
    assert f'value="{world.places["hall-b"].pk}" checked' in text
    assert 'value="1 h 15"' in text.replace("\u00a0", " ")
    assert preset.theme == world.themes[1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Donnez un nom au modèle."), ({"name": "  "}, "Donnez un nom au modèle."),
        ({"type": ""}, "Choisissez le type d’activité."), ({"minutes": "25h"}, "La durée doit être"),
        ({"minutes": ""}, "Indiquez la durée."), ({"place": "999999"}, "Ce choix n’existe pas"),
        ({"name": "Prise"}, "Vous avez déjà un modèle de ce nom."),
    ],
)  # fmt: skip
def test_a_fault_is_said(world: World, mediateur: Client, wrong: Any, said: str) -> None:
    world.preset(name="Prise")
    answer = mediateur.post("/modeles/nouveau/", made(world, **wrong))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert Preset.objects.count() == 1


def test_three_themes_are_too_many(world: World, mediateur: Client) -> None:
    answer = mediateur.post("/modeles/nouveau/", made(world, themes=[t.pk for t in world.themes]))
    assert "Choisissez deux thématiques au plus." in text_of(answer)


def test_order_is_ones_own(world: World, mediateur: Client) -> None:
    for name in ("Un", "Deux", "Trois"):
        mediateur.post("/modeles/nouveau/", made(world, name=name))
    one, _, three = Preset.objects.order_by("rank")
    mediateur.post(f"/modeles/{three.pk}/deplacer/")
    mediateur.post(f"/modeles/{one.pk}/deplacer/", {"vers": "bas"})
    mediateur.post(f"/modeles/{one.pk}/deplacer/", {"vers": "bas"})
    mediateur.post(f"/modeles/{one.pk}/deplacer/", {"vers": "bas"})
    assert [row.name for row in Preset.objects.order_by("rank")] == ["Trois", "Deux", "Un"]


def test_a_colleagues_modele_does_not_exist_for_one(world: World, mediateur: Client) -> None:
    other = world.preset("autre-mediateur", name="À un autre")
    assert "À un autre" not in text_of(mediateur.get("/modeles/"))
    assert mediateur.get(f"/modeles/{other.pk}/modifier/").status_code == 404
    for what in ("modifier", "supprimer", "deplacer"):
        assert mediateur.post(f"/modeles/{other.pk}/{what}/").status_code == 404
    assert Preset.objects.filter(pk=other.pk).exists()


def test_twenty_at_most_those_set_aside_not_counted(world: World, mediateur: Client) -> None:
    for number in range(MOST_PRESETS):
        world.preset(name=f"M{number}")
    world.preset(name="écarté", is_hidden=True)
    answer = mediateur.post("/modeles/nouveau/", made(world))
    assert answer.status_code == 422
    assert "20 modèles au plus" in text_of(answer).replace("\u00a0", " ")
    assert "Nouveau modèle" not in text_of(mediateur.get("/modeles/"))


def test_retired_places_and_themes_are_left_out(world: World, mediateur: Client) -> None:
    preset = world.preset(theme=world.themes[0])
    for row in (world.places["hall-a"], world.themes[0]):
        row.retired_on = date(2026, 1, 1)
        row.save()
    text = text_of(mediateur.get(Prefill.of(preset).url))
    assert "Lieu hall-a" not in text
    assert "Éclairage" not in text


@pytest.mark.parametrize(
    "query",
    ["type=RIEN&lieu=abc&duree=-3&theme=x", "lieu=99999999999999999999", "duree=999999",
     "theme=1&theme=2&theme=3", "public=0&situation=7", "refaire=x", "refaire=999999", "jour=demain",
     "type=%00&lieu=%00"],
)  # fmt: skip
def test_a_strange_address_opens_an_ordinary_form(world: World, mediateur: Client, query) -> None:
    assert mediateur.get(f"/activites/nouvelle/?{query}").status_code == 200


def test_refaire_by_key_copies_no_date_note_or_count(world: World, mediateur: Client) -> None:
    row = world.activity(
        "hall-b", type="CONF", minutes=80, internal_note="secret", theme=world.themes[1]
    )
    world.counted(row, 1, 7)
    text = text_of(mediateur.get(f"/activites/nouvelle/?refaire={row.pk}"))
    assert "secret" not in text
    assert f'value="{TODAY.isoformat()}" checked' in text
    assert f'<option value="{world.audiences[1].pk}" selected>' in text
    assert 'name="publics-0-count" value="0"' in text


def test_another_perimeters_row_is_not_done_again(world, elsewhere, mediateur) -> None:
    row = elsewhere.activity("hall-b", type="CONF")
    text = text_of(mediateur.get(f"/activites/nouvelle/?refaire={row.pk}"))
    assert "ailleurs" not in text
    assert 'value="CONF" class' not in text


def test_the_coordination_reads_a_modele_and_does_not_touch_it(world, sign_in) -> None:
    preset = world.preset()
    client = sign_in(world, "coordination")
    for what in ("modifier", "supprimer"):
        assert client.post(f"/modeles/{preset.pk}/{what}/", made(world)).status_code == 403
    assert client.post(f"/modeles/{preset.pk}/deplacer/").status_code == 302
    preset.refresh_from_db()
    assert (preset.author, preset.name) == (world.user("mediateur"), "Tournée du matin")


def test_one_that_is_set_aside_does_not_move(world: World, mediateur: Client) -> None:
    hidden = world.preset(is_hidden=True)
    assert mediateur.post(f"/modeles/{hidden.pk}/deplacer/").status_code == 302
