"""One account, two programmes: each shows the function that the person has in it, and no other."""

import re
from typing import Any

import pytest
from django.test import Client

from governance.access.middleware import SESSION_KEY
from governance.models import Membership

from .pages import text_of
from .test_walk_routes import PAGES, address
from .world import TODAY, World

ELSEWHERE, ACCOUNT = "Chargée de bailleur", "Fonction du compte"
FILES = "?_export=csv"


@pytest.fixture
def both(world: World, elsewhere: World) -> Membership:
    """The access to another programme of somebody who wrote most of this one's rows."""
    user = world.user("mediateur")
    user.function = ACCOUNT
    user.save()
    return Membership.objects.create(
        user=user, party=elsewhere.parties["operator"], role="mediateur", starts=TODAY,
        function=ELSEWHERE,
    )  # fmt: skip


def walked(client: Client, reader: Membership) -> str:
    """The pages and files of text that a reader may open, of two rows of each kind."""
    seen = []
    for route in PAGES:
        access = route.callback.access
        if not reader.may(access.right) or "pdf" in str(route.name):  # slow, from the same rows
            continue
        rows = access.model._default_manager.visible_to(reader)[:2] if access.model else [None]
        for row in rows:
            for query in ("",) if row else ("", FILES):
                answer = client.get(address(route, row.pk if row else None) + query)
                if "text/" in answer.get("Content-Type", "") and not answer.streaming:
                    seen.append(f"{route.name}{query}: {text_of(answer)}")
                elif "csv" in answer.get("Content-Type", ""):
                    content = b"".join(answer.streaming_content)
                    seen.append(f"{route.name}{query}: {content.decode('utf-8-sig')}")
    return "\n".join(seen)


@pytest.mark.parametrize("who", ["coordination", "mediateur"])
def test_no_page_or_file_shows_the_function_of_another_programme(
    who: str, world: World, both: Membership, sign_in: Any, fill: Any
) -> None:
    fill(world)
    client = sign_in(world, who)
    session = client.session
    session[SESSION_KEY] = world.reader(who).pk
    session.save()
    seen = walked(client, world.reader(who))
    assert seen.count(world.reader("mediateur").function) > 5
    for word in (ELSEWHERE, ACCOUNT, r"\b[Cc]ompte \d+\b"):
        found = re.search(rf".{{0,300}}{word}", seen)
        assert not found, found


def test_the_other_programme_shows_its_own(
    world: World, elsewhere: World, both: Membership, sign_in: Any
) -> None:
    elsewhere.activity(author=both.user)
    page = text_of(sign_in(elsewhere, "coordination").get("/activites/"))
    assert ELSEWHERE in page
    assert world.reader("mediateur").function not in page
