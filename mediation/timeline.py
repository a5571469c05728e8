"""The thread of a situation: what was done and what was decided, as one line of time (R59).

`SOURCES` are functions (situation, reader, its record, how many) → moments, newest first; another
kind of row joins the thread by another function.
"""

from dataclasses import dataclass
from datetime import date, time


@dataclass(frozen=True)
class Moment:
    """`icon` tells kinds apart; `about` is where, how long, who; `text` is what somebody wrote,
    `whole` the same with what was cut from it."""

    day: date
    at: time | None
    icon: str
    title: str
    about: str = ""
    text: str = ""
    url: str = ""
    ends_its_day: bool = False
    whole: str = ""

    @property
    def order(self) -> tuple[date, time]:
        """What has no hour comes first within its day, unless it ends it."""
        return self.day, self.at or (time.max if self.ends_its_day else time.min)
