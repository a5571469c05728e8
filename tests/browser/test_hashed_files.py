"""The browser's files as production serves them: collected, hashed names in every import, compressed."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from mediation.models import Activity
from mediation.offline import views as queue

from ..world import World
from .offline.phone import log

HASHED = re.compile(r"/static/.*\.[0-9a-f]{12}\.\w+$")
MOST = 150_000  # bytes, compressed, of a phone's first load of the form
# The modules' names are hashed, so the page is asked by what the browser holds.
KEPT = """async () => {
    for (const name of await caches.keys())
        if (name.startsWith('pages-') && (await (await caches.open(name)).keys()).length === 3) return true;
    return false;
}"""


@pytest.fixture
def live_server(settings: Any, tmp_path: Path) -> Iterator[LiveServer]:
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_USE_FINDERS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "humanicite.lib.scripts.HashedFiles"}
    }
    call_command("collectstatic", "--noinput", verbosity=0)
    queue._service_worker.cache_clear()
    server = LiveServer("127.0.0.1", start=False)
    server.thread.static_handler = lambda application: application  # whitenoise's turn
    server.start()
    yield server
    server.stop()
    queue._service_worker.cache_clear()


def test_the_first_load_of_the_form_is_light_and_has_no_waterfall(visit, world: World) -> None:
    page: Page = visit("mediateur", service_workers="block")
    fresh = page.context.new_page()
    answers: list[Response] = []
    fresh.on("response", lambda answer: answers.append(answer))
    session = fresh.context.new_cdp_session(fresh)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    fresh.goto("/activites/nouvelle/", wait_until="networkidle")
    html = answers[0].body()
    files = [answer for answer in answers if "/static/" in answer.url]
    assert all(HASHED.search(answer.url) for answer in files), [answer.url for answer in files]
    scripts = [answer for answer in files if answer.url.endswith(".js")]
    assert len(scripts) >= 10
    for answer in scripts:
        assert answer.headers["content-encoding"] in ("gzip", "br"), answer.url
        # Named in the page itself, not learnt of from another module.
        assert answer.url.split("/static/")[1].encode() in html, answer.url
    assert len({answer.url for answer in scripts}) == len(scripts), "none is fetched twice"
    sizes = fresh.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.encodedBodySize)"
    )
    assert len(gzip.compress(html)) + sum(sizes) <= MOST


def test_the_form_opens_and_saves_without_network(visit, world: World) -> None:
    page: Page = visit("mediateur")
    for _ in range(200):
        if page.evaluate(KEPT):
            break
        page.wait_for_timeout(50)
    page.context.set_offline(True)
    log(page, note="Sans réseau.")
    expect(page.get_by_text("À envoyer", exact=True)).to_be_visible()
    page.goto("/a-envoyer/")
    expect(page.get_by_text("1 saisie attend")).to_be_visible()
    assert not Activity.objects.exists()
    page.context.set_offline(False)
    page.goto("/a-envoyer/")
    expect(page.get_by_text("Tout est enregistré")).to_be_visible()
    assert Activity.objects.get().internal_note == "Sans réseau."
