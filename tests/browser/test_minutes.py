"""Minutes written by two at once, in two browsers: each sees the other, and no text is lost."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from governance.models import Decision

from ..world import World
from .chromium import LAPTOP, PHONE
from .conftest import check


def test_two_writers_at_once(visit, world: World) -> None:
    meeting = world.held(day=timezone.localdate())
    world.invitation(meeting, "owners", attendance="present")
    first = world.item(meeting, title="Éclairage des allées")
    world.item(meeting, title="Fête de quartier", rank=2)
    address = f"/comites/seances/{meeting.pk}/compte-rendu/"
    one: Page = visit("mediateur", LAPTOP)
    one.goto(address)
    check(one)
    two: Page = visit("coordination", PHONE)
    two.goto(address)

    # What one types saves itself, and shows at the other's.
    point = one.locator(f"#point-{first.pk}")
    point.get_by_label("Information").fill("Les lampes sont anciennes.")
    point.get_by_label("Décision").first.fill("Les remplacer.")
    expect(point.locator("[data-saved]")).to_contain_text("Enregistré à")
    theirs = two.locator(f"#point-{first.pk}")
    expect(theirs.get_by_label("Information")).to_have_value("Les lampes sont anciennes.")
    expect(theirs.locator("[data-others]")).to_contain_text("écrit ici")
    assert Decision.objects.get().text == "Les remplacer."

    # Both in the same text at once: who comes second sees both, and chooses.
    first.refresh_from_db()
    type(first).objects.filter(pk=first.pk).update(
        notes="Le texte de l’une.", version=first.version + 1
    )
    theirs.get_by_label("Information").fill("Le texte de l’autre.")
    expect(theirs.get_by_role("alert")).to_contain_text("Le texte de l’une.")
    expect(theirs.get_by_label("Information")).to_have_value("Le texte de l’autre.")
    first.refresh_from_db()
    assert first.notes == "Le texte de l’une."
    check(two)
    theirs.get_by_role("button", name="Enregistrer").click()
    expect(two.get_by_text("Enregistré : Éclairage des allées.")).to_be_visible()
    first.refresh_from_db()
    assert first.notes == "Le texte de l’autre."


def test_an_action_is_written_and_reviewed_at_the_next_meeting(visit, world: World) -> None:
    today = timezone.localdate()
    before = world.item(world.held(day=today - timedelta(days=28)))
    action = world.action(before, text="Relancer le syndic", due_on=today - timedelta(days=3))
    meeting = world.held(day=today)
    world.item(meeting)
    page: Page = visit("mediateur", PHONE)
    page.goto(f"/comites/seances/{meeting.pk}/compte-rendu/")
    check(page)
    page.get_by_role("button", name="Faite : Relancer le syndic").click()
    expect(page.get_by_text("Action : faite.")).to_be_visible()
    action.refresh_from_db()
    assert action.state == "done"
