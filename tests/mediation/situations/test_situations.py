"""Situations: opened, threaded, put on an agenda, closed, reopened; and what stays inside (R25, R59)."""

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.models import JournalEntry
from mediation.activities import sequels
from mediation.models import AgendaLine, Involvement, Situation

from ...pages import text_of
from ...world import TODAY, World


@pytest.fixture
def mediateur(world: World, sign_in) -> Client:
    return sign_in(world, "mediateur")


@pytest.fixture
def form(world: World):
    """What the form of a new situation posts."""

    def make(**changes: Any) -> dict[str, Any]:
        data = {
            "uid": str(uuid.uuid4()), "version": "", "title": "Nuisances répétées la nuit",
            "place": world.places["hall-a"].pk, "description": "", "next_step": "",
            "next_on": "", "opened_on": TODAY.isoformat(), "parties-TOTAL_FORMS": "2",
            "parties-INITIAL_FORMS": "0",
        }  # fmt: skip
        return data | changes

    return make


def changed(situation: Situation, **changes: Any) -> dict[str, Any]:
    """What the form of a situation posts, with some fields changed."""
    data = {
        "uid": str(situation.uid), "version": situation.version, "title": situation.title,
        "place": situation.place_id, "state": situation.state,
        "description": situation.description, "next_step": situation.next_step,
        "next_on": situation.next_on or "", "opened_on": situation.opened_on.isoformat(),
        "parties-TOTAL_FORMS": "2", "parties-INITIAL_FORMS": "0",
    }  # fmt: skip
    rows = list(situation.involvements.all())
    for number, row in enumerate(rows):
        data |= {f"parties-{number}-party": row.party_id, f"parties-{number}-part": row.part}
    data |= {"parties-TOTAL_FORMS": len(rows) + 2, "parties-INITIAL_FORMS": len(rows)}
    return data | changes


def plain(answer: Any) -> str:
    return text_of(answer).replace("\u00a0", " ").replace("&#x27;", "'")


def page(client: Client, situation: Situation) -> str:
    return plain(client.get(f"/situations/{situation.pk}/"))


# --- Opening -------------------------------------------------------------------------------------


def test_a_situation_is_opened_with_its_parties_and_its_next_step(world, form, mediateur) -> None:
    answer = mediateur.post(
        "/situations/nouvelle/",
        form(
            next_step="Rencontre avec le syndic", next_on="2026-03-25",
            **{
                "parties-0-party": world.parties["owners"].pk,
                "parties-0-part": "Relayer  auprès du syndic",
            },
        ),
        follow=True,
    )  # fmt: skip
    saved = Situation.objects.get()
    assert (saved.state, saved.author, saved.opened_on) == (
        "ouverte",
        world.user("mediateur"),
        TODAY,
    )
    involved = Involvement.objects.get()
    assert (involved.party, involved.part) == (world.parties["owners"], "Relayer auprès du syndic")
    text = plain(answer)
    for said in (
        "Situation ouverte : Nuisances répétées la nuit.", "Rencontre avec le syndic",
        "mercredi 25 mars", "Partie owners essai", "Relayer auprès du syndic",
    ):  # fmt: skip
        assert said in text or said.capitalize() in text, said
    assert JournalEntry.objects.get(kind="situation complexe").act == "create"


def test_from_an_activity_the_place_is_taken_and_the_thread_begins(world, form, mediateur) -> None:
    row = world.activity("hall-b", day=date(2026, 3, 5), internal_note="Premier échange")
    world.counted(row)
    assert f"/situations/nouvelle/?activite={row.pk}" in plain(
        mediateur.get(f"/activites/{row.pk}/")
    )
    shown = plain(mediateur.get(f"/situations/nouvelle/?activite={row.pk}"))
    assert f'<option value="{world.places["hall-b"].pk}" selected>' in shown
    assert 'value="2026-03-05"' in shown
    mediateur.post("/situations/nouvelle/", form(activite=row.pk, place=world.places["hall-b"].pk))
    row.refresh_from_db()
    saved = Situation.objects.get()
    assert row.situation == saved
    assert row.version == 2
    assert row.head_counts.get().count == 3, "joining a thread leaves the counts alone"
    text = page(mediateur, saved)
    assert "Premier échange" in text
    assert "1 activité · 30 min" in text


