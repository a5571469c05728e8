"""Working time on its pages: one's own, the coordination's reading of it, and nobody else's."""

import re
import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from governance.models import Convention, JournalEntry
from humanicite.lib.resume import owner_token
from mediation.activities import errors
from mediation.models import TimeEntry
from mediation.worktime import actions

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY, World

WEEK, YEAR, NEW = "/temps/", "/temps/annee/", "/temps/nouveau/"
MONDAY = date(2026, 3, 16)


@pytest.fixture
def entry():
    def make(**changes: Any) -> dict[str, Any]:
        return {
            "uid": str(uuid.uuid4()), "version": "", "kind": "reunion", "minutes": "60",
            "day": TODAY.isoformat(), "starts_at": "", "note": "",
        } | changes  # fmt: skip

    return make


def main(answer: Any) -> str:
    """The page without its frame, whose menu holds words too."""
    return plain(answer).split("<main", 1)[1].split("</main>", 1)[0]


# --- Writing ---------------------------------------------------------------------------------------


def test_hours_are_noted_and_shown_in_their_week(world, entry, mediateur) -> None:
    answer = mediateur.post(
        NEW, entry(minutes_other="1h30", note="Point avec la ville"), follow=True
    )
    assert "Enregistré : Réunion, 1 h 30, mercredi 18 mars." in plain(answer)
    assert answer.redirect_chain[0][0] == "/temps/?jour=2026-03-18"
    assert "Point avec la ville" in plain(answer)
    saved = TimeEntry.objects.get()
    assert (saved.minutes, saved.user, saved.programme) == (
        90,
        world.user("mediateur"),
        world.programme,
    )
    assert saved.history.count() == 1
    assert JournalEntry.objects.get().kind == "temps de travail"


BAD = [
    ({"kind": ""}, "Choisissez la nature de ce temps."),
    ({"kind": "terrain"}, "Sélectionnez un choix valide"),
    ({"minutes": ""}, "Indiquez la durée."),
    ({"minutes_other": "25h"}, "La durée doit être comprise entre 5 min et 24 h."),
    ({"minutes_other": "un moment"}, "« un moment » n’est pas une durée"),
    ({"day_other": "31/02/2026"}, "Cette date n’existe pas"),
    ({"day_other": "2026-03-19"}, "Cette date est dans le futur"),
    ({"day_other": "2019-05-01"}, "Aucune convention n’est en vigueur à cette date"),
    ({"starts_at": "25:00"}, "Saisissez une heure valide"),
    ({"note": "x" * 161}, "160"),
    ({"uid": "pas-un-uuid"}, "UUID"),
]


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=[str(one[0])[2:20] for one in BAD])
def test_a_fault_is_said_and_what_was_typed_stays(wrong, said, entry, mediateur) -> None:
    answer = mediateur.post(NEW, entry(**({"note": "à garder"} | wrong)))
    assert answer.status_code == 422
    assert said in plain(answer)
    assert "Ce que vous avez saisi est conservé" in plain(answer)
    assert wrong.get("note") or 'value="à garder"' in plain(answer)
    assert not TimeEntry.objects.exists()


def test_the_same_form_twice_is_one_entry_and_other_words_become_a_change(
    world, entry, mediateur
) -> None:
    sent = entry()
    mediateur.post(NEW, sent)
    answer = mediateur.post(NEW, sent, follow=True)
    assert "Déjà enregistré : Réunion, 1 h" in plain(answer)
    answer = mediateur.post(NEW, sent | {"minutes": "45"})
    assert answer.status_code == 422
    assert "enregistré 1 h, dans votre saisie 45 min" in plain(answer)
    row = TimeEntry.objects.get()
    assert f'action="/temps/{row.pk}/modifier/"' in plain(answer)
    mediateur.post(f"/temps/{row.pk}/modifier/", sent | {"minutes": "45", "version": "1"})
    row.refresh_from_db()
    assert (row.minutes, row.version) == (45, 2)


def test_a_change_is_kept_in_the_history(world, entry, mediateur) -> None:
    row = world.time_entry(day=TODAY)
    sent = entry(kind="formation", minutes_other="1h15", starts_at="09:30", version="1")
    answer = mediateur.post(f"/temps/{row.pk}/modifier/", sent, follow=True)
    assert "Modifié : Formation, 1 h 15" in plain(answer)
    text = main(mediateur.get(f"/temps/{row.pk}/"))
    assert "<del>Réunion</del> devient <ins>Formation</ins>" in text
    assert "<del>1 h</del> devient <ins>1 h 15</ins>" in text
    assert "09:30" in text
    assert JournalEntry.objects.get().fields == ["kind", "minutes", "starts_at"]


