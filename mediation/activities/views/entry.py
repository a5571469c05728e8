"""Logging, reading and correcting activities (R35, R36, R73)."""

import copy
import uuid
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.coming.rows import coming
from governance.models import Convention, Membership
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.lib.params import day_in, version_in
from humanicite.lib.writes import Conflict, Done
from mediation import personal
from mediation.activities.deleted import just_deleted
from mediation.activities.head_counts import differences_with_counts
from mediation.frame.models import Frame
from mediation.history.versions import history_of
from mediation.photos.views import gallery, take_photos
from mediation.presets import habits
from mediation.roadmaps.models import PlannedAction
from mediation.roadmaps.progress import logged_by_action
from mediation.worktime.hours import Term

from .. import actions
from ..entry import ActivityEntry
from ..forms import TEXTS
from ..models import Activity, HeadCount
from ..rows import said
from ..sequels import sequels_of
from ..undo import undo_address


@reads(Right.LOG_ACTIVITIES)
def today(request: Request) -> HttpResponse:
    """One's own day: what was done, and the time against a usual day's."""
    membership = request.membership
    now = timezone.localdate()
    day = day_in(request.GET.get("jour"), latest=now) or now
    own_rows = Activity.objects.visible_to(membership).filter(author=membership.user_id)
    rows = sorted(own_rows.of_day(day).for_lists(), key=_moment_of, reverse=True)
    convention = Convention.objects.visible_to(membership).in_force(day)
    expected = round(Term.of(convention).usual_day) if convention else None
    met = audiences_met(rows)
    own = habits.own(membership)
    context = {
        "strip": habits.strip(Frame(membership.programme_id), own, now) if day == now else [],
        "has_presets": any(not preset.is_hidden for preset in own),
        "deleted": just_deleted(request.GET.get("supprimee"), membership, timezone.now()),
        "proposed": habits.proposed(membership, own, now) if day == now else None,
        "day": day,
        "is_today": day == now,
        "previous": day - timedelta(days=1),
        "next": day + timedelta(days=1) if day < now else None,
        "planned": _planned(membership, day) if day == now else [],
        "activities": [(row, habits.Prefill.of(row, met.get(row.pk, [])).url) for row in rows],
        "minutes": sum(row.minutes for row in rows),
        "expected": expected,
        "coming": coming(membership, now) if day == now else None,
    }
    return render(request, "activities/today.html", context)


def _planned(membership: Membership, day: date) -> list[tuple[PlannedAction, str, int]]:
    """What the month still has to do: action, the form filled in for it, what was logged so far."""
    rows = list(PlannedAction.objects.visible_to(membership).of_month(day))
    counts = logged_by_action(membership, [row.pk for row in rows]) if rows else {}
    return [
        (
            row,
            habits.Prefill(type=row.type, place=row.place_id, planned_action=row.pk).url,
            counts.get(row.pk, 0),
        )
        for row in rows
    ]


def _moment_of(activity: Activity) -> tuple[datetime, int]:
    """When it began; without an hour, when it was noted."""
    if activity.starts_at is None:
        return activity.created_at, activity.pk
    begun = datetime.combine(activity.day, activity.starts_at)
    return timezone.make_aware(begun), activity.pk


def audiences_met(rows: list[Activity]) -> dict[int, list[int]]:
    """Activity → audiences it met, for « Refaire »; one query."""
    found: dict[int, list[int]] = {}
    counts = HeadCount.objects.filter(activity__in=rows).values_list("activity", "audience")
    for activity, audience in counts.distinct():
        found.setdefault(activity, []).append(audience)
    return found


@reads(Right.READ_ACTIVITIES, of=Activity)
def activity(request: Request, activity: Activity) -> HttpResponse:
    membership = request.membership
    reads_all = membership.may(Right.READ_OPERATOR_FIELDS)
    context = {
        "activity": activity,
        "reads_all": reads_all,
        "changeable": activity.may_be_changed_by(membership),
        "head_counts": activity.head_counts.select_related("audience") if reads_all else [],
        "sequels": sequels_of(activity, membership),
        "threads": membership.may(Right.HANDLE_SITUATIONS),
        "reports": membership.may(Right.WRITE_SIGNALEMENTS),
        **(history_of(activity, request.GET) if reads_all else {}),
        **gallery(activity, membership),
    }
    return render(request, "activities/activity.html", context)


@writes(Right.LOG_ACTIVITIES)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    now = timezone.localtime()
    frame = Frame(membership.programme_id)
    initial = _started_from(request).initial(frame, now.date()) if request.method == "GET" else {}
    initial["day"] = day_in(request.GET.get("jour"), latest=now.date())
    entry = ActivityEntry(
        _as_decided(resume.data_of(request)),
        membership=membership,
        now=now,
        initial=initial,
        frame=frame,
    )
    if request.method == "POST" and entry.is_valid():
        new = entry.form.instance
        new.uid = entry.form.cleaned_data["uid"]
        try:
            actions.log_activity(activity=new, head_counts=entry.head_counts.cells(), by=membership)
        except Done as already:
            return _already_logged(request, already.row)
        except ValidationError as error:
            entry.form.add_error(None, error)
        else:
            messages.success(request, f"Enregistré : {said(new)}.", extra_tags=undo_address(new.pk))
            take_photos(request, new, new.uid)
            return redirect(day_url(new.day))
    return _form(request, entry)


