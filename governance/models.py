from governance.access.models import Membership, User
from governance.committees.models import Committee, CommitteeKind, Seat
from governance.contacts.models import Contact
from governance.conventions.models import (
    Contribution,
    Convention,
    Provision,
    ProvisionKind,
    Signatory,
)
from governance.decisions.models import ActionItem, ActionReminder, ActionState, Decision
from governance.framework.models import Audience, Axis, Objective, Theme
from governance.journal.models import Act, AppendOnly, JournalEntry, record, record_each
from governance.meetings.models import (
    AgendaItem,
    Attendance,
    DeclinedProposal,
    Invitation,
    InvitationAnswer,
    ItemOutcome,
    MailKind,
    Meeting,
    MeetingKind,
    MeetingMail,
    MeetingState,
    Slot,
    SlotAnswer,
)
from governance.minutes.models import Minutes, MinutesStage, Observation
from governance.news.models import NewsFile, NewsKind, NewsState, QuarterNews
from governance.parties.models import Party, PartyKind, Programme
from governance.territory.models import Coverage, Perimeter, Place, PlaceKind

__all__ = [
    "Act",
    "ActionItem",
    "ActionReminder",
    "ActionState",
    "AgendaItem",
    "AppendOnly",
    "Attendance",
    "Audience",
    "Axis",
    "Committee",
    "CommitteeKind",
    "Contact",
    "Contribution",
    "Convention",
    "Coverage",
    "Decision",
    "DeclinedProposal",
    "Invitation",
    "InvitationAnswer",
    "ItemOutcome",
    "JournalEntry",
    "MailKind",
    "Meeting",
    "MeetingKind",
    "MeetingMail",
    "MeetingState",
    "Membership",
    "Minutes",
    "MinutesStage",
    "NewsFile",
    "NewsKind",
    "NewsState",
    "Objective",
    "Observation",
    "Party",
    "PartyKind",
    "Perimeter",
    "Place",
    "PlaceKind",
    "Programme",
    "Provision",
    "ProvisionKind",
    "QuarterNews",
    "Seat",
    "Signatory",
    "Slot",
    "SlotAnswer",
    "Theme",
    "User",
    "record",
    "record_each",
]
