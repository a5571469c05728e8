"""Signalements in the application: written, checked, sent, read by whom it concerns, answered."""

import io
import json
import re
import uuid
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image
from post_office.models import Email

from governance.models import Contact, JournalEntry
from mediation.activities.sequels import sequels_of
from mediation.models import (
    Delivery,
    Recipient,
    Relay,
    RoutingRule,
    Signalement,
    SignalementEvent,
    SignalementPhoto,
)
from mediation.routing.rules import Routing
from mediation.signalements import links as actions
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import move_signalement, redirect_signalement
from mediation.signalements.actions.joining import join_signalement
from mediation.signalements.actions.photos import add_signalement_photo
from mediation.signalements.actions.sending import send_signalement

from ..pages import text_of
from ..world import TODAY, World

NEW = "/signalements/nouveau/"


def contact(world: World, party: str, **values: Any) -> Contact:
    given = {
        "party": world.parties[party], "starts": date(2024, 1, 1),
        "function": f"Service {Contact.objects.count()}",
        "email": f"{uuid.uuid4().hex[:8]}@example.org",
    }  # fmt: skip
    return Contact.objects.create(**(given | values))


def typed(world: World, **values: Any) -> dict[str, Any]:
    given = {
        "uid": uuid.uuid4(), "title": "Lampadaire éteint", "place": world.places["hall-a"].pk,
        "theme": world.themes[0].pk, "urgency": "normale", "observed_on": TODAY.isoformat(),
        "description": "Le second en partant du hall.", "expected": "Remplacer l’ampoule",
        "contacts": [world.contact().pk],
    }  # fmt: skip
    return {key: value for key, value in (given | values).items() if value is not None}


