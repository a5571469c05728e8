"""The life of minutes: written, submitted, remarked on, approved, sent."""

import uuid
from typing import Any

from django.core import mail
from post_office.models import Email

from governance.minutes.links import minutes_token
from governance.models import Act, ActionItem, Decision, JournalEntry, Minutes, Observation

from ...pages import plain


def write(client: Any, item: Any, **fields: Any) -> Any:
    """What a browser posts of a point."""
    item.refresh_from_db()
    data = {"version": item.version, "notes": "", "outcome": ""} | fields
    return client.post(f"/comites/points/{item.pk}/compte-rendu/", data)


def write_all(world: Any, client: Any, seance: Any) -> None:
    """Attendance and both points, as a médiateur types them."""
    first, second = seance.items.all()[:2]
    owners, town = seance.invitations.filter(is_guest=False)
    client.post(
        f"/comites/seances/{seance.pk}/compte-rendu/presences/",
        {f"etat-{owners.pk}": "present", f"etat-{town.pk}": "excused"},
    )
    decision, action = uuid.uuid4(), uuid.uuid4()
    answer = write(
        client, first, notes="Les lampes sont anciennes.",
        **{
            f"decision-{decision}": "Remplacer les lampes de l’allée nord.",
            f"action-{action}": "Chiffrer le remplacement",
            f"who-{action}": f"p{world.parties['town-a'].pk}", f"due-{action}": "2026-04-10",
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert write(client, second, outcome="not_reached").status_code == 302


def submitted(world: Any, sign_in: Any, seance: Any) -> Any:
    client = sign_in(world, "mediateur")
    write_all(world, client, seance)
    address = f"/comites/seances/{seance.pk}/compte-rendu/soumettre/"
    assert client.post(address, {"until": "2026-03-25"}).status_code == 302
    return Minutes.objects.get(meeting=seance)


def approved(world: Any, sign_in: Any, seance: Any) -> Any:
    submitted(world, sign_in, seance)
    client = sign_in(world, "coordination")
    answer = client.post(f"/comites/seances/{seance.pk}/compte-rendu/approuver/")
    assert answer.status_code == 302, plain(answer)
    return Minutes.objects.get(meeting=seance)


def test_a_point_is_written_with_its_decision_and_its_action(world, seance, sign_in) -> None:
    client = sign_in(world, "mediateur")
    page = plain(client.get(f"/comites/seances/{seance.pk}/compte-rendu/"))
    assert "Éclairage des allées" in page
    assert "Partie owners essai" in page
    write_all(world, client, seance)
    item = seance.items.first()
    assert (item.notes, item.outcome) == ("Les lampes sont anciennes.", "treated")
    decision, action = Decision.objects.get(), ActionItem.objects.get()
    assert (decision.item, decision.is_internal, decision.number) == (item, True, None)
    assert (action.party, action.is_internal) == (world.parties["town-a"], True)
    assert JournalEntry.objects.filter(kind="décision", act=Act.CREATE).count() == 1


def test_the_answers_prefill_the_attendance(world, seance, sign_in) -> None:
    page = plain(sign_in(world, "mediateur").get(f"/comites/seances/{seance.pk}/compte-rendu/"))
    owners, town = seance.invitations.all()
    for row, state in ((owners, "present"), (town, "excused")):
        chosen = page.split(f'name="etat-{row.pk}" value="{state}"')[1]
        assert chosen.split(">")[0].strip() == "checked"


def test_an_action_needs_somebody_and_a_date_and_nothing_is_lost(world, seance, sign_in) -> None:
    client, item = sign_in(world, "mediateur"), seance.items.first()
    one = uuid.uuid4()
    answer = write(client, item, notes="Un constat.", **{f"action-{one}": "Chiffrer"})
    page = plain(answer)
    assert answer.status_code == 422
    assert "Dites qui se charge de cette action." in page
    assert "Dites pour quand cette action est à faire." in page
    assert 'value="Chiffrer"' in page
    assert "Un constat." in page
    assert not ActionItem.objects.exists()
    whom = f"p{world.parties['town-a'].pk}"
    late = {f"action-{one}": "Chiffrer", f"who-{one}": whom, f"due-{one}": "2026-03-01"}
    assert "L’échéance vient après la séance" in plain(write(client, item, **late))


def test_who_is_charged_and_cannot_be_reached_is_told(world, seance, sign_in) -> None:
    world.action(seance.items.first(), "ateliers", is_internal=True)
    page = plain(sign_in(world, "mediateur").get(f"/comites/seances/{seance.pk}/compte-rendu/"))
    assert "Sans interlocuteur joignable" in page


def test_two_writers_see_each_other_and_nothing_is_overwritten(world, seance, sign_in) -> None:
    one, two = sign_in(world, "mediateur"), sign_in(world, "coordination")
    item = seance.items.first()
    here = f"/comites/seances/{seance.pk}/compte-rendu/ici/"
    assert one.post(here, {"point": item.pk}).status_code == 204
    told = two.get(f"/comites/seances/{seance.pk}/compte-rendu/en-cours/").json()
    assert told["others"] == [{"who": "Fonction mediateur essai", "item": item.pk}]
    assert told["versions"][str(item.pk)] == 1
    write(one, item, notes="Le texte de l’une.")
    over = {"version": 1, "notes": "Le texte de l’autre.", "outcome": "treated"}
    answer = two.post(f"/comites/points/{item.pk}/compte-rendu/", over)
    page = plain(answer)
    assert answer.status_code == 409
    assert "Le texte de l’une." in page
    assert "Le texte de l’autre." in page
    item.refresh_from_db()
    assert item.notes == "Le texte de l’une."
    assert write(two, item, notes="Les deux textes.").status_code == 302


def test_a_point_saves_itself_and_leaves_a_line_that_is_not_whole(world, seance, sign_in) -> None:
    client, item = sign_in(world, "mediateur"), seance.items.first()
    decision, action = uuid.uuid4(), uuid.uuid4()
    typed = {
        "version": 1, "notes": "Mme Dupont se plaint.", f"decision-{decision}": "Rempl",
        f"action-{action}": "Chiff",
    }  # fmt: skip
    address = f"/comites/points/{item.pk}/compte-rendu/"
    told = client.post(address, typed, headers={"X-Saves-Itself": "1"}).json()
    assert (told["version"], told["outcome"]) == (2, "treated")
    assert "un nom (Mme Dupont)" in told["names"]
    again = typed | {"version": 2, f"decision-{decision}": "Remplacer les lampes."}
    assert client.post(address, again, headers={"X-Saves-Itself": "1"}).json()["version"] == 3
    assert Decision.objects.get().text == "Remplacer les lampes."
    assert not ActionItem.objects.exists()


def test_what_is_missing_is_told_before_it_is_sent(world, seance, sign_in) -> None:
    client = sign_in(world, "mediateur")
    write(client, seance.items.first(), notes="Mme Dupont se plaint.")
    address = f"/comites/seances/{seance.pk}/compte-rendu/soumettre/"
    answer = client.post(address, {"until": "2026-03-25"})
    page = plain(answer)
    assert answer.status_code == 422
    for said in (
        "Présences à pointer : 2.",
        "« Fête de quartier » : dites si ce point a été traité, reporté ou non abordé.",
        "« Éclairage des allées » semble identifier quelqu’un : un nom (Mme Dupont).",
    ):
        assert said in page
    assert Minutes.objects.get().stage == "draft"
    assert not Email.objects.exists()


def test_those_who_were_there_remark_by_a_link(world, seance, sign_in, client, clock) -> None:
    minutes = submitted(world, sign_in, seance)
    assert [mail.to for mail in Email.objects.all()] == [["siege-owners-essai@example.org"]]
    assert "/compte-rendu/" in Email.objects.get().message
    owners, town = seance.invitations.all()
    address = f"/compte-rendu/{minutes_token(owners)}/"
    page = client.get(address)
    assert "Remplacer les lampes" in plain(page)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(f"/compte-rendu/{minutes_token(town)}/").status_code == 404
    # A scanner that posts what it finds changes nothing.
    assert client.post(address, {"text": "Un robot."}).status_code == 422
    assert not Observation.objects.exists()
    assert minutes.observations_until.isoformat() == "2026-03-25"


def test_approved_it_is_numbered_frozen_and_sent(world, seance, sign_in) -> None:
    world.decision(world.item(world.held(day="2026-02-02")), year=2026, number=4, is_internal=False)
    minutes = approved(world, sign_in, seance)
    decision = Decision.objects.get(item__meeting=seance)
    assert (decision.reference, decision.is_internal) == ("2026-5", False)
    assert not ActionItem.objects.get().is_internal
    assert minutes.content["items"][0]["decisions"][0]["reference"] == "2026-5"
    assert minutes.content["excused"] == ["Fonction town-a essai (town-a)"]
    assert len(minutes.checksum) == 64
    told = {
        email.to[0]: email for email in Email.objects.filter(subject__startswith="Compte rendu")
    }
    assert set(told) == {
        "siege-owners-essai@example.org",
        "siege-town-a-essai@example.org",
        "contact-town-a-essai@example.org",
    }
    assert "Chiffrer le remplacement" in told["contact-town-a-essai@example.org"].message
    assert all(email.attachments.count() == 1 for email in told.values())
    page = plain(sign_in(world, "town-a").get(f"/comites/comptes-rendus/{minutes.pk}/"))
    assert "Décision 2026-5" in page
    assert mail.outbox == []
