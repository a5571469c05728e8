"""The convention in a browser: every page that changes it, and its renewal from end to end."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from governance.models import Convention, Signatory

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check
from .test_accessibility import open_folds


@pytest.fixture
def convention(world: World) -> Convention:
    today = timezone.localdate()
    row = Convention.objects.of_programme(world.programme.pk).in_force(today)
    Signatory.objects.filter(convention__programme=world.programme).update(convention=row)
    Signatory.objects.create(
        convention=row, party=world.parties["town-a"], represented_by="Maire", rank=1
    )
    contribution = row.contributions.create(
        payer=world.parties["town-a"], payee=world.parties["owners"], amount=10000
    )
    for days in (-40, 40):
        contribution.instalments.create(amount=5000, due_on=today + timedelta(days=days))
    row.provisions.create(
        kind="means", party=world.parties["ateliers"], text="Un local", state="partial",
        state_since=today, remark="Le matin",
    )  # fmt: skip
    row.acceptances.create(
        membership=world.memberships["mediateur"], function="Médiateur", accepted_on=today
    )
    return row


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_pages_and_their_errors(visit, world: World, convention: Convention, size) -> None:
    page = visit("coordination", size)
    contribution = convention.contributions.get(payer__slug="town-a")
    paths = [
        "/convention/",
        *(f"/convention/{convention.pk}/{end}/"
          for end in ("termes", "signataires", "subventions", "moyens", "signer", "reconduire")),
        f"/convention/echeances/{contribution.pk}/",
        f"/convention/etat/{convention.provisions.get().pk}/",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        open_folds(page)
        check(page)
    page.goto(paths[1])
    page.get_by_label("Coût").fill("1")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("dépasseraient ce coût")
    check(page)


def test_next_years_is_prepared_compared_and_signed(
    visit, world: World, convention: Convention
) -> None:
    page = visit("coordination", LAPTOP)
    page.goto("/convention/")
    page.get_by_role("link", name="Préparer la reconduction").click()
    page.get_by_role("button", name="Préparer le projet").click()
    expect(page.get_by_role("heading", name="Ce qui change")).to_be_visible()
    expect(page.get_by_text("modifié").first).to_be_visible()
    check(page)
    page.get_by_role("link", name="Marquer comme signée").click()
    page.get_by_label("Fait à").fill("Lomme")
    page.get_by_label("Exemplaires originaux").fill("4")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Texte signé")).to_be_visible()
    page.get_by_role("link", name="Texte signé").click()
    expect(page.get_by_role("heading", name="Texte signé")).to_be_visible()
    check(page)
    new = Convention.objects.get(renews=convention)
    assert new.signing_place == "Lomme"


def test_a_block_of_the_plan_leads_to_its_line_by_keyboard(visit, convention: Convention) -> None:
    page = visit("town-a", PHONE)
    page.goto("/convention/")
    block = page.locator(".plan a").first
    block.focus()
    page.keyboard.press("Enter")
    target = page.locator(block.get_attribute("href") or "")
    expect(target).to_be_visible()
    expect(target).to_contain_text("Lieu cote-a")
