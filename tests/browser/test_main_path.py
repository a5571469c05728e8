"""The main path as its three people walk it, on a phone and on a laptop."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from mediation.models import Activity
from reporting.periods import Period

from ..world import World
from .chromium import LAPTOP, PHONE

LAST_MONTH = Period.holding("mois", timezone.localdate()).previous


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_mediateur_logs_reads_corrects_and_deletes(visit, world: World, size) -> None:
    page = visit("mediateur", size)
    expect(page.get_by_text("Rien de saisi. Touchez un modèle")).to_be_visible()
    page.get_by_role("link", name="Saisir une activité").click()
    page.get_by_label("Conflits", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_label("1 h 30", exact=True).check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Note interne").fill("Écoute des deux voisins.")
    page.get_by_label("Public", exact=True).first.select_option(label="Habitants essai")
    page.get_by_role("button", name="Une personne de plus").first.click()
    page.get_by_role("button", name="Une personne de plus").first.click()
    page.get_by_label("Éclairage essai").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Conflits, 1 h 30")).to_be_visible()
    saved = Activity.objects.get()
    assert (saved.type, saved.minutes, saved.theme) == ("CONF", 90, world.themes[0])
    assert saved.head_counts.get().count == 2
    page.locator("a.entry__link", has_text="Conflits").click()
    page.get_by_role("link", name="Modifier").click()
    page.get_by_label("Autre durée").fill("1,25 h")
    expect(page.get_by_text("= 1 h 15")).to_be_visible()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Modifié : Conflits, 1 h 15")).to_be_visible()
    expect(page.locator("del", has_text="1 h 30")).to_be_visible()
    page.get_by_role("link", name="Supprimer").click()
    page.get_by_role("main").get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Supprimé : Conflits")).to_be_visible()
    assert not Activity.objects.exists()


def test_a_routine_entry_takes_three_touches_and_no_key(visit, world: World) -> None:
    for _ in range(3):
        world.activity("hall-b", type="VEIL", minutes=45)
    page = visit("mediateur")
    page.get_by_role("navigation", name="Navigation mobile").get_by_text("Saisir").click()
    shown = page.locator("form[data-activity-form]").locator(
        "input:visible, select:visible, textarea:visible, summary:visible, button:visible"
    )
    assert shown.count() <= 25
    page.get_by_label("Veille", exact=True).check()
    expect(page.get_by_label("45 min")).to_be_checked()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Veille, 45 min")).to_be_visible()
    assert Activity.objects.filter(place=world.places["hall-b"], type="VEIL").count() == 4


def test_without_javascript_everything_works(visit, world: World) -> None:
    page = visit("mediateur", java_script_enabled=False)
    page.goto("/activites/nouvelle/")
    page.get_by_label("Information", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_label("1 h", exact=True).check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Public", exact=True).nth(2).select_option(label="Étudiants essai")
    page.get_by_label("Personnes").nth(2).fill("5")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Information, 1 h")).to_be_visible()
    assert Activity.objects.get().head_counts.get().count == 5
    page.goto("/activites/?type=INFO")
    expect(page.locator("#total")).to_have_text("1 activité · 1 h · 1 jour")


def test_by_keyboard_alone(visit, world: World) -> None:
    world.activity("hall-a")
    page = visit("mediateur", LAPTOP)
    page.goto("/activites/nouvelle/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the modèles, folded
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Conflits")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enregistré : Conflits, 30 min")).to_be_visible()


def test_a_fault_takes_the_focus_and_leads_to_its_field(visit, world: World) -> None:
    page = visit("mediateur")
    page.goto("/activites/nouvelle/")
    page.get_by_label("Autre durée").fill("25h")
    page.get_by_role("button", name="Enregistrer").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="La durée doit être comprise").click()
    expect(page.get_by_label("Autre durée")).to_have_value("25h")
    summary.get_by_role("link", name="Choisissez le type").click()
    assert page.evaluate("document.activeElement.name") == "type"


def test_an_expired_session_gives_back_what_was_typed(visit, world: World) -> None:
    """The form as a form; with a script it waits on the phone (test_offline)."""
    page = visit("mediateur", java_script_enabled=False)
    page.goto("/activites/nouvelle/")
    page.get_by_label("Concertation", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Note interne").fill("Une note longue à retaper.")
    cookies = [c for c in page.context.cookies() if c["name"] != "sessionid"]
    page.context.clear_cookies()
    page.context.add_cookies(cookies)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Ce que vous aviez saisi est conservé")).to_be_visible()
    page.get_by_label("Adresse").fill(world.user("mediateur").email)
    page.get_by_label("Mot de passe").fill("une phrase de passe")
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    expect(page.get_by_label("Note interne")).to_have_value("Une note longue à retaper.")
    expect(page.get_by_label("Concertation")).to_be_checked()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Concertation")).to_be_visible()
    assert Activity.objects.get().internal_note == "Une note longue à retaper."


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_partner_reads_its_perimeter_and_opens_rows(visit, world: World, size) -> None:
    for place in world.places:
        world.activity(place, day=LAST_MONTH.first + timedelta(days=4), theme=world.themes[0])
    page = visit("town-a", size)
    expect(page.get_by_role("heading", name=LAST_MONTH.label.capitalize(), level=1)).to_be_visible()
    expect(page.get_by_text("Vous voyez : Périmètre town-a essai")).to_be_visible()
    page.get_by_role("heading", name="Thématiques et lieux").click()
    page.get_by_role("link", name="Éclairage essai").click()
    expect(page.locator("#total")).to_have_text("4 activités · 2 h · 1 jour")
    page.get_by_role("link", name="Présence de proximité").first.click()
    expect(page.get_by_text("Résumé partageable")).to_have_count(0)
    expect(page.get_by_text("Note interne")).to_have_count(0)
    page.goto("/tableau-de-bord/")
    page.get_by_role("link", name="Année", exact=True).click()
    expect(page.get_by_role("link", name="Année", exact=True)).to_have_attribute(
        "aria-current", "true"
    )


def test_the_coordination_has_the_pdf_in_one_click(visit, world: World) -> None:
    world.activity("hall-a", day=LAST_MONTH.first + timedelta(days=4))
    page = visit("coordination", LAPTOP)
    expect(page.get_by_role("heading", name="Pilotage")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF de Périmètre town-a").click()
    content = download.value.path().read_bytes()
    assert download.value.suggested_filename == f"synthese-town-a-{LAST_MONTH.slug}.pdf"
    text = pypdf.PdfReader(io.BytesIO(content)).pages[0].extract_text()
    assert LAST_MONTH.label.capitalize() in text


def test_an_invited_stakeholder_has_a_page(visit, world: World) -> None:
    page = visit("invite")
    expect(page.get_by_role("heading", name="Bonjour")).to_be_visible()


def test_signing_out_closes_the_door_behind(visit, world: World) -> None:
    page = visit("mediateur", LAPTOP)
    page.goto("/activites/")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion/**")
    page.go_back()
    expect(page.get_by_role("heading", name="Se connecter")).to_be_visible()
