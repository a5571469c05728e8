"""The answer by the link of a mail: nobody's account, one signalement, one recipient, a person's press."""

import io
import logging
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from PIL import Image
from post_office.models import Email

from governance.models import Contact
from humanicite.lib import human
from humanicite.lib.limits import Limit, caller
from mediation.answers import views
from mediation.models import (
    Delivery,
    InboundMail,
    Recipient,
    RecipientState,
    Reminder,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.sending import send_signalement
from mediation.signalements.links import LINK_SALT, link_token

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (640, 480), "seagreen").save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def signalement(world: World) -> Signalement:
    return world.sent(
        description="Deux candélabres", expected="Remettre en service", where="allée nord"
    )


@pytest.fixture
def recipient(signalement: Signalement) -> Recipient:
    return signalement.recipients.get()


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


@pytest.fixture
def person(clock: Any) -> Person:
    return Person(clock)


def path_of(recipient: Recipient, choice: str = "") -> str:
    return f"/repondre/{link_token(recipient)}/" + (f"?choix={choice}" if choice else "")


# --- Reading --------------------------------------------------------------------------------------


def everything() -> list[Any]:
    """All that an answer could change."""
    models: list[Any] = [
        Signalement, Recipient, SignalementEvent, Delivery, Reminder, SignalementPhoto, InboundMail,
        Contact, Email, Signalement.history.model, Recipient.history.model,
    ]  # fmt: skip
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_reading_shows_the_signalement_and_changes_nothing(
    world, recipient, person, django_assert_max_num_queries
) -> None:
    before = everything()
    for choice in ("", "recu", "charge", "resolu", "autre", "nimporte"):
        with django_assert_max_num_queries(8):
            answer = person.open(path_of(recipient, choice))
        assert answer.status_code == 200
        assert not answer.cookies
        text = text_of(answer)
        ticked = re.findall(r'value="(\w+)"[^>]*checked', text)
        assert ticked == ([choice] if choice in ("recu", "charge", "resolu", "autre") else [])
    for words in ("Éclairage éteint", "allée nord", "Deux candélabres", "Remettre en service", "30 mars",
                  "Bien reçu", "Je m’en occupe", "Résolu", "Pas de mon ressort", "Confirmer"):  # fmt: skip
        assert words.replace(" ", "\N{NO-BREAK SPACE}") in text or words in text, words
    assert everything() == before


def test_it_is_kept_by_no_cache_and_named_to_nobody(world, recipient, person) -> None:
    wrong = "/repondre/x/"
    for path in (path_of(recipient), wrong, f"{path_of(recipient)}photos/1/", f"{wrong}lien/"):
        for send in (Client().get, Client().post):
            answer = send(path)
            assert answer["Cache-Control"] == "no-store, private"
            assert answer["Referrer-Policy"] == "no-referrer"
            assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_the_page_shows_nothing_of_others(
    world: World, signalement: Signalement, recipient, person
) -> None:
    other = world.contact("town-b")
    beside = Recipient.objects.create(
        signalement=signalement, party=other.party, contact=other, function=other.function,
        email=other.email, state="remis",
    )  # fmt: skip
    signalement.activity = world.activity(internal_note="note-secrete", summary="résumé-secret")
    signalement.situation = world.situation(title="titre-secret")
    signalement.save()
    signalement.events.create(
        at=NOW, kind="call", title="appel-secret", text="texte-secret", is_internal=True
    )
    signalement.events.create(at=NOW, kind="replied", title="réponse-secrète", recipient=beside)
    photo = SignalementPhoto(signalement=signalement, recipient=beside, width=640, height=480)
    photo.file.save("", ContentFile(picture()))
    text = text_of(person.open(path_of(recipient)))
    for word in (
        "secret",
        "town-b",
        "@example.org",
        "Fonction mediateur",
        world.user("mediateur").email,
    ):
        assert word not in text, word
    assert f"photos/{photo.pk}/" not in text
    assert person.open(f"{path_of(recipient)}photos/{photo.pk}/").status_code == 404
    assert person.open(f"{path_of(beside)}photos/{photo.pk}/").status_code == 200


def test_somebody_signed_in_sees_the_same_page(world, recipient, sign_in) -> None:
    signed_in = text_of(sign_in(world, "coordination").get(path_of(recipient)))
    nobody = text_of(Client().get(path_of(recipient)))
    assert [re.sub(r'nonce-\S+|value="[^"]*"', "", text) for text in (signed_in, nobody)] == [
        re.sub(r'nonce-\S+|value="[^"]*"', "", nobody)
    ] * 2


