"""What the trade records: refusals with their reason, forms of conflicts, partners, consent (R21, R25)."""

import csv
import io
import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from mediation.models import Activity
from mediation.worktime.hours import WORK

from ...pages import plain

NEW = "/activites/nouvelle/"


def text_of(answer: Any) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", plain(answer)).split())


OF_EACH = [
    ("CONF", "conflict_form", "navette", "Forme du conflit Différé, navette"),
    ("RELA", "partner_kind", "health", "Type de partenaire Structure sanitaire"),
    ("RELA", "consent", "oui", "Accord recueilli Oui"),
]


@pytest.mark.parametrize(("type_", "field", "value", "said"), OF_EACH)
def test_what_a_type_has_is_kept_for_that_type_alone(
    world, entry, mediateur, type_, field, value, said
) -> None:
    mediateur.post(NEW, entry(type=type_, **{field: value}))
    saved = Activity.objects.get()
    assert getattr(saved, field) == value
    assert said in text_of(mediateur.get(f"/activites/{saved.pk}/"))
    # Somebody was wrong about the type: what only the former has goes with it, without a fault.
    changed = entry(type="PAP", uid=str(saved.uid), version=saved.version, **{field: value})
    mediateur.post(f"/activites/{saved.pk}/modifier/", changed)
    saved.refresh_from_db()
    assert (saved.type, getattr(saved, field)) == ("PAP", "")


def test_a_refusal_needs_its_reason_and_what_was_typed_stays(world, entry, mediateur) -> None:
    refused = {"type": "CONF", "outcome": "refuse", "internal_note": "Le voisin se retire."}
    answer = mediateur.post(NEW, entry(**refused))
    assert "Dites pourquoi : toute demande refusée a une réponse." in text_of(answer)
    assert "Le voisin se retire." in answer.content.decode()
    mediateur.post(NEW, entry(**refused, refusal="accord"))
    assert Activity.objects.get().get_refusal_display() == "Accord d’une personne refusé ou retiré"


def test_a_reason_goes_with_the_refusal(world, entry, mediateur) -> None:
    mediateur.post(NEW, entry(outcome="refuse", refusal="cadre"))
    saved = Activity.objects.get()
    changed = entry(uid=str(saved.uid), version=saved.version, outcome="resolu", refusal="cadre")
    mediateur.post(f"/activites/{saved.pk}/modifier/", changed)
    saved.refresh_from_db()
    assert (saved.outcome, saved.refusal) == ("resolu", "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "refuse"}, {"refusal": "cadre"}, {"type": "PAP", "conflict_form": "table"},
        {"type": "CONF", "partner_kind": "town"}, {"type": "CONF", "consent": "oui"},
        {"type": "RELA", "partner_kind": "operator"}, {"type": "CONF", "conflict_form": "duel"},
    ],
)  # fmt: skip
def test_the_database_knows_no_other(world, wrong) -> None:
    activity = world.activity()
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(pk=activity.pk).update(**wrong)


def test_the_days_page_keeps_what_it_does_not_show(world, mediateur) -> None:
    rows = [
        world.activity(type="RELA", partner_kind="town", consent="oui"),
        world.activity(type="CONF", conflict_form="table", outcome="refuse", refusal="cadre"),
    ]
    data = {"jour": rows[0].day.isoformat(), "total": 2}
    for n, (row, type_) in enumerate(zip(rows, ("RELA", "PAP"), strict=True)):
        data |= {
            f"l{n}-id": row.pk, f"l{n}-version": row.version, f"l{n}-uid": str(row.uid),
            f"l{n}-type": type_, f"l{n}-place": row.place_id, f"l{n}-minutes": "50",
            f"l{n}-starts_at": "", f"l{n}-themes": "", f"l{n}-internal_note": "", f"l{n}-summary": "",
        }  # fmt: skip
    mediateur.post("/aujourdhui/journee/", data)
    for row in rows:
        row.refresh_from_db()
    assert [row.minutes for row in rows] == [50, 50]
    assert (rows[0].partner_kind, rows[0].consent) == ("town", "oui")
    assert (rows[1].type, rows[1].conflict_form, rows[1].refusal) == ("PAP", "", "cadre")


def test_partners_read_the_form_of_a_conflict_and_nothing_of_who_comes(world, sign_in) -> None:
    refused = world.activity(type="RELA", outcome="refuse", refusal="securite",
                             partner_kind="health", consent="oui")  # fmt: skip
    conflict = world.activity(type="CONF", conflict_form="table")
    town = sign_in(world, "town-a")
    told = text_of(town.get(f"/activites/{refused.pk}/"))
    assert "Refusé ou retiré" in told
    for word in ("Sécurité non assurée", "sanitaire", "Accord recueilli"):
        assert word not in told
    assert "table ronde" in text_of(town.get(f"/activites/{conflict.pk}/"))
    file = b"".join(town.get("/activites/?_export=csv").streaming_content).decode("utf-8-sig")
    header, *_ = csv.reader(io.StringIO(file), delimiter=";")
    assert "Forme du conflit" in header
    assert not {"Motif du refus", "Partenaire", "Accord recueilli"} & set(header)


def test_the_list_is_narrowed_by_each(world, sign_in) -> None:
    rows = {
        "forme=table": world.activity(type="CONF", conflict_form="table"),
        "motif=cadre": world.activity(outcome="refuse", refusal="cadre"),
        "partenaire=town": world.activity(type="RELA", partner_kind="town"),
        "accord=so": world.activity(type="RELA", consent="so"),
        "suite=relais": world.activity(outcome="relais"),
    }
    team, town = sign_in(world, "coordination"), sign_in(world, "town-a")
    for query, row in rows.items():
        page = text_of(team.get(f"/activites/?{query}"))
        assert "1 activité" in page, query
        assert row.is_visible_to(world.reader("town-a"))
    for query in ("motif=cadre", "partenaire=town", "accord=so"):
        assert "5 activités" in text_of(town.get(f"/activites/?{query}")), query


def test_analysis_of_practice_counts_as_work() -> None:
    assert WORK["analyse"] == "Analyse de la pratique"
