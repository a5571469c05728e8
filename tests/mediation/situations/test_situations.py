"""Situations: opened, changed, closed, taken up again."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from governance.models import JournalEntry
from mediation.models import Involvement, Situation

from ...pages import plain, text_of
from ...world import TODAY
from .forms import changed, close, page

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
