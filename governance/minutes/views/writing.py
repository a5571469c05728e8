"""Writing minutes, during the meeting or after: by several at once, saved as they go."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.committees.models import CommitteeKind
from governance.decisions.reach import without_contact
from governance.meetings.models import AgendaItem, Attendance, Meeting
from governance.rights import Right
from humanicite.lib import resume
from humanicite.lib.http import reads, writes
from humanicite.lib.params import version_in
from humanicite.lib.writes import Conflict

from ..actions import attendance as attendance_actions
from ..actions import points as point_actions
from ..actions.attendance import Seen, others_writing, presumed
from ..checks import problems, warnings
from ..content import earlier_actions, points_of
from ..forms import AttendantForm, Doers, PointEntry, SubmitForm, saved_entry, typed_entry
from ..models import Minutes, Observation

ITSELF = "X-Saves-Itself"  # a header of the page's own script
STATES = [choice for choice in Attendance.choices if choice[0]]


@reads(Right.WRITE_MINUTES, of=Meeting)
def write(request: Request, meeting: Meeting) -> HttpResponse:
    last = Minutes.objects.filter(meeting=meeting).first()
    if last is not None and last.is_approved:
        return render(request, "minutes/too_early.html", {"meeting": meeting, "last": last})
    if meeting.state not in point_actions.OPEN_STATES:
        return render(request, "minutes/too_early.html", {"meeting": meeting, "last": None})
    return render(request, "minutes/write.html", _page(request, meeting, last))


def _page(request: Request, meeting: Meeting, last: Minutes | None) -> dict[str, object]:
    items = points_of(meeting)
    doers = Doers.of(request.membership, meeting.day)
    unreached = without_contact(
        {row.party_id for i in items for row in i.actions.all()}, meeting.day
    )
    for item in items:
        item.meeting = meeting
    today = timezone.localdate()
    observations = Observation.objects.filter(minutes=last) if last else []
    return {
        "meeting": meeting,
        "last": last,
        "is_watch": meeting.committee.kind == CommitteeKind.WATCH,
        "entries": [saved_entry(item, doers, unreached).with_blanks() for item in items],
        "people": _people(meeting),
        "states": STATES,
        "attendant": AttendantForm(),
        "earlier": [(row, row.is_late(today)) for row in earlier_actions(meeting)],
        "others": others_writing(meeting, request.membership, timezone.now()),
        "problems": problems(meeting, items),
        "warnings": warnings(meeting, items),
        "observations": observations,
        "submit": SubmitForm(initial={"until": today + timedelta(days=7)}),
        "may_approve": request.membership.may(Right.CONVENE),
        "next": point_actions.next_meeting(meeting),
    }


def _people(meeting: Meeting) -> list[tuple[str, list[dict[str, object]]]]:
    """By organisation, as it was presumed from the answers."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in meeting.invitations.select_related("party").order_by("is_guest", "pk"):
        name = row.party.name if row.party else row.organisation
        found.setdefault(name, []).append({"row": row, "state": presumed(row)})
    return list(found.items())


@writes(Right.WRITE_MINUTES, of=Meeting, confirm=False)
def attendance(request: Request, meeting: Meeting) -> HttpResponse:
    seen = {}
    for name, value in request.POST.items():
        key = name.removeprefix("etat-")
        if key != name and key.isascii() and key.isdigit() and len(key) < 19:
            before = request.POST.get(f"avant-{key}", "")
            by_whom = str(request.POST.get(f"par-{key}", "")).strip()[:160]
            seen[int(key)] = Seen(before, str(value), by_whom)
    try:
        changed = attendance_actions.save_attendance(
            meeting=meeting, seen=seen, by=request.membership
        )
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        said = "Présences enregistrées." if changed else "Présences déjà à jour."
        messages.success(request, said)
    return redirect(f"{reverse('minutes_write', args=[meeting.pk])}#presences")


@writes(Right.WRITE_MINUTES, of=Meeting, confirm=False)
def attendant(request: Request, meeting: Meeting) -> HttpResponse:
    form = AttendantForm(request.POST)
    if form.is_valid():
        try:
            attendance_actions.add_attendant(
                meeting=meeting, by=request.membership, **form.cleaned_data
            )
            messages.success(request, "Ajouté aux présents.")
            return redirect(f"{reverse('minutes_write', args=[meeting.pk])}#presences")
        except ValidationError as error:
            form.add_error(None, error)
    last = Minutes.objects.filter(meeting=meeting).first()
    context = _page(request, meeting, last) | {
        "attendant": form,
        "faults": [
            (f"id_{name}" if name != "__all__" else "", text)
            for name, found in form.errors.items()
            for text in found
        ],
    }
    return render(request, "minutes/write.html", context, status=422)