def test_a_stale_form_is_told_and_replaces_nothing(world, entry, mediateur) -> None:
    row = world.time_entry(day=TODAY)
    path = f"/temps/{row.pk}/modifier/"
    mediateur.post(path, entry(minutes="30", version="1"))
    answer = mediateur.post(path, entry(minutes="120", version="1"))
    assert answer.status_code == 422
    assert "Ce temps a été modifié entre-temps" in plain(answer)
    assert "enregistré 30 min, dans votre saisie 2 h" in plain(answer)
    assert 'name="version" value="2"' in plain(answer)
    row.refresh_from_db()
    assert row.minutes == 30
    wrong = mediateur.post(path, entry(minutes_other="faux", version="1"))
    assert 'name="version" value="1"' in plain(wrong), "only the notice hands out a newer one"


def test_an_entry_deleted_meanwhile_is_made_again_from_what_was_typed(
    world, entry, mediateur, monkeypatch
) -> None:
    row = world.time_entry(day=TODAY)
    whole = actions.change_time

    def deleted_before(**given: Any) -> None:
        TimeEntry.objects.all().delete()
        whole(**given)

    monkeypatch.setattr(actions, "change_time", deleted_before)
    sent = entry(minutes="30", version="1", uid=str(row.uid))
    answer = mediateur.post(f"/temps/{row.pk}/modifier/", sent)
    assert "Ce temps a été supprimé entre-temps" in plain(answer)
    assert f'action="{NEW}"' in plain(answer)
    mediateur.post(NEW, sent)
    assert TimeEntry.objects.get().minutes == 30


def test_deleting_asks_first_and_refuses_what_changed(world, mediateur) -> None:
    row = world.time_entry(day=TODAY, minutes=45)
    path = f"/temps/{row.pk}/supprimer/"
    assert "45 min" in plain(mediateur.get(path))
    assert TimeEntry.objects.exists(), "asking deletes nothing"
    answer = mediateur.post(path, {"version": "7"})
    assert answer.status_code == 422
    assert "Ce temps a été modifié entre-temps" in plain(answer)
    answer = mediateur.post(path, {"version": "1"}, follow=True)
    assert "Supprimé : Réunion, 45 min" in plain(answer)
    assert not TimeEntry.objects.exists()
    assert TimeEntry.history.filter(history_type="-").count() == 1
    assert mediateur.post(path, {"version": "1"}).status_code == 404


def test_an_expired_session_gives_back_what_was_typed(world, entry, client) -> None:
    sent = entry(note="À garder", _owner=owner_token(world.user("mediateur")))
    assert client.post(NEW, sent)["Location"].startswith("/connexion/")
    client.force_login(world.user("mediateur"))
    assert 'value="À garder"' in plain(client.get(NEW))
    assert "Votre session avait expiré" in plain(client.get(NEW))


def test_every_write_path_checks_the_day_and_whose_it_is(world) -> None:
    by = world.reader("mediateur")
    outside = TimeEntry(kind="reunion", day=date(2020, 5, 4), minutes=60)
    with pytest.raises(ValidationError, match="Aucune convention"):
        actions.log_time(entry=outside, by=by)
    row = world.time_entry("autre-mediateur")
    with pytest.raises(PermissionDenied):
        actions.change_time(entry=row, read_version=1, by=by, fields=[])
    with pytest.raises(PermissionDenied):
        actions.delete_time(entry=row, read_version=1, by=world.reader("coordination"))
    mine = world.time_entry()
    mine.day = date(2020, 5, 4)
    with pytest.raises(ValidationError, match="Aucune convention"):
        actions.change_time(entry=mine, read_version=1, by=by, fields=["day"])
    copied = TimeEntry(uid=row.uid, kind="reunion", day=TODAY, minutes=60)
    with pytest.raises(ValidationError, match="rouvrez le formulaire"):
        actions.log_time(entry=copied, by=by)
    mine.refresh_from_db()
    TimeEntry.objects.all().delete()
    with pytest.raises(errors.DeletedMeanwhile):
        actions.delete_time(entry=mine, read_version=1, by=by)


# --- The limits of the law: told, never refused ----------------------------------------------------


def test_a_long_day_and_a_short_night_are_told_and_saved(world, entry, mediateur) -> None:
    world.activity(day=TODAY, minutes=300, starts_at=time(15))
    world.activity(day=TODAY - timedelta(days=1), minutes=120, starts_at=time(20))
    answer = mediateur.post(NEW, entry(minutes_other="6h", starts_at="07:00"), follow=True)
    text = plain(answer)
    assert "Enregistré : Réunion, 6 h" in text
    assert "11 h de travail, pour 10 h au plus dans une journée (Code du travail, L3121-18)" in text
    assert "9 h de repos depuis la veille, pour 11 h au moins (Code du travail, L3131-1)" in text
    assert "à noter</span>" in text
    assert "L3121-20" not in text
    assert TimeEntry.objects.get().minutes == 360
    assert "L3121-18" in plain(mediateur.get("/aujourdhui/journee/"))


