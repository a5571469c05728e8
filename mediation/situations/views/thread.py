"""Complex situations: the operator's list, form and thread, and what a committee reads (R25, R59)."""

import copy

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Sum
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from governance.access.requests import Request
from governance.models import Membership
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.forms import add_errors
from humanicite.lib.http import reads, writes
from humanicite.lib.pages import page_of
from humanicite.lib.params import number_in, version_in
from humanicite.lib.writes import Conflict, Done
from mediation.activities.models import Activity
from mediation.frame.models import Frame
from mediation.history.versions import Record, history_of

from .. import actions
from ..filters import ALL, OPEN, SituationFilter
from ..forms import CloseForm, SituationEntry, ThreadForm
from ..models import Situation, SituationState
from ..readers import with_readers
from ..timeline import timeline

PAGE = 25
MOMENTS = 30  # of a thread, until older ones are asked for


@reads(Right.HANDLE_SITUATIONS)
def situations(request: Request) -> HttpResponse:
    """Open ones first by their next step."""
    membership, today = request.membership, timezone.localdate()
    found = SituationFilter(request.GET, membership=membership, today=today)
    rows = Situation.objects.visible_to(membership)
    by_state = rows.order_by().values("state").annotate(count=Count("pk"))
    counts: dict[str, int] = {row["state"]: row["count"] for row in by_state}
    counts[ALL] = sum(counts.values())
    counts[OPEN] = counts[ALL] - counts.get(SituationState.CLOSE, 0)
    shown = found.narrow(rows).select_related("place").prefetch_related("involvements__party")
    page = page_of(shown, request.GET.get("page"), PAGE)
    context = {
        "filter": found,
        "situations": [(row, row.is_late(today)) for row in page.rows],
        "tabs": [(*tab, counts.get(tab[0], 0)) for tab in found.tabs("etat")],
        "has_any": counts[ALL] > 0,
        "page": page,
    }
    return render(request, "situations/list.html", context)


@reads(Right.HANDLE_SITUATIONS, of=Situation)
def situation(request: Request, situation: Situation) -> HttpResponse:
    """The thread, the parties, the next step, the agendas, and every version of it."""
    membership = request.membership
    today = timezone.localdate()
    record = Record.of(situation, people=membership.people)
    pages = min(40, max(1, number_in(request.GET.get("fil"))))
    moments, has_older = timeline(situation, membership, record, MOMENTS * pages)
    lines = list(situation.agenda_lines.select_related("committee"))
    context = {
        "situation": situation,
        "is_late": situation.is_late(today),
        "involvements": situation.involvements.select_related("party"),
        "work": Activity.objects.visible_to(membership)
        .filter(situation=situation)
        .aggregate(count=Count("pk"), minutes=Sum("minutes")),
        "moments": moments,
        "older": pages + 1 if has_older else None,
        "lines": with_readers(lines),
        **history_of(situation, request.GET, record),
    }
    return render(request, "situations/situation.html", context)


@writes(Right.HANDLE_SITUATIONS)
def create(request: Request) -> HttpResponse:
    membership = request.membership
    data = resume.data_of(request)
    activity = _activity_of(request.GET if data is None else data, membership)
    initial = {"place": activity.place_id, "opened_on": activity.day} if activity else {}
    entry = SituationEntry(data, membership=membership, today=timezone.localdate(), initial=initial)
    if request.method == "POST" and entry.is_valid():
        new = entry.form.instance
        new.uid = entry.form.cleaned_data["uid"]
        try:
            actions.open_situation(
                situation=new, involvements=entry.wanted, by=membership, activity=activity
            )
        except Done as already:
            return _already_opened(request, already.row)
        except ValidationError as error:
            add_errors(entry.form, error)
        else:
            messages.success(request, f"Situation ouverte : {new}.")
            return redirect("situation", pk=new.pk)
    return _form(request, entry, activity=activity)


@writes(Right.HANDLE_SITUATIONS, of=Situation)
def edit(request: Request, situation: Situation) -> HttpResponse:
    membership = request.membership
    if situation.is_closed:
        messages.info(request, "Cette situation est close : rouvrez-la pour la modifier.")
        return redirect("situation", pk=situation.pk)
    typed = resume.typed_over(request, situation)
    saved = copy.copy(situation)  # the form writes on the other
    entry = SituationEntry(
        typed.data, membership=membership, today=timezone.localdate(), situation=situation
    )
    if request.method == "POST" and entry.is_valid():
        try:
            actions.change_situation(
                situation=entry.form.instance,
                involvements=entry.wanted,
                read_version=typed.version,
                by=membership,
                fields=entry.changed_fields,
            )
        except Conflict as changed:
            if not entry.differences(changed.row):
                messages.info(request, "Déjà enregistré.")
                return redirect("situation", pk=situation.pk)
            return _form(request, entry, situation=changed.row, changed=changed.row)
        except ValidationError as error:
            add_errors(entry.form, error)
        else:
            messages.success(request, f"Modifié : {entry.form.instance}.")
            return redirect("situation", pk=situation.pk)
    elif typed.is_overtaken:
        return _form(request, entry, situation=saved, changed=saved)
    return _form(request, entry, situation=saved, version=typed.version)


