"""The phone's store: what is kept, for whom, and what happens when the phone refuses."""

from typing import Any

import pytest
from playwright.sync_api import Page

from ..refusals import CLOSED, FULL
from .conftest import HERE

SECRET, ANOTHER = "ab" * 32, "cd" * 32


def run(page: Page, body: str, given: Any = None) -> Any:
    """The body of a function that has the store, its tables and one entry's maker."""
    return page.evaluate(
        f"""async (given) => {{
            const store = await import('/static/js/offline/store.js');
            const tables = await import('/static/js/offline/database.js');
            const entry = (uid, note = 'note') =>
                ({{ uid, fields: [['note', note]], version: '', said: uid }});
            const refused = (work) => work.then(() => 'kept', (error) =>
                (error instanceof tables.StoreRefused ? (error.isFull ? 'full' : 'closed') : `${{error}}`));
            await store.ready;
            {body}
        }}""",
        given,
    )


@pytest.fixture
def store(blank: Page) -> Page:
    run(blank, "await store.takeKey({ owner: 'me', secret: given })", SECRET)
    return blank


def test_what_is_added_is_listed_in_its_order_and_removed(store: Page) -> None:
    listed = run(
        store,
        """await store.add(entry('a'));
        await new Promise((go) => setTimeout(go, 5));
        await store.add(entry('b', 'à « relire »'));
        const first = await store.list();
        await store.remove('a');
        return [first, await store.list()];""",
    )
    assert [(row["uid"], row["state"]) for row in listed[0]] == [("a", "waiting"), ("b", "waiting")]
    assert listed[0][1]["fields"] == [["note", "à « relire »"]]
    assert [row["uid"] for row in listed[1]] == ["b"]


def test_what_was_added_twice_is_one(store: Page) -> None:
    script = (
        "await store.add(entry('a', '1')); await store.add(entry('a', '2')); return store.list();"
    )
    assert [row["fields"][0][1] for row in run(store, script)] == ["2"]


def test_settled_only_if_nobody_corrected_it_meanwhile(store: Page) -> None:
    left = run(
        store,
        """await store.add(entry('a', 'avant'));
        const [sent] = await store.rows();
        await store.add(entry('a', 'corrigée')); // while the first was on its way
        await store.settle(sent);
        await store.mark(sent, 'refused', entry('a', 'avant'));
        const kept = await store.list();
        await store.addPhoto('a', new Blob(['x']));
        await store.settle((await store.rows())[0]);
        return [kept, await store.list(), (await store.photos('a')).length];""",
    )
    assert [(row["fields"][0][1], row["state"]) for row in left[0]] == [("corrigée", "waiting")]
    assert left[1:] == [[], 0]


def test_an_entry_belongs_to_its_owner(store: Page) -> None:
    seen = run(
        store,
        """await store.add(entry('a', 'à moi'));
        await store.putDraft('nouvelle', entry('d'));
        const [row] = await store.rows();
        await store.forgetKey();
        const signedOut = [store.holds(), (await store.list()).length, (await store.everybodysRows()).length];
        await store.takeKey({ owner: 'other', secret: given });
        const other = [(await store.list()).length, (await store.drafts()).length,
            await store.read(row).then(() => 'read', () => 'locked')];
        await store.takeKey({ owner: 'me', secret: 'ab'.repeat(32) });
        return [signedOut, other, (await store.list()).map((mine) => mine.fields[0][1])];""",
        ANOTHER,
    )
    assert seen == [[False, 0, 1], [0, 0, "locked"], ["à moi"]]


def test_nothing_lies_there_in_clear_and_the_key_is_not_to_be_read(store: Page) -> None:
    found = run(
        store,
        """await store.add(entry('a', 'secrète'));
        const rows = await tables.transact('readonly', (all) => tables.got(all.entries.getAll()));
        const [{ key }] = await tables.transact('readonly', (all) => tables.got(all.keys.getAll()));
        return [new TextDecoder().decode(rows[0].box), JSON.stringify(rows), key.extractable];""",
    )
    assert "secr" not in found[0] + found[1]
    assert found[2] is False


def test_the_key_outlives_the_page_until_it_is_forgotten(store: Page) -> None:
    run(store, "await store.add(entry('a'))")
    store.reload()
    assert run(store, "return [store.owner(), (await store.list()).length]") == ["me", 1]
    run(store, "await store.forgetKey()")
    store.reload()
    assert run(store, "return [store.holds(), (await store.list()).length]") == [False, 0]


