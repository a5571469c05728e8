"""What is kept for somebody signed out is bounded, and goes."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from humanicite.lib import resume
from tests.world import World

PATH = "/activites/nouvelle/"
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"


@pytest.fixture
def owner(world: World) -> str:
    return resume.owner_token(world.user("mediateur"))


def kept(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.session.get(resume.KEY, {})
    return found


def typed(owner: str, address: str = HERE, path: str = PATH, **more: str) -> Client:
    client = Client(REMOTE_ADDR=address)
    assert client.post(path, {"_owner": owner, "internal_note": "note", **more}).status_code == 302
    return client


def turn_by(monkeypatch: Any, seconds: float) -> None:
    moment = time.time() + seconds
    monkeypatch.setattr(time, "time", lambda: moment)


def test_an_old_signature_keeps_nothing(owner: str, monkeypatch: Any) -> None:
    assert kept(typed(owner))
    turn_by(monkeypatch, resume.AGE + 1)
    assert not kept(typed(owner))


def test_thirty_sent_by_one_are_twelve_kept(owner: str) -> None:
    clients = [typed(owner, internal_note=f"note {number}") for number in range(30)]
    assert sum(bool(kept(client)) for client in clients) == 12
    assert kept(typed(owner, ELSEWHERE)), "somebody else's sending leaves the owner theirs"


def test_one_owner_has_so_much_from_everywhere(owner: str) -> None:
    clients = [typed(owner, f"198.51.100.{number % 40}") for number in range(80)]
    assert sum(bool(kept(client)) for client in clients) == 60


def test_a_form_too_large_is_not_kept(owner: str) -> None:
    assert not kept(typed(owner, internal_note="x" * resume.LIMIT))


def test_a_session_keeps_five_forms_and_none_that_is_over(owner: str, monkeypatch: Any) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for number in range(8):
        client.post(f"/activites/{number}/modifier/", {"_owner": owner, "internal_note": "note"})
    assert [*kept(client)] == [f"/activites/{number}/modifier/" for number in range(3, 8)]
    turn_by(monkeypatch, resume.LIFETIME + 1)
    client.post(PATH, {"_owner": owner, "internal_note": "note"})
    assert [*kept(client)] == [PATH]


def test_what_is_over_leaves_the_disk_with_the_next(owner: str) -> None:
    old = typed(owner).session.session_key
    Session.objects.filter(pk=old).update(expire_date=timezone.now() - timedelta(1))
    assert kept(typed(owner))
    assert not Session.objects.filter(pk=old).exists()
