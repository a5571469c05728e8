"""Working time: the week, the year, and the hours that are no activity (R27–R30)."""

import copy
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Act, Membership, User, record
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import format_duration, long_day, monday_of
from humanicite.lib.exports import FORMATS
from humanicite.lib.http import reads, writes
from humanicite.lib.params import day_in, version_in
from humanicite.lib.writes import Conflict, Done
from humanicite.templatetags.french import hours, percent, plural
from mediation.frame.reference import ReferenceActivity
from mediation.history.versions import differences, versions_of

from . import actions, rows
from .forms import TimeEntryForm
from .hours import Tally, WorkYear, week, year
from .models import TimeEntry
from .rows import DAY
from .tables import WeekTable, YearTable


@reads(Right.LOG_ACTIVITIES)
def week_page(request: Request) -> HttpResponse:
    """A week from Monday to Sunday, against the convention's and the law's."""
    membership = request.membership
    today = timezone.localdate()
    person, others = chosen_person(membership, request.GET.get("personne"))
    day = day_in(request.GET.get("jour"), latest=today) or today
    monday = monday_of(day)
    until = min(monday + 6 * DAY, today)
    terms = rows.terms(membership)
    of_year = WorkYear.holding(until, terms)
    first = min(of_year.first, monday - DAY)
    found = rows.stints(membership, person.pk, first, monday + 6 * DAY)
    entries = TimeEntry.objects.visible_to(membership).filter(user=person)
    shown = week(found, day, terms)
    context = {
        "today": today,
        "week": shown,
        "table": WeekTable(shown, opens=today if person.pk == membership.user_id else None),
        "year": year(found, of_year, until),
        "entries": entries.between(monday, monday + 6 * DAY).in_order(),
        "previous": monday - DAY,
        "next": monday + 7 * DAY if monday + 7 * DAY <= today else None,
        "is_current": monday == monday_of(today),
        "last_day": until,
    }
    return render(request, "worktime/week.html", context | _whose(membership, person, others))


@reads(Right.LOG_ACTIVITIES)
def year_page(request: Request) -> HttpResponse:
    """A convention's year month by month: a person's own statistics, compared with nobody's."""
    membership = request.membership
    today = timezone.localdate()
    person, others = chosen_person(membership, request.GET.get("personne"))
    day = day_in(request.GET.get("jour"), latest=today) or today
    terms = rows.terms(membership)
    of_year = WorkYear.holding(day, terms)
    until = min(of_year.last, today)
    wanted = request.GET.get("_export", "")
    if wanted in FORMATS:
        return _file(membership, person, of_year.first, until, wanted)
    shown = year(rows.stints(membership, person.pk, of_year.first, until), of_year, until)
    context = {
        "shown": shown,
        "table": YearTable(shown),
        "bars": _bars(shown.sums.by_type),
        "previous": of_year.first - DAY,
        "next": of_year.last + DAY if of_year.last < today else None,
        "is_running": of_year.last >= today,
    }
    return render(request, "worktime/year.html", context | _whose(membership, person, others))


@reads(Right.LOG_ACTIVITIES, of=TimeEntry)
def entry_page(request: Request, entry: TimeEntry) -> HttpResponse:
    membership = request.membership
    context = {
        "entry": entry,
        "changeable": entry.may_be_changed_by(membership),
        "versions": versions_of(entry),
        "week_url": week_url(
            entry.day, None if entry.user_id == membership.user_id else entry.user
        ),
    }
    return render(request, "worktime/entry.html", context)


@writes(Right.LOG_ACTIVITIES)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    today = timezone.localdate()
    given = day_in(request.GET.get("jour"), latest=today)
    form = TimeEntryForm(
        resume.data_of(request), membership=membership, today=today, initial={"day": given}
    )
    if request.method == "POST" and form.is_valid():
        form.instance.uid = form.cleaned_data["uid"]
        try:
            actions.log_time(entry=form.instance, by=membership)
        except Done as already:
            return _logged_already(request, already.row)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Enregistré : {_said(form.instance)}.")
            return _back_to_week(request, form.instance.day)
    return _form(request, form)


@writes(Right.LOG_ACTIVITIES, of=TimeEntry)
def edit(request: Request, entry: TimeEntry) -> HttpResponse:
    membership = request.membership
    if not entry.may_be_changed_by(membership):
        raise PermissionDenied
    today, typed = timezone.localdate(), resume.typed_over(request, entry)
    saved = copy.copy(entry)  # the form writes on the other
    form = TimeEntryForm(typed.data, instance=entry, membership=membership, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_time(
                entry=form.instance, read_version=typed.version, by=membership, fields=form.changed
            )
        except Conflict as conflict:
            if conflict.row is not None:
                return _form(request, form, entry=conflict.row, changed=conflict.row)
            messages.warning(
                request,
                "Ce temps a été supprimé entre-temps. Votre saisie est conservée : "
                "enregistrer le crée de nouveau.",
            )
            again = TimeEntryForm(typed.data, membership=membership, today=today)
            return _form(request, again)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"Modifié : {_said(form.instance)}.")
            return _back_to_week(request, form.instance.day)
    elif typed.is_overtaken:
        return _form(request, form, entry=saved, changed=saved)
    return _form(request, form, entry=saved, version=typed.version)