def picture(colour: str = "seagreen", name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(made, "JPEG")
    return SimpleUploadedFile(name, made.getvalue(), "image/jpeg")


class Words(str):
    """A page's words, whatever kind of space stands between them."""

    def __contains__(self, text: object) -> bool:
        return super().__contains__(" ".join(str(text).split()))


def words(answer: Any) -> Words:
    return Words(" ".join(re.sub(r"<[^>]+>", " ", text_of(answer)).split()))


# --- Writing and sending --------------------------------------------------------------------------


def test_from_an_activity_to_the_mail_in_three_requests(world: World, sign_in) -> None:
    world.routing_rule("cote-a")
    activity = world.activity("hall-a", theme=world.themes[0], day=date(2026, 3, 17))
    client = sign_in(world, "mediateur")
    page = client.get(f"/activites/{activity.pk}/")
    assert f"/signalements/nouveau/?activite={activity.pk}" in text_of(page)
    page = client.get(f"{NEW}?activite={activity.pk}")
    form = page.context["form"]
    assert form["title"].value() == "Éclairage essai"
    assert form["place"].value() == world.places["hall-a"].pk
    assert form["observed_on"].value() == date(2026, 3, 17)
    assert form["contacts"].value() == [world.contact().pk]
    assert "10 jours ouvrés, mercredi 1er avril" in words(page)

    answer = client.post(NEW, typed(world, activite=activity.pk))
    signalement = Signalement.objects.get()
    assert answer["Location"] == f"/signalements/{signalement.pk}/envoyer/"
    assert (signalement.state, signalement.activity, signalement.number) == (
        "brouillon",
        activity,
        None,
    )
    check = client.get(answer["Location"])
    assert "Lampadaire éteint" in words(check)
    assert world.contact().email in words(check)
    assert "mercredi 1er avril 2026" in words(check)
    assert not Email.objects.exists()

    answer = client.post(answer["Location"], {"version": signalement.version})
    assert answer["Location"] == f"/signalements/{signalement.pk}/"
    signalement.refresh_from_db()
    assert (signalement.state, signalement.reference, signalement.due_on) == (
        "envoye",
        "2026-1",
        date(2026, 4, 1),
    )
    assert [row.email for row in signalement.recipients.all()] == [world.contact().email]
    mail = Email.objects.get()
    assert mail.to == [world.contact().email]
    # What was shown is what left.
    shown = check.context["preview"]
    assert Words(shown.subject.replace("\u00a0", " ")) == mail.subject
    assert "Le second en partant du hall." in shown.text
    assert "Le second en partant du hall." in mail.message
    assert "/repondre/" not in shown.text


def test_the_same_form_twice_makes_one_signalement_and_one_mail(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    data = typed(world)
    first, second = client.post(NEW, data), client.post(NEW, data)
    assert first["Location"] == second["Location"]
    signalement = Signalement.objects.get()
    for _ in range(2):
        client.post(f"/signalements/{signalement.pk}/envoyer/", {"version": signalement.version})
    assert Email.objects.count() == 1
    assert signalement.recipients.count() == 1


@pytest.mark.parametrize("field", ["title", "where", "since", "description", "expected"])
def test_a_text_that_names_somebody_is_refused_beside_its_field(
    world: World, sign_in, field: str
) -> None:
    answer = sign_in(world, "mediateur").post(NEW, typed(world, **{field: "Chez Mme Durand"}))
    assert answer.status_code == 422
    assert "semble identifier quelqu’un" in str(answer.context["form"].errors[field])
    assert "Chez Mme Durand" in text_of(answer)
    assert not Signalement.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"), ({"place": 999_999}, "place"), ({"place": ""}, "place"),
        ({"urgency": "tout-de-suite"}, "urgency"), ({"observed_on": "31/02/2026"}, "observed_on"),
        ({"observed_on": "2026-03-19"}, "observed_on"), ({"due_on": "2026-03-01"}, "due_on"),
        ({"contacts": [999_999]}, "contacts"), ({"theme": "abc"}, "theme"),
        ({"title": "x" * 121}, "title"), ({"due_on": "2031-01-01"}, "due_on"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_said_and_what_was_typed_stays(world, sign_in, values, field) -> None:
    answer = sign_in(world, "mediateur").post(NEW, typed(world, **values))
    assert answer.status_code == 422
    faults = answer.context["form"].errors
    assert list(faults) == [field]
    assert len(faults[field]) == 1
    assert "Remplacer l’ampoule" in text_of(answer)


def test_a_row_of_another_programme_is_no_choice(world, elsewhere, sign_in) -> None:
    client = sign_in(world, "mediateur")
    for name, row in (
        ("place", elsewhere.places["hall-a"].pk), ("theme", elsewhere.themes[0].pk),
        ("contacts", [elsewhere.contact().pk]),
    ):  # fmt: skip
        assert client.post(NEW, typed(world, **{name: row})).status_code == 422
    other = elsewhere.activity()
    client.post(NEW, typed(world, activite=other.pk))
    assert Signalement.objects.get().activity is None


def test_without_a_tick_it_goes_to_those_whom_the_rules_propose(world: World, sign_in) -> None:
    world.routing_rule("cote-a")
    client = sign_in(world, "mediateur")
    client.post(NEW, typed(world, contacts=None))
    assert [row.pk for row in Signalement.objects.get().chosen.all()] == [world.contact().pk]


def test_nobody_to_send_to_is_said_before_anything_leaves(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    client.post(NEW, typed(world, contacts=None))
    signalement = Signalement.objects.get()
    page = client.get(f"/signalements/{signalement.pk}/envoyer/")
    assert "Choisir un destinataire" in words(page)
    answer = client.post(
        f"/signalements/{signalement.pk}/envoyer/", {"version": signalement.version}
    )
    assert answer.status_code == 422
    assert "Choisissez au moins un destinataire" in words(answer)


def test_a_contact_without_an_address_is_shown_and_cannot_be_ticked(world, sign_in) -> None:
    nobody = contact(world, "owners", function="Syndic", email="")
    page = sign_in(world, "mediateur").get(NEW)
    assert "Syndic : à désigner" in words(page)
    assert f"id_contacts_{nobody.pk}" not in text_of(page)
    answer = sign_in(world, "mediateur").post(NEW, typed(world, contacts=[nobody.pk]))
    assert answer.status_code == 422


def test_who_left_before_the_sending_is_told_and_left_out(world: World, sign_in) -> None:
    gone = contact(world, "owners", function="Gardien")
    client = sign_in(world, "mediateur")
    client.post(NEW, typed(world, contacts=[world.contact().pk, gone.pk]))
    signalement = Signalement.objects.get()
    Contact.objects.filter(pk=gone.pk).update(ends=TODAY - timedelta(days=1))
    page = client.get(f"/signalements/{signalement.pk}/envoyer/")
    assert "Ne le recevra pas" in words(page)
    client.post(f"/signalements/{signalement.pk}/envoyer/", {"version": signalement.version})
    assert [row.contact_id for row in signalement.recipients.all()] == [world.contact().pk]


def test_an_open_signalement_of_the_same_place_and_theme_is_joined_or_not(world, sign_in) -> None:
    """Nothing that was typed or chosen is lost on the way."""
    known = world.sent("hall-a")
    activity = world.activity("hall-a")
    client = sign_in(world, "mediateur")
    data = typed(world, activite=activity.pk, where="côté rue", photos=[picture(), picture("navy")])
    check = client.post(NEW, data, follow=True)
    assert "Un signalement est déjà ouvert" in words(check)
    draft = Signalement.objects.get(state="brouillon")
    assert draft.photos.count() == 2
    world.signalement_photo(known)
    world.signalement_photo(known)
    joined = client.post(
        f"/signalements/{draft.pk}/envoyer/",
        {"version": draft.version, "joindre": known.pk}, follow=True,
    )  # fmt: skip
    assert joined.redirect_chain[-1][0] == f"/signalements/{known.pk}/"
    assert "1\xa0photo n’a pas trouvé place" in text_of(joined)
    event = known.events.get(kind="joined")
    assert event.text.split("\n") == [
        "Lampadaire éteint", "Où\xa0: côté rue", "Le second en partant du hall.",
        "Attendu\xa0: Remplacer l’ampoule",
    ]  # fmt: skip
    assert known.photos.count() == 3
    assert [one.label for one in sequels_of(activity, world.reader("mediateur"))][0] == (
        "Joint au signalement"
    )
    assert [row.pk for row in Signalement.objects.all()] == [known.pk]
    assert JournalEntry.objects.filter(act="delete", kind="signalement").count() == 1
    # Or sent all the same.
    client.post(NEW, typed(world))
    draft = Signalement.objects.get(state="brouillon")
    client.post(f"/signalements/{draft.pk}/envoyer/", {"version": draft.version})
    assert Signalement.objects.get(pk=draft.pk).state == "envoye"


def test_joining_a_signalement_that_was_closed_meanwhile_keeps_the_draft(world, sign_in) -> None:
    known = world.sent("hall-a")
    client = sign_in(world, "mediateur")
    client.post(NEW, typed(world))
    draft = Signalement.objects.get(state="brouillon")
    Signalement.objects.filter(pk=known.pk).update(state="verifie", closed_on=TODAY)
    path = f"/signalements/{draft.pk}/envoyer/"
    answer = client.post(path, {"version": draft.version, "joindre": known.pk}, follow=True)
    assert "n’est plus ouvert" in words(answer)
    assert Signalement.objects.filter(pk=draft.pk).exists()
    answer = client.post(path, {"version": 99, "joindre": world.sent("hall-a").pk}, follow=True)
    assert "modifié entre-temps" in words(answer)
    assert Signalement.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("values", [{"state": "verifie", "closed_on": TODAY}, {"theme": None}])
def test_what_is_closed_or_about_something_else_is_no_double(world, sign_in, values) -> None:
    world.sent("hall-a", **values)
    assert sign_in(world, "mediateur").post(NEW, typed(world)).status_code == 302


def test_photos_to_choose_again_are_told(world, sign_in) -> None:
    answer = sign_in(world, "mediateur").post(NEW, typed(world, title="", photos=[picture()]))
    assert answer.status_code == 422
    assert "Choisissez de nouveau les photos" in words(answer)


def test_photos_go_along_once_and_the_activitys_by_a_tick(world: World, sign_in) -> None:
    activity = world.activity("hall-a")
    world.photo(activity)
    client = sign_in(world, "mediateur")
    data = typed(world, activite=activity.pk)
    for _ in range(2):
        client.post(NEW, data | {"photos": [picture("navy"), picture("maroon", "2.jpg")]})
    signalement = Signalement.objects.get()
    assert signalement.photos.count() == 2  # the second sending found the draft written
    client.post(
        f"/signalements/{signalement.pk}/modifier/",
        typed(world, uid=signalement.uid, version=signalement.version, takes_photos="on"),
    )
    assert signalement.photos.count() == 3
    signalement.refresh_from_db()
    answer = client.post(
        f"/signalements/{signalement.pk}/modifier/",
        typed(world, uid=signalement.uid, version=signalement.version)
        | {"photos": [picture("red")]},
        follow=True,
    )
    assert "3 photos au plus" in words(answer)
    assert signalement.photos.count() == 3
    signalement.refresh_from_db()
    first = signalement.photos.first()
    client.post(
        f"/signalements/{signalement.pk}/modifier/",
        typed(world, uid=signalement.uid, version=signalement.version, retirer=[first.pk]),
    )
    assert signalement.photos.count() == 2


def test_a_file_that_is_no_picture_is_told_and_the_draft_stays(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    broken = SimpleUploadedFile("plan.jpg", b"not a picture", "image/jpeg")
    answer = client.post(NEW, typed(world) | {"photos": [broken]}, follow=True)
    assert "n’est pas une photo lisible" in words(answer)
    assert Signalement.objects.get().photos.count() == 0


def test_a_draft_changed_meanwhile_says_so_and_keeps_what_was_typed(world, sign_in) -> None:
    signalement = world.signalement()
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/modifier/"
    data = typed(world, uid=signalement.uid, version=signalement.version)
    assert client.post(path, data | {"title": "Premier"}).status_code == 302
    late = sign_in(world, "autre-mediateur").post(path, data | {"title": "Second"})
    assert late.status_code == 422
    assert "modifié entre-temps" in words(late)
    assert "Second" in text_of(late)
    again = data | {"title": "Second", "version": late.context["version"]}
    assert client.post(path, again).status_code == 302
    signalement.refresh_from_db()
    assert signalement.title == "Second"
    # The same form pressed twice is done, not a conflict.
    assert client.post(path, again).status_code == 302


def test_what_was_sent_stays_as_it_was_sent(world: World, sign_in) -> None:
    signalement = world.sent()
    client = sign_in(world, "mediateur")
    for end in ("modifier", "envoyer", "supprimer"):
        page = client.get(f"/signalements/{signalement.pk}/{end}/")
        assert "n’est plus un brouillon" in words(page)
        answer = client.post(
            f"/signalements/{signalement.pk}/{end}/", typed(world, version=signalement.version)
        )
        assert answer["Location"] == f"/signalements/{signalement.pk}/"
    signalement.refresh_from_db()
    assert (signalement.title, signalement.state) == ("Éclairage éteint", "envoye")


def test_a_draft_is_let_go_and_nobody_had_it(world: World, sign_in) -> None:
    signalement = world.signalement()
    world.signalement_photo(signalement)
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/supprimer/"
    assert client.post(path, {"version": signalement.version + 1}).status_code == 422
    client.post(path, {"version": signalement.version})
    assert not Signalement.objects.exists()
    assert Signalement.history.filter(history_type="-").exists()
    assert not Email.objects.exists()


def test_a_due_date_that_passed_since_stops_the_sending(world: World, sign_in) -> None:
    signalement = world.signalement(due_on=TODAY - timedelta(days=1))
    signalement.chosen.add(world.contact())
    client = sign_in(world, "mediateur")
    answer = client.post(
        f"/signalements/{signalement.pk}/envoyer/", {"version": signalement.version}
    )
    assert answer.status_code == 422
    assert "L’échéance choisie est passée" in words(answer)


def test_an_immediate_danger_is_a_call_first(world: World, sign_in) -> None:
    signalement = world.signalement(urgency="immediate")
    signalement.chosen.add(world.contact())
    page = sign_in(world, "mediateur").get(f"/signalements/{signalement.pk}/envoyer/")
    assert "Appelez d’abord ; en cas de danger, les secours : 112." in words(page)
    assert page.context["shown"].due_on == TODAY


def test_who_will_read_it_is_said_by_name(world: World, sign_in) -> None:
    client = sign_in(world, "mediateur")
    for confidential, expected in ((False, {"town-b", "town-a", "owners"}), (True, {"town-b"})):
        signalement = world.signalement("hall-a", is_confidential=confidential)
        signalement.chosen.add(world.contact("town-b"))
        readers = client.get(f"/signalements/{signalement.pk}/envoyer/").context["readers"]
        assert set(readers) == {f"Partie {name} essai" for name in expected}


# --- Routing --------------------------------------------------------------------------------------


def proposed(world: World, place: str, theme: int | None = 0) -> list[str]:
    routing = Routing(world.reader("mediateur"), TODAY)
    row = None if theme is None else world.themes[theme]
    return [str(c.party) for c in routing.proposed(world.places[place], row).main]


def test_the_nearest_place_speaks_then_the_theme_then_its_group(world: World) -> None:
    for key in ("owners", "ateliers"):
        contact(world, key)
    world.routing_rule("quartier", "owners", theme=world.themes[0])
    assert proposed(world, "hall-a") == ["owners"]
    assert proposed(world, "hall-a", 1) == []
    world.routing_rule("cote-a", "town-a")
    assert proposed(world, "hall-a") == ["town-a"], "a nearer place is heard before a finer theme"
    assert proposed(world, "hall-b") == ["owners"]
    world.routing_rule("cote-a", "town-b", group="Groupe")
    assert proposed(world, "hall-a") == ["town-b"]
    assert proposed(world, "hall-a", None) == ["town-a"]
    world.routing_rule("cote-a", "ateliers", theme=world.themes[0])
    assert proposed(world, "hall-a") == ["ateliers"]
    assert proposed(world, "hall-a", 1) == ["town-b"]


def test_backups_are_offered_in_copy_and_who_left_is_not(world: World) -> None:
    world.routing_rule("quartier")
    backup = contact(world, "town-a", is_backup=True, function="Suppléant")
    contact(world, "town-a", function="Ancien", ends=TODAY - timedelta(days=1))
    contact(world, "town-a", function="Futur", starts=TODAY + timedelta(days=1))
    found = Routing(world.reader("mediateur"), TODAY).proposed(world.places["hall-a"], None)
    assert [row.pk for row in found.main] == [world.contact().pk]
    assert [row.pk for row in found.backups] == [backup.pk]


def test_a_rule_whose_party_has_nobody_says_so(world: World) -> None:
    world.routing_rule("quartier", "owners")
    found = Routing(world.reader("mediateur"), TODAY).proposed(world.places["hall-a"], None)
    assert (found.main, found.undesignated) == ((), ["owners"])


def test_the_page_asks_for_proposals_and_for_doubles(world: World, sign_in) -> None:
    world.routing_rule("cote-a")
    signalement = world.sent("hall-a")
    client = sign_in(world, "mediateur")
    query = {"lieu": world.places["hall-a"].pk, "theme": world.themes[0].pk}
    found = json.loads(client.get("/signalements/destinataires/", query).content)
    assert found["main"] == [world.contact().pk]
    assert [one["url"] for one in found["alike"]] == [f"/signalements/{signalement.pk}/"]
    none = json.loads(
        client.get("/signalements/destinataires/", {"lieu": "x", "theme": "-1"}).content
    )
    assert none == {"main": [], "backups": [], "undesignated": [], "alike": []}


def test_the_coordination_keeps_the_rules(world: World, elsewhere: World, sign_in) -> None:
    client = sign_in(world, "coordination")
    data = {
        "place": world.places["hall-a"].pk, "about": "groupe:Groupe",
        "party": world.parties["town-a"].pk,
    }  # fmt: skip
    assert client.post("/parametres/envois/", data).status_code == 302
    again = client.post("/parametres/envois/", data)
    assert again.status_code == 422
    assert "Cette règle existe déjà" in words(again)
    any_theme = data | {"about": ""}
    assert client.post("/parametres/envois/", any_theme).status_code == 302
    assert client.post("/parametres/envois/", any_theme).status_code == 422
    foreign = data | {"place": elsewhere.places["hall-a"].pk}
    assert client.post("/parametres/envois/", foreign).status_code == 422
    trial = client.get(
        "/parametres/envois/", {"lieu": world.places["hall-a"].pk, "theme": world.themes[1].pk}
    )
    assert "Selon « Lieu hall-a essai, Groupe (toutes) »" in words(trial)
    rule = RoutingRule.objects.get(group="Groupe")
    path = f"/parametres/envois/{rule.pk}/supprimer/"
    assert "Supprimer cette règle" in words(client.get(path))
    assert RoutingRule.objects.filter(pk=rule.pk).exists(), "asked first"
    client.post(path)
    assert not RoutingRule.objects.filter(pk=rule.pk).exists()
    assert JournalEntry.objects.filter(kind="règle d’envoi").count() == 3


# --- The list -------------------------------------------------------------------------------------


def listed(client: Any, query: str = "") -> list[str]:
    return [row.title for row, _ in client.get(f"/signalements/{query}").context["lines"]]


def test_tabs_hold_every_signalement_once_with_its_count(world: World, sign_in) -> None:
    world.signalement(title="brouillon")
    closed = {"verifie", "non_resolu", "annule", "reoriente"}
    for state in ("envoye", "accuse", "pris", "declare", *sorted(closed)):
        world.sent(
            state=state, title=state, closed_on=TODAY if state in closed else None, reason="motif"
        )
    client = sign_in(world, "mediateur")
    page = client.get("/signalements/")
    counts = {value: count for value, _, count in page.context["tabs"]}
    assert counts == {"sans-reponse": 1, "en-cours": 4, "resolus": 3, "brouillons": 1, "tous": 9}
    assert listed(client) == ["envoye"]
    assert set(listed(client, "?onglet=en-cours")) == {"accuse", "pris", "declare", "reoriente"}
    assert set(listed(client, "?onglet=resolus")) == {"verifie", "non_resolu", "annule"}
    assert listed(client, "?onglet=brouillons") == ["brouillon"]
    partner = sign_in(world, "town-a").get("/signalements/?onglet=brouillons")
    assert partner.context["tab"] == "sans-reponse"
    assert all(value != "brouillons" for value, _, _ in partner.context["tabs"])


def test_the_longest_wait_comes_first_and_what_is_late_is_said(world: World, sign_in) -> None:
    world.sent(title="à temps", due_on=TODAY + timedelta(days=3))
    world.sent(title="en retard", due_on=TODAY - timedelta(days=5))
    client = sign_in(world, "mediateur")
    assert listed(client) == ["en retard", "à temps"]
    assert "En retard de 5 jours" in words(client.get("/signalements/"))
    assert listed(client, "?retard=on") == ["en retard"]


def test_what_waits_for_a_party_comes_first_for_it(world: World, sign_in) -> None:
    world.sent("quartier", to="town-b", title="pour l’autre", due_on=TODAY - timedelta(days=9))
    world.sent("hall-a", title="pour nous", due_on=TODAY + timedelta(days=9))
    client = sign_in(world, "town-a")
    assert listed(client) == ["pour nous", "pour l’autre"]
    page = client.get("/signalements/")
    assert words(page).count("Votre réponse est attendue") == 1
    assert "/repondre/" in text_of(page)
    Recipient.objects.filter(party=world.parties["town-a"]).update(
        reply="recu", acknowledged_at=timezone.now()
    )
    assert "Votre réponse est attendue" not in words(client.get("/signalements/"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=eclairage", {"Éclairage éteint"}), ("q=BANC", {"Banc cassé"}), ("q=2026-2", {"Banc cassé"}),
        ("q=introuvable", set()), ("urgence=haute", {"Banc cassé"}),
        ("etat=pris", {"Banc cassé"}), ("du=2026-03-17", set()),
        ("du=2026-03-16&au=2026-03-16", {"Éclairage éteint", "Banc cassé"}),
        ("periode=mois", {"Éclairage éteint", "Banc cassé"}), ("periode=mois-dernier", set()),
    ],
)  # fmt: skip
def test_filters_in_the_address(world: World, sign_in, query: str, found: set[str]) -> None:
    world.sent("hall-a")
    world.sent("hall-a", title="Banc cassé", urgency="haute", state="pris")
    assert set(listed(sign_in(world, "mediateur"), f"?onglet=tous&{query}")) == found


def test_filters_by_place_theme_and_party(world: World, sign_in) -> None:
    world.sent("hall-a", title="A")
    world.sent("hall-b", to="town-b", title="B", theme=None)
    client = sign_in(world, "mediateur")
    assert listed(client, f"?lieu={world.places['cote-a'].pk}") == ["A"]
    assert listed(client, f"?theme={world.themes[0].pk}") == ["A"]
    assert listed(client, "?theme=sans") == ["B"]
    assert listed(client, f"?partie={world.parties['town-b'].pk}") == ["B"]


@pytest.mark.parametrize(
    "query", ["lieu=999999", "etat=perdu", "du=31/02/2026", "du=2026-03-02&au=2026-03-01", "q=?!"]
)
def test_a_filter_that_is_wrong_is_said_and_shows_nothing(world: World, sign_in, query) -> None:
    world.sent()
    page = sign_in(world, "mediateur").get(f"/signalements/?{query}")
    assert page.context["filter"].faults
    assert page.context["lines"] == []


def test_an_empty_list_says_so(world: World, sign_in) -> None:
    for who in ("mediateur", "town-a", "invite"):
        page = words(sign_in(world, who).get("/signalements/"))
        assert "Aucun signalement en attente." in page


def test_pages_go_on_and_stop(world: World, sign_in) -> None:
    for n in range(27):
        world.sent(title=f"fiche {n}")
    client = sign_in(world, "mediateur")
    assert len(listed(client)) == 25
    assert len(listed(client, "?page=2")) == 2
    assert len(listed(client, "?page=99999999")) == 2


def test_lists_and_pages_ask_as_much_for_one_as_for_fifty(world: World, sign_in) -> None:
    contacts = [contact(world, "owners") for _ in range(3)]
    first = world.sent()

    def more(count: int) -> None:
        for n in range(count):
            signalement = world.sent(title=f"fiche {n}")
            for one in contacts:
                signalement.recipients.create(
                    party=one.party, contact=one, function=one.function, email=one.email
                )
            first.events.create(at=timezone.now(), kind="comment", title=f"{n}")

    for who in ("mediateur", "town-a"):
        client = sign_in(world, who)
        paths = ("/signalements/", f"/signalements/{first.pk}/", "/signalements/?_export=csv")
        more(2)
        few = [queries(client, path) for path in paths]
        more(20)
        assert [queries(client, path) for path in paths] == few
        assert max(few) <= 15, few


def queries(client: Any, path: str) -> int:
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(path)
        assert answer.status_code == 200
        if answer.streaming:
            b"".join(answer.streaming_content)
    return len(caught)


def test_files_hold_exactly_what_is_shown(world: World, sign_in) -> None:
    world.sent("hall-a", title="=1+1", description="Un constat")
    world.sent("hall-b", to="town-b", title="B")
    world.sent("hall-a", title="C", state="pris")
    for who, own in (("mediateur", True), ("town-a", False)):
        client = sign_in(world, who)
        answer = client.get("/signalements/?q=constat&_export=csv")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        head, *lines = text.strip().split("\r\n")
        assert len(lines) == 1
        assert "'=1+1" in lines[0]
        assert ("Auteur" in head) is own
        assert ("Fonction mediateur" in text) is own
        assert "example.org" not in text
        assert "signalements-" in answer["Content-Disposition"]
    answer = sign_in(world, "town-a").get("/signalements/?onglet=tous&_export=xlsx")
    book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.read("xl/worksheets/sheet1.xml").decode()
    assert "Éclairage essai" in rows
    assert rows.count("<row ") == 3, "its header, and the two of its side"
    assert JournalEntry.objects.filter(act="produce").count() == 3


# --- Its page, by reader --------------------------------------------------------------------------


def test_a_partner_reads_the_signalement_and_nothing_of_the_team(world: World, sign_in) -> None:
    situation = world.situation(title="Situation interne")
    signalement = world.sent(
        activity=world.activity(), situation=situation, description="Un constat"
    )
    signalement.events.create(at=timezone.now(), kind="call", title="À appeler", is_internal=True)
    signalement.events.create(
        at=timezone.now(), kind="sent", title="Envoyé", user=world.user("mediateur")
    )
    page = sign_in(world, "owners").get(f"/signalements/{signalement.pk}/")
    text = words(page)
    assert "Un constat" in text
    assert "Interlocuteur town-a essai" in text
    for hidden in ("À appeler", "Fonction mediateur", "Situation interne", "@example.org",
                   f"/activites/{signalement.activity_id}/", "Relancer", "Que faire"):  # fmt: skip
        assert hidden not in text.replace(world.user("owners").email, "")
    team = words(sign_in(world, "mediateur").get(f"/signalements/{signalement.pk}/"))
    for shown in ("À appeler", "Fonction mediateur", "Situation interne", world.contact().email):
        assert shown in team


def test_a_confidential_signalement_is_read_by_its_addressees_alone(world: World, sign_in) -> None:
    signalement = world.sent("hall-a", to="town-a", is_confidential=True)
    photo = world.signalement_photo(signalement)
    for who, status in (("town-a", 200), ("owners", 404), ("town-b", 404), ("mediateur", 200)):
        client = sign_in(world, who)
        for path in (f"/signalements/{signalement.pk}/", f"/signalements/photos/{photo.pk}/",
                     f"/signalements/{signalement.pk}/pdf/"):  # fmt: skip
            assert client.get(path).status_code == status, (who, path)


def test_an_addressee_outside_its_perimeter_reads_that_signalement_only(world, sign_in) -> None:
    signalement = world.sent("hall-a", to="town-b")
    world.sent("hall-a", to="town-a", title="pas la sienne")
    client = sign_in(world, "town-b")
    assert listed(client) == ["Éclairage éteint"]
    assert client.get(f"/signalements/{signalement.pk}/").status_code == 200


def test_an_invited_party_reads_and_answers_what_was_sent_to_it(world: World, sign_in) -> None:
    contact(world, "ateliers", function="Direction")
    signalement = world.sent("hall-b", to="ateliers")
    world.sent("hall-b", to="town-b", title="pas la sienne")
    client = sign_in(world, "invite")
    assert listed(client) == ["Éclairage éteint"]
    assert "/signalements/" in text_of(client.get("/"))
    answer = client.post(f"/signalements/{signalement.pk}/repondre/", {"reply": "recu"})
    assert answer["Location"] == f"/signalements/{signalement.pk}/"
    signalement.refresh_from_db()
    assert signalement.state == "accuse"


def test_a_photo_is_small_on_a_page_and_no_cache_keeps_it(world: World, sign_in) -> None:
    photo = world.signalement_photo(world.sent())
    answer = sign_in(world, "town-a").get(f"/signalements/photos/{photo.pk}/?taille=vignette")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Cache-Control"] == "private, no-store"
    assert Image.open(io.BytesIO(answer.content)).format == "JPEG"


def test_states_of_recipients_in_words(world: World, sign_in) -> None:
    signalement = world.sent()
    row = signalement.recipients.get()
    client = sign_in(world, "mediateur")
    now = timezone.now()
    for values, said in (
        ({"state": "file"}, "En file d’envoi"), ({"state": "remis"}, "Remis, sans réponse"),
        ({"state": "echec"}, "Échec de l’envoi"), ({"state": "silence"}, "Silencieux"),
        ({"state": "accuse", "reply": "recu", "acknowledged_at": now}, "Bien reçu"),
        ({"state": "repondu", "reply": "charge", "promised_on": TODAY}, "S’en occupe"),
        ({"reply": "autre", "redirect_to": "La métropole"}, "Selon eux : La métropole"),
    ):  # fmt: skip
        Recipient.objects.filter(pk=row.pk).update(**values)
        assert said in words(client.get(f"/signalements/{signalement.pk}/"))


# --- Its course -----------------------------------------------------------------------------------


def answer_as(client: Any, signalement: Signalement, **data: Any) -> Any:
    return client.post(f"/signalements/{signalement.pk}/repondre/", data)


def test_the_loop_from_promise_to_verified(world: World, sign_in) -> None:
    signalement = world.sent()
    town, team = sign_in(world, "town-a"), sign_in(world, "mediateur")
    answer_as(town, signalement, reply="charge", promised_on="2026-03-25")
    signalement.refresh_from_db()
    assert signalement.state == "pris"
    assert (
        "annoncé pour le 25 mars 2026"
        in words(team.get(f"/signalements/{signalement.pk}/")).lower()
    )
    answer_as(town, signalement, reply="resolu", comment="Ampoule changée", photo=picture())
    signalement.refresh_from_db()
    assert signalement.state == "declare"
    assert signalement.photos.get().recipient == signalement.recipients.get()
    page = team.get(f"/signalements/{signalement.pk}/")
    assert "Déclaré résolu : passez voir" in words(page)

    version = signalement.version
    team.post(f"/signalements/{signalement.pk}/suite/", {"to": "rouvrir", "version": version})
    signalement.refresh_from_db()
    row = signalement.recipients.get()
    assert (signalement.state, row.reply) == ("accuse", "")
    again = team.post(
        f"/signalements/{signalement.pk}/suite/", {"to": "rouvrir", "version": version}
    )
    assert again.status_code == 302, "a second press is done already"
    answer_as(town, signalement, reply="resolu")
    signalement.refresh_from_db()
    assert signalement.state == "declare"
    team.post(
        f"/signalements/{signalement.pk}/suite/", {"to": "verifie", "version": signalement.version}
    )
    signalement.refresh_from_db()
    assert (signalement.state, signalement.closed_on) == ("verifie", TODAY)
    titles = list(signalement.events.values_list("title", flat=True))
    assert titles[0] == "Résolu (vérifié)"
    assert "Rouvert" in titles
    assert "n’attend plus de réponse" in words(
        town.get(f"/signalements/{signalement.pk}/repondre/")
    )
    assert answer_as(town, signalement, reply="recu").status_code == 422


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reply"), ({"reply": "peut-être"}, "reply"), ({"reply": "charge"}, "promised_on"),
        ({"reply": "charge", "promised_on": "2026-03-17"}, "promised_on"),
        ({"reply": "charge", "promised_on": "bientôt"}, "promised_on"),
        ({"reply": "charge", "promised_on": "2036-03-25"}, "promised_on"),
        ({"reply": "autre"}, "redirect_to"), ({"reply": "recu", "comment": "x" * 2001}, "comment"),
    ],
)  # fmt: skip
def test_an_answer_that_lacks_something_says_what(world: World, sign_in, data, field) -> None:
    signalement = world.sent()
    answer = answer_as(sign_in(world, "town-a"), signalement, **data)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert signalement.recipients.get().reply == ""


def test_the_same_answer_twice_is_one_moment(world: World, sign_in) -> None:
    signalement, uid = world.sent(), uuid.uuid4()
    client = sign_in(world, "town-a")
    for _ in range(2):
        answer_as(client, signalement, reply="resolu", comment="Fait", uid=uid, photo=picture())
    assert signalement.events.filter(kind="replied").count() == 1
    assert signalement.photos.count() == 1


def test_only_the_party_that_was_asked_answers(world: World, sign_in) -> None:
    signalement = world.sent("hall-a", to="town-a")
    assert answer_as(sign_in(world, "owners"), signalement, reply="recu").status_code == 403
    assert answer_as(sign_in(world, "town-b"), signalement, reply="recu").status_code == 404
    assert answer_as(sign_in(world, "mediateur"), signalement, reply="recu").status_code == 403
    assert signalement.recipients.get().reply == ""


def test_who_refuses_names_another_and_the_signalement_goes_there(world: World, sign_in) -> None:
    right = contact(world, "owners", function="Gestion des espaces communs")
    contact(world, "town-b", function="Autre service")
    signalement = world.sent()
    answer_as(
        sign_in(world, "town-a"), signalement, reply="autre", redirect_to="les espaces communs"
    )
    signalement.refresh_from_db()
    assert signalement.state == "reoriente"
    team = sign_in(world, "mediateur")
    assert "Réorienter vers les espaces communs" in words(
        team.get(f"/signalements/{signalement.pk}/")
    )
    page = team.get(f"/signalements/{signalement.pk}/adresser/")
    assert page.context["form"]["contact"].value() == right.pk, "the one whom the words name"
    data = {"contact": right.pk, "version": signalement.version}
    for _ in range(2):
        assert team.post(f"/signalements/{signalement.pk}/adresser/", data).status_code == 302
    signalement.refresh_from_db()
    assert (signalement.state, signalement.recipients.count(), Email.objects.count()) == (
        "envoye",
        2,
        1,
    )


def test_giving_up_or_cancelling_needs_a_reason_that_names_nobody(world: World, sign_in) -> None:
    signalement = world.sent()
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/suite/"
    for reason in ("", "À la demande de Mme Durand"):
        answer = client.post(
            path, {"to": "non_resolu", "reason": reason, "version": signalement.version}
        )
        assert answer.status_code == 422
        assert "reason" in answer.context["form"].errors
    client.post(path, {"to": "non_resolu", "reason": "Sans suite", "version": signalement.version})
    signalement.refresh_from_db()
    assert (signalement.state, signalement.reason, signalement.closed_on) == (
        "non_resolu",
        "Sans suite",
        TODAY,
    )
    assert "Sans suite" in words(sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/"))


def test_a_decision_on_what_moved_meanwhile_is_asked_again(world: World, sign_in) -> None:
    signalement = world.sent()
    version = signalement.version
    answer_as(sign_in(world, "town-a"), signalement, reply="recu")
    client = sign_in(world, "mediateur")
    path = f"/signalements/{signalement.pk}/suite/"
    data = {"to": "annule", "reason": "Doublon", "version": version}
    late = client.post(path, data)
    assert late.status_code == 422
    assert "a changé entre-temps" in words(late)
    client.post(path, data | {"version": late.context["version"]})
    signalement.refresh_from_db()
    assert signalement.state == "annule"


def test_a_reminder_by_hand_goes_once_a_day_to_who_is_waited_for(world, sign_in, clock) -> None:
    signalement = world.sent()
    asleep = signalement.recipients.get()
    Recipient.objects.update(handed_at=datetime(2026, 3, 16, 9, tzinfo=UTC))
    client = sign_in(world, "mediateur")
    for _ in range(2):
        client.post(f"/signalements/{signalement.pk}/relancer/")
    assert Email.objects.get().to == [asleep.email]
    assert signalement.events.filter(kind="reminded").count() == 1
    again = client.post(f"/signalements/{signalement.pk}/relancer/", follow=True)
    assert "une relance par jour et par personne" in words(again)
    other = world.sent(title="Autre fiche")
    Recipient.objects.update(handed_at=datetime(2026, 3, 16, 9, tzinfo=UTC))
    client.post(f"/signalements/{other.pk}/relancer/")
    assert Email.objects.count() == 1, "one a day, whatever the signalement"
    answer_as(sign_in(world, "town-a"), signalement, reply="resolu")
    done = client.post(f"/signalements/{signalement.pk}/relancer/", follow=True)
    assert "Personne n’est à relancer" in words(done)
    assert Delivery.objects.filter(kind="reminder").count() == 1


def test_a_call_is_noted_and_its_answer_counts(world: World, sign_in) -> None:
    signalement, uid = world.sent(), uuid.uuid4()
    client = sign_in(world, "mediateur")
    data = {
        "uid": uid, "channel": "telephone", "contact": world.contact().pk, "reply": "charge",
        "day": TODAY.isoformat(), "promised_on": "2026-03-27", "note": "Passe vendredi",
    }  # fmt: skip
    for _ in range(2):
        assert client.post(f"/signalements/{signalement.pk}/relais/", data).status_code == 302
    relay = Relay.objects.get()
    assert (relay.party, relay.signalement) == (world.parties["town-a"], signalement)
    signalement.refresh_from_db()
    assert (signalement.state, signalement.recipients.get().promised_on) == (
        "pris",
        date(2026, 3, 27),
    )
    partner = words(sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/"))
    assert "par téléphone" in partner
    assert "Passe vendredi" not in partner


def test_a_relay_to_somebody_else_changes_no_answer(world: World, sign_in) -> None:
    other = contact(world, "owners")
    signalement = world.sent()
    data = {"channel": "contact", "contact": other.pk, "day": TODAY.isoformat(), "reply": "recu"}
    path, client = f"/signalements/{signalement.pk}/relais/", sign_in(world, "mediateur")
    refused = client.post(path, data)
    assert "adressez-lui d’abord le signalement" in words(refused)
    assert not Relay.objects.exists()
    assert client.post(path, data | {"reply": ""}).status_code == 302
    signalement.refresh_from_db()
    assert (signalement.state, Relay.objects.get().contact) == ("envoye", other)
    wrong = sign_in(world, "mediateur").post(
        f"/signalements/{signalement.pk}/relais/", data | {"day": "2026-03-19", "channel": "pigeon"}
    )
    assert set(wrong.context["form"].errors) == {"channel", "day", "reply"}


def test_seen_again_is_read_by_who_was_asked(world: World, sign_in) -> None:
    signalement = world.sent()
    path = f"/signalements/{signalement.pk}/constat/"
    client = sign_in(world, "mediateur")
    for _ in range(2):
        client.post(path, {"text": "Deux lampes maintenant"})
    assert signalement.events.filter(kind="joined").count() == 1
    assert "Deux lampes maintenant" in words(
        sign_in(world, "town-a").get(f"/signalements/{signalement.pk}/")
    )
    assert client.post(path, {"text": "chez Mme Durand"}).status_code == 422


def test_a_partner_moves_nothing(world: World, sign_in) -> None:
    signalement = world.sent()
    client = sign_in(world, "town-a")
    for end in ("suite", "adresser", "relancer", "relais", "constat", "modifier", "envoyer"):
        data = {"to": "annule", "reason": "Non", "version": signalement.version}
        assert client.post(f"/signalements/{signalement.pk}/{end}/", data).status_code == 403


# --- What became of it ----------------------------------------------------------------------------


def test_an_activity_tells_its_signalements_to_the_team_alone(world: World, sign_in) -> None:
    activity = world.activity("hall-a")
    signalement = world.sent(activity=activity, due_on=TODAY - timedelta(days=1))
    answer_signalement(
        recipient=signalement.recipients.get(), reply="charge", now=timezone.now(),
        promised_on=date(2026, 3, 25),
    )  # fmt: skip
    text = words(sign_in(world, "mediateur").get(f"/activites/{activity.pk}/"))
    assert "town-a : je m’en occupe, pour mercredi 25 mars" in text
    assert "Pris en charge" in text
    assert signalement.title not in words(
        sign_in(world, "town-a").get(f"/activites/{activity.pk}/")
    )


def test_a_situations_thread_tells_its_signalements(world: World, sign_in) -> None:
    situation = world.situation()
    activity = world.activity(situation=situation)
    client = sign_in(world, "mediateur")
    client.post(NEW, typed(world, activite=activity.pk))
    signalement = Signalement.objects.get()
    assert signalement.situation == situation
    client.post(f"/signalements/{signalement.pk}/envoyer/", {"version": signalement.version})
    text = words(client.get(f"/situations/{situation.pk}/"))
    assert "Signalement 2026-1 : Envoyé" in text
    assert f"/signalements/{signalement.pk}/" in text_of(client.get(f"/situations/{situation.pk}/"))


def test_a_signalement_is_written_within_a_situation(world: World, sign_in) -> None:
    situation = world.situation("hall-a")
    client = sign_in(world, "mediateur")
    link = f"/signalements/nouveau/?situation={situation.pk}"
    assert link in text_of(client.get(f"/situations/{situation.pk}/"))
    page = client.get(link)
    assert page.context["form"]["place"].value() == world.places["hall-a"].pk
    client.post(NEW, typed(world, situation=situation.pk))
    assert Signalement.objects.get().situation == situation


def test_photos_of_an_activity_leave_only_when_somebody_ticks_them(world: World, sign_in) -> None:
    activity = world.activity("hall-a")
    world.photo(activity)
    client = sign_in(world, "mediateur")
    page = client.get(f"{NEW}?activite={activity.pk}")
    assert not page.context["form"]["takes_photos"].value()
    client.post(NEW, typed(world, activite=activity.pk))
    assert not SignalementPhoto.objects.exists()


def test_a_signed_out_writer_finds_the_form_again(world: World, sign_in, client) -> None:
    member = sign_in(world, "mediateur")
    page = member.get(NEW)
    owner = re.search(r'name="_owner" value="([^"]+)"', text_of(page))
    assert owner
    client.post(NEW, typed(world, title="Gardé", _owner=owner[1]))
    client.force_login(world.user("mediateur"), settings.AUTHENTICATION_BACKENDS[0])
    page = client.get(NEW)
    assert "Votre session avait expiré" in words(page)
    assert "Gardé" in text_of(page)


def test_events_are_only_what_the_reader_sees(world: World) -> None:
    signalement = world.sent("hall-a", is_confidential=True)
    signalement.events.create(at=timezone.now(), kind="sent", title="Envoyé")
    for who, count in (("mediateur", 1), ("town-a", 1), ("owners", 0), ("town-b", 0)):
        assert SignalementEvent.objects.visible_to(world.reader(who)).count() == count


def test_two_that_join_at_once_leave_no_photo_too_many(world: World) -> None:
    signalement = world.signalement()
    by = world.reader("mediateur")
    for colour in ("red", "green", "blue"):
        add_signalement_photo(
            signalement=signalement, upload=picture(colour), uid=uuid.uuid4(), by=by
        )
    with pytest.raises(ValidationError, match="3 photos au plus"):
        add_signalement_photo(signalement=signalement, upload=picture(), uid=uuid.uuid4(), by=by)
    # Those that come with an answer are counted apart.
    answered = world.sent()
    row = answered.recipients.get()
    assert add_signalement_photo(
        signalement=answered, upload=picture(), uid=uuid.uuid4(), recipient=row
    )
    assert SignalementPhoto.objects.count() == 4


# --- Who reads whose words ------------------------------------------------------------------------


@pytest.mark.parametrize("is_confidential", [True, False])
def test_an_addressee_reads_its_own_part_only_where_it_is_no_place_of_its(
    world, sign_in, is_confidential
) -> None:
    """Two towns have a confidential signalement; the Ateliers, who have no perimeter, any signalement."""
    signalement = world.sent(to="town-b", is_confidential=is_confidential)
    mine = world.contact() if is_confidential else contact(world, "ateliers")
    redirect_signalement(
        signalement=signalement, contact=mine, by=world.reader("mediateur"), now=timezone.now(),
        read_version=1,
    )  # fmt: skip
    theirs = signalement.recipients.get(party=world.parties["town-b"])
    answer_signalement(
        recipient=theirs, reply="recu", comment="Propos de la ville B.", now=timezone.now()
    )
    photo = world.signalement_photo(signalement, recipient=theirs)
    reader = "town-a" if is_confidential else "invite"
    client = sign_in(world, reader)
    page = words(client.get(f"/signalements/{signalement.pk}/"))
    assert f"Adressé à {mine}" in page
    assert "Propos de la ville B" not in page
    assert theirs.function not in page
    assert client.get(f"/signalements/photos/{photo.pk}/").status_code == 404
    assert not SignalementEvent.objects.visible_to(world.reader(reader)).filter(recipient=theirs)
    other = sign_in(world, "town-b")
    assert "Propos de la ville B" in words(other.get(f"/signalements/{signalement.pk}/"))
    assert other.get(f"/signalements/photos/{photo.pk}/").status_code == 200


def test_a_long_answer_is_read_to_its_end(world, sign_in) -> None:
    signalement = world.sent()
    text = "Le service est passé deux fois. " * 55 + "La fin."
    answer_signalement(
        recipient=signalement.recipients.get(), reply="recu", comment=text, now=timezone.now()
    )
    for who in ("mediateur", "town-a"):
        assert "La fin." in words(sign_in(world, who).get(f"/signalements/{signalement.pk}/"))


def test_the_link_of_an_answer_is_never_told(world, sign_in) -> None:
    signalement = world.sent()
    row = signalement.recipients.get()
    link = f"https://example.org/repondre/{actions.link_token(row)}/"
    answer_signalement(
        recipient=row, reply="recu", comment=f"Le lien {link} ne marche pas.", now=timezone.now()
    )
    text = signalement.events.get(kind="replied").text
    assert text == "Le lien [lien de réponse] ne marche pas."


def test_a_closed_signalement_is_addressed_to_nobody_else(world, sign_in) -> None:
    signalement = world.sent(state="annule", reason="Par erreur", closed_on=TODAY)
    other = contact(world, "town-b")
    answer = sign_in(world, "mediateur").post(
        f"/signalements/{signalement.pk}/adresser/",
        {"contact": other.pk, "version": signalement.version},
    )
    assert answer.status_code == 422
    assert "clos" in words(answer)
    assert signalement.recipients.count() == 1
    assert not Email.objects.exists()


def test_cancelled_before_it_left_it_does_not_leave(world) -> None:
    draft = world.signalement()
    draft.chosen.set([world.contact()])
    by, now = world.reader("mediateur"), timezone.now()
    signalement = send_signalement(signalement=draft, read_version=1, by=by, now=now)
    move_signalement(
        signalement=signalement,
        to="annule",
        by=by,
        now=now,
        read_version=signalement.version,
        reason="Erreur",
    )
    assert [mail.status for mail in Email.objects.all()] == [1], "withdrawn"


def test_where_it_belongs_names_no_person(world, sign_in) -> None:
    signalement = world.sent()
    answer = answer_as(
        sign_in(world, "town-a"),
        signalement,
        reply="autre",
        redirect_to="Voir M. Dupont, appartement 12",
    )
    assert answer.status_code == 422
    assert "Nommez un service" in words(answer)


def test_control_characters_do_not_reach_the_signalement(world, sign_in) -> None:
    client = sign_in(world, "mediateur")
    assert client.post(NEW, typed(world, title="Banc\x01 cassé\x0b")).status_code == 302
    assert Signalement.objects.get().title == "Banc cassé"


def test_who_has_it_is_told_that_it_is_closed_and_why(world, sign_in) -> None:
    """By mail, and on the page of its link; not who refused it, nor who never had it."""
    signalement = world.sent()
    row = signalement.recipients.get()
    Recipient.objects.filter(pk=row.pk).update(handed_at=timezone.now())
    refusing = Recipient.objects.create(
        signalement=signalement, party=world.parties["town-b"], contact=world.contact("town-b"),
        function="Voirie", email="voirie@example.org", state="repondu", reply="autre",
        acknowledged_at=timezone.now(), handed_at=timezone.now(),
    )  # fmt: skip
    join_signalement(
        signalement=signalement, activity=None, text="Deux lampes maintenant.",
        by=world.reader("mediateur"), now=timezone.now(),
    )  # fmt: skip
    link = f"/repondre/{actions.link_token(row)}/"
    assert "Deux lampes maintenant." in words(sign_in(world, "town-a").get(link))
    move_signalement(
        signalement=signalement, to="non_resolu", by=world.reader("mediateur"), now=timezone.now(),
        read_version=signalement.version, reason="Hors du quartier",
    )  # fmt: skip
    [mail] = Email.objects.all()
    assert mail.to == [row.email]
    assert refusing.email not in mail.to
    assert mail.subject == "Clos, signalement 2026-1 : éclairage éteint, Lieu hall-a essai"
    assert "Motif\xa0: «\xa0Hors du quartier\xa0»." in mail.message
    assert "choix=" not in mail.message
    assert "Motif" in words(sign_in(world, "town-a").get(link))


def test_what_was_said_is_told_whole(world, sign_in) -> None:
    signalement = world.sent()
    row = signalement.recipients.get()
    for values in (
        {"reply": "charge", "promised_on": TODAY + timedelta(days=2)},
        {"reply": "autre", "redirect_to": "La Métropole"},
    ):
        answer_signalement(recipient=row, now=timezone.now(), **values)
    assert {one.title for one in signalement.events.filter(kind="replied")} == {
        "Je m’en occupe, pour le vendredi 20\xa0mars 2026",
        "Pas de mon ressort, à adresser à\xa0: La Métropole",
    }


def test_a_number_finds_its_signalement_in_whatever_tab(world, sign_in) -> None:
    world.sent(state="pris", title="Banc cassé")
    page = sign_in(world, "mediateur").get("/signalements/?q=2026-1&onglet=sans-reponse")
    assert "Voir 1\xa0signalement dans les autres onglets" in text_of(page)


def test_a_refused_signalement_is_not_closed_in_the_file(world, sign_in) -> None:
    """It is in the list of those that go on, and somebody has to send it on."""
    signalement = world.sent()
    answer_signalement(
        recipient=signalement.recipients.get(), reply="autre", redirect_to="La Métropole",
        now=timezone.now(),
    )  # fmt: skip
    world.sent(state="verifie", closed_on=TODAY)
    answer = sign_in(world, "coordination").get("/signalements/?onglet=tous&_export=csv")
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    at = lines[0].split(";").index("Clos le")
    closed = {line.split(";")[at - 1]: line.split(";")[at] for line in lines[1:]}
    assert closed == {"Réorienté": "", "Résolu (vérifié)": "18/03/2026"}


def test_what_is_decided_says_which_needs_a_reason(world, sign_in) -> None:
    client = sign_in(world, "mediateur")
    declared = world.sent(state="declare")
    page = text_of(client.get(f"/signalements/{declared.pk}/suite/"))
    assert "Nécessaire pour «\xa0Non résolu\xa0»." in page
    closed = world.sent(state="verifie", closed_on=TODAY)
    page = text_of(client.get(f"/signalements/{closed.pk}/suite/"))
    assert "Nécessaire" not in page
    assert 'value="rouvrir"' in page
    assert "checked" in page.split('value="rouvrir"')[1].split(">")[0]
