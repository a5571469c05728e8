"""Meetings for calendars: a file, and an address that a calendar subscribes to."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from governance.access.requests import Request
from governance.meetings import calendar
from governance.meetings.links import membership_of_feed
from governance.meetings.models import Meeting
from governance.rights import Right
from humanicite.lib.http import no_writes, public, reads
from humanicite.lib.limits import Limit, caller

BEFORE = timedelta(days=400)  # of past meetings in a calendar
MOST = 500
TYPE = "text/calendar; charset=utf-8"
WRONG = Limit("wrong addresses of a calendar", 30, 60)  # from one caller


@reads(Right.READ_MEETINGS, of=Meeting)
def meeting_file(request: Request, meeting: Meeting) -> HttpResponse:
    content = calendar.meeting_file(meeting, now=timezone.now(), url=page_of(meeting))
    return ics(content, f"seance-{meeting.day}.ics")


@public("calendars sign in nowhere: the signed address says whose meetings these are")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The meetings of one access, cancelled ones said to be."""
    today = timezone.localdate()
    reader = membership_of_feed(token, today) if len(token) <= 400 else None
    if reader is None:
        if not WRONG.take(caller(request)):
            return HttpResponse(status=429)
        raise Http404
    with no_writes():
        rows = Meeting.objects.visible_to(reader).filter(day__gte=today - BEFORE)
        rows = rows.exclude(state__in=("draft", "poll")).select_related("committee")
        found = [(row, page_of(row)) for row in rows[:MOST]]
    name = f"Comités, {reader.programme}"
    response = ics(calendar.feed(found, name, now=timezone.now()), "comites.ics")
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def page_of(meeting: Meeting) -> str:
    return f"{settings.SITE_URL}{reverse('meeting', args=[meeting.pk])}"


def ics(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
