"""A whole import by hand on a laptop: matching, faults, a corrected file, done; axe at each step."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from mediation.models import Activity, ActivityImport

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

HEADERS = "Date;Type d’activité;Lieu;Durée;Observations;Météo"


def write(path: Path, rows: int, *, wrong: bool) -> Path:
    today = timezone.localdate()
    lines = [HEADERS]
    for n in range(rows):
        day = today - timedelta(days=n % 60)
        minutes = "zéro" if wrong and n in (4, 2550) else "45"
        lines.append(f"{day:%d/%m/%Y};Tournée du soir;hall-{'ab'[n % 2]};{minutes};Note {n};pluie")
    path.write_text("\n".join(lines))
    return path


def choose(page: Page, path: Path) -> None:
    page.goto("/activites/importer/")
    page.get_by_label("Fichier").set_input_files(path)
    page.get_by_label("Médiateur").select_option(label="Fonction mediateur essai")
    page.get_by_role("button", name="Lire le fichier").click()


def test_a_whole_import_on_a_laptop(visit: Any, world: World, tmp_path: Path) -> None:
    rows = 2600  # two pieces: the script goes on by itself
    page = visit("coordination", LAPTOP)
    page.goto("/pilotage/")
    page.get_by_text("Dernières activités").click()
    page.get_by_role("link", name="Importer un fichier").click()
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez un fichier")
    check(page)
    choose(page, write(tmp_path / "suivi.csv", rows, wrong=True))
    expect(page.get_by_role("heading", name="Quelle colonne est quoi")).to_be_visible()
    expect(page.get_by_label("Observations")).to_have_value("internal_note")
    expect(page.get_by_label("Météo")).to_have_value("-")
    check(page)
    page.get_by_label("Météo").select_option("day")
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce champ est déjà la colonne")
    check(page)
    page.get_by_label("Météo").select_option("-")
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_role("heading", name="Valeurs à associer")).to_be_visible()
    expect(page.get_by_role("cell", name="zéro")).to_have_count(2)
    check(page)
    page.get_by_label("« Tournée du soir »").select_option(
        label="Assurer une présence active de proximité"
    )
    page.get_by_role("button", name="Associer et vérifier de nouveau").click()
    expect(page.get_by_role("heading", name="2\u00a0lignes à corriger")).to_be_visible()
    expect(page.get_by_role("cell", name="2552")).to_be_visible()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    assert download.value.path().read_text("utf-8-sig").splitlines()[1].startswith("6;Durée;zéro;")
    assert not Activity.objects.exists()
    # The corrected file has the same headers: nothing is asked again.
    page.get_by_role("link", name="Déposer le fichier corrigé").click()
    choose(page, write(tmp_path / "suivi.csv", rows, wrong=False))
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_role("heading", name="Tout est prêt")).to_be_visible(timeout=60_000)
    check(page)
    page.get_by_role("button", name="Importer 2\u00a0600\u00a0activités").click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible(timeout=90_000)
    check(page)
    assert Activity.objects.count() == rows
    choose(page, write(tmp_path / "suivi.csv", rows, wrong=False))
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_text("Tout est déjà là")).to_be_visible(timeout=60_000)
    check(page)
    page.get_by_role("button", name="Abandonner").click()
    expect(page.get_by_text("est abandonné")).to_be_visible()


def test_the_network_fails_in_the_middle_of_checking(visit: Any, world: World, tmp_path) -> None:
    """The button comes back, and the check goes on where it was."""
    page = visit("coordination", PHONE)
    choose(page, write(tmp_path / "suivi.csv", 2600, wrong=False))
    page.route("**/verifier/", lambda route: route.abort())
    page.get_by_role("button", name="Vérifier le fichier").click()
    again = page.get_by_role("button", name="Continuer la vérification")
    expect(again).to_be_visible()
    check(page)
    page.unroute("**/verifier/")
    again.click()
    expect(page.get_by_role("heading", name="Valeurs à associer")).to_be_visible(timeout=60_000)
    check(page)
    assert ActivityImport.objects.get().bad_rows == 2600


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_what_a_file_leaves_open_is_asked(
    visit: Any, world: World, tmp_path: Path, size: Any
) -> None:
    """A workbook with titles, a hidden row, a hidden sheet, clock-like decimals and a column that
    nothing reads."""
    day = timezone.localdate() - timedelta(days=3)
    book = Workbook()
    page_of = book.active
    page_of.title = "Suivi"
    page_of.append(["Relevé du médiateur", None, None, None, "Année 2026"])
    page_of.append(["Date", "Type", "Lieu", "Durée", "Médiateur", "Météo", "Note interne"])
    for number, (lasts, weather) in enumerate(((0.3, "pluie"), (0.45, "soleil"), (1.3, "vent"))):
        page_of.append([day, "PAP", "hall-a", lasts, "Médiateur A", weather, f"DurÃ©e {number}"])
    page_of.row_dimensions[4].hidden = True
    book.create_sheet("Listes").sheet_state = "hidden"
    path = tmp_path / "suivi.xlsx"
    book.save(path)
    page = visit("coordination", size)
    choose(page, path)
    expect(page.get_by_role("heading", name="Quelle colonne est quoi")).to_be_visible()
    expect(page.get_by_text("1\u00a0ligne masquée ou filtrée")).to_be_visible()
    expect(page.get_by_text("Les accents avaient été encodés deux fois")).to_be_visible()
    expect(page.get_by_label("Feuille lue")).to_be_hidden()
    check(page)
    page.get_by_text("Comment le fichier est lu").click()
    expect(page.get_by_label("Ligne des en-têtes")).to_have_value("2")
    expect(page.get_by_label("Feuille lue")).to_contain_text("Listes (masquée)")
    check(page)
    page.get_by_role("button", name="Vérifier le fichier").click()
    expect(page.get_by_role("alert")).to_contain_text("choisissez")
    check(page)
    page.get_by_label("comme à l’horloge").check()
    page.get_by_role("button", name="Vérifier le fichier").click()
    page.get_by_label("« Médiateur A »").select_option(label="Fonction mediateur essai")
    page.get_by_role("button", name="Associer et vérifier de nouveau").click()
    expect(page.get_by_role("heading", name="Tout est prêt")).to_be_visible()
    expect(page.get_by_text("Météo (3\u00a0valeurs)")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Importer 3\u00a0activités").click()
    expect(page.get_by_role("heading", name="Import terminé")).to_be_visible()
    assert [*Activity.objects.order_by("minutes").values_list("minutes", flat=True)] == [30, 45, 90]
