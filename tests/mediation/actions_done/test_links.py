"""A decision is traced from its meeting to the activity that did what it asked."""

from datetime import date

import pytest

from mediation.models import ActionLink

from ...pages import plain


@pytest.fixture
def action(world):
    item = world.item(world.held(day=date(2026, 2, 10)))
    world.decision(item, is_internal=False, year=2026, number=1)
    return world.action(item)


def test_an_action_is_linked_to_what_did_it_and_each_tells_of_the_other(
    world, action, sign_in
) -> None:
    client, activity = sign_in(world, "mediateur"), world.activity("hall-a")
    address = f"/decisions/actions/{action.pk}/lien/"
    for _ in range(2):
        assert client.post(address, {"what": f"a{activity.pk}"}).status_code == 302
    assert ActionLink.objects.count() == 1
    decision = action.item.decisions.get()
    for page in (f"/decisions/actions/{action.pk}/", f"/decisions/{decision.pk}/"):
        assert f"/activites/{activity.pk}/" in plain(client.get(page))
    told = plain(client.get(f"/activites/{activity.pk}/"))
    assert f"/decisions/actions/{action.pk}/" in told
    assert "Décision 2026-1" in told
    client.post(f"/decisions/liens/{ActionLink.objects.get().pk}/retirer/")
    assert not ActionLink.objects.exists()


def test_a_signalement_is_linked_too(world, action, sign_in) -> None:
    sent = world.sent()
    client = sign_in(world, "coordination")
    client.post(f"/decisions/actions/{action.pk}/lien/", {"what": f"s{sent.pk}"})
    assert sent.reference in plain(client.get(f"/decisions/actions/{action.pk}/"))


def test_a_partner_sees_what_lies_in_its_perimeter_only(world, action, sign_in) -> None:
    near, far = world.activity("hall-a"), world.activity("hall-b")
    for activity in (near, far):
        world.action_link(action, activity)
    page = plain(sign_in(world, "town-a").get(f"/decisions/actions/{action.pk}/"))
    assert f"/activites/{near.pk}/" in page
    assert f"/activites/{far.pk}/" not in page


def test_what_is_not_of_the_programme_is_refused(world, elsewhere, action, sign_in) -> None:
    foreign = elsewhere.activity("hall-a")
    client = sign_in(world, "mediateur")
    answer = client.post(f"/decisions/actions/{action.pk}/lien/", {"what": f"a{foreign.pk}"})
    assert answer.status_code == 422
    assert sign_in(world, "town-a").get(f"/decisions/actions/{action.pk}/lien/").status_code == 403
