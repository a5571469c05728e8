"""The list of situations, the thread of one, and what an activity led to."""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from mediation.activities import sequels
from mediation.models import Involvement, Situation

from ...pages import plain, text_of
from ...world import TODAY
from .forms import close, page

# --- The list ------------------------------------------------------------------------------------


def test_the_list_says_state_age_lateness_and_parties(world, mediateur) -> None:
    assert "Aucune situation complexe." in plain(mediateur.get("/situations/"))
    late = world.situation(
        title="En retard", next_step="Relancer", next_on=TODAY - timedelta(days=6), state="attente"
    )
    late.involvements.create(party=world.parties["town-a"])
    world.situation(title="Sans étape", opened_on=date(2025, 11, 1))
    world.situation(title="Demain", next_step="Voir", next_on=TODAY + timedelta(days=1))
    world.situation(title="Ce jour", next_step="Voir", next_on=TODAY)
    world.situation(title="Finie", state="close", closed_on=TODAY, outcome="echec")
    text = plain(mediateur.get("/situations/"))
    assert text.index("En retard</a>") < text.index("Demain</a>") < text.index("Sans étape</a>")
    assert text.count("En retard de") == 1, "what is due today is not late"
    for said in ("En retard de 6 jours", "demain", "depuis 4 mois", "depuis 2 semaines", "town-a"):
        assert said in text, said
    assert "Finie" not in text
    assert "Finie" in plain(mediateur.get("/situations/?etat=close"))
    assert "Finie" in plain(mediateur.get("/situations/?etat=toutes"))
    assert "Aucune situation dans cet état." in plain(mediateur.get("/situations/?etat=suivie"))
    assert mediateur.get("/situations/?etat=nimporte&page=zz").status_code == 200


