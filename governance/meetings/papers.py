"""The agenda on paper, as members and as guests read it: PDF/A-3a and PDF/UA-1."""

import logging
from dataclasses import dataclass

from django.template.loader import render_to_string
from post_office.models import Attachment

from humanicite.lib.mail import outbox
from humanicite.lib.pdf import PdfUnavailable, render

from .models import AgendaItem, Meeting

log = logging.getLogger(__name__)


def agenda_pdf(meeting: Meeting, items: list[AgendaItem]) -> bytes:
    """A meeting's agenda with these points. Raises PdfUnavailable."""
    guests = meeting.invitations.filter(is_guest=True)
    context = {
        "meeting": meeting,
        "items": items,
        "total": total_minutes(items),
        "guests": [row for row in guests if row.function],
    }
    html = render_to_string("meetings/agenda_pdf.html", context)
    return render(html, style="print-agenda.css")


def agenda_filename(meeting: Meeting) -> str:
    return f"ordre-du-jour-{meeting.day}.pdf"


def items_of(meeting: Meeting, *, for_guest: bool = False) -> list[AgendaItem]:
    """In their order; what is confidential stays among those who sit there."""
    rows = AgendaItem.objects.filter(meeting=meeting).select_related("owner")
    return list(rows.filter(is_confidential=False) if for_guest else rows)


def total_minutes(items: list[AgendaItem]) -> int:
    return sum(item.minutes or 0 for item in items)


@dataclass(frozen=True)
class Drawing:
    """A meeting's agenda drawn for its members and its guests, kept nowhere yet; None where the
    system's libraries are missing: the mail leaves all the same, as it says everything itself."""

    for_members: bytes | None
    for_guests: bytes | None
    shows: tuple[object, ...]

    def is_of(self, meeting: Meeting) -> bool:
        """Whether it shows the agenda as it is now."""
        return self.shows == _shown(meeting)

    def files(self, meeting: Meeting) -> dict[bool, list[Attachment]]:
        """By whether it is a guest's; one file serves several mails."""
        name = agenda_filename(meeting)
        files: dict[bool, list[Attachment]] = {}
        for is_guest, content in ((False, self.for_members), (True, self.for_guests)):
            if content is None:
                files[is_guest] = []
            elif is_guest and content == self.for_members:
                files[is_guest] = files[False]
            else:
                files[is_guest] = [outbox.attachment(name, content, "application/pdf")]
        return files


def draw(meeting: Meeting) -> Drawing:
    """Takes a second or so: before a transaction."""
    shows = _shown(meeting)
    members, guests = items_of(meeting), items_of(meeting, for_guest=True)
    try:
        drawn = agenda_pdf(meeting, members)
        shared = drawn if len(guests) == len(members) else agenda_pdf(meeting, guests)
    except PdfUnavailable as error:
        log.warning("meeting %s is convened without its PDF: %s", meeting.pk, error)
        return Drawing(None, None, shows)
    return Drawing(drawn, shared, shows)


def _shown(meeting: Meeting) -> tuple[object, ...]:
    """What tells one drawing from another."""
    meeting = Meeting.objects.get(pk=meeting.pk)
    items = AgendaItem.objects.filter(meeting=meeting).values_list("pk", "version", "rank")
    invited = meeting.invitations.filter(is_guest=True).values_list("pk", flat=True)
    return (meeting.pk, meeting.version, *sorted(items), *sorted(invited))
