"""What keeps minutes from going further, told point by point."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from governance.committees.models import CommitteeKind
from governance.decisions.reach import without_contact
from governance.meetings.models import AgendaItem, Attendance, ItemOutcome, Meeting
from humanicite.lib import personal


@dataclass(frozen=True)
class Problem:
    """`anchor` leads to where it is mended; `may_be_kept`: a writer may say that it is none."""

    text: str
    anchor: str = ""
    may_be_kept: bool = False


def problems(meeting: Meeting, items: Iterable[AgendaItem]) -> list[Problem]:
    """Each point needs an outcome, each invited function an attendance, and no text names anybody."""
    items = list(items)
    found = []
    if not items:
        found.append(Problem("L’ordre du jour est vide : ajoutez au moins un point."))
    unknown = meeting.invitations.filter(attendance=Attendance.UNKNOWN).count()
    if unknown:
        found.append(Problem(f"Présences à pointer : {unknown}.", "presences"))
    is_watch = meeting.committee.kind == CommitteeKind.WATCH
    for item in items:
        anchor = f"point-{item.pk}"
        if item.outcome == ItemOutcome.OPEN:
            text = f"« {item.title} » : dites si ce point a été traité, reporté ou non abordé."
            found.append(Problem(text, anchor))
        elif item.outcome == ItemOutcome.TREATED and not (is_watch or has_content(item)):
            text = f"« {item.title} » est traité, mais rien n’en est dit."
            found.append(Problem(text, anchor))
        if hits := identifying(item):
            text = f"« {item.title} » semble identifier quelqu’un : {personal.said(hits)}."
            found.append(Problem(text, anchor, may_be_kept=not is_watch))
    return found


def has_content(item: AgendaItem) -> bool:
    return bool(item.notes or item.decisions.all() or item.actions.all())


def identifying(item: AgendaItem) -> list[personal.Found]:
    """What in a point's texts seems to name somebody (R25)."""
    rows: list[Any] = [*item.decisions.all(), *item.actions.all()]
    return personal.in_texts(item.notes, *(row.text for row in rows))


def warnings(meeting: Meeting, items: Iterable[AgendaItem]) -> list[str]:
    """What is worth a look and holds nothing up: actions that no reminder will reach."""
    rows = [row for item in items for row in item.actions.all()]
    unreached = without_contact({row.party_id for row in rows}, meeting.day)
    names = dict.fromkeys(str(row.party) for row in rows if row.party_id in unreached)
    return [
        f"{name} n’a pas d’interlocuteur joignable : aucun rappel ne lui parviendra."
        for name in names
    ]
