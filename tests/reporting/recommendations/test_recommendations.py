"""Advice to a party: who reads it, who answers, where it is told (R79)."""

import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from humanicite.lib.writes import Conflict
from reporting.models import Recommendation
from reporting.periods import Period
from reporting.recommendations import actions
from reporting.recommendations.blocks import of_an_edition

from ...pages import plain
from ...world import TODAY, World

FEBRUARY = Period("mois", 2026, 2)


def typed(world: World, **more: object) -> dict[str, object]:
    return {
        "uid": str(uuid.uuid4()), "kind": "action", "title": "Éclairer l’allée", "text": "",
        "party": world.parties["town-a"].pk,
    } | more  # fmt: skip


def test_the_mediateur_writes_and_it_is_saved_once(world: World, sign_in) -> None:
    client, data = sign_in(world, "mediateur"), typed(world, places=[world.places["hall-a"].pk])
    for _ in range(2):
        assert client.post("/preconisations/nouvelle/", data).status_code == 302
    row = Recommendation.objects.get()
    assert row.is_draft
    assert row.issued_on == TODAY
    assert [place.slug for place in row.places.all()] == ["hall-a"]
    assert "pas encore publiée" in plain(client.get("/preconisations/"))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "Dites ce qui serait à faire."),
        ({"title": "x" * 300}, "au plus 120"),
        ({"text": "Voir Mme Durand."}, "semble identifier quelqu’un"),
        ({"kind": "autre"}, "Choix non valide|Sélectionnez un choix"),
    ],
)
def test_a_fault_is_told_beside_its_field(world: World, sign_in, more, said: str) -> None:
    answer = sign_in(world, "coordination").post("/preconisations/nouvelle/", typed(world, **more))
    assert answer.status_code == 422
    assert any(part in plain(answer) for part in said.split("|"))
    assert not Recommendation.objects.exists()


def test_a_place_outside_the_addressees_perimeter_is_refused(world: World, sign_in) -> None:
    data = typed(world, places=[world.places["hall-b"].pk])
    answer = sign_in(world, "coordination").post("/preconisations/nouvelle/", data)
    assert answer.status_code == 422
    assert "Hors du périmètre de town-a : Lieu hall-b essai" in plain(answer)


def test_a_party_reads_what_is_addressed_to_it_or_stands_in_its_edition(world: World) -> None:
    own = world.recommendation("town-a")
    world.recommendation("town-b")
    world.recommendation("town-a", is_draft=True)
    told = world.recommendation("owners")
    world.edition("town-a").recommendations.add(told)
    seen = Recommendation.objects.visible_to(world.reader("town-a"))
    assert set(seen) == {own, told}
    assert Recommendation.objects.visible_to(world.reader("coordination")).count() == 4


def test_its_party_accepts_and_another_does_not(world: World, sign_in) -> None:
    row = world.recommendation("town-a")
    told = world.recommendation("owners")
    world.edition("town-a").recommendations.add(told)
    client = sign_in(world, "town-a")
    data = {"version": "1", "state": "acceptee", "on": "2026-03-18", "answer": "Au budget."}
    assert client.post(f"/preconisations/{row.pk}/suite/", data).status_code == 302
    assert client.post(f"/preconisations/{told.pk}/suite/", data).status_code == 403
    row.refresh_from_db()
    assert (row.state, row.answer, row.answered_on) == ("acceptee", "Au budget.", TODAY)
    assert "Au budget." in plain(client.get("/preconisations/"))


def test_a_refusal_says_why(world: World, sign_in) -> None:
    row = world.recommendation("town-a")
    data = {"version": "1", "state": "refusee", "on": "2026-03-18", "answer": ""}
    answer = sign_in(world, "town-a").post(f"/preconisations/{row.pk}/suite/", data)
    assert answer.status_code == 422
    assert "Dites pourquoi elle est refusée." in plain(answer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Recommendation.objects.filter(pk=row.pk).update(state="refusee", answered_on=TODAY)


def test_two_answers_do_not_overwrite_each_other(world: World) -> None:
    row = world.recommendation("town-a")
    by = world.reader("coordination")
    actions.answer(recommendation=row, state="acceptee", text="", on=TODAY, read_version=1, by=by)
    stale = Recommendation.objects.get(pk=row.pk)
    with pytest.raises(Conflict):
        actions.answer(
            recommendation=stale, state="refusee", text="Non.", on=TODAY, read_version=1, by=by
        )
    with pytest.raises(ValidationError):
        actions.answer(
            recommendation=stale, state="proposee", text="", on=TODAY, read_version=2, by=by
        )
    with pytest.raises(PermissionDenied):
        actions.answer(
            recommendation=stale, state="faite", text="", on=TODAY, read_version=2,
            by=world.reader("town-b"),
        )  # fmt: skip


def test_an_edition_tells_what_is_still_followed_or_was_answered_lately(world: World) -> None:
    followed = world.recommendation("town-a", issued_on=date(2025, 6, 1))
    lately = world.recommendation(
        "town-a", issued_on=date(2025, 6, 1), state="faite", answered_on=date(2026, 1, 10)
    )
    world.recommendation(
        "town-a", issued_on=date(2025, 6, 1), state="faite", answered_on=date(2025, 8, 1)
    )
    everywhere = world.recommendation("town-b", issued_on=date(2026, 2, 1))
    everywhere.places.add(world.places["quartier"])
    named = world.recommendation(
        "town-a", issued_on=date(2026, 2, 1), text="Comme au Lieu hall-b essai"
    )
    told = of_an_edition(world.perimeters["town-a"], FEBRUARY)
    assert set(told) == {followed, lately, everywhere}
    assert named not in told


def test_published_advice_is_no_longer_changed(world: World, sign_in) -> None:
    row = world.recommendation("town-a")
    client = sign_in(world, "coordination")
    assert client.get(f"/preconisations/{row.pk}/modifier/").status_code == 403
    draft = world.recommendation("town-a", is_draft=True)
    data = typed(world, uid=str(draft.uid), version="1", title="Autrement dit")
    assert client.post(f"/preconisations/{draft.pk}/modifier/", data).status_code == 302
    answer = client.post(f"/preconisations/{draft.pk}/modifier/", data | {"title": "Encore"})
    assert answer.status_code == 422
    assert "modifiée entre-temps" in plain(answer)
