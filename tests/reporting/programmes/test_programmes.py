"""An operator's programmes side by side: sums of each, for who has a current access in each."""

from datetime import date, timedelta

import pytest

from governance.models import Membership

from ...pages import plain
from ...world import TODAY, World

PAGE = "/dispositifs/"


@pytest.fixture
def both(world: World, elsewhere: World) -> Membership:
    """The coordination of one works in the other as well."""
    there = elsewhere.memberships["coordination"]
    return Membership.objects.create(
        user=world.user("coordination"), party=there.party, role=there.role,
        starts=date(2026, 1, 1), function="Fonction ailleurs",
    )  # fmt: skip


def client_in(world: World, sign_in):
    client = sign_in(world, "coordination")
    session = client.session
    session["membership"] = world.memberships["coordination"].pk
    session.save()
    return client


def test_sums_stand_side_by_side_and_no_row_of_either(
    world: World, elsewhere: World, both: Membership, sign_in
) -> None:
    for n in range(3):
        elsewhere.activity("hall-b", summary="SECRET", internal_note="SECRET", type="CONF",
                           day=date(2026, 2, 1 + n))  # fmt: skip
    world.activity("hall-a", day=date(2026, 2, 2))
    answer = client_in(world, sign_in).get(PAGE)
    by_programme = {side.membership.programme_id: side for side in answer.context["sides"]}
    assert by_programme[elsewhere.programme.pk].activities == 3
    assert by_programme[elsewhere.programme.pk].conflicts == 3
    assert by_programme[world.programme.pk].activities == 1
    text = (
        plain(answer).split("<main")[1].split("</main>")[0]
    )  # beside it, the reader's own account
    assert elsewhere.programme.name in text
    for word in ("SECRET", "example.org", "Fonction mediateur", "Lieu hall-b"):
        assert word not in text
    assert "n/d" in text, "dwellings are not known"


def test_one_is_left_for_the_other_from_the_page(
    world: World, elsewhere: World, both: Membership, sign_in
) -> None:
    client = client_in(world, sign_in)
    assert f'name="membership" value="{both.pk}"' in plain(client.get(PAGE))
    client.post("/choisir/", {"membership": both.pk, "next": "/tableau-de-bord/"})
    assert client.session["membership"] == both.pk
    assert "côte à côte" in plain(client.get("/choisir/"))


@pytest.mark.parametrize("who", ["coordination", "mediateur", "town-a"])
def test_who_has_one_programme_finds_no_page(
    world: World, elsewhere: World, sign_in, who: str
) -> None:
    client = sign_in(world, who)
    assert client.get(PAGE).status_code == 404
    assert "côte à côte" not in plain(client.get("/choisir/"))


@pytest.mark.parametrize("change", ["over", "to come", "partner"])
def test_what_is_not_current_or_not_the_operators_does_not_count(
    world: World, elsewhere: World, both: Membership, sign_in, change: str
) -> None:
    if change == "over":
        Membership.objects.filter(pk=both.pk).update(ends=TODAY - timedelta(days=1))
    elif change == "to come":
        Membership.objects.filter(pk=both.pk).update(starts=TODAY + timedelta(days=1))
    else:
        town = elsewhere.memberships["town-a"]
        Membership.objects.filter(pk=both.pk).update(party=town.party, role=town.role)
    assert client_in(world, sign_in).get(PAGE).status_code == 404
