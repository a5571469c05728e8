"""A synthesis as it is written by two, published, and read by its party on a phone."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Page, expect

from reporting.models import Edition, Passage
from reporting.periods import Period
from reporting.syntheses import actions, batch, edition

from ..reporting.syntheses.conftest import write
from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check, sign_in
from .test_accessibility import open_folds

LAST_MONTH = Period.holding("mois", timezone.localdate()).previous
PATH = f"/syntheses/{LAST_MONTH.slug}/redaction/"


@pytest.fixture
def month(world: World) -> World:
    for place in world.places:
        for n in range(3):
            activity = world.activity(
                place, day=LAST_MONTH.first + timedelta(days=n), theme=world.themes[n],
                objective=world.objectives[n % 2],
            )  # fmt: skip
            world.counted(activity)
    world.recommendation("town-a", issued_on=LAST_MONTH.first)
    world.synthesis(month=LAST_MONTH.first)
    return world


def text_of(page: Page, label: str = "Analyse : Activités") -> object:
    return page.get_by_label(label.replace(" :", "\u00a0:"))


def test_two_who_write_at_once_lose_nothing(visit, month: World) -> None:
    first, second = visit("mediateur", LAPTOP), visit("coordination", LAPTOP)
    first.goto(PATH)
    second.goto(PATH)
    text_of(first).fill("Du médiateur.")
    expect(first.get_by_text("Enregistré à")).to_be_visible()
    assert Passage.objects.get().text == "Du médiateur."
    text_of(second).fill("De la coordination.")
    expect(second.get_by_text("a écrit ici entre-temps")).to_be_visible()
    assert Passage.objects.get().text == "Du médiateur."
    second.get_by_role("button", name="Enregistrer").click()
    expect(second.get_by_text("Quelqu’un d’autre a écrit entre-temps.")).to_be_visible()
    expect(second.get_by_text("Du médiateur.")).to_be_visible()
    expect(text_of(second)).to_have_value("De la coordination.")
    check(second)
    text_of(second).fill("Les deux ensemble.")
    expect(second.get_by_text("Enregistré à")).to_be_visible()
    first.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(text_of(first)).to_have_value("Les deux ensemble.", timeout=30_000)


def test_without_a_script_it_is_saved_all_the_same(visit, month: World) -> None:
    page = visit("mediateur", PHONE, java_script_enabled=False)
    page.goto(PATH)
    text_of(page).fill("Sans script.")
    page.get_by_role("button", name="Enregistrer").click()
    assert Passage.objects.get().text == "Sans script."


def test_a_publication_shows_how_far_it_is_and_then_what_came_of_it(
    visit, month: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own process is left out: it would open another database than the test's."""
    monkeypatch.setattr(edition, "to_pdf", lambda made: b"%PDF-1.7")
    monkeypatch.setattr(batch, "launch", lambda programme: None)
    row = month.synthesis(month=LAST_MONTH.first)
    write(month, row)
    actions.validate(synthesis=row, by=month.reader("coordination"), now=timezone.now())
    page = visit("coordination", LAPTOP)
    page.goto("/syntheses/")
    button = page.get_by_role("button", name="Publier tout ce qui est validé")
    button.click()
    expect(page.get_by_text("Publication de 1\u00a0document en cours.")).to_be_visible()
    expect(page.get_by_text("0 sur 4 publiées")).to_be_visible()
    expect(button).to_have_count(0)
    check(page)
    call_command("publish_syntheses", "--every-period", "--processes", "1")
    expect(page.get_by_text("Publiée", exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="À publier")).to_have_count(0)


def test_a_party_has_its_pdf_two_clicks_after_signing_in(visit, month: World) -> None:
    publish(month)
    page = visit(None, PHONE)
    sign_in(page, month, "town-a")
    page.get_by_role("navigation", name="Navigation mobile").get_by_role(
        "link", name="Synthèses"
    ).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le PDF").first.click()
    own = Edition.objects.get(perimeter=month.perimeters["town-a"])
    assert download.value.path().read_bytes() == bytes(own.pdf)


def publish(world: World) -> None:
    synthesis, by = world.synthesis(month=LAST_MONTH.first), world.reader("coordination")
    write(world, synthesis)
    actions.validate(synthesis=synthesis, by=by, now=timezone.now())
    actions.publish(synthesis=synthesis, by=by, now=timezone.now())


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_page_of_a_synthesis_can_be_read_by_everybody(visit, month: World, size) -> None:
    slug, key = LAST_MONTH.slug, month.perimeters["town-a"].pk
    page = visit("coordination", size)
    for path in (
        f"/syntheses/{slug}/", PATH, f"{PATH}?edition={key}", f"/syntheses/{key}/{slug}/",
        "/preconisations/nouvelle/", "/preconisations/?etat=toutes",
    ):  # fmt: skip
        page.goto(path)
        open_folds(page)
        check(page)
    consultation = month.consultation("town-a", synthesis=month.synthesis(month=LAST_MONTH.first))
    party = visit("town-a", size)
    for path in ("/syntheses/", f"/syntheses/projets/{consultation.pk}/"):
        party.goto(path)
        check(party)
    consultation.delete()
    publish(month)
    own = Edition.objects.get(perimeter=month.perimeters["town-a"])
    for path in ("/syntheses/", f"/syntheses/editions/{own.pk}/", "/tableau-de-bord/"):
        party.goto(path)
        check(party)
    for path in (f"/syntheses/{slug}/", f"/syntheses/{slug}/version/", "/syntheses/"):
        page.goto(path)
        check(page)


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_every_page_of_a_bilan_can_be_read_by_everybody(
    visit, month: World, size, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition, "to_pdf", lambda made: b"%PDF-1.7")
    by, now = month.reader("coordination"), timezone.now()
    period = Period.holding("annee", timezone.localdate()).previous
    for n in range(6):
        month.activity("hall-a", day=period.first + timedelta(days=40 * n), theme=month.themes[0])
    row, _ = actions.prepare(programme=month.programme, period=period, by=by, today=now.date())
    write(month, row, logements="1 240")
    key = month.perimeters["town-a"].pk
    page = visit("coordination", size)
    for path in (
        "/bilans/", f"/bilans/{period.slug}/", f"/bilans/{period.slug}/redaction/",
        f"/bilans/{key}/{period.slug}/", "/bilans/audit/", "/bilans/audit/?du=2026-03-01&au=2026-02-01",
    ):  # fmt: skip
        assert page.goto(path).status in (200, 422), path
        open_folds(page)
        check(page)
    actions.validate(synthesis=row, by=by, now=now)
    actions.publish(synthesis=row, by=by, now=now)
    own = Edition.objects.get(perimeter=month.perimeters["town-a"])
    party = visit("town-a", size)
    for reader, path in (
        (party, "/bilans/"), (party, f"/syntheses/editions/{own.pk}/"),
        (page, f"/bilans/{period.slug}/"), (page, f"/bilans/{period.slug}/version/"),
    ):  # fmt: skip
        assert reader.goto(path).status == 200, path
        check(reader)