@writes(Right.LOG_ACTIVITIES, of=Activity)
def edit(request: Request, activity: Activity) -> HttpResponse:
    membership = request.membership
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    typed = resume.typed_over(request, activity)
    data = _as_decided(typed.data)
    saved = copy.copy(activity)  # the form writes on the other
    entry = ActivityEntry(data, membership=membership, now=timezone.localtime(), activity=activity)
    if request.method == "POST" and entry.is_valid():
        try:
            actions.change_activity(
                activity=entry.form.instance,
                head_counts=entry.head_counts.cells(),
                read_version=typed.version,
                by=membership,
                fields=entry.changed_fields,
            )
        except Conflict as conflict:
            if conflict.row is not None:
                return _form(request, entry, activity=conflict.row, changed=conflict.row)
            messages.warning(
                request,
                "Cette activité a été supprimée entre-temps. Votre saisie est conservée : "
                "enregistrer la crée de nouveau.",
            )
            again = ActivityEntry(data, membership=membership, now=timezone.localtime())
            return _form(request, again)
        except ValidationError as error:
            entry.form.add_error(None, error)
        else:
            messages.success(request, f"Modifié : {said(entry.form.instance)}.")
            take_photos(request, entry.form.instance, uuid.uuid4())
            return redirect("activity", pk=activity.pk)
    elif typed.is_overtaken:
        return _form(request, entry, activity=saved, changed=saved)
    # A form that is wrong keeps the version it read: only the notice hands out a newer one.
    return _form(request, entry, activity=saved, version=typed.version)


@writes(Right.LOG_ACTIVITIES, of=Activity)
def delete(request: Request, activity: Activity) -> HttpResponse:
    """Asks, then removes what was shown; the history keeps what it said."""
    membership = request.membership
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    if request.method == "POST":
        words, day = said(activity), activity.day
        read_version = version_in(request.POST.get("version"))
        try:
            left = actions.delete_activity(
                activity=activity, read_version=read_version, by=membership
            )
        except Conflict as conflict:
            if conflict.row is not None:
                messages.warning(
                    request,
                    "Cette activité a été modifiée entre-temps : la voici telle qu’elle est. "
                    "Confirmez si elle est toujours à supprimer.",
                )
                context = {"activity": conflict.row}
                return render(request, "activities/delete.html", context, status=422)
            messages.info(request, f"Déjà supprimé : {words}.")
        else:
            # The day's page says so itself, with the way back beside it.
            return redirect(day_url(day, supprimee=left.pk))
        return redirect(day_url(day))
    return render(request, "activities/delete.html", {"activity": activity})


def _form(
    request: Request,
    entry: ActivityEntry,
    *,
    activity: Activity | None = None,
    version: int | None = None,
    changed: Activity | None = None,
    photos_kept: bool = False,
) -> HttpResponse:
    """The form; with `changed`, what is saved now beside what was typed, and its version."""
    differing = []
    if changed is not None and entry.is_valid():
        differing = differences_with_counts(changed, entry.form.instance, entry.head_counts.cells())
    if request.FILES and not photos_kept:
        messages.warning(request, "Les photos sont à choisir de nouveau : rien n’en est gardé.")
    strip = []
    if activity is None:
        own = habits.own(entry.form.membership)
        strip = habits.strip(entry.form.frame, own, entry.form.today)
    asked = request.GET.urlencode()
    named = next((habit.name for habit in strip if asked and habit.query == asked), "")
    context = {
        "entry": entry,
        "says": [named, *entry.in_words[1:]] if named else entry.in_words,
        "strip": strip,
        "patterns": personal.PATTERNS,
        "form": entry.form,
        "activity": activity,
        "version": changed.version if changed else version,
        "changed": changed,
        "differing": differing,
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "activities/form.html", context, status=status)


def _already_logged(request: Request, known: Activity) -> HttpResponse:
    """The second arrival of one form. The same words: it is done. Others: they become a change."""
    membership: Membership = request.membership
    saved = Activity.objects.for_lists().get(pk=known.pk)
    entry = ActivityEntry(
        request.POST, membership=membership, now=timezone.localtime(), activity=known
    )
    take_photos(request, saved, saved.uid)
    if entry.is_valid() and entry.says_the_same():
        messages.info(request, f"Déjà enregistré : {said(saved)}.")
        return redirect(day_url(saved.day))
    messages.warning(
        request,
        "Cette saisie était déjà enregistrée. Ce que vous venez de saisir est ci-dessous : "
        "enregistrez pour la modifier.",
    )
    return _form(request, entry, activity=saved, changed=saved, photos_kept=True)


def _started_from(request: Request) -> habits.Prefill:
    """What a new entry starts from: an activity done again, or what the address says."""
    key = request.GET.get("refaire", "")
    if key.isdecimal() and len(key) < 12:
        rows = Activity.objects.visible_to(request.membership)
        if again := rows.filter(pk=int(key)).first():
            return habits.Prefill.of(again, audiences_met([again]).get(again.pk, []))
    return habits.Prefill.read(request.GET)


def _as_decided(data: QueryDict | None) -> QueryDict | None:
    """The data, with what seems to identify somebody replaced where the person asked for it."""
    if data is None or "remplacer" not in data:
        return data
    data = data.copy()
    for name in TEXTS:
        data[name] = personal.replace(data.get(name, ""))
    return data


def day_url(day: date, **parameters: object) -> str:
    address = reverse("today")
    if day != timezone.localdate():
        parameters["jour"] = day.isoformat()
    return f"{address}?{urlencode(parameters)}" if parameters else address
