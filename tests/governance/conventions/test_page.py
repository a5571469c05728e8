"""The agreement as its parties read it, and what the coordination edits of it."""

import pytest

from governance.models import JournalEntry, Party

from ...pages import text_of
from ...world import World


@pytest.fixture
def party(world: World) -> Party:
    return world.parties["town-a"]


def data(party: Party, **changes: str) -> dict[str, str]:
    return {
        "name": party.name, "short_name": party.short_name, "address": "",
        "seen": party.fingerprint,
    } | changes  # fmt: skip


def test_a_party_is_renamed_with_its_trace(world: World, party: Party, sign_in) -> None:
    client = sign_in(world, "coordination")
    path = f"/convention/parties/{party.pk}/"
    assert client.post(path, data(party, name="Ville nouvelle")).status_code == 302
    assert Party.objects.get(pk=party.pk).name == "Ville nouvelle"
    assert party.history.count() == 2
    entry = JournalEntry.objects.get(act="change")
    assert (entry.kind, entry.fields) == ("partie", ["name"])
    assert "Ville nouvelle" in text_of(client.get("/convention/"))


def test_a_taken_name_is_said_beside_what_was_typed(world: World, party, sign_in) -> None:
    other = world.parties["town-b"]
    answer = sign_in(world, "coordination").post(
        f"/convention/parties/{party.pk}/", data(party, name=other.name, address="1 rue neuve")
    )
    text = text_of(answer)
    assert "porte déjà ce nom" in text
    assert "1 rue neuve" in text


def test_somebody_elses_change_is_not_replaced_unseen(world: World, party, sign_in) -> None:
    client = sign_in(world, "coordination")
    path = f"/convention/parties/{party.pk}/"
    stale = data(party, name="La mienne")
    client.post(path, data(party, name="La leur"))
    wrong = text_of(client.post(path, stale | {"short_name": ""}))
    assert f'name="seen" value="{stale["seen"]}"' in wrong
    told = text_of(client.post(path, stale))
    assert "La leur" in told
    assert "La mienne" in told
    assert Party.objects.get(pk=party.pk).name == "La leur"
    fresh = Party.objects.get(pk=party.pk).fingerprint
    assert client.post(path, stale | {"seen": fresh}).status_code == 302
    assert Party.objects.get(pk=party.pk).name == "La mienne"


def test_both_sums_and_the_difference_are_shown(world: World, sign_in) -> None:
    text = text_of(sign_in(world, "town-a").get("/convention/")).replace("\u00a0", " ")
    assert "40 600 €" in text
    assert "Les lignes ne couvrent pas le coût : différence de 20 000 €" in text


def test_a_partner_sees_its_own_contacts_and_perimeter(world: World, sign_in) -> None:
    text = text_of(sign_in(world, "town-a").get("/convention/"))
    assert "contact-town-a-essai@example.org" in text
    assert "contact-town-b" not in text
    assert "Périmètre town-b" not in text
    assert "Modifier" not in text


@pytest.mark.parametrize("query", ["", "?convention=2024", "?convention=inconnue"])
def test_each_convention_can_be_read(world: World, sign_in, query: str) -> None:
    text = text_of(sign_in(world, "owners").get(f"/convention/{query}"))
    assert f"Convention {'2024' if '2024' in query else '2026'}" in text