def test_the_signalements_photos_open_by_the_link_alone(
    world, signalement, recipient, person
) -> None:
    photo = SignalementPhoto(signalement=signalement, width=640, height=480)
    photo.file.save("", ContentFile(picture()))
    other = world.sent("hall-b", "town-b").recipients.get()
    path = f"{path_of(recipient)}photos/{photo.pk}/"
    assert path in text_of(person.open(path_of(recipient)))
    for size in ("", "?taille=vignette"):
        answer = person.open(path + size)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Cache-Control"] == "no-store, private"
    assert person.open(f"{path_of(other)}photos/{photo.pk}/").status_code == 404


# --- Answering ------------------------------------------------------------------------------------


def test_two_clicks_and_no_character(world, signalement, recipient, person) -> None:
    answer = person.press(person.open(path_of(recipient, "recu")))
    assert answer.status_code == 302
    assert answer["Location"] == path_of(recipient)
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.reply, recipient.state, signalement.state) == ("recu", "accuse", "accuse")
    event = signalement.events.get()
    assert event.title == "Bien reçu, par le lien du courriel"
    text = text_of(person.open(answer["Location"]))
    assert "Votre réponse est enregistrée" in text
    assert "18\N{NO-BREAK SPACE}mars 2026 à 14:32" in text


def test_each_answer_says_what_goes_with_it(world, signalement, recipient, person) -> None:
    page = person.open(path_of(recipient, "charge"))
    answer = person.press(page, promised_on="2026-03-25", redirect_to="Ignoré")
    assert answer.status_code == 302
    recipient.refresh_from_db()
    assert (recipient.promised_on, recipient.redirect_to) == (date(2026, 3, 25), "")
    assert "25\N{NO-BREAK SPACE}mars 2026" in text_of(person.open(path_of(recipient)))

    page = person.open(path_of(recipient, "autre"))
    answer = person.press(page, redirect_to="La métropole", comment="Voirie métropolitaine")
    assert answer.status_code == 302
    recipient.refresh_from_db()
    signalement.refresh_from_db()
    assert (recipient.redirect_to, recipient.promised_on) == ("La métropole", None)
    assert signalement.state == "reoriente"

    page = person.open(path_of(recipient, "resolu"))
    photo = SimpleUploadedFile("fait.jpg", picture(), "image/jpeg")
    assert person.press(page, photo=photo).status_code == 302
    signalement.refresh_from_db()
    assert signalement.state == "declare"
    assert signalement.photos.get().recipient == recipient
    kinds = list(signalement.events.values_list("title", flat=True))
    assert len(kinds) == 3
    assert "Vos photos" in text_of(person.open(path_of(recipient)))


def test_the_same_form_twice_is_one_answer(world, signalement, recipient, person) -> None:
    page = person.open(path_of(recipient, "resolu"))
    for _ in range(2):
        photo = SimpleUploadedFile("fait.jpg", picture(), "image/jpeg")
        assert person.press(page, comment="C’est fait", photo=photo).status_code == 302
    assert signalement.events.count() == 1
    assert signalement.photos.count() == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    world, signalement, recipient, person
) -> None:
    before = everything()
    page = person.open(path_of(recipient))
    for changes, said in (
        ({}, "Choisissez une réponse."),
        ({"reply": "peut-être"}, "Cette réponse n’existe pas."),
        ({"reply": "charge", "promised_on": "2026-03-01"}, "Cette date est passée."),
        ({"reply": "charge", "promised_on": "31/02/2026"}, "Cette date n’existe pas"),
        ({"reply": "recu", "comment": "x" * 2001}, "2000"),
        ({"reply": "resolu", "photo": SimpleUploadedFile("a.jpg", b"rien", "image/jpeg")},
         "pas une photo lisible"),
    ):  # fmt: skip
        given = {"comment": "Mot gardé"} | changes
        answer = person.press(page, **given)
        text = text_of(answer)
        assert answer.status_code == 422, changes
        assert said in text, said
        assert given["comment"] in text
    assert everything() == before


def test_a_comment_that_names_somebody_stays_with_the_operator(
    world, signalement, recipient, person
) -> None:
    said = "Vu avec Mme Durand au 06 12 34 56 78"
    person.press(person.open(path_of(recipient, "recu")), comment=said)
    seen = SignalementEvent.objects.visible_to(world.reader("town-a"))
    assert [row.title for row in seen] == ["Bien reçu, par le lien du courriel"]
    assert not seen.exclude(text="").exists()
    own = SignalementEvent.objects.visible_to(world.reader("mediateur"))
    assert own.get(kind="comment").text == said


def test_a_closed_signalement_takes_no_answer(world, signalement, recipient, person) -> None:
    page = person.open(path_of(recipient, "recu"))
    Signalement.objects.filter(pk=signalement.pk).update(state="verifie", closed_on=TODAY)
    before = everything()
    answer = person.press(page)
    assert answer.status_code == 409
    assert "Ce signalement est clos" in text_of(answer)
    assert not Form(text_of(answer)).forms
    assert everything() == before


