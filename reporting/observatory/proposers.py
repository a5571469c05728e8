"""What the observatory proposes to an agenda: what came back three times, to be prevented."""

from datetime import date

from governance.meetings.proposals import Proposed
from governance.models import CommitteeKind, Meeting
from governance.rights import Right
from governance.scoping import Reader
from humanicite.lib.dates import NBSP
from humanicite.templatetags.french import plural
from mediation.models import Activity, Signalement

from .repeats import WITHIN, Repeat, repeats

AT_MOST = 5  # an agenda is no list: the observatory has the others
BODIES = (CommitteeKind.FOLLOW_UP, CommitteeKind.WATCH)


class RecurringTroubles:
    """The same theme at the same place, three times in the ninety days before the meeting."""

    label = "À prévenir\N{NO-BREAK SPACE}: ce qui revient"
    icon = "again"

    def propose(self, meeting: Meeting, reader: Reader, today: date) -> list[Proposed]:
        if not reader.may(Right.CONVENE) or meeting.committee.kind not in BODIES:
            return []
        activities = Activity.objects.visible_to(reader)
        signalements = Signalement.objects.visible_to(reader)
        found = repeats(activities, signalements, min(meeting.day, today))
        return [self._point(row) for row in found[:AT_MOST]]

    def _point(self, row: Repeat) -> Proposed:
        times = f"{row.times}{NBSP}fois en {WITHIN.days}{NBSP}jours"
        return Proposed(
            source=f"recurrence:{row.place_id}:{row.theme_id}",
            title=f"{row.theme}, {row.place}{NBSP}: {times}"[:160],
            why=f"{said(row)}, le dernier le {row.last:%d/%m/%Y}",
            minutes=15,
        )


def said(row: Repeat) -> str:
    """« 3 conflits et 1 signalement »."""
    parts = [
        plural(count, words)
        for count, words in (
            (row.conflicts, "conflit,conflits"), (row.signalements, "signalement,signalements"),
        )
        if count
    ]  # fmt: skip
    return " et ".join(parts)
