"""Somebody who reads a page and fills its form in, as a browser does."""

import io
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from PIL import Image
from post_office.models import Email

from governance.models import Contact
from mediation.models import (
    Delivery,
    InboundMail,
    Recipient,
    Reminder,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.signalements.links import link_token

from ...conftest import NOW
from ...pages import text_of


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (640, 480), "seagreen").save(written, "JPEG")
    return written.getvalue()


class Form(HTMLParser):
    """The forms of a page, as a program reads them: action, fields, buttons, links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self.links: list[str] = []
        self.area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        said = dict(attrs)
        if tag == "form":
            self.forms.append({"action": said["action"], "fields": [], "buttons": {}})
        elif tag == "a" and said.get("href"):
            self.links.append(said["href"])
        elif tag in ("input", "textarea") and self.forms:
            self.forms[-1]["fields"].append(
                (
                    said.get("name"),
                    said.get("type", "text"),
                    said.get("value") or "",
                    "checked" in said,
                )
            )
        elif tag == "button" and self.forms and said.get("name"):
            self.forms[-1]["buttons"][said["name"]] = said.get("value", "")


BROWSER = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-User": "?1",
           "User-Agent": "Mozilla/5.0 Chrome/140.0 Safari/537.36"}  # fmt: skip


class Person:
    """Opens the link of a mail in a browser without cookies, reads, then presses a button."""

    def __init__(self, clock: Any) -> None:
        self.clock, self.now, self.browser = clock, NOW, BROWSER

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.clock(self.now)

    def open(self, path: str) -> Any:
        return Client(enforce_csrf_checks=True, headers=BROWSER).get(path)

    def press(self, page: Any, after: float = 5, button: bool = True, **changes: Any) -> Any:
        """Sends the page's one form as it stands, but for what is changed."""
        form = Form(text_of(page)).forms[-1]
        data = {
            name: value for name, kind, value, ticked in form["fields"]
            if name and kind != "file" and (kind not in ("radio", "checkbox") or ticked)
        }  # fmt: skip
        self.wait(after)
        pressed = form["buttons"] if button else {}
        return Client(enforce_csrf_checks=True, headers=self.browser).post(
            form["action"], data | pressed | changes
        )


def path_of(recipient: Recipient, choice: str = "") -> str:
    return f"/repondre/{link_token(recipient)}/" + (f"?choix={choice}" if choice else "")


def everything() -> list[Any]:
    """All that an answer could change."""
    models: list[Any] = [
        Signalement, Recipient, SignalementEvent, Delivery, Reminder, SignalementPhoto, InboundMail,
        Contact, Email, Signalement.history.model, Recipient.history.model,
    ]  # fmt: skip
    return [list(model.objects.order_by("pk").values()) for model in models]