@writes(Right.HANDLE_SITUATIONS, of=Situation)
def close(request: Request, situation: Situation) -> HttpResponse:
    """Asks how it ended, then closes it."""
    membership = request.membership
    today, typed = timezone.localdate(), resume.typed_over(request, situation)
    form = CloseForm(typed.data, situation=situation, today=today)
    if situation.is_closed:
        messages.info(request, "Cette situation est déjà close.")
        return redirect("situation", pk=situation.pk)
    version, changed = typed.version, False
    if request.method == "POST" and form.is_valid():
        try:
            actions.close_situation(
                situation=situation,
                outcome=form.cleaned_data["outcome"],
                closing_note=form.cleaned_data["closing_note"],
                closed_on=form.cleaned_data["closed_on"],
                read_version=version,
                by=membership,
            )
        except Conflict as now:
            if now.row.is_closed:
                messages.info(request, "Cette situation est déjà close.")
                return redirect("situation", pk=situation.pk)
            situation, version, changed = now.row, now.row.version, True
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(request, f"Close : {situation}.")
            return redirect("situation", pk=situation.pk)
    context = {
        "situation": situation,
        "form": form,
        "version": version,
        "changed": changed,
        "coming": situation.agenda_lines.filter(day__gte=today).select_related("committee"),
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "situations/close.html", context, status=status)


@writes(Right.HANDLE_SITUATIONS, of=Situation, confirm=False)
def reopen(request: Request, situation: Situation) -> HttpResponse:
    try:
        actions.reopen_situation(
            situation=situation,
            read_version=version_in(request.POST.get("version")),
            by=request.membership,
        )
    except Conflict as now:
        if now.row.is_closed:
            messages.warning(
                request, "Cette situation a été modifiée entre-temps : la voici, toujours close."
            )
        else:
            messages.info(request, "Cette situation est déjà rouverte.")
    else:
        messages.success(request, f"Rouverte : {situation}. Dites sa prochaine étape.")
    return redirect("situation", pk=situation.pk)


@writes(Right.HANDLE_SITUATIONS, of=Activity)
def thread(request: Request, activity: Activity) -> HttpResponse:
    """Which situation an activity belongs to: an open one, or none."""
    membership = request.membership
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    frame = Frame(membership.programme_id)
    current = activity.situation
    form = ThreadForm(resume.data_of(request), frame=frame, current=current)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["situation"]
        try:
            actions.join(activity=activity, situation=chosen, by=membership)
        except ValidationError as error:
            add_errors(form, error)
        else:
            messages.success(
                request,
                f"Ajoutée à « {chosen} »." if chosen else "Retirée de la situation.",
            )
            return redirect("activity", pk=activity.pk)
    context = {
        "activity": activity,
        "current": current,
        "form": form,
        "has_choice": bool(frame.open_situations) or current is not None,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "situations/activity_situation.html", context, status=status)


def _form(
    request: Request,
    entry: SituationEntry,
    *,
    situation: Situation | None = None,
    version: int | None = None,
    changed: Situation | None = None,
    activity: Activity | None = None,
) -> HttpResponse:
    """The form; with `changed`, what is saved now beside what was typed, and its version."""
    context = {
        "entry": entry,
        "form": entry.form,
        "situation": situation,
        "activity": activity,
        "version": changed.version if changed else version,
        "changed": changed,
        "differing": entry.differences(changed) if changed and entry.is_valid() else [],
        "resumed": hasattr(request, "resumed"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "situations/form.html", context, status=status)


def _already_opened(request: Request, known: Situation) -> HttpResponse:
    """The second arrival of one form. The same words: it is done. Others: they become a change."""
    membership: Membership = request.membership
    saved = Situation.objects.select_related("place").get(pk=known.pk)
    data = request.POST.copy()
    data.setdefault("state", saved.state)
    entry = SituationEntry(data, membership=membership, today=timezone.localdate(), situation=known)
    if saved.is_closed or (entry.is_valid() and not entry.changed_fields):
        messages.info(request, f"Déjà ouverte : {saved}.")
        return redirect("situation", pk=saved.pk)
    messages.warning(
        request,
        "Cette situation était déjà ouverte. Ce que vous venez de saisir est ci-dessous : "
        "enregistrez pour la modifier.",
    )
    return _form(request, entry, situation=saved, changed=saved)


def _activity_of(data: QueryDict, membership: Membership) -> Activity | None:
    """The activity from which a situation is opened; 404 for one that the reader does not see."""
    key = number_in(data.get("activite"))
    if not key:
        return None
    rows = Activity.objects.visible_to(membership).select_related("place", "situation")
    activity: Activity | None = rows.filter(pk=key).first()
    if activity is None:
        raise Http404
    if not activity.may_be_changed_by(membership):
        raise PermissionDenied
    return activity
