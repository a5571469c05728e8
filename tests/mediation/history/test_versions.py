"""What each version says, and going back to one."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import JournalEntry, Place, Theme
from mediation.activities import undo
from mediation.history.versions import Record, state_at, versions_of
from mediation.models import Activity, Review
from mediation.situations import actions as on_situations

from ...pages import plain
from ...world import TODAY
from .changes import back, change, counts, oldest

pytestmark = pytest.mark.usefixtures("ticking")


# --- Reading -------------------------------------------------------------------------------------


def test_each_version_says_who_when_before_and_after(world, logged, mediateur) -> None:
    row = logged(theme=world.themes[0])
    change(world, row, minutes=90, theme=world.themes[1], people={0: 5})
    newest, first = versions_of(row)
    said = [(c.label, c.before, c.after) for c in newest.changes]
    assert said == [
        ("durée", "30\u00a0min", "1\u00a0h\u00a030"),
        ("thématique", "Éclairage essai", "Voirie essai"),
        ("Habitants essai (non précisé)", "3", "5"),
        ("Étudiants essai (non précisé)", "2", "—"),
    ]
    assert first.created
    assert not first.changes, "the counts of the first version are its own, not a change"
    assert newest.is_now
    assert not first.is_now


def test_a_situations_versions_hold_its_parties_and_its_agenda(world, mediateur) -> None:
    row = world.situation()
    by = world.reader("mediateur")
    owners = world.parties["owners"]
    row.next_step = "Appeler"
    on_situations.change_situation(
        situation=row, involvements={owners: "Relayer"}, read_version=1, by=by, fields=["next_step"]
    )
    line = on_situations.put_on_agenda(
        situation=row, committee=world.committee, day=date(2026, 3, 24), line="Un conflit",
        today=TODAY, by=by,
    )  # fmt: skip
    on_situations.take_off_agenda(situation=row, key=line.pk, by=by)
    off, on, changed, opened = versions_of(row)
    agenda = "ordre du jour, Comité de suivi essai, séance du 24/03/2026"
    assert [(c.label, c.before, c.after) for c in off.changes] == [(agenda, "Un conflit", "—")]
    assert [(c.label, c.before, c.after) for c in on.changes] == [(agenda, "—", "Un conflit")]
    assert [(c.label, c.before, c.after) for c in changed.changes] == [
        ("prochaine étape", "—", "Appeler"), ("partie concernée, owners", "—", "Relayer"),
    ]  # fmt: skip
    assert opened.created
    text = plain(mediateur.get(f"/situations/{row.pk}/"))
    assert "Partie concernée, owners</strong> : <ins>Relayer</ins>" in text
    assert text.count("Revenir à cet état") == 2, "not to what is saved already"


def test_what_is_gone_is_named_as_such(world, logged) -> None:
    theme = Theme.objects.create(programme=world.programme, group="G", name="Passager", rank=9)
    row = logged(theme=theme)
    change(world, row, theme=None)
    theme.delete()
    assert ("thématique", "(n’existe plus)", "—") in [
        (c.label, c.before, c.after) for c in versions_of(row)[0].changes
    ]


def test_a_long_history_is_read_in_as_many_queries_and_whole_on_demand(
    world, logged, mediateur
) -> None:
    row = logged()

    def measured(path: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert mediateur.get(path).status_code == 200
        return len(caught)

    path = f"/activites/{row.pk}/"
    change(world, row, minutes=35, people={0: 4})
    few = measured(path)
    for n in range(40):
        change(world, row, minutes=40 + n, people={0: 5 + n})
    assert measured(path) == few
    assert few <= 15
    text = plain(mediateur.get(path))
    assert "Voir les versions plus anciennes" in text
    assert "Enregistrée" not in text
    whole = plain(mediateur.get(f"{path}?historique=tout"))
    assert "Enregistrée" in whole
    assert len(versions_of(row, None)) == 42
    # The oldest one shown is compared with the one before it, its counts included.
    assert [c.label for c in versions_of(row)[-1].changes] == [
        "durée", "Habitants essai (non précisé)",
    ]  # fmt: skip


def test_a_state_is_the_row_and_its_parts_of_that_moment(world, logged) -> None:
    row = logged()
    for number in (4, 5, 6):
        change(world, row, people={0: number})
    key = world.audiences[0].pk
    found = [state.cells[0].get((key, "np")) for state in Record.of(row).states]
    assert found == [3, 4, 5, 6]
    versions = Activity.history.filter(id=row.pk).order_by("history_id")
    assert [state_at(v).cells[0][key, "np"] for v in versions] == [3, 4, 5, 6]


# --- Going back ----------------------------------------------------------------------------------


def test_one_click_brings_back_fields_and_head_counts(world, logged, mediateur) -> None:
    row = logged(theme=world.themes[0])
    change(world, row, minutes=90, theme=None, internal_note="", people={0: 9})
    answer = back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert (row.minutes, row.theme, row.internal_note) == (30, world.themes[0], "au départ")
    assert counts(row) == {"Habitants": 3, "Étudiants": 2}
    assert row.version == 3
    text = plain(answer)
    assert "Revenu à l’état du 18/03/2026 à 14:32." in text
    assert "Retour à l’état du 18/03/2026 à 14:32" in text, "the history says so"
    assert row.own_words == "au depart", "what a search reads follows"
    entry = JournalEntry.objects.filter(kind="activité").first()
    assert entry.act == "undo"
    assert set(entry.fields) >= {"minutes", "theme", "internal_note", "head_counts"}


def test_going_back_can_be_undone_in_turn(world, logged, mediateur) -> None:
    row = logged()
    change(world, row, minutes=90, people={0: 9})
    changed = Activity.history.filter(id=row.pk).latest()
    back(mediateur, row, oldest(row))
    back(mediateur, row, changed)
    row.refresh_from_db()
    assert (row.minutes, counts(row), row.version) == (90, {"Habitants": 9}, 4)


def test_going_back_twice_is_harmless(world, logged, mediateur) -> None:
    row = logged()
    change(world, row, minutes=90)
    version = Activity.objects.get(pk=row.pk).version
    for _ in range(2):
        answer = back(mediateur, row, oldest(row), read=version)
    assert "C’est déjà fait" in plain(answer)
    row.refresh_from_db()
    assert (row.minutes, row.version) == (30, 3)
    assert JournalEntry.objects.filter(act="undo").count() == 1


def test_a_stale_page_undoes_nothing(world, logged, mediateur) -> None:
    row = logged()
    change(world, row, minutes=90)
    change(world, row, "coordination", internal_note="corrigée")
    answer = back(mediateur, row, oldest(row), read=2)
    assert "modifiée entre-temps" in plain(answer)
    row.refresh_from_db()
    assert (row.minutes, row.internal_note) == (90, "corrigée")


def test_only_who_may_change_may_undo(world, logged, sign_in) -> None:
    row = logged()
    change(world, row, minutes=90)
    other = sign_in(world, "autre-mediateur")
    assert "Revenir à cet état" not in plain(other.get(f"/activites/{row.pk}/"))
    assert back(other, row, oldest(row)).status_code == 403
    assert back(sign_in(world, "town-a"), row, oldest(row)).status_code == 403
    assert back(sign_in(world, "town-b"), row, oldest(row)).status_code == 404
    row.refresh_from_db()
    assert row.minutes == 90
    assert back(sign_in(world, "coordination"), row, oldest(row)).status_code == 200
    row.refresh_from_db()
    assert row.minutes == 30


def test_a_version_of_another_programme_is_404(world, elsewhere, mediateur) -> None:
    row = elsewhere.activity()
    assert back(mediateur, row, oldest(row)).status_code == 404


def test_a_text_on_somebody_waits_for_the_coordination_again(world, logged, mediateur) -> None:
    row = logged(internal_note="Vu Mme Durand")
    Activity.objects.filter(pk=row.pk).update(review=Review.ACCEPTED)
    change(world, row, internal_note="Vu une habitante")
    back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert (row.internal_note, row.review) == ("Vu Mme Durand", Review.PENDING)


def test_what_is_retired_comes_back_and_is_told(world, logged, mediateur) -> None:
    row = logged(theme=world.themes[0])
    change(world, row, theme=world.themes[1])
    Theme.objects.filter(pk=world.themes[0].pk).update(retired_on=TODAY)
    answer = back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert row.theme == world.themes[0]
    assert "« Éclairage essai » n’est plus proposé dans les listes" in plain(answer)


def test_what_is_gone_stays_as_it_is_and_is_told(world, logged, mediateur) -> None:
    place = Place.objects.create(
        programme=world.programme, slug="passager", name="Passager", kind="spot",
        parent=world.places["ilot-a"],
    )  # fmt: skip
    row = logged(place=place, minutes=60)
    change(world, row, place=world.places["hall-a"], minutes=30)
    place.delete()
    answer = back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert (row.place, row.minutes) == (world.places["hall-a"], 60)
    assert "Lieu : ce choix n’existe plus." in plain(answer)
    again = back(mediateur, row, oldest(row))
    assert "Rien n’a changé. Lieu : ce choix n’existe plus." in plain(again)
    row.refresh_from_db()
    assert row.version == 3


def test_a_theme_that_is_gone_leaves_no_double(world, logged, mediateur) -> None:
    gone = Theme.objects.create(programme=world.programme, group="G", name="Passager", rank=9)
    row = logged(theme=gone, second_theme=world.themes[1])
    change(world, row, theme=world.themes[1], second_theme=None)
    gone.delete()
    answer = back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert row.themes == [world.themes[1]]
    assert "ce choix n’existe plus" in plain(answer)


def test_a_day_that_no_convention_holds_any_more_is_refused(world, logged, mediateur) -> None:
    row = logged(day=date(2024, 6, 3))
    change(world, row, day=date(2026, 3, 10))
    world.programme.conventions.filter(starts=date(2024, 1, 1)).delete()
    answer = back(mediateur, row, oldest(row))
    assert "Rien n’a changé. Aucune convention n’est en vigueur à cette date" in plain(answer)
    row.refresh_from_db()
    assert row.day == date(2026, 3, 10)


def test_an_objective_left_to_the_software_is_no_difference(world, logged, mediateur) -> None:
    row = logged(theme=world.themes[1])
    Activity.history.filter(id=row.pk).update(objective=None)
    world.themes[1].objective = world.objectives[0]
    world.themes[1].save()
    change(world, row, minutes=45, objective=world.objectives[0])
    for _ in range(2):
        back(mediateur, row, oldest(row))
    row.refresh_from_db()
    assert (row.minutes, row.objective, row.version) == (30, world.objectives[0], 3)


def test_actions_refuse_by_themselves(world, logged) -> None:
    row = logged()
    change(world, row, minutes=60)
    for who in ("autre-mediateur", "town-a"):
        with pytest.raises(PermissionDenied):
            undo.return_activity(version=oldest(row), read_version=2, by=world.reader(who))
    situation = world.situation()
    situation.title = "Autre"
    with pytest.raises(PermissionDenied):
        on_situations.change_situation(
            situation=situation, involvements={}, read_version=1, by=world.reader("town-a"),
            fields=["title"],
        )  # fmt: skip
    situation.title = ""
    with pytest.raises(ValidationError):
        on_situations.change_situation(
            situation=situation, involvements={}, read_version=1, by=world.reader("mediateur"),
            fields=["title"],
        )  # fmt: skip
    situation.refresh_from_db()
    assert (situation.title, situation.version) == ("Deux voisins", 1)
