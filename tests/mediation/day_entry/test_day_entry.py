"""The day on one page: what is right is saved, what is wrong stays, nothing is saved twice."""

import uuid
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from governance.models import JournalEntry
from governance.rights import RIGHTS, Right
from humanicite.lib.resume import owner_token
from mediation.activities import actions
from mediation.day_entry import lines as day_entry
from mediation.models import Activity

from ...pages import text_of
from ...world import TODAY, World

PAGE = "/aujourdhui/journee/"


@pytest.fixture
def line(world: World):
    """What a new line sends for a plain round."""

    def make(**changes: Any) -> dict[str, Any]:
        return {
            "id": "", "version": "", "uid": str(uuid.uuid4()), "type": "PAP", "starts_at": "",
            "place": world.places["hall-a"].pk, "minutes": "45", "themes": "",
            "internal_note": "", "summary": "",
        } | changes  # fmt: skip

    return make


def saved_line(row: Activity, **changes: Any) -> dict[str, Any]:
    """What the page sends back of a saved activity."""
    return {
        "id": row.pk, "version": row.version, "uid": str(row.uid), "type": row.type,
        "starts_at": f"{row.starts_at:%H:%M}" if row.starts_at else "", "place": row.place_id,
        "minutes": str(row.minutes), "internal_note": row.internal_note, "summary": row.summary,
        "themes": ",".join(str(theme.pk) for theme in row.themes),
    } | changes  # fmt: skip


def posted(*lines: dict[str, Any], day: date = TODAY, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"jour": day.isoformat(), "total": len(lines), **more}
    for n, sent in enumerate(lines):
        data |= {f"l{n}-{name}": value for name, value in sent.items()}
    return data


def plain(answer: Any) -> str:
    text = text_of(answer).replace("\u00a0", " ").replace("&#x27;", "'")
    return text.replace("&quot;", '"')


# --- Reading ---------------------------------------------------------------------------------------


def test_it_shows_ones_own_day_and_five_empty_lines(world, mediateur) -> None:
    world.activity(day=TODAY, minutes=75, starts_at=time(14), internal_note="l'après-midi")
    world.activity("hall-b", day=TODAY, minutes=30, starts_at=time(9, 5), theme=world.themes[0])
    world.activity(day=TODAY - timedelta(days=1), internal_note="la veille")
    world.activity(day=TODAY, author=world.user("autre-mediateur"), internal_note="d'un autre")
    text = plain(mediateur.get(PAGE))
    assert text.count("data-line>") == 2 + 5 + 1  # and the pattern that a script copies
    assert text.index('value="09:05"') < text.index('value="14:00"')
    assert "la veille" not in text
    assert "d'un autre" not in text
    assert ">1 h 45</strong> sur 7 h" in text
    assert 'value="1 h 15"' in text


@pytest.mark.parametrize("asked", ["2026-03-19", "hier", "2026-02-30", "1850-01-01", ""])
def test_a_day_that_cannot_be_is_today(asked, mediateur) -> None:
    assert "mercredi 18 mars 2026" in plain(mediateur.get(PAGE, {"jour": asked}))


def test_hours_that_are_no_activity_count_in_the_day(world, mediateur) -> None:
    world.time_entry(day=TODAY, minutes=90)
    world.time_entry(day=TODAY, minutes=210, kind="encadrement")
    text = plain(mediateur.get(PAGE))
    assert ">1 h 30</strong> sur 7 h" in text
    assert "dont 1 h 30 d’autres temps" in text


def test_without_convention_the_days_hours_are_not_known(world, mediateur) -> None:
    assert "</strong> sur n/d" in plain(mediateur.get(PAGE, {"jour": "2020-05-04"}))


@pytest.mark.parametrize("who", ["town-a", "invite"])
def test_partners_have_no_such_page(who, world, sign_in) -> None:
    client = sign_in(world, who)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, posted()).status_code == 403
    assert Right.LOG_ACTIVITIES not in RIGHTS[world.reader(who).role]


# --- Saving ----------------------------------------------------------------------------------------


