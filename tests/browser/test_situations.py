"""A situation from a tap on an activity to its end, and every way back, on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mediation.models import Activity, AgendaLine, Situation

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_from_an_activity_to_the_end_and_back(visit, world: World, size) -> None:
    today = timezone.localdate()
    row = world.activity("hall-a", type="CONF", day=today, internal_note="Premier échange")
    page: Page = visit("mediateur", size)
    page.goto(f"/activites/{row.pk}/")
    page.get_by_role("link", name="Ouvrir une situation").click()
    expect(page.get_by_label("Lieu")).to_have_value(str(world.places["hall-a"].pk))
    page.get_by_label("Intitulé").fill("Tapage dans un hall")
    page.get_by_label("Prochaine étape").fill("Rencontrer les deux foyers")
    page.get_by_label("Partie 1", exact=True).select_option(label="Partie owners essai")
    page.get_by_label("Ce qui est attendu d’elle (partie 1)").fill("Relayer au syndic")
    page.get_by_role("button", name="Ouvrir la situation").click()
    expect(page.get_by_text("Situation ouverte : Tapage dans un hall.")).to_be_visible()
    expect(page.get_by_role("heading", name="Tapage dans un hall")).to_be_visible()
    expect(page.get_by_text("Premier échange")).to_be_visible()
    check(page)

    page.get_by_role("link", name="Inscrire à l’ordre du jour").click()
    page.get_by_label("Comité de suivi essai").check()
    page.get_by_label("Séance du").fill((today + timedelta(days=6)).isoformat())
    page.get_by_label("Ce que l’instance lira").fill("Le cas de Mme Durand")
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("un nom (Mme Durand)")
    check(page)
    page.get_by_label("Ce que l’instance lira").fill("Un tapage qui dure")
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_text("Ce que lisent owners, town-a, et rien d’autre.")).to_be_visible()

    page.get_by_role("link", name="Clore").click()
    expect(page.get_by_text("Elle reste à l’ordre du jour")).to_be_visible()
    page.get_by_label("Amélioré").check()
    page.get_by_label("Bilan de clôture").fill("Un accord tient.")
    page.get_by_role("button", name="Clore la situation").click()
    expect(page.get_by_role("heading", name="Issue : amélioré")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Rouvrir").click()
    expect(page.get_by_text("Rouverte : Tapage dans un hall.")).to_be_visible()

    # The way back: to what it was before it was closed, its next step included.
    versions = page.locator("#historique li")
    before = versions.filter(has_text="Ordre du jour")
    before.get_by_role("button", name="Revenir à cet état").click()
    expect(page.get_by_text("Revenu à l’état du")).to_be_visible()
    expect(page.locator(".thread").get_by_text("Rencontrer les deux foyers")).to_be_visible()
    expect(versions.first).to_contain_text("État actuel")
    check(page)
    assert Situation.objects.get().next_step == "Rencontrer les deux foyers"
    page.get_by_role("button", name="Retirer").click()
    expect(page.get_by_text("Retirée de l’ordre du jour", exact=False).first).to_be_visible()
    assert not AgendaLine.objects.exists()

    page.goto("/situations/")
    expect(page.get_by_role("link", name="Tapage dans un hall")).to_be_visible()
    check(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_deletion_is_undone_in_one_tap(visit, world: World, javascript: bool) -> None:
    row = world.activity("hall-a", day=timezone.localdate(), minutes=45)
    world.counted(row, count=4)
    page: Page = visit("mediateur", java_script_enabled=javascript)
    page.goto(f"/activites/{row.pk}/supprimer/")
    page.get_by_role("main").get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Supprimé : Présence de proximité, 45 min")).to_be_visible()
    if javascript:
        check(page)
    page.reload()
    page.get_by_role("button", name="Annuler la suppression").click()
    expect(page.get_by_text("Rétabli : Présence de proximité, 45 min")).to_be_visible()
    expect(page.get_by_role("link", name="Présence de proximité").first).to_be_visible()
    again = Activity.objects.get()
    assert (again.pk, again.uid, again.head_counts.get().count) == (row.pk, row.uid, 4)


def test_a_correction_is_undone_without_a_script(visit, world: World) -> None:
    row = world.activity("hall-a", minutes=30)
    page: Page = visit("mediateur", java_script_enabled=False)
    page.goto(f"/activites/{row.pk}/modifier/")
    page.get_by_label("1 h 30", exact=True).check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("del", has_text="30 min")).to_be_visible()
    page.get_by_role("button", name="Revenir à cet état").click()
    expect(page.get_by_text("Revenu à l’état du")).to_be_visible()
    row.refresh_from_db()
    assert row.minutes == 30


def test_a_partner_reads_one_line(visit, world: World) -> None:
    row = world.situation(title="Un intitulé du service")
    world.agenda_line(row, day=timezone.localdate() + timedelta(days=3), line="Un tapage qui dure")
    page: Page = visit("town-a")
    bar = page.get_by_role("navigation", name="Navigation mobile")
    bar.get_by_text("Plus").click()
    bar.get_by_text("Situations").click()
    expect(page.get_by_text("Un tapage qui dure")).to_be_visible()
    expect(page.get_by_text("Un intitulé du service")).to_have_count(0)
    check(page)
