"""What is typed of a point: its text, its decisions, its actions, as many as one likes.

Lines are named by the uid of their row, which the page makes: sent twice, by hand or by itself,
they are one row.
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from governance.access.models import Membership
from governance.base import current
from governance.committees.models import CommitteeKind
from governance.contacts.models import Contact
from governance.decisions.models import ActionItem, Decision
from governance.meetings.models import AgendaItem, ItemOutcome
from governance.parties.models import Party
from humanicite.lib import personal
from humanicite.lib.dates import parse_day
from humanicite.lib.forms import NO_SUCH_DAY, DayInput

from .actions.points import ActionSaid, PointSaid

LONGEST_NOTES = 8000  # characters
LONGEST_DECISION = 2000
LONGEST_ACTION = 300
MOST_LINES = 60  # of one point
FARTHEST = timedelta(days=3 * 366)
_LINE = re.compile(r"^(decision|action|who|due)-([0-9a-f-]{36})$")


class Doers:
    """Who may be charged with an action: each party, and its contacts by their function."""

    def __init__(self, parties: Iterable[Party], contacts: Iterable[Contact]) -> None:
        self.parties = {f"p{row.pk}": row for row in parties}
        self.contacts = {f"c{row.pk}": row for row in contacts}

    @classmethod
    def of(cls, by: Membership, on: date) -> "Doers":
        parties = Party.objects.visible_to(by).filter(current(on)).order_by("name")
        contacts = Contact.objects.visible_to(by).on(on).select_related("party")
        return cls(parties, contacts)

    def find(self, key: str) -> tuple[Party, Contact | None] | None:
        if key in self.parties:
            return self.parties[key], None
        contact = self.contacts.get(key)
        return (contact.party, contact) if contact else None

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """For a select: (party, (value, words))."""
        found = []
        for key, party in self.parties.items():
            mine = [
                (f"c{row.pk}", f"{party}, {row.function}")
                for row in self.contacts.values()
                if row.party_id == party.pk
            ]
            found.append((party.name, [(key, str(party)), *mine]))
        return found


def key_of(action: ActionItem) -> str:
    return f"c{action.contact_id}" if action.contact_id else f"p{action.party_id}"


@dataclass
class DecisionLine:
    uid: str
    text: str = ""
    reference: str = ""
    errors: list[str] = field(default_factory=list)


@dataclass
class ActionLine:
    uid: str
    text: str = ""
    who: str = ""
    due: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    is_unreached: bool = False


@dataclass
class PointEntry:
    """A point's part of the page, filled from its rows or from what was typed."""

    item: AgendaItem
    doers: Doers
    notes: str = ""
    outcome: str = ""
    version: int = 1
    decisions: list[DecisionLine] = field(default_factory=list)
    actions: list[ActionLine] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    said: PointSaid | None = None
    theirs: "PointEntry | None" = None  # what somebody else saved meanwhile

    OUTCOMES = [choice for choice in ItemOutcome.choices if choice[0]]

    @property
    def is_watch(self) -> bool:
        return self.item.meeting.committee.kind == CommitteeKind.WATCH

    @property
    def prefix(self) -> str:
        """What its fields begin with, on a page of several points in one form."""
        return f"p{self.item.pk}-"

    @property
    def identifying(self) -> str:
        """« un nom (M. X) »: what in its texts seems to name somebody (R25)."""
        lines = [row.text for row in self.decisions] + [row.text for row in self.actions]
        texts = [self.notes, *lines]
        return personal.said(personal.in_texts(*texts))

    def with_blanks(self) -> "PointEntry":
        """And one empty line of each, to be filled."""
        self.decisions.append(DecisionLine(str(uuid.uuid4())))
        self.actions.append(ActionLine(str(uuid.uuid4())))
        return self


def saved_entry(item: AgendaItem, doers: Doers, unreached: Iterable[int] = ()) -> PointEntry:
    """From its rows, which `points_of` fetches."""
    entry = PointEntry(item, doers, item.notes, item.outcome, item.version)
    rows: list[Decision] = sorted(item.decisions.all(), key=lambda row: (row.rank, row.pk))
    entry.decisions = [DecisionLine(str(row.uid), row.text, row.reference) for row in rows]
    actions: list[ActionItem] = sorted(item.actions.all(), key=lambda row: (row.rank, row.pk))
    entry.actions = [
        ActionLine(
            str(row.uid),
            row.text,
            key_of(row),
            row.due_on.isoformat(),
            is_unreached=row.party_id in unreached,
        )
        for row in actions
    ]
    return entry


