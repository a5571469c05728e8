"""The day on one page, as somebody at a keyboard fills it in; and working time beside it."""

from datetime import time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from mediation.models import Activity, TimeEntry

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check

PAGE = "/aujourdhui/journee/"
COUNT_PRESSES = (
    "addEventListener('mousedown', () => { window.presses = (window.presses || 0) + 1; }, true)"
)
DAY = [
    ("PAP", "30"), ("VEIL", "15"), ("conf", "1h30"), ("RELA", "45 min"), ("inco", "20"),
    ("info", "1:00"), ("CONC", "1,5 h"), ("proj", "25"), ("PAP", "10"), ("veil", "5"),
]  # fmt: skip
MINUTES = [30, 15, 90, 45, 20, 60, 90, 25, 10, 5]


@pytest.fixture
def habit(world: World) -> Activity:
    """Yesterday's round: its place, and its type's duration, come along."""
    return world.activity(
        "hall-b", day=timezone.localdate() - timedelta(days=1), type="VEIL", minutes=35
    )


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || ''"))


def tab_to(page: Page, name: str) -> None:
    for _ in range(40):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}: {focused(page)}")


def fill_line(page: Page, n: int, type_: str, minutes: str, note: str = "") -> None:
    """From a line's first field to the next line's, by Tab alone."""
    tab_to(page, f"l{n}-starts_at")
    page.keyboard.type(f"{8 + n}h05")
    page.keyboard.press("Tab")
    page.keyboard.type(type_)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(minutes)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(note)


def test_ten_activities_of_a_day_by_keyboard_alone(visit, world: World, habit) -> None:
    page = visit("mediateur", LAPTOP)
    page.add_init_script(COUNT_PRESSES)
    page.goto(PAGE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    for n, (type_, minutes) in enumerate(DAY):
        fill_line(page, n, type_, minutes, f"Note {n}")
    expect(page.locator("[data-total]")).to_have_text("6 h 30")
    page.keyboard.press("Enter")
    expect(page.get_by_text("10 enregistrées.")).to_be_visible()
    assert not page.evaluate("window.presses")
    rows = list(Activity.objects.exclude(internal_note="").order_by("pk"))
    assert [row.type for row in rows] == [type_.upper() for type_, _ in DAY]
    assert [row.minutes for row in rows] == MINUTES
    assert [row.starts_at.hour for row in rows] == list(range(8, 18))
    assert {row.place for row in rows} == {world.places["hall-b"]}
    assert [row.internal_note for row in rows] == [f"Note {n}" for n in range(10)]
    expect(page.locator("[data-total]")).to_have_text("6 h 30")


def test_a_wrong_line_is_mended_by_keyboard_and_the_others_are_saved(
    visit, world: World, habit
) -> None:
    page = visit("mediateur", LAPTOP)
    page.add_init_script(COUNT_PRESSES)
    page.goto(PAGE)
    fill_line(page, 0, "PAP", "30")
    fill_line(page, 1, "CONF", "longtemps")
    fill_line(page, 2, "INFO", "20")
    page.keyboard.press("Enter")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("2 enregistrées, 1 à corriger")
    assert Activity.objects.exclude(pk=habit.pk).count() == 2
    check(page)
    page.keyboard.press("Tab")
    expect(summary.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Durée").nth(1)).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 enregistrée.")).to_be_visible()
    assert not page.evaluate("window.presses")
    assert sorted(Activity.objects.values_list("minutes", flat=True)) == [20, 30, 35, 50]
    assert set(Activity.objects.values_list("version", flat=True)) == {1}


def test_a_page_sent_again_makes_no_doubles(visit, world: World, habit) -> None:
    """A second press, then the browser's own « send again »."""
    page = visit("mediateur", LAPTOP)
    page.goto(PAGE)
    fill_line(page, 0, "PAP", "30")
    fill_line(page, 1, "INFO", "souvent")
    page.get_by_role("button", name="Tout enregistrer").dblclick()
    expect(page.get_by_role("alert")).to_contain_text("1 enregistrée, 1 à corriger")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("1 déjà enregistrée, 1 à corriger")
    assert Activity.objects.exclude(pk=habit.pk).count() == 1


