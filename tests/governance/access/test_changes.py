"""Invitations that wait or are over, sent again; another role or last day; who keeps the keys (R74)."""

import email
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils import timezone

from governance.access.actions import change_access
from governance.models import JournalEntry, Membership
from governance.rights import Role

from ...pages import text_of
from ...world import TODAY, World


@pytest.fixture
def invite(world: World, sign_in, django_capture_on_commit_callbacks):
    def send(path: str = "/acces/inviter/", **changes: Any) -> Any:
        data = {
            "email": "nouveau@example.org", "function": "Adjoint", "role": "partenaire",
            "party": world.parties["town-a"].pk, "starts": TODAY.isoformat(), "ends": "",
        }  # fmt: skip
        with django_capture_on_commit_callbacks(execute=True):
            return sign_in(world, "coordination").post(path, data | changes, follow=True)

    return send


def new() -> Membership:
    return Membership.objects.get(user__email="nouveau@example.org")


def links(smtp: Any) -> list[str]:
    bodies = [
        email.message_from_bytes(one.content).get_payload(decode=True).decode()
        for one in smtp.messages
    ]
    return [re.search(r"http://\S+", body).group() for body in bodies]


def holds(client: Any, link: str) -> bool:
    return "n’est plus valable" not in text_of(client.get(link, follow=True))


def test_an_invitation_waits_is_over_and_is_sent_again(
    world, invite, smtp, sign_in, clock, client
) -> None:
    invite()
    listed = text_of(sign_in(world, "coordination").get("/acces/?etat=invites"))
    assert "invité le 18/03/2026" in listed
    assert "town-a-essai@example.org" not in listed, "who was never invited by mail waits for none"
    clock(timezone.now() + timedelta(days=8))
    listed = text_of(sign_in(world, "coordination").get("/acces/?etat=invites"))
    assert "invitation expirée" in listed
    invite(f"/acces/{new().pk}/relancer/")
    first, second = links(smtp)
    assert not holds(client, first), "the one that left before is void"
    assert holds(client, second)
    assert "expirée" not in text_of(sign_in(world, "coordination").get("/acces/?etat=invites"))


def test_a_link_is_over_after_seven_days(world, invite, smtp, client, monkeypatch) -> None:
    invite()
    (link,) = links(smtp)
    now = PasswordResetTokenGenerator()._now()
    for days, valid in ((6, True), (8, False)):
        later = now + timedelta(days=days)
        monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self, at=later: at)
        assert holds(client, link) is valid, days


def test_who_came_in_waits_no_more(world, invite, smtp, sign_in) -> None:
    invite()
    new().note_use(TODAY)
    assert "nouveau@" not in text_of(sign_in(world, "coordination").get("/acces/?etat=invites"))
    assert "déjà venue" in text_of(invite(f"/acces/{new().pk}/relancer/"))
    assert len(smtp.messages) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts": "2026-03-17"}, "ne s’ouvre pas dans le passé"),
        ({"starts": "2026-04-02", "ends": "2026-04-01"}, "La date de fin précède"),
    ],
)
def test_days_that_cannot_be_are_told(world, invite, smtp, changes, said) -> None:
    assert said in text_of(invite(**changes))
    assert not smtp.messages


def test_a_party_without_perimeter_is_told_before_and_after(world, invite, smtp, sign_in) -> None:
    form = text_of(sign_in(world, "coordination").get("/acces/inviter/"))
    assert "Partie ateliers essai (sans périmètre)" in form
    assert "Partie town-a essai (Périmètre town-a essai)" in form
    answer = text_of(invite(party=world.parties["ateliers"].pk))
    assert "n’a pas encore de périmètre" in answer
    assert new().party == world.parties["ateliers"]
    assert "n’a pas encore" not in text_of(invite(email="autre@example.org"))


# --- Another role, another last day ---------------------------------------------------------------


def edited(client: Any, access: Membership, **changes: Any) -> Any:
    data = {"role": access.role, "function": access.function, "seen": access.fingerprint}
    return client.post(f"/acces/{access.pk}/modifier/", data | changes)


def test_a_role_and_a_last_day_are_changed_and_noted(world: World, sign_in) -> None:
    access = world.memberships["town-a"]
    answer = edited(sign_in(world, "coordination"), access, role="invite", ends="2026-06-30")
    assert answer.status_code == 302
    row = Membership.objects.get(pk=access.pk)
    assert (row.role, row.ends, row.history.count()) == ("invite", date(2026, 6, 30), 2)
    entry = JournalEntry.objects.get(kind="accès", act="change")
    assert entry.fields == ["role", "ends"]
    assert sign_in(world, "town-a").get("/convention/").status_code == 403