def test_an_activity_of_somebody_else_is_not_put_into_a_thread(world, form, sign_in) -> None:
    row = world.activity()
    other = sign_in(world, "autre-mediateur")
    assert "Ouvrir une situation" not in plain(other.get(f"/activites/{row.pk}/"))
    for send in (
        other.get(f"/situations/nouvelle/?activite={row.pk}"),
        other.post("/situations/nouvelle/", form(activite=row.pk)),
        other.get(f"/activites/{row.pk}/situation/"),
    ):
        assert send.status_code == 403
    assert not Situation.objects.exists()


def test_an_activity_out_of_sight_is_404(world, elsewhere, mediateur) -> None:
    row = elsewhere.activity()
    assert mediateur.get(f"/situations/nouvelle/?activite={row.pk}").status_code == 404


def test_a_double_press_opens_once_and_another_text_becomes_a_change(form, mediateur) -> None:
    data = form(description="premier jet")
    for _ in range(3):
        answer = mediateur.post("/situations/nouvelle/", data, follow=True)
    assert "Déjà ouverte" in plain(answer)
    saved = Situation.objects.get()
    answer = mediateur.post("/situations/nouvelle/", data | {"description": "second jet"})
    saved.refresh_from_db()
    assert saved.description == "premier jet"
    assert "second jet" in plain(answer)
    assert f'action="/situations/{saved.pk}/modifier/"' in plain(answer)


def test_a_uid_of_another_programme_tells_nothing(elsewhere, form, mediateur) -> None:
    theirs = elsewhere.situation(title="à eux")
    answer = mediateur.post("/situations/nouvelle/", form(uid=str(theirs.uid)))
    assert answer.status_code == 422
    assert "à eux" not in plain(answer)


BAD = [
    ({"title": ""}, "Donnez un intitulé à la situation."),
    ({"title": "Mme Durand et ses voisins"}, "L’intitulé semble identifier quelqu’un : un nom"),
    ({"place": ""}, "Choisissez un lieu."),
    ({"next_on": "2026-03-25"}, "Une échéance est celle d’une étape : dites laquelle."),
    ({"next_on": "31/02/2026"}, "Cette date n’existe pas"),
    ({"opened_on": "2026-03-19"}, "Cette date est dans le futur."),
    ({"opened_on": ""}, "Indiquez la date d’ouverture."),
    ({"description": "Appelé au 06 12 34 56 78"}, "Ce texte semble identifier quelqu’un"),
    ({"parties-0-part": "Relayer"}, "Choisissez la partie dont il s’agit."),
    ({"parties-TOTAL_FORMS": ""}, "Le formulaire est incomplet"),
]


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_a_fault_is_said_and_what_was_typed_stays(wrong, said, form, mediateur) -> None:
    data = form(**({"next_step": "Une étape typée"} if "next_on" not in wrong else {}), **wrong)
    answer = mediateur.post("/situations/nouvelle/", data)
    assert answer.status_code == 422
    assert said in plain(answer)
    assert "Ce que vous avez saisi est conservé" in plain(answer)
    assert f'value="{data["uid"]}"' in plain(answer)
    assert not Situation.objects.exists()


def test_words_on_a_person_are_kept_only_where_the_writer_says_so(form, mediateur) -> None:
    data = form(description="Le gardien, M. Martin, a prévenu.")
    assert "Garder ces mots" in plain(mediateur.post("/situations/nouvelle/", data))
    mediateur.post("/situations/nouvelle/", data | {"keep_personal": "on"})
    assert Situation.objects.get().description == "Le gardien, M. Martin, a prévenu."


@pytest.mark.parametrize("name", ["place", "parties-0-party"])
def test_what_belongs_to_another_programme_is_refused(name, elsewhere, form, mediateur) -> None:
    foreign = {"place": elsewhere.places["hall-a"], "parties-0-party": elsewhere.parties["owners"]}
    answer = mediateur.post("/situations/nouvelle/", form(**{name: foreign[name].pk}))
    assert answer.status_code == 422
    assert not Situation.objects.exists()


