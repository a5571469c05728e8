"""A phone that refuses to keep what is typed."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from mediation.models import Activity

from ...world import World
from ..conftest import check
from ..refusals import CLOSED, FULL
from .phone import STARTED, is_whole, log, nothing_waits, until, waiting


def fill_in(page: Page, note: str) -> None:
    page.goto("/activites/nouvelle/")
    page.get_by_label("Veille", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_label("30 min", exact=True).check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Note interne").fill(note)


def save(page: Page) -> None:
    page.get_by_role("button", name="Enregistrer").click()


NOTHING_SAVED = (
    "Rien n’est encore enregistré. Ce que vous avez saisi est toujours ici, mot pour mot."
)


@pytest.mark.parametrize(
    ("refusal", "why"), [(FULL, "n’a plus de place"), (CLOSED, "ne peut rien garder en ce moment")]
)
def test_what_the_phone_refuses_without_network_stays_and_may_be_taken_away(
    phone: Page, world: World, refusal: str, why: str
) -> None:
    phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone.context.set_offline(True)
    fill_in(phone, "Une note longue,\nà ne pas retaper.")
    until(phone, f"{STARTED}.then(() => true)")
    phone.evaluate(refusal)
    save(phone)
    alert = phone.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text(NOTHING_SAVED)
    expect(alert).to_contain_text(why)
    expect(phone.get_by_label("Note interne")).to_have_value("Une note longue,\nà ne pas retaper.")
    expect(phone.get_by_label("Veille", exact=True)).to_be_checked()
    check(phone)
    with phone.expect_download() as taken:
        alert.get_by_role("link", name="Télécharger ma saisie").click()
    text = taken.value.path().read_text()
    assert re.fullmatch(r"saisie-\d{4}-\d\d-\d\d\.txt", taken.value.suggested_filename)
    for words in (
        "Veille",
        "Lieu hall-a essai",
        "30\u00a0min",
        "Une note longue,\nà ne pas retaper.",
    ):
        assert words in text
    alert.get_by_role("button", name="Copier ma saisie").click()
    expect(alert.get_by_text("Copié")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == text
    # There is room again: the same press keeps it, once.
    phone.evaluate("window.lift()")
    save(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
    phone.context.set_offline(False)
    phone.goto("/a-envoyer/")
    nothing_waits(phone)
    is_whole(1)
    assert Activity.objects.get().internal_note.splitlines()[0] == "Une note longue,"


@pytest.mark.parametrize("refusal", [FULL, CLOSED], ids=["full", "closed"])
def test_what_the_phone_refuses_goes_to_the_server_that_answers(phone, world, refusal) -> None:
    fill_in(phone, "Sans passer par le téléphone.")
    until(phone, f"{STARTED}.then(() => true)")
    phone.evaluate(refusal)
    save(phone)
    expect(phone.get_by_text("Enregistré : Veille")).to_be_visible()
    is_whole(1)
    assert Activity.objects.get().internal_note == "Sans passer par le téléphone."


def test_a_store_that_never_opens_loses_no_word_and_never_says_all_is_saved(phone, world) -> None:
    phone.context.set_offline(True)
    phone.add_init_script(CLOSED)
    fill_in(phone, "Une note.")
    save(phone)
    expect(phone.get_by_text(NOTHING_SAVED)).to_be_visible()
    expect(phone.get_by_label("Note interne")).to_have_value("Une note.")
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("s’ouvre après connexion")).to_be_visible()
    expect(phone.get_by_text("Tout est enregistré")).to_have_count(0)


def test_a_list_that_cannot_be_read_is_not_an_empty_one(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    log(phone)
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("1 saisie attend")).to_be_visible()
    phone.evaluate(CLOSED)
    phone.evaluate("document.dispatchEvent(new CustomEvent('queue:changed'))")
    expect(phone.get_by_text("n’arrive pas à ouvrir ce qu’il garde")).to_be_visible()
    expect(phone.get_by_text("Tout est enregistré")).to_have_count(0)
    phone.reload()
    expect(phone.get_by_text("1 saisie attend")).to_be_visible()


def test_a_form_saved_before_the_scripts_come_is_saved(visit, world: World) -> None:
    page = visit("mediateur", service_workers="block")
    held: list[Route] = []
    page.route("**/static/js/**", lambda route: held.append(route))
    page.goto("/activites/nouvelle/", wait_until="commit")
    page.get_by_label("Veille", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_label("30 min", exact=True).check()
    page.get_by_role("button", name="Enregistrer").click(no_wait_after=True)
    page.wait_for_url("**/aujourdhui/", wait_until="commit")
    assert held
    expect(page.get_by_text("Enregistré : Veille")).to_be_visible()
    for route in held:
        route.abort()
    is_whole(1)


def test_an_online_form_in_error_is_not_queued_as_well(phone: Page, world: World) -> None:
    phone.goto("/activites/nouvelle/")
    phone.get_by_label("Veille", exact=True).check()
    phone.get_by_label("Lieu hall-a essai").check()
    phone.get_by_label("Autre durée").fill("une heure")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_role("alert")).to_contain_text("n’est pas une durée")
    assert waiting(phone) == 0
    phone.goto("/aujourdhui/")
    expect(phone.get_by_text("demande votre attention")).to_have_count(0)
    # It is still there, as what it is: something begun.
    phone.get_by_role("link", name="Reprendre").click()
    expect(phone.get_by_label("Autre durée")).to_have_value("une heure")
    phone.get_by_label("Autre durée").fill("50")
    phone.get_by_role("button", name="Enregistrer").click()
    expect(phone.get_by_text("Enregistré\u00a0: Veille, 50 min")).to_be_visible()
    is_whole(1)
