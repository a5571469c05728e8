"""Within how many working days a programme expects an answer: its own, in a page and in its file."""

import tomllib
from datetime import date
from typing import Any

import pytest

from governance.conventions.schema import ConventionFileError, check
from governance.models import JournalEntry
from mediation.frame.conventions import dump, load
from mediation.signalements.actions.state import due_on
from mediation.signalements.delays import answer_days
from mediation.signalements.models.signalements import WORKING_DAYS

from ...pages import text_of
from ...world import TODAY, World

PAGE = "/parametres/delais/"
NEW = {"immediate": 0, "haute": 1, "normale": 5, "faible": 20}


def shown(client: Any) -> str:
    return str(client.get(PAGE).context["seen"])


def test_they_are_the_programmes_own_from_now_on(
    world: World, elsewhere: World, sign_in: Any
) -> None:
    sent = world.sent()
    client = sign_in(world, "coordination")
    answer = client.post(PAGE, NEW | {"seen": shown(client)})
    assert answer.status_code == 302
    assert list(answer_days(world.programme.pk).values()) == [0, 1, 5, 20]
    assert answer_days(elsewhere.programme.pk) == WORKING_DAYS
    assert due_on(world.signalement(), TODAY) == date(2026, 3, 25)
    sent.refresh_from_db()
    assert sent.due_on == date(2026, 3, 30), "what left keeps its day"
    assert JournalEntry.objects.filter(kind="délais de réponse").exists()
    page = sign_in(world, "mediateur").get("/signalements/nouveau/")
    assert 'data-due="2026-03-25"' in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [({"haute": 12}, "Pas avant ce qui est plus urgent"), ({"faible": 300}, "Au plus 250"),
     ({"normale": "dix"}, "nombre entier"), ({"immediate": ""}, "Donnez un nombre")],
)  # fmt: skip
def test_days_that_make_no_sense_are_told(
    typed: dict[str, Any], said: str, world: World, sign_in: Any
) -> None:
    client = sign_in(world, "coordination")
    answer = client.post(PAGE, NEW | typed | {"seen": shown(client)})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert answer_days(world.programme.pk) == WORKING_DAYS


def test_two_who_change_them_at_once(world: World, sign_in: Any) -> None:
    client = sign_in(world, "coordination")
    seen = shown(client)
    client.post(PAGE, NEW | {"seen": seen})
    answer = client.post(PAGE, NEW | {"faible": 25, "seen": seen})
    assert "modifiés entre-temps" in text_of(answer)
    assert client.post(PAGE, NEW | {"seen": seen}).status_code == 302, "the same form, twice"


def test_the_file_of_the_frame_holds_them(world: World, sign_in: Any) -> None:
    convention = world.convention(2026)
    assert "[follow_up]" not in dump(world.programme, convention, TODAY)
    client = sign_in(world, "coordination")
    client.post(PAGE, NEW | {"seen": shown(client)})
    days = client.get("/parametres/relances/")
    typed = {
        f"{kind}_{step}": number
        for kind in ("ordinary", "urgent")
        for number, step in enumerate(("relance", "suppleant", "appel", "comite"), 2)
    }
    client.post("/parametres/relances/", typed | {"seen": days.context["seen"]})
    tables = tomllib.loads(dump(world.programme, convention, TODAY))
    assert tables["follow_up"] == {
        "answers": [0, 1, 5, 20], "ordinary": [2, 3, 4, 5], "urgent": [2, 3, 4, 5],
    }  # fmt: skip
    copy = load(check(tables), programme_slug="copie").programme
    assert list(answer_days(copy.pk).values()) == [0, 1, 5, 20]
    assert [row.days for row in copy.reminder_days.all()] == [[2, 3, 4, 5], [2, 3, 4, 5]]
    tables["follow_up"]["answers"] = [3, 1, 5, 20]
    with pytest.raises(ConventionFileError, match=r"follow_up\.answers"):
        check(tables)