# --- Not a person ---------------------------------------------------------------------------------


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


# --- Links that do not hold -----------------------------------------------------------------------


def test_a_link_that_is_none_answers_one_neutral_page(
    world, recipient, person, django_assert_num_queries
) -> None:
    token = link_token(recipient)
    wrong = [
        "x", token[:-1], token[:-2] + "zz", token + "a", token[1:], "é" * 40, "a" * 5000,
        signing.dumps([recipient.pk, recipient.nonce.hex], salt="another"),
        signing.dumps([999_999, recipient.nonce.hex], salt=LINK_SALT),
        signing.dumps("text", salt=LINK_SALT),
    ]  # fmt: skip
    pages = set()
    for index, text in enumerate(wrong):
        answer = Client(REMOTE_ADDR=f"192.0.2.{index}").get(f"/repondre/{text}/")
        assert answer.status_code == 404, text
        pages.add(text_of(answer))
        assert (
            Client(REMOTE_ADDR=f"192.0.2.{index}").post(f"/repondre/{text}/lien/").status_code
            == 404
        )
    assert len(pages) == 1


@pytest.mark.parametrize("days", [29, 30, 31])
def test_a_link_holds_for_thirty_days_after_the_closure(
    world, signalement, recipient, person, days
) -> None:
    closed = TODAY - timedelta(days=days)
    Signalement.objects.filter(pk=signalement.pk).update(state="verifie", closed_on=closed)
    answer = person.open(path_of(recipient))
    assert answer.status_code == (200 if days <= 30 else 410)
    assert ("Recevoir un nouveau lien" in text_of(answer)) is (days > 30)


def test_a_new_link_goes_to_the_same_address_and_to_no_other(
    world, signalement, recipient, person, smtp, django_capture_on_commit_callbacks
) -> None:
    Signalement.objects.filter(pk=signalement.pk).update(
        state="verifie", closed_on=TODAY - timedelta(days=40)
    )
    old = path_of(recipient)
    page = person.open(old)
    assert recipient.email not in text_of(page)
    assert "c…@example.org" in text_of(page)
    with django_capture_on_commit_callbacks(execute=True):
        answer = person.press(page, email="quelqu-un@example.org", adresse="x@example.org")
    assert answer.status_code == 200
    assert recipient.email not in text_of(answer)
    assert [mail.rcpt_tos for mail in smtp.messages] == [[recipient.email]]
    recipient.refresh_from_db()
    assert person.open(old).status_code == 410, "the former is replaced"
    new = person.open(path_of(recipient))
    assert new.status_code == 200
    assert "Ce signalement est clos" in text_of(new)
    # Pressed again, and from the old page: one mail is under way.
    with django_capture_on_commit_callbacks(execute=True):
        person.press(page)
        person.press(person.open(old))
    assert len(smtp.messages) == 1
    person.clock(NOW + timedelta(days=31))
    assert person.open(path_of(recipient)).status_code == 410


def test_an_old_link_brings_the_present_one_and_does_not_void_it(
    world, recipient, person, smtp, django_capture_on_commit_callbacks
) -> None:
    import uuid

    old = path_of(recipient)
    recipient.nonce = uuid.uuid4()
    recipient.save()
    present = path_of(recipient)
    with django_capture_on_commit_callbacks(execute=True):
        person.press(person.open(old))
    assert len(smtp.messages) == 1
    assert person.open(present).status_code == 200


def test_a_contact_who_left_asks_again_at_the_same_address(
    world, recipient, person, smtp, django_capture_on_commit_callbacks
) -> None:
    Contact.objects.filter(pk=recipient.contact_id).update(ends=TODAY - timedelta(days=1))
    page = person.open(path_of(recipient, "recu"))
    assert page.status_code == 410
    with django_capture_on_commit_callbacks(execute=True):
        person.press(page)
    assert [mail.rcpt_tos for mail in smtp.messages] == [[recipient.email]]
    recipient.refresh_from_db()
    assert person.open(path_of(recipient)).status_code == 200, "who reads that address still may"


def test_who_was_succeeded_reads_who_follows_and_asks_for_nothing(
    world, signalement, recipient, person, smtp
) -> None:
    heir = Contact.objects.create(
        party=recipient.party, function="Nouvelle fonction", email="suite@example.org",
        starts=TODAY,
    )  # fmt: skip
    recipient.successor = Recipient.objects.create(
        signalement=signalement,
        party=heir.party,
        contact=heir,
        function=heir.function,
        email=heir.email,
    )
    recipient.save()
    page = person.open(path_of(recipient, "recu"))
    text = text_of(page)
    assert page.status_code == 410
    assert "Nouvelle fonction" in text
    assert "suite@" not in text
    assert not Form(text).forms
    stamp = human.parts(RequestFactory().get("/"), f"recipient:{recipient.pk}", NOW)["stamp"]
    person.wait(5)
    data = {"moment": stamp, "confirmer": "oui", "je_confirme": "oui"}
    assert Client().post(f"{path_of(recipient)}lien/", data).status_code == 410
    assert not Delivery.objects.exists()


