"""A server that cannot write says so and still reads; odd requests are refused in our look."""

import errno
import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory

from governance.models import JournalEntry
from humanicite.lib.full import is_full
from humanicite.wsgi import application
from mediation.models import Activity

from .pages import text_of
from .world import World, make_world

SEND = "/a-envoyer/envoi/"


@pytest.fixture
def world(transactional_db: None, clock: Any) -> World:
    return make_world()


@pytest.fixture
def client(world: World, sign_in: Callable[..., Client]) -> Client:
    return sign_in(world, "mediateur", raise_request_exception=False)


@contextmanager
def read_only() -> Iterator[None]:
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA query_only = 1" if sqlite else "SET default_transaction_read_only = on"
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "PRAGMA query_only = 0" if sqlite else "SET default_transaction_read_only = off"
            )


@contextmanager
def no_page_more() -> Iterator[None]:
    """« database or disk is full », by SQLite itself."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA max_page_count = 1073741823")


def entry(world: World, note: str = "") -> dict[str, str]:
    return {
        "uid": str(uuid.uuid4()), "type": "PAP", "place": str(world.places["hall-a"].pk),
        "minutes": "30", "day": "2026-03-18", "publics-TOTAL_FORMS": "0",
        "publics-INITIAL_FORMS": "0", "internal_note": note,
    }  # fmt: skip


def says_that_nothing_was_saved(answer: Any) -> None:
    assert answer.status_code == 503
    text = text_of(answer)
    assert "Rien n’a été enregistré" in text
    assert "prévenez la coordination" in text
    assert answer["Retry-After"]


def test_a_database_that_takes_no_writing_says_so_and_still_reads(
    world: World, client: Client
) -> None:
    row = world.activity(internal_note="déjà là")
    with read_only():
        says_that_nothing_was_saved(client.post("/activites/nouvelle/", entry(world)))
        for path in ("/aujourdhui/", "/activites/", f"/activites/{row.pk}/", "/tableau-de-bord/"):
            assert client.get(path).status_code == 200, path
    assert Activity.objects.count() == 1
    assert client.post("/activites/nouvelle/", entry(world)).status_code == 302


def test_a_page_whose_session_cannot_be_written_still_reads(world: World, client: Client) -> None:
    session = client.session
    session["resume"] = {"/activites/": {"owner": 0, "data": "", "until": 0}}
    session.save()
    with read_only():
        assert client.get("/activites/").status_code == 200


def test_the_queue_is_answered_in_json_and_keeps_its_entries(world: World, client: Client) -> None:
    fields = entry(world)
    sent = {"entries": [{"uid": fields.pop("uid"), "version": "", "fields": [*fields.items()]}]}
    with read_only():
        answer = client.post(SEND, json.dumps(sent), content_type="application/json")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/json"
    again = client.post(SEND, json.dumps(sent), content_type="application/json")
    assert [one["state"] for one in again.json()["answers"]] == ["saved"]


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("postgresql"), reason="SQLite's own limit"
)
def test_a_database_without_a_page_left_says_so(world: World, client: Client) -> None:
    with no_page_more():
        says_that_nothing_was_saved(
            client.post("/activites/nouvelle/", entry(world, note="mot " * 1000))
        )
        assert client.get("/activites/").status_code == 200
    assert not Activity.objects.exists()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_what_is_full_is_known_behind_another_fault(number: int) -> None:
    fault = RuntimeError("not saved")
    fault.__cause__ = OSError(number, "full")
    assert is_full(fault)
    assert not is_full(OSError(errno.ENOENT, "no such file"))
    assert not is_full(None)


class DiskFull(Exception):
    sqlstate = "53100"


def test_a_full_disk_of_postgresql_is_known() -> None:
    assert is_full(DiskFull())


def test_another_fault_is_500(client: Client, monkeypatch: Any) -> None:
    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(Activity.objects.__class__, "visible_to", broken)
    answer = client.get("/activites/")
    assert answer.status_code == 500
    assert "Une erreur est survenue" in text_of(answer)


@pytest.mark.parametrize("charset", ["utf-16", "latin-1", "idna", "base64", "zlib", "utf-7", "x"])
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
@pytest.mark.parametrize("query", ["next=%ff", "vide=1"])
def test_a_form_in_another_charset_is_refused(query: str, kind: str, charset: str) -> None:
    status, text = served("/connexion/", query, f"{kind}; charset={charset}")
    assert status.startswith("400")
    assert "Cet envoi n’a pas pu être lu" in text


def test_a_form_in_ours_is_read(db: None) -> None:
    kind = 'application/x-www-form-urlencoded; charset="UTF-8"'
    assert served("/connexion/", "", kind)[0].startswith("403"), "no token"


def served(path: str, query: str, kind: str) -> tuple[str, str]:
    """What the server's own application answers a form of one field."""
    asked = RequestFactory().post(path).environ | {
        "QUERY_STRING": query, "CONTENT_TYPE": kind, "CONTENT_LENGTH": "3",
        "wsgi.input": io.BytesIO(b"a=b"),
    }  # fmt: skip
    started: list[str] = []
    body = application(asked, lambda status, headers, *more: started.append(status))
    return started[0], b"".join(body).decode()


def test_json_nested_deep_is_refused(client: Client) -> None:
    for deep in (1000, 100_000):
        answer = client.post(SEND, b"[" * deep + b"]" * deep, content_type="application/json")
        assert answer.status_code == 400


def test_what_is_refused_logs_no_traceback(world: World, client: Client, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING):
        assert client.get("/pilotage/").status_code == 403
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert all(handler_filter.filter(record) for handler_filter in console().filters)
    assert "Traceback" not in console().format(record)
    assert "/pilotage/" in console().format(record)


def console() -> logging.Handler:
    [found] = [
        handler for handler in logging.getLogger().handlers
        if type(handler) is logging.StreamHandler
    ]  # fmt: skip
    return found
