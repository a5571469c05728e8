"""What of a meeting its readers are shown."""

from governance.access.models import Membership

from .models import AgendaItem, Invitation, Meeting
from .papers import items_of


def reads_confidential(membership: Membership, meeting: Meeting) -> bool:
    """The operator, and parties that sit there: what is confidential stays among the members."""
    if membership.is_operator:
        return True
    return any(
        committee == meeting.committee_id
        and starts <= meeting.day
        and (ends is None or meeting.day <= ends)
        for committee, starts, ends in membership.seats
    )


def items_for(membership: Membership, meeting: Meeting) -> list[AgendaItem]:
    return items_of(meeting, for_guest=not reads_confidential(membership, meeting))


def own_invitations(membership: Membership, rows: list[Invitation]) -> list[Invitation]:
    """Those that the reader's party answers."""
    return [row for row in rows if row.party_id == membership.party_id]
