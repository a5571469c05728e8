"""Columns matched with fields, and values with what the programme knows."""

import pytest
from django.core.exceptions import ValidationError

from mediation.imports import actions
from mediation.imports.fields import Columns, Vocabulary
from mediation.models import (
    Activity,
    ColumnMapping,
    Frame,
    ImportState,
)

from ...world import World
from .files import GOOD, a_csv, check, receive


def test_headers_propose_their_fields(world: World) -> None:
    columns = Columns(Frame(world.programme.pk))
    habitants, students = (audience.pk for audience in world.audiences)
    told = {
        "Jour": "day", "Date de l’activité": "day", "Activité": "type", "Type d’activité": "type",
        "LIEU D’INTERVENTION": "place", "Durée (min)": "minutes", "Durée en minutes": "minutes",
        "Durée (h)": "hours", "Nombre d’heures": "hours", "Heures": "hours",
        "Heure de début": "starts_at", "Début": "starts_at", "Thématiques": "theme",
        "Seconde thématique": "second_theme", "Thème 2": "second_theme", "Suite donnée": "outcome",
        "Origine de la demande": "origin", "Observations": "internal_note", "Résumé": "summary",
        "Publics : Habitants essai": f"audience:{habitants}:np", "Relecture": None, "Axe": None,
        "Nb étudiants essai (jeunes)": f"audience:{students}:jeunes", "Dateur": None,
        "Type de partenaire": "partner_kind", "Forme du conflit": "conflict_form",
        "Motif du refus": "refusal", "Accord recueilli": "consent",
    }  # fmt: skip
    for header, field in told.items():
        assert columns.propose([header, "Autre"]) == ({field: header} if field else {}), header
    assert columns.propose(["Durée (h)", "Durée (min)"]) == {"minutes": "Durée (min)"}


def test_every_value_is_found_by_label_code_or_slug(world: World) -> None:
    frame = Frame(world.programme.pk)
    words = Vocabulary(frame, {})
    for field in ("type", "place", "theme", "objective", "outcome", "origin", "refusal", "conflict_form",
                  "partner_kind", "consent"):  # fmt: skip
        for name, label in words.options(field):
            assert words.find(field, name) == words.find(field, label.strip().upper())
    assert words.find("objective", "Axe 2, objectif 1") == world.objectives[1]
    with pytest.raises(KeyError):
        words.find("theme", "Inconnue")


def test_columns_that_will_not_do_are_told_all_at_once(world: World) -> None:
    job = receive(world, a_csv([GOOD]))
    by = world.reader("coordination")
    with pytest.raises(ValidationError) as error:
        actions.set_columns(job=job, columns={"day": "Date", "type": "Absente", "x": "Lieu"}, by=by)
    said = " ".join(error.value.messages)
    for words in ("Lieu", "Durée", "« Absente »", "« x »"):
        assert words in said
    assert not ColumnMapping.objects.exists()


def test_a_matching_is_remembered_for_the_same_headers(world: World) -> None:
    headers = ["A", "B", "C", "D", "E"]
    rows = [["10/03/2026", "Tournée", "hall-a", "45", "Divers"],
            ["11/03/2026", "tournée", "Le hall", "45", "Divers"]]  # fmt: skip
    by = world.reader("coordination")
    job = receive(world, a_csv(rows, headers))
    assert job.columns == {}
    columns = {"day": "A", "type": "B", "place": "C", "minutes": "D", "theme": "E"}
    actions.set_columns(job=job, columns=columns, by=by)
    check(world, job)
    assert job.unknown == {"type": {"Tournée": 1, "tournée": 1}, "place": {"Le hall": 1},
                           "theme": {"Divers": 2}}  # fmt: skip
    assert (job.bad_rows, job.fault_count) == (2, 5)
    matched = {"type": {"Tournée": "PAP"}, "place": {"Le hall": "hall-b"}, "theme": {"Divers": ""}}
    with pytest.raises(ValidationError, match="n’existe plus"):
        actions.match_values(job=job, values={"place": {"Le hall": ""}}, by=by)
    actions.match_values(job=job, values=matched, by=by)
    check(world, job)
    assert job.state == ImportState.CHECKED
    actions.write_import(job=job, by=by)
    found = Activity.objects.order_by("day").values_list("type", "place__slug", "theme")
    assert list(found) == [("PAP", "hall-a", None), ("PAP", "hall-b", None)]
    # The next file, its columns in another order, asks nothing.
    rows = [["45", "Divers", "12/03/2026", "TOURNÉE", "Le hall"]]
    again = receive(world, a_csv(rows, ["D", "E", "A", "B", "C"]))
    assert again.columns == columns
    assert check(world, again).state == ImportState.CHECKED


def test_a_value_matched_with_what_is_gone_is_asked_again(world: World) -> None:
    frame = Frame(world.programme.pk)
    words = Vocabulary(frame, {"place": {"Le hall": "disparu"}})
    with pytest.raises(KeyError):
        words.find("place", "Le hall")
