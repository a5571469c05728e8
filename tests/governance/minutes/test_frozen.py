"""What is approved does not change, by whatever path; a correction is one version more."""

from typing import Any

import pytest
from django.db import transaction

from governance.base import Frozen
from governance.models import ActionItem, AgendaItem, Decision, Minutes

from ...pages import plain
from .test_life import approved, write


@pytest.fixture
def minutes(world, seance, sign_in) -> Any:
    return approved(world, sign_in, seance)


def test_no_path_changes_what_is_approved(world, seance, minutes) -> None:
    item, decision = seance.items.first(), Decision.objects.get()
    action = ActionItem.objects.get()
    for row, field in (
        (minutes, "reason"), (item, "notes"), (decision, "text"), (action, "text"),
    ):  # fmt: skip
        rows = type(row).objects.filter(pk=row.pk)
        setattr(row, field, "Autre chose")
        for change in (
            row.save,
            lambda row=row, field=field: row.save(update_fields=[field]),
            lambda rows=rows, field=field: rows.update(**{field: "Autre chose"}),
            lambda rows=rows, row=row, field=field: rows.bulk_update([row], [field]),
            row.delete,
            rows.delete,
        ):
            with pytest.raises(Frozen), transaction.atomic():
                change()
        assert getattr(rows.get(), field) != "Autre chose"
    with pytest.raises(Frozen):
        world.item(seance, title="Un point de plus")
    with pytest.raises(Frozen):
        world.decision(item)
    with pytest.raises(Frozen):
        Decision.objects.bulk_create([Decision(item=item, text="En douce")])
    with pytest.raises(Frozen):
        AgendaItem.objects.filter(meeting=seance).update(rank=9)


def test_its_pages_refuse_as_well(world, seance, minutes, sign_in) -> None:
    client = sign_in(world, "coordination")
    item = seance.items.first()
    assert write(client, item, notes="Autre chose").status_code == 422
    client.post(f"/comites/points/{item.pk}/reporter/", {"version": item.version})
    client.post(
        f"/comites/seances/{seance.pk}/compte-rendu/presences/",
        {f"etat-{seance.invitations.first().pk}": "absent"},
    )
    item.refresh_from_db()
    assert item.notes == "Les lampes sont anciennes."
    assert item.outcome == "treated"
    assert seance.invitations.first().attendance == "present"


def test_what_becomes_of_an_action_goes_on(minutes, world, sign_in) -> None:
    action = ActionItem.objects.get()
    client = sign_in(world, "town-a")
    answer = client.post(
        f"/decisions/actions/{action.pk}/suite/",
        {"state": "done", "note": "Devis reçu", "version": action.version},
    )
    assert answer.status_code == 302
    action.refresh_from_db()
    assert (action.state, action.closing_note) == ("done", "Devis reçu")


def correct(client: Any, seance: Any, reason: str = "Une précision", **notes: str) -> Any:
    data = {"reason": reason}
    for item in seance.items.all():
        mine = f"p{item.pk}-"
        data |= {f"{mine}version": item.version, f"{mine}outcome": item.outcome}
        data[f"{mine}notes"] = notes.get("notes", item.notes) if item.notes else item.notes
    return client.post(f"/comites/seances/{seance.pk}/compte-rendu/corriger/", data)


def test_a_correction_is_a_version_that_says_what_changed(world, seance, minutes, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = correct(client, seance, notes="Les lampes datent de 2010.")
    assert answer.status_code == 302, plain(answer)
    new = Minutes.objects.get(number=2)
    assert (new.stage, new.reason) == ("approved", "Une précision")
    assert new.content["changes"] == [
        {
            "point": "Éclairage des allées", "label": "Information",
            "before": "Les lampes sont anciennes.", "after": "Les lampes datent de 2010.",
        }
    ]  # fmt: skip
    minutes.refresh_from_db()
    assert minutes.content["items"][0]["notes"] == "Les lampes sont anciennes."
    old = plain(sign_in(world, "town-a").get(f"/comites/comptes-rendus/{minutes.pk}/"))
    assert "Les lampes sont anciennes." in old
    assert f"/comites/comptes-rendus/{new.pk}/" in old
    assert Decision.objects.get().reference == "2026-1"


def test_a_correction_needs_a_reason_and_a_change(world, seance, minutes, sign_in) -> None:
    client = sign_in(world, "coordination")
    page = plain(correct(client, seance, reason="", notes="Autre."))
    assert "Dites ce que cette version change, et pourquoi." in page
    assert "Autre." in page
    assert "Rien n’est changé" in plain(correct(client, seance))
    assert Minutes.objects.count() == 1
    assert seance.items.first().notes == "Les lampes sont anciennes."


def test_numbers_have_no_gap_when_an_approval_is_refused(world, seance, sign_in) -> None:
    client = sign_in(world, "coordination")
    answer = client.post(f"/comites/seances/{seance.pk}/compte-rendu/approuver/")
    assert answer.status_code == 422
    assert not Decision.objects.exclude(number=None).exists()
