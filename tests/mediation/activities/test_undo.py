"""An activity is deleted and brought back."""

from datetime import timedelta

import pytest

from governance.models import JournalEntry, Place, Theme
from mediation.activities import actions
from mediation.history.versions import versions_of
from mediation.models import Activity

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY
from ..history.changes import back, change, counts, delete, oldest

pytestmark = pytest.mark.usefixtures("ticking")


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
