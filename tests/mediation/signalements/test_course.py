"""What happens to a signalement once it is sent, until it is closed."""

import uuid
from datetime import UTC, date, datetime

import pytest
from post_office.models import Email

from mediation.models import (
    Delivery,
    Recipient,
    Relay,
)

from ...pages import text_of
from ...world import TODAY, World
from .writing import answer_as, contact, picture, words


def test_the_loop_from_promise_to_verified(world: World, sign_in) -> None:
    signalement = world.sent()
    town, team = sign_in(world, "town-a"), sign_in(world, "mediateur")
    answer_as(town, signalement, reply="charge", promised_on="2026-03-25")
    signalement.refresh_from_db()
    assert signalement.state == "pris"
    assert (
        "annoncé pour le 25 mars 2026"
        in words(team.get(f"/signalements/{signalement.pk}/")).lower()
    )
    answer_as(town, signalement, reply="resolu", comment="Ampoule changée", photo=picture())
    signalement.refresh_from_db()
    assert signalement.state == "declare"
    assert signalement.photos.get().recipient == signalement.recipients.get()
    page = team.get(f"/signalements/{signalement.pk}/")
    assert "Déclaré résolu : passez voir" in words(page)

    version = signalement.version
    team.post(f"/signalements/{signalement.pk}/suite/", {"to": "rouvrir", "version": version})
    signalement.refresh_from_db()
    row = signalement.recipients.get()
    assert (signalement.state, row.reply) == ("accuse", "")
    again = team.post(
        f"/signalements/{signalement.pk}/suite/", {"to": "rouvrir", "version": version}
    )
    assert again.status_code == 302, "a second press is done already"
    answer_as(town, signalement, reply="resolu")
    signalement.refresh_from_db()
    assert signalement.state == "declare"
    team.post(
        f"/signalements/{signalement.pk}/suite/", {"to": "verifie", "version": signalement.version}
    )
    signalement.refresh_from_db()
    assert (signalement.state, signalement.closed_on) == ("verifie", TODAY)
    titles = list(signalement.events.values_list("title", flat=True))
    assert titles[0] == "Résolu (vérifié)"
    assert "Rouvert" in titles
    assert "n’attend plus de réponse" in words(
        town.get(f"/signalements/{signalement.pk}/repondre/")
    )
    assert answer_as(town, signalement, reply="recu").status_code == 422


def test_reopened_it_goes_back_to_who_still_has_it_in_hand(world: World, sign_in) -> None:
    signalement, team = world.sent(), sign_in(world, "mediateur")
    other = contact(world, "owners")
    team.post(
        f"/signalements/{signalement.pk}/adresser/",
        {"contact": other.pk, "version": signalement.version},
    )
    answer_as(sign_in(world, "owners"), signalement, reply="charge")
    answer_as(sign_in(world, "town-a"), signalement, reply="resolu")
    for turn in ("verifie", "rouvrir"):
        signalement.refresh_from_db()
        team.post(
            f"/signalements/{signalement.pk}/suite/", {"to": turn, "version": signalement.version}
        )
    signalement.refresh_from_db()
    assert signalement.state == "pris"
    assert set(signalement.recipients.values_list("reply", flat=True)) == {"", "charge"}