def test_asking_too_often_is_told_when_to_come_back(world, recipient, person) -> None:
    for _ in range(30):
        assert Client().get("/repondre/x/").status_code == 404
    answer = Client().get("/repondre/x/")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 60
    assert "Trop de demandes" in text_of(answer)
    assert Client().get(path_of(recipient)).status_code == 200, "a good link is not held up"
    # By one link, from many addresses: what a scanner sends is not counted as answers.
    codes = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post(path_of(recipient)).status_code for n in range(70)
    ]
    assert codes.count(429) == 10
    kept = Client().post(path_of(recipient), {"comment": "Un texte déjà écrit."})
    assert kept.status_code == 429
    assert "Un texte déjà écrit." in text_of(kept)


def test_a_link_stands_in_no_log(world, recipient, caplog) -> None:
    """Django logs the path of each answer from 400 on."""
    token = link_token(recipient)
    with caplog.at_level("WARNING"):
        assert Client().post(path_of(recipient), {}).status_code == 422
        assert Client().get(f"/repondre/{token}/photos/99/").status_code == 404
    console = logging.getLogger().handlers
    [line] = {handler.formatter for handler in console if type(handler) is logging.StreamHandler}
    written = [line.format(record) for record in caplog.records]
    assert len(written) == 2
    assert not [text for text in written if token in text]
    assert "/repondre/…/photos/99/" in written[1]


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


@pytest.mark.parametrize(
    ("values", "code"),
    [({"closed_on": TODAY}, 409), ({"closed_on": TODAY - timedelta(days=31)}, 410)],
)
def test_what_was_typed_for_a_signalement_closed_meanwhile_can_be_copied(
    world, signalement, recipient, person, values, code
) -> None:
    page = person.open(path_of(recipient, "recu"))
    Signalement.objects.filter(pk=signalement.pk).update(state="verifie", **values)
    answer = person.press(page, comment="L’équipe <passe> mardi.")
    assert answer.status_code == code
    assert "n’est pas enregistré" in text_of(answer)
    assert "L’équipe &lt;passe&gt; mardi." in text_of(answer)
    assert not signalement.events.exists()


def test_a_late_answer_after_silence_is_an_answer(world, signalement, recipient, person) -> None:
    Recipient.objects.filter(pk=recipient.pk).update(state=RecipientState.SILENCIEUX)
    person.press(person.open(path_of(recipient, "recu")))
    recipient.refresh_from_db()
    assert recipient.state == RecipientState.ACCUSE


def test_two_answer_at_once_and_both_are_told(world, signalement, recipient, person) -> None:
    """The last one stands; the timeline has both."""
    first, second = (
        person.open(path_of(recipient, "recu")),
        person.open(path_of(recipient, "charge")),
    )
    person.press(first)
    person.press(second, promised_on="2026-03-30")
    recipient.refresh_from_db()
    assert recipient.reply == "charge"
    assert signalement.events.count() == 2


def test_a_photo_that_is_too_heavy_is_said(world, signalement, recipient, person) -> None:
    heavy = SimpleUploadedFile("a.jpg", b"\xff\xd8" + b"0" * (33 * 1024 * 1024), "image/jpeg")
    answer = person.press(person.open(path_of(recipient, "resolu")), photo=heavy)
    assert answer.status_code == 422
    assert "trop lourd" in text_of(answer)
    assert not signalement.events.exists()


def test_a_mail_is_neither_the_answer_nor_its_comment(
    world, signalement, recipient, person
) -> None:
    """Each with its own moment; what nobody shared is not there, nor what another address wrote."""
    answer_signalement(recipient=recipient, reply="recu", now=NOW - timedelta(days=2))
    signalement.events.create(
        kind="mail", at=NOW - timedelta(hours=3), title="Réponse par courriel", text="Hier soir.",
        recipient=recipient, is_internal=True, message_id="<un@example.org>",
    )  # fmt: skip
    page = text_of(person.open(path_of(recipient))).replace("\xa0", " ")
    assert "« Bien reçu »</strong>. Le 16 mars 2026 à 14:32." in page
    assert "Hier soir." not in page
    signalement.events.update(is_internal=False)
    page = text_of(person.open(path_of(recipient))).replace("\xa0", " ")
    assert "« Bien reçu »</strong>. Le 16 mars 2026 à 14:32." in page
    assert "Votre courriel du 18 mars 2026 à 11:32" in page
    assert "Votre commentaire" not in page
    assert page.count("Hier soir.") == 1
