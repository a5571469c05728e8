"""« Retour » to a form that was saved, and a phone whose clock is wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mediation.models import Activity, Signalement, Situation, TimeEntry

from ..world import World
from .conftest import settle


def note_one(page: Page, minutes: str) -> None:
    page.get_by_label("Veille", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_label(minutes, exact=True).check()


def save(page: Page, name: str = "Enregistrer") -> None:
    page.get_by_role("button", name=name).click()
    settle(page)


def test_back_then_save_is_one_activity_and_what_was_changed_an_edit(visit, world: World) -> None:
    page = visit("mediateur")
    page.goto("/activites/nouvelle/")
    note_one(page, "30 min")
    save(page)
    expect(page.get_by_text("Enregistré : Veille, 30 min")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Cette activité est déjà enregistrée")).to_be_visible()
    note_one(page, "30 min")
    save(page)
    expect(page.get_by_text("Déjà enregistré : Veille, 30 min")).to_be_visible()
    page.go_back()
    note_one(page, "45 min")
    save(page)
    expect(page.get_by_text("Modifié : Veille, 45 min")).to_be_visible()
    assert [row.minutes for row in Activity.objects.all()] == [45]
    assert Activity.history.count() == 2
    # Once more: the edit that was saved is what is edited.
    page.go_back()
    note_one(page, "1 h")
    save(page)
    expect(page.get_by_text("Modifié : Veille, 1 h")).to_be_visible()
    assert [row.minutes for row in Activity.objects.all()] == [60]
    # Another one is another one.
    page.get_by_role("link", name="Saisir une activité").click()
    note_one(page, "15 min")
    save(page)
    expect(page.get_by_text("Enregistré : Veille, 15 min")).to_be_visible()
    assert Activity.objects.count() == 2


def fill_time(page: Page) -> None:
    page.get_by_label("Préparation").check()
    page.get_by_label("Autre durée").fill("50")


def fill_situation(page: Page) -> None:
    page.locator("[name=title]").fill("Un conflit qui dure")
    page.locator("[name=place]").select_option(index=1)


def fill_signalement(page: Page) -> None:
    page.get_by_label("Quoi").fill("Lampe éteinte")
    page.get_by_label("Où", exact=True).select_option(index=1)
    page.locator("[name=description]").fill("Il fait noir.")


FORMS = {
    "time": ("/temps/nouveau/", fill_time, TimeEntry, "Enregistrer"),
    "situation": ("/situations/nouvelle/", fill_situation, Situation, None),
    "signalement": ("/signalements/nouveau/", fill_signalement, Signalement, "Vérifier"),
}


@pytest.mark.parametrize("kind", FORMS)
def test_back_then_save_is_one_row_of_every_kind(visit, world: World, kind: str) -> None:
    path, fill, model, name = FORMS[kind]
    page = visit("mediateur")
    page.goto(path)
    before = model.objects.count()
    for n in range(2):
        fill(page)
        button = page.locator(".save .button--main, .actions .button--main").first
        with page.expect_navigation():
            (page.get_by_role("button", name=name) if name else button).click()
        settle(page)
        assert model.objects.count() == before + 1
        if not n:
            page.go_back()
            settle(page)


@pytest.mark.parametrize("off", [-1, 1])
def test_the_servers_day_stands_before_the_phones(visit, world: World, off: int) -> None:
    page = visit("mediateur")
    page.clock.install(time=timezone.now() + timedelta(days=off))
    page.reload()
    expect(page.get_by_text("L’horloge de ce téléphone dit")).to_be_visible()
    page.goto("/activites/nouvelle/")
    note_one(page, "30 min")
    save(page)
    expect(page.get_by_text("Enregistré : Veille, 30 min")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")
    assert Activity.objects.get().day == timezone.localdate()
