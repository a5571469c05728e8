"""A recipient reads and answers by the link of a mail, without an account."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mediation.models import (
    Recipient,
    RecipientState,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.signalements.actions.answers import answer_signalement

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World
from .persons import Form, everything, path_of, picture

# --- Reading --------------------------------------------------------------------------------------


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


def test_who_takes_charge_owes_no_date_and_may_press_one(world, person) -> None:
    """The days are chips: those of this week and of the signalement, beside a free one."""
    recipient = world.sent("hall-a", due_on=date(2026, 3, 25)).recipients.first()
    page = person.open(path_of(recipient, "charge"))
    chips = re.findall(r'name="promised_on"[^>]* value="([^"]*)"', text_of(page))
    assert chips == ["", "2026-03-20", "2026-03-25"]
    assert person.press(page).status_code == 302
    recipient.refresh_from_db()
    assert (recipient.reply, recipient.promised_on) == ("charge", None)
    person.press(person.open(path_of(recipient, "charge")), promised_on="2026-03-20")
    recipient.refresh_from_db()
    assert recipient.promised_on == date(2026, 3, 20)
