"""Minutes as data: what the page, the PDF and the mail show, and what is kept once approved."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from governance.committees.models import CommitteeKind
from governance.decisions.models import ActionItem, ActionState, Decision
from governance.meetings.models import AgendaItem, Attendance, Invitation, ItemOutcome, Meeting
from humanicite.lib.dates import long_day

Numbers = Mapping[int, tuple[int, int]]  # key of a decision → its year and number


def points_of(meeting: Meeting) -> list[AgendaItem]:
    """In their order, with what stands under each; in a constant number of queries."""
    rows = meeting.items.select_related("owner", "carried_from__meeting")
    return list(
        rows.prefetch_related(
            "decisions", "actions__party", "actions__contact", "carried_to__meeting"
        ).order_by("rank", "pk")
    )


def build(meeting: Meeting, numbers: Numbers | None = None) -> dict[str, object]:
    """The minutes as they stand. `numbers`: those that decisions are about to get."""
    committee = meeting.committee
    invitations = list(meeting.invitations.select_related("party").order_by("is_guest", "pk"))
    return {
        "committee": committee.name,
        "programme": str(committee.programme),
        "is_demo": committee.programme.is_demo,
        "is_watch": committee.kind == CommitteeKind.WATCH,
        "title": meeting.title,
        "day": meeting.day.isoformat(),
        "hours": f"{meeting.starts_at:%H:%M} à {meeting.ends_at:%H:%M}",
        "venue": meeting.venue,
        "attendance": _attendance(invitations),
        "excused": _named(invitations, Attendance.EXCUSED),
        "items": [_point(item, numbers or {}) for item in points_of(meeting)],
        "earlier": [_earlier(row) for row in earlier_actions(meeting)],
    }


def _attendance(rows: Iterable[Invitation]) -> list[dict[str, object]]:
    """By organisation, in the order in which they were asked."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        name = row.party.name if row.party else row.organisation
        state = Attendance(row.attendance)
        found.setdefault(name, []).append(
            {
                "function": row.function,
                "state": row.attendance,
                "label": state.label,
                "represented_by": row.represented_by if state == Attendance.REPRESENTED else "",
            }
        )
    return [{"organisation": name, "people": people} for name, people in found.items()]


def _named(rows: Iterable[Invitation], state: str) -> list[str]:
    return [str(row) for row in rows if row.attendance == state]


def _point(item: AgendaItem, numbers: Numbers) -> dict[str, object]:
    before, after = item.carried_from, next(iter(item.carried_to.all()), None)
    return {
        "uid": str(item.uid),
        "title": item.title,
        "details": item.details,
        "owner": str(item.owner) if item.owner else "",
        "is_confidential": item.is_confidential,
        "outcome": item.outcome,
        "label": ItemOutcome(item.outcome).label,
        "notes": item.notes,
        "decisions": [_decision(row, numbers) for row in _ranked(item.decisions.all())],
        "actions": [_action(row) for row in _ranked(item.actions.all())],
        "from": long_day(before.meeting.day) if before else "",
        "to": long_day(after.meeting.day) if after and item.outcome == ItemOutcome.CARRIED else "",
    }


def _ranked(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: (row.rank, row.pk))


def _decision(row: Decision, numbers: Numbers) -> dict[str, str]:
    year, number = numbers.get(row.pk, (row.year, row.number))
    return {
        "uid": str(row.uid),
        "reference": f"{year}-{number}" if number else "",
        "text": row.text,
    }


def _action(row: ActionItem) -> dict[str, str]:
    return {"uid": str(row.uid), "text": row.text, "who": who(row), "due_on": _iso(row.due_on)}


def _iso(day: date) -> str:
    return day.isoformat()


def who(row: ActionItem) -> str:
    return f"{row.party}, {row.contact.function}" if row.contact else str(row.party)


# --- Actions of the meetings before ---------------------------------------------------------------
def earlier_actions(meeting: Meeting) -> list[ActionItem]:
    """Those of the committee's earlier meetings that were open on the day of this one, the oldest
    first: what it reviews before anything else."""
    rows = ActionItem.objects.filter(
        item__meeting__committee=meeting.committee_id,
        item__meeting__day__lt=meeting.day,
        is_internal=False,
    ).filter(Q(state=ActionState.TO_DO) | Q(closed_on__gte=meeting.day))
    return list(rows.select_related("party", "contact", "item__meeting").order_by("due_on", "pk"))


def _earlier(row: ActionItem) -> dict[str, object]:
    return {
        "text": row.text,
        "who": who(row),
        "due_on": _iso(row.due_on),
        "state": row.state,
        "label": row.get_state_display(),
        "note": row.closing_note,
        "is_confidential": row.item.is_confidential,
    }


# --- Editions -------------------------------------------------------------------------------------
def has_confidential(content: Mapping[str, Any]) -> bool:
    rows = [*content["items"], *content["earlier"]]
    return any(row["is_confidential"] for row in rows)


def without_confidential(content: dict[str, Any]) -> dict[str, Any]:
    """The edition to share: a confidential point keeps its number and loses its words."""
    return content | {
        "items": [_closed(row) if row["is_confidential"] else row for row in content["items"]],
        "earlier": [row for row in content["earlier"] if not row["is_confidential"]],
    }


def _closed(row: dict[str, object]) -> dict[str, object]:
    kept = {"title": "Point confidentiel", "details": "", "owner": "", "notes": "", "from": ""}
    return row | kept | {"decisions": [], "actions": [], "is_closed": True}


# --- What a correction changes --------------------------------------------------------------------
def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """Point by point and line by line: where, what was said, what is said now."""
    old = {row["uid"]: row for row in before["items"]}
    found = []
    for row in after["items"]:
        was = old.get(row["uid"], {})
        for name, label in (("title", "Intitulé"), ("notes", "Information"), ("label", "Suite")):
            if was.get(name, "") != row[name]:
                found.append(_change(row, label, was.get(name, ""), row[name]))
        for name, label in (("decisions", "Décision"), ("actions", "Action")):
            texts = {one["uid"]: one["text"] for one in was.get(name, [])}
            for one in row[name]:
                if texts.get(one["uid"], "") != one["text"]:
                    found.append(_change(row, label, texts.get(one["uid"], ""), one["text"]))
    return found


def _change(row: Mapping[str, Any], label: str, before: str, after: str) -> dict[str, str]:
    return {"point": row["title"], "label": label, "before": before, "after": after}