@writes(Right.LOG_ACTIVITIES, of=TimeEntry)
def delete(request: Request, entry: TimeEntry) -> HttpResponse:
    """Asks, then removes what was shown; the history keeps what it said."""
    membership = request.membership
    if not entry.may_be_changed_by(membership):
        raise PermissionDenied
    if request.method == "POST":
        said, day = _said(entry), entry.day
        try:
            actions.delete_time(
                entry=entry, read_version=version_in(request.POST.get("version")), by=membership
            )
        except Conflict as conflict:
            if conflict.row is not None:
                messages.warning(
                    request,
                    "Ce temps a été modifié entre-temps : le voici tel qu’il est. "
                    "Confirmez s’il est toujours à supprimer.",
                )
                context = {"entry": conflict.row}
                return render(request, "worktime/delete.html", context, status=422)
            messages.info(request, f"Déjà supprimé : {said}.")
        else:
            messages.success(request, f"Supprimé : {said}.")
        return redirect(week_url(day))
    return render(request, "worktime/delete.html", {"entry": entry})


def chosen_person(membership: Membership, key: str | None) -> tuple[User, list[User]]:
    """Whose hours are asked for, and whose may be: 404 for anybody else's, existing or not."""
    people = rows.people(membership)
    if key is None:
        return membership.people[membership.user_id], people
    for person in people:
        if str(person.pk) == key:
            return person, people
    raise Http404


def week_url(day: date, person: User | None = None) -> str:
    parameters: dict[str, object] = {"jour": day.isoformat()}
    if person is not None:
        parameters["personne"] = person.pk
    return f"{reverse('worktime')}?{urlencode(parameters)}"


def tell_alerts(request: Request, day: date) -> None:
    """Says what the law would notice of a day just saved."""
    membership = request.membership
    for alert in rows.alerts_around(membership, day):
        messages.warning(request, alert.said)


def _back_to_week(request: Request, day: date) -> HttpResponse:
    tell_alerts(request, day)
    return redirect(week_url(day))


def _file(membership: Membership, person: User, first: date, last: date, form: str) -> Any:
    record(
        Act.PRODUCE,
        person,
        by=membership,
        programme=membership.programme_id,
        fields=[form.upper(), "hours"],
    )
    return FileResponse(
        rows.write(membership, person.pk, first, last, form),
        as_attachment=True,
        filename=f"temps-de-travail-{first}-{last}.{form}",
        content_type=FORMATS[form],
    )


def _whose(membership: Membership, person: User, people: list[User]) -> dict[str, object]:
    return {
        "person": person,
        "people": people,
        "is_own": person.pk == membership.user_id,
    }


def _form(
    request: Request,
    form: TimeEntryForm,
    *,
    entry: TimeEntry | None = None,
    version: int | None = None,
    changed: TimeEntry | None = None,
) -> HttpResponse:
    """The form; with `changed`, what is saved now beside what was typed, and its version."""
    differing = []
    if changed is not None and form.is_valid():
        differing = differences(changed, form.instance)
    context = {
        "form": form,
        "entry": entry,
        "version": changed.version if changed else version,
        "changed": changed,
        "differing": differing,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "worktime/form.html", context, status=status)


def _logged_already(request: Request, known: TimeEntry) -> HttpResponse:
    """The second arrival of one form. The same words: it is done. Others: they become a change."""
    membership = request.membership
    saved = TimeEntry.objects.get(pk=known.pk)
    form = TimeEntryForm(
        request.POST, instance=known, membership=membership, today=timezone.localdate()
    )
    if form.is_valid() and not form.changed:
        messages.info(request, f"Déjà enregistré : {_said(saved)}.")
        return redirect(week_url(saved.day))
    messages.warning(
        request,
        "Ce temps était déjà enregistré. Ce que vous venez de saisir est ci-dessous : "
        "enregistrez pour le modifier.",
    )
    return _form(request, form, entry=saved, changed=saved)


def _said(entry: TimeEntry) -> str:
    return (
        f"{entry.get_kind_display()}, {format_duration(entry.minutes)}, "
        f"{long_day(entry.day, with_year=False)}"
    )


def _bars(by_type: dict[str, Tally]) -> list[dict[str, object]]:
    """All eight reference activities for a list of bars, the longest first."""
    rows = [(kind.short, by_type.get(kind.value, Tally())) for kind in ReferenceActivity]
    rows.sort(key=lambda row: -row[1].minutes)
    total, longest = sum(tally.minutes for _, tally in rows), rows[0][1].minutes
    return [
        {
            "label": label,
            "url": "",
            "text": hours(tally.minutes),
            "detail": f"{percent(tally.minutes / total if total else None)}, "
            f"{plural(tally.count, 'activité,activités')}",
            "width": 100 * tally.minutes / longest if longest else 0,
        }
        for label, tally in rows
    ]
