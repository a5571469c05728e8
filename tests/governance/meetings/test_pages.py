"""The pages of meetings: who sees what, and what bad input is told."""

from datetime import date, timedelta
from typing import Any

import pytest

from governance.meetings.links import feed_token, link_token
from governance.models import AgendaItem, Invitation, Meeting, Slot
from humanicite.lib import human
from tests.conftest import NOW
from tests.pages import text_of
from tests.world import World

FORM = {
    "kind": "ordinary", "title": "", "day": "2026-04-14", "starts_at": "14h", "ends_at": "16h",
    "venue": "Mairie", "link": "", "message": "", "uid": "6f1d8a52-9a0c-4a58-8b64-0a5bdf3a1c11",
}  # fmt: skip


def new(client: Any, world: World, **values: Any) -> Any:
    data = FORM | {"committee": world.committee.pk} | values
    return client.post("/comites/seances/nouvelle/", data)


def test_a_draft_sends_nothing_and_invites_the_seats(world, sign_in, mailoutbox) -> None:
    client = sign_in(world, "coordination")
    assert new(client, world).status_code == 302
    assert new(client, world).status_code == 302, "sent twice, made once"
    meeting = Meeting.objects.get()
    assert {row.party.slug for row in meeting.invitations.all()} == {"owners", "town-a"}
    assert mailoutbox == []
    page = text_of(client.get("/comites/"))
    assert "En préparation" in page
    for who in ("owners", "town-b", "invite"):
        assert sign_in(world, who).get(f"/comites/seances/{meeting.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"day": "2026-03-02"}, "passée"),
        ({"day": "2026-04-06"}, "férié"),
        ({"day": "2026-04-12"}, "fin de semaine"),
        ({"day": "2026-03-30"}, "se réunit déjà"),
    ],
)
def test_a_doubtful_date_is_told_and_may_be_confirmed(values, said, world, sign_in) -> None:
    world.meeting("convened")
    client = sign_in(world, "coordination")
    answer = new(client, world, **values)
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert "Mairie" in text_of(answer), "nothing is lost"
    assert new(client, world, confirmed="on", **values).status_code == 302


def test_the_same_parties_are_not_expected_twice(world, sign_in) -> None:
    world.committee.seats.create(
        party=world.parties["town-b"], function="Adjoint", starts=date(2024, 1, 1)
    )
    world.meeting("convened", committee=world.other_committee, venue="Ailleurs")
    answer = new(sign_in(world, "coordination"), world, day="2026-03-30", starts_at="15h")
    assert "town-b sont attendus" in text_of(answer)


def test_two_writers_do_not_overwrite_each_other(world, sign_in) -> None:
    meeting = world.meeting()
    client = sign_in(world, "coordination")
    data = FORM | {"committee": world.committee.pk, "uid": meeting.uid, "version": 1}
    path = f"/comites/seances/{meeting.pk}/modifier/"
    assert client.post(path, data).status_code == 302
    second = client.post(path, data | {"venue": "Salle B"})
    assert second.status_code == 422
    assert "modifiée entre-temps" in text_of(second)
    assert Meeting.objects.get().venue == "Mairie"


def test_points_are_ordered_by_buttons(world, sign_in) -> None:
    meeting = world.meeting()
    first, second = world.item(meeting), world.item(meeting, title="Signalements", rank=2)
    client = sign_in(world, "coordination")
    client.post(f"/comites/points/{second.pk}/deplacer/", {"monter": "1"})
    assert list(AgendaItem.objects.values_list("pk", flat=True)) == [second.pk, first.pk]
    page = text_of(client.get(f"/comites/seances/{meeting.pk}/ordre-du-jour/"))
    assert page.index("Signalements") < page.index("Bilan du mois")


def test_what_was_put_off_is_proposed_and_taken_by_one_tap(world, sign_in) -> None:
    last = world.meeting("held", day=date(2026, 2, 24))
    old = world.item(last, title="Éclairage du parvis", outcome="carried")
    meeting = world.meeting()
    client = sign_in(world, "coordination")
    path = f"/comites/seances/{meeting.pk}/ordre-du-jour/"
    assert "Éclairage du parvis" in text_of(client.get(path))
    for _ in range(2):
        client.post(path + "propositions/", {"retenir": f"point:{old.pk}"})
    item = AgendaItem.objects.get(meeting=meeting)
    assert (item.title, item.carried_from) == ("Éclairage du parvis", old)


def test_a_declined_proposal_comes_again_when_asked(world, sign_in) -> None:
    old = world.item(world.meeting("held", day=date(2026, 2, 24)), outcome="not_reached")
    meeting = world.meeting()
    client = sign_in(world, "coordination")
    path = f"/comites/seances/{meeting.pk}/ordre-du-jour/"
    client.post(path + "propositions/", {"ecarter": f"point:{old.pk}"})
    assert "Rien à proposer" in text_of(client.get(path))
    client.post(path + "propositions/", {"reproposer": "1"})
    assert "Bilan du mois" in text_of(client.get(path))


def test_a_guest_who_is_a_member_is_told(world, sign_in) -> None:
    meeting = world.meeting()
    client = sign_in(world, "coordination")
    answer = client.post(
        f"/comites/seances/{meeting.pk}/invites/",
        {"function": "Maire", "organisation": "Ville", "email": "Contact-town-a-essai@example.org"},
    )
    assert answer.status_code == 422
    assert "Déjà membre de cette séance" in text_of(answer)
    assert not Invitation.objects.filter(is_guest=True).exists()


