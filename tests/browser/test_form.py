"""The form for the street, counted in touches and keys."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from mediation.models import Activity, Preset, Review

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

# Counts what a person does, across pages, in the tab itself.
COUNTER = """
for (const [event, name] of [['pointerdown', 'touches'], ['keydown', 'keys']])
    addEventListener(event, (e) => {
        if (e.isTrusted) sessionStorage[name] = Number(sessionStorage[name] || 0) + 1;
    }, true);
"""


@pytest.fixture
def counted(visit: Callable[..., Page]) -> Page:
    page = visit("mediateur")
    page.context.add_init_script(COUNTER)
    page.goto("/aujourdhui/")
    return page


def spent(page: Page) -> tuple[int, int]:
    """(touches, keys) so far."""
    read = page.evaluate("[sessionStorage.touches, sessionStorage.keys].map((n) => Number(n || 0))")
    return read[0], read[1]


def test_a_routine_entry_by_a_modele_is_two_touches_and_no_key(counted: Page, world: World) -> None:
    world.preset(name="Tournée du matin", theme=world.themes[0]).audiences.add(world.audiences[1])
    counted.reload()
    assert spent(counted) == (0, 0)
    counted.get_by_role("link", name="Tournée du matin").click()
    counted.get_by_role("button", name="Enregistrer").click()
    expect(counted.get_by_text("Enregistré : Présence de proximité, 45 min")).to_be_visible()
    assert spent(counted) == (2, 0)
    saved = Activity.objects.get()
    assert (saved.place, saved.theme, saved.minutes) == (
        world.places["hall-a"],
        world.themes[0],
        45,
    )
    assert saved.day == timezone.localdate()
    assert not saved.head_counts.exists(), "an audience without a number says nothing"


def test_without_a_modele_five_touches_at_most(counted: Page, world: World) -> None:
    counted.get_by_role("navigation", name="Navigation mobile").get_by_text("Saisir").click()
    counted.locator(".tile", has_text="Conflits").click()
    counted.locator(".chip", has_text="Lieu hall-b essai").click() if counted.locator(
        ".chip", has_text="Lieu hall-b essai"
    ).count() else counted.locator(".chip", has_text="Lieu hall-a essai").click()
    counted.locator(".chip", has_text="1 h 30").click()
    counted.get_by_role("button", name="Enregistrer").click()
    expect(counted.get_by_text("Enregistré : Conflits, 1 h 30")).to_be_visible()
    touches, keys = spent(counted)
    assert touches <= 5
    assert keys == 0


def test_the_same_again_is_two_touches_dated_today_without_note_or_counts(counted, world) -> None:
    earlier = world.activity(
        "hall-b", type="CONF", minutes=80, theme=world.themes[1], day=timezone.localdate(),
        internal_note="Une note.", summary="Un résumé.", outcome="resolu",
    )  # fmt: skip
    world.counted(earlier, 1, 7)
    counted.reload()
    counted.get_by_role("link", name="Refaire : Conflits").click()
    counted.get_by_role("button", name="Enregistrer").click()
    expect(counted.get_by_text("Enregistré : Conflits, 1 h 20")).to_be_visible()
    assert spent(counted) == (2, 0)
    again = Activity.objects.exclude(pk=earlier.pk).get()
    assert (again.type, again.place, again.minutes, again.theme) == (
        "CONF", world.places["hall-b"], 80, world.themes[1],
    )  # fmt: skip
    assert (again.internal_note, again.summary, again.outcome) == ("", "", "")
    assert not again.head_counts.exists()


def test_at_most_25_controls_are_seen_when_the_form_opens(visit, world: World) -> None:
    for place in world.places:
        world.activity(place)
    page = visit("mediateur")
    page.goto("/activites/nouvelle/")
    shown = page.locator("main").locator(
        "input:visible, select:visible, textarea:visible, summary:visible, button:visible, a:visible"
    )
    assert 20 <= shown.count() <= 25


def test_the_main_button_is_under_the_thumb(visit, world: World) -> None:
    page = visit("mediateur", PHONE)
    page.goto("/activites/nouvelle/")
    box = page.get_by_role("button", name="Enregistrer").bounding_box()
    assert box
    assert box["y"] > PHONE["height"] / 2
    assert box["y"] + box["height"] <= PHONE["height"]
    for control in page.locator(
        ".tile:visible, .chip:visible, summary:visible, .save .button:visible"
    ).all():
        assert control.bounding_box()["height"] >= 44, control.inner_text()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_habits_become_modeles(visit, world: World, script: bool) -> None:
    for _ in range(3):
        world.activity("hall-b", type="VEIL", minutes=15, day=timezone.localdate())
    page = visit("mediateur", java_script_enabled=script)
    expect(page.get_by_text("Vous notez souvent")).to_be_visible()
    page.get_by_role("link", name="Créer le modèle").click()
    expect(page.get_by_label("Nom")).to_have_value("Veille, Lieu hall-b essai")
    page.get_by_label("Nom").fill("Ronde du soir")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Modèle enregistré : Ronde du soir.")).to_be_visible()
    made = Preset.objects.get()
    assert (made.type, made.place, made.minutes) == ("VEIL", world.places["hall-b"], 15)
    page.goto("/aujourdhui/")
    expect(page.get_by_text("Vous notez souvent")).to_have_count(0)
    page.get_by_role("link", name="Ronde du soir").click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Veille, 15 min")).to_be_visible()
    assert Activity.objects.filter(type="VEIL", place=world.places["hall-b"]).count() == 4


def test_no_thank_you_is_remembered(visit, world: World) -> None:
    for _ in range(3):
        world.activity("hall-b", type="VEIL", minutes=15, day=timezone.localdate())
    page = visit("mediateur")
    page.get_by_role("button", name="Non merci").click()
    expect(page.get_by_text("Vous notez souvent")).to_have_count(0)
    expect(page.get_by_text("Modèles proposés")).to_be_visible()


def test_a_text_that_names_somebody_is_told_while_typing(visit, world: World) -> None:
    page = visit("mediateur")
    page.goto("/activites/nouvelle/")
    page.get_by_label("Conflits", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Résumé partageable").fill("Vu M. Untel, appt 12, au calme.")
    page.get_by_label("Note interne").focus()
    expect(
        page.get_by_text("Ce texte semble identifier quelqu’un : M. Untel, appt 12.")
    ).to_be_visible()
    check(page)
    page.get_by_role("button", name="Remplacer par « un habitant »").click()
    expect(page.get_by_label("Résumé partageable")).to_have_value(
        "Vu un habitant, un logement, au calme."
    )
    expect(page.get_by_text("semble identifier")).to_have_count(0)
    page.get_by_label("Note interne").fill("Mme Untel rappelle demain.")
    page.get_by_label("Résumé partageable").focus()
    page.get_by_role("button", name="Garder").click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Conflits")).to_be_visible()
    saved = Activity.objects.get()
    assert saved.review == Review.PENDING
    assert saved.shared_summary == ""


def test_without_a_script_the_server_asks(visit, world: World) -> None:
    page = visit("mediateur", java_script_enabled=False)
    page.goto("/activites/nouvelle/")
    page.get_by_label("Conflits", exact=True).check()
    page.get_by_label("Lieu hall-a essai").check()
    page.get_by_text("Ajouter un détail").click()
    page.get_by_label("Note interne").fill("Vu M. Untel.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "semble identifier quelqu’un : un nom (M. Untel)"
    )
    assert not Activity.objects.exists()
    page.get_by_role("button", name="Remplacer par « un habitant »").click()
    expect(page.get_by_text("Enregistré : Conflits")).to_be_visible()
    assert Activity.objects.get().internal_note == "Vu un habitant."


def test_the_whole_day_by_keyboard_alone(visit, world: World) -> None:
    """From the day's page: a modèle, an entry by hand, the same again."""
    world.preset(name="Tournée du matin")
    page = visit("mediateur", LAPTOP)
    page.goto("/aujourdhui/")

    def tab_to(name: str) -> None:
        for _ in range(80):
            page.keyboard.press("Tab")
            if name in page.evaluate(
                "document.activeElement.innerText || document.activeElement.ariaLabel || ''"
            ):
                return
        raise AssertionError(f"{name!r} is not reached by Tab")

    tab_to("Tournée du matin")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activites/nouvelle/**")
    tab_to("Enregistrer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enregistré : Présence de proximité")).to_be_visible()
    tab_to("Saisir une activité")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activites/nouvelle/")
    page.locator("[name=type]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enregistré : Conflits")).to_be_visible()
    tab_to("Refaire")
    page.keyboard.press("Enter")
    page.wait_for_url("**/activites/nouvelle/**")
    tab_to("Enregistrer")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 activités")).to_be_visible()
    assert Activity.objects.count() == 3


@pytest.mark.parametrize(
    "size", [PHONE, {"width": 320, "height": 640}, LAPTOP], ids=["phone", "320", "laptop"]
)
def test_modeles_pages_are_accessible(visit, world: World, size: dict[str, int]) -> None:
    world.preset(name="Un nom de modèle aussi long que permis 4").audiences.add(world.audiences[0])
    preset = world.preset(name="Autre")
    page = visit("mediateur", size)
    for path in (
        "/modeles/",
        "/modeles/nouveau/",
        f"/modeles/{preset.pk}/modifier/",
        "/a-envoyer/",
        "/hors-ligne/",
    ):
        page.goto(path)
        check(page)
    page.goto("/modeles/nouveau/")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_bar_says_what_will_be_saved_and_the_message_takes_it_back(
    visit, world: World, script: bool
) -> None:
    world.preset(name="Tournée du matin")
    page = visit("mediateur", java_script_enabled=script)
    page.get_by_role("link", name="Tournée du matin").click()
    says = page.locator(".save__says")
    expect(says).to_have_text("Tournée du matin · Lieu hall-a essai · 45\u00a0min")
    if script:
        page.get_by_label("1\u00a0h", exact=True).check()
        expect(says).to_have_text("Tournée du matin · Lieu hall-a essai · 1\u00a0h")
        page.get_by_label("Conflits", exact=True).check()
        expect(says).to_have_text("Conflits · Lieu hall-a essai · 1\u00a0h")
    page.get_by_role("button", name="Enregistrer").click()
    message = page.get_by_role("status").filter(has_text="Enregistré")
    message.get_by_role("button", name="Annuler").click()
    expect(page.get_by_text("Supprimé\u00a0:")).to_be_visible()
    assert not Activity.objects.exists()


def test_nothing_covers_the_main_button_of_a_phone_on_its_side(visit, world: World) -> None:
    page = visit("mediateur", {"width": 740, "height": 360})
    for path in ("/activites/nouvelle/", "/temps/nouveau/", "/signalements/nouveau/"):
        page.goto(path)
        button = page.locator(".save .button--main")
        for control in page.locator("main :is(input, textarea, select, button):visible").all():
            control.scroll_into_view_if_needed()
            top = """(one) => { const box = one.getBoundingClientRect();
                const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return one.contains(seen) || seen?.closest("label")?.contains(one); }"""
            assert control.evaluate(top), f"{path}: {control} is covered"
        button.scroll_into_view_if_needed()


def test_the_form_unfolded_stays_short_and_themes_follow_the_type(visit, world: World) -> None:
    for _ in range(2):
        world.activity("hall-a", type="CONF", theme=world.themes[-1], day=timezone.localdate())
    page = visit("mediateur")
    page.goto("/activites/nouvelle/")
    page.get_by_text("Ajouter un détail").click()
    assert page.evaluate("document.querySelector('[data-activity-form]').offsetHeight") < 2500
    controls = page.locator(".rich").locator("textarea, input[type=file], [name=themes]")
    names = controls.evaluate_all("(all) => all.map((one) => one.name)")
    assert names[:4] == ["internal_note", "photos", "summary", "themes"]
    first = page.locator("[data-themes] .chip").first
    page.get_by_label("Conflits", exact=True).check()
    expect(first).to_have_text(world.themes[-1].name)
    page.get_by_label("Veille", exact=True).check()
    expect(first).to_have_text(world.themes[0].name)