# --- Points ---------------------------------------------------------------------------------------
def _fresh(item: AgendaItem) -> AgendaItem:
    """The point as it stands, with what stands under it."""
    meeting = Meeting.objects.select_related("committee__programme").get(pk=item.meeting_id)
    row = next(one for one in points_of(meeting) if one.pk == item.pk)
    row.meeting = meeting
    return row


@writes(Right.WRITE_MINUTES, of=AgendaItem)
def point(request: Request, item: AgendaItem) -> HttpResponse:
    """One point: its page without a script, its part of the page with one."""
    item = _fresh(item)
    doers = Doers.of(request.membership, item.meeting.day)
    itself = ITSELF in request.headers
    data = resume.data_of(request)
    if data is None:
        entry = saved_entry(item, doers).with_blanks()
        return _point(request, entry, itself)
    entry = typed_entry(item, doers, data, by_itself=itself)
    if request.method != "POST" or entry.said is None:
        return _point(request, entry, itself, status=422 if request.method == "POST" else 200)
    try:
        point_actions.save_point(
            item=item, read_version=entry.version, said=entry.said, by=request.membership
        )
    except Conflict as conflict:
        if conflict.row is None:
            return redirect("minutes_write", pk=item.meeting_id)
        now = _fresh(conflict.row)
        entry.theirs = saved_entry(now, doers)
        entry.version = now.version
        return _point(request, entry, itself, status=409)
    except ValidationError as error:
        entry.errors += [("", text) for text in error.messages]
        return _point(request, entry, itself, status=422)
    if itself:
        at = f"{timezone.localtime():%H:%M}"
        saved = saved_entry(_fresh(item), doers)
        found = {"version": item.version, "at": at, "names": saved.identifying}
        return JsonResponse(found | {"outcome": item.outcome})
    messages.success(request, f"Enregistré : {item.title}.")
    return redirect(f"{reverse('minutes_write', args=[item.meeting_id])}#point-{item.pk}")


def _point(request: Request, entry: PointEntry, itself: bool, status: int = 200) -> HttpResponse:
    context = {"entry": entry, "meeting": entry.item.meeting, "itself": itself}
    name = "minutes/_point.html" if itself else "minutes/point.html"
    return render(request, name, context, status=status)


@writes(Right.WRITE_MINUTES, of=AgendaItem, confirm=False)
def carry(request: Request, item: AgendaItem) -> HttpResponse:
    back = f"{reverse('minutes_write', args=[item.meeting_id])}#point-{item.pk}"
    try:
        there = point_actions.carry_point(
            item=item, read_version=version_in(request.POST.get("version")), by=request.membership
        )
    except Conflict:
        messages.warning(request, "Ce point a été modifié entre-temps : le voici tel qu’il est.")
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        where = f"à la séance du {there.meeting.day:%d/%m/%Y}" if there else "à la prochaine séance"
        messages.success(request, f"« {item.title} » est reporté {where}.")
    return redirect(back)


@writes(Right.WRITE_MINUTES, of=AgendaItem, confirm=False)
def copy(request: Request, item: AgendaItem) -> HttpResponse:
    try:
        there = point_actions.copy_point(item=item, by=request.membership)
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        said = f"« {item.title} » est repris à la séance du {there.meeting.day:%d/%m/%Y}."
        messages.success(request, said)
    last = Minutes.objects.filter(meeting=item.meeting_id).first()
    if last is not None and last.is_approved:
        return redirect("minutes", pk=last.pk)
    return redirect("minutes_write", pk=item.meeting_id)


# --- Together -------------------------------------------------------------------------------------
@reads(Right.WRITE_MINUTES, of=Meeting)
def under_way(request: Request, meeting: Meeting) -> HttpResponse:
    """Who writes where, and the version of each point: asked for every few seconds."""
    others = others_writing(meeting, request.membership, timezone.now())
    versions = dict(meeting.items.values_list("pk", "version"))
    return JsonResponse(
        {
            "others": [{"who": row.membership.called, "item": row.item_id} for row in others],
            "versions": versions,
        }
    )


@writes(Right.WRITE_MINUTES, of=Meeting, confirm=False)
def here(request: Request, meeting: Meeting) -> HttpResponse:
    """Where this writer is."""
    key = request.POST.get("point", "")
    item = meeting.items.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    attendance_actions.sign_in_as_writer(
        meeting=meeting, item=item, by=request.membership, now=timezone.now()
    )
    return HttpResponse(status=204)


@reads(Right.WRITE_MINUTES, of=Meeting)
def screen(request: Request, meeting: Meeting) -> HttpResponse:
    """In large type, for the wall of the room."""
    context = {"meeting": meeting, "items": points_of(meeting)}
    return render(request, "minutes/screen.html", context)
