"""Interlocuteurs come, change and leave; each party its own, and what is open goes along (R84, R85)."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from post_office.models import Email

from governance.models import Contact, JournalEntry
from mediation.signalements.links import link_token, recipient_of

from ...pages import text_of
from ...world import TODAY, World

PARIS = ZoneInfo("Europe/Paris")
LIST = "/convention/interlocuteurs/"


def path(contact: Contact, end: str = "") -> str:
    return f"{LIST}{contact.pk}/{end}"


def seen(client: Any, address: str) -> str:
    page = text_of(client.get(address))
    return str(page.split('name="seen" value="')[1].split('"')[0])


def form(contact: Contact, client: Any, **changes: str) -> dict[str, str]:
    return {
        "function": contact.function, "email": contact.email, "phone": contact.phone,
        "seen": seen(client, path(contact, "modifier/")),
    } | changes  # fmt: skip


# --- Whose ----------------------------------------------------------------------------------------


def test_a_partner_reads_and_writes_its_own_partys_only(world: World, sign_in: Any) -> None:
    client = sign_in(world, "town-a")
    text = text_of(client.get(LIST))
    assert "Interlocuteur town-a" in text
    assert "town-b" not in text
    other = world.contact("town-b")
    before = list(Contact.objects.order_by("pk").values())
    for end in ("", "modifier/", "fin/", "renvoyer/"):
        for send in (client.get, client.post):
            answer = send(path(other, end))
            assert answer.status_code in (404, 405), (end, send)
    assert list(Contact.objects.order_by("pk").values()) == before


def test_a_partner_designates_for_its_own_party_whatever_it_posts(
    world: World, sign_in: Any
) -> None:
    client = sign_in(world, "town-a")
    assert 'name="party"' not in text_of(client.get(f"{LIST}nouveau/"))
    data = {
        "function": "Service propreté", "email": "proprete@example.org", "starts": "2026-03-18",
        "party": world.parties["town-b"].pk, "phone": "03 20 00 00 00",
    }  # fmt: skip
    assert client.post(f"{LIST}nouveau/", data).status_code == 302
    contact = Contact.objects.get(function="Service propreté")
    assert contact.party == world.parties["town-a"]
    # The same form once more is the same contact.
    assert client.post(f"{LIST}nouveau/", data).status_code == 302
    assert Contact.objects.filter(function="Service propreté").count() == 1
    entry = JournalEntry.objects.get(act="create")
    assert (entry.kind, entry.actor) == ("interlocuteur", "town-a-essai@example.org")
    assert "example.org" not in str(entry.fields)


def test_the_coordination_designates_for_all_within_its_programme(
    world: World, elsewhere: World, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    data = {"function": "Direction", "email": "direction@example.org", "starts": "2026-03-18"}
    for party, status in ((world.parties["owners"], 302), (elsewhere.parties["owners"], 422)):
        assert client.post(f"{LIST}nouveau/", data | {"party": party.pk}).status_code == status
    assert Contact.objects.filter(function="Direction").count() == 1
    assert client.get(path(elsewhere.contact())).status_code == 404


@pytest.mark.parametrize("who", ["mediateur", "invite"])
def test_others_designate_nobody(world: World, sign_in: Any, who: str) -> None:
    client = sign_in(world, who)
    assert client.get(LIST).status_code == 403
    assert "Désigner, modifier" not in text_of(client.get("/convention/"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "pas une adresse"}, "adresse"),
        ({"phone": "appelez-moi"}, "numéro de téléphone"),
        ({"function": "  "}, "Dites la fonction"),
        ({"is_backup": "on", "email": ""}, "suppléant a besoin"),
        ({"starts": "31/02/2026"}, "n’existe pas"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_kept(
    world: World, sign_in: Any, changes: dict[str, str], said: str
) -> None:
    data = {
        "function": "Direction", "email": "direction@example.org", "starts": "2026-03-18",
        "phone": "03 20 00 00 00",
    } | changes  # fmt: skip
    answer = sign_in(world, "town-a").post(f"{LIST}nouveau/", data)
    assert answer.status_code == 422
    text = text_of(answer)
    assert said in text
    for value in data.values():
        assert value.strip() in text
    assert not Contact.objects.filter(function="Direction").exists()


# --- An address -----------------------------------------------------------------------------------


def test_a_new_address_clears_the_flag_and_sends_what_failed_once(
    world: World, sign_in: Any
) -> None:
    signalement = world.sent("hall-a")
    recipient = signalement.recipients.get()
    recipient.state = "echec"
    recipient.save()
    old_link = link_token(recipient)
    contact = world.contact()
    Contact.objects.filter(pk=contact.pk).update(bounced_on=TODAY)
    client = sign_in(world, "town-a")
    assert "adresse en échec" in text_of(client.get(LIST))
    page = text_of(client.get(path(contact)))
    assert "est en échec depuis" in page
    assert "Renvoyer à cette adresse" not in page, "not to the address that failed"
    client.post(path(contact, "modifier/"), form(contact, client, email="nouvelle@example.org"))
    contact.refresh_from_db()
    assert (contact.email, contact.bounced_on) == ("nouvelle@example.org", None)
    recipient.refresh_from_db()
    assert recipient.email == "contact-town-a-essai@example.org", "as it was sent"
    assert not Email.objects.exists()
    assert "Renvoyer à cette adresse" in text_of(client.get(path(contact)))
    for _ in range(2):
        assert client.post(path(contact, "renvoyer/")).status_code == 302
    assert [mail.to for mail in Email.objects.all()] == [["nouvelle@example.org"]]
    recipient.refresh_from_db()
    assert (recipient.email, recipient.is_current) == ("nouvelle@example.org", True)
    assert recipient_of(old_link, TODAY)[1] is False, "the former link went elsewhere"
    assert recipient_of(link_token(recipient), TODAY)[1] is True
    assert "Renvoyer à cette adresse" not in text_of(client.get(path(contact)))
    told = signalement.events.filter(kind="sent")
    assert "Envoyé de nouveau" in told.get().title


def test_who_knows_that_an_address_is_good_says_so_and_sends_again(
    world: World, sign_in: Any
) -> None:
    world.sent("hall-a").recipients.update(state="echec")
    contact = world.contact()
    Contact.objects.filter(pk=contact.pk).update(bounced_on=TODAY)
    assert sign_in(world, "town-b").post(path(contact, "adresse/")).status_code == 404
    client = sign_in(world, "town-a")
    assert client.get(path(contact, "adresse/")).status_code == 405
    assert "Cette adresse est bonne" in text_of(client.get(path(contact)))
    for _ in range(2):
        assert client.post(path(contact, "adresse/")).status_code == 302
    contact.refresh_from_db()
    assert contact.bounced_on is None
    entry = JournalEntry.objects.get(act="change", kind="interlocuteur")
    assert (entry.fields, entry.actor) == (["bounced_on"], "town-a-essai@example.org")
    assert "Cette adresse est bonne" not in text_of(client.get(path(contact)))
    client.post(path(contact, "renvoyer/"))
    assert [mail.to for mail in Email.objects.all()] == [[contact.email]]


def test_a_changed_phone_keeps_the_flag(world: World, sign_in: Any) -> None:
    contact = world.contact()
    Contact.objects.filter(pk=contact.pk).update(bounced_on=TODAY)
    client = sign_in(world, "town-a")
    client.post(path(contact, "modifier/"), form(contact, client, phone="03 20 11 11 11"))
    contact.refresh_from_db()
    assert (contact.phone, contact.bounced_on) == ("03 20 11 11 11", TODAY)


def test_what_somebody_saved_meanwhile_is_not_overwritten_unseen(
    world: World, sign_in: Any
) -> None:
    contact = world.contact()
    mine, theirs = sign_in(world, "town-a"), sign_in(world, "coordination")
    data = form(contact, mine, phone="03 20 00 00 01")
    theirs.post(path(contact, "modifier/"), form(contact, theirs, phone="03 20 00 00 02"))
    answer = mine.post(path(contact, "modifier/"), data)
    assert answer.status_code == 422
    assert "modifié entre-temps" in text_of(answer)
    contact.refresh_from_db()
    assert contact.phone == "03 20 00 00 02"
    again = text_of(answer).split('name="seen" value="')[1].split('"')[0]
    assert mine.post(path(contact, "modifier/"), data | {"seen": again}).status_code == 302
    contact.refresh_from_db()
    assert contact.phone == "03 20 00 00 01"


# --- Leaving --------------------------------------------------------------------------------------


def ending(contact: Contact, client: Any, **changes: str) -> dict[str, str]:
    return {"ends": "2026-03-18", "seen": seen(client, path(contact, "fin/"))} | changes


def test_open_signalements_move_to_a_successor_with_a_trace(world: World, sign_in: Any) -> None:
    open_signalement = world.sent("hall-a")
    closed = world.sent("hall-a", state="verifie", closed_on=date(2026, 3, 17))
    contact = world.contact()
    client = sign_in(world, "town-a")
    assert open_signalement.reference in text_of(client.get(path(contact, "fin/")))
    data = ending(
        contact, client, successor="nouveau", function=contact.function,
        email="successeur@example.org",
    )  # fmt: skip
    for _ in range(2):
        assert client.post(path(contact, "fin/"), data).status_code == 302
    contact.refresh_from_db()
    heir = Contact.objects.get(email="successeur@example.org")
    assert (contact.ends, contact.successor) == (TODAY, heir)
    assert (heir.starts, heir.party) == (date(2026, 3, 19), contact.party)
    old, new = open_signalement.recipients.order_by("pk")
    assert (old.successor, new.contact) == (new, heir)
    assert closed.recipients.count() == 1
    assert [mail.to for mail in Email.objects.all()] == [["successeur@example.org"]]
    assert "→" in open_signalement.events.get(kind="succeeded").title
    assert JournalEntry.objects.get(act="end").fields == ["ends", "successor"]
    text = text_of(client.get(LIST))
    assert "Anciens interlocuteurs" not in text, "the last day is not over"


def test_a_known_colleague_takes_over(world: World, sign_in: Any) -> None:
    signalement = world.sent("hall-a")
    colleague = Contact.objects.create(
        party=world.parties["town-a"], function="Voirie", email="voirie@example.org",
        starts=date(2024, 1, 1),
    )  # fmt: skip
    contact = world.contact()
    client = sign_in(world, "coordination")
    data = ending(contact, client, successor=str(colleague.pk), ends="2026-03-17")
    assert client.post(path(contact, "fin/"), data).status_code == 302
    assert [row.contact for row in signalement.recipients.order_by("pk")] == [contact, colleague]
    past = text_of(client.get(LIST)).split("Anciens interlocuteurs")[1]
    assert "puis Voirie" in past


def test_a_last_day_to_come_leaves_the_signalements_where_they_are(
    world: World, sign_in: Any
) -> None:
    signalement = world.sent("hall-a")
    contact = world.contact()
    client = sign_in(world, "town-a")
    data = ending(
        contact, client, ends="2026-03-31", successor="nouveau", function="Direction",
        email="direction@example.org",
    )  # fmt: skip
    assert client.post(path(contact, "fin/"), data).status_code == 302
    assert signalement.recipients.get().is_current
    assert not Email.objects.exists()


def test_leaving_without_a_successor_is_said_and_confirmed(world: World, sign_in: Any) -> None:
    signalement = world.sent("hall-a", title="Banc cassé")
    contact = world.contact()
    client = sign_in(world, "town-a")
    data = ending(contact, client)
    answer = client.post(path(contact, "fin/"), data)
    assert answer.status_code == 422
    text = text_of(answer)
    assert "Des signalements ouverts attendent" in text
    assert "Banc cassé" in text
    contact.refresh_from_db()
    assert contact.ends is None
    assert client.post(path(contact, "fin/"), data | {"alone": "on"}).status_code == 302
    contact.refresh_from_db()
    assert contact.ends == TODAY
    assert Contact.objects.filter(pk=contact.pk).exists(), "ended, never deleted"
    assert signalement.recipients.get().is_current


def test_a_successor_is_of_the_same_party(world: World, sign_in: Any) -> None:
    contact, stranger = world.contact("town-a"), world.contact("town-b")
    client = sign_in(world, "coordination")
    data = ending(contact, client, successor=str(stranger.pk))
    assert client.post(path(contact, "fin/"), data).status_code == 422
    contact.refresh_from_db()
    assert contact.ends is None


def test_the_same_queries_for_two_contacts_and_for_forty(
    world: World, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    now = datetime(2026, 3, 16, 9, tzinfo=PARIS)
    for n in range(40):
        contact = Contact.objects.create(
            party=world.parties[("town-a", "town-b")[n % 2]], function=f"Service {n}",
            email=f"service-{n}@example.org", starts=date(2024, 1, 1),
        )  # fmt: skip
        signalement = world.sent("hall-a")
        signalement.recipients.update(contact=contact, party=contact.party, handed_at=now)
    client = sign_in(world, "coordination")
    client.get(LIST)
    with django_assert_max_num_queries(8):
        text = text_of(client.get(LIST))
    assert text.count("signalement ouvert") == 40
