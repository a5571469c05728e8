"""The floor's models, for Django."""

from reporting.figures.models import SettledPeople
from reporting.indicators.models import (
    Definition,
    DefinitionState,
    Explanation,
    HandValue,
    Indicator,
    IndicatorKind,
)
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
    "Definition",
    "DefinitionState",
    "Edition",
    "EditionKind",
    "EditionRead",
    "Explanation",
    "HandValue",
    "Indicator",
    "IndicatorKind",
    "MonthlySynthesis",
    "Omission",
    "Passage",
    "Reading",
    "Recommendation",
    "RecommendationKind",
    "RecommendationState",
    "SettledPeople",
    "Suggestion",
    "SynthesisKind",
    "SynthesisState",
]