def test_a_sunday_evening_is_told_of_the_monday_it_shortens(world, entry, mediateur) -> None:
    world.activity(day=MONDAY, starts_at=time(8))
    sent = entry(day=(MONDAY - timedelta(days=1)).isoformat(), minutes="120", starts_at="21:00")
    assert "9 h de repos depuis la veille" in plain(mediateur.post(NEW, sent, follow=True))


def test_a_long_week_is_told(world, entry, mediateur) -> None:
    for n in range(3):
        world.activity(day=MONDAY + timedelta(days=n), minutes=590)
    world.time_entry(day=TODAY - timedelta(days=9), minutes=600)
    answer = mediateur.post(NEW, entry(kind="encadrement", minutes_other="20h"), follow=True)
    assert "Semaine du lundi 16 mars : 49 h 30 de travail, pour 48 h" in plain(answer)


# --- Reading ---------------------------------------------------------------------------------------


@pytest.fixture
def worked(world: World) -> World:
    world.activity(day=MONDAY, minutes=240, starts_at=time(9))
    world.activity(day=TODAY, minutes=60, starts_at=time(19, 30))
    world.activity(day=date(2026, 2, 10), minutes=120, type="CONF")
    world.activity(day=date(2025, 12, 30), minutes=600)  # the convention before
    world.time_entry(day=MONDAY, minutes=60, note="Équipe")
    world.time_entry(day=MONDAY, minutes=210, kind="encadrement")
    world.time_entry(day=date(2026, 1, 1), minutes=30, kind="preparation")
    # Of others: another médiateur's, and the same person's elsewhere counts nowhere here.
    world.activity(day=MONDAY, minutes=700, author=world.user("autre-mediateur"))
    world.time_entry("autre-mediateur", day=MONDAY, minutes=300, note="secret-autre")
    return world


def test_the_week_against_the_convention(worked, mediateur) -> None:
    text = main(mediateur.get(WEEK))
    assert "Semaine 12" in text
    assert "du 16 mars 2026 au 22 mars 2026" in text
    assert re.search(r'>6 h</span>\s*<span class="figure__note">sur 35 h', text)
    assert re.search(r'>3 h 30</span>\s*<span class="figure__note">sur 3 h 30', text)
    assert ">8,5 h<" in text, "of the convention's year: 4 + 1 + 2 + 1 + 0,5"
    assert "1 % de 1 607 h ; année de convention écoulée à 21 %" in text
    assert "Équipe" in text
    assert "secret-autre" not in text
    assert "1 saisie, 1 h" in text, "an evening"
    assert "1 saisie sans heure de début" in text
    assert "semaine suivante" not in text.lower()


def test_weeks_are_turned_and_none_to_come(worked, mediateur) -> None:
    text = main(mediateur.get(WEEK, {"jour": "2026-01-01"}))
    assert "Semaine 1<" in text
    assert "du 29 décembre 2025 au 4 janvier 2026" in text
    assert "férié" in text
    assert "jour=2025-12-28" in text
    assert "jour=2026-01-05" in text
    assert "Semaine 12" in main(mediateur.get(WEEK, {"jour": "2026-03-23"}))


def test_an_empty_week_says_so(mediateur) -> None:
    assert "Aucune heure notée cette semaine." in main(mediateur.get(WEEK))


def test_without_convention_nothing_is_made_up(world, mediateur) -> None:
    Convention.objects.filter(slug="2026").update(starts=date(2026, 6, 1))
    text = main(mediateur.get(WEEK))
    assert "sur n/d" in text
    assert "Aucune convention n’est en vigueur cette semaine" in text
    assert "écoulée à n/d" in text
    assert "sur n/d, soit n/d" in main(mediateur.get(YEAR))


def test_the_year_month_by_month(worked, mediateur) -> None:
    text = main(mediateur.get(YEAR))
    assert "du 1er janvier 2026 au 31 décembre 2026" in text
    assert "8,5 h</span> de travail sur 1 607 h, soit 1 % ; l’année est écoulée à 21 %" in text
    for month in ("Janvier 2026", "Février 2026", "Mars 2026"):
        assert month in text
    assert "Avril 2026" not in text
    assert "Encadrement, compté à part : 3,5 h pour 39 h au 18 mars 2026" in text
    assert "Conflits" in text
    assert "jour=2025-12-31" in text
    before = main(mediateur.get(YEAR, {"jour": "2025-12-31"}))
    assert "10 h</span> de travail sur 1 607 h" in before


