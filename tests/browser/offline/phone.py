"""A phone, what waits on it, and the network that goes."""

import re
import time

from playwright.sync_api import Page, expect

from governance.models import JournalEntry
from mediation.models import Activity

from ..conftest import settle

SENDING = re.compile(r"/a-envoyer/envoi/$")
# The page's own modules: asked for again, a browser gives the very same.
STORE = "import('/static/js/offline/store.js')"
STARTED = "import('/static/js/offline/queue.js').then((queue) => queue.started)"
HOLDS_NO_KEY = f"{STARTED}.then(() => {STORE}).then((store) => !store.holds())"
HOW_MANY = f"{STORE}.then((store) => store.list()).then((entries) => entries.length)"


def until(page: Page, expression: str, seconds: float = 20) -> None:
    """Asks the page again and again; its policy forbids the polling that Playwright injects.

    A page just opened shows its title before its scripts have run, so it is waited for first.
    """
    settle(page)
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never came true: {expression}"
        page.wait_for_timeout(50)


def keep(page: Page) -> None:
    """Waits until the browser holds the pages and the key."""
    until(
        page,
        f"""async () => {{
            for (const name of await caches.keys()) {{
                if (name.startsWith('pages-') && (await (await caches.open(name)).keys()).length === 4)
                    return (await {STORE}).holds();
            }}
            return false;
        }}""",
    )


def log(
    page: Page, minutes: str = "30 min", place: str = "Lieu hall-a essai", note: str = ""
) -> None:
    """One entry, by touch; comes back to the day."""
    page.goto("/activites/nouvelle/")
    page.get_by_label("Veille", exact=True).check()
    page.get_by_label(place).check()
    page.get_by_label(minutes, exact=True).check()
    if note:
        page.get_by_text("Ajouter un détail").click()
        page.get_by_label("Note interne").fill(note)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Aujourd’hui")


def waiting(page: Page) -> int:
    settle(page)
    return page.evaluate(HOW_MANY)


def nothing_waits(page: Page) -> None:
    until(page, f"{STARTED}.then(() => {HOW_MANY}).then((many) => many === 0)")


def is_whole(count: int) -> None:
    """Exactly `count` on the server, none twice, each with its trace."""
    assert Activity.objects.count() == count
    assert Activity.history.count() == count
    assert JournalEntry.objects.filter(act="create", kind="activité").count() == count


def another_tab(page: Page, path: str = "/aujourdhui/") -> Page:
    other = page.context.new_page()
    other.goto(path)
    return other


def sign_out(page: Page) -> None:
    page.goto("/aujourdhui/")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Se déconnecter").click()
    page.wait_for_url("**/connexion/**")
