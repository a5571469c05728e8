"""Logging, changing and deleting an activity; the day it belongs to."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance.models import JournalEntry
from mediation.models import Activity, HeadCount

from ...conftest import NOW
from ...pages import plain, text_of
from ...world import TODAY


def test_an_activity_is_logged_and_shown_on_its_day(world, entry, mediateur) -> None:
    answer = mediateur.post("/activites/nouvelle/", entry(minutes_other="1h30"), follow=True)
    assert "Enregistré : Présence de proximité, 1 h 30, mercredi 18 mars." in plain(answer)
    saved = Activity.objects.get()
    assert (saved.minutes, saved.author, saved.place.slug) == (
        90,
        world.user("mediateur"),
        "hall-a",
    )
    assert saved.history.count() == 1
    assert JournalEntry.objects.get().act == "create"


def test_details_head_counts_and_derived_objective(world, entry, mediateur) -> None:
    mediateur.post(
        "/activites/nouvelle/",
        entry(
            themes=[world.themes[0].pk, world.themes[1].pk],
            **{
                "publics-0-audience": world.audiences[0].pk, "publics-0-band": "jeunes",
                "publics-0-count": "4", "publics-1-audience": world.audiences[1].pk,
                "publics-1-band": "np", "publics-1-count": "2", "publics-2-audience": "",
            },
        ),
    )  # fmt: skip
    saved = Activity.objects.get()
    assert saved.themes == world.themes[:2]
    assert saved.objective == world.objectives[0], "the first theme's objective"
    cells = {(c.audience.name.split()[0], c.band): c.count for c in saved.head_counts.all()}
    assert cells == {("Habitants", "jeunes"): 4, ("Étudiants", "np"): 2}


def test_without_theme_the_type_gives_the_objective(world, entry, mediateur) -> None:
    mediateur.post("/activites/nouvelle/", entry(type="CONC"))
    assert Activity.objects.get().objective == world.objectives[1]


def test_a_chosen_objective_is_kept(world, entry, mediateur) -> None:
    mediateur.post("/activites/nouvelle/", entry(type="CONC", objective=world.objectives[0].pk))
    assert Activity.objects.get().objective == world.objectives[0]


BAD = [
    ({"type": ""}, "Choisissez le type d’activité."),
    ({"type": "RONDE"}, "Sélectionnez un choix valide"),
    ({"place": ""}, "Choisissez un lieu."),
    ({"minutes": "", "minutes_other": ""}, "Indiquez la durée."),
    ({"minutes_other": "25h"}, "La durée doit être comprise entre 5 min et 24 h."),
    ({"minutes_other": "4"}, "La durée doit être comprise entre 5 min et 24 h."),
    ({"minutes_other": "un moment"}, "« un moment » n’est pas une durée"),
    ({"minutes_other": "1h75"}, "« 1h75 » n’est pas une durée"),
    ({"day_other": "31/02/2026"}, "Cette date n’existe pas : écrivez jour/mois/année."),
    ({"day_other": "2019-05-01"}, "Aucune convention n’est en vigueur à cette date"),
    ({"day_other": "2026-03-19"}, "Cette date est dans le futur"),
    ({"starts_at": "25:00"}, "Saisissez une heure valide"),
    ({"internal_note": "x" * 4001}, "4000"),
    ({"uid": "pas-un-uuid"}, "UUID"),
    ({"publics-0-count": "3"}, "Choisissez le public de ces personnes."),
    ({"publics-0-count": "-1"}, "ne peut pas être négatif"),
    ({"publics-0-count": "beaucoup"}, "Écrivez un nombre entier de personnes."),
    ({"publics-0-count": "99999"}, "Au plus 2 000 personnes."),
]


@pytest.mark.parametrize(
    ("wrong", "said"), BAD, ids=[next(iter(b[0])) + str(i) for i, b in enumerate(BAD)]
)
def test_a_fault_is_said_and_what_was_typed_stays(wrong, said, entry, mediateur) -> None:
    data = entry(**({"internal_note": "rencontre au pied du hall"} | wrong))
    answer = mediateur.post("/activites/nouvelle/", data)
    text = plain(answer)
    assert answer.status_code == 422
    assert said in text
    assert "Ce que vous avez saisi est conservé" in text
    assert wrong.get("internal_note") or "rencontre au pied du hall" in text
    assert f'value="{data["uid"]}"' in text
    assert not Activity.objects.exists()


def test_three_themes_are_one_too_many(world, entry, mediateur) -> None:
    answer = mediateur.post(
        "/activites/nouvelle/", entry(themes=[theme.pk for theme in world.themes])
    )
    assert "Choisissez deux thématiques au plus." in plain(answer)


def test_one_cell_is_counted_once(world, entry, mediateur) -> None:
    twice = {
        f"publics-{i}-{name}": value for i in (0, 1)
        for name, value in (("audience", world.audiences[0].pk), ("band", "np"), ("count", "2"))
    }  # fmt: skip
    answer = mediateur.post("/activites/nouvelle/", entry(**twice))
    assert "Ce public et cet âge sont déjà comptés." in plain(answer)


@pytest.mark.parametrize("name", ["place", "themes", "objective", "publics-0-audience"])
def test_what_belongs_to_another_programme_is_refused(
    name, world, elsewhere, entry, mediateur
) -> None:
    foreign = {
        "place": elsewhere.places["hall-a"], "themes": elsewhere.themes[0],
        "objective": elsewhere.objectives[0], "publics-0-audience": elsewhere.audiences[0],
    }[name]  # fmt: skip
    answer = mediateur.post(
        "/activites/nouvelle/", entry(**{name: foreign.pk, "publics-0-count": "1"})
    )
    assert answer.status_code == 422
    assert not Activity.objects.exists()
    assert str(foreign) not in plain(answer)


def test_a_retired_place_is_not_offered_but_stays_on_old_records(world, entry, mediateur) -> None:
    hall = world.places["hall-a"]
    old = world.activity("hall-a")
    hall.retired_on = TODAY
    hall.save()
    assert mediateur.post("/activites/nouvelle/", entry()).status_code == 422
    change = entry(version=old.version, uid=str(old.uid), day_other="2026-03-10", minutes="45")
    assert mediateur.post(f"/activites/{old.pk}/modifier/", change).status_code == 302


def test_a_script_in_a_note_is_text(world, entry, mediateur) -> None:
    evil = "<script>alert('x')</script>"
    mediateur.post("/activites/nouvelle/", entry(internal_note=evil, summary=evil))
    saved = Activity.objects.get()
    for path in (f"/activites/{saved.pk}/", "/activites/", f"/activites/{saved.pk}/modifier/"):
        text = text_of(mediateur.get(path))
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


def test_a_double_press_saves_once(entry, mediateur) -> None:
    data = entry()
    for _ in range(3):
        answer = mediateur.post("/activites/nouvelle/", data, follow=True)
    assert "Déjà enregistré" in plain(answer)
    assert Activity.objects.count() == 1
    assert JournalEntry.objects.count() == 1


def test_the_same_form_changed_and_sent_again_becomes_a_change(entry, mediateur) -> None:
    data = entry(internal_note="premier jet")
    mediateur.post("/activites/nouvelle/", data)
    answer = mediateur.post("/activites/nouvelle/", data | {"internal_note": "second jet"})
    saved = Activity.objects.get()
    assert saved.internal_note == "premier jet"
    assert "second jet" in plain(answer)
    assert f'action="/activites/{saved.pk}/modifier/"' in plain(answer)


def test_a_form_sent_again_as_a_change_keeps_its_head_counts(world, entry, mediateur) -> None:
    counts = {"publics-0-audience": world.audiences[0].pk, "publics-0-count": "4"}
    data = entry(**counts)
    mediateur.post("/activites/nouvelle/", data)
    row = Activity.objects.get()
    again = data | {"internal_note": "plus précise", "version": 1}
    assert mediateur.post(f"/activites/{row.pk}/modifier/", again).status_code == 302
    row.refresh_from_db()
    assert row.internal_note == "plus précise"
    assert row.head_counts.get().count == 4


def test_a_uid_of_somebody_else_tells_nothing(world, entry, mediateur, sign_in) -> None:
    theirs = world.activity("hall-b", author=world.user("autre-mediateur"), internal_note="à eux")
    answer = mediateur.post("/activites/nouvelle/", entry(uid=str(theirs.uid)))
    assert answer.status_code == 422
    assert "à eux" not in plain(answer)


def test_a_stale_edit_replaces_nothing(world, entry, mediateur, sign_in) -> None:
    row = world.activity("hall-a", internal_note="au départ")
    stale = entry(
        version=row.version, uid=str(row.uid), internal_note="ma version", day_other="2026-03-10"
    )
    fresh = stale | {"internal_note": "la version de la coordination"}
    coordination = sign_in(world, "coordination")
    assert coordination.post(f"/activites/{row.pk}/modifier/", fresh).status_code == 302
    answer = mediateur.post(f"/activites/{row.pk}/modifier/", stale)
    text = plain(answer)
    row.refresh_from_db()
    assert row.internal_note == "la version de la coordination"
    assert "modifiée entre-temps" in text
    assert "ma version" in text
    assert "la version de la coordination" in text
    again = stale | {"version": row.version}
    assert mediateur.post(f"/activites/{row.pk}/modifier/", again).status_code == 302
    row.refresh_from_db()
    assert (row.internal_note, row.version) == ("ma version", 3)


def test_the_author_and_the_coordination_edit_another_mediateur_does_not(
    world, entry, sign_in
) -> None:
    row = world.activity()
    path = f"/activites/{row.pk}/modifier/"
    data = entry(version=1, uid=str(row.uid), day_other="2026-03-10", minutes="60")
    assert sign_in(world, "autre-mediateur").post(path, data).status_code == 403
    assert sign_in(world, "coordination").post(path, data).status_code == 302
    row.refresh_from_db()
    assert row.minutes == 60
    assert row.author == world.user("mediateur"), "a correction does not change whose work it is"


def test_history_says_who_and_what(world, entry, sign_in, mediateur) -> None:
    mediateur.post("/activites/nouvelle/", entry())
    row = Activity.objects.get()
    sign_in(world, "coordination").post(
        f"/activites/{row.pk}/modifier/",
        entry(version=1, uid=str(row.uid), minutes="60", themes=[world.themes[0].pk]),
    )
    text = plain(mediateur.get(f"/activites/{row.pk}/"))
    assert "30 min</del> devient <ins>1 h" in text
    assert "Éclairage essai</ins>" in text
    assert "Fonction coordination essai, 18 mars 2026 à 14:32" in text


def test_deleting_leaves_its_trace(world, mediateur) -> None:
    row = world.activity(internal_note="ce qu’elle disait")
    world.counted(row)
    assert "Supprimer cette activité" in plain(mediateur.get(f"/activites/{row.pk}/supprimer/"))
    assert Activity.objects.exists()
    mediateur.post(f"/activites/{row.pk}/supprimer/", {"version": row.version})
    assert not Activity.objects.exists()
    last = Activity.history.filter(id=row.pk).latest()
    assert (last.history_type, last.internal_note) == ("-", "ce qu’elle disait")
    assert HeadCount.history.filter(activity_id=row.pk, history_type="-").exists()
    assert mediateur.post(f"/activites/{row.pk}/supprimer/").status_code == 404


# --- Constraints hold whatever writes ---------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 4}, {"minutes": 1441}, {"type": "RIEN"}, {"origin": "lune"},
        {"outcome": "peut-être"},
    ],
)  # fmt: skip
def test_the_database_refuses_impossible_rows(world, wrong) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        world.activity(**wrong)


def test_the_database_refuses_the_same_theme_twice(world) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        world.activity(theme=world.themes[0], second_theme=world.themes[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        world.activity(second_theme=world.themes[0])


@pytest.mark.parametrize("count", [0, 2001])
def test_the_database_refuses_impossible_counts(world, count) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        world.counted(world.activity(), count=count)


def test_rules_across_tables_are_in_the_model(world, elsewhere) -> None:
    foreign = Activity(
        programme=world.programme, place=elsewhere.places["hall-a"], type="PAP", minutes=30,
        day=date(2026, 3, 1), author=world.user("mediateur"), theme=elsewhere.themes[0],
    )  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        foreign.full_clean()
    assert set(refused.value.message_dict) == {"place", "theme"}


# --- The day ------------------------------------------------------------------------------------


def test_the_day_against_a_usual_one(world, mediateur, sign_in) -> None:
    world.activity(day=TODAY, minutes=80)
    world.activity(day=TODAY, minutes=40, author=world.user("autre-mediateur"))
    text = plain(mediateur.get("/aujourdhui/"))
    assert "1 h 20" in text
    assert "sur 7 h, 1 activité" in text
    empty = plain(sign_in(world, "coordination").get("/aujourdhui/"))
    assert "Rien de saisi. Touchez un modèle" in empty


@pytest.mark.parametrize("day", ["2026-13-45", "demain", "2031-01-01", "'; DROP TABLE", ""])
def test_a_day_that_is_none_shows_today(world, mediateur, day) -> None:
    assert "mercredi 18 mars 2026" in plain(mediateur.get("/aujourdhui/", {"jour": day}))


def test_an_earlier_day_can_be_completed(world, entry, mediateur) -> None:
    text = plain(mediateur.get("/aujourdhui/?jour=2026-03-16"))
    assert "lundi 16 mars" in text
    assert 'href="/activites/nouvelle/?jour=2026-03-16"' in text
    form = text_of(mediateur.get("/activites/nouvelle/?jour=2026-03-16"))
    assert 'value="2026-03-16"' in form


def test_the_form_offers_what_is_usual(world, mediateur) -> None:
    for _ in range(3):
        world.activity("hall-b", type="VEIL", minutes=45)
    world.activity("hall-a", type="VEIL", minutes=15)
    Activity.objects.update(created_at=NOW - timedelta(days=1))
    text = text_of(mediateur.get("/activites/nouvelle/"))
    first = text.split('name="place" id="id_place_0"')[1][:40]
    assert f'value="{world.places["hall-b"].pk}" checked' in first
    assert 'data-minutes="45"' in text


def test_entries_without_an_hour_stand_where_they_were_noted(world, mediateur) -> None:
    noted = {"INFO": 9, "CONF": 11, "PAP": 13}
    for type_, hour in noted.items():
        row = world.activity(type=type_, day=TODAY, starts_at=time(10) if type_ == "PAP" else None)
        at = timezone.make_aware(datetime.combine(TODAY, time(hour)))
        Activity.objects.filter(pk=row.pk).update(created_at=at)
    shown = mediateur.get("/aujourdhui/").context["activities"]
    assert [row.type for row, _ in shown] == ["CONF", "PAP", "INFO"]