def test_what_was_typed_outlives_an_expired_session(world, form, mediateur) -> None:
    row = world.activity()
    shown = text_of(mediateur.get(f"/situations/nouvelle/?activite={row.pk}"))
    owner = shown.split('name="_owner" value="')[1].split('"')[0]
    client = Client()
    client.post("/situations/nouvelle/", form(activite=row.pk, title="Longue à dire", _owner=owner))
    client.force_login(
        world.user("mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    again = plain(client.get("/situations/nouvelle/"))
    assert "Longue à dire" in again
    assert f'name="activite" value="{row.pk}"' in again


# --- Changing ------------------------------------------------------------------------------------


def test_parties_are_added_reworded_and_removed_in_the_form(world, mediateur) -> None:
    row = world.situation()
    row.involvements.create(party=world.parties["owners"], part="Relayer")
    row.involvements.create(party=world.parties["town-a"])
    data = changed(row)
    numbers = {data[f"parties-{n}-party"]: n for n in (0, 1)}
    owners, town = numbers[world.parties["owners"].pk], numbers[world.parties["town-a"].pk]
    mediateur.post(
        f"/situations/{row.pk}/modifier/",
        data | {
            f"parties-{owners}-part": "Relayer au syndic", f"parties-{town}-removed": "on",
            "parties-2-party": world.parties["ateliers"].pk, "parties-2-part": "",
        },
    )  # fmt: skip
    found = dict(row.involvements.values_list("party__slug", "part"))
    assert found == {"owners": "Relayer au syndic", "ateliers": ""}
    row.refresh_from_db()
    assert row.version == 2


def test_a_stale_edit_replaces_nothing_and_is_told(world, mediateur, sign_in) -> None:
    row = world.situation(description="au départ")
    stale = changed(row, description="ma version")
    fresh = changed(row, description="celle de la coordination", next_step="Appeler")
    assert sign_in(world, "coordination").post(
        f"/situations/{row.pk}/modifier/", fresh
    ).status_code == 302  # fmt: skip
    answer = mediateur.post(f"/situations/{row.pk}/modifier/", stale)
    row.refresh_from_db()
    assert (answer.status_code, row.description) == (422, "celle de la coordination")
    text = plain(answer)
    assert "modifiée entre-temps" in text
    assert "enregistré celle de la coordination, dans votre saisie ma version" in text
    again = stale | {"version": row.version}
    assert mediateur.post(f"/situations/{row.pk}/modifier/", again).status_code == 302
    row.refresh_from_db()
    assert (row.description, row.version) == ("ma version", 3)


def test_the_same_change_twice_is_one(world, mediateur) -> None:
    row = world.situation()
    data = changed(row, next_step="Appeler")
    for _ in range(2):
        answer = mediateur.post(f"/situations/{row.pk}/modifier/", data, follow=True)
    row.refresh_from_db()
    assert row.version == 2
    assert "Déjà enregistré." in plain(answer)


def test_a_colleague_takes_a_situation_on(world, sign_in) -> None:
    row = world.situation()
    other = sign_in(world, "autre-mediateur")
    assert (
        other.post(f"/situations/{row.pk}/modifier/", changed(row, state="suivie")).status_code
        == 302
    )
    row.refresh_from_db()
    assert row.state == "suivie"
    assert row.author == world.user("mediateur"), "who opened it stays"


def test_a_state_that_is_no_open_one_is_refused_in_the_form(world, mediateur) -> None:
    row = world.situation()
    answer = mediateur.post(f"/situations/{row.pk}/modifier/", changed(row, state="close"))
    assert answer.status_code == 422


# --- Closing and reopening -----------------------------------------------------------------------


def close(client: Client, row: Situation, **changes: Any) -> Any:
    data = {
        "version": row.version, "outcome": "ameliore", "closing_note": "Un accord tient.",
        "closed_on": TODAY.isoformat(),
    }  # fmt: skip
    return client.post(f"/situations/{row.pk}/clore/", data | changes, follow=True)


def test_closing_keeps_the_outcome_and_reopening_takes_it_up_again(world, mediateur) -> None:
    row = world.situation(next_step="Appeler", next_on=TODAY)
    text = plain(close(mediateur, row))
    row.refresh_from_db()
    assert (row.state, row.outcome, row.closed_on) == ("close", "ameliore", TODAY)
    assert (row.next_step, row.next_on) == ("", None)
    for said in ("Close : amélioré", "Un accord tient.", "Rouvrir"):
        assert said in text
    assert "Noter une activité" not in text
    answer = mediateur.post(f"/situations/{row.pk}/rouvrir/", {"version": row.version}, follow=True)
    row.refresh_from_db()
    assert (row.state, row.outcome, row.closed_on, row.closing_note) == ("ouverte", "", None, "")
    text = plain(answer)
    assert "Un accord tient." in text, "the thread keeps how it had ended"
    assert text.index("Rouverte") < text.index("Close : amélioré") < text.index("Situation ouverte")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"outcome": ""}, "Dites comment elle se termine."),
        ({"outcome": "en_cours"}, "Sélectionnez un choix valide"),
        ({"closed_on": "2026-03-01"}, "la clôture ne peut pas précéder"),
        ({"closed_on": "2026-03-19"}, "Cette date est dans le futur."),
        ({"closing_note": "Voir Mme Petit"}, "Ce texte semble identifier quelqu’un"),
    ],
)
def test_closing_asks_what_it_needs(wrong, said, world, mediateur) -> None:
    row = world.situation()
    answer = close(mediateur, row, **wrong)
    assert answer.status_code == 422
    assert said in plain(answer)
    row.refresh_from_db()
    assert row.state == "ouverte"


