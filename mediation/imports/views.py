"""Bringing in past records: a file, its columns, its values, the report, and the one press that
writes (R36)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import People
from governance.rights import Right
from humanicite.lib import uploads
from humanicite.lib.http import reads, writes
from mediation.frame.models import Frame

from . import actions, texts
from .fields import Columns, Vocabulary
from .forms import ColumnsForm, ReadingForm, UploadForm, ValuesForm, columns_in
from .listing import FaultTable, ImportFilter, ImportTable
from .models import ActivityImport, ImportState
from .rows import Fault
from .tables import TOO_HEAVY, Unreadable

MOST_SHOWN = 100  # faults on the page
READING = {"sheet", "header", "encoding"}  # what says how a file is read, not what is in it
MOVED = "L’import a avancé entre-temps : le voici où il en est."


@writes(Right.IMPORT_ACTIVITIES)
def imports(request: Request) -> HttpResponse:
    membership = request.membership
    posted = request.method == "POST"
    form = UploadForm(
        request.POST if posted else None, request.FILES if posted else None, membership=membership
    )
    if posted and uploads.dropped(request):
        form.add_error("file", TOO_HEAVY)
    elif posted and form.is_valid():
        try:
            job = actions.receive_import(
                upload=form.cleaned_data["file"], worker=form.cleaned_data["worker"], by=membership
            )
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return redirect("import_job", pk=job.pk)
    found = ImportFilter(request.GET, membership=membership, today=timezone.localdate())
    rows = found.narrow(ActivityImport.objects.visible_to(membership))
    rows = rows.annotate(
        worker_called=People.called("worker"), author_called=People.called("author")
    )
    table = ImportTable(rows, asked=request.GET)
    found.kept = table.kept
    context = {"form": form, "filter": found, "table": table}
    return render(request, "imports/imports.html", context, status=422 if posted else 200)


@reads(Right.IMPORT_ACTIVITIES, of=ActivityImport)
def import_job(request: Request, job: ActivityImport) -> HttpResponse:
    """Where the import is, and what to do next."""
    if job.state == ImportState.UPLOADED:
        return _columns_page(request, job)
    return _job_page(request, job)


@writes(Right.IMPORT_ACTIVITIES, of=ActivityImport)
def import_columns(request: Request, job: ActivityImport) -> HttpResponse:
    """Which column is what; of a workbook, also which sheet is read."""
    if job.state == ImportState.DONE:
        return redirect("import_job", pk=job.pk)
    if request.method != "POST":
        return _columns_page(request, job)
    by = request.membership
    try:
        if READING & set(request.POST):
            _read_otherwise(request, job)
            return redirect("import_columns", pk=job.pk)
        form = _columns_form(request.POST, job)
        if not form.is_valid():
            return _columns_page(request, job, form)
        actions.set_columns(job=job, columns=form.columns, answers=form.answers, by=by)
    except (ValidationError, Unreadable) as error:
        return _columns_page(request, job, told=_told(error))
    except actions.MovedMeanwhile:
        messages.warning(request, MOVED)
    return redirect("import_job", pk=job.pk)


def _read_otherwise(request: Request, job: ActivityImport) -> None:
    sheet = request.POST.get("sheet", job.sheet)
    header = request.POST.get("header", "")
    actions.choose_sheet(
        job=job,
        sheet=sheet,
        header=int(header) if header.isdecimal() and sheet == job.sheet else 0,
        encoding=request.POST.get("encoding") or None,
        by=request.membership,
    )


@writes(Right.IMPORT_ACTIVITIES, of=ActivityImport, confirm=False)
def import_check(request: Request, job: ActivityImport) -> HttpResponse:
    """Checks the next rows; the page asks again until all are."""
    by = request.membership
    try:
        if "again" in request.POST:
            actions.check_again(job=job, by=by)
        else:
            actions.advance(job=job, by=by)
    except ValidationError as error:
        messages.error(request, " ".join(_told(error)))
    except actions.MovedMeanwhile:
        pass  # another tab checked them
    return redirect("import_job", pk=job.pk)


@writes(Right.IMPORT_ACTIVITIES, of=ActivityImport, confirm=False)
def import_values(request: Request, job: ActivityImport) -> HttpResponse:
    """What the values that the programme does not know stand for."""
    by = request.membership
    form = _values_form(request.POST, job)
    if not form.is_valid():
        return _job_page(request, job, form=form, status=422)
    try:
        actions.match_values(job=job, values=form.values, by=by)
    except ValidationError as error:
        return _job_page(request, job, form=form, told=_told(error), status=422)
    except actions.MovedMeanwhile:
        messages.warning(request, MOVED)
    return redirect("import_job", pk=job.pk)


@writes(Right.IMPORT_ACTIVITIES, of=ActivityImport, confirm=False)
def import_write(request: Request, job: ActivityImport) -> HttpResponse:
    try:
        actions.write_import(job=job, by=request.membership)
    except ValidationError as error:
        messages.error(request, " ".join(_told(error)))
    except actions.MovedMeanwhile:
        messages.warning(request, MOVED)
    return redirect("import_job", pk=job.pk)


@writes(Right.IMPORT_ACTIVITIES, of=ActivityImport, confirm=False)
def import_abandon(request: Request, job: ActivityImport) -> HttpResponse:
    try:
        actions.abandon_import(job=job, by=request.membership)
    except actions.MovedMeanwhile:
        messages.warning(request, MOVED)
        return redirect("import_job", pk=job.pk)
    messages.success(request, f"« {job.filename} » est abandonné : le fichier est effacé.")
    return redirect("imports")


@reads(Right.IMPORT_ACTIVITIES, of=ActivityImport)
def import_report(request: Request, job: ActivityImport) -> HttpResponse:
    """Every fault of the file, found anew: the page keeps the first ones only."""
    try:
        with actions.engine_of(job) as engine:
            if engine.column_faults:
                raise Http404
            file = FaultTable.file(engine.faults(), "csv")
    except Unreadable as error:
        raise Http404 from error
    name = f"lignes-a-corriger-{job.pk}.csv"
    answer: Any = FileResponse(file, as_attachment=True, filename=name)
    return answer


def _job_page(
    request: Request,
    job: ActivityImport,
    *,
    form: ValuesForm | None = None,
    told: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    if job.state == ImportState.REFUSED and job.unknown and form is None:
        form = _values_form(None, job)
    # Values to match are told by their form: the table is for the rest.
    unknown = sum(sum(texts.values()) for texts in job.unknown.values())
    rest = [fault for fault in job.faults if not fault[4]]
    context = {
        "job": job,
        "form": form,
        "faults": [("", message) for message in told or []],
        "unknown": unknown,
        "rest": job.fault_count - unknown,
        "shown": FaultTable(Fault(*fault[:4]) for fault in rest[:MOST_SHOWN]),
        "good": max(0, job.checked - job.bad_rows),
        "new": max(0, job.rows - job.known),
        "all_checked": job.checked >= job.rows,
        "worker_column": job.columns.get("worker"),
    }
    return render(request, "imports/job.html", context, status=status)


def _columns_page(
    request: Request,
    job: ActivityImport,
    form: ColumnsForm | None = None,
    told: list[str] | None = None,
) -> HttpResponse:
    posted = request.method == "POST"
    faults = [("", message) for message in told or []]
    reading = None
    try:
        sent = request.POST if posted and not READING & set(request.POST) else None
        form = form or _columns_form(sent, job)
        table = form.table
        with job.file.open("rb") as file:
            reading = ReadingForm(table, table.letters_offered(file))
    except Unreadable as error:
        form, table = None, None
        faults = [("", str(error))]
    if form is not None and form.is_bound:
        faults += [
            (bound.id_for_label, _told_of(bound.label, error))
            for bound in form
            for error in bound.errors
        ]
    context = {
        "job": job,
        "form": form,
        "table": table,
        "faults": faults,
        "reading": reading,
        "letters": texts.PAGES.get(table.encoding) if table else None,
        "put_right": table is not None and table.encoding == texts.TWICE,
    }
    status = 422 if posted else 200
    return render(request, "imports/columns.html", context, status=status)


def _told_of(label: object, error: object) -> str:
    asked = str(label).removesuffix("?").rstrip()
    return f"{asked} : {error}"


def _columns_form(data: QueryDict | None, job: ActivityImport) -> ColumnsForm:
    with actions.engine_of(job) as engine:
        columns = columns_in(data, engine.table.headers) if data else job.columns
        return ColumnsForm(
            data,
            table=engine.table,
            columns=Columns(engine.frame),
            chosen=job.columns,
            asked=actions.asked(engine, columns),
            answers=job.reading.get("answers", {}),
        )


def _values_form(data: QueryDict | None, job: ActivityImport) -> ValuesForm:
    frame = Frame(job.programme_id)
    return ValuesForm(
        data, unknown=job.unknown, columns=Columns(frame), vocabulary=Vocabulary(frame, {})
    )


def _told(error: ValidationError | Unreadable) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
