"""The page of a signalement, by reader, and what other pages tell of it."""

import io
from datetime import date, timedelta

import pytest
from django.utils import timezone
from PIL import Image
from post_office.models import Email

from mediation.models import (
    Recipient,
    Signalement,
    SignalementEvent,
)
from mediation.signalements import links as actions
from mediation.signalements.actions.answers import answer_signalement
from mediation.signalements.actions.decisions import move_signalement, redirect_signalement
from mediation.signalements.actions.joining import join_signalement

from ...pages import text_of
from ...world import TODAY, World
from .writing import NEW, contact, listed, typed, words

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


def test_events_are_only_what_the_reader_sees(world: World) -> None:
    signalement = world.sent("hall-a", is_confidential=True)
    signalement.events.create(at=timezone.now(), kind="sent", title="Envoyé")
    for who, count in (("mediateur", 1), ("town-a", 1), ("owners", 0), ("town-b", 0)):
        assert SignalementEvent.objects.visible_to(world.reader(who)).count() == count


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