def test_a_line_changed_by_somebody_else_is_told_and_chosen(visit, world: World) -> None:
    row = world.activity(day=timezone.localdate(), minutes=30)
    page = visit("mediateur", LAPTOP)
    page.goto(PAGE)
    with transaction.atomic():
        row.minutes, row.version = 50, 2
        row.save()
    page.get_by_label("Durée").first.fill("40")
    page.get_by_role("button", name="Tout enregistrer").click()
    expect(page.get_by_text("enregistré 50 min, dans votre saisie 40 min")).to_be_visible()
    check(page)
    page.get_by_label("Garder ce qui est enregistré").check()
    page.get_by_role("button", name="Tout enregistrer").click()
    expect(page.get_by_label("Durée").first).to_have_value("50\u00a0min")
    row.refresh_from_db()
    assert (row.minutes, row.version) == (50, 2)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_without_javascript(visit, world: World, habit, size) -> None:
    page = visit("mediateur", size, java_script_enabled=False)
    page.goto(PAGE)
    page.get_by_label("Type").first.select_option("PAP")
    page.get_by_label("Durée").first.fill("45")
    page.get_by_role("button", name="Ajouter des lignes").click()
    expect(page.locator("[data-line]")).to_have_count(10)
    expect(page.get_by_label("Durée").first).to_have_value("45")
    expect(page.get_by_text("45 min sur 7 h")).to_be_visible()
    page.get_by_label("Type").nth(9).select_option("VEIL")
    page.get_by_label("Durée").nth(9).fill("1h")
    page.get_by_role("button", name="Tout enregistrer").click()
    expect(page.get_by_text("2 enregistrées.")).to_be_visible()
    page.get_by_label("Supprimer").first.check()
    page.get_by_role("button", name="Tout enregistrer").click()
    expect(page.get_by_text("1 supprimée.")).to_be_visible()
    assert Activity.objects.exclude(pk=habit.pk).get().minutes == 60


def test_the_total_follows_and_a_line_waits_beneath(visit, world: World) -> None:
    page = visit("mediateur", PHONE)
    page.goto(PAGE)
    total = page.locator("[data-total]")
    expect(total).to_have_text("0 h")
    expect(page.locator("form [data-line]")).to_have_count(5)
    page.get_by_label("Durée").nth(4).fill("1h15")
    expect(total).to_have_text("1 h 15")
    expect(page.locator("form [data-line]")).to_have_count(6)
    page.get_by_label("Durée").nth(5).fill("bientôt")
    expect(total).to_have_text("1 h 15")
    page.get_by_role("button", name="Ajouter des lignes").click()
    expect(page.locator("form [data-line]")).to_have_count(8)
    expect(page.get_by_label("Début").nth(7)).to_be_focused()
    check(page)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_hours_are_noted_changed_and_deleted(visit, world: World, script: bool) -> None:
    page = visit("mediateur", PHONE, java_script_enabled=script)
    page.goto("/temps/")
    page.get_by_role("link", name="Ajouter un temps").click()
    page.get_by_label("Préparation et saisie").check()
    page.get_by_label("Autre durée").fill("1,25 h")
    if script:
        expect(page.get_by_text("= 1 h 15")).to_be_visible()
    page.get_by_label("Objet").fill("Saisie de la semaine")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré : Préparation et saisie, 1 h 15")).to_be_visible()
    page.get_by_role("link", name="Préparation et saisie").click()
    page.get_by_role("link", name="Modifier").click()
    page.get_by_label("45 min", exact=True).check()
    page.get_by_label("Autre durée").fill("")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Modifié : Préparation et saisie, 45 min")).to_be_visible()
    page.get_by_role("link", name="Préparation et saisie").click()
    expect(page.locator("del", has_text="1 h 15")).to_be_visible()
    page.get_by_role("link", name="Supprimer").click()
    page.get_by_role("main").get_by_role("button", name="Supprimer").click()
    expect(page.get_by_text("Supprimé : Préparation et saisie")).to_be_visible()
    assert not TimeEntry.objects.exists()


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_the_pages_of_time_in_each_state(visit, world: World, size) -> None:
    """Empty, full, told, wrong; one's own and read by who supervises."""
    page = visit("mediateur", size)
    for path in ("/temps/", "/temps/annee/", PAGE):
        page.goto(path)
        check(page)
    today = timezone.localdate()
    for n in range(4):
        world.activity(day=today - timedelta(days=n), minutes=620, starts_at=time(13, 50))
        world.time_entry(day=today - timedelta(days=n), starts_at=time(7), note="Un objet " * 15)
    row = world.time_entry(day=today, kind="encadrement", minutes=210)
    paths = ["/temps/", "/temps/annee/", PAGE, "/temps/nouveau/"]
    paths += [f"/temps/{row.pk}/{verb}" for verb in ("", "modifier/", "supprimer/")]
    for path in paths:
        page.goto(path)
        check(page)
    page.goto("/temps/nouveau/")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("alert").get_by_role("link", name="Choisissez la nature").click()
    assert page.evaluate("document.activeElement.name") == "kind"
    check(page)
    page = visit("coordination", size)
    page.goto("/temps/")
    person = world.user("mediateur")
    page.get_by_label("Heures de", exact=True).select_option(str(person.pk))
    expect(page.get_by_text("cette personne et par la coordination")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Année").click()
    expect(page.get_by_label("Heures de", exact=True)).to_have_value(str(person.pk))
    check(page)


def test_what_is_typed_before_the_scripts_come_is_said_back(visit, world: World) -> None:
    page = visit("mediateur", PHONE, service_workers="block")
    held: list[Route] = []
    page.route("**/durations*.js", lambda route: held.append(route))
    page.goto("/temps/nouveau/", wait_until="commit")
    page.get_by_label("Autre durée").fill("1,25 h")
    for route in held:
        route.continue_()
    expect(page.get_by_text("= 1 h 15")).to_be_visible()