def typed_entry(
    item: AgendaItem, doers: Doers, data: Mapping[str, Any], *, by_itself: bool = False
) -> PointEntry:
    """From what was typed; `said` is None where something is wrong. `by_itself`: saved while
    somebody still types, so that a line that is not whole yet waits."""
    entry = PointEntry(
        item, doers, str(data.get("notes", "")).strip(), str(data.get("outcome", ""))
    )
    version = str(data.get("version", ""))
    entry.version = int(version) if version.isascii() and version.isdigit() else 0
    _read_lines(entry, data)
    if len(entry.notes) > LONGEST_NOTES:
        entry.errors.append((f"notes-{item.pk}", f"Au plus {LONGEST_NOTES} caractères."))
    if entry.outcome not in ItemOutcome.values:
        entry.errors.append(("", "Cette suite n’existe pas."))
    actions = [said for row in entry.actions if (said := _action_of(entry, row, by_itself))]
    if not entry.errors:
        entry.said = PointSaid(
            entry.notes,
            entry.outcome,
            [(uuid.UUID(row.uid), row.text) for row in entry.decisions],
            actions,
        )
    return entry


def _read_lines(entry: PointEntry, data: Mapping[str, Any]) -> None:
    decisions: dict[str, DecisionLine] = {}
    actions: dict[str, ActionLine] = {}
    for name in list(data)[: 4 * MOST_LINES]:
        found = _LINE.match(name)
        if found is None:
            continue
        kind, key = found.groups()
        try:
            uuid.UUID(key)
        except ValueError:
            continue
        text = str(data.get(name, "")).strip()
        if kind == "decision":
            decisions[key] = line = DecisionLine(key, text)
            if len(text) > LONGEST_DECISION:
                line.errors.append(f"Au plus {LONGEST_DECISION} caractères.")
                entry.errors.append((name, f"Décision : au plus {LONGEST_DECISION} caractères."))
            continue
        row = actions.setdefault(key, ActionLine(key))
        setattr(row, {"action": "text"}.get(kind, kind), text)
    entry.decisions, entry.actions = list(decisions.values()), list(actions.values())


def _action_of(entry: PointEntry, row: ActionLine, by_itself: bool) -> ActionSaid | None:
    """None for a line that is wrong, or that is not whole yet while it is being typed."""
    key = uuid.UUID(row.uid)
    if not row.text:
        if (row.who or row.due) and not _is_saved(entry, row) and not by_itself:
            _fault(entry, row, "action", "Dites ce qui est à faire.")
            return None
        return ActionSaid(key, "")
    found = entry.doers.find(row.who)
    due_on = _day(row.due)
    if by_itself and (found is None or due_on is None):
        return None
    if len(row.text) > LONGEST_ACTION:
        _fault(entry, row, "action", f"Action : au plus {LONGEST_ACTION} caractères.")
    if found is None:
        _fault(entry, row, "who", "Dites qui se charge de cette action.")
    if not row.due:
        _fault(entry, row, "due", "Dites pour quand cette action est à faire.")
    elif due_on is None:
        _fault(entry, row, "due", NO_SUCH_DAY)
    elif not entry.item.meeting.day <= due_on <= entry.item.meeting.day + FARTHEST:
        _fault(entry, row, "due", "L’échéance vient après la séance, dans les trois ans.")
    if row.errors or found is None or due_on is None:
        return None
    return ActionSaid(key, row.text, *found, due_on)


def _is_saved(entry: PointEntry, row: ActionLine) -> bool:
    return any(str(one.uid) == row.uid for one in entry.item.actions.all())


def _fault(entry: PointEntry, row: ActionLine, name: str, text: str) -> None:
    row.errors[name] = text
    entry.errors.append((f"{name}-{row.uid}", text))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return parse_day(text)
    except ValueError:
        return None


# --- The other forms ------------------------------------------------------------------------------
class AttendantForm(forms.Form):
    """Somebody who came without having been asked."""

    organisation = forms.CharField(
        label="Organisation",
        max_length=160,
        error_messages={"required": "Dites au nom de qui cette personne est venue."},
    )
    function = forms.CharField(
        label="Fonction",
        max_length=160,
        error_messages={"required": "Dites sa fonction."},
    )

    def clean(self) -> dict[str, object]:
        said = super().clean() or self.cleaned_data
        if personal.find(" ".join(str(value) for value in said.values())):
            raise ValidationError("Écrivez une fonction, sans nom de personne.")
        return said


class SubmitForm(forms.Form):
    until = forms.DateField(
        label="Observations jusqu’au",
        widget=DayInput(),
        error_messages={"invalid": NO_SUCH_DAY, "required": "Dites jusqu’à quelle date."},
    )
    keeps_names = forms.BooleanField(
        label="J’ai relu : ces textes n’identifient aucun habitant.", required=False
    )


class ApproveForm(forms.Form):
    keeps_names = SubmitForm.base_fields["keeps_names"]


class ObservationForm(forms.Form):
    text = forms.CharField(
        label="Votre observation",
        max_length=4000,
        widget=forms.Textarea({"rows": 5}),
        error_messages={"required": "Écrivez votre observation."},
    )