@pytest.mark.parametrize(
    ("first", "then", "states"),
    [
        ("charge", "autre", ("pris", "reoriente")), ("charge", "recu", ("pris", "accuse")),
        ("charge", "resolu", ("pris", "declare")), ("resolu", "charge", ("declare", "pris")),
        ("resolu", "autre", ("declare", "reoriente")), ("autre", "charge", ("reoriente", "pris")),
    ],
)  # fmt: skip
def test_who_answered_may_say_otherwise(world: World, sign_in, first, then, states) -> None:
    signalement = world.sent()
    town, found = sign_in(world, "town-a"), []
    for reply in (first, then):
        answer = answer_as(town, signalement, reply=reply, redirect_to="les espaces communs")
        assert answer.status_code == 302
        signalement.refresh_from_db()
        found.append(signalement.state)
    assert tuple(found) == states


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reply"), ({"reply": "peut-être"}, "reply"),
        ({"reply": "charge", "promised_on": "2026-03-17"}, "promised_on"),
        ({"reply": "charge", "promised_on": "bientôt"}, "promised_on"),
        ({"reply": "charge", "promised_on": "2036-03-25"}, "promised_on"),
        ({"reply": "autre"}, "redirect_to"), ({"reply": "recu", "comment": "x" * 2001}, "comment"),
    ],
)  # fmt: skip
def test_an_answer_that_lacks_something_says_what(world: World, sign_in, data, field) -> None:
    signalement = world.sent()
    answer = answer_as(sign_in(world, "town-a"), signalement, **data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert signalement.recipients.get().reply == ""


def test_the_same_answer_twice_is_one_moment(world: World, sign_in) -> None:
    signalement, uid = world.sent(), uuid.uuid4()
    client = sign_in(world, "town-a")
    for _ in range(2):
        answer_as(client, signalement, reply="resolu", comment="Fait", uid=uid, photo=picture())
    assert signalement.events.filter(kind="replied").count() == 1
    assert signalement.photos.count() == 1


def test_only_the_party_that_was_asked_answers(world: World, sign_in) -> None:
    signalement = world.sent("hall-a", to="town-a")
    assert answer_as(sign_in(world, "owners"), signalement, reply="recu").status_code == 403
    assert answer_as(sign_in(world, "town-b"), signalement, reply="recu").status_code == 404
    assert answer_as(sign_in(world, "mediateur"), signalement, reply="recu").status_code == 403
    assert signalement.recipients.get().reply == ""


def test_who_refuses_names_another_and_the_signalement_goes_there(world: World, sign_in) -> None:
    right = contact(world, "owners", function="Gestion des espaces communs")
    contact(world, "town-b", function="Autre service")
    signalement = world.sent()
    answer_as(
        sign_in(world, "town-a"), signalement, reply="autre", redirect_to="les espaces communs"
    )
    signalement.refresh_from_db()
    assert signalement.state == "reoriente"
    team = sign_in(world, "mediateur")
    assert "Réorienter vers les espaces communs" in words(
        team.get(f"/signalements/{signalement.pk}/")
    )
    page = team.get(f"/signalements/{signalement.pk}/adresser/")
    assert page.context["form"]["contact"].value() == right.pk, "the one whom the words name"
    data = {"contact": right.pk, "version": signalement.version}
    for _ in range(2):
        assert team.post(f"/signalements/{signalement.pk}/adresser/", data).status_code == 302
    signalement.refresh_from_db()
    assert (signalement.state, signalement.recipients.count(), Email.objects.count()) == (
        "envoye",
        2,
        1,
    )


def test_giving_up_or_cancelling_needs_a_reason_that_names_nobody(world: World, sign_in) -> None:
    signalement = world.sent()
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/suite/"
    for reason in ("", "À la demande de Mme Durand"):
        answer = client.post(
            path, {"to": "non_resolu", "reason": reason, "version": signalement.version}
        )
        assert answer.status_code == 422
        assert "reason" in answer.context["form"].errors
    client.post(path, {"to": "non_resolu", "reason": "Sans suite", "version": signalement.version})
    signalement.refresh_from_db()
    assert (signalement.state, signalement.reason, signalement.closed_on) == (
        "non_resolu",
        "Sans suite",
        TODAY,
    )
    assert "Sans suite" in words(sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/"))


def test_a_decision_on_what_moved_meanwhile_is_asked_again(world: World, sign_in) -> None:
    signalement = world.sent()
    version = signalement.version
    answer_as(sign_in(world, "town-a"), signalement, reply="recu")
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/suite/"
    data = {"to": "annule", "reason": "Doublon", "version": version}
    late = client.post(path, data)
    assert late.status_code == 422
    assert "a changé entre-temps" in words(late)
    client.post(path, data | {"version": late.context["version"]})
    signalement.refresh_from_db()
    assert signalement.state == "annule"


def test_a_reminder_by_hand_goes_once_a_day_to_who_is_waited_for(world, sign_in, clock) -> None:
    signalement = world.sent()
    asleep = signalement.recipients.get()
    Recipient.objects.update(handed_at=datetime(2026, 3, 16, 9, tzinfo=UTC))
    client = sign_in(world, "mediateur")
    for _ in range(2):
        client.post(f"/signalements/{signalement.pk}/relancer/")
    assert Email.objects.get().to == [asleep.email]
    assert signalement.events.filter(kind="reminded").count() == 1
    again = client.post(f"/signalements/{signalement.pk}/relancer/", follow=True)
    assert "une relance par jour et par personne" in words(again)
    other = world.sent(title="Autre fiche")
    Recipient.objects.update(handed_at=datetime(2026, 3, 16, 9, tzinfo=UTC))
    client.post(f"/signalements/{other.pk}/relancer/")
    assert Email.objects.count() == 1, "one a day, whatever the signalement"
    answer_as(sign_in(world, "town-a"), signalement, reply="resolu")
    done = client.post(f"/signalements/{signalement.pk}/relancer/", follow=True)
    assert "Personne n’est à relancer" in words(done)
    assert Delivery.objects.filter(kind="reminder").count() == 1


def test_a_call_is_noted_and_its_answer_counts(world: World, sign_in) -> None:
    signalement, uid = world.sent(), uuid.uuid4()
    client = sign_in(world, "mediateur")
    data = {
        "uid": uid, "channel": "telephone", "contact": world.contact().pk, "reply": "charge",
        "day": TODAY.isoformat(), "promised_on": "2026-03-27", "note": "Passe vendredi",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(f"/signalements/{signalement.pk}/relais/", data).status_code == 302
    relay = Relay.objects.get()
    assert (relay.party, relay.signalement) == (world.parties["town-a"], signalement)
    signalement.refresh_from_db()
    assert (signalement.state, signalement.recipients.get().promised_on) == (
        "pris",
        date(2026, 3, 27),
    )
    partner = words(sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/"))
    assert "par téléphone" in partner
    assert "Passe vendredi" not in partner


def test_a_relay_to_somebody_else_changes_no_answer(world: World, sign_in) -> None:
    other = contact(world, "owners")
    signalement = world.sent()
    data = {"channel": "contact", "contact": other.pk, "day": TODAY.isoformat(), "reply": "recu"}
    path, client = f"/signalements/{signalement.pk}/relais/", sign_in(world, "mediateur")
    refused = client.post(path, data)
    assert "adressez-lui d’abord le signalement" in words(refused)
    assert not Relay.objects.exists()
    assert client.post(path, data | {"reply": ""}).status_code == 302
    signalement.refresh_from_db()
    assert (signalement.state, Relay.objects.get().contact) == ("envoye", other)
    wrong = sign_in(world, "mediateur").post(
        f"/signalements/{signalement.pk}/relais/", data | {"day": "2026-03-19", "channel": "pigeon"}
    )
    assert set(wrong.context["form"].errors) == {"channel", "day", "reply"}


def test_seen_again_is_read_by_who_was_asked(world: World, sign_in) -> None:
    signalement = world.sent()
    path = f"/signalements/{signalement.pk}/constat/"
    client = sign_in(world, "mediateur")
    for _ in range(2):
        client.post(path, {"text": "Deux lampes maintenant"})
    assert signalement.events.filter(kind="joined").count() == 1
    assert "Deux lampes maintenant" in words(
        sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/")
    )
    assert client.post(path, {"text": "chez Mme Durand"}).status_code == 422


def test_a_partner_moves_nothing(world: World, sign_in) -> None:
    signalement = world.sent()
    client = sign_in(world, "town-a")
    for end in ("suite", "adresser", "relancer", "relais", "constat", "modifier", "envoyer"):
        data = {"to": "annule", "reason": "Non", "version": signalement.version}
        assert client.post(f"/signalements/{signalement.pk}/{end}/", data).status_code == 403


def test_a_closed_signalement_is_addressed_to_nobody_else(world, sign_in) -> None:
    signalement = world.sent(state="annule", reason="Par erreur", closed_on=TODAY)
    other = contact(world, "town-b")
    answer = sign_in(world, "mediateur").post(
        f"/signalements/{signalement.pk}/adresser/",
        {"contact": other.pk, "version": signalement.version},
    )
    assert answer.status_code == 422
    assert "clos" in words(answer)
    assert signalement.recipients.count() == 1
    assert not Email.objects.exists()


def test_what_is_decided_says_which_needs_a_reason(world, sign_in) -> None:
    client = sign_in(world, "mediateur")
    declared = world.sent(state="declare")
    page = text_of(client.get(f"/signalements/{declared.pk}/suite/"))
    assert "Nécessaire pour «\xa0Non résolu\xa0»." in page
    closed = world.sent(state="verifie", closed_on=TODAY)
    page = text_of(client.get(f"/signalements/{closed.pk}/suite/"))
    assert "Nécessaire" not in page
    assert 'value="rouvrir"' in page
    assert "checked" in page.split('value="rouvrir"')[1].split(">")[0]
