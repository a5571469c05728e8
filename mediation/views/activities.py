"""Logging, reading and correcting activities (R35, R36, R73)."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django_tables2 import RequestConfig

from governance.models import Convention, Membership
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.dates import format_duration, long_day
from humanicite.lib.http import reads, writes

from .. import actions
from ..filters import ActivityFilter
from ..forms import ActivityEntry
from ..history import versions_of
from ..models import Activity
from ..tables import OperatorActivityTable, PartnerActivityTable

PAGE = 25
DAYS_A_WEEK = 5


@reads(Right.LOG_ACTIVITIES)
def today(request: HttpRequest) -> HttpResponse:
    """One's own day: what was done, and the time against a usual day's."""
    membership = request.membership  # type: ignore[attr-defined]
    now = timezone.localdate()
    day = _day_in(request.GET.get("jour"), latest=now) or now
    rows = list(
        Activity.objects.visible_to(membership)
        .filter(author=membership.user_id)
        .of_day(day)
        .for_lists()
        .newest_first()
    )
    convention = Convention.objects.visible_to(membership).in_force(day)
    expected = round(convention.weekly_hours * 60 / DAYS_A_WEEK) if convention else None
    context = {
        "day": day,
        "is_today": day == now,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1) if day < now else None,
        "activities": rows,
        "minutes": sum(row.minutes for row in rows),
        "expected": expected,
    }
    return render(request, "mediation/today.html", context)


@reads(Right.READ_ACTIVITIES)
def activity_list(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    rows = Activity.objects.visible_to(membership)
    found = ActivityFilter(request.GET or None, queryset=rows, membership=membership)
    reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
    table_class = OperatorActivityTable if reads_all else PartnerActivityTable
    table = table_class(found.qs.for_lists().newest_first(), request=request)  # type: ignore[attr-defined]
    RequestConfig(request, paginate={"per_page": PAGE, "silent": True}).configure(table)
    context = {
        "filter": found,
        "table": table,
        "total": table.page.paginator.count,
        "minutes": found.qs.aggregate(total=Sum("minutes"))["total"] or 0,
    }
    return render(request, "mediation/activity_list.html", context)


@reads(Right.READ_ACTIVITIES, of=Activity)
def activity(request: HttpRequest, activity: Activity) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
    context = {
        "activity": activity,
        "reads_all": reads_all,
        "changeable": activity.may_be_changed_by(membership),
        "head_counts": activity.head_counts.select_related("audience") if reads_all else [],
        "versions": versions_of(activity) if reads_all else [],
    }
    return render(request, "mediation/activity.html", context)


@writes(Right.LOG_ACTIVITIES)
def create(request: HttpRequest) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    now = timezone.localtime()
    given = _day_in(request.GET.get("jour"), latest=now.date())
    entry = ActivityEntry(
        resume.data_of(request), membership=membership, now=now, initial={"day": given}
    )
    if request.method == "POST" and entry.is_valid():
        new = entry.form.instance
        new.uid = entry.form.cleaned_data["uid"]
        try:
            actions.log_activity(activity=new, head_counts=entry.head_counts.cells(), by=membership)
        except actions.AlreadyLogged as already:
            return _already_logged(request, entry, already.activity)
        except ValidationError as error:
            entry.form.add_error(None, error)
        else:
            messages.success(request, f"Enregistré : {_said(new)}.")
            return redirect(_day_url(new.day))
    return _form(request, entry)


@writes(Right.LOG_ACTIVITIES, of=Activity)
def edit(request: HttpRequest, activity: Activity) -> HttpResponse:
    membership = request.membership  # type: ignore[attr-defined]
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    current_version = activity.version
    data = resume.data_of(request)
    entry = ActivityEntry(data, membership=membership, now=timezone.localtime(), activity=activity)
    if request.method == "POST" and entry.is_valid():
        read_version = entry.form.cleaned_data["version"] or 0
        try:
            actions.change_activity(
                activity=entry.form.instance,
                head_counts=entry.head_counts.cells(),
                read_version=read_version,
                by=membership,
                fields=entry.changed_fields,
            )
        except actions.ChangedMeanwhile as changed:
            return _changed_meanwhile(request, entry, changed.activity)
        except ValidationError as error:
            entry.form.add_error(None, error)
        else:
            messages.success(request, f"Modifié : {_said(entry.form.instance)}.")
            return redirect("activity", pk=activity.pk)
    return _form(request, entry, activity=activity, version=current_version)


@writes(Right.LOG_ACTIVITIES, of=Activity)
def delete(request: HttpRequest, activity: Activity) -> HttpResponse:
    """Asks, then removes; the history keeps what it said."""
    membership = request.membership  # type: ignore[attr-defined]
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    if request.method == "POST":
        said, day = _said(activity), activity.day
        actions.delete_activity(activity=activity, by=membership)
        messages.success(request, f"Supprimé : {said}.")
        return redirect(_day_url(day))
    return render(request, "mediation/activity_delete.html", {"activity": activity})


def _form(
    request: HttpRequest,
    entry: ActivityEntry,
    *,
    activity: Activity | None = None,
    version: int | None = None,
    changed: Activity | None = None,
) -> HttpResponse:
    context = {
        "entry": entry,
        "form": entry.form,
        "activity": activity,
        "version": version,
        "changed": changed,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "mediation/activity_form.html", context, status=status)


def _already_logged(request: HttpRequest, entry: ActivityEntry, known: Activity) -> HttpResponse:
    """The second arrival of one form. The same words: it is done. Others: they become a change."""
    sent = entry.form.cleaned_data
    same = all(
        getattr(known, name) == sent[name]
        for name in ("type", "place", "day", "minutes", "internal_note", "summary", "outcome")
    )
    if same:
        messages.info(request, f"Déjà enregistré : {_said(known)}.")
        return redirect(_day_url(known.day))
    membership: Membership = request.membership  # type: ignore[attr-defined]
    entry = ActivityEntry(
        request.POST, membership=membership, now=timezone.localtime(), activity=known
    )
    messages.warning(
        request,
        "Cette saisie était déjà enregistrée. Ce que vous venez de saisir est ci-dessous : "
        "enregistrez pour la modifier.",
    )
    return _form(request, entry, activity=known, version=known.version)


def _changed_meanwhile(request: HttpRequest, entry: ActivityEntry, now: Activity) -> HttpResponse:
    """What was typed stays in the form; what the other person saved is shown beside it."""
    return _form(request, entry, activity=now, version=now.version, changed=now)


def _said(activity: Activity) -> str:
    return (
        f"{activity.reference.short}, {format_duration(activity.minutes)}, "
        f"{long_day(activity.day, with_year=False)}"
    )


def _day_in(text: str | None, *, latest: date) -> date | None:
    """A day of the query string; None for what is no day, or one that has not come."""
    try:
        day = parse_date(text or "")
    except ValueError:
        return None
    return day if day and day <= latest else None


def _day_url(day: date) -> str:
    address = reverse("today")
    if day == timezone.localdate():
        return address
    parameters: dict[str, Any] = {"jour": day.isoformat()}
    return f"{address}?{urlencode(parameters)}"
