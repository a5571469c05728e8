"""A draft whose place or theme is retired meanwhile: told, nothing lost, and it leaves with another."""

from typing import Any

import pytest

from governance.models import Place, Theme
from mediation.models import Signalement

from ...pages import plain
from ...world import TODAY, World
from .writing import typed

TOLD = "« Éclairage essai » est retirée depuis le 18/03/2026 : choisissez une autre thématique."


@pytest.fixture
def draft(world: World) -> Any:
    made = world.signalement()
    made.chosen.add(world.contact())
    Theme.objects.filter(pk=world.themes[0].pk).update(retired_on=TODAY)
    return made


def test_it_is_told_before_it_leaves_and_stays_a_draft(draft: Any, mediateur) -> None:
    path = f"/signalements/{draft.pk}/envoyer/"
    page = plain(mediateur.get(path))
    assert TOLD in page
    assert "Modifier le brouillon" in page
    answer = mediateur.post(path, {"version": draft.version})
    assert answer.status_code == 422
    assert plain(answer).count(TOLD) == 1
    assert Signalement.objects.get().state == "brouillon"


def test_its_form_tells_beside_the_field_and_keeps_what_was_typed(
    world: World, draft: Any, mediateur
) -> None:
    path = f"/signalements/{draft.pk}/modifier/"
    data = typed(world, uid=draft.uid, version=draft.version, description="Le troisième, à droite.")
    answer = mediateur.post(path, data)
    assert answer.status_code == 422
    assert TOLD in plain(answer)
    assert "Le troisième, à droite." in plain(answer)
    other = data | {"theme": world.themes[1].pk}
    assert mediateur.post(path, other).status_code == 302
    draft.refresh_from_db()
    answer = mediateur.post(f"/signalements/{draft.pk}/envoyer/", {"version": draft.version})
    assert answer.status_code == 302
    assert Signalement.objects.get().state == "envoye"


def test_a_retired_place_is_told_too(world: World, draft: Any, mediateur) -> None:
    Place.objects.filter(pk=world.places["hall-a"].pk).update(retired_on=TODAY)
    page = plain(mediateur.get(f"/signalements/{draft.pk}/envoyer/"))
    assert "« Lieu hall-a essai » est retiré depuis le 18/03/2026" in page