def test_drafts_wait_side_by_side_and_pictures_follow_what_they_belong_to(store: Page) -> None:
    seen = run(
        store,
        """await store.putDraft('nouvelle', entry('d1'));
        await new Promise((go) => setTimeout(go, 5));
        await store.putDraft('nouvelle', entry('d2'));
        for (const uid of ['d1', 'd2', 'lost']) await store.addPhoto(uid, new Blob([uid]));
        await store.forgetOrphans();
        const count = () => Promise.all(
            ['d1', 'd2', 'lost'].map(async (uid) => (await store.photos(uid)).length));
        const before = await count();
        const [photo] = await store.photos('d2');
        await store.dropDraft('d2', { withPhotos: true });
        return [before, await photo.blob.text(), await count(), (await store.drafts()).map((d) => d.uid)];""",
    )
    assert seen == [[1, 1, 0], "d2", [1, 0, 0], ["d1"]]


def test_a_change_is_told_here_and_in_other_tabs(store: Page) -> None:
    other = store.context.new_page()
    other.goto("/")
    listen = """import('/static/js/offline/store.js').then(() => {
        window.told = 0;
        document.addEventListener('queue:changed', () => { window.told += 1; });
    })"""
    for page in (store, other):
        page.evaluate(listen)
    run(store, "await store.add(entry('a'))")
    other.wait_for_function("window.told === 1")
    assert store.evaluate("window.told") == 1


def test_a_store_that_the_browser_closed_is_opened_again(store: Page) -> None:
    seen = run(
        store,
        """await store.add(entry('a'));
        const begin = IDBDatabase.prototype.transaction;
        let times = 0;
        IDBDatabase.prototype.transaction = function (...asked) {
            IDBDatabase.prototype.transaction = begin;
            this.close();
            times += 1;
            return begin.apply(this, asked); // throws, as a closed one does
        };
        const how = await refused(store.add(entry('b')));
        return [how, times, (await store.list()).length];""",
    )
    assert seen == ["kept", 1, 2]


def test_a_store_that_was_erased_beneath_the_page_takes_what_is_typed(store: Page) -> None:
    run(store, "await store.add(entry('a'))")
    session = store.context.new_cdp_session(store)
    session.send("Storage.clearDataForOrigin", {"origin": HERE, "storageTypes": "indexeddb"})
    assert run(store, "return [await refused(store.add(entry('b'))), (await store.list()).length]") == [
        "kept", 1,
    ]  # fmt: skip


def test_a_newer_version_in_another_tab_is_not_held_up(store: Page) -> None:
    run(store, "await store.add(entry('a'))")
    other = store.context.new_page()
    other.goto("/")
    opened = other.evaluate(
        """new Promise((resolve) => {
            const request = indexedDB.open('humanicite', 2);
            request.onsuccess = () => resolve(request.result.version);
            request.onblocked = () => resolve('blocked');
        })"""
    )
    assert opened == 2
    assert run(store, "return refused(store.add(entry('b')))") == "closed"


@pytest.mark.parametrize(("refusal", "how"), [(FULL, "full"), (CLOSED, "closed")])
def test_a_store_that_refuses_says_so_and_loses_nothing(
    store: Page, refusal: str, how: str
) -> None:
    run(store, "await store.add(entry('a', 'avant'))")
    store.evaluate(refusal)
    assert run(store, "return refused(store.add(entry('a', 'après')))") == how
    assert run(store, "return refused(store.addPhoto('a', new Blob(['x'])))") == how
    assert (
        run(store, "return refused(tables.quietly(store.putDraft('nouvelle', entry('d'))))")
        == "kept"
    )
    store.evaluate("window.lift()")
    left = run(store, "return [await store.list(), (await store.photos('a')).length]")
    assert [row["fields"][0][1] for row in left[0]] == ["avant"]
    assert left[1] == 0
    assert run(store, "return refused(store.add(entry('b')))") == "kept"


def test_a_fault_of_ours_writes_nothing_by_half(store: Page) -> None:
    seen = run(
        store,
        """const how = await refused(tables.transact('readwrite', (all) => {
            all.drafts.put({ id: 'half' });
            throw new TypeError('ours');
        }));
        return [how, await tables.transact('readonly', (all) => tables.got(all.drafts.count()))];""",
    )
    assert seen == ["TypeError: ours", 0]
