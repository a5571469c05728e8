"""Reviewing texts on a phone, each decision in one press; and photos from the same phone."""

import io
from typing import Any

from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from mediation.activities import actions
from mediation.models import Activity, Photo, Review

from ..world import World
from .chromium import PHONE
from .conftest import check


def pending(world: World, note: str, summary: str = "") -> Activity:
    activity = Activity(
        programme=world.programme, type="CONF", minutes=30, place=world.places["hall-a"],
        day=timezone.localdate(), internal_note=note, summary=summary,
    )  # fmt: skip
    return actions.log_activity(activity=activity, head_counts={}, by=world.reader("mediateur"))


def test_three_decisions_in_three_presses(visit: Any, world: World) -> None:
    reworded = pending(world, "Vu Mme Durand, appt 12.", "Échange avec Mme Durand.")
    accepted = pending(world, "Vu Mme Rose, gardienne.")
    cleared = pending(world, "Le 06 12 34 56 78 ne répond pas.")
    page = visit("coordination", PHONE)
    page.goto("/activites/a-relire/")
    check(page)
    first = page.locator(f"#relire-{reworded.pk}")
    expect(first.locator("mark").first).to_have_text("Mme Durand")
    expect(first.get_by_label("Résumé partageable")).to_have_value("Échange avec un habitant.")
    first.get_by_role("button", name="Enregistrer la reformulation").click()
    expect(page.get_by_text("reformulé")).to_be_visible()
    page.locator(f"#relire-{accepted.pk}").get_by_role("button", name="Accepter").click()
    expect(page.get_by_text("accepté tel quel")).to_be_visible()
    page.locator(f"#relire-{cleared.pk}").get_by_role("button", name="Effacer").click()
    expect(page.get_by_text("Rien à relire")).to_be_visible()
    check(page)
    for activity in (reworded, accepted, cleared):
        activity.refresh_from_db()
    assert reworded.summary == "Échange avec un habitant."
    assert accepted.review == Review.ACCEPTED
    assert cleared.internal_note == ""


def test_a_text_that_is_too_long_is_told_beside_it(visit: Any, world: World) -> None:
    activity = pending(world, "Vu Mme Durand.", "Échange avec Mme Durand.")
    page = visit("coordination", PHONE)
    page.goto("/activites/a-relire/")
    text = page.get_by_label("Résumé partageable")
    text.evaluate("field => field.removeAttribute('maxlength')")
    text.fill("x" * 1001)
    page.get_by_role("button", name="Enregistrer la reformulation").click()
    expect(page.get_by_role("alert")).to_contain_text("1000")
    check(page)
    assert page.locator(f"#relire-{activity.pk} textarea").nth(1).input_value() == "x" * 1001


def picture() -> dict[str, Any]:
    content = io.BytesIO()
    Image.new("RGB", (2400, 1800), "seagreen").save(content, "JPEG")
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def test_photos_are_added_shared_and_removed(visit: Any, world: World) -> None:
    activity = world.activity("hall-a", day=timezone.localdate())
    page = visit("mediateur", PHONE)
    page.goto(f"/activites/{activity.pk}/")
    wrong = {"name": "liste.txt", "mimeType": "text/plain", "buffer": b"non"}
    page.get_by_label("Ajouter des photos").set_input_files([picture(), wrong])
    page.get_by_role("button", name="Ajouter", exact=True).click()
    expect(page.get_by_text("Photo ajoutée.")).to_be_visible()
    expect(page.get_by_text("n’est pas une photo lisible")).to_be_visible()
    shown = page.get_by_role("img", name="Photo 1 sur 1")
    shown.scroll_into_view_if_needed()
    expect(shown).to_have_js_property("naturalWidth", 480)
    check(page)
    partner = visit("town-a", PHONE)
    partner.goto(f"/activites/{activity.pk}/")
    expect(partner.get_by_role("img", name="Photo 1")).to_have_count(0)
    page.get_by_role("button", name="Partager la photo 1").click()
    expect(page.get_by_text("Photo partagée")).to_be_visible()
    partner.reload()
    expect(partner.get_by_role("img", name="Photo 1 sur 1")).to_be_visible()
    check(partner)
    page.get_by_role("link", name="Supprimer la photo 1").click()
    check(page)
    page.get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Photo supprimée.")).to_be_visible()
    assert not Photo.objects.exists()
