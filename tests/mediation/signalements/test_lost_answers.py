"""A draft whose answer was lost on the way: saved, and nobody was told; then the form comes again."""

from typing import Any

import pytest

from mediation.models import Signalement, SignalementEvent

from ...pages import text_of
from ...world import World
from .writing import NEW, picture, typed, words

LATER = "/signalements/envoi/"


@pytest.fixture
def mediateur(world: World, sign_in: Any) -> Any:
    return sign_in(world, "mediateur")


def test_the_same_words_again_go_on_to_the_same_draft(world: World, mediateur) -> None:
    data = typed(world)
    first = mediateur.post(NEW, data)
    again = mediateur.post(NEW, data)
    assert Signalement.objects.count() == 1
    assert (again.status_code, again.url) == (302, first.url)


def test_other_words_are_shown_over_the_draft_and_why(world: World, mediateur) -> None:
    data = typed(world)
    mediateur.post(NEW, data)
    draft = Signalement.objects.get()
    again = mediateur.post(NEW, data | {"title": "Deux lampadaires éteints"})
    text = words(again)
    assert "La première tentative était bien arrivée" in text
    assert "rien n’est parti" in text
    page = text_of(again)
    assert 'value="Deux lampadaires éteints"' in page
    assert f"/signalements/{draft.pk}/modifier/" in page
    draft.refresh_from_db()
    assert draft.title == "Lampadaire éteint", "until it is saved"


def test_what_was_written_on_the_phone_after_it_is_kept(world: World, mediateur) -> None:
    data = typed(world)
    mediateur.post(NEW, data)
    answer = mediateur.post(LATER, data | {"title": "Deux lampadaires", "photos": [picture()]})
    assert answer.json() == {"state": "known"}
    draft = Signalement.objects.get()
    assert (draft.title, draft.photos.count()) == ("Deux lampadaires", 1)
    assert mediateur.post(LATER, data | {"title": "Deux lampadaires"}).json() == {"state": "known"}
    assert "Signalement enregistré en brouillon : Deux lampadaires" in words(
        mediateur.get("/signalements/")
    )


def test_words_after_it_left_stay_on_the_phone(world: World, mediateur) -> None:
    data = typed(world)
    mediateur.post(NEW, data)
    draft = Signalement.objects.get()
    mediateur.post(f"/signalements/{draft.pk}/envoyer/", {"version": draft.version})
    assert mediateur.post(LATER, data).json() == {"state": "known"}
    answer = mediateur.post(LATER, data | {"title": "Deux lampadaires"}).json()
    assert answer["state"] == "refused"
    assert "déjà enregistré et parti" in answer["faults"][0]["message"]
    assert SignalementEvent.objects.filter(kind="envoye").count() <= 1


def test_a_constat_or_a_photo_is_said_to_be_needed(world: World, mediateur) -> None:
    text = words(mediateur.get(NEW))
    assert "Constat (ou une photo)" in text
    assert "Photos (ou un constat)" in text
    assert "Constat (facultatif)" not in text
