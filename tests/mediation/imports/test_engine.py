"""All or nothing, once, in steps; and what it costs."""

import io
import random
import tracemalloc
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.models import Convention, JournalEntry, Membership
from mediation.activities import actions as mediation_actions
from mediation.imports import actions, tables
from mediation.imports.engine import Engine
from mediation.imports.fields import Columns
from mediation.models import (
    Activity,
    ActivityImport,
    Frame,
    ImportState,
)

from ...conftest import LONG, NOW
from ...world import TODAY, World
from .files import GOOD, a_csv, an_xlsx, check, imported, receive, row

# --- All or nothing, once, in steps ---------------------------------------------------------------


def rows_of_a_year(count: int, bad: int = 0) -> list[list[Any]]:
    """Different rows, `bad` of them wrong in one way or another, anywhere in the file."""
    made = [
        row(
            date=f"{date(2025, 1, 1) + timedelta(days=n % 365):%d/%m/%Y}",
            note=f"Note {n}, échange avec des habitants.", publics=str(n % 30),
            durée=str(15 + n % 90), lieu=("hall-a", "Lieu hall-b essai", "ilot-a")[n % 3],
        )
        for n in range(count)
    ]  # fmt: skip
    spoilt = random.Random(36).sample(range(count), bad)
    for number, at in enumerate(spoilt):
        column, value = (("date", "31/02/2025"), ("lieu", "?"), ("durée", "zéro"))[number % 3]
        made[at] = row(**{column: value})
    return made


