from governance.access.models import Membership, User
from governance.committees.models import Committee, CommitteeKind, Seat
from governance.contacts.models import Contact
from governance.conventions.models import (
    Acceptance,
    Contribution,
    Convention,
    ConventionVersion,
    Instalment,
    Provision,
    ProvisionKind,
    ProvisionState,
    Signatory,
)
from governance.framework.models import Audience, Axis, Objective, Theme
from governance.journal.models import Act, AppendOnly, JournalEntry, record, record_each
from governance.parties.models import Party, PartyKind, Programme
from governance.territory.models import Coverage, Perimeter, Place, PlaceKind

__all__ = [
    "Acceptance",
    "Act",
    "AppendOnly",
    "Audience",
    "Axis",
    "Committee",
    "CommitteeKind",
    "Contact",
    "Contribution",
    "Convention",
    "ConventionVersion",
    "Coverage",
    "Instalment",
    "JournalEntry",
    "Membership",
    "Objective",
    "Party",
    "PartyKind",
    "Perimeter",
    "Place",
    "PlaceKind",
    "Programme",
    "Provision",
    "ProvisionKind",
    "ProvisionState",
    "Seat",
    "Signatory",
    "Theme",
    "User",
    "record",
    "record_each",
]