def test_ones_year_leaves_as_a_file(worked, mediateur) -> None:
    world_entry = TimeEntry.objects.get(note="Équipe")
    world_entry.note = "=CMD()"
    world_entry.save()
    answer = mediateur.get(YEAR, {"_export": "csv"})
    assert answer["Content-Disposition"] == (
        'attachment; filename="temps-de-travail-2026-01-01-2026-03-18.csv"'
    )
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 3 + 3
    assert lines[0].startswith("Date;Nature;Activité;Durée (min);Durée (h);Début;Objet")
    assert lines[1].startswith("01/01/2026;Préparation et saisie;;30;0,5;;")
    assert any(line.startswith("16/03/2026;Réunion;;60;1") and "'=CMD()" in line for line in lines)
    assert "secret-autre" not in "".join(lines)
    book = b"".join(mediateur.get(YEAR, {"_export": "xlsx"}).streaming_content)
    assert book[:2] == b"PK"
    assert JournalEntry.objects.filter(act="produce").count() == 2
    other = {"_export": "csv", "personne": worked.user("autre-mediateur").pk}
    assert mediateur.get(YEAR, other).status_code == 404


# --- Whose -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [WEEK, YEAR])
def test_a_mediateur_reads_nobody_elses(path, worked, elsewhere, mediateur) -> None:
    own = worked.user("mediateur")
    assert mediateur.get(path, {"personne": own.pk}).status_code == 200
    for other in (
        worked.user("autre-mediateur").pk, worked.user("coordination").pk,
        worked.user("town-a").pk, elsewhere.user("mediateur").pk, 999_999, "x", "",
    ):  # fmt: skip
        assert mediateur.get(path, {"personne": other}).status_code == 404
    assert "<select" not in main(mediateur.get(path))


@pytest.mark.parametrize("path", [WEEK, YEAR])
def test_the_coordination_chooses_in_alphabetical_order(path, worked, elsewhere, sign_in) -> None:
    client = sign_in(worked, "coordination")
    text = main(client.get(path))
    names = [f"Fonction {who} essai" for who in ("autre-mediateur", "coordination", "mediateur")]
    assert [text.index(f">{name} (") for name in names] == sorted(
        text.index(f">{name} (") for name in names
    )
    assert "Fonction town-a" not in text
    assert "ailleurs" not in text
    read = main(client.get(path, {"personne": worked.user("autre-mediateur").pk}))
    assert "Ajouter un temps" not in read, "hours are one's own to note"
    assert "cette personne et par la coordination" in read
    for other in (worked.user("town-a").pk, elsewhere.user("mediateur").pk, 999_999):
        assert client.get(path, {"personne": other}).status_code == 404


def test_the_coordination_reads_and_does_not_rewrite(worked, sign_in) -> None:
    client = sign_in(worked, "coordination")
    row = TimeEntry.objects.get(note="secret-autre")
    week = main(client.get(WEEK, {"personne": row.user_id, "jour": MONDAY.isoformat()}))
    assert "secret-autre" in week
    assert "5 h" in week
    text = main(client.get(f"/temps/{row.pk}/"))
    assert "Modifier" not in text
    assert f"personne={row.user_id}" in text
    for verb in ("modifier", "supprimer"):
        for send in (client.get, client.post):
            assert send(f"/temps/{row.pk}/{verb}/").status_code == 403


def test_somebody_who_left_keeps_their_hours(worked, sign_in) -> None:
    access = worked.memberships["autre-mediateur"]
    access.ends = TODAY - timedelta(days=1)
    access.save()
    client = sign_in(worked, "coordination")
    assert client.get(WEEK, {"personne": access.user_id}).status_code == 200


@pytest.mark.parametrize("who", ["town-a", "owners", "invite"])
def test_partners_read_no_hours_of_anybody(who, worked, sign_in) -> None:
    client = sign_in(worked, who)
    row = TimeEntry.objects.first()
    for path in (WEEK, YEAR, NEW):
        assert client.get(path).status_code == 403
    for path in (f"/temps/{row.pk}/", f"/temps/{row.pk}/modifier/"):
        assert client.get(path).status_code == 404
    assert not TimeEntry.objects.visible_to(worked.reader(who)).exists()


def test_the_clock_is_the_tests(mediateur) -> None:
    assert NOW.date() == TODAY
    assert "mercredi 18 mars" in plain(mediateur.get(NEW))