def test_ten_lines_are_saved_at_once(world, line, mediateur) -> None:
    lines = [line(minutes=str(10 + n), starts_at=f"{8 + n}h15") for n in range(9)]
    lines.append(line(type="CONC", minutes="1,5 h", themes=str(world.themes[1].pk)))
    answer = mediateur.post(PAGE, posted(*lines, line(type="", minutes="")), follow=True)
    assert answer.status_code == 200
    assert "10 enregistrées." in plain(answer)
    rows = list(Activity.objects.order_by("pk"))
    assert [row.minutes for row in rows] == [*range(10, 19), 90]
    assert rows[0].starts_at == time(8, 15)
    assert {row.author for row in rows} == {world.user("mediateur")}
    assert {row.day for row in rows} == {TODAY}
    assert rows[-1].objective == world.objectives[1], "what the type gives"
    assert rows[-1].theme == world.themes[1]
    assert all(row.history.count() == 1 for row in rows)
    assert JournalEntry.objects.filter(act="create").count() == 10


def test_a_day_before_is_filled_in(world, line, mediateur) -> None:
    day = TODAY - timedelta(days=3)
    answer = mediateur.post(PAGE, posted(line(), day=day))
    assert answer["Location"] == f"{PAGE}?jour=2026-03-15"
    assert Activity.objects.get().day == day


@pytest.mark.parametrize("day", ["2026-03-19", "", "demain"])
def test_a_day_that_cannot_be_saves_nothing(day, world, line, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(line()) | {"jour": day}, follow=True)
    assert "rien n’est enregistré" in plain(answer)
    assert not Activity.objects.exists()


def test_a_wrong_line_keeps_its_words_and_loses_no_other(world, line, mediateur) -> None:
    lines = [line() for _ in range(9)]
    lines.insert(3, line(minutes="longtemps", internal_note="Tour du hall.", themes="999999"))
    answer = mediateur.post(PAGE, posted(*lines))
    text = plain(answer)
    assert answer.status_code == 422
    assert Activity.objects.count() == 9
    assert "9 enregistrées, 1 à corriger. Ce que vous avez saisi est conservé." in text
    assert 'href="#id_l3-minutes">Ligne 4 : « longtemps » n’est pas une durée' in text
    assert 'href="#id_l3-themes">Ligne 4 : Ce choix n’existe pas' in text
    assert 'value="longtemps"' in text
    assert 'value="Tour du hall."' in text
    assert text.count('<span class="quiet">enregistrée</span>') == 9
    # The page as it stands, mended and sent: nine are there already.
    again = [saved_line(row) for row in Activity.objects.order_by("pk")]
    again.insert(3, lines[3] | {"minutes": "1h", "themes": ""})
    answer = mediateur.post(PAGE, posted(*again), follow=True)
    assert "1 enregistrée." in plain(answer)
    assert Activity.objects.count() == 10
    assert set(Activity.objects.values_list("version", flat=True)) == {1}


