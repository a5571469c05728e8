"""Programs that open links and fill forms in change nothing."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from post_office.models import Email

from humanicite.lib.limits import Limit, caller
from mediation.answers import views
from mediation.signalements.actions.sending import send_signalement

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World
from .persons import BROWSER, Form, Person, everything, path_of


def test_too_fast_asks_once_more_with_everything_kept(
    world, signalement, recipient, person
) -> None:
    page = person.open(path_of(recipient, "charge"))
    answer = person.press(page, after=0.4, promised_on="2026-03-25", comment="Je passe mardi")
    text = text_of(answer)
    assert answer.status_code == 422
    assert "Confirmez, s’il vous plaît." in text
    assert 'value="2026-03-25"' in text
    assert "Je passe mardi" in text
    assert not signalement.events.exists()
    again = person.press(answer, comment="Je passe mardi")
    assert again.status_code == 302
    assert signalement.events.get().text == "Je passe mardi"


@pytest.mark.parametrize(
    "changes",
    [
        {"moment": ""}, {"moment": "faux"}, {"complement": "rempli"}, {"confirmer": "non"},
        {"confirmer": ""},
    ],
)  # fmt: skip
def test_without_what_a_person_does_nothing_is_saved(
    world, signalement, recipient, person, changes
) -> None:
    answer = person.press(person.open(path_of(recipient, "recu")), **changes)
    assert answer.status_code == 422
    assert not signalement.events.exists()


def test_a_stamp_serves_one_recipient_and_half_a_day(world, signalement, recipient, person) -> None:
    other = world.sent("hall-b", "town-b").recipients.get()
    foreign = Form(text_of(person.open(path_of(other)))).forms[-1]["fields"][0][2]
    assert person.press(person.open(path_of(recipient, "recu")), moment=foreign).status_code == 422
    page = person.open(path_of(recipient, "recu"))
    assert person.press(page, after=13 * 3600).status_code == 422
    assert not signalement.events.exists()


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Mode": "cors"}, {"Sec-Fetch-User": ""}],
)
def test_another_site_or_a_script_posts_nothing(
    world, signalement, recipient, person, headers
) -> None:
    person.browser = BROWSER | headers
    answer = person.press(person.open(path_of(recipient, "recu")))
    assert answer.status_code == 422
    assert not signalement.events.exists()


def test_a_scanner_of_every_link_and_every_form_changes_nothing(
    world: World, smtp: Any, person: Person, django_capture_on_commit_callbacks: Any
) -> None:
    """What follows all links of the mail and posts all forms of their pages, filled or as they
    are, at once or after a while, and reads on in what that answers."""
    draft = world.signalement(where="allée nord")
    draft.chosen.set([world.contact()])
    with django_capture_on_commit_callbacks(execute=True):
        send_signalement(signalement=draft, read_version=1, by=world.reader("mediateur"), now=NOW)
    mail = Email.objects.get()
    links = set(re.findall(r'https?://[^\s"<>]+', mail.message + (mail.html_message or "")))
    paths = {
        f"{urlsplit(link).path}?{urlsplit(link).query}" for link in links if "/repondre/" in link
    }
    assert len(paths) == 3
    # One whose link is over as well: its page has a form of its own.
    over = world.sent("hall-b", "town-b", state="verifie", closed_on=TODAY - timedelta(days=31))
    paths.add(path_of(over.recipients.get()))
    before = everything()
    seen: set[str] = set()
    todo, posted = list(paths), 0
    while todo:
        path = todo.pop()
        if path in seen or not path.startswith("/repondre/"):
            continue
        seen.add(path)
        todo += Form(text_of(person.open(path))).links
        for fill, knows_buttons, seconds, headers in SCANNERS:
            # The limits are others' business here.
            scanner = Client(headers=headers, REMOTE_ADDR=f"192.0.2.{posted % 250}")
            cache.clear()
            page = scanner.get(path)
            for _ in range(2):
                for form in Form(text_of(page)).forms:
                    person.wait(seconds)
                    data = filled(form, fill) | (form["buttons"] if knows_buttons else {})
                    page = scanner.post(form["action"], data)
                    assert page.status_code in (410, 422), (fill, knows_buttons, seconds)
                    posted += 1
    assert posted == 4 * len(SCANNERS) * 2
    assert everything() == before


# What programs do with a form: leave it as it is, write into every text, tick every box, or both.
SCRIPTED = {key: value for key, value in BROWSER.items() if key != "Sec-Fetch-User"}
SCANNERS = [
    *(
        (fill, knows_buttons, seconds, {})
        for fill in ("", "text", "ticks", "text ticks")
        for knows_buttons in (False, True)
        for seconds in (0.2, 8)
    ),
    # A browser that a script drives, without a press.
    ("", True, 8, SCRIPTED),
    ("", True, 0.2, BROWSER),
    ("text", True, 8, BROWSER),
    ("", False, 8, BROWSER),
]


def filled(form: dict[str, Any], fill: str) -> dict[str, str]:
    data = {}
    for name, kind, value, ticked in form["fields"]:
        if kind in ("radio", "checkbox"):
            if ticked or "ticks" in fill:
                data[name] = value
        elif name and kind != "file":
            data[name] = value or ("texte" if "text" in fill and kind == "text" else "")
    return data


def test_a_browser_that_tells_nothing_ticks_a_box(world, signalement, recipient, person) -> None:
    old = Client()
    page = old.get(path_of(recipient, "recu"))
    assert "Je confirme ma réponse" in text_of(page)
    assert "Je confirme" not in text_of(person.open(path_of(recipient, "recu")))
    person.browser = {}
    asked = person.press(page)
    assert asked.status_code == 422
    assert "Cochez" in text_of(asked)
    assert person.press(asked, je_confirme="oui").status_code == 302
    assert signalement.events.count() == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"), ("2001:db8::7", "2001:db8::/64"),
        ("2001:db8::ffff:7", "2001:db8::/64"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)  # fmt: skip
def test_a_caller_is_an_address_or_a_network(address: str, counted: str) -> None:
    assert caller(RequestFactory().get("/", REMOTE_ADDR=address)) == counted


def test_many_callers_throw_no_limit_out(db) -> None:
    reached = Limit("wrong links", 1, 3600)
    reached.count("192.0.2.7")
    for number in range(700):
        reached.count(f"192.0.3.{number}")
    assert reached.is_reached("192.0.2.7")


def test_answers_of_a_person_are_many_and_what_was_typed_stays(
    world, signalement, recipient, person, monkeypatch
) -> None:
    monkeypatch.setattr(views, "ANSWERS", Limit("answers of this test", 1, 86_400))
    person.press(person.open(path_of(recipient, "recu")))
    again = person.press(person.open(path_of(recipient, "recu")), comment="Encore un mot.")
    assert again.status_code == 429
    assert "Trop de réponses par ce lien" in text_of(again)
    assert "Encore un mot." in text_of(again)
    assert signalement.events.filter(kind="replied").count() == 1
