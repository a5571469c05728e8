"""A draft that waited on a phone: written once, refused with its reasons, by who may write one."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mediation.models import Signalement

from ...world import TODAY, World
from ..answers.persons import picture

PATH = "/signalements/envoi/"
UID = "0f5a5a3e-1c1d-4c5e-9a53-1e7a4c0a1a77"


def draft(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "uid": UID, "title": "Lampe éteinte", "place": world.places["hall-a"].pk, "urgency": "haute",
        "description": "Il fait noir.", "observed_on": TODAY.isoformat(),
        "photos": [SimpleUploadedFile("photo.jpg", picture(), "image/jpeg")],
    } | changes  # fmt: skip


def test_it_is_written_once_with_its_photos(world: World, sign_in: Any) -> None:
    client: Client = sign_in(world, "mediateur")
    assert client.post(PATH, draft(world)).json() == {"state": "saved"}
    assert client.post(PATH, draft(world)).json() == {"state": "known"}
    made = Signalement.objects.get()
    assert (str(made.uid), made.state, made.author) == (UID, "brouillon", world.user("mediateur"))
    assert made.photos.count() == 1
    assert not made.recipients.exists(), "nothing leaves before somebody has looked"


def test_a_refusal_says_where(world: World, sign_in: Any) -> None:
    client: Client = sign_in(world, "mediateur")
    answer = client.post(PATH, draft(world, title="Chez M. Untel", place="")).json()
    assert answer["state"] == "refused"
    assert {fault["field"] for fault in answer["faults"]} == {"title", "place"}
    assert not Signalement.objects.exists()


@pytest.mark.parametrize("who", ["town-a", "invite"])
def test_who_writes_none_sends_none(world: World, sign_in: Any, who: str) -> None:
    assert sign_in(world, who).post(PATH, draft(world)).status_code == 403
    assert not Signalement.objects.exists()
