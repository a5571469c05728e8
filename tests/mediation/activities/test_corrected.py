"""What somebody else saved is never replaced unseen; strange requests are no error."""

import pytest
from django.test import Client

from mediation.models import Activity

from ...pages import plain, text_of
from .forms import owner_of


@pytest.fixture
def corrected(world, entry, sign_in):
    """A row that the coordination corrected after the médiateur had opened it."""
    row = world.activity(internal_note="au départ")
    data = entry(version=1, uid=str(row.uid), day_other="2026-03-10")
    correction = data | {
        "internal_note": "corrigée", "origin": "police", "starts_at": "20:15",
        "publics-0-audience": world.audiences[0].pk, "publics-0-band": "np",
        "publics-0-count": "37",
    }  # fmt: skip
    path = f"/activites/{row.pk}/modifier/"
    assert sign_in(world, "coordination").post(path, correction).status_code == 302
    return row, path, data


def test_a_wrong_form_keeps_the_version_it_read(corrected, mediateur) -> None:
    row, path, data = corrected
    wrong = mediateur.post(path, data | {"minutes_other": "zzz"})
    assert 'name="version" value="1"' in text_of(wrong)
    assert "modifiée entre-temps" in plain(mediateur.post(path, data))
    row.refresh_from_db()
    assert row.internal_note == "corrigée"


def test_the_notice_names_everything_that_would_be_replaced(corrected, mediateur) -> None:
    _, path, data = corrected
    text = plain(mediateur.post(path, data))
    for word in ("corrigée", "Police", "20:15", "Habitants essai (non précisé) 37"):
        assert word in text


def test_history_tells_head_counts_too(corrected, mediateur) -> None:
    row, _, _ = corrected
    text = plain(mediateur.get(f"/activites/{row.pk}/"))
    assert "Habitants essai (non précisé)</strong> : <ins>37</ins>" in text


def test_typing_kept_from_before_a_correction_is_told_of_it(world, corrected, mediateur) -> None:
    _, path, data = corrected
    client = Client()
    client.post(path, data | {"internal_note": "la mienne", "_owner": owner_of(mediateur)})
    client.force_login(
        world.user("mediateur"), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    text = plain(client.get(path))
    assert "modifiée entre-temps" in text
    assert "la mienne" in text
    assert "corrigée" in text


def test_the_first_form_sent_again_does_not_replace_a_correction(
    world, entry, mediateur, sign_in
) -> None:
    data = entry(internal_note="premier jet")
    mediateur.post("/activites/nouvelle/", data)
    row = Activity.objects.get()
    sign_in(world, "coordination").post(
        f"/activites/{row.pk}/modifier/", data | {"version": 1, "internal_note": "corrigée"}
    )
    text = plain(mediateur.post("/activites/nouvelle/", data | {"internal_note": "second jet"}))
    assert "corrigée" in text
    assert "second jet" in text


@pytest.mark.parametrize(
    "more", [{"starts_at": "20:15"}, {"origin": "police"}, {"themes": 0}, {"publics-0-count": "12"}]
)
def test_the_same_form_with_a_detail_more_is_not_the_same(world, entry, mediateur, more) -> None:
    data = entry(**{"publics-0-audience": world.audiences[0].pk, "publics-0-count": "3"})
    mediateur.post("/activites/nouvelle/", data)
    if "themes" in more:
        more = {"themes": [world.themes[1].pk]}
    answer = mediateur.post("/activites/nouvelle/", data | more)
    assert answer.status_code == 422
    assert "était déjà enregistrée" in plain(answer)


def test_what_was_corrected_is_not_deleted_unseen(corrected, mediateur) -> None:
    row, _, _ = corrected
    path = f"/activites/{row.pk}/supprimer/"
    answer = mediateur.post(path, {"version": 1})
    assert "telle qu’elle est" in plain(answer)
    assert Activity.objects.exists()
    mediateur.post(path, {"version": 2})
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/aujourdhui/?jour=0001-01-01", None),
        ("/activites/?per_page=-1", None),
        ("/activites/?per_page=99999999999999999999", None),
        (f"/activites/?q={'a+' * 900}", None),
        ("/activites/?q=%00&tri=%00&page=%00", None),
        ("/activites/?lieu=99999999999999999999", None),
        ("/activites/nouvelle/", {"themes": "99999999999999999999"}),
        ("/activites/nouvelle/", {"place": "99999999999999999999"}),
        ("/activites/nouvelle/", {"internal_note": "a\x00b"}),
        ("/activites/nouvelle/", {"publics-TOTAL_FORMS": "abc"}),
        ("/activites/nouvelle/", {"publics-TOTAL_FORMS": "99999"}),
        ("/choisir/", {"membership": "1", "next": "foo"}),
        ("/choisir/", {"membership": "x", "next": "//example.org/"}),
    ],
)  # fmt: skip
def test_strange_requests_are_no_error(world, entry, mediateur, path, data) -> None:
    if data is None:
        assert mediateur.get(path).status_code == 200
        return
    if path == "/choisir/" and data["membership"] == "1":
        data = data | {"membership": world.memberships["mediateur"].pk}
    answer = mediateur.post(path, entry(**data) if "nouvelle" in path else data)
    assert answer.status_code in (200, 302, 422)
    if answer.status_code == 422:
        assert "à corriger" in plain(answer)
    assert answer.headers.get("Location", "/").startswith("/")


def test_losing_rows_of_counts_on_the_way_is_a_fault(world, entry, mediateur) -> None:
    row = world.activity()
    world.counted(row)
    data = entry(version=1, uid=str(row.uid), day_other="2026-03-10")
    answer = mediateur.post(f"/activites/{row.pk}/modifier/", data | {"publics-TOTAL_FORMS": "0"})
    assert "Le formulaire est incomplet" in plain(answer)
    assert row.head_counts.count() == 1
