"""Coming in: by invitation only, with real mail; choosing; ending (R74)."""

import email
import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from post_office.models import Email

from governance.access.actions import grant_access
from governance.models import JournalEntry, Membership, User
from governance.rights import Role

from ...pages import text_of
from ...world import World

INVITATION = {
    "email": "nouveau@example.org", "function": "Adjoint", "role": "partenaire",
    "starts": "2026-03-18", "ends": "",
}  # fmt: skip


@pytest.fixture
def invite(world: World, sign_in, django_capture_on_commit_callbacks):
    def send(**changes):
        data = INVITATION | {"party": world.parties["town-a"].pk} | changes
        with django_capture_on_commit_callbacks(execute=True):
            return sign_in(world, "coordination").post("/acces/inviter/", data)

    return send


def body_of(envelope) -> str:
    message = email.message_from_bytes(envelope.content)
    return message.get_payload(decode=True).decode()


def test_from_invitation_to_ones_own_perimeter(world, invite, smtp, client) -> None:
    assert invite().status_code == 302
    assert [e.rcpt_tos for e in smtp.messages] == [["nouveau@example.org"]]
    link = re.search(r"http://\S+", body_of(smtp.messages[0])).group()
    page = client.get(link, follow=True)
    action = page.redirect_chain[-1][0]
    secret = "une phrase assez longue"
    done = client.post(action, {"password1": secret, "password2": secret}, follow=True)
    assert done.status_code == 200
    assert "Périmètre town-a" in text_of(client.get("/tableau-de-bord/"))
    client.post("/deconnexion/")
    assert client.get("/tableau-de-bord/").status_code == 302
    client.post("/connexion/", {"login": "NOUVEAU@example.org", "password": secret})
    assert client.get("/tableau-de-bord/").status_code == 200
    again = text_of(client.get(link, follow=True))
    assert "n’est plus valable" in again


@pytest.mark.django_db(transaction=True)  # the worker's process closes its connection
def test_a_dead_mail_server_loses_no_invitation(world, invite, smtp) -> None:
    smtp.refuse = True
    assert invite().status_code == 302
    assert Membership.objects.filter(user__email="nouveau@example.org").exists()
    waiting = Email.objects.get()
    assert waiting.to == ["nouveau@example.org"]
    smtp.refuse = False
    Email.objects.update(scheduled_time=None)
    call_command("send_queued_mail")
    assert len(smtp.messages) == 1


def test_a_name_that_looks_like_a_template_is_a_name(world, invite, smtp) -> None:
    world.parties["town-a"].name = "Ville {% load x %} {{ settings }} {# #}"
    world.parties["town-a"].save()
    assert invite().status_code == 302
    assert "Ville {% load x %} {{ settings }} {# #}" in body_of(smtp.messages[0])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "pas une adresse"}, "Saisissez une adresse"),
        ({"role": "coordination"}, "L’opérateur a des médiateurs"),
        ({"starts": "31/02/2026"}, "Saisissez une date valide"),
        ({"ends": "2026-01-01"}, "La date de fin précède"),
        ({"email": "town-a-essai@example.org"}, "a déjà un accès"),
        ({"party": "999999"}, "Sélectionnez un choix valide"),
    ],
)
def test_a_wrong_invitation_keeps_what_was_typed(world, invite, changes, said) -> None:
    answer = invite(**changes)
    text = text_of(answer).replace("\u00a0", " ")
    assert answer.status_code == 200
    assert said in text.replace("&#x27;", "’").replace("’", "’")
    assert "Adjoint" in text
    assert not User.objects.filter(email="nouveau@example.org").exists()


def test_a_party_of_another_programme_cannot_be_invited(world, elsewhere, invite) -> None:
    answer = invite(party=elsewhere.parties["town-a"].pk)
    assert answer.status_code == 200
    assert not Membership.objects.filter(user__email="nouveau@example.org").exists()


def test_signing_up_alone_is_impossible(client, db) -> None:
    page = client.get("/acces-sur-invitation/")
    assert "sur invitation" in text_of(page)
    client.post("/acces-sur-invitation/", {"email": "x@example.org", "password1": "x" * 20})
    assert not User.objects.filter(email="x@example.org").exists()


