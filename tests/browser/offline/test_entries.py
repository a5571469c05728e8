"""Entries made without a network: kept on the phone, sent once, refused, corrected."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, Route, expect

from mediation.models import Activity, Photo

from ...world import World
from ..chromium import LAPTOP
from ..conftest import check, sign_in
from .phone import (
    HOW_MANY,
    SENDING,
    STARTED,
    STORE,
    another_tab,
    is_whole,
    keep,
    log,
    nothing_waits,
    until,
    waiting,
)


def test_fifty_entries_through_everything_that_goes_wrong(phone: Page, world: World) -> None:
    context: BrowserContext = phone.context
    # Without network: twenty by the form, the tab closed after each ten.
    context.set_offline(True)
    for number in range(12):
        log(phone, note=f"Hors ligne {number}")
        if number % 6 == 5:
            phone.close()
            phone = another_tab(phone)
    assert waiting(phone) == 12
    is_whole(0)
    # The network is back, but the server answers 500, then is lost after the commit.
    context.route(SENDING, lambda route: route.fulfill(status=500, body="panne"))
    context.set_offline(False)
    phone.goto("/a-envoyer/")
    phone.get_by_role("button", name="Envoyer maintenant").click()
    expect(phone.get_by_text("Le serveur ne répond pas")).to_be_visible()
    for _ in range(4):
        log(phone)
    assert waiting(phone) == 16
    is_whole(0)
    context.unroute(SENDING)
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    context.route(SENDING, lose, times=1)
    phone.goto("/a-envoyer/")
    for _ in range(400):
        if lost:
            break
        phone.wait_for_timeout(50)
    assert lost == [200]
    is_whole(16)
    # Told again, they are known; the phone lets go of them.
    phone.reload()
    nothing_waits(phone)
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()
    is_whole(16)
    # Thirty more without network, the form's own way of storing them at once.
    context.set_offline(True)
    log(phone)
    phone.evaluate(
        f"""async () => {{
            const store = await {STORE};
            const [model] = await store.list();
            for (let n = 0; n < 29; n += 1) {{
                const uid = crypto.randomUUID();
                const fields = model.fields.map(([k, v]) => [k, k === 'uid' ? uid : v]);
                await store.add({{ ...model, uid, fields }});
            }}
        }}"""
    )
    assert waiting(phone) == 30
    # The session expires; two tabs wake up at once when the network is back.
    Session.objects.all().delete()
    second = another_tab(phone, "/a-envoyer/")
    context.set_offline(False)
    second.goto("/a-envoyer/")
    expect(second).to_have_url(re.compile("/connexion/"))
    expect(second.get_by_text("30 saisies attendent sur ce téléphone, à l’abri")).to_be_visible()
    is_whole(16)
    sign_in(second, world, "mediateur")
    phone.goto("/aujourdhui/")
    second.goto("/a-envoyer/")
    nothing_waits(phone)
    nothing_waits(second)
    is_whole(46)
    # A double tap is one entry.
    for _ in range(4):
        phone.goto("/activites/nouvelle/")
        phone.get_by_label("Conflits", exact=True).check()
        phone.get_by_role("button", name="Enregistrer").dblclick()
        phone.wait_for_url("**/aujourdhui/")
    is_whole(50)
    assert Activity.objects.filter(internal_note__startswith="Hors ligne").count() == 12


def test_two_tabs_sending_at_once_send_once(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    for _ in range(3):
        log(phone)
    other = another_tab(phone)
    phone.context.set_offline(False)
    for page in (phone, other):
        page.evaluate("void import('/static/js/offline/sending.js').then(({ send }) => send())")
    nothing_waits(phone)
    nothing_waits(other)
    is_whole(3)


def test_an_expired_session_keeps_the_entry_and_sends_it_after_sign_in(phone, world) -> None:
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Concertation", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_text("Ajouter un détail").click()
    phone.get_by_label("Note interne").fill("Une note longue à retaper.")
    Session.objects.all().delete()
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("1 saisie attend sur ce téléphone, à l’abri")).to_be_visible()
    phone.get_by_label("Adresse").fill(world.user("mediateur").email)
    phone.get_by_label("Mot de passe").fill("une phrase de passe")
    phone.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()
    is_whole(1)
    assert Activity.objects.get().internal_note == "Une note longue à retaper."


def test_a_refused_entry_is_told_and_corrected_where_it_waits(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Veille", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_label("Autre durée").fill("25h")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("À envoyer", exact=True)).to_be_visible()
    phone.context.set_offline(False)
    phone.goto("/aujourdhui/")
    expect(phone.get_by_text("1 saisie demande votre attention")).to_be_visible()
    phone.get_by_role("link", name="Voir").click()
    expect(phone.get_by_text("Refusé, à corriger")).to_be_visible()
    expect(
        phone.get_by_text("Durée : La durée doit être comprise entre 5 min et 24 h.")
    ).to_be_visible()
    check(phone)
    phone.get_by_role("link", name="Corriger").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    expect(phone.get_by_label("Veille", exact=True)).to_be_checked()
    expect(phone.get_by_label("Autre durée")).to_have_value("25h")
    check(phone)
    phone.get_by_label("Autre durée").fill("25 min")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("Enregistré : Veille, 25 min")).to_be_visible()
    assert waiting(phone) == 0
    is_whole(1)


@pytest.mark.parametrize("choice", ["Remplacer par ma saisie", "Garder la version enregistrée"])
def test_a_conflict_shows_both_versions_and_the_person_chooses(phone, world, choice) -> None:
    context = phone.context
    context.route(SENDING, lambda route: route.abort())
    context.route(SENDING, lambda route: (route.fetch(), route.abort()), times=1)
    log(phone)
    row = Activity.objects.get()
    row.minutes, row.version = 90, 2
    row.save()
    context.unroute(SENDING)
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("Deux versions : choisissez")).to_be_visible()
    expect(phone.get_by_text("1 h 30")).to_be_visible()
    check(phone)
    phone.get_by_role("button", name=choice).click()
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()
    row.refresh_from_db()
    assert row.minutes == (30 if choice.startswith("Remplacer") else 90)
    assert Activity.objects.count() == 1


def test_a_page_opened_while_another_sends_sends_in_its_turn(phone: Page, world: World) -> None:
    """The page just left may hold the turn a moment longer, and send nothing any more."""
    phone.context.set_offline(True)
    log(phone)
    phone.goto("/aujourdhui/")
    other = another_tab(phone)
    other.evaluate(
        """() => new Promise((held) => {
            navigator.locks.request("humanicite", () => {
                held();
                return new Promise((free) => { window.free = free; });
            });
        })"""
    )
    phone.context.set_offline(False)
    phone.goto("/aujourdhui/")
    until(phone, f"{STARTED}.then(() => true)")
    is_whole(0)
    other.evaluate("window.free()")
    nothing_waits(phone)
    is_whole(1)


def test_a_save_at_once_waits_on_the_phone(phone: Page, world: World) -> None:
    """Pressed before the page has read the phone's own store, with no network."""
    phone.context.set_offline(True)
    phone.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            document.querySelector("[data-activity-form] .save button")?.click();
        });"""
    )
    phone.goto(f"/activites/nouvelle/?type=VEIL&lieu={world.places['hall-b'].pk}&duree=15")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
    assert waiting(phone) == 1


def test_a_sign_out_at_once_still_says_what_waits(phone: Page, world: World) -> None:
    """Pressed before the page has read the phone's own store."""
    phone.context.set_offline(True)
    log(phone)
    phone.context.route(SENDING, lambda route: route.abort())
    phone.context.set_offline(False)
    phone.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
            document.querySelector("[data-sign-out]")?.requestSubmit();
        });"""
    )
    phone.goto("/aujourdhui/")
    phone.locator(".account summary").click()
    expect(phone.get_by_text("Verrouillées, elles restent sur ce téléphone")).to_be_visible()


def test_a_draft_outlives_a_killed_tab_and_another_entry(phone: Page, world: World) -> None:
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Conflits", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_text("Ajouter un détail").click()
    phone.get_by_label("Note interne").fill("Commencée dans l’ascenseur.")
    until(
        phone,
        f"""{STORE}.then((store) => store.drafts()).then((all) =>
            all.some((d) => d.fields.some(([, v]) => v.startsWith('Commencée'))))""",
    )
    phone.close()
    phone = another_tab(phone)
    log(phone)  # something else comes first
    is_whole(1)
    expect(phone.get_by_role("heading", name="Brouillons")).to_be_visible()
    check(phone)
    phone.get_by_role("link", name="Reprendre").click()
    expect(phone.get_by_label("Conflits", exact=True)).to_be_checked()
    expect(phone.get_by_label("Note interne")).to_have_value("Commencée dans l’ascenseur.")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("Enregistré : Conflits")).to_be_visible()
    assert phone.evaluate(f"{STORE}.then((store) => store.drafts()).then((all) => all.length)") == 0
    is_whole(2)


def test_one_entry_that_the_server_cannot_take_holds_up_no_other(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    for _ in range(3):
        log(phone)
    poison = phone.evaluate(f"{STORE}.then((store) => store.list()).then((all) => all[0].uid)")
    phone.context.route(
        SENDING,
        lambda route: (
            route.fulfill(status=500, body="panne")
            if poison in (route.request.post_data or "")
            else route.continue_()
        ),
    )
    phone.context.set_offline(False)
    phone.goto("/a-envoyer/")
    until(phone, f"{STARTED}.then(() => {HOW_MANY}).then((many) => many === 1)")
    is_whole(2)
    phone.context.unroute(SENDING)
    phone.get_by_role("button", name="Envoyer maintenant").click()
    nothing_waits(phone)
    is_whole(3)


def test_a_refused_photo_stays_until_it_was_seen(phone, world, tmp_path) -> None:
    from PIL import Image

    picture = tmp_path / "photo.jpg"
    Image.new("RGB", (300, 200), "#357").save(picture)
    answers = iter(["later", "refused"])

    def answer(route: Route) -> None:
        state = next(answers, None)
        if state is None:
            route.continue_()
        else:
            route.fulfill(json={"state": state, "message": "Cette photo est refusée."})

    phone.context.route(re.compile("/photos/envoi/$"), answer)
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Veille", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_text("Ajouter un détail").click()
    phone.get_by_label("Photos").set_input_files(picture)
    expect(phone.get_by_role("img", name="Photo 1 sur 1, à envoyer")).to_be_visible()
    phone.get_by_role("button", name="Enregistrer").click()
    phone.wait_for_url("**/aujourdhui/")
    is_whole(1)
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("Enregistrée, une photo a été refusée")).to_be_visible()
    expect(phone.get_by_text("Cette photo est refusée.")).to_be_visible()
    check(phone)
    phone.get_by_role("button", name="Retirer la photo").click()
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()


def test_what_was_deleted_does_not_come_back_by_itself(phone: Page, world: World) -> None:
    phone.context.route(SENDING, lambda route: route.abort())
    phone.context.route(SENDING, lambda route: (route.fetch(), route.abort()), times=1)
    log(phone)
    Activity.objects.get().delete()
    phone.context.unroute(SENDING)
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("Cette activité a été supprimée entre-temps.")).to_be_visible()
    assert not Activity.objects.exists()
    phone.get_by_role("button", name="Enregistrer de nouveau").click()
    expect(phone.get_by_text("Tout est enregistré")).to_be_visible()
    assert Activity.objects.count() == 1


def test_photos_wait_with_their_entry(phone: Page, world: World, tmp_path: Path) -> None:
    from PIL import Image

    picture, fake = tmp_path / "photo.jpg", tmp_path / "faux.jpg"
    Image.new("RGB", (3000, 2000), "#357").save(picture)
    fake.write_bytes(b"rien d'une image")
    phone.context.set_offline(True)
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Veille", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_text("Ajouter un détail").click()
    phone.get_by_label("Photos").set_input_files(fake)
    expect(phone.get_by_text("n’est pas une image lisible")).to_be_visible()
    phone.get_by_label("Photos").set_input_files([picture, picture])
    expect(phone.get_by_role("img", name="Photo 2 sur 2, à envoyer")).to_be_visible()
    phone.get_by_role("button", name="Retirer la photo 2").click()
    check(phone)
    phone.get_by_role("button", name="Enregistrer").click()
    phone.wait_for_url("**/aujourdhui/")
    phone.context.set_offline(False)
    nothing_waits(phone)
    photo = Photo.objects.get()
    assert (photo.width, photo.height) == (1600, 1067)
    assert photo.activity.type == "VEIL"
    is_whole(1)


def test_an_update_of_the_application_strands_nothing(
    phone: Page, world: World, monkeypatch: Any
) -> None:
    from mediation.offline import views

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("no database")

    phone.context.set_offline(True)
    log(phone)
    received = views.batch.receive
    monkeypatch.setattr(views.batch, "receive", broken)
    phone.context.set_offline(False)
    script = views._service_worker()
    newer = re.sub(r'VERSION = "\w+"', 'VERSION = "nouvelle"', script)
    monkeypatch.setattr(views, "_service_worker", lambda: newer)
    phone.goto("/aujourdhui/")
    # The new one takes over, whole; a browser asks for it on each page, here again and again.
    until(
        phone,
        """async () => {
            const one = await navigator.serviceWorker.getRegistration();
            const names = await caches.keys();
            if (!names.includes('files-nouvelle')) await one.update().catch(() => null);
            return names.includes('files-nouvelle') && !one.installing && !one.waiting
                && one.active.state === 'activated';
        }""",
    )
    phone.goto("/activites/nouvelle/")
    # Each page that opens asks for it; here one asks again and again.
    until(
        phone,
        """async () => {
            (await navigator.serviceWorker.ready).active.postMessage('pages');
            const names = await caches.keys();
            return names.length > 0 && names.every((name) => name.endsWith('-nouvelle'));
        }""",
    )
    assert waiting(phone) == 1
    phone.context.set_offline(True)
    log(phone)
    monkeypatch.setattr(views.batch, "receive", received)
    phone.context.set_offline(False)
    nothing_waits(phone)
    is_whole(2)


def test_what_waited_too_long_is_said(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    log(phone)
    phone.clock.install()
    phone.clock.fast_forward("49:00:00")
    phone.goto("/aujourdhui/")
    expect(phone.get_by_text("Ouvrez l’application là où il y a du réseau")).to_be_visible()


def test_the_application_can_be_installed(visit: Callable[..., Page], world: World) -> None:
    page = visit("mediateur", LAPTOP)
    keep(page)
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then((r) => r.json())"
    )
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        size = page.evaluate(
            """(src) => fetch(src).then((r) => r.blob()).then(createImageBitmap)
                .then((image) => `${image.width}x${image.height}`)""",
            icon["src"],
        )
        assert size == icon["sizes"]
    assert page.evaluate("navigator.serviceWorker.ready.then((r) => r.scope)").endswith("/")


def test_what_another_sending_took_is_told_all_the_same(phone: Page, world: World) -> None:
    """One that began on its own may take the entry before the page that saves it sends it."""
    phone.goto("/activites/nouvelle/")
    until(phone, f"{STARTED}.then(() => true)")  # its own sending is over
    phone.evaluate(
        """async () => {
            const { send } = await import('/static/js/offline/sending.js');
            document.addEventListener('queue:changed', () => send({ wait: true }), { once: true });
        }"""
    )
    phone.get_by_label("Veille", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_label("30 min", exact=True).check()
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("Enregistré : Veille")).to_be_visible()
    is_whole(1)