WRONG = [
    ({"type": ""}, "Choisissez le type d’activité."),
    ({"type": "RONDE"}, "Sélectionnez un choix valide"),
    ({"place": ""}, "Choisissez un lieu."),
    ({"place": "999999"}, "Ce lieu n’existe pas dans ce dispositif."),
    ({"minutes": ""}, "Indiquez la durée."),
    ({"minutes": "25h"}, "La durée doit être comprise entre 5 min et 24 h."),
    ({"starts_at": "midi"}, "Écrivez l’heure comme 9h30."),
    ({"internal_note": "x" * 4001}, "4000"),
    ({"internal_note": "Vu avec M. Dupont"}, "semble identifier quelqu’un"),
    ({"uid": "pas-un-uuid"}, "UUID"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[str(one[0])[2:14] for one in WRONG])
def test_faults_are_those_of_the_form(wrong, said, line, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(line(summary="Passage.") | wrong))
    assert answer.status_code == 422
    assert said in plain(answer)
    assert 'value="Passage."' in plain(answer)
    assert not Activity.objects.exists()


def test_a_day_outside_every_convention_is_said(line, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(line(), day=date(2020, 5, 4)))
    assert answer.status_code == 422
    assert "Ligne 1 : Aucune convention n’est en vigueur" in plain(answer)


def test_words_kept_on_purpose_go_to_be_reread(line, mediateur) -> None:
    kept = line(internal_note="Vu avec M. Dupont", keep_personal="on")
    answer = mediateur.post(PAGE, posted(kept), follow=True)
    assert "la coordination le relira" in plain(answer)
    assert Activity.objects.get().review == "pending"
    answer = mediateur.post(PAGE, posted(kept | {"uid": str(uuid.uuid4()), "minutes": ""}))
    assert 'name="l0-keep_personal"' in plain(answer), "what was decided stays ticked"
    assert "semble identifier" not in plain(answer)


def test_an_empty_line_is_nothing(world, line, mediateur) -> None:
    empty = line(type="", minutes="  ", place=world.places["hall-b"].pk)
    answer = mediateur.post(PAGE, posted(empty, empty), follow=True)
    assert "Rien à enregistrer." in plain(answer)
    assert not Activity.objects.exists()


@pytest.mark.parametrize("data", [{}, {"total": "-1"}, {"total": "beaucoup"}, {"total": "9" * 12}])
def test_a_page_cut_short_breaks_nothing(data, mediateur) -> None:
    assert mediateur.post(PAGE, {"jour": TODAY.isoformat()} | data).status_code == 302
    assert not Activity.objects.exists()


# --- Twice, meanwhile, and by others ---------------------------------------------------------------


def test_the_same_page_twice_makes_no_doubles(line, mediateur) -> None:
    data = posted(line(), line(minutes="15"), line(minutes="faux"))
    mediateur.post(PAGE, data)
    answer = mediateur.post(PAGE, data)
    assert Activity.objects.count() == 2
    assert "2 déjà enregistrées, 1 à corriger" in plain(answer)


def test_two_sendings_that_cross_make_no_doubles(world, line, mediateur, monkeypatch) -> None:
    """The other sending is through after this one looked, and before it writes."""
    sent = [line(), line(minutes="15"), line(minutes="20")]
    whole = actions.log_activities

    def crossed(**given: Any) -> None:
        world.activity(uid=sent[0]["uid"], day=TODAY, minutes=45)
        world.activity(uid=sent[1]["uid"], day=TODAY, minutes=60)
        whole(**given)

    monkeypatch.setattr(actions, "log_activities", crossed)
    answer = mediateur.post(PAGE, posted(*sent))
    text = plain(answer)
    assert answer.status_code == 422
    assert "1 enregistrée, 1 déjà enregistrée, 1 à corriger" in text
    assert "enregistré 1 h, dans votre saisie 15 min" in text
    assert sorted(Activity.objects.values_list("minutes", flat=True)) == [20, 45, 60]


def test_a_line_sent_again_with_other_words_is_a_change_to_confirm(line, mediateur) -> None:
    first = line(minutes="45")
    mediateur.post(PAGE, posted(first))
    answer = mediateur.post(PAGE, posted(first | {"minutes": "60"}))
    text = plain(answer)
    assert "déjà enregistrée avec d’autres mots" in text
    assert Activity.objects.get().minutes == 45
    row = Activity.objects.get()
    assert f'name="l0-id" value="{row.pk}"' in text
    assert 'name="l0-version" value="1"' in text
    mediateur.post(PAGE, posted(first | {"minutes": "60", "id": row.pk, "version": 1}))
    row.refresh_from_db()
    assert (row.minutes, row.version) == (60, 2)


def test_somebody_elses_uid_is_refused(world, line, mediateur) -> None:
    other = world.activity(author=world.user("autre-mediateur"), day=TODAY)
    answer = mediateur.post(PAGE, posted(line(uid=str(other.uid)), line()))
    assert "Cette saisie ne peut pas être enregistrée" in plain(answer)
    assert "1 enregistrée, 1 à corriger" in plain(answer)
    other.refresh_from_db()
    assert other.minutes == 30


def test_a_saved_line_is_changed_and_keeps_what_it_does_not_show(world, mediateur) -> None:
    row = world.activity(
        day=TODAY, origin="habitant", outcome="resolu", theme=world.themes[1],
        second_theme=world.themes[2], internal_note="une\ndeux", situation=world.situation(),
    )  # fmt: skip
    world.counted(row, count=4)
    other = world.activity(day=TODAY, minutes=20)
    sent = saved_line(row, minutes="1h15", internal_note="une\r\ndeux")
    answer = mediateur.post(PAGE, posted(sent, saved_line(other)), follow=True)
    assert "1 modifiée." in plain(answer)
    row.refresh_from_db()
    assert (row.minutes, row.version, row.origin, row.outcome) == (75, 2, "habitant", "resolu")
    assert row.themes == [world.themes[1], world.themes[2]]
    assert row.internal_note == "une\ndeux"
    assert row.situation is not None
    assert row.head_counts.get().count == 4
    assert JournalEntry.objects.get(act="change").fields == ["minutes"]
    assert Activity.objects.get(pk=other.pk).version == 1, "untouched"


@pytest.mark.parametrize(("objective", "then"), [(1, None), (0, 0)])
def test_an_objective_that_followed_from_the_type_follows_again(
    objective, then, world, mediateur
) -> None:
    row = world.activity(day=TODAY, type="CONC", objective=world.objectives[objective])
    mediateur.post(PAGE, posted(saved_line(row, type="PAP")))
    row.refresh_from_db()
    assert row.type == "PAP"
    assert row.objective == (world.objectives[then] if then is not None else None)


def test_a_line_changed_meanwhile_is_told_and_not_overwritten(world, line, mediateur) -> None:
    row = world.activity(day=TODAY, minutes=30)
    read = saved_line(row)
    row.minutes, row.version = 50, 2
    row.save()
    answer = mediateur.post(PAGE, posted(read | {"minutes": "40"}, line()))
    text = plain(answer)
    assert "1 enregistrée, 1 à corriger" in text
    assert "Cette activité a été modifiée entre-temps. Rien n’est remplacé" in text
    assert "enregistré 50 min, dans votre saisie 40 min" in text
    assert 'name="l0-version" value="2"' in text
    row.refresh_from_db()
    assert row.minutes == 50
    new = Activity.objects.exclude(pk=row.pk).get()
    kept = read | {"minutes": "40", "version": 2, "keep": "on"}
    assert mediateur.post(PAGE, posted(kept, saved_line(new))).status_code == 302
    row.refresh_from_db()
    assert (row.minutes, row.version) == (50, 2)
    mediateur.post(PAGE, posted(read | {"minutes": "40", "version": 2}))
    row.refresh_from_db()
    assert (row.minutes, row.version) == (40, 3)


def test_a_line_changed_meanwhile_that_nobody_touched_here_is_no_matter(world, mediateur) -> None:
    row = world.activity(day=TODAY, minutes=30)
    read = saved_line(row)
    row.minutes, row.version = 50, 2
    row.save()
    answer = mediateur.post(PAGE, posted(read), follow=True)
    assert "Rien à enregistrer." in plain(answer)
    assert 'value="50 min"' in plain(answer)
    row.refresh_from_db()
    assert (row.minutes, row.version) == (50, 2)


def test_a_line_deleted_meanwhile_is_told_and_can_be_made_again(world, line, mediateur) -> None:
    row, idle = world.activity(day=TODAY), world.activity(day=TODAY, minutes=20)
    touched, untouched = saved_line(row, minutes="55"), saved_line(idle)
    row.delete()
    idle.delete()
    answer = mediateur.post(PAGE, posted(touched, untouched, line()))
    text = plain(answer)
    assert "1 enregistrée, 1 à corriger" in text
    assert "Ligne 1 : Cette activité a été supprimée entre-temps" in text
    assert 'name="l0-id" value=""' in text
    mediateur.post(PAGE, posted(touched | {"id": "", "version": ""}))
    assert sorted(Activity.objects.values_list("minutes", flat=True)) == [45, 55]


def test_a_line_is_deleted_by_its_box(world, mediateur) -> None:
    row, other = world.activity(day=TODAY), world.activity(day=TODAY, minutes=20)
    data = posted(saved_line(row, delete="on", minutes="n’importe"), saved_line(other))
    answer = mediateur.post(PAGE, data, follow=True)
    assert "1 supprimée." in plain(answer)
    assert list(Activity.objects.all()) == [other]
    assert JournalEntry.objects.get().act == "delete"
    assert "Rien à enregistrer." in plain(mediateur.post(PAGE, data, follow=True)), "twice"


def test_a_line_changed_meanwhile_is_not_deleted_unseen(world, mediateur) -> None:
    row = world.activity(day=TODAY, minutes=30)
    read = saved_line(row, delete="on")
    row.minutes, row.version = 50, 2
    row.save()
    answer = mediateur.post(PAGE, posted(read))
    assert "Cochez de nouveau si elle est toujours à supprimer" in plain(answer)
    assert 'value="50 min"' in plain(answer)
    assert Activity.objects.exists()


def test_a_line_moved_to_another_day_is_told(world, mediateur) -> None:
    row = world.activity(day=TODAY)
    read = saved_line(row, minutes="35")
    row.day, row.version = TODAY - timedelta(days=1), 2
    row.save()
    answer = mediateur.post(PAGE, posted(read))
    assert "enregistré 17/03/2026, dans votre saisie 18/03/2026" in plain(answer)
    row.refresh_from_db()
    assert row.day == TODAY - timedelta(days=1)


@pytest.mark.parametrize("of", ["autre-mediateur", "elsewhere"])
def test_a_key_that_is_not_ones_own_changes_nothing(of, world, elsewhere, line, mediateur) -> None:
    row = (
        elsewhere.activity(day=TODAY)
        if of == "elsewhere"
        else world.activity(day=TODAY, author=world.user(of))
    )
    for given in ({}, {"delete": "on"}, {"minutes": "90"}):
        sent = saved_line(row, place=world.places["hall-a"].pk, uid=str(uuid.uuid4()), **given)
        mediateur.post(PAGE, posted(sent))
    assert Activity.objects.get(pk=row.pk).minutes == 30
    assert Activity.objects.count() == 1


def test_the_coordinations_change_is_told_to_the_mediateur(world, mediateur, sign_in) -> None:
    """By the screens: the coordination corrects, the médiateur's open page is stale."""
    row = world.activity(day=TODAY, minutes=30)
    read = saved_line(row)
    coordination = sign_in(world, "coordination")
    page = {
        "version": 1, "uid": str(row.uid), "type": "PAP", "place": row.place_id, "minutes": "20",
        "day": TODAY.isoformat(), "publics-TOTAL_FORMS": "0", "publics-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert coordination.post(f"/activites/{row.pk}/modifier/", page).status_code == 302
    text = plain(mediateur.post(PAGE, posted(read | {"type": "VEIL"})))
    assert "modifiée entre-temps" in text
    row.refresh_from_db()
    assert (row.type, row.minutes) == ("PAP", 20)


# --- Adding lines, and an expired session ----------------------------------------------------------


def test_adding_lines_keeps_what_was_typed_and_judges_nothing(world, line, mediateur) -> None:
    row = world.activity(day=TODAY)
    sent = posted(saved_line(row, minutes="hm"), line(minutes="moment", type=""), ajouter="1")
    answer = mediateur.post(PAGE, sent)
    text = plain(answer)
    assert answer.status_code == 200
    assert 'value="moment"' in text
    assert 'value="hm"' in text
    assert "n’est pas une durée" not in text
    assert 'aria-invalid="true"' not in text
    assert text.count("data-line>") == 2 + 5 + 1
    assert 'name="total" value="7"' in text
    assert Activity.objects.get().minutes == 30


def test_there_is_an_end_to_lines(line, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(*[line() for _ in range(78)], ajouter="1"))
    assert 'name="total" value="80"' in plain(answer)


def test_an_expired_session_gives_the_page_back(world, line, client, sign_in) -> None:
    sent = posted(line(minutes="50", internal_note="À garder."), day=TODAY - timedelta(days=2))
    sent["_owner"] = owner_token(world.user("mediateur"))
    answer = client.post(PAGE, sent)
    assert answer["Location"].startswith("/connexion/")
    client.force_login(world.user("mediateur"))
    text = plain(client.get(PAGE))
    assert "Votre session avait expiré" in text
    assert 'value="À garder."' in text
    assert "lundi 16 mars 2026" in text, "its own day, which the address does not say"


# --- Cost ------------------------------------------------------------------------------------------


def test_thirty_new_lines_make_as_many_queries_as_five(world, line, mediateur) -> None:
    def count(lines: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            data = posted(*[line(themes=str(world.themes[n % 3].pk)) for n in range(lines)])
            assert mediateur.post(PAGE, data).status_code == 302
        return len([query for query in caught if "SAVEPOINT" not in query["sql"]])

    few = count(5)
    assert count(30) == few
    assert few <= 20


def test_reading_makes_few_queries_however_many_lines(world, mediateur) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert mediateur.get(PAGE).status_code == 200
        return len(caught)

    world.activity(day=TODAY)
    few = count()
    for n in range(12):
        world.activity(day=TODAY, situation=world.situation(), theme=world.themes[n % 3])
    assert count() == few
    assert few <= 15


def test_an_error_of_the_database_is_no_silence(line, mediateur, monkeypatch) -> None:
    """What cannot be saved for a reason nobody foresaw is an error page, not a lost line."""

    def broken(**given: Any) -> None:
        raise IntegrityError("the disk is full")

    monkeypatch.setattr(actions, "log_activities", broken)
    monkeypatch.setattr(actions, "log_activity", broken)
    mediateur.raise_request_exception = False
    assert mediateur.post(PAGE, posted(line())).status_code == 500
    assert day_entry.MOST_ROWS == 80
