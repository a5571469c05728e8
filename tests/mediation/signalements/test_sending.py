"""A signalement from the form to the mail: what is written, to whom it goes, what stops it."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from post_office.models import Email

from governance.models import Contact, JournalEntry
from mediation.activities.sequels import sequels_of
from mediation.models import (
    Signalement,
    SignalementPhoto,
)
from mediation.signalements.actions.decisions import move_signalement
from mediation.signalements.actions.photos import add_signalement_photo
from mediation.signalements.actions.sending import send_signalement

from ...pages import text_of
from ...world import TODAY, World
from .writing import NEW, Words, answer_as, contact, picture, typed, words


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
