"""Sessions that end while somebody types."""

from datetime import date

from django.test import Client

from governance.models import Membership
from humanicite.lib.resume import owner_token
from mediation.models import Activity

from ...pages import plain, text_of
from .forms import owner_of


def test_what_was_typed_outlives_an_expired_session(world, entry, mediateur, sign_in) -> None:
    data = entry(internal_note="longue note", _owner=owner_of(mediateur), minutes_other="1h20")
    client = Client()
    answer = client.post("/activites/nouvelle/", data)
    assert answer["Location"] == "/connexion/?next=%2Factivites%2Fnouvelle%2F"
    assert "Ce que vous aviez saisi est conservé" in plain(client.get(answer["Location"]))
    client.force_login(
        world.user("mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    page = plain(client.get("/activites/nouvelle/"))
    assert "longue note" in page
    assert "1h20" in page
    assert data["uid"] in page
    assert not Activity.objects.exists()
    client.head("/activites/nouvelle/")
    assert "longue note" in plain(client.get("/activites/nouvelle/")), "a reload loses nothing"
    assert "longue note" not in plain(client.get("/activites/nouvelle/?vide"))
    assert "longue note" not in plain(client.get("/activites/nouvelle/")), "let go of"


def test_somebody_else_who_signs_in_there_finds_nothing(world, entry, mediateur) -> None:
    data = entry(internal_note="longue note", _owner=owner_of(mediateur))
    client = Client()
    client.post("/activites/nouvelle/", data)
    client.force_login(
        world.user("autre-mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert "longue note" not in plain(client.get("/activites/nouvelle/"))


def test_it_does_not_wait_for_ever(world, entry, mediateur, monkeypatch) -> None:
    data = entry(internal_note="longue note", _owner=owner_of(mediateur))
    client = Client()
    client.post("/activites/nouvelle/", data)
    client.force_login(
        world.user("mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    import time

    later = time.time() + 3601
    monkeypatch.setattr("humanicite.lib.resume.time.time", lambda: later)
    assert "longue note" not in plain(client.get("/activites/nouvelle/"))


def test_a_forged_owner_keeps_nothing(entry, db, client) -> None:
    client.post("/activites/nouvelle/", entry(_owner="1:forgé:signature"))
    assert "resume" not in client.session


def test_a_token_that_changed_in_another_tab_loses_nothing(
    world, entry, sign_in, mediateur
) -> None:
    client = sign_in(world, "mediateur", enforce_csrf_checks=True)
    data = entry(internal_note="longue note", _owner=owner_of(mediateur))
    refused = client.post("/activites/nouvelle/", data)
    assert refused.status_code == 403, "from who knows where"
    kept = client.post(
        "/activites/nouvelle/", data, headers={"Sec-Fetch-Site": "same-origin"}, follow=True
    )
    assert "longue note" in plain(kept)
    assert "Votre session a changé entre-temps" in plain(kept)
    assert not Activity.objects.exists()


def test_two_pages_are_kept_apart_and_sending_one_frees_it(world, entry, mediateur) -> None:
    row = world.activity(internal_note="avant")
    owner = owner_of(mediateur)
    client = Client()
    client.post("/activites/nouvelle/", entry(internal_note="page une", _owner=owner))
    other = entry(internal_note="page deux", _owner=owner, uid=str(row.uid), version=1)
    client.post(f"/activites/{row.pk}/modifier/", other)
    client.force_login(
        world.user("mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert "page une" in plain(client.get("/activites/nouvelle/"))
    assert "page deux" in plain(client.get(f"/activites/{row.pk}/modifier/"))
    client.post("/activites/nouvelle/", entry(internal_note="page une"))
    assert "page une" not in plain(client.get("/activites/nouvelle/"))


def test_typing_waits_for_the_choice_of_a_membership(world, elsewhere, entry, mediateur) -> None:
    Membership.objects.create(
        user=world.user("mediateur"), party=elsewhere.parties["operator"], role="mediateur",
        starts=date(2025, 1, 1),
    )  # fmt: skip
    owner = owner_token(world.user("mediateur"))
    answer = mediateur.post("/activites/nouvelle/", entry(internal_note="note", _owner=owner))
    assert answer["Location"] == "/choisir/?next=%2Factivites%2Fnouvelle%2F"
    chosen = {"membership": world.memberships["mediateur"].pk, "next": "/activites/nouvelle/"}
    page = mediateur.post("/choisir/", chosen, follow=True)
    assert ">\nnote</textarea>" in text_of(page)
