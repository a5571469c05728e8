"""A signalement needs something seen: a constat or a photo."""

from typing import Any

import pytest
from django.core import mail

from mediation.models import Signalement
from mediation.signalements.models.signalements import NOTHING_SEEN

from ...pages import text_of
from ...world import World
from .writing import NEW, picture, typed


@pytest.fixture
def mediateur(world: World, sign_in: Any) -> Any:
    return sign_in(world, "mediateur")


def test_without_constat_or_photo_it_is_said_beside_the_field(world: World, mediateur) -> None:
    text = text_of(mediateur.post(NEW, typed(world, description=" ")))
    assert not Signalement.objects.exists()
    assert text.count(NOTHING_SEEN) == 2, "above, and beside the field"
    assert 'href="#id_description"' in text


def test_a_photo_is_enough(world: World, mediateur) -> None:
    mediateur.post(NEW, typed(world, description="") | {"photos": [picture()]})
    assert Signalement.objects.get().photos.count() == 1


def test_the_photos_of_the_activity_are_enough(world: World, mediateur) -> None:
    activity = world.activity()
    data = typed(world, description="", activite=activity.pk, takes_photos="on")
    mediateur.post(NEW, data)
    assert not Signalement.objects.exists(), "it has none"
    world.photo(activity)
    mediateur.post(NEW, data)
    assert Signalement.objects.get().photos.count() == 1


def test_an_older_draft_is_completed_before_it_leaves(world: World, mediateur) -> None:
    draft = world.signalement(description="")
    draft.chosen.add(world.contact())
    path = f"/signalements/{draft.pk}"
    assert mediateur.get(f"{path}/modifier/").status_code == 200
    answer = mediateur.post(f"{path}/envoyer/", {"version": draft.version})
    assert NOTHING_SEEN in text_of(answer)
    assert not mail.outbox
    draft.refresh_from_db()
    assert draft.state == "brouillon"
    world.signalement_photo(draft)
    mediateur.post(f"{path}/envoyer/", {"version": draft.version})
    draft.refresh_from_db()
    assert draft.state == "envoye"


def test_the_last_photo_is_not_taken_from_a_draft_without_constat(world, mediateur) -> None:
    draft = world.signalement(description="")
    photo = world.signalement_photo(draft)
    path = f"/signalements/{draft.pk}/modifier/"
    data = typed(world, description="", uid=draft.uid, version=draft.version)
    text = text_of(mediateur.post(path, data | {"retirer": photo.pk}))
    assert NOTHING_SEEN in text
    assert draft.photos.count() == 1


@pytest.mark.parametrize(("review", "kept"), [("", True), ("pending", False)])
def test_the_summary_of_the_activity_prefills_the_constat(
    review: str, kept: bool, world: World, mediateur
) -> None:
    activity = world.activity(
        summary="Le second candélabre.", internal_note="Une note.", review=review
    )
    text = text_of(mediateur.get(f"{NEW}?activite={activity.pk}"))
    assert ("Le second candélabre.</textarea>" in text) is kept
    assert "Une note." not in text
