"""Links that do not hold, and how another is asked for."""

import logging
from datetime import timedelta

import pytest
from django.core import signing
from django.test import Client, RequestFactory

from governance.models import Contact
from humanicite.lib import human
from mediation.models import (
    Delivery,
    Recipient,
    Signalement,
)
from mediation.signalements.links import LINK_SALT, link_token

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY
from .persons import Form, path_of


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
