from .activities import (
    Activity,
    AgeBand,
    DefaultObjective,
    HeadCount,
    Outcome,
    RequestOrigin,
)

__all__ = ["Activity", "AgeBand", "DefaultObjective", "HeadCount", "Outcome", "RequestOrigin"]
