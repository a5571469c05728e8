"""An event of a signalement's course as a moment of a timeline."""

from django.utils import timezone

from mediation.timeline import Moment

from .models.course import EventKind, SignalementEvent

ICONS = {
    EventKind.CREATED: "edit", EventKind.SENT: "send", EventKind.HANDED: "ok",
    EventKind.FAILED: "warn", EventKind.REPLIED: "share", EventKind.MAIL: "share",
    EventKind.AUTO: "clock", EventKind.BOUNCED: "warn", EventKind.REMINDED: "again",
    EventKind.SILENT: "hourglass", EventKind.CALL: "clock", EventKind.RELAY: "RELA",
    EventKind.COMMITTEE: "people", EventKind.REDIRECTED: "send", EventKind.SUCCEEDED: "person",
    EventKind.STATE: "edit", EventKind.REOPENED: "edit", EventKind.JOINED: "VEIL", EventKind.COMMENT: "edit",
}  # fmt: skip


def moment_of(
    row: SignalementEvent,
    *,
    about: list[str],
    title: str = "",
    icon: str = "",
    url: str = "",
    whole: str = "",
) -> Moment:
    """`title` and `icon`: else the event's own; `whole`: the mail it came by, where it holds more."""
    at = timezone.localtime(row.at)
    return Moment(
        day=at.date(),
        at=at.time(),
        icon=icon or ICONS.get(EventKind(row.kind), "info"),
        title=title or row.title,
        about=" · ".join(about),
        text=row.text,
        url=url,
        whole=whole,
    )
