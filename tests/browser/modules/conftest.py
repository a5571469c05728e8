"""One module at a time, in a page that holds nothing else: no Django, no database."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

STATIC = Path(__file__).resolve().parents[3] / "static"
# `localhost`, where a browser allows keys and locks; nothing listens there.
HERE = "http://localhost"
FRAME = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Vide</title>
<body data-queue="/a-envoyer/qui/"></body></html>"""


def serve(route: Route) -> None:
    path = urlsplit(route.request.url).path
    if path.startswith("/static/"):
        route.fulfill(path=STATIC / path.removeprefix("/static/"), content_type="text/javascript")
    elif path == "/":
        route.fulfill(body=FRAME, content_type="text/html")
    else:
        route.abort()  # no network but what the test answers itself


@pytest.fixture
def blank(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(
        base_url=HERE, locale="fr-FR", timezone_id="Europe/Paris", accept_downloads=True,
        permissions=["clipboard-read", "clipboard-write"],
    )  # fmt: skip
    faults: list[str] = []
    context.route(f"{HERE}/**", serve)
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto("/")
    yield page
    context.close()
    assert not faults
