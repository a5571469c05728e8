"""Every change is readable and can be undone by who may; what was deleted can be brought back."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance.models import JournalEntry, Party, Place, Theme
from mediation.activities import actions, undo
from mediation.activities.head_counts import counts_of
from mediation.history.versions import Record, state_at, versions_of
from mediation.models import Activity, AgendaLine, HeadCount, Review, Situation
from mediation.situations import actions as on_situations

from ...conftest import NOW
from ...pages import text_of
from ...world import TODAY, World


@pytest.fixture(autouse=True)
def ticking(clock: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """A clock that goes on, as clocks do: versions are told apart by their moment."""

    def start(at: datetime) -> None:
        steps = count()
        monkeypatch.setattr(timezone, "now", lambda: at + timedelta(milliseconds=next(steps)))

    start(NOW)
    return start


@pytest.fixture
def mediateur(world: World, sign_in) -> Client:
    return sign_in(world, "mediateur")


def plain(answer: Any) -> str:
    return text_of(answer).replace("\u00a0", " ").replace("&#x27;", "'")


def change(world: World, row: Activity, who: str = "mediateur", **changes: Any) -> Activity:
    """A change as the form makes it; `people` are the head counts wanted."""
    people = changes.pop("people", None)
    counts = counts_of(row)
    if people is not None:
        counts = {(world.audiences[n], "np"): number for n, number in people.items()}
    fresh = Activity.objects.get(pk=row.pk)
    for name, value in changes.items():
        setattr(fresh, name, value)
    return actions.change_activity(
        activity=fresh, head_counts=counts, read_version=fresh.version,
        by=world.reader(who), fields=list(changes),
    )  # fmt: skip


@pytest.fixture
def logged(world: World):
    """An activity with two publics, saved as the form saves it."""

    def log(**values: Any) -> Activity:
        given = {
            "type": "PAP", "place": world.places["hall-a"], "day": date(2026, 3, 10),
            "minutes": 30, "internal_note": "au départ",
        }  # fmt: skip
        return actions.log_activity(
            activity=Activity(**(given | values)),
            head_counts={(world.audiences[0], "np"): 3, (world.audiences[1], "np"): 2},
            by=world.reader("mediateur"),
        )

    return log


def counts(row: Any) -> dict[str, int]:
    rows = HeadCount.objects.filter(activity=row.pk)
    return {cell.audience.name.split()[0]: cell.count for cell in rows.select_related("audience")}


def back(client: Client, row: Any, version: Any, read: int | None = None) -> Any:
    kind = "situations" if isinstance(row, Situation) else "activites"
    row = type(row).objects.filter(pk=row.pk).first()
    read = read if read is not None else row.version if row else 0
    return client.post(f"/{kind}/versions/{version.pk}/", {"version": read}, follow=True)


def oldest(row: Any) -> Any:
    return type(row).history.filter(id=row.pk).earliest()


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


# --- Situations ----------------------------------------------------------------------------------


@pytest.fixture
def told(world: World):
    """A situation opened, then changed in everything."""
    by = world.reader("mediateur")
    row = on_situations.open_situation(
        situation=Situation(
            title="Au départ", place=world.places["hall-a"], opened_on=date(2026, 3, 2)
        ),
        involvements={world.parties["owners"]: "Relayer"}, by=by,
    )  # fmt: skip
    row.title, row.next_step, row.next_on = "Ensuite", "Appeler", TODAY
    on_situations.change_situation(
        situation=row, involvements={world.parties["town-a"]: ""}, read_version=1, by=by,
        fields=["title"],
    )  # fmt: skip
    return row


def test_a_situation_goes_back_with_its_parties(world, told, sign_in) -> None:
    client = sign_in(world, "autre-mediateur")
    version = told.version
    for _ in range(2):
        answer = back(client, told, oldest(told), read=version)
    told.refresh_from_db()
    assert (told.title, told.next_step, told.next_on) == ("Au départ", "", None)
    assert dict(told.involvements.values_list("party__slug", "part")) == {"owners": "Relayer"}
    assert told.version == 3
    assert "C’est déjà fait" in plain(answer)
    assert JournalEntry.objects.filter(act="undo").get().kind == "situation complexe"


def test_a_closing_is_undone_with_its_next_step(world, told, mediateur) -> None:
    before = Situation.history.filter(id=told.pk).latest()
    on_situations.close_situation(
        situation=told, outcome="resolu", closing_note="Fini", closed_on=TODAY,
        read_version=told.version, by=world.reader("mediateur"),
    )  # fmt: skip
    back(mediateur, told, before)
    told.refresh_from_db()
    assert (told.state, told.outcome, told.closed_on, told.next_step) == (
        "ouverte", "", None, "Appeler",
    )  # fmt: skip


def on_agenda(world: World, row: Situation, day: date, line: str = "Un conflit") -> AgendaLine:
    return on_situations.put_on_agenda(
        situation=row, committee=world.committee, day=day, line=line, today=day,
        by=world.reader("mediateur"),
    )  # fmt: skip


def test_a_line_taken_off_is_put_back_and_checked_again(world, told, mediateur) -> None:
    line = on_agenda(world, told, date(2026, 3, 24))
    put = Situation.history.filter(id=told.pk).latest()
    on_situations.take_off_agenda(situation=told, key=line.pk, by=world.reader("mediateur"))
    off = Situation.history.filter(id=told.pk).latest()
    back(mediateur, told, put)
    assert AgendaLine.objects.get().line == "Un conflit"
    back(mediateur, told, off)
    assert not AgendaLine.objects.exists()
    AgendaLine.history.update(line="Un conflit chez M. Dupont")
    answer = back(mediateur, told, put)
    assert not AgendaLine.objects.exists()
    assert "elle semble identifier quelqu’un" in plain(answer)


def test_what_a_session_was_shown_stays(world, told, mediateur, ticking) -> None:
    on_agenda(world, told, date(2026, 3, 18))
    ticking(NOW + timedelta(days=3))
    answer = back(mediateur, told, oldest(told))
    told.refresh_from_db()
    assert told.title == "Au départ"
    assert AgendaLine.objects.exists()
    assert "la séance a eu lieu, rien n’y change" in plain(answer)


def test_a_stale_page_of_a_situation_undoes_nothing(world, told, mediateur) -> None:
    answer = back(mediateur, told, oldest(told), read=1)
    assert "modifiée entre-temps" in plain(answer)
    told.refresh_from_db()
    assert told.title == "Ensuite"


def test_a_party_that_is_gone_is_told(world, told, mediateur) -> None:
    gone = Party.objects.create(
        programme=world.programme, slug="passagere", name="Passagère", short_name="P", kind="other"
    )
    on_situations.change_situation(
        situation=told, involvements={gone: "Agir"}, read_version=told.version,
        by=world.reader("mediateur"), fields=["involvements"],
    )  # fmt: skip
    with_it = Situation.history.filter(id=told.pk).latest()
    told.title = "Encore après"
    on_situations.change_situation(
        situation=told, involvements={}, read_version=told.version,
        by=world.reader("mediateur"), fields=["title"],
    )  # fmt: skip
    gone.delete()
    answer = back(mediateur, told, with_it)
    told.refresh_from_db()
    assert told.title == "Ensuite"
    assert not told.involvements.exists()
    assert "une partie n’existe plus" in plain(answer)


# --- Deleted, and brought back -------------------------------------------------------------------


def delete(client: Client, row: Activity) -> Any:
    version = Activity.objects.get(pk=row.pk).version
    return client.post(f"/activites/{row.pk}/supprimer/", {"version": version}, follow=True)


def test_a_deletion_is_undone_from_the_days_page(world, logged, mediateur) -> None:
    row = logged(day=TODAY, situation=world.situation(), summary="Partageable")
    change(world, row, minutes=50)
    answer = delete(mediateur, row)
    text = plain(answer)
    assert "Supprimé : Présence de proximité, 50 min, aujourd’hui." in text
    assert "Annuler la suppression" in text
    assert not Activity.objects.exists()
    gone = Activity.history.filter(id=row.pk).latest()
    assert f'action="/activites/versions/{gone.pk}/"' in text
    answer = mediateur.post(f"/activites/versions/{gone.pk}/", follow=True)
    assert answer.redirect_chain[-1][0] == "/aujourdhui/"
    assert "Rétabli : Présence de proximité, 50 min" in plain(answer)
    again = Activity.objects.get()
    same = ("pk", "uid", "author_id", "created_at", "situation_id", "summary", "internal_note")
    fresh = Activity.history.filter(id=row.pk).earliest()
    assert [getattr(again, name) for name in same] == [
        row.pk, *(getattr(fresh, name) for name in same[1:])
    ]  # fmt: skip
    assert again.minutes == 50
    assert counts(again) == {"Habitants": 3, "Étudiants": 2}
    assert again.shared_words == "partageable"
    assert [v.kind for v in versions_of(again)] == ["restored", "deleted", "changed", "created"]
    assert JournalEntry.objects.first().act == "undo"
    text = plain(mediateur.get(f"/activites/{row.pk}/"))
    assert "Supprimée" in text
    assert "Rétablie" in text


def test_head_counts_of_before_a_deletion_are_gone_back_to(world, logged, mediateur) -> None:
    row = logged()
    change(world, row, people={0: 8})
    delete(mediateur, row)
    back(mediateur, row, Activity.history.filter(id=row.pk).latest())
    assert counts(row) == {"Habitants": 8}
    back(mediateur, row, oldest(row))
    assert counts(row) == {"Habitants": 3, "Étudiants": 2}


def test_bringing_back_twice_is_harmless(world, logged, mediateur) -> None:
    row = logged()
    delete(mediateur, row)
    gone = Activity.history.filter(id=row.pk).latest()
    for _ in range(2):
        answer = back(mediateur, row, gone)
    assert "C’est déjà fait" in plain(answer)
    assert Activity.objects.get().history.filter(history_type="+").count() == 2
    assert "Annuler la suppression" not in plain(mediateur.get(f"/aujourdhui/?supprimee={gone.pk}"))


def test_the_list_of_what_was_deleted_is_ones_own_or_everybodys(world, logged, sign_in) -> None:
    mine = logged(internal_note="")
    theirs = world.activity(type="VEIL", author=world.user("autre-mediateur"))
    delete(sign_in(world, "mediateur"), mine)
    delete(sign_in(world, "autre-mediateur"), theirs)
    own = plain(sign_in(world, "mediateur").get("/activites/supprimees/"))
    assert "Présence de proximité" in own
    assert "Veille" not in own
    every = plain(sign_in(world, "coordination").get("/activites/supprimees/"))
    assert "Présence de proximité" in every
    assert "Veille" in every
    assert "Supprimée par Fonction autre-mediateur essai" in every
    gone = Activity.history.filter(id=theirs.pk).latest()
    assert back(sign_in(world, "mediateur"), theirs, gone).status_code == 403
    assert back(sign_in(world, "town-a"), theirs, gone).status_code == 403
    assert sign_in(world, "town-a").get("/activites/supprimees/").status_code == 403
    answer = back(sign_in(world, "coordination"), theirs, gone)
    assert "Rétabli : Veille" in plain(answer)
    assert Activity.objects.get().author == world.user("autre-mediateur"), "whose work it is stays"


def test_after_ninety_days_it_is_no_longer_offered(world, logged, sign_in, ticking) -> None:
    row = logged()
    path = "/activites/supprimees/"
    assert "Rien n’a été supprimé" in plain(sign_in(world, "mediateur").get(path))
    delete(sign_in(world, "mediateur"), row)
    ticking(NOW + timedelta(days=89))
    assert "Présence de proximité" in plain(sign_in(world, "mediateur").get(path))
    ticking(NOW + timedelta(days=91))
    assert "Rien n’a été supprimé" in plain(sign_in(world, "mediateur").get(path))


def test_an_activity_logged_again_from_its_form_is_not_doubled(world, logged, mediateur) -> None:
    row = logged()
    delete(mediateur, row)
    gone = Activity.history.filter(id=row.pk).latest()
    anew = actions.log_activity(
        activity=Activity(
            uid=row.uid, type="PAP", place=world.places["hall-a"], day=TODAY, minutes=15
        ),
        head_counts={}, by=world.reader("mediateur"),
    )  # fmt: skip
    assert "Rien n’a été supprimé" in plain(mediateur.get("/activites/supprimees/"))
    answer = back(mediateur, row, gone)
    assert "enregistrée de nouveau" in plain(answer)
    assert Activity.objects.get() == anew


def test_what_a_deleted_activity_pointed_to_may_be_gone(world, logged, mediateur) -> None:
    theme = Theme.objects.create(programme=world.programme, group="G", name="Passager", rank=9)
    row = logged(theme=theme, second_theme=world.themes[1])
    delete(mediateur, row)
    theme.delete()
    answer = back(mediateur, row, Activity.history.filter(id=row.pk).latest())
    assert Activity.objects.get().themes == [world.themes[1]]
    assert "Thématique : ce choix n’existe plus." in plain(answer)


def test_without_its_place_it_cannot_come_back(world, logged, mediateur) -> None:
    place = Place.objects.create(
        programme=world.programme, slug="passager", name="Passager", kind="spot",
        parent=world.places["ilot-a"],
    )  # fmt: skip
    row = logged(place=place)
    delete(mediateur, row)
    place.delete()
    assert "Rétablir" in plain(mediateur.get("/activites/supprimees/"))
    answer = back(mediateur, row, Activity.history.filter(id=row.pk).latest())
    assert "son lieu n’existe plus" in plain(answer)
    assert not Activity.objects.exists()


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
