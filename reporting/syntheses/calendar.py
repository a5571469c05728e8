"""When syntheses come out: the parties see it, and the coordination is reminded by it (R76)."""

from datetime import date

from humanicite.lib.dates import add_working_days
from reporting.periods import Period

PUBLISHED_BY = 10  # the working day of the next month by which a synthesis is out
REMINDED_ON = 5  # the working day on which the coordination is told what is missing


def due_on(month: Period) -> date:
    """The day by which a month's synthesis is published."""
    return add_working_days(month.last, PUBLISHED_BY)


def reminded_on(month: Period) -> date:
    return add_working_days(month.last, REMINDED_ON)
