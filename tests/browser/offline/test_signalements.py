"""A signalement written without network: it waits with its photos, and becomes the draft to check."""

from io import BytesIO

from PIL import Image
from playwright.sync_api import Page, expect

from mediation.models import Signalement

from ...world import World
from ..conftest import check
from .phone import nothing_waits, waiting


def picture() -> bytes:
    content = BytesIO()
    Image.new("RGB", (2400, 1800), "#357").save(content, "JPEG")
    return content.getvalue()


def write(page: Page, title: str, **fields: str) -> None:
    page.goto("/signalements/nouveau/")
    page.get_by_label("Quoi").fill(title)
    page.locator("[name=place]").select_option(label=fields.get("place", "Lieu hall-a essai"))
    page.locator("[name=urgency]").first.check()
    page.locator("[name=description]").fill(fields.get("text", "Il fait noir dès 17 h."))


def test_it_waits_with_its_photos_and_becomes_one_draft(phone: Page, world: World) -> None:
    context = phone.context
    context.set_offline(True)
    write(phone, "Lampe éteinte")
    phone.locator("[name=photos]").set_input_files(
        {"name": "lampe.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    phone.get_by_role("button", name="Vérifier").click()
    expect(phone.get_by_text("Signalement\u00a0: Lampe éteinte")).to_be_visible()
    assert waiting(phone) == 1
    check(phone)
    write(phone, "Encombrants")
    phone.get_by_role("button", name="Garder en brouillon").click()
    expect(phone.get_by_text("Signalement\u00a0: Encombrants")).to_be_visible()
    assert not Signalement.objects.exists()
    # The answer to the first is lost after the commit: told again, it is known.
    lost: list[int] = []

    def lose(route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    context.route("**/signalements/envoi/", lose, times=1)
    context.set_offline(False)
    phone.goto("/a-envoyer/")
    for _ in range(200):
        if lost:
            break
        phone.wait_for_timeout(50)
    phone.reload()
    nothing_waits(phone)
    phone.goto("/aujourdhui/")
    assert lost == [200]
    assert sorted(row.title for row in Signalement.objects.all()) == [
        "Encombrants",
        "Lampe éteinte",
    ]
    draft = Signalement.objects.get(title="Lampe éteinte")
    assert (draft.state, draft.photos.count()) == ("brouillon", 1)
    phone.get_by_role("status").filter(has_text="Encombrants").get_by_role(
        "link", name="Vérifier et envoyer"
    ).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Vérifier et envoyer")


def test_one_that_the_server_refuses_is_corrected(phone: Page, world: World) -> None:
    phone.context.set_offline(True)
    phone.goto("/signalements/nouveau/")
    phone.get_by_role("button", name="Vérifier").click()
    expect(phone.get_by_role("alert")).to_contain_text("Choisissez un lieu")
    write(phone, "Dispute chez M. Untel")
    phone.get_by_role("button", name="Vérifier").click()
    expect(phone.get_by_text("Dispute chez M. Untel")).to_be_visible()
    phone.context.set_offline(False)
    phone.goto("/a-envoyer/")
    expect(phone.get_by_text("semble identifier quelqu’un")).to_be_visible()
    phone.get_by_role("link", name="Corriger").click()
    expect(phone.get_by_label("Quoi")).to_have_value("Dispute chez M. Untel")
    phone.get_by_label("Quoi").fill("Dispute dans un hall")
    phone.get_by_role("button", name="Vérifier").click()
    phone.wait_for_url("**/a-envoyer/")
    nothing_waits(phone)
    assert [row.title for row in Signalement.objects.all()] == ["Dispute dans un hall"]