SIZE = 10_000 if LONG else 400


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_thirty_seven_bad_rows_are_told_exactly_and_nothing_is_done(world, form) -> None:
    rows = rows_of_a_year(SIZE, bad=37)
    expected = [
        (n, wrong)
        for n, line in enumerate(rows, 2)
        for wrong in ("31/02/2025", "?", "zéro")
        if wrong in line
    ]
    assert len(expected) == 37
    job = receive(world, a_csv(rows) if form == "csv" else an_xlsx(rows), f"x.{form}")
    check(world, job, most=SIZE // 4 + 1)
    assert job.state == ImportState.REFUSED
    assert (job.rows, job.checked, job.bad_rows, job.fault_count) == (SIZE, SIZE, 37, 37)
    assert [(line, value) for line, _, value, *_ in job.faults] == expected
    with pytest.raises(actions.MovedMeanwhile):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert not Activity.objects.exists()
    assert not Activity.history.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_read_twice_doubles_nothing(world: World, form: str) -> None:
    """Also where rows say the same, and where the second file is another kind or has more rows."""
    rows = rows_of_a_year(60) + [GOOD, GOOD, row(durée="90 min")]
    content = a_csv(rows) if form == "csv" else an_xlsx(rows)
    job = imported(world, content, f"x.{form}")
    assert (job.created, job.known) == (63, 0)
    again = imported(world, content, f"x.{form}")
    assert (again.created, again.known) == (0, 63)
    other = an_xlsx([*rows, row(durée="30")]) if form == "csv" else a_csv([*rows, row(durée="30")])
    more = check(world, receive(world, other, "y." + ("xlsx" if form == "csv" else "csv")))
    assert (more.rows, more.known) == (64, 63)
    actions.write_import(job=more, by=world.reader("coordination"))
    assert Activity.objects.count() == 64
    assert Activity.history.count() == 64


def test_the_same_row_of_two_mediateurs_is_two_activities(world: World) -> None:
    imported(world, a_csv([GOOD]))
    job = check(world, receive(world, a_csv([GOOD]), worker=world.user("autre-mediateur")))
    assert job.known == 0


def test_a_row_edited_since_is_not_brought_back(world: World) -> None:
    imported(world, a_csv([GOOD]))
    Activity.objects.update(internal_note="Corrigée depuis.")
    assert imported(world, a_csv([GOOD])).known == 1
    assert Activity.objects.get().internal_note == "Corrigée depuis."


def test_checking_goes_on_where_it_stopped(world: World) -> None:
    """A process that dies between two pieces loses nothing; two tabs count no row twice."""
    job = receive(world, a_csv(rows_of_a_year(100, bad=5)))
    by = world.reader("coordination")
    actions.set_columns(job=job, columns=job.columns, by=by)
    actions.advance(job=job, by=by, most=30)
    stale = ActivityImport.objects.get(pk=job.pk)
    assert (stale.checked, stale.state) == (30, ImportState.CHECKING)
    actions.advance(job=job, by=by, most=30)
    with pytest.raises(actions.MovedMeanwhile):
        actions.advance(job=stale, by=by, most=30)
    check(world, ActivityImport.objects.get(pk=job.pk), most=30)
    job.refresh_from_db()
    assert (job.checked, job.bad_rows, job.fault_count) == (100, 5, 5)
    assert len({line for line, *_ in job.faults}) == 5


def test_a_failure_while_writing_leaves_nothing(world: World, monkeypatch) -> None:
    job = check(world, receive(world, a_csv(rows_of_a_year(1200))))
    whole = mediation_actions.log_activities
    calls = []

    def fails_later(**options: Any) -> None:
        calls.append(len(options["drafts"]))
        if len(calls) == 2:
            raise RuntimeError
        whole(**options)

    monkeypatch.setattr(mediation_actions, "log_activities", fails_later)
    with pytest.raises(RuntimeError):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert calls == [500, 500]
    assert not Activity.objects.exists()
    assert not JournalEntry.objects.exists()
    job.refresh_from_db()
    assert job.state == ImportState.CHECKED
    monkeypatch.undo()


def test_what_changed_since_the_check_is_checked_again(world: World) -> None:
    job = check(world, receive(world, a_csv([GOOD, row(date="10/03/2025")])))
    Convention.objects.filter(slug="2025").update(starts=date(2025, 6, 1))
    with pytest.raises(ValidationError, match="vérifié de nouveau"):
        actions.write_import(job=job, by=world.reader("coordination"))
    assert not Activity.objects.exists()
    job.refresh_from_db()
    assert (job.state, job.checked) == (ImportState.CHECKING, 0)
    assert check(world, job).bad_rows == 1


def test_a_second_press_writes_nothing(world: World) -> None:
    job, by = check(world, receive(world, a_csv([GOOD]))), world.reader("coordination")
    for _ in range(2):
        actions.write_import(job=job, by=by)
    assert Activity.objects.count() == 1
    assert JournalEntry.objects.count() == 1
    with pytest.raises(actions.MovedMeanwhile):
        actions.abandon_import(job=job, by=by)


def test_the_same_file_waiting_is_found_again(world: World) -> None:
    first = receive(world, a_csv([GOOD]))
    assert receive(world, a_csv([GOOD]), "autre-nom.csv") == first
    assert receive(world, a_csv([GOOD]), worker=world.user("autre-mediateur")) != first


def test_a_file_that_waited_a_month_goes_when_another_comes(world: World, clock: Any) -> None:
    first = receive(world, a_csv([GOOD]))
    done = imported(world, a_csv([GOOD, GOOD]))
    clock(NOW + timedelta(days=31))
    receive(world, a_csv([GOOD] * 3))
    assert not ActivityImport.objects.filter(pk=first.pk).exists()
    assert ActivityImport.objects.filter(pk=done.pk).exists()


def stored() -> set[str]:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    return {path.name for path in folder.rglob("*") if path.is_file()}


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_once_imported_or_abandoned(world: World) -> None:
    before, by = stored(), world.reader("coordination")
    job = check(world, receive(world, a_csv([GOOD])))
    other = receive(world, a_csv([GOOD, GOOD]))
    assert len(stored() - before) == 2
    actions.write_import(job=job, by=by)
    actions.abandon_import(job=other, by=by)
    assert stored() == before
    assert ActivityImport.objects.get().file.name == ""


def test_only_the_coordination_imports(world: World, elsewhere: World, sign_in) -> None:
    job = receive(world, a_csv([GOOD]))
    by = world.reader("mediateur")
    for act in (
        lambda: receive(world, a_csv([GOOD, GOOD]), by=by),
        lambda: receive(world, a_csv([GOOD]), worker=elsewhere.user("mediateur")),
        lambda: receive(world, a_csv([GOOD]), worker=world.user("town-a")),
        lambda: actions.set_columns(job=job, columns=job.columns, by=by),
        lambda: actions.write_import(job=job, by=by),
        lambda: actions.abandon_import(job=job, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    for who in ("mediateur", "town-a"):
        assert sign_in(world, who).get("/activites/importer/").status_code == 403


def test_a_mediateur_who_left_can_be_chosen(world: World) -> None:
    Membership.objects.filter(pk=world.memberships["mediateur"].pk).update(ends=date(2025, 12, 31))
    assert world.user("mediateur") in actions.workers(world.programme.pk)


# --- Cost -----------------------------------------------------------------------------------------


def engine(world: World, content: bytes) -> Engine:
    table = tables.open_table(io.BytesIO(content))
    frame = Frame(world.programme.pk)
    return Engine(
        table=table, columns=Columns(frame).propose(table.headers), values={}, frame=frame,
        worker=world.user("mediateur"), today=TODAY,
    )  # fmt: skip


def peak(act: Any) -> float:
    """The most memory that Python held meanwhile, beyond what it held before, in MB."""
    tracemalloc.start()
    act()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def test_checking_needs_the_same_memory_however_long_the_file(world: World) -> None:
    few, many = (engine(world, a_csv(rows_of_a_year(n))) for n in (500, 10_000 if LONG else 1_500))
    few.check(most=5)  # what is loaded once
    small, large = peak(lambda: few.check(tell=len)), peak(lambda: many.check(tell=len))
    assert large < small * 1.25 + 0.3, (small, large)


def test_writing_makes_as_many_queries_a_batch_for_a_long_file(world: World) -> None:
    def queries(content: bytes) -> int:
        import_of = engine(world, content)
        import_of.check()
        with CaptureQueriesContext(connection) as caught:
            import_of.write(by=world.reader("coordination"))
        return len(caught)

    one = queries(a_csv(rows_of_a_year(500)))
    Activity.objects.all().delete()
    three = queries(a_csv(rows_of_a_year(1500)))
    assert three - 3 <= 3 * (one - 3)
    assert one < 60


@pytest.mark.skipif(not LONG, reason="half a minute")
def test_ten_thousand_rows_at_once(world: World) -> None:
    content = a_csv(rows_of_a_year(10_000))
    job = check(world, receive(world, content))
    most = peak(lambda: actions.write_import(job=job, by=world.reader("coordination")))
    assert Activity.objects.count() == 10_000
    assert most < 30, most
    assert imported(world, content).known == 10_000
