"""Decisions and actions across meetings: whose, which, and in files."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from governance.models import ActionItem, Contact

from ...pages import plain


@pytest.fixture
def rows(world) -> Any:
    """Town A's are one late, one done; the owners' one is to come."""
    item = world.item(world.held(day=date(2026, 2, 10)))
    contact = Contact.objects.filter(party=world.parties["town-a"]).first()
    Contact.objects.filter(pk=contact.pk).update(email=world.user("town-a").email)
    world.action(item, text="La mienne", contact=contact, due_on=date(2026, 3, 2))
    world.action(item, text="Rangée", state="done", closed_on=date(2026, 3, 1))
    world.action(item, "owners", text="Des copropriétaires")
    world.decision(item, text="Une décision", is_internal=False, year=2026, number=1)
    world.decision(item, text="Un projet de décision")
    return item


def shown(client: Client, query: str) -> set[str]:
    page = plain(client.get(f"/decisions/actions/?{query}"))
    return {text for text in ("La mienne", "Rangée", "Des copropriétaires") if f">{text}<" in page}


def test_mine_my_partys_and_the_late_ones(world, rows, sign_in) -> None:
    client = sign_in(world, "town-a")
    assert shown(client, "") == {"La mienne", "Rangée", "Des copropriétaires"}
    assert shown(client, "quoi=moi") == {"La mienne"}
    assert shown(client, "quoi=partie") == {"La mienne", "Rangée"}
    assert shown(client, "quoi=retard") == {"La mienne"}
    assert shown(client, "etat=done") == {"Rangée"}
    assert shown(client, f"partie={world.parties['owners'].pk}") == {"Des copropriétaires"}
    assert shown(client, "q=copro") == {"Des copropriétaires"}
    assert shown(client, f"instance={world.committee.pk}&etat=done") == {"Rangée"}
    assert shown(client, "quoi=autre") == set()


def test_a_party_without_a_seat_sees_its_own_actions_only(world, rows, sign_in) -> None:
    ActionItem.objects.filter(text="Des copropriétaires").update(party=world.parties["town-b"])
    client = sign_in(world, "town-b")
    assert shown(client, "") == {"Des copropriétaires"}
    assert "Une décision" not in plain(client.get("/decisions/"))


def test_projects_stay_with_the_operator(world, rows, sign_in) -> None:
    page = plain(sign_in(world, "town-a").get("/decisions/"))
    assert "2026-1" in page
    assert "Un projet de décision" not in page
    assert "Un projet de décision" in plain(sign_in(world, "mediateur").get("/decisions/"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_files_say_what_the_list_shows(world, rows, sign_in, form) -> None:
    client = sign_in(world, "town-a")
    answer = client.get(f"/decisions/actions/?quoi=partie&_export={form}")
    content = b"".join(answer.streaming_content)
    if form == "csv":
        text = content.decode("utf-8-sig")
        assert "La mienne" in text
        assert "copropriétaires" not in text
    assert client.get(f"/decisions/?_export={form}").status_code == 200


def test_a_partner_settles_its_own_and_no_other(world, rows, sign_in) -> None:
    client = sign_in(world, "town-a")
    mine = ActionItem.objects.get(text="La mienne")
    other = ActionItem.objects.get(text="Des copropriétaires")
    said = {"state": "done", "note": "", "version": 1}
    assert client.post(f"/decisions/actions/{other.pk}/suite/", said).status_code == 403
    assert client.post(f"/decisions/actions/{mine.pk}/date/", {}).status_code == 403
    page = plain(client.post(f"/decisions/actions/{mine.pk}/suite/", said | {"state": "dropped"}))
    assert "Dites pourquoi cette action est abandonnée." in page
    assert client.post(f"/decisions/actions/{mine.pk}/suite/", said).status_code == 302
    for action, state in ((mine, "done"), (other, "to_do")):
        action.refresh_from_db()
        assert action.state == state


def test_another_date_is_told_by_the_operator(world, rows, sign_in) -> None:
    client, action = sign_in(world, "mediateur"), ActionItem.objects.get(text="La mienne")
    address = f"/decisions/actions/{action.pk}/date/"
    page = client.post(address, {"due_on": "2026-03-01", "version": 1})
    assert "Cette date est passée." in plain(page)
    assert client.post(address, {"due_on": "2026-04-30", "version": 1}).status_code == 302
    action.refresh_from_db()
    assert action.due_on == date(2026, 4, 30)
    # Who read it before is told, and changes nothing.
    client.post(address, {"due_on": "2026-05-30", "version": 1})
    action.refresh_from_db()
    assert action.due_on == date(2026, 4, 30)
