"""What waits on a phone is its owner's."""

from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from mediation.models import Activity

from ...world import World
from ..conftest import sign_in
from .phone import (
    HOLDS_NO_KEY,
    SENDING,
    STORE,
    is_whole,
    log,
    nothing_waits,
    sign_out,
    until,
    waiting,
)


def test_the_queue_belongs_to_its_owner(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    log(phone, note="Une note que personne d’autre ne lit.")
    phone.context.route(SENDING, lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto("/aujourdhui/")
    phone.locator(".account summary").click()
    phone.get_by_role("button", name="Se déconnecter").click()
    expect(phone.get_by_text("Verrouillées, elles restent sur ce téléphone")).to_be_visible()
    phone.get_by_role("button", name="Se déconnecter quand même").click()
    phone.wait_for_url("**/connexion/**")
    expect(phone.get_by_text("1 saisie attend sur ce téléphone, à l’abri")).to_be_visible()
    assert "Une note" not in everything_on(phone)
    assert not phone.evaluate(f"{STORE}.then((store) => store.holds())")
    phone.context.unroute(SENDING)
    # Somebody else signs in there: sees nothing of it, and sends nothing of it.
    sign_in(phone, world, "autre-mediateur")
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()
    assert waiting(phone) == 0
    is_whole(0)
    sign_out(phone)
    # Its owner finds it again.
    sign_in(phone, world, "mediateur")
    phone.goto("/a-envoyer/")
    nothing_waits(phone)
    is_whole(1)
    assert Activity.objects.get().author == world.user("mediateur")


def everything_on(page: Page) -> str:
    """All that the browser stores for the application and that can be read without a key."""
    return page.evaluate(
        """async () => {
            const parts = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
            for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    parts.push(await (await cache.match(request)).text());
                }
            }
            const told = (request) => new Promise((resolve) => {
                request.onsuccess = () => resolve(request.result);
            });
            const db = await told(indexedDB.open('humanicite'));
            for (const store of db.objectStoreNames) {
                for (const row of await told(db.transaction(store).objectStore(store).getAll())) {
                    parts.push(JSON.stringify(row));
                    if (row.box) parts.push(new TextDecoder().decode(row.box));
                }
            }
            return parts.join('\\n');
        }"""
    )


def test_nothing_of_the_day_stays_after_sign_out(phone: Page, world: World) -> None:
    from django.utils import timezone

    world.activity("hall-a", day=timezone.localdate(), internal_note="note-secrete")
    phone.goto("/aujourdhui/")
    expect(phone.get_by_role("main").get_by_text("Lieu hall-a essai").first).to_be_visible()
    sign_out(phone)
    left = everything_on(phone)
    assert "hall-a" not in left
    assert "note-secrete" not in left
    phone.context.set_offline(True)
    phone.goto("/aujourdhui/")
    expect(phone.get_by_role("heading", name="Pas de réseau")).to_be_visible()
    assert "hall-a" not in phone.content()


def test_a_partner_who_signs_in_there_finds_nothing(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    log(phone)
    Session.objects.all().delete()
    phone.context.set_offline(False)
    phone.goto("/connexion/")
    sign_in(phone, world, "town-a")
    until(phone, HOLDS_NO_KEY)
    assert (
        phone.evaluate(
            "caches.keys().then((names) => names.filter((n) => n.startsWith('pages-')).length)"
        )
        == 0
    )
    is_whole(0)


def test_the_page_of_signing_out_forgets_as_well(phone: Page, world: World) -> None:
    phone.goto("/deconnexion/")
    phone.get_by_role("main").get_by_role("button", name="Se déconnecter").click()
    phone.wait_for_url("**/connexion/**")
    until(phone, HOLDS_NO_KEY)
    kept = "caches.keys().then((names) => names.filter((n) => n.startsWith('pages-')).length)"
    assert phone.evaluate(kept) == 0