def test_a_guest_reads_its_meeting_and_no_other(world, sign_in) -> None:
    meeting, other = world.meeting("convened"), world.meeting("convened", day=date(2026, 4, 27))
    world.item(meeting, title="Point-secret", is_confidential=True)
    client = sign_in(world, "invite")
    path = f"/comites/seances/{meeting.pk}/"
    assert client.get(path).status_code == 404
    world.guest(meeting)
    page = client.get(path)
    assert page.status_code == 200
    assert "Point-secret" not in text_of(page)
    assert client.get(f"/comites/seances/{other.pk}/").status_code == 404
    listed = text_of(client.get("/comites/"))
    assert f"/seances/{meeting.pk}/" in listed
    assert f"/seances/{other.pk}/" not in listed


def press(client: Any, path: str, clock: Any, invitation: Invitation, **data: Any) -> Any:
    parts = human.parts(client.get(path).wsgi_request, f"invitation:{invitation.pk}", NOW)
    clock(NOW + timedelta(seconds=10))
    guard = {human.STAMP: parts["stamp"], human.BUTTON: human.YES, human.TICK: human.YES}
    return client.post(path, guard | data)


def test_an_answer_by_the_link_of_a_mail(world, client, clock) -> None:
    invitation = world.meeting("convened").invitations.get(party__slug="town-a")
    path = f"/seance/{link_token(invitation)}/"
    page = client.get(f"{path}?choix=present")
    assert page.status_code == 200
    invitation.refresh_from_db()
    assert invitation.answer == "", "reading changes nothing"
    assert client.post(path, {"answer": "present"}).status_code == 422, "nobody pressed"
    answer = press(client, path, clock, invitation, answer="represented", represented_by="")
    assert "quelle fonction vous représente" in text_of(answer)
    press(client, path, clock, invitation, answer="represented", represented_by="Adjoint")
    invitation.refresh_from_db()
    assert (invitation.answer, invitation.represented_by) == ("represented", "Adjoint")
    clock(NOW + timedelta(days=20))
    assert "Confirmer" not in text_of(client.get(path)), "the meeting began"


def test_a_forged_or_replaced_link_opens_nothing(world, client) -> None:
    invitation = world.meeting("convened").invitations.first()
    token = link_token(invitation)
    assert client.get(f"/seance/{token}x/").status_code == 404
    Invitation.objects.filter(pk=invitation.pk).update(nonce="6f1d8a52-9a0c-4a58-8b64-0a5bdf3a1c11")
    assert client.get(f"/seance/{token}/").status_code == 404


def test_a_party_answers_for_itself_alone(world, sign_in) -> None:
    meeting = world.meeting("convened")
    mine = meeting.invitations.get(party__slug="town-a")
    theirs = meeting.invitations.get(party__slug="owners")
    client = sign_in(world, "town-a")
    assert client.post(f"/comites/invitations/{mine.pk}/", {"answer": "excused"}).status_code == 302
    assert (
        client.post(f"/comites/invitations/{theirs.pk}/", {"answer": "excused"}).status_code == 403
    )
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.answer, theirs.answer) == ("excused", "")
    by_hand = sign_in(world, "coordination")
    by_hand.post(f"/comites/invitations/{theirs.pk}/", {"answer": "present"})
    theirs.refresh_from_db()
    assert theirs.answer == "present"


def test_a_date_is_found_together(world, sign_in, client, clock, mailoutbox) -> None:
    meeting = world.meeting()
    coordination = sign_in(world, "coordination")
    data: dict[str, Any] = {"dates-TOTAL_FORMS": "5", "dates-INITIAL_FORMS": "5", "version": 1}
    path = f"/comites/seances/{meeting.pk}/dates/"
    for number, day in enumerate(("2026-04-14", "2026-04-15")):
        data |= {f"dates-{number}-day": day, f"dates-{number}-starts_at": "14h",
                 f"dates-{number}-ends_at": "16h"}  # fmt: skip
    assert "au moins 3" in text_of(coordination.post(path, data)).replace("\u00a0", " ").lower()
    data |= {"dates-2-day": "2026-04-16", "dates-2-starts_at": "9h", "dates-2-ends_at": "11h"}
    assert coordination.post(path, data).status_code == 302
    invitation = meeting.invitations.get(party__slug="town-a")
    link = f"/seance/{link_token(invitation)}/"
    slots = list(Slot.objects.order_by("day"))
    given = {f"slot-{slot.pk}": "oui" if slot is slots[2] else "non" for slot in slots}
    assert press(client, link, clock, invitation, **given).status_code == 302
    assert "oui" in text_of(coordination.get(path))
    coordination.post(f"/comites/dates/{slots[2].pk}/choisir/")
    meeting.refresh_from_db()
    assert (meeting.day, meeting.state) == (date(2026, 4, 16), "draft")
    assert "retenue" in text_of(client.get(link))


def test_the_feed_says_what_is_cancelled_and_ends_with_the_access(world, client) -> None:
    world.meeting("convened", title="Séance-dedans")
    world.meeting("convened", committee=world.other_committee, title="Séance-dehors")
    world.meeting("draft", title="Séance-brouillon", day=date(2026, 5, 4))
    world.meeting(
        "cancelled", title="Séance-tombée", day=date(2026, 2, 17), cancelled_at=NOW,
        cancel_reason="Salle fermée",
    )  # fmt: skip
    reader = world.reader("town-a")
    path = f"/agenda/{feed_token(reader)}/"
    content = client.get(path).content.decode()
    assert "SUMMARY:Séance-dedans" in content
    assert "SUMMARY:[ANNULÉ] Séance-tombée" in content
    assert "Séance-dehors" not in content
    assert "Séance-brouillon" not in content
    reader.ends = date(2026, 3, 1)
    reader.save()
    assert client.get(path).status_code == 404
