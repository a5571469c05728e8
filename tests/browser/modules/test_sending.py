"""The sending, with a server that the test plays."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

ME = {"signed_in": True, "owner": "me", "token": "t"}


class Server:
    """Answers as the real one does; `take` decides what becomes of a batch."""

    def __init__(self, page: Page) -> None:
        self.me: dict[str, Any] | None = ME
        self.batches: list[list[str]] = []
        self.announced: list[str] = []
        self.take: Callable[[list[str]], Any] = lambda uids: ["saved"] * len(uids)
        self.photo: Callable[[], Any] = lambda: {"state": "saved"}
        page.route("**/a-envoyer/**", self.answer)
        page.route("**/photos/envoi/", lambda route: self.give(route, self.photo()))

    def answer(self, route: Route) -> None:
        if route.request.url.endswith("/qui/"):
            route.fulfill(json=self.me) if self.me else route.abort()
        elif route.request.url.endswith("/cle/"):
            route.fulfill(json={"owner": self.me["owner"] if self.me else "", "secret": "ab" * 32})
        else:
            assert route.request.headers["x-csrftoken"] == "t"
            content = json.loads(route.request.post_data or "")
            uids = [entry["uid"] for entry in content["entries"]]
            self.batches.append(uids)
            self.announced.append(content["announce"])
            taken = self.take(uids)
            states = [{"uid": uid, "state": state} for uid, state in zip(uids, taken, strict=True)] \
                if isinstance(taken, list) else taken  # fmt: skip
            self.give(route, {"answers": states} if isinstance(states, list) else states)

    def give(self, route: Route, answer: Any) -> None:
        if answer is None:
            route.abort()
        elif isinstance(answer, int):
            route.fulfill(status=answer, body="panne")
        else:
            route.fulfill(json=answer)


@pytest.fixture
def server(blank: Page) -> Server:
    made = Server(blank)
    run(blank, "await sending.enter(await sending.who())")
    return made


def run(page: Page, body: str, given: Any = None) -> Any:
    return page.evaluate(
        f"""async (given) => {{
            const store = await import('/static/js/offline/store.js');
            const sending = await import('/static/js/offline/sending.js');
            const add = (...uids) => uids.reduce((before, uid) => before.then(async () => {{
                await store.add({{ uid, fields: [], version: '', said: uid }});
                await new Promise((go) => setTimeout(go, 2)); // their order is their time
            }}), Promise.resolve());
            const left = async () => (await store.list()).map((row) => [row.uid, row.state]);
            await store.ready;
            {body}
        }}""",
        given,
    )


SEND = "return [await sending.send({ wait: true }), await left()];"


def test_what_waits_goes_in_order_and_leaves_after_the_servers_word(blank, server: Server) -> None:
    run(blank, "await add('a', 'b', 'c')")
    assert run(blank, f"sending.announce('b'); {SEND}") == ["sent", []]
    assert server.batches == [["a", "b", "c"]]
    assert server.announced == ["b"]


def test_one_entry_alone(blank: Page, server: Server) -> None:
    run(blank, "await add('a', 'b')")
    assert run(blank, "return [await sending.send({ uid: 'b' }), await left()]") == [
        "sent", [["a", "waiting"]],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("me", "how"),
    [
        (None, "offline"),
        ({"signed_in": False, "owner": ""}, "signed-out"),
        ({"signed_in": True, "owner": "other", "token": "t"}, "other"),
    ],
)
def test_nothing_goes_but_as_its_owner(blank, server: Server, me: Any, how: str) -> None:
    run(blank, "await add('a')")
    server.me = me
    assert run(blank, SEND) == [how, [["a", "waiting"]]]
    assert server.batches == []


def test_a_lost_reply_keeps_everything_and_known_lets_go(blank: Page, server: Server) -> None:
    run(blank, "await add('a', 'b')")
    server.take = lambda uids: None
    assert run(blank, SEND) == ["offline", [["a", "waiting"], ["b", "waiting"]]]
    server.take = lambda uids: ["known"] * len(uids)
    assert run(blank, SEND) == ["sent", []]


def test_one_that_the_server_cannot_read_holds_up_no_other(blank: Page, server: Server) -> None:
    run(blank, "await add('a', 'bad', 'c')")
    server.take = lambda uids: 400 if "bad" in uids else ["saved"] * len(uids)
    assert run(blank, SEND) == ["sent", [["bad", "refused"]]]
    assert server.batches == [["a", "bad", "c"], ["a"], ["bad"], ["c"]]


def test_a_server_that_fails_on_all_is_left_alone(blank: Page, server: Server) -> None:
    run(blank, "await add('a', 'b', 'c', 'd', 'e')")
    server.take = lambda uids: 500
    how, left = run(blank, SEND)
    assert (how, len(left)) == ("offline", 5)
    assert len(server.batches) == 4, "the batch, then three one by one"


def test_twenty_at_a_time(blank: Page, server: Server) -> None:
    run(blank, "await add(...given)", [f"{n:02d}" for n in range(25)])
    assert run(blank, SEND) == ["sent", []]
    assert [len(batch) for batch in server.batches] == [20, 5]


def test_an_answer_that_needs_the_person_stays(blank: Page, server: Server) -> None:
    run(blank, "await add('a', 'b', 'c')")
    server.take = lambda uids: ["refused", "conflict", "saved"]
    assert run(blank, SEND) == ["sent", [["a", "refused"], ["b", "conflict"]]]
    server.batches.clear()
    assert run(blank, SEND)[0] == "sent"
    assert server.batches == [], "neither goes again by itself"


@pytest.mark.parametrize(
    ("photo", "left"),
    [({"state": "saved"}, []), (413, [["a", "photos"]]), (None, [["a", "waiting"]])],
)
def test_pictures_follow_their_entry(blank, server: Server, photo: Any, left: Any) -> None:
    server.photo = lambda: photo
    run(blank, "await add('a'); await store.addPhoto('a', new Blob(['x']))")
    assert run(blank, SEND)[1] == left


def test_one_tab_at_a_time(blank: Page, server: Server) -> None:
    run(blank, "await add('a')")
    how = run(
        blank,
        """let free;
        await new Promise((held) => navigator.locks.request('humanicite', () => {
            held();
            return new Promise((go) => { free = go; });
        }));
        const first = await sending.send();
        const second = sending.send({ wait: true });
        free();
        return [first, await second];""",
    )
    assert how == ["busy", "sent"]


def test_somebody_else_who_signs_in_takes_a_key_of_their_own(blank: Page, server: Server) -> None:
    run(blank, "await add('a'); await caches.open('pages-1')")
    server.me = {"signed_in": True, "owner": "other", "token": "t"}
    seen = run(
        blank,
        """await sending.enter(await sending.who());
        return [store.owner(), await left(), (await store.everybodysRows()).length, await caches.keys()];""",
    )
    assert seen == ["other", [], 1, []]


def test_leaving_forgets_the_pages_even_if_the_store_refuses(blank: Page, server: Server) -> None:
    from ..refusals import CLOSED

    run(blank, "await caches.open('pages-1'); await caches.open('files-1')")
    blank.evaluate(CLOSED)
    seen = run(
        blank,
        "await sending.leave().catch(() => null); return [store.holds(), await caches.keys()];",
    )
    assert seen == [False, ["files-1"]]
