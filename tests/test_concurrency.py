"""Several at once, each with a connection of its own, on the real database."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from governance.models import JournalEntry, Place
from mediation.followup.actions import follow_up
from mediation.models import Activity, Recipient, Situation
from mediation.signalements.actions.answers import answer_signalement

from .conftest import LONG
from .governance.frame_pages import hidden
from .world import World, make_world

AT_ONCE = 8
ROUNDS = 20 if LONG else 3


@pytest.fixture
def world(transactional_db: None, clock: Any) -> World:
    return make_world()


def together(world: World, who: str, act: Callable[[Client, int], int]) -> list[int]:
    """What `act` answers for AT_ONCE clients that start at the same moment."""
    start = Barrier(AT_ONCE)
    clients = [Client() for _ in range(AT_ONCE)]
    for client in clients:
        client.force_login(world.user(who), backend=settings.AUTHENTICATION_BACKENDS[0])

    def one(number: int) -> int:
        try:
            start.wait()
            return act(clients[number], number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def entry(world: World, **changes: Any) -> dict[str, Any]:
    return {
        "uid": str(uuid.uuid4()), "type": "PAP", "place": world.places["hall-a"].pk,
        "minutes": "30", "day": date(2026, 3, 18).isoformat(), "publics-TOTAL_FORMS": "1",
        "publics-INITIAL_FORMS": "0", "publics-0-audience": world.audiences[0].pk,
        "publics-0-count": "3", "publics-0-band": "np",
    } | changes  # fmt: skip


def test_one_form_sent_eight_times_at_once_is_one_activity(world: World) -> None:
    for number in range(1, ROUNDS + 1):
        data = entry(world)

        def send(client: Client, _: int, data: dict[str, Any] = data) -> int:
            return client.post("/activites/nouvelle/", data).status_code

        assert together(world, "mediateur", send) == [302] * AT_ONCE
        assert Activity.objects.count() == number
        assert JournalEntry.objects.filter(act="create").count() == number


def test_eight_different_forms_at_once_are_eight(world: World) -> None:
    forms = [entry(world) for _ in range(AT_ONCE)]
    answers = together(
        world, "mediateur", lambda c, n: c.post("/activites/nouvelle/", forms[n]).status_code
    )
    assert answers == [302] * AT_ONCE
    assert Activity.objects.count() == AT_ONCE


def test_of_eight_edits_of_one_version_one_wins_and_the_others_are_told(world: World) -> None:
    row = world.activity("hall-a")
    path = f"/activites/{row.pk}/modifier/"

    def edit(client: Client, number: int) -> int:
        data = entry(world, uid=str(row.uid), version=1, internal_note=f"version {number}")
        return client.post(path, data).status_code

    answers = together(world, "mediateur", edit)
    assert sorted(answers) == [302] + [422] * (AT_ONCE - 1)
    row.refresh_from_db()
    assert row.version == 2
    assert row.internal_note == f"version {answers.index(302)}"
    assert row.head_counts.count() == 1


def test_of_eight_deletions_one_is_recorded(world: World) -> None:
    row = world.activity("hall-a")
    path = f"/activites/{row.pk}/supprimer/"
    answers = together(world, "mediateur", lambda c, _: c.post(path, {"version": 1}).status_code)
    assert set(answers) <= {302, 404}
    assert JournalEntry.objects.filter(act="delete").count() == 1
    assert Activity.history.filter(id=row.pk, history_type="-").count() == 1


def test_one_situation_opened_eight_times_at_once_is_one(world: World) -> None:
    activity = world.activity("hall-a")
    data = {
        "uid": str(uuid.uuid4()), "title": "Nuisances la nuit", "place": world.places["hall-a"].pk,
        "opened_on": date(2026, 3, 18).isoformat(), "activite": activity.pk,
        "parties-TOTAL_FORMS": "1", "parties-INITIAL_FORMS": "0",
        "parties-0-party": world.parties["owners"].pk,
    }  # fmt: skip
    answers = together(
        world, "mediateur", lambda c, _: c.post("/situations/nouvelle/", data).status_code
    )
    assert answers == [302] * AT_ONCE
    situation = Situation.objects.get()
    assert situation.involvements.count() == 1
    assert situation.history.count() == 1
    activity.refresh_from_db()
    assert (activity.situation, activity.version) == (situation, 2)


def test_eight_ways_back_at_once_make_one_version(world: World) -> None:
    row = world.activity("hall-a")
    first = row.history.get()
    row.minutes, row.version = 90, 2
    row.save()
    path = f"/activites/versions/{first.pk}/"
    answers = together(world, "mediateur", lambda c, _: c.post(path, {"version": 2}).status_code)
    assert answers == [302] * AT_ONCE
    row.refresh_from_db()
    assert (row.minutes, row.version) == (30, 3)
    assert JournalEntry.objects.filter(act="undo").count() == 1


def test_what_was_deleted_comes_back_once(world: World) -> None:
    row = world.activity("hall-a")
    world.counted(row)
    key = row.pk
    together(
        world, "mediateur",
        lambda c, _: c.post(f"/activites/{key}/supprimer/", {"version": 1}).status_code,
    )  # fmt: skip
    gone = Activity.history.filter(id=key, history_type="-").get()
    answers = together(
        world, "mediateur", lambda c, _: c.post(f"/activites/versions/{gone.pk}/").status_code
    )
    assert answers == [302] * AT_ONCE
    assert Activity.objects.get().head_counts.get().count == 3
    assert JournalEntry.objects.filter(act="undo").count() == 1


def test_one_call_noted_eight_times_at_once_is_one(world: World) -> None:
    signalement = world.sent()
    data = {
        "uid": uuid.uuid4(), "channel": "telephone", "contact": world.contact().pk,
        "day": "2026-03-18", "note": "Rappelle demain", "reply": "",
    }  # fmt: skip

    def note(client: Client, _: int) -> int:
        return client.post(f"/signalements/{signalement.pk}/relais/", data).status_code

    assert together(world, "mediateur", note) == [302] * 8
    assert signalement.relays.count() == 1
    assert signalement.events.filter(kind="relay").count() == 1


def test_reminders_and_answers_at_once_wait_for_each_other(world: World) -> None:
    """The one who comes second sees what the first has done, whichever it is; nobody is lost."""
    rows = []
    for n in range(8):
        row = world.sent(to=("town-a", "town-b")[n % 2]).recipients.get()
        row.handed_at = datetime(2026, 3, 9, 9, tzinfo=UTC)
        row.save()
        rows.append(row)

    def act(_: Client, number: int) -> int:
        if number % 2:
            return follow_up(programme=world.programme, now=timezone.now()).failed
        for row in rows:
            answer_signalement(recipient=row, reply="recu", now=timezone.now())
        return 0

    assert together(world, "mediateur", act) == [0] * 8
    assert {row.reply for row in Recipient.objects.all()} == {"recu"}


def test_one_place_added_eight_times_at_once_is_one(world: World) -> None:
    data = {
        "name": "Hall C", "kind": "spot", "parent": world.places["ilot-a"].pk, "since": "2026-03-18"
    }  # fmt: skip
    path = "/parametres/lieux/nouveau/"
    answers = together(world, "coordination", lambda c, _: c.post(path, data).status_code)
    assert answers == [302] * AT_ONCE
    assert Place.objects.filter(name="Hall C").count() == 1


def test_two_moves_that_cross_make_no_circle(world: World) -> None:
    sides = (world.places["cote-a"], world.places["cote-b"])

    def move(client: Client, number: int) -> int:
        place, into = sides[number % 2], sides[1 - number % 2]
        path = f"/parametres/lieux/{place.pk}/"
        data = {"name": place.name, "kind": "side", "parent": into.pk, "since": "2026-03-18",
                "seen": hidden(client.get(path), "seen")}  # fmt: skip
        told = client.post(path, data)
        return client.post(path, data | {"confirmed": hidden(told, "confirmed")}).status_code

    together(world, "coordination", move)
    for place in Place.objects.of_programme(world.programme.pk):
        chain, above = [place.pk], place.parent
        while above is not None:
            assert above.pk not in chain, "a circle"
            chain.append(above.pk)
            above = above.parent
        assert place.path == "".join(f"{key:06d}." for key in reversed(chain))
