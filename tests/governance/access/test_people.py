"""What a programme shows of a person is that programme's."""

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from governance.access.actions import grant_access
from governance.models import Membership, User
from tests.pages import text_of
from tests.world import TODAY, World

PASSWORD = "le bon mot de passe"


def invited(world: World, sign_in: Any, email: str) -> tuple[str, str]:
    """What the coordination reads after an invitation, and in its list."""
    given = {
        "email": email, "function": "Adjoint essai", "party": world.parties["town-a"].pk,
        "role": "partenaire", "starts": TODAY.isoformat(),
    }  # fmt: skip
    client = sign_in(world, "coordination")
    answer = client.post("/acces/inviter/", given, follow=True)
    assert answer.status_code == 200
    row = text_of(client.get("/acces/")).split(email)
    assert len(row) > 1
    page = text_of(answer)
    return page.replace(email, "…"), row[0][-200:] + row[1][:400]


@pytest.mark.parametrize("closed", [False, True])
def test_an_address_known_elsewhere_looks_like_any_other(
    world: World, elsewhere: World, sign_in: Any, closed: bool
) -> None:
    known = elsewhere.user("town-b")
    User.objects.filter(pk=known.pk).update(
        last_login=datetime(2026, 3, 1, tzinfo=UTC), is_active=not closed
    )
    page, row = invited(world, sign_in, known.email)
    assert known.function not in page + row
    assert ">jamais<" in row
    assert "Adjoint essai" in row
    Membership.objects.filter(user=known, party=world.parties["town-a"]).delete()
    other, other_row = invited(world, sign_in, "inconnu-ailleurs@example.org")
    assert "Adjoint essai" in other_row
    assert ">jamais<" in other_row
    assert "est invité" in page
    assert "est invité" in other


def test_each_programme_has_a_function_of_its_own(world: World, elsewhere: World) -> None:
    known = elsewhere.user("town-b")
    access = grant_access(
        email=known.email, function="Adjoint essai", party=world.parties["town-a"],
        role="partenaire", starts=TODAY, by=None,
    )  # fmt: skip
    assert access.function == "Adjoint essai"
    assert known.function not in str(access)
    known.refresh_from_db()
    assert known.function == "Fonction town-b ailleurs"
    assert access.history.get().function == "Adjoint essai"


def test_the_last_use_is_of_the_access_that_was_used(world: World, elsewhere: World) -> None:
    user = world.user("town-a")
    user.set_password(PASSWORD)
    user.save()
    own = world.memberships["town-a"]
    Client().post("/connexion/", {"login": user.email, "password": PASSWORD})
    own.refresh_from_db()
    assert own.last_used_on == TODAY
    Membership.objects.filter(pk=own.pk).update(last_used_on=None)
    second = grant_access(
        email=user.email, function="Autre", party=elsewhere.parties["town-b"], role="partenaire",
        starts=TODAY, by=None,
    )  # fmt: skip
    client = Client()
    client.post("/connexion/", {"login": user.email, "password": PASSWORD})
    own.refresh_from_db()
    assert own.last_used_on is None, "which one is not said yet"
    client.post("/choisir/", {"membership": second.pk})
    own.refresh_from_db()
    second.refresh_from_db()
    assert (own.last_used_on, second.last_used_on) == (None, TODAY)
    assert second.history.count() == 1


def test_the_data_step_copies_the_function_and_only_an_unmistakable_last_use(
    world: World, elsewhere: World
) -> None:
    signed_in = datetime(2026, 3, 1, 12, tzinfo=UTC)
    User.objects.update(last_login=signed_in)
    grant_access(
        email=world.user("town-a").email, function="Autre", party=elsewhere.parties["town-b"],
        role="partenaire", starts=TODAY, by=None,
    )  # fmt: skip
    Membership.objects.update(function="", last_used_on=None)
    Membership.history.update(function="")
    migration = import_module("governance.migrations.0006_membership_function")
    migration.copy(apps, None)
    for who, used in (("town-b", date(2026, 3, 1)), ("town-a", None)):
        row = Membership.objects.get(pk=world.memberships[who].pk)
        assert row.function == row.user.function
        assert row.last_used_on == used
        assert row.history.first().function == row.user.function
