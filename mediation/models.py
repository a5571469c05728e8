from mediation.actions_done.models import ActionLink
from mediation.activities.models import (
    Activity,
    AgeBand,
    ConflictForm,
    Consent,
    HeadCount,
    Outcome,
    Refusal,
    RequestOrigin,
    Review,
)
from mediation.followup.models import Reminder, ReminderDays
from mediation.frame.models import DefaultObjective, Frame
from mediation.imports.models import ActivityImport, ColumnMapping, ImportState
from mediation.inbound.models import InboundMail, InboundState
from mediation.offline.models import QueueKey
from mediation.photos.models import Photo
from mediation.presets.models import Preset
from mediation.roadmaps.models import PlannedAction, PlannedState, Roadmap, RoadmapState
from mediation.routing.models import RoutingRule
from mediation.saved_filters.models import SavedFilter
from mediation.signalements.models.course import EventKind, SignalementEvent
from mediation.signalements.models.delays import AnswerDays
from mediation.signalements.models.deliveries import Delivery, DeliveryKind
from mediation.signalements.models.photos import SignalementPhoto
from mediation.signalements.models.recipients import Recipient, RecipientState, Reply
from mediation.signalements.models.relays import Channel, Relay
from mediation.signalements.models.signalements import Signalement, SignalementState, Urgency
from mediation.situations.models import (
    AgendaLine,
    Involvement,
    Situation,
    SituationOutcome,
    SituationState,
)
from mediation.worktime.models import TimeEntry, TimeKind

__all__ = [
    "ActionLink",
    "Activity",
    "ActivityImport",
    "AgeBand",
    "AgendaLine",
    "AnswerDays",
    "Channel",
    "ColumnMapping",
    "ConflictForm",
    "Consent",
    "DefaultObjective",
    "Delivery",
    "DeliveryKind",
    "EventKind",
    "Frame",
    "HeadCount",
    "ImportState",
    "InboundMail",
    "InboundState",
    "Involvement",
    "Outcome",
    "Photo",
    "PlannedAction",
    "PlannedState",
    "Preset",
    "QueueKey",
    "Recipient",
    "RecipientState",
    "Relay",
    "Reminder",
    "ReminderDays",
    "Reply",
    "Refusal",
    "RequestOrigin",
    "Review",
    "Roadmap",
    "RoadmapState",
    "RoutingRule",
    "SavedFilter",
    "SignalementPhoto",
    "SignalementState",
    "Signalement",
    "SignalementEvent",
    "Situation",
    "SituationOutcome",
    "SituationState",
    "TimeEntry",
    "TimeKind",
    "Urgency",
]
