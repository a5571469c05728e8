"""Guessing is slowed down; nobody keeps the right person out by guessing in their name."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from allauth.account import adapter, forms
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory

from governance.access import limits
from humanicite.lib.limits import Limit
from tests.pages import text_of
from tests.world import World, make_world

TRIES = 40
HERE, ELSEWHERE = "192.0.2.7", "192.0.2.8"
PASSWORD = "le bon mot de passe"


def at_once(act: Callable[[int], Any], count: int = TRIES) -> list[Any]:
    """What `act` answers in as many threads, each with a connection of its own."""
    start = Barrier(count)

    def one(number: int) -> Any:
        try:
            start.wait()
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.fixture
def crowded(transactional_db: None, clock: Any) -> Iterator[World]:
    cache.clear()  # its table is nobody's model: no test's end empties it
    yield make_world()
    cache.clear()


def test_forty_passwords_at_once_are_five_tries(crowded: World, monkeypatch: Any) -> None:
    evaluated: list[str] = []
    monkeypatch.setattr(
        adapter, "authenticate", lambda request, **given: evaluated.append(given["password"])
    )
    email = crowded.user("coordination").email

    def guess(number: int) -> int:
        given = {"login": email, "password": f"essai numéro {number}"}
        return Client(REMOTE_ADDR=HERE).post("/connexion/", given).status_code

    assert set(at_once(guess)) == {200}
    assert len(evaluated) == 5


def test_a_count_is_exact_however_many_count_at_once(crowded: World) -> None:
    limit = Limit("a limit of this test", 7, 86_400)
    assert sum(at_once(lambda number: limit.take("somebody"))) == 7
    assert limit.is_reached("somebody")
    other = Limit("another limit", TRIES, 86_400)
    assert sorted(at_once(lambda number: other.count("somebody"))) == [*range(1, TRIES + 1)]


def test_forty_codes_at_once_are_three_tries(crowded: World, monkeypatch: Any) -> None:
    """All of one session, which each reads before another has written."""
    compared: list[str] = []

    def compare(*, actual: str, expected: str) -> bool:
        compared.append(actual)
        return False

    monkeypatch.setattr(forms, "compare_user_code", compare)
    first = Client(REMOTE_ADDR=HERE)
    first.post("/connexion/code/", {"email": crowded.user("coordination").email})
    cookie = first.cookies[settings.SESSION_COOKIE_NAME].value

    def guess(number: int) -> None:
        client = Client(REMOTE_ADDR=HERE)
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        client.post("/connexion/code/saisir/", {"code": f"{number:06}"})

    at_once(guess)
    assert 1 <= len(compared) <= 3


def come_in(client: Client, email: str, password: str = PASSWORD) -> bool:
    client.post("/connexion/", {"login": email, "password": password})
    return "_auth_user_id" in client.session


@pytest.fixture
def owner(world: World) -> str:
    user = world.user("coordination")
    user.set_password(PASSWORD)
    user.save()
    return str(user.email)


def test_who_guesses_shuts_out_only_themselves(owner: str) -> None:
    guessing = Client(REMOTE_ADDR=HERE)
    for number in range(8):
        assert not come_in(guessing, owner.upper(), f"essai numéro {number}")
    assert not come_in(guessing, owner)
    assert "Trop d’essais depuis ici" in text_of(
        guessing.post("/connexion/", {"login": owner, "password": PASSWORD})
    )
    assert come_in(Client(REMOTE_ADDR=ELSEWHERE), owner)


def test_a_browser_that_has_signed_in_before_comes_in_whatever_strangers_try(owner: str) -> None:
    own = Client(REMOTE_ADDR=ELSEWHERE)
    assert come_in(own, owner)
    own.post("/deconnexion/")
    for number in range(110):
        stranger = Client(REMOTE_ADDR=f"198.51.100.{number}")
        limits.PASSWORDS.take(request_of(stranger), owner)
    assert not come_in(Client(REMOTE_ADDR="192.0.2.200"), owner)
    assert come_in(own, owner)


def test_a_known_browser_may_not_guess_more_than_another(owner: str, world: World) -> None:
    own = Client(REMOTE_ADDR=ELSEWHERE)
    assert come_in(own, owner)
    own.post("/deconnexion/")
    for number in range(5):
        assert not come_in(own, owner, f"essai numéro {number}")
    assert not come_in(own, owner)


def test_to_know_a_browser_is_to_know_it_for_one_account(owner: str, world: World) -> None:
    own = Client(REMOTE_ADDR=HERE)
    assert come_in(own, owner)
    own.post("/deconnexion/")
    other = world.user("mediateur").email
    for _ in range(5):
        own.post("/connexion/", {"login": other, "password": "faux"})
    answer = Client(REMOTE_ADDR=HERE).post("/connexion/", {"login": other, "password": "faux"})
    assert "Trop d’essais depuis ici" in text_of(answer)


def test_a_right_password_is_no_try(owner: str) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for _ in range(7):
        assert come_in(client, owner)
        client.post("/deconnexion/")
        client.cookies.pop(limits.COOKIE)


@pytest.mark.parametrize("path", ["/connexion/code/", "/mot-de-passe/oublie/"])
def test_who_asks_for_mails_in_anothers_name_leaves_them_theirs(owner: str, path: str) -> None:
    for _ in range(9):
        Client(REMOTE_ADDR=HERE).post(path, {"email": owner})
    refused = Client(REMOTE_ADDR=HERE).post(path, {"email": owner})
    assert "Trop d’essais depuis ici" in text_of(refused)
    assert len(mail.outbox) == 5
    assert Client(REMOTE_ADDR=ELSEWHERE).post(path, {"email": owner}).status_code == 302
    assert len(mail.outbox) == 6


@pytest.mark.parametrize("path", ["/connexion/code/", "/mot-de-passe/oublie/"])
def test_an_address_without_an_account_gets_one_mail_in_a_while(world: World, path: str) -> None:
    answers = []
    for number in range(4):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        answers.append(client.post(path, {"email": "Personne@example.org"}))
    assert {answer.status_code for answer in answers} == {302}
    assert [sent.to for sent in mail.outbox] == [["personne@example.org"]]


def test_one_caller_sends_few_mails_to_addresses_without_an_account(world: World) -> None:
    client = Client(REMOTE_ADDR=HERE)
    for number in range(9):
        client.post("/mot-de-passe/oublie/", {"email": f"personne-{number}@example.org"})
    assert len(mail.outbox) == 5


def request_of(client: Client) -> Any:
    return RequestFactory().get("/", REMOTE_ADDR=client.defaults["REMOTE_ADDR"])
