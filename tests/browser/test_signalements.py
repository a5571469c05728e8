"""A signalement from the street to « vérifié », by everybody who has a part in it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.models import Contact
from mediation.models import Signalement

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


def main_button(page: Page, name: str):
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_whole_loop(visit, world: World, size) -> None:
    today = timezone.localdate()
    world.routing_rule("cote-a")
    activity = world.activity("hall-a", day=today, theme=world.themes[0])
    world.photo(activity)
    page: Page = visit("mediateur", size)
    page.goto(f"/activites/{activity.pk}/")
    page.get_by_role("link", name="Créer un signalement").click()
    expect(page.get_by_label("Quoi")).to_have_value("Éclairage essai")
    expect(page.get_by_label("Interlocuteur town-a essai")).to_be_checked()
    page.get_by_label("Quoi").fill("Mme Durand n’a plus de lumière")
    main_button(page, "Vérifier").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("un nom (Mme Durand)")
    check(page)
    page.get_by_label("Quoi").fill("Lampadaire éteint")
    page.get_by_label("Haute").check()
    page.get_by_label("Joindre les photos de l’activité").check()
    main_button(page, "Vérifier").click()
    expect(page.get_by_role("heading", name="Vérifier et envoyer")).to_be_visible()
    expect(page.get_by_text("contact-town-a-essai@example.org")).to_be_visible()
    expect(page.get_by_role("img", name="Photo 1 sur 1")).to_be_visible()
    check(page)
    main_button(page, "Envoyer").click()
    expect(page.get_by_text("envoyé à 1 destinataire.")).to_be_visible()
    check(page)
    signalement = Signalement.objects.get()

    town: Page = visit("town-a", size)
    town.goto("/signalements/")
    expect(town.get_by_text("Votre réponse est attendue")).to_be_visible()
    check(town)
    town.get_by_role("main").get_by_role("link", name="Répondre").click()
    expect(town.get_by_label("Choisir une date")).to_be_hidden()
    town.get_by_label("Je m’en occupe").check()
    expect(town.get_by_label("Pas encore de date")).to_be_checked()
    town.get_by_label("Choisir une date").fill((today - timedelta(days=4)).isoformat())
    main_button(town, "Confirmer").click()
    expect(town.get_by_role("alert")).to_contain_text("Cette date est passée.")
    check(town)
    town.get_by_label("Choisir une date").fill((today + timedelta(days=4)).isoformat())
    main_button(town, "Confirmer").click()
    expect(town.get_by_text("Votre réponse est enregistrée. Merci.")).to_be_visible()
    check(town)
    town.get_by_role("link", name="Changer ma réponse").click()
    town.get_by_label("Résolu").check()
    town.get_by_label("Commentaire").fill("Ampoule changée")
    main_button(town, "Confirmer").click()
    expect(town.get_by_text("Ampoule changée")).to_be_visible()

    page.goto(f"/signalements/{signalement.pk}/")
    expect(page.get_by_text("Déclaré résolu : passez voir.")).to_be_visible()
    check(page)
    main_button(page, "Rouvrir").click()
    expect(
        page.get_by_text("Remis, sans réponse").or_(page.get_by_text("Bien reçu"))
    ).to_be_visible()
    town.goto(f"/signalements/{signalement.pk}/repondre/")
    town.get_by_label("Résolu").check()
    main_button(town, "Confirmer").click()
    expect(town.get_by_text("Votre réponse est enregistrée. Merci.")).to_be_visible()
    page.goto(f"/signalements/{signalement.pk}/")
    main_button(page, "Vérifié sur place").click()
    expect(page.get_by_text("Résolu (vérifié)").first).to_be_visible()
    check(page)
    page.goto("/signalements/?onglet=resolus")
    expect(page.get_by_role("link", name="Lampadaire éteint")).to_be_visible()
    signalement.refresh_from_db()
    assert (signalement.state, signalement.urgency) == ("verifie", "haute")


def test_proposals_follow_the_place_until_somebody_chooses(visit, world: World) -> None:
    world.routing_rule("cote-a")
    world.routing_rule("cote-b", "town-b")
    Contact.objects.create(
        party=world.parties["owners"], function="Syndic", starts="2024-01-01", email=""
    )
    known = world.sent("hall-b", to="town-b")
    page: Page = visit("mediateur")
    page.goto("/signalements/nouveau/")
    a, b = (page.get_by_label(f"Interlocuteur {town} essai") for town in ("town-a", "town-b"))
    page.get_by_label("Où").select_option(str(world.places["hall-a"].pk))
    expect(a).to_be_checked()
    expect(b).not_to_be_checked()
    page.get_by_label("Où").select_option(str(world.places["hall-b"].pk))
    expect(b).to_be_checked()
    expect(a).not_to_be_checked()
    page.get_by_label("Thématique").select_option(str(world.themes[0].pk))
    expect(page.get_by_role("link", name=str(known))).to_be_visible()
    b.uncheck()
    page.get_by_text("Autres interlocuteurs").click()
    expect(page.get_by_text("Syndic : à désigner")).to_be_visible()
    a.check()
    page.get_by_label("Où").select_option(str(world.places["ilot-b"].pk))
    expect(page.get_by_text("Déjà ouvert")).to_have_count(0)
    expect(a).to_be_checked()
    expect(b).not_to_be_checked()
    page.get_by_label("Immédiate").check()
    expect(page.get_by_text("les secours : 112")).to_be_visible()
    check(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_joining_an_open_signalement_instead_of_a_second_one(
    visit, world: World, javascript
) -> None:
    known = world.sent("hall-a")
    page: Page = visit("mediateur", java_script_enabled=javascript)
    page.goto("/signalements/nouveau/")
    page.get_by_label("Quoi").fill("Lampadaire éteint")
    page.get_by_label("Où").select_option(str(world.places["hall-a"].pk))
    page.get_by_label("Thématique").select_option(str(world.themes[0].pk))
    page.get_by_label("Constat (ou une photo)").fill("Deux lampes maintenant")
    main_button(page, "Vérifier").click()
    expect(page.get_by_text("Un signalement est déjà ouvert")).to_be_visible()
    if javascript:
        check(page)
    page.get_by_role("button", name="Joindre à celui-ci").click()
    expect(page.get_by_text(f"Constat ajouté à {known.reference}.")).to_be_visible()
    expect(page.get_by_text("Deux lampes maintenant")).to_be_visible()
    assert Signalement.objects.count() == 1


def test_without_a_script_it_is_written_checked_and_sent(visit, world: World) -> None:
    world.routing_rule("cote-a")
    page: Page = visit("mediateur", java_script_enabled=False)
    page.goto("/signalements/")
    page.get_by_role("link", name="Nouveau signalement").click()
    page.get_by_label("Quoi").fill("Banc cassé")
    page.get_by_label("Où").select_option(str(world.places["hall-a"].pk))
    page.get_by_label("Constat (ou une photo)").fill("Une latte manque.")
    main_button(page, "Vérifier").click()
    expect(page.get_by_text("contact-town-a-essai@example.org")).to_be_visible()
    main_button(page, "Envoyer").click()
    expect(page.get_by_text("envoyé à 1 destinataire.")).to_be_visible()
    main_button(page, "Relancer").or_(
        page.get_by_role("link", name="Conclure ou rouvrir")
    ).first.wait_for()


def test_the_coordination_tries_its_rules(visit, world: World) -> None:
    page: Page = visit("coordination", LAPTOP)
    page.goto("/signalements/")
    page.get_by_role("link", name="Règles d’envoi").click()
    page.get_by_label("Lieu").first.select_option(str(world.places["cote-a"].pk))
    page.get_by_label("Proposer à").select_option(str(world.parties["town-a"].pk))
    main_button(page, "Ajouter").click()
    expect(page.get_by_text("Règle ajoutée")).to_be_visible()
    page.locator("#essai").get_by_label("Lieu").select_option(str(world.places["hall-a"].pk))
    main_button(page, "Voir qui est proposé").click()
    expect(page.locator("#essai")).to_contain_text("Interlocuteur town-a essai")
    check(page)


def test_the_other_pages_of_a_laptop_wait_behind_plus(visit, world: World) -> None:
    page: Page = visit("coordination", LAPTOP)
    page.goto("/signalements/")
    nav = page.get_by_role("navigation", name="Navigation principale")
    nav.get_by_text("Plus").click()
    check(page)
    nav.get_by_role("link", name="Traçabilité").click()
    expect(page.get_by_role("heading", name="Traçabilité")).to_be_visible()


def test_the_number_of_a_signalement_is_one_word(visit, world: World) -> None:
    signalement = world.sent("hall-a")
    page = visit("coordination", {"width": 320, "height": 640})
    for path in ("/signalements/", f"/signalements/{signalement.pk}/"):
        page.goto(path)
        number = page.locator(".nowrap", has_text=signalement.reference).first
        expect(number).to_be_visible()
        assert number.evaluate(
            """(one) => [20, 40, 60].every((width) => {
                one.parentElement.style.width = `${width}px`;
                return one.getClientRects().length === 1;
            })"""
        )
