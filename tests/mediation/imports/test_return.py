"""A list exported from here comes back and changes nothing."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from mediation.imports import actions
from mediation.models import Activity, ImportState

from ...world import World
from ..activities.test_exports import export, rows  # noqa: F401  # a fixture
from .files import check, receive, saved


def told(world: World) -> list[tuple[Any, ...]]:
    return list(Activity.objects.order_by("pk").values_list())


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_that_comes_back_changes_nothing(rows: World, sign_in, form: str) -> None:  # noqa: F811
    """Even rows whose activity was edited since, or would not be accepted as new."""
    client, before = sign_in(rows, "coordination"), None
    content = export(client, form).content_read
    Activity.objects.filter(pk=Activity.objects.first().pk).update(minutes=77)
    before = told(rows)
    job = check(rows, receive(rows, content, f"x.{form}"))
    assert job.columns["uid"] == "Identifiant Humanicité"
    assert (job.state, job.known, job.rows) == (ImportState.CHECKED, len(before), len(before))
    text = client.get(f"/activites/importer/{job.pk}/").content.decode()
    assert "ni doublées ni modifiées" in text
    assert "il n’y a rien à enregistrer" in text
    written = actions.write_import(job=job, by=rows.reader("coordination"))
    assert (written.created, written.known) == (0, len(before))
    assert told(rows) == before


def test_a_row_added_to_an_export_comes_in_once(rows: World, sign_in) -> None:  # noqa: F811
    """With its médiateur; an identity that is not known here is that of nobody."""
    count = Activity.objects.count()
    book = load_workbook(
        io.BytesIO(export(sign_in(rows, "coordination"), "xlsx", "?type=CONF").content_read)
    )
    page = book.active
    at = {cell.value: cell.column for cell in page[1]}
    page.delete_rows(3, page.max_row)
    for column in at.values():
        page.cell(3, column, page.cell(2, column).value)
    page.cell(3, at["Identifiant Humanicité"]).value = None
    page.cell(3, at["Note interne"], "Ajoutée dans le tableur")
    page.cell(3, at["Médiateur"], rows.reader("autre-mediateur").called)
    for again in (0, 1):
        job = check(rows, receive(rows, saved(book), "x.xlsx"))
        assert (job.state, job.known) == (ImportState.CHECKED, 1 + again), job.faults
        actions.write_import(job=job, by=rows.reader("coordination"))
    assert Activity.objects.count() == count + 1
    assert Activity.objects.latest("pk").author == rows.user("autre-mediateur")


def test_an_identity_of_elsewhere_or_of_no_kind_is_not_taken(
    rows: World,  # noqa: F811
    elsewhere: World,
    sign_in,
) -> None:
    foreign = elsewhere.activity("hall-a")
    content = export(sign_in(rows, "coordination"), "csv", "?type=CONF").content_read
    own = str(Activity.objects.filter(programme=rows.programme, type="CONF").first().uid)
    job = check(rows, receive(rows, content.replace(own.encode(), str(foreign.uid).encode())))
    assert job.known == job.rows - 1
    job = check(rows, receive(rows, content.replace(own.encode(), b"A-12")))
    assert [fault[1:3] for fault in job.faults] == [["Identifiant Humanicité", "A-12"]]


def test_partners_are_told_no_identity(rows: World, sign_in) -> None:  # noqa: F811
    content = export(sign_in(rows, "town-a"), "csv").content_read.decode()
    assert "Identifiant" not in content
    assert not any(str(one.uid) in content for one in Activity.objects.all())
