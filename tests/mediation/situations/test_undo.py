"""A situation goes back to what it was; every change is readable and undone by who may."""

from datetime import date, timedelta

import pytest

from governance.models import JournalEntry, Party
from mediation.models import AgendaLine, Situation
from mediation.situations import actions as on_situations

from ...conftest import NOW
from ...pages import plain
from ...world import TODAY, World
from ..history.changes import back, oldest, on_agenda

pytestmark = pytest.mark.usefixtures("ticking")


@pytest.fixture
def told(world: World):
    """A situation opened, then changed in everything."""
    by = world.reader("mediateur")
    row = on_situations.open_situation(
        situation=Situation(
            title="Au départ", place=world.places["hall-a"], opened_on=date(2026, 3, 2)
        ),
        involvements={world.parties["owners"]: "Relayer"}, by=by,
    )  # fmt: skip
    row.title, row.next_step, row.next_on = "Ensuite", "Appeler", TODAY
    on_situations.change_situation(
        situation=row, involvements={world.parties["town-a"]: ""}, read_version=1, by=by,
        fields=["title"],
    )  # fmt: skip
    return row


def test_a_situation_goes_back_with_its_parties(world, told, sign_in) -> None:
    client = sign_in(world, "autre-mediateur")
    version = told.version
    for _ in range(2):
        answer = back(client, told, oldest(told), read=version)
    told.refresh_from_db()
    assert (told.title, told.next_step, told.next_on) == ("Au départ", "", None)
    assert dict(told.involvements.values_list("party__slug", "part")) == {"owners": "Relayer"}
    assert told.version == 3
    assert "C’est déjà fait" in plain(answer)
    assert JournalEntry.objects.filter(act="undo").get().kind == "situation complexe"


def test_a_closing_is_undone_with_its_next_step(world, told, mediateur) -> None:
    before = Situation.history.filter(id=told.pk).latest()
    on_situations.close_situation(
        situation=told, outcome="resolu", closing_note="Fini", closed_on=TODAY,
        read_version=told.version, by=world.reader("mediateur"),
    )  # fmt: skip
    back(mediateur, told, before)
    told.refresh_from_db()
    assert (told.state, told.outcome, told.closed_on, told.next_step) == (
        "ouverte", "", None, "Appeler",
    )  # fmt: skip


def test_a_line_taken_off_is_put_back_and_checked_again(world, told, mediateur) -> None:
    line = on_agenda(world, told, date(2026, 3, 24))
    put = Situation.history.filter(id=told.pk).latest()
    on_situations.take_off_agenda(situation=told, key=line.pk, by=world.reader("mediateur"))
    off = Situation.history.filter(id=told.pk).latest()
    back(mediateur, told, put)
    assert AgendaLine.objects.get().line == "Un conflit"
    back(mediateur, told, off)
    assert not AgendaLine.objects.exists()
    AgendaLine.history.update(line="Un conflit chez M. Dupont")
    answer = back(mediateur, told, put)
    assert not AgendaLine.objects.exists()
    assert "elle semble identifier quelqu’un" in plain(answer)


def test_what_a_session_was_shown_stays(world, told, mediateur, ticking) -> None:
    on_agenda(world, told, date(2026, 3, 18))
    ticking(NOW + timedelta(days=3))
    answer = back(mediateur, told, oldest(told))
    told.refresh_from_db()
    assert told.title == "Au départ"
    assert AgendaLine.objects.exists()
    assert "la séance a eu lieu, rien n’y change" in plain(answer)


def test_a_stale_page_of_a_situation_undoes_nothing(world, told, mediateur) -> None:
    answer = back(mediateur, told, oldest(told), read=1)
    assert "modifiée entre-temps" in plain(answer)
    told.refresh_from_db()
    assert told.title == "Ensuite"


def test_a_party_that_is_gone_is_told(world, told, mediateur) -> None:
    gone = Party.objects.create(
        programme=world.programme, slug="passagere", name="Passagère", short_name="P", kind="other"
    )
    on_situations.change_situation(
        situation=told, involvements={gone: "Agir"}, read_version=told.version,
        by=world.reader("mediateur"), fields=["involvements"],
    )  # fmt: skip
    with_it = Situation.history.filter(id=told.pk).latest()
    told.title = "Encore après"
    on_situations.change_situation(
        situation=told, involvements={}, read_version=told.version,
        by=world.reader("mediateur"), fields=["title"],
    )  # fmt: skip
    gone.delete()
    answer = back(mediateur, told, with_it)
    told.refresh_from_db()
    assert told.title == "Ensuite"
    assert not told.involvements.exists()
    assert "une partie n’existe plus" in plain(answer)
