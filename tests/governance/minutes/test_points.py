"""Points that move, cellules de veille, and who may read or write."""

from datetime import date
from typing import Any

import pytest

from governance.decisions.links import action_token
from governance.models import AgendaItem, Decision, Minutes

from ...pages import plain
from .test_life import approved, submitted, write


def test_a_point_is_put_off_to_the_next_meeting_once(world, seance, sign_in) -> None:
    client, item = sign_in(world, "mediateur"), seance.items.first()
    coming = world.held(day=date(2026, 4, 15))
    for _ in range(2):
        item.refresh_from_db()
        client.post(f"/comites/points/{item.pk}/reporter/", {"version": item.version})
    item.refresh_from_db()
    moved = AgendaItem.objects.get(meeting=coming)
    assert (item.outcome, moved.title, moved.carried_from) == ("carried", item.title, item)


def test_without_a_next_meeting_a_point_waits(world, seance, sign_in) -> None:
    client, item = sign_in(world, "mediateur"), seance.items.first()
    answer = client.post(f"/comites/points/{item.pk}/reporter/", {"version": 1}, follow=True)
    assert "est reporté à la prochaine séance" in plain(answer)
    item.refresh_from_db()
    assert item.outcome == "carried"


def test_a_point_of_the_past_is_taken_up_again(world, seance, sign_in) -> None:
    approved(world, sign_in, seance)
    coming, item = world.held(day=date(2026, 4, 15)), seance.items.first()
    sign_in(world, "mediateur").post(f"/comites/points/{item.pk}/reprendre/")
    assert AgendaItem.objects.get(meeting=coming).title == item.title
    item.refresh_from_db()
    assert item.outcome == "treated"


def test_a_cellule_de_veille_has_attendance_and_decisions_only(world, sign_in) -> None:
    meeting = world.held(committee=world.other_committee)
    item = world.item(meeting)
    client = sign_in(world, "mediateur")
    page = plain(client.get(f"/comites/seances/{meeting.pk}/compte-rendu/"))
    assert "Cellule de veille : présences et décisions seulement." in page
    assert 'name="notes"' not in page
    write(client, item, notes="Une personne du hall B.", outcome="treated")
    item.refresh_from_db()
    assert item.notes == ""


def test_earlier_actions_come_first_and_are_settled_in_one_tap(world, seance, sign_in) -> None:
    action = world.action(world.item(world.held(day=date(2026, 2, 10))))
    client = sign_in(world, "mediateur")
    page = plain(client.get(f"/comites/seances/{seance.pk}/compte-rendu/"))
    assert page.index("Chiffrer le remplacement") < page.index("Présences")
    answer = client.post(
        f"/decisions/actions/{action.pk}/suite/",
        {"state": "done", "version": 1, "retour": seance.pk},
    )
    assert answer["Location"].startswith(f"/comites/seances/{seance.pk}/compte-rendu/")
    action.refresh_from_db()
    assert action.state == "done"


@pytest.mark.parametrize("who", ["town-a", "town-b", "owners", "invite"])
def test_only_the_operator_writes(world, seance, sign_in, who) -> None:
    client, item = sign_in(world, who), seance.items.first()
    assert write(client, item, notes="En douce").status_code in (403, 404)
    for page in ("", "presences/", "soumettre/", "approuver/", "corriger/", "ici/"):
        answer = client.post(f"/comites/seances/{seance.pk}/compte-rendu/{page}")
        assert answer.status_code in (403, 404, 405), page
    item.refresh_from_db()
    assert item.notes == ""


def test_a_mediateur_does_not_approve(world, seance, sign_in) -> None:
    submitted(world, sign_in, seance)
    client = sign_in(world, "mediateur")
    assert client.post(f"/comites/seances/{seance.pk}/compte-rendu/approuver/").status_code == 403


def test_who_has_no_seat_nor_invitation_reads_nothing(world, elsewhere, seance, sign_in) -> None:
    minutes = approved(world, sign_in, seance)
    decision = Decision.objects.get()
    addresses = (
        f"/comites/comptes-rendus/{minutes.pk}/", f"/comites/comptes-rendus/{minutes.pk}/pdf/",
        f"/decisions/{decision.pk}/",
    )  # fmt: skip
    outside = ((world, "town-b"), (world, "invite"), (elsewhere, "coordination"))
    for whose, who in outside:
        client = sign_in(whose, who)
        for address in addresses:
            assert client.get(address).status_code == 404, (who, address)
        assert decision.text not in plain(client.get("/decisions/"))
    assert decision.text in plain(sign_in(world, "owners").get("/decisions/"))


def test_a_guest_reads_the_edition_without_what_is_confidential(world, seance, sign_in) -> None:
    world.guest(seance, attendance="present")
    hidden = world.item(seance, title="Point caché", is_confidential=True, rank=9)
    hidden.outcome = "treated"
    hidden.save()
    secret = world.decision(hidden, text="Une décision cachée")
    minutes = approved(world, sign_in, seance)
    guest = sign_in(world, "invite")
    page = plain(guest.get(f"/comites/comptes-rendus/{minutes.pk}/"))
    assert "Les lampes sont anciennes." in page
    assert "Point confidentiel" in page
    assert "caché" not in page
    assert guest.get(f"/decisions/{secret.pk}/").status_code == 404
    assert "Une décision cachée" in plain(
        sign_in(world, "town-a").get(f"/comites/comptes-rendus/{minutes.pk}/")
    )


def test_a_project_is_not_seen_outside_the_operator(world, seance, sign_in) -> None:
    write(sign_in(world, "mediateur"), seance.items.first(), notes="En cours")
    minutes = Minutes.objects.get()
    assert sign_in(world, "town-a").get(f"/comites/comptes-rendus/{minutes.pk}/").status_code == 404


def test_an_action_is_done_by_its_link_in_two_clicks(world, client: Any) -> None:
    action = world.action(world.item(world.held(day=date(2026, 2, 10))))
    address = f"/action/{action_token(action)}/"
    assert "C’est fait" in plain(client.get(address))
    action.refresh_from_db()
    assert action.state == "to_do"
    # A scanner that posts the form does nothing.
    assert client.post(address, {"note": ""}).status_code == 422
    assert client.get(f"{address[:-4]}xyz/").status_code == 404
    action.refresh_from_db()
    assert action.state == "to_do"
