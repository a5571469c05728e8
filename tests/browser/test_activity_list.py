"""The list of activities on a phone and on a laptop: narrowed, widened, kept, taken away as a file."""

import io
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


def fill(world: World) -> None:
    today = timezone.localdate()
    for n in range(70):
        world.activity(
            list(world.places)[n % 7], type=("PAP", "CONF")[n % 2], day=today - timedelta(n // 3),
            theme=world.themes[n % 3] if n % 4 else None, outcome=("", "resolu")[n % 2],
            internal_note=f"Échange nº {n} avec des habitants", summary="Rencontre",
        )  # fmt: skip


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_filters_are_set_told_and_removed_in_one_tap(visit, world: World, size) -> None:
    fill(world)
    page = visit("mediateur", size)
    page.goto("/activites/")
    expect(page.get_by_role("heading", name="Aujourd’hui 3 activités")).to_be_visible()
    page.get_by_text("Filtrer", exact=True).click()
    page.get_by_label("Lieu", exact=True).select_option(label="\u2003Lieu cote-a essai")
    page.get_by_label("Type", exact=True).select_option(label="Conflits")
    check(page)
    page.get_by_role("button", name="Appliquer").click()
    narrowed = page.locator("#total").inner_text()
    expect(page.get_by_role("link", name="Lieu : Lieu cote-a essai (retirer)")).to_be_visible()
    check(page)
    page.get_by_role("searchbox").fill("echange HABITANTS")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_have_text(narrowed)
    page.get_by_role("link", name="Lieu : Lieu cote-a essai (retirer)").click()
    expect(page.locator("#total")).to_have_text("35 activités · 18 h · 24 jours")
    page.get_by_role("link", name="Tout effacer").click()
    expect(page.locator("#total")).to_have_text("70 activités · 35 h · 24 jours")
    page.get_by_role("link", name="7 jours").click()
    expect(page.locator("#total")).to_have_text("21 activités · 11 h · 7 jours · 0 contact")


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_filters_are_kept_under_a_name(visit, world: World, size) -> None:
    fill(world)
    page = visit("town-a", size)
    page.goto("/activites/?type=CONF")
    page.get_by_role("link", name="Enregistrer ces filtres").click()
    check(page)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("link", name="Donnez un nom à ce filtre.")).to_be_visible()
    check(page)
    page.get_by_label("Nom du filtre").fill("Les conflits")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Filtre enregistré : Les conflits.")).to_be_visible()
    page.goto("/activites/")
    page.get_by_role("link", name="Les conflits").click()
    expect(page.get_by_role("link", name="Type : Conflits (retirer)")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Gérer").click()
    check(page)
    page.get_by_role("button", name="Supprimer Les conflits").click()
    expect(page.get_by_text("Filtre supprimé : Les conflits.")).to_be_visible()


def test_pages_and_files_without_javascript(visit, world: World) -> None:
    fill(world)
    page = visit("mediateur", java_script_enabled=False)
    page.goto("/activites/?q=rencontre")
    expect(page.locator(".entry")).to_have_count(50)
    page.get_by_role("link", name="Plus anciennes").click()
    expect(page.locator(".entry")).to_have_count(20)
    page.get_by_role("link", name="Plus récentes").click()
    expect(page.locator(".entry")).to_have_count(50)
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.active.max_row == 71
    page.get_by_role("link", name="Refaire : Présence de proximité").first.click()
    assert "/activites/nouvelle/?refaire=" in page.url