def test_closing_and_reopening_twice_is_once(world, mediateur) -> None:
    row = world.situation()
    data_version = row.version
    close(mediateur, row)
    row.version = data_version
    assert "déjà close" in plain(close(mediateur, row))
    row.refresh_from_db()
    assert row.version == 2
    for _ in range(2):
        answer = mediateur.post(f"/situations/{row.pk}/rouvrir/", {"version": 2}, follow=True)
    assert "déjà rouverte" in plain(answer)
    row.refresh_from_db()
    assert row.version == 3


def test_closing_what_changed_meanwhile_asks_again(world, mediateur, sign_in) -> None:
    row = world.situation()
    stale = row.version
    sign_in(world, "coordination").post(
        f"/situations/{row.pk}/modifier/", changed(row, next_step="Appeler d’abord")
    )
    row.version = stale
    answer = close(mediateur, row)
    assert answer.status_code == 422
    assert "modifiée entre-temps" in plain(answer)
    row.refresh_from_db()
    assert row.state == "ouverte"


def test_a_closed_one_is_not_edited_nor_put_on_an_agenda(world, mediateur) -> None:
    row = world.situation(state="close", closed_on=TODAY, outcome="resolu")
    for path in ("modifier", "ordre-du-jour", "clore"):
        answer = mediateur.get(f"/situations/{row.pk}/{path}/")
        assert answer["Location"] == f"/situations/{row.pk}/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "close"}, {"state": "ouverte", "outcome": "resolu"}, {"next_on": TODAY},
        {"state": "close", "outcome": "resolu", "closed_on": date(2026, 1, 1)}, {"state": "rien"},
    ],
)  # fmt: skip
def test_impossible_states_are_refused_by_the_database(wrong, world) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        world.situation(**wrong)


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
    assert few <= 15
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


# --- On an agenda --------------------------------------------------------------------------------


def put(client: Client, row: Situation, world: World, **changes: Any) -> Any:
    data = {
        "committee": world.committee.pk, "day": "2026-03-24",
        "line": "Un conflit de voisinage qui dure",
    }  # fmt: skip
    return client.post(f"/situations/{row.pk}/ordre-du-jour/", data | changes, follow=True)


def test_a_line_is_put_on_an_agenda_once_and_taken_off(world, mediateur) -> None:
    row = world.situation()
    text = plain(mediateur.get(f"/situations/{row.pk}/ordre-du-jour/"))
    assert "Comité de suivi essai (lue par owners, town-a)" in text
    for _ in range(2):
        answer = put(mediateur, row, world)
    assert "avec les mêmes mots" in plain(answer)
    line = AgendaLine.objects.get()
    text = page(mediateur, row)
    assert "Ce que lisent owners, town-a, et rien d’autre." in text
    assert "Inscrite à l’ordre du jour" in text
    assert put(mediateur, row, world, line="D’autres mots").status_code == 422
    for said in ("Retirée de l’ordre du jour", "n’est plus à l’ordre du jour"):
        answer = mediateur.post(
            f"/situations/{row.pk}/ordre-du-jour/retirer/", {"ligne": line.pk}, follow=True
        )
        assert said in plain(answer)
    assert not AgendaLine.objects.exists()
    row.refresh_from_db()
    assert row.version == 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"line": "M. Dupont et sa voisine"}, "elle semble identifier quelqu’un : un nom (M. Dupont)"),
        ({"line": "Rappeler le 06 12 34 56 78"}, "un numéro de téléphone (06 12 34 56 78)"),
        ({"line": "Un conflit au LIEU  hall-a essai"}, "Cette ligne dit où cela se passe"),
        ({"line": "Un conflit, lieu ilot-a essai"}, "Cette ligne dit où cela se passe"),
        ({"line": "Nuisances au 12 bis rue des Lilas"}, "Cette ligne dit où cela se passe (12 bis rue)"),
        ({"line": "Nuisances dans le Hall B"}, "Cette ligne dit où cela se passe (Hall B)"),
        ({"line": "   "}, "Écrivez ce que les partenaires liront."),
        ({"line": "x" * 201}, "200"),
        ({"day": "2026-03-17"}, "Cette séance a eu lieu"),
        ({"day": "2027-04-01"}, "Cette date est à plus d’un an"),
        ({"day": ""}, "Indiquez la date de la séance."),
        ({"committee": "999999"}, "Cette instance n’existe pas"),
        ({"committee": ""}, "Choisissez une instance."),
    ],
)  # fmt: skip
def test_what_partners_may_not_read_is_refused(wrong, said, world, mediateur) -> None:
    row = world.situation()
    answer = put(mediateur, row, world, **wrong)
    assert answer.status_code == 422
    assert said in plain(answer)
    assert not AgendaLine.objects.exists()
    row.refresh_from_db()
    assert row.version == 1


