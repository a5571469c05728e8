"""A real Chromium on the real application. One browser a worker, a fresh profile a test."""

import re
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from governance.models import User

from ..world import World, make_world
from .chromium import ARGUMENTS, CHROMIUM, PHONE

# WCAG 2.2 AA and what axe holds to be good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# A refused form answers 4xx; tests of what goes wrong take the network away or break an answer.
EXPECTED = re.compile(r"status of (4|500)|net::ERR_(INTERNET_DISCONNECTED|FAILED)")
expect.set_options(timeout=15_000)  # a loaded machine is slow, not wrong

# Playwright's click does not wait for the page that it opens, and what is asked meanwhile is
# answered by the page before it. So each page notes that it is being left; a download, which
# leaves it where it is, is forgotten after five seconds.
LEAVING = """
  addEventListener("beforeunload", () => { window.leaving = performance.now(); });
  addEventListener("submit", (event) => {
    if (!event.defaultPrevented) window.leaving = performance.now();
  });
"""
STAYING = 'document.readyState === "complete" && !(performance.now() - window.leaving < 5000)'


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


PASSWORD = "une phrase de passe"


@cache
def hashed() -> str:
    """Made once: it is meant to take its time."""
    return make_password(PASSWORD)


@pytest.fixture
def world(transactional_db: None) -> World:
    """The same small quarter; the clock is the machine's, so conventions run on to its year."""
    from datetime import date

    from governance.models import Convention

    made = make_world()
    last = Convention.objects.order_by("-starts").first()
    for year in range(2027, timezone.localdate().year + 1):
        Convention.objects.create(
            programme=made.programme, slug=str(year), name=f"Convention {year}", cost=60600,
            operator=last.operator, starts=date(year, 1, 1), ends=date(year, 12, 31),
        )  # fmt: skip
    keys = [membership.user_id for membership in made.memberships.values()]
    User.objects.filter(pk__in=keys).update(password=hashed())
    return made


@pytest.fixture
def visit(chromium: Browser, live_server: Any, world: World) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody who is signed in; a JavaScript error or a blocked resource fails
    the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def page_of(who: str | None = None, size: dict[str, int] = PHONE, **options: Any) -> Page:
        context = chromium.new_context(
            viewport=size, locale="fr-FR", timezone_id="Europe/Paris", base_url=live_server.url,
            accept_downloads=True, **options,
        )  # fmt: skip
        opened.append(context)
        context.add_init_script(LEAVING)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text)
                if message.type == "error" and not EXPECTED.search(message.text) else None)  # fmt: skip
        if who:
            client = Client()
            user = User.objects.get(pk=world.user(who).pk)
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
            name = settings.SESSION_COOKIE_NAME
            cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
            context.add_cookies([cookie])
            page.goto("/")
        return page

    yield page_of
    for context in opened:
        context.close()
    assert not faults


def sign_in(page: Page, world: World, who: str) -> None:
    """By the form, as people do."""
    page.goto("/connexion/")
    page.get_by_label("Adresse").fill(world.user(who).email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.wait_for_url(lambda url: "/connexion/" not in url)


def settle(page: Page) -> None:
    """Waits until the page that was asked for is there, whole."""
    end = time.monotonic() + 20
    while True:
        try:
            if page.evaluate(STAYING):
                return
        except Error as error:  # asked in the very moment of the change
            if "context" not in error.message and "navigat" not in error.message:
                raise
        assert time.monotonic() < end, f"{page.url} is never left"
        page.wait_for_timeout(20)


def check(page: Page) -> None:
    """No accessibility violation, nothing cut at the side."""
    settle(page)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{page.url} scrolls sideways by {over} px"