def test_the_list_turns_its_pages_with_as_many_queries(world, mediateur) -> None:
    def measured(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert mediateur.get(path).status_code == 200
        return len(caught)

    world.situation().involvements.create(party=world.parties["town-a"])
    few = measured("/situations/")
    Situation.objects.bulk_create(
        Situation(
            programme=world.programme, place=world.places["hall-a"], title=f"Situation {n:03d}",
            opened_on=date(2025, 1, 1) + timedelta(days=n % 300), author=world.user("mediateur"),
        )
        for n in range(60)
    )  # fmt: skip
    Involvement.objects.bulk_create(
        Involvement(situation=row, party=world.parties["town-b"]) for row in Situation.objects.open()
        if not row.involvements.exists()
    )  # fmt: skip
    assert measured("/situations/") == few
    seen = set()
    for number in (1, 2, 3):
        text = plain(mediateur.get(f"/situations/?page={number}"))
        seen |= {n for n in range(60) if f"Situation {n:03d}" in text}
    assert seen == set(range(60))
    assert "Suivante" not in text


# --- The thread ----------------------------------------------------------------------------------


def test_the_page_makes_as_many_queries_for_a_long_thread(world, mediateur, clock) -> None:
    row = world.situation()
    world.agenda_line(row)
    row.involvements.create(party=world.parties["town-a"])

    def measured() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert mediateur.get(f"/situations/{row.pk}/").status_code == 200
        return len(caught)

    world.activity(situation=row)
    few = measured()
    for n in range(40):
        world.activity(situation=row, day=date(2026, 3, 1) + timedelta(days=n % 15))
        row.state = ("suivie", "ouverte")[n % 2]
        row.save()
    assert measured() == few
    assert few <= 16
    text = page(mediateur, row)
    assert "Voir plus ancien" in text
    assert "41 activités" in text
    older = plain(mediateur.get(f"/situations/{row.pk}/?fil=4"))
    assert older.count('class="timeline__title"') == 41 + 41 + 1
    assert "Voir plus ancien" not in older


def test_signalements_can_join_the_thread_by_another_source(world, monkeypatch) -> None:
    from mediation.history.versions import Record
    from mediation.situations import timeline as thread
    from mediation.timeline import Moment

    row = world.situation()
    signalement = Moment(TODAY, None, "paper", "Signalement envoyé")
    monkeypatch.setattr(thread, "SOURCES", [*thread.SOURCES, lambda *_: [signalement]])
    moments, older = thread.timeline(row, world.reader("mediateur"), Record.of(row), 10)
    assert signalement in moments
    assert not older


def test_an_activity_joins_moves_and_leaves_a_thread(world, mediateur) -> None:
    one, two = world.situation(title="Une"), world.situation(title="Deux")
    row = world.activity()
    path = f"/activites/{row.pk}/situation/"
    for chosen, said in (
        (one, "Ajoutée à « Une »."),
        (two, "Ajoutée à « Deux »."),
        (None, "Retirée"),
    ):
        key = chosen.pk if chosen else ""
        for _ in range(2):
            answer = mediateur.post(path, {"situation": key}, follow=True)
        row.refresh_from_db()
        assert row.situation == chosen
        assert said in plain(answer)
    assert row.version == 4, "each once, though sent twice"
    assert row.history.count() == 4


def test_a_thread_that_is_closed_takes_no_activity(world, elsewhere, mediateur) -> None:
    closed = world.situation(title="Finie", state="close", closed_on=TODAY, outcome="resolu")
    row = world.activity()
    path = f"/activites/{row.pk}/situation/"
    assert "Aucune situation n’est ouverte." in plain(mediateur.get(path))
    for key in (closed.pk, elsewhere.situation().pk, 999_999):
        assert mediateur.post(path, {"situation": key}).status_code == 422
    row.refresh_from_db()
    assert row.situation is None


# --- What an activity led to ---------------------------------------------------------------------


def test_an_activity_says_what_became_of_it(world, mediateur) -> None:
    row = world.situation(next_step="Appeler le syndic", next_on=TODAY - timedelta(days=1))
    world.agenda_line(row)
    activity = world.activity("hall-a", situation=row)
    text = plain(mediateur.get(f"/activites/{activity.pk}/"))
    for said in (
        "Ce que c’est devenu", "Deux voisins", "Prochaine étape : Appeler le syndic, hier (en retard)",
        "À l’ordre du jour : Comité de suivi essai, vendredi 20 mars", "Mars 2026",
        "Périmètre town-a essai (PDF)", "Périmètre owners essai (PDF)", "Mois en cours",
    ):  # fmt: skip
        assert said in text, said
    assert "Périmètre town-b essai (PDF)" not in text, "the other side does not count it"
    close(mediateur, row)
    assert "Issue : Amélioré" in plain(mediateur.get(f"/activites/{activity.pk}/"))


def test_a_partner_reads_its_month_and_nothing_of_the_situation(world, sign_in) -> None:
    row = world.situation()
    world.agenda_line(row, line="Une ligne anonyme")
    activity = world.activity("hall-a", situation=row, day=date(2026, 2, 10))
    text = plain(sign_in(world, "town-a").get(f"/activites/{activity.pk}/"))
    assert "Février 2026" in text
    assert "Chiffres de février 2026" in text
    for hidden in ("Deux voisins", "Une ligne anonyme", "situation", "PDF", "Comité"):
        assert hidden not in text.split("<main")[1].split("</main")[0], hidden


def test_other_floors_tell_their_sequels_in_their_rank(world, monkeypatch) -> None:
    monkeypatch.setattr(sequels, "_sources", dict(sequels._sources))
    signalement = sequels.Sequel("Signalement", "2026-142")
    sequels.register("signalement", lambda *_: [signalement], rank=20)
    sequels.register("signalement", lambda *_: [signalement], rank=20)
    activity = world.activity(situation=world.situation())
    found = sequels.sequels_of(activity, world.reader("mediateur"))
    assert [s.label for s in found] == ["Situation complexe", "Signalement", "Synthèse mensuelle"]


def test_the_activity_form_begins_in_the_situation(world, mediateur) -> None:
    row = world.situation()
    assert f"/activites/nouvelle/?situation={row.pk}" in page(mediateur, row)
    text = text_of(mediateur.get(f"/activites/nouvelle/?situation={row.pk}"))
    assert f'<option value="{row.pk}" selected>' in text