@pytest.mark.parametrize(
    "line",
    [
        "Bruits dans un hall d’immeuble", "L’entrée d’un bâtiment, le soir", "3 places de stationnement",
        "Un hall à surveiller", "Tapage après 22 h", "Deux voisins, trois médiations",
    ],
)  # fmt: skip
def test_what_tells_no_place_passes(line, world, mediateur) -> None:
    row = world.situation()
    put(mediateur, row, world, line=line)
    assert AgendaLine.objects.get().line == line


def test_a_line_that_nobody_will_read_is_said_so(world, mediateur) -> None:
    world.other_committee.seats.all().delete()
    row = world.situation()
    world.agenda_line(row, committee=world.other_committee)
    assert "personne ne la lit" in page(mediateur, row)


def test_partners_read_the_lines_of_their_committees_next_session_first(world, sign_in) -> None:
    row = world.situation(title="titre interne", description="fond interne")
    world.agenda_line(row, day=date(2026, 4, 20), line="Plus tard")
    world.agenda_line(row, day=date(2026, 3, 20), line="Bientôt")
    world.agenda_line(row, day=date(2026, 2, 20), line="Passée")
    world.agenda_line(row, committee=world.other_committee, line="Ailleurs")
    town = plain(sign_in(world, "town-a").get("/situations/ordre-du-jour/"))
    assert town.index("Bientôt") < town.index("Plus tard") < town.index("Passée")
    for hidden in ("Ailleurs", "titre interne", "fond interne", "Lieu hall-a", "Ouverte"):
        assert hidden not in town, hidden
    other = plain(sign_in(world, "town-b").get("/situations/ordre-du-jour/"))
    assert "Ailleurs" in other
    assert "Bientôt" not in other


def test_a_seat_given_up_shows_nothing_of_later_sessions(world, sign_in) -> None:
    seat = world.committee.seats.get(party=world.parties["town-a"])
    seat.ends = date(2026, 3, 1)
    seat.save()
    row = world.situation()
    world.agenda_line(row, day=date(2026, 2, 20), line="De son temps")
    world.agenda_line(row, day=date(2026, 3, 20), line="Après elle")
    text = plain(sign_in(world, "town-a").get("/situations/ordre-du-jour/"))
    assert "De son temps" in text
    assert "Après elle" not in text
    assert "Aucune situation n’est inscrite à une prochaine séance." in text


@pytest.mark.parametrize("who", ["town-a", "invite"])
def test_partners_reach_no_situation_by_any_address(who, world, sign_in) -> None:
    row = world.situation()
    line = world.agenda_line(row)
    client = sign_in(world, who)
    assert client.get("/situations/").status_code == 403
    for path in ("", "modifier/", "clore/", "ordre-du-jour/"):
        assert client.get(f"/situations/{row.pk}/{path}").status_code == 404
    for path in ("rouvrir/", "ordre-du-jour/retirer/"):
        answer = client.post(f"/situations/{row.pk}/{path}", {"ligne": line.pk, "version": 1})
        assert answer.status_code == 404
    version = row.history.get()
    assert client.post(f"/situations/versions/{version.pk}/", {"version": 1}).status_code == 404
    assert AgendaLine.objects.exists()


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
