"""The floor's models, for Django."""

from reporting.recommendations.models import (
    Recommendation,
    RecommendationKind,
    RecommendationState,
)
from reporting.syntheses.models import (
    Comment,
    Consultation,
    Edition,
    EditionKind,
    EditionRead,
    MonthlySynthesis,
    Omission,
    Passage,
    Reading,
    Suggestion,
    SynthesisKind,
    SynthesisState,
)

__all__ = [
    "Comment",
    "Consultation",
    "Edition",
    "EditionKind",
    "EditionRead",
    "MonthlySynthesis",
    "Omission",
    "Passage",
    "Reading",
    "Recommendation",
    "RecommendationKind",
    "RecommendationState",
    "Suggestion",
    "SynthesisKind",
    "SynthesisState",
]
