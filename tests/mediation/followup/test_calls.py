"""The list of calls and the list of the committee."""

from datetime import date
from typing import Any

import pytest

from governance.models import Contact
from mediation.followup.steps import Step
from mediation.models import (
    Recipient,
    Relay,
    Reminder,
    SignalementState,
)
from mediation.signalements.actions.answers import answer_signalement

from ...pages import text_of
from ...world import World
from .days import at, course, handed


@pytest.fixture
def to_call(world: World) -> Recipient:
    """Two signalements of one contact, with a call to make about each."""
    Contact.objects.filter(party=world.parties["town-a"]).update(phone="03 20 00 00 00")
    first, _ = handed(world, title="Banc cassé"), handed(world, title="Lampe éteinte")
    course(world, 16)
    assert Reminder.objects.filter(step=Step.CALL).count() == 2
    return first


def test_a_call_is_noted_once_and_done(world: World, to_call: Recipient, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    text = text_of(client.get("/signalements/a-appeler/"))
    assert text.count("Interlocuteur town-a essai</h2>") == 1
    assert "03 20 00 00 00".replace(" ", "\xa0") in text
    assert "Banc cassé" in text
    assert "Lampe éteinte" in text
    path = f"/signalements/a-appeler/{to_call.contact_id}/"
    page = text_of(client.get(path))
    data = {
        "uid": page.split('name="uid" value="')[1].split('"')[0], "signalements": [to_call.pk],
        "note": "Message laissé", "reply": "",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(path, data).status_code in (302, 422)
    relay = Relay.objects.get()
    assert (relay.channel, relay.note, relay.signalement) == (
        "telephone", "Message laissé", to_call.signalement,
    )  # fmt: skip
    assert to_call.reminders.get(step=Step.CALL).done_on == date(2026, 3, 18)
    left = text_of(client.get("/signalements/a-appeler/"))
    assert "Banc cassé" not in left
    assert "Lampe éteinte" in left


def test_what_is_said_on_the_phone_counts_as_an_answer(
    world: World, to_call: Recipient, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    rows = list(Recipient.objects.order_by("pk"))
    path = f"/signalements/a-appeler/{to_call.contact_id}/"
    data = {
        "uid": "0f5a5a3e-1c1d-4c5e-9a53-1e7a4c0a1a11", "signalements": [row.pk for row in rows],
        "note": "Les services passent vendredi", "reply": "charge",
    }  # fmt: skip
    wrong = client.post(path, data | {"promised_on": "2026-03-01"})
    assert wrong.status_code == 422
    assert "Les services passent vendredi" in text_of(wrong)
    assert client.post(path, data | {"promised_on": "2026-03-27"}).status_code == 302
    for row in rows:
        row.refresh_from_db()
        assert (row.reply, row.promised_on) == ("charge", date(2026, 3, 27))
        assert row.signalement.state == SignalementState.PRIS_EN_CHARGE
        said = row.signalement.events.get(kind="replied")
        assert said.title == "Je m’en occupe, pour le vendredi 27\xa0mars 2026, par téléphone"
        assert not said.text, "the note stays with the operator"
    assert "Personne à appeler" in text_of(client.get("/signalements/a-appeler/"))


def test_an_answer_by_mail_takes_the_call_off_the_list(
    world: World, to_call: Recipient, sign_in: Any
) -> None:
    for row in Recipient.objects.all():
        answer_signalement(recipient=row, reply="recu", now=at(date(2026, 3, 31)))
    client = sign_in(world, "coordination")
    assert "Personne à appeler" in text_of(client.get("/signalements/a-appeler/"))


def test_the_committees_list_says_of_a_confidential_signalement_its_number_only(
    world: World, sign_in: Any
) -> None:
    handed(world, title="Banc cassé")
    secret = handed(world, title="Affaire délicate", is_confidential=True)
    client = sign_in(world, "coordination")
    assert "Aucun signalement à proposer" in text_of(client.get("/signalements/comite/"))
    course(world, 30)
    text = text_of(client.get("/signalements/comite/"))
    copied = text.split("<textarea")[1].split("</textarea")[0]
    assert "Banc cassé (Lieu hall-a essai)" in copied
    assert "Affaire délicate" not in copied
    assert f"{secret.signalement.reference}" in copied
    assert "Affaire délicate" in text, "the coordination reads it in the list itself"


def test_a_line_is_taken_off_the_committees_list_and_put_back(world: World, sign_in: Any) -> None:
    row = handed(world, title="Banc cassé")
    course(world, 30)
    client = sign_in(world, "coordination")
    path, listed = f"/signalements/comite/{row.pk}/", "/signalements/comite/"
    for _ in range(2):  # a second press changes nothing
        text = text_of(client.post(path, follow=True))
        assert "Plus rien à proposer" in text
        assert "Remettre" in text
    course(world, 31)
    assert "Plus rien à proposer" in text_of(client.get(listed))
    moments = row.signalement.events.filter(kind="committee").order_by("pk")
    assert [moment.title.partition("\xa0:")[0] for moment in moments] == [
        "Proposé au comité, sans réponse", "Retiré de la liste du comité",
    ]  # fmt: skip
    assert all(moment.is_internal for moment in moments)
    text = text_of(client.post(path, {"remettre": "1"}, follow=True))
    assert "Banc cassé (Lieu hall-a essai)" in text.split("<textarea")[1]


@pytest.mark.parametrize("path", ["/signalements/a-appeler/", "/signalements/comite/"])
@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_the_lists_are_the_coordinations(world: World, sign_in: Any, who: str, path: str) -> None:
    assert sign_in(world, who).get(path).status_code == 403


def test_the_same_queries_for_one_call_and_for_thirty(
    world: World, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(30):
        handed(world)
    course(world, 30)
    client = sign_in(world, "coordination")
    for path in ("/signalements/a-appeler/", "/signalements/comite/"):
        client.get(path)
        with django_assert_max_num_queries(8):
            assert text_of(client.get(path)).count("Éclairage éteint") >= 30
