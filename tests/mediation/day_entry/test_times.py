"""A time of day is typed in many ways, and what is wrong is counted as it is."""

import uuid
from datetime import time
from typing import Any

import pytest
from django.test import Client

from mediation.models import Activity

from ...pages import text_of
from ...world import TODAY, World

PAGE = "/aujourdhui/journee/"


@pytest.fixture
def mediateur(world: World, sign_in) -> Client:
    return sign_in(world, "mediateur")


def posted(world: World, *lines: dict[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {"jour": TODAY.isoformat(), "total": len(lines)}
    for n, changes in enumerate(lines):
        line = {
            "uid": str(uuid.uuid4()), "type": "PAP", "starts_at": "", "minutes": "45",
            "place": world.places["hall-a"].pk,
        } | changes  # fmt: skip
        data |= {f"l{n}-{name}": value for name, value in line.items()}
    return data


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("1405", time(14, 5)), ("905", time(9, 5)), ("0905", time(9, 5)), ("9h30", time(9, 30)),
        ("9H30", time(9, 30)), ("9 h 30", time(9, 30)), ("9:30", time(9, 30)), ("09:30", time(9, 30)),
        ("9", time(9)), ("9h", time(9)), ("14 h", time(14)), ("14 heures", time(14)),
        (" 1405 ", time(14, 5)), ("0000", time(0)), ("", None),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_type_it(typed, at, world, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(world, {"starts_at": typed}))
    assert answer.status_code == 302, text_of(answer)
    assert Activity.objects.get().starts_at == at


@pytest.mark.parametrize("typed", ["2460", "1475", "25h", "14055", "14:3", "midi", "-9", "١٤٠٥"])
def test_what_is_no_time_is_told_and_kept(typed, world, mediateur) -> None:
    answer = mediateur.post(PAGE, posted(world, {"starts_at": typed}))
    assert answer.status_code == 422
    assert "Écrivez l’heure comme 9h30." in text_of(answer)
    assert f'value="{typed}"' in text_of(answer)
    assert not Activity.objects.exists()


def test_lines_and_errors_are_each_counted(world: World, mediateur) -> None:
    wrong = {"starts_at": "midi", "minutes": "", "type": ""}
    answer = mediateur.post(PAGE, posted(world, {}, wrong, {"minutes": "longtemps"}))
    text = text_of(answer)
    assert "1 enregistrée, 2 à corriger." in text
    assert "2\u00a0lignes, 4\u00a0erreurs\u00a0:" in text
    assert text.count(">Ligne 2\u00a0:") == 3
    assert text.count(">Ligne 3\u00a0:") == 1


def test_one_error_a_line_needs_no_second_count(world: World, mediateur) -> None:
    text = text_of(mediateur.post(PAGE, posted(world, {"minutes": ""})))
    assert "1 à corriger." in text
    assert "1\u00a0erreur" not in text