@pytest.mark.parametrize("who", ["mediateur", "town-a", "invite"])
def test_nobody_else_changes_an_access(world: World, sign_in, who: str) -> None:
    for access in (world.memberships["town-a"], world.memberships[who]):
        assert edited(sign_in(world, who), access, role="coordination").status_code in (403, 404)
    assert Membership.objects.filter(role="coordination").count() == 1


def test_nobody_raises_or_keeps_their_own_rights(world: World, sign_in) -> None:
    own = world.memberships["coordination"]
    answer = edited(sign_in(world, "coordination"), own, ends="2027-12-31")
    assert "votre propre accès" in text_of(answer)
    own.refresh_from_db()
    assert own.ends is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": "2026-03-17"}, "ne se clôt pas dans le passé"),
        ({"ends": "2023-12-31"}, "La date de fin précède"),
        ({"role": "mediateur"}, "Sélectionnez un choix valide"),
        ({"function": " "}, "Dites la fonction"),
        ({"seen": "autre"}, "modifié entre-temps"),
    ],
)
def test_what_cannot_be_is_told(world: World, sign_in, changes, said) -> None:
    access = world.memberships["town-a"]
    answer = edited(sign_in(world, "coordination"), access, **changes)
    assert answer.status_code == 422
    assert said in text_of(answer)
    row = Membership.objects.get(pk=access.pk)
    assert (row.role, row.ends, row.history.count()) == ("partenaire", None, 1)


def test_an_access_that_is_over_is_not_opened_again(world: World, sign_in) -> None:
    access = world.memberships["town-a"]
    Membership.objects.filter(pk=access.pk).update(ends=date(2026, 3, 17))
    access.refresh_from_db()
    assert "est clos" in text_of(edited(sign_in(world, "coordination"), access, ends=""))


def test_there_is_always_somebody_who_coordinates(world: World, sign_in) -> None:
    """One's own access has a last day: the other's may not end, or be lowered, without a third."""
    own, other = world.memberships["coordination"], world.memberships["mediateur"]
    Membership.objects.filter(pk=own.pk).update(ends=date(2026, 6, 30))
    Membership.objects.filter(pk=other.pk).update(role="coordination")
    other.refresh_from_db()
    client = sign_in(world, "coordination")
    for answer in (
        edited(client, other, role="mediateur"),
        edited(client, other, ends="2026-05-31"),
        client.post(f"/acces/{other.pk}/clore/", {"on": "2026-05-31"}),
    ):
        assert "plus personne ne coordonnerait" in text_of(answer)
        assert "01/07/2026" in text_of(answer)
    Membership.objects.filter(pk=world.memberships["autre-mediateur"].pk).update(
        role="coordination", starts=date(2026, 7, 1)
    )
    assert edited(client, other, ends="2026-05-31").status_code == 302


def test_a_closed_account_coordinates_nothing(world: World) -> None:
    own, other = world.reader("coordination"), world.memberships["mediateur"]
    Membership.objects.filter(pk=other.pk).update(role=Role.COORDINATION)
    other.refresh_from_db()
    own.user.is_active = False
    own.user.save()
    with pytest.raises(ValidationError, match="plus personne"):
        change_access(
            membership=other, role=Role.MEDIATEUR, function=other.function, ends=None,
            seen=other.fingerprint, today=TODAY, by=own,
        )  # fmt: skip


# --- The second factor ----------------------------------------------------------------------------


def test_the_operators_people_set_up_a_second_factor_where_it_is_asked(
    world: World, sign_in, settings
) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    assert sign_in(world, "coordination").get("/acces/").status_code == 200
    settings.REQUIRE_SECOND_FACTOR = True
    for who in ("coordination", "mediateur"):
        client = sign_in(world, who)
        for path in ("/", "/activites/", "/activites/nouvelle/"):
            assert client.get(path)["Location"] == "/compte/totp/activer/", (who, path)
        assert client.post("/informations/nouvelle/")["Location"] == "/compte/totp/activer/"
        assert client.get("/compte/").status_code == 200
    assert sign_in(world, "town-a").get("/tableau-de-bord/").status_code == 200
    TOTP.activate(world.user("coordination"), generate_totp_secret())
    client = sign_in(world, "coordination")
    assert client.get("/acces/").status_code == 200
    assert "second facteur" not in text_of(client.get("/acces/"))
