"""What comes next for a reader: meetings, its party's actions, the quarter's news, the service phone.

One query, whatever there is of each: it stands on pages that make few.
"""

from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    F,
    OuterRef,
    TextField,
    TimeField,
    Value,
)
from django.db.models.functions import Cast

from governance.access.models import Membership
from governance.contacts.models import Contact
from governance.decisions.models import ActionItem
from governance.meetings.models import Invitation, InvitationAnswer, Meeting, MeetingState
from governance.news.models import QuarterNews
from governance.rights import Role

MOST = 3  # of each; the rest is one link away
# Not the names of any column of the models that are read.
COLUMNS = (
    "next_what", "next_key", "next_day", "next_at", "next_text", "next_beside", "next_state",
    "next_asked",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """`day`: of the meeting, of an action's due date, the news' last. `is_asked`: for an answer."""

    key: int
    day: date
    at: time | None
    text: str
    beside: str
    state: str
    is_asked: bool

    @property
    def is_polled(self) -> bool:
        return self.state == MeetingState.POLL


@dataclass
class Coming:
    today: date
    meetings: list[Line] = field(default_factory=list)
    actions: list[Line] = field(default_factory=list)
    news: list[Line] = field(default_factory=list)
    phone: str = ""

    @property
    def has_any(self) -> bool:
        return bool(self.meetings or self.actions or self.phone)

    @property
    def first_meetings(self) -> list[Line]:
        return self.meetings[:MOST]

    @property
    def first_actions(self) -> list[Line]:
        return self.actions[:MOST]

    @property
    def first_news(self) -> list[Line]:
        return self.news[:MOST]

    @property
    def more_actions(self) -> int:
        return max(0, len(self.actions) - MOST)

    @property
    def more_news(self) -> int:
        return max(0, len(self.news) - MOST)


def coming(membership: Membership, today: date) -> Coming:
    """Each in the order of its days. News for who walks the quarter; the phone for the others."""
    parts = [_meetings(membership, today), _actions(membership)]
    if membership.role == Role.MEDIATEUR:
        parts.append(_news(membership, today))
    elif not membership.is_operator:
        parts.append(_phone(membership, today))
    rows = [part.order_by().values_list(*COLUMNS) for part in parts]
    found = Coming(today)
    lists = {"meeting": found.meetings, "action": found.actions, "news": found.news}
    for what, *row in sorted(rows[0].union(*rows[1:], all=True), key=_in_order):
        if what == "phone":
            found.phone = found.phone or row[3]  # by its day and key, as in the mails
        else:
            lists[what].append(Line(*row))
    return found


def _in_order(row: tuple[object, ...]) -> tuple[object, ...]:
    return (row[2], row[3] or time.min, row[1])


def _as(
    rows: Any,
    what: str,
    *,
    day: str,
    text: str,
    at: str = "",
    beside: str = "",
    state: str = "",
    asked: object = None,
) -> object:
    """The same columns of each kind, with the types that a union asks for; names are of columns."""
    return rows.annotate(
        next_what=Value(what, output_field=TextField()),
        next_key=F("pk"),
        next_day=F(day),
        next_at=F(at) if at else Value(None, output_field=TimeField()),
        next_text=Cast(F(text), TextField()),
        next_beside=Cast(F(beside), TextField()) if beside else Value("", output_field=TextField()),
        next_state=Cast(F(state), TextField()) if state else Value("", output_field=TextField()),
        next_asked=asked or Value(value=False, output_field=BooleanField()),
    )


def _meetings(membership: Membership, today: date) -> object:
    """Convened, or whose date is looked for. An outsider's: those to which its party is asked."""
    asked = Invitation.objects.filter(meeting=OuterRef("pk"), party=membership.party_id)
    rows = Meeting.objects.visible_to(membership).filter(
        day__gte=today, state__in=(MeetingState.CONVENED, MeetingState.POLL)
    )
    if not membership.is_operator:
        rows = rows.filter(Exists(asked))
    return _as(
        rows,
        "meeting",
        day="day",
        at="starts_at",
        text="committee__name",
        beside="venue",
        state="state",
        asked=Exists(asked.filter(answer=InvitationAnswer.NONE)),
    )


def _actions(membership: Membership) -> Any:
    rows = ActionItem.objects.visible_to(membership).open().filter(party=membership.party_id)
    return _as(rows, "action", day="due_on", text="text")


def _news(membership: Membership, today: date) -> object:
    rows = QuarterNews.objects.visible_to(membership).in_force(today)
    return _as(rows, "news", day="ends", text="title", beside="place__name")


def _phone(membership: Membership, today: date) -> object:
    return _as(
        Contact.service_phones(membership.programme_id, today), "phone", day="starts", text="phone"
    )
