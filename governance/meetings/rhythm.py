"""When a monthly body meets next, and which meetings of the agreement are missing (R47–R49, R56)."""

import calendar
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from humanicite.lib.dates import is_day_off

from .models import Meeting, MeetingKind, MeetingState

LOOKED_AT = 6  # past meetings whose rhythm is taken
LATE_FROM = 10  # the day of a month from which a convocation is late
USUAL = (3, 1)  # before there is one: the third Tuesday of the month
USUAL_HOURS = (time(14, 0), time(16, 0))


@dataclass(frozen=True)
class Proposal:
    """A meeting that nobody made yet."""

    day: date
    starts_at: time
    ends_at: time
    venue: str


def next_meetings(meetings: Sequence[Meeting], today: date, *, count: int = 3) -> list[Proposal]:
    """The next monthly meetings of one body, one in each month that has none.

    The same week of the month and day of the week, hours and place as its last ones; a day off
    gives way to the next working day.
    """
    known = [row for row in meetings if not row.is_cancelled]
    last = sorted(known, key=lambda row: row.day)[-LOOKED_AT:]
    week, weekday = USUAL
    starts_at, ends_at = USUAL_HOURS
    venue = ""
    if last:
        rhythm = Counter((week_of_month(row.day), row.day.weekday()) for row in last)
        week, weekday = rhythm.most_common(1)[0][0]
        starts_at, ends_at = Counter((row.starts_at, row.ends_at) for row in last).most_common(1)[
            0
        ][0]
        venue = Counter(row.venue for row in last).most_common(1)[0][0]
    taken = {(row.day.year, row.day.month) for row in known}
    found: list[Proposal] = []
    year, month = today.year, today.month
    while len(found) < count:
        day = working_day(year, month, week, weekday)
        if (year, month) not in taken and day > today:
            found.append(Proposal(day, starts_at, ends_at, venue))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found


def week_of_month(day: date) -> int:
    """1 to 5: the third Tuesday of a month is of its third week."""
    return (day.day - 1) // 7 + 1


def working_day(year: int, month: int, week: int, weekday: int) -> date:
    """The `week`-th such weekday of a month, the last one where there are fewer; a day off gives
    way to the next working day of the month, or the one before."""
    first = date(year, month, 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (week - 1))
    while day > last:
        day -= timedelta(days=7)
    later = day
    while is_day_off(later):
        later += timedelta(days=1)
    if later <= last:
        return later
    while is_day_off(day):
        day -= timedelta(days=1)
    return day


def is_month_missing(meetings: Iterable[Meeting], today: date) -> bool:
    """Whether nothing was held or convened this month, near its end or with no date in sight: from
    the 10th on, the convocation is late."""
    if today.day < LATE_FROM:
        return False
    return not any(
        (row.day.year, row.day.month) == (today.year, today.month)
        and row.state in (MeetingState.CONVENED, MeetingState.HELD)
        for row in meetings
    )


def missing_of_term(
    meetings: Iterable[Meeting], starts: date, ends: date | None, today: date
) -> list[MeetingKind]:
    """Of the three meetings of the comité de pilotage (R47–R49), those whose time has come in a
    convention's term and that nobody dated: the launch within two months, the middle, the end."""
    length = ((ends or starts + timedelta(days=364)) - starts).days
    due = {
        MeetingKind.LAUNCH: starts + timedelta(days=min(60, length // 4)),
        MeetingKind.MIDTERM: starts + timedelta(days=length // 2 + 30),
        MeetingKind.YEARLY: starts + timedelta(days=length - 30),
    }
    there = {
        row.kind
        for row in meetings
        if not row.is_cancelled
        and row.day >= starts
        and (ends is None or row.day <= ends + timedelta(days=60))
    }
    return [kind for kind, by in due.items() if today >= by and kind not in there]
