from .activities import (
    Activity,
    AgeBand,
    HeadCount,
    Outcome,
    RequestOrigin,
    Review,
)
from .frame import DefaultObjective, Frame
from .imports import ActivityImport, ColumnMapping, ImportState
from .offline import QueueKey
from .photos import Photo
from .presets import Preset
from .saved import SavedFilter
from .situations import AgendaLine, Involvement, Situation, SituationOutcome, SituationState
from .time import TimeEntry, TimeKind

__all__ = [
    "Activity",
    "ActivityImport",
    "AgeBand",
    "AgendaLine",
    "ColumnMapping",
    "DefaultObjective",
    "Frame",
    "HeadCount",
    "ImportState",
    "Involvement",
    "Outcome",
    "Photo",
    "Preset",
    "QueueKey",
    "RequestOrigin",
    "Review",
    "SavedFilter",
    "Situation",
    "SituationOutcome",
    "SituationState",
    "TimeEntry",
    "TimeKind",
]
