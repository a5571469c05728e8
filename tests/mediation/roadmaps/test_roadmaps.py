"""The year's plan, the month's derived from it, and what was logged against both (R33, R34, R57)."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from page import ValidationProfile, validate_pdf_bytes
from pypdf import PdfReader

from governance.models import Meeting
from humanicite.lib.writes import Conflict, Done
from mediation.models import PlannedAction, Roadmap
from mediation.roadmaps.actions import (
    change_roadmap,
    derive_month,
    open_year,
    plan_action,
    settle_action,
)
from mediation.roadmaps.progress import progress_of

from ...pages import text_of
from ...world import TODAY, World

YEAR = "/feuilles-de-route/"


def titles(roadmap: Roadmap) -> list[str]:
    return [row.title for row in roadmap.planned_actions.order_by("rank")]


def test_a_month_is_derived_from_the_year_in_one_action(world: World) -> None:
    by = world.reader("mediateur")
    yearly = world.roadmap()
    market = world.planned_action(yearly, title="Marché", quantity=10)
    world.planned_action(
        yearly, title="Fête", starts=date(2026, 6, 1), ends=date(2026, 6, 30), quantity=None
    )
    world.planned_action(yearly, title="Finie", state="done")
    march = derive_month(yearly=yearly, month=3, by=by)
    assert titles(march) == ["Marché"]
    part = march.planned_actions.get()
    assert (part.parent, part.starts, part.ends) == (market, date(2026, 3, 1), date(2026, 3, 31))
    assert part.quantity == 1, "ten over the ten months that are left"
    with pytest.raises(Done) as known:
        derive_month(yearly=yearly, month=3, by=by)
    assert known.value.row == march
    assert PlannedAction.objects.filter(roadmap=march).count() == 1


def test_what_a_month_did_not_finish_comes_again(world: World) -> None:
    by = world.reader("coordination")
    yearly = world.roadmap()
    march = derive_month(yearly=yearly, month=3, by=by)
    for title, state in (("Affiche", "planned"), ("Tri", "done")):
        world.planned_action(march, title=title, state=state)
    april = derive_month(yearly=yearly, month=4, by=by)
    assert titles(april) == ["Affiche"]
    assert april.planned_actions.get().starts == date(2026, 4, 1)


def test_carried_over_it_is_found_in_the_next_month_once(world: World) -> None:
    by = world.reader("mediateur")
    yearly = world.roadmap()
    march, april = (derive_month(yearly=yearly, month=month, by=by) for month in (3, 4))
    action = world.planned_action(march, title="Affiche")
    for version in (1, 2):
        settle_action(
            action=action, state="carried", reason="Salle prise", read_version=version, by=by
        )
    assert titles(april) == ["Affiche"]
    action.refresh_from_db()
    assert (action.state, action.reason) == ("carried", "Salle prise")


def test_one_entry_counts_for_the_month_and_the_year_as_far_as_one_reads(world: World) -> None:
    yearly = world.roadmap()
    action = world.planned_action(yearly, quantity=4)
    march = derive_month(yearly=yearly, month=3, by=world.reader("mediateur"))
    part = march.planned_actions.get()
    for place in ("hall-a", "hall-b", "quartier"):
        world.activity(place, planned_action=part)
    world.activity("hall-a", planned_action=action)
    for who, of_year, of_month in (("coordination", 4, 3), ("town-a", 3, 2), ("town-b", 2, 2)):
        reader = world.reader(who)
        [line] = progress_of(yearly, reader, TODAY).lines
        assert line.logged == of_year, who
        [line] = progress_of(march, reader, TODAY).lines
        assert line.logged == of_month, who


def test_the_number_of_queries_does_not_grow(world: World, django_assert_num_queries: Any) -> None:
    reader = world.reader("town-a")
    assert reader.perimeter
    assert reader.perimeter.intervals
    yearly = world.roadmap()
    for number in range(20):
        world.activity(planned_action=world.planned_action(yearly, title=f"Action {number}"))
    with django_assert_num_queries(3):
        assert len(progress_of(yearly, reader, TODAY).lines) == 20


def test_a_draft_stays_with_the_operator(world: World, elsewhere: World, sign_in: Any) -> None:
    draft = world.roadmap(state="draft", goals="Objectif secret")
    world.planned_action(draft, title="Action secrète")
    other = elsewhere.roadmap()
    for who in ("town-a", "town-b"):
        client = sign_in(world, who)
        assert "2026" not in text_of(client.get(YEAR)).split("<main")[1].split("</main")[0]
        assert client.get(f"{YEAR}{draft.pk}/").status_code == 404
        assert client.get(f"{YEAR}{draft.pk}/pdf/").status_code == 404
        assert client.get(f"{YEAR}{other.pk}/").status_code == 404
    assert sign_in(world, "invite").get(YEAR).status_code == 403
    Roadmap.objects.filter(pk=draft.pk).update(state="proposed", is_internal=False)
    page = text_of(sign_in(world, "town-a").get(f"{YEAR}{draft.pk}/"))
    assert "Action secrète" in page
    assert "Ajouter une action" not in page


def test_a_partner_plans_nothing(world: World) -> None:
    by = world.reader("town-a")
    yearly = world.roadmap()
    with pytest.raises(PermissionDenied):
        open_year(year=2027, by=by)
    with pytest.raises(PermissionDenied):
        derive_month(yearly=yearly, month=3, by=by)
    with pytest.raises(PermissionDenied):
        plan_action(action=PlannedAction(roadmap=yearly, title="Intrus"), by=by)


def test_the_coordination_validates_with_the_committees_meeting(world: World, sign_in: Any) -> None:
    steering = world.programme.committees.create(
        slug="pilotage", name="Comité de pilotage", kind="steering"
    )
    meeting = Meeting.objects.create(
        committee=steering, day=date(2026, 2, 3), starts_at="10:00", ends_at="12:00", state="held"
    )
    yearly = world.roadmap()
    data = {"goals": "Apaiser", "state": "validated", "meeting": meeting.pk, "version": 1}
    refused = sign_in(world, "mediateur").post(f"{YEAR}{yearly.pk}/modifier/", data)
    assert "La coordination valide" in text_of(refused)
    client = sign_in(world, "coordination")
    assert client.post(f"{YEAR}{yearly.pk}/modifier/", data).status_code == 302
    yearly.refresh_from_db()
    assert (yearly.state, yearly.validated_on, yearly.meeting) == (
        "validated", date(2026, 2, 3), meeting,
    )  # fmt: skip
    without = {"goals": "", "state": "validated", "version": 2}
    page = text_of(client.post(f"{YEAR}{yearly.pk}/modifier/", without))
    assert "Dites quel jour elle a été validée" in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts": "2025-12-31"}, "n’est pas de cette année"),
        ({"ends": "2027-01-01"}, "n’est pas de cette année"),
        ({"starts": "2026-05-02", "ends": "2026-05-01"}, "La fin précède le début"),
        ({"title": ""}, "Dites ce qui est prévu"),
        ({"objective": ""}, "Choisissez l’objectif"),
        ({"quantity": "0"}, "au moins une"),
        ({"quantity": "beaucoup"}, "un nombre entier"),
        ({"starts": "31/02/2026"}, "Cette date n’existe pas"),
    ],
)
def test_a_wrong_action_is_said_beside_its_field_and_kept(
    world: World, sign_in: Any, changes: dict[str, str], said: str
) -> None:
    yearly = world.roadmap()
    data = {
        "uid": "7d1b0b6e-2f0c-4c3c-9a53-1e7a4c0a1a11", "title": "Café", "starts": "2026-01-01",
        "ends": "2026-12-31", "objective": str(world.objectives[0].pk), "quantity": "3",
        "expected": "Dix voisins à chaque fois", "type": "", "place": "",
    }  # fmt: skip
    client = sign_in(world, "mediateur")
    page = text_of(client.post(f"{YEAR}{yearly.pk}/actions/", data | changes))
    assert said in page
    assert "Dix voisins à chaque fois" in page, "what was typed stays"
    assert not PlannedAction.objects.exists()
    for _ in range(2):
        assert client.post(f"{YEAR}{yearly.pk}/actions/", data).status_code == 302
    assert PlannedAction.objects.count() == 1, "the same form twice is one action"


def test_two_writers_do_not_overwrite_each_other(world: World, sign_in: Any) -> None:
    yearly = world.roadmap()
    by = world.reader("coordination")
    kept: dict[str, Any] = {"state": "proposed", "meeting": None, "validated_on": None}
    change_roadmap(roadmap=yearly, goals="Premier", read_version=1, by=by, **kept)
    with pytest.raises(Conflict):
        change_roadmap(roadmap=yearly, goals="Second", read_version=1, by=by, **kept)
    action = world.planned_action(yearly)
    client = sign_in(world, "mediateur")
    settle_action(action=action, state="done", reason="", read_version=1, by=by)
    answer = client.post(f"{YEAR}actions/{action.pk}/suite/", {"state": "planned", "version": 1})
    assert "a été modifiée entre-temps" in text_of(answer).replace("\u00a0", " ")
    action.refresh_from_db()
    assert action.state == "done"


def test_a_dropped_action_says_why(world: World, sign_in: Any) -> None:
    action = world.planned_action(world.roadmap())
    path = f"{YEAR}actions/{action.pk}/suite/"
    page = text_of(sign_in(world, "mediateur").post(path, {"state": "dropped", "version": 1}))
    assert "Dites pourquoi, en quelques mots" in page
    action.refresh_from_db()
    assert action.state == "planned"


def test_the_year_is_opened_once_and_in_sense(world: World, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    for year, said in (("1789", "de 2021 à 2028"), ("", "Indiquez l’année"), ("x", "une année")):
        assert said in text_of(client.post(f"{YEAR}nouvelle/", {"year": year}))
    for _ in range(2):
        assert client.post(f"{YEAR}nouvelle/", {"year": "2026"}).status_code == 302
    assert Roadmap.objects.count() == 1
    [yearly] = Roadmap.objects.all()
    wrong = client.post(f"{YEAR}{yearly.pk}/mois/", {"mois": "13"}, follow=True)
    assert "Choisissez le mois" in text_of(wrong)
    for _ in range(2):
        client.post(f"{YEAR}{yearly.pk}/mois/", {"mois": "4"})
    assert Roadmap.objects.filter(month=4).count() == 1


def test_the_file_is_archivable_and_of_ones_perimeter(world: World, sign_in: Any) -> None:
    yearly = world.roadmap(goals="Apaiser les soirées")
    action = world.planned_action(yearly, title="Café des voisins", place=world.places["hall-a"])
    world.activity("hall-b", planned_action=action)
    answer = sign_in(world, "town-a").get(f"{YEAR}{yearly.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    for profile in (ValidationProfile.PDF_A_3A, ValidationProfile.PDF_UA_1):
        found = validate_pdf_bytes(answer.content, profile=profile)
        assert found.is_compliant, [failure.message for failure in found.failures]
    pages = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert "Café des voisins" in text
    assert "0 sur 12" in text
