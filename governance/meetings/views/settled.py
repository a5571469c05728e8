"""What a page that changes a meeting says where there is nothing left to change."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from governance.access.requests import Request
from governance.meetings.models import Meeting


def settled(request: Request, meeting: Meeting, said: str) -> HttpResponse:
    """The reason, and the way to the meeting; after a POST, the meeting with the reason."""
    if request.method == "POST":
        messages.info(request, said)
        return redirect("meeting", pk=meeting.pk)
    return render(request, "meetings/settled.html", {"meeting": meeting, "said": said})