def test_ending_and_its_trace(world: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    pk = world.memberships["town-b"].pk
    assert client.post(f"/acces/{pk}/clore/", {"on": "2026-03-17"}).status_code == 200
    assert client.post(f"/acces/{pk}/clore/", {"on": "2026-04-01"}).status_code == 302
    ended = Membership.objects.get(pk=pk)
    assert ended.ends == date(2026, 3, 31)
    assert ended.history.count() == 2
    entry = JournalEntry.objects.get(act="end")
    assert (entry.actor, entry.fields) == ("coordination-essai@example.org", ["ends"])


def test_nobody_locks_themselves_out(world: World, sign_in) -> None:
    pk = world.memberships["coordination"].pk
    answer = sign_in(world, "coordination").post(f"/acces/{pk}/clore/", {"on": "2026-03-18"})
    assert "votre propre accès" in text_of(answer)
    assert Membership.objects.get(pk=pk).ends is None


def test_a_user_of_two_programmes_chooses(world: World, elsewhere: World, sign_in) -> None:
    user = world.user("town-a")
    other = Membership.objects.create(
        user=user, party=elsewhere.parties["town-b"], role=Role.PARTENAIRE, starts=date(2025, 1, 1)
    )
    client = sign_in(world, "town-a")
    assert client.get("/tableau-de-bord/")["Location"] == "/choisir/?next=%2Ftableau-de-bord%2F"
    stranger = elsewhere.memberships["coordination"].pk
    assert client.post("/choisir/", {"membership": stranger}).status_code == 200
    client.post("/choisir/", {"membership": other.pk})
    text = text_of(client.get("/tableau-de-bord/"))
    assert "Périmètre town-b ailleurs" in text
    assert "essai" not in text.replace("town-a-essai@example.org", "").replace(
        "Fonction town-a essai", ""
    )


def test_roles_fit_the_party(world: World) -> None:
    with pytest.raises(ValidationError, match="réservé à l’opérateur"):
        grant_access(
            email="x@example.org", function="X", party=world.parties["town-a"],
            role=Role.MEDIATEUR, starts=date(2026, 1, 1), by=None,
        )  # fmt: skip
    assert not User.objects.filter(email="x@example.org").exists()


def test_addresses_are_one_whatever_their_case(world: World) -> None:
    granted = grant_access(
        email="TOWN-A-essai@EXAMPLE.org", function="X", party=world.parties["town-b"],
        role=Role.PARTENAIRE, starts=date(2026, 1, 1), by=None,
    )  # fmt: skip
    assert granted.user == world.user("town-a")


def test_the_first_access_is_opened_by_command(world: World, capsys) -> None:
    call_command(
        "open_access", "premier@example.org", function="Coordination", party="operator",
        role="coordination", programme="essai",
    )  # fmt: skip
    assert "/mot-de-passe/nouveau/" in capsys.readouterr().out
    with pytest.raises(CommandError, match="known: .*operator"):
        call_command(
            "open_access", "y@example.org", function="X", party="inconnue", role="coordination"
        )


def test_a_code_by_mail_signs_in(world, client, smtp, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/connexion/code/", {"email": "town-a-essai@example.org"})
    code = re.search(r": ([A-Z0-9-]{6,})", body_of(smtp.messages[0])).group(1)
    client.post("/connexion/code/saisir/", {"code": code})
    assert client.get("/tableau-de-bord/").status_code == 200


def test_too_many_wrong_passwords_are_stopped(world, client) -> None:
    user = world.user("town-a")
    user.set_password("le bon mot de passe")
    user.save()
    for _ in range(8):
        client.post("/connexion/", {"login": user.email, "password": "faux"})
    answer = client.post("/connexion/", {"login": user.email, "password": "le bon mot de passe"})
    assert answer.status_code in (200, 429)
    assert client.get("/tableau-de-bord/").status_code == 302


def test_pages_are_never_stored_by_a_cache(world: World, sign_in) -> None:
    assert "no-store" in sign_in(world, "town-a").get("/tableau-de-bord/")["Cache-Control"]


def test_an_ended_access_is_not_opened_again_by_closing_it(world: World, sign_in) -> None:
    Membership.objects.filter(pk=world.memberships["town-b"].pk).update(ends=date(2026, 3, 1))
    client = sign_in(world, "coordination")
    path = f"/acces/{world.memberships['town-b'].pk}/clore/"
    assert "se termine déjà" in text_of(client.post(path, {"on": "2035-01-01"}))
    assert Membership.objects.get(pk=world.memberships["town-b"].pk).ends == date(2026, 3, 1)


def test_an_access_of_one_day_stays_in_the_list(world, invite, sign_in, smtp) -> None:
    invite()
    access = Membership.objects.get(user__email="nouveau@example.org")
    client = sign_in(world, "coordination")
    client.post(f"/acces/{access.pk}/clore/", {"on": "2026-03-18"})
    access.refresh_from_db()
    assert (access.starts, access.ends) == (date(2026, 3, 18), date(2026, 3, 18))


def test_an_access_that_never_opened_goes(world, invite, sign_in, smtp) -> None:
    invite(starts="2026-04-01")
    access = Membership.objects.get(user__email="nouveau@example.org")
    sign_in(world, "coordination").post(f"/acces/{access.pk}/clore/", {"on": "2026-03-20"})
    assert not Membership.objects.filter(pk=access.pk).exists()


def test_a_choice_that_ended_is_made_again(world: World, elsewhere: World, sign_in) -> None:
    other = Membership.objects.create(
        user=world.user("town-a"), party=elsewhere.parties["town-b"], role=Role.PARTENAIRE,
        starts=date(2025, 1, 1),
    )  # fmt: skip
    client = sign_in(world, "town-a")
    client.post("/choisir/", {"membership": other.pk})
    assert client.get("/tableau-de-bord/").status_code == 200
    Membership.objects.filter(pk=other.pk).update(ends=date(2026, 3, 17))
    assert client.get("/tableau-de-bord/")["Location"].startswith("/choisir/")


def test_what_only_takes_a_post_leads_home_after_sign_in(world, client) -> None:
    path = f"/acces/{world.memberships['town-a'].pk}/relancer/"
    assert client.post(path)["Location"] == "/connexion/?next=%2F"


def test_punctuation_in_a_mail_is_as_typed(world, invite, smtp) -> None:
    world.parties["town-a"].name = 'Synd\'ic & "Co"'
    world.parties["town-a"].save()
    invite()
    assert 'Synd\'ic & "Co"' in body_of(smtp.messages[0])
