"""What the tests of signalements type and read."""

import io
import re
import uuid
from datetime import date
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from governance.models import Contact
from mediation.models import (
    Signalement,
)

from ...pages import text_of
from ...world import TODAY, World

NEW = "/signalements/nouveau/"


def contact(world: World, party: str, **values: Any) -> Contact:
    given = {
        "party": world.parties[party], "starts": date(2024, 1, 1),
        "function": f"Service {Contact.objects.count()}",
        "email": f"{uuid.uuid4().hex[:8]}@example.org",
    }  # fmt: skip
    return Contact.objects.create(**(given | values))


def typed(world: World, **values: Any) -> dict[str, Any]:
    given = {
        "uid": uuid.uuid4(), "title": "Lampadaire éteint", "place": world.places["hall-a"].pk,
        "theme": world.themes[0].pk, "urgency": "normale", "observed_on": TODAY.isoformat(),
        "description": "Le second en partant du hall.", "expected": "Remplacer l’ampoule",
        "contacts": [world.contact().pk],
    }  # fmt: skip
    return {key: value for key, value in (given | values).items() if value is not None}


def picture(colour: str = "seagreen", name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "JPEG")
    return SimpleUploadedFile(name, made.getvalue(), "image/jpeg")


class Words(str):
    """A page's words, whatever kind of space stands between them."""

    def __contains__(self, text: object) -> bool:
        return super().__contains__(" ".join(str(text).split()))


def words(answer: Any) -> Words:
    return Words(" ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split()))


def listed(client: Any, query: str = "") -> list[str]:
    return [row.title for row, _ in client.get(f"/signalements/{query}").context["lines"]]


def queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(path)
        assert answer.status_code == 200
        if answer.streaming:
            b"".join(answer.streaming_content)
    return len(caught)


def answer_as(client: Any, signalement: Signalement, **data: Any) -> Any:
    return client.post(f"/signalements/{signalement.pk}/repondre/", data)
